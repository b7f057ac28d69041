"""Typed reads for the screens, one subject a module: what a page asks, never how it looks."""
