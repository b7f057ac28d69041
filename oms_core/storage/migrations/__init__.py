"""Alembic migrations of the core, run inside one write transaction by `oms_core.storage.schema`."""
