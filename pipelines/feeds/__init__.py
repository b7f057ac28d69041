"""Feeds in: file-shaped sources by column map, to typed facts, to the core's services. No Dagster here."""
