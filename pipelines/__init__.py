"""Moves data: feeds in, facts to the analytics database, published snapshots out. Owns no business number."""
