"""Transfers to read: with their lines, what is on its way, and what arrived."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.instants import to_text
from oms_core.storage import transfer_store


def transfer_document(connection: sa.Connection, number: str) -> dict[str, Any]:
    """A transfer as it is: its lines, and what of them is on its way and what arrived. Raises TRANSFER_UNKNOWN."""
    row = transfer_store.find_transfer(connection, number, lock=False)
    on_way = transfer_store.units_at(connection, number, row.via_location)
    there = transfer_store.units_at(connection, number, row.to_location)
    document = _header(row)
    document["lines"] = [
        {"sku": line.sku, "lot": line.lot, "quantity": line.quantity}
        for line in transfer_store.lines_of(connection, row.transfer_id)
    ]
    document["on_its_way"] = [{"sku": name, "lot": lot, "quantity": units} for (name, lot), units in on_way.items()]
    document["arrived"] = [{"sku": name, "lot": lot, "quantity": units} for (name, lot), units in there.items()]
    return document


def transfers(connection: sa.Connection, *, state: str | None = None) -> list[dict[str, Any]]:
    """Headers of transfers, newest first; in one state where it is given."""
    return [_header(row) for row in transfer_store.list_transfers(connection, state=state)]


def _header(row: Any) -> dict[str, Any]:
    return {
        "transfer": row.number,
        "state": row.state,
        "from": row.from_location,
        "via": row.via_location,
        "to": row.to_location,
        "drafted_at": to_text(row.recorded_at),
    }
