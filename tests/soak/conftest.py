"""The worlds that these tests copy."""

from tests.oms_core.model.prepared import postgres_worlds, sqlite_worlds

__all__ = ["postgres_worlds", "sqlite_worlds"]
