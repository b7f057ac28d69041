"""The core opened for reading by whoever shows it: one engine, consistent reads, and how far the record goes."""

import sqlalchemy as sa

from oms_core.settings import Settings
from oms_core.storage import changes
from oms_core.storage.engine import open_engine, reading

__all__ = ["change_mark", "open_core", "reading"]


def open_core(settings: Settings) -> sa.Engine:
    """An engine on the core's database; nothing is created."""
    return open_engine(settings)


def change_mark(connection: sa.Connection) -> int:
    """Exclusive bound of the changes this read sees; a snapshot with the same high mark holds them all."""
    return changes.high_mark(connection)
