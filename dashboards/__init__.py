"""Shows; computes nothing that has a name."""
