"""Transfers: rows in, rows out, and what the ledger says is still on its way."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.transfers import Parcel
from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import location, stock_movement, transfer, transfer_line

KIND = "transfer"
IN_TRANSIT = "IN-TRANSIT"


def ensure_transit(connection: sa.Connection, stamp: Stamp) -> str:
    """The place for goods on their way; it is added when it is first needed."""
    same = location.c.location == IN_TRANSIT
    if connection.execute(sa.select(location.c.location).where(same)).first() is None:
        connection.execute(
            location.insert().values(
                location=IN_TRANSIT,
                name="In transit",
                kind="in_transit",
                allows_negative_stock=False,
                opening_from_first_balance=False,
                valuation="fifo",
                listing="ever_moved",
                recorded_at=stamp.recorded_at,
                change_id=stamp.change_id,
            )
        )
    return IN_TRANSIT


def require_transit(connection: sa.Connection, place: str) -> None:
    """Raise InvalidRequestError NOT_IN_TRANSIT unless the place is one for goods on their way."""
    kind: str = connection.execute(sa.select(location.c.kind).where(location.c.location == place)).scalar_one()
    if kind != "in_transit":
        raise InvalidRequestError(
            "NOT_IN_TRANSIT",
            f"{place} is a site, and goods on their way would be sold from it",
            remedy="Name a location of kind in_transit, or leave it out.",
        )


def find_transfer(connection: sa.Connection, number: str, *, lock: bool = True) -> sa.Row[Any]:
    """The transfer's row, locked for the transaction. Raises InvalidRequestError TRANSFER_UNKNOWN."""
    statement = sa.select(transfer).where(transfer.c.number == number)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise InvalidRequestError(
            "TRANSFER_UNKNOWN", f"there is no transfer {number!r}", remedy="`oms transfer list` shows them."
        )
    return row


def add_transfer(
    connection: sa.Connection,
    stamp: Stamp,
    values: dict[str, Any],
    lines: Sequence[tuple[str, str | None, int]],
) -> int:
    """The id of a new transfer without a state yet; lines are (sku, lot, quantity)."""
    clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
    transfer_id = int(take_ids(connection, "transfer", 1)[0])
    connection.execute(
        transfer.insert().values(
            transfer_id=transfer_id, **values, state="none", last_event_seq=0, actor=stamp.actor, **clocks
        )
    )
    ids = take_ids(connection, "transfer_line", len(lines))
    columns = ["transfer_line_id", "transfer_id", "sku", "lot", "quantity", *clocks]
    rows = [(line_id, transfer_id, *line, *clocks.values()) for line_id, line in zip(ids, lines, strict=True)]
    insert_rows(connection, transfer_line, columns, rows)
    return transfer_id


def lines_of(connection: sa.Connection, transfer_id: int) -> list[sa.Row[Any]]:
    """Lines of a transfer, by their id."""
    line = transfer_line.c
    statement = sa.select(transfer_line).where(line.transfer_id == transfer_id).order_by(line.transfer_line_id)
    return list(connection.execute(statement))


def units_at(connection: sa.Connection, number: str, place: str) -> dict[Parcel, int]:
    """Units by (sku, lot) that movements of the transfer left at a place."""
    movement = stock_movement.c
    total = sa.func.sum(movement.quantity)
    statement = (
        sa.select(movement.sku, movement.lot, total.label("units"))
        .where(movement.document_kind == KIND, movement.document_ref == number, movement.location == place)
        .group_by(movement.sku, movement.lot)
        .order_by(movement.sku, movement.lot)
    )
    return {(row.sku, row.lot): int(row.units) for row in connection.execute(statement) if row.units}


def list_transfers(connection: sa.Connection, *, state: str | None = None) -> list[sa.Row[Any]]:
    """Transfers, newest first."""
    statement = sa.select(transfer).order_by(transfer.c.transfer_id.desc())
    return list(connection.execute(statement if state is None else statement.where(transfer.c.state == state)))
