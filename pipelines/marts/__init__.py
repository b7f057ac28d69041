"""The published snapshots: write, list, read, ask a metric by name. Owns no business number: those are in dbt."""
