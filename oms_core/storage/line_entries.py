"""Entries of order lines: the journal that moves what was cancelled, shipped, delivered, returned, moved."""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import line_entry

_COLUMNS = ["entry_id", "line_id", "order_id", "kind", "quantity", "amount", "discount", "tax", "source_kind"]
_COLUMNS += ["source_ref", "reason", "actor", "occurred_at", "recorded_at", "change_id"]


class LineEntry(NamedTuple):
    """Units of a line to which something happened; amounts (of `cancel` and `move`) at the line's scale."""

    line_id: int
    order_id: int
    kind: str
    quantity: int
    source_kind: str
    source_ref: str
    occurred_at: int
    amount: int = 0
    discount: int = 0
    tax: int = 0
    reason: str | None = None


def add_line_entries(connection: sa.Connection, stamp: Stamp, entries: Sequence[LineEntry]) -> None:
    """Write entries in the order of their lines, so that writers never deadlock; counters follow by trigger."""
    ordered = sorted(entries, key=lambda entry: entry.line_id)
    ids = take_ids(connection, "line_entry", len(ordered))
    rows = [
        (
            entry_id,
            *entry[:4],
            entry.amount,
            entry.discount,
            entry.tax,
            entry.source_kind,
            entry.source_ref,
            entry.reason,
            stamp.actor,
            entry.occurred_at,
            stamp.recorded_at,
            stamp.change_id,
        )
        for entry_id, entry in zip(ids, ordered, strict=True)
    ]
    insert_rows(connection, line_entry, _COLUMNS, rows)
