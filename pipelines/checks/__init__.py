"""What SQL cannot check: documents that must say what the models say."""
