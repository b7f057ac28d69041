"""What the database itself refuses: the triggers behind the invariants, for SQLite and PostgreSQL.

- Journals are append-only (`journals`); what a row is about stays (`identity`); balances move with movements
  (`ledger`); states move with events (`order_state`, `documents`); every other counter moves with the rows of its
  journal (`counters`).

`statements(dialect)` drops and creates them all; `oms_core.storage.schema` does so after every migration.
"""

from collections.abc import Iterator

from oms_core.storage.rules import counters, documents, identity, journals, ledger, order_state


def statements(dialect: str) -> list[str]:
    """DDL for `sqlite` or `postgresql`, in order."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def _sqlite() -> Iterator[str]:
    for part in (journals, identity, ledger, order_state, documents, counters):
        yield from part.sqlite()


def _postgresql() -> Iterator[str]:
    for part in (journals, identity, ledger, order_state, documents, counters):
        yield from part.postgresql()
