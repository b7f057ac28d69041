"""What assets work with: the core's export and the analytics file. No business number lives here."""
