"""The core opened for reading by whoever shows it: one engine, consistent reads, and what came after a mark."""

import sqlalchemy as sa

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.export import EXPORTED
from oms_core.storage.tables import metadata

__all__ = ["has_changes_since", "open_core", "reading"]


def open_core(settings: Settings) -> sa.Engine:
    """An engine on the core's database; nothing is created."""
    return open_engine(settings)


def has_changes_since(connection: sa.Connection, mark: int) -> bool:
    """Whether anything that reaches the numbers was recorded at or after `mark`, a snapshot's exclusive bound."""
    tables = (metadata.tables[name] for name in EXPORTED)
    later = (sa.exists().where(table.c.change_id >= mark) for table in tables)
    return bool(connection.execute(sa.select(sa.or_(*later))).scalar_one())
