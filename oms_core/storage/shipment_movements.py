"""What shipments moved: units counted on order lines, stock movements, scans, and what should not have been."""

import sqlalchemy as sa

from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import line_entry, order_exception, stock_movement, tracking_event

_KIND = "shipment"


def units_counted(connection: sa.Connection, order_id: int, number: str, kind: str) -> dict[int, int]:
    """Units by order line that entries of this kind count for the shipment."""
    entry = line_entry.c
    statement = (
        sa.select(entry.line_id, sa.func.sum(entry.quantity).label("units"))
        .where(
            entry.order_id == order_id,
            entry.kind == kind,
            entry.source_kind == _KIND,
            entry.source_ref == number,
        )
        .group_by(entry.line_id)
        .order_by(entry.line_id)
    )
    return {row.line_id: int(row.units) for row in connection.execute(statement) if row.units}


def note_exception(
    connection: sa.Connection,
    stamp: Stamp,
    kind: str,
    order_id: int,
    source_key: str,
    *,
    detail: str,
    occurred_at: int,
) -> None:
    """Record that something happened to an order which its state does not allow for."""
    connection.execute(
        order_exception.insert().values(
            kind=kind,
            order_id=order_id,
            source_key=source_key,
            detail=detail,
            occurred_at=occurred_at,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )


def units_moved(connection: sa.Connection, number: str, kind: str) -> list[tuple[str, str | None, int]]:
    """(sku, lot, signed units) that movements of this kind moved for the shipment."""
    moved = stock_movement.c
    statement = (
        sa.select(moved.sku, moved.lot, sa.func.sum(moved.quantity).label("units"))
        .where(moved.document_kind == _KIND, moved.document_ref == number, moved.kind == kind)
        .group_by(moved.sku, moved.lot)
        .order_by(moved.sku, moved.lot)
    )
    return [(row.sku, row.lot, int(row.units)) for row in connection.execute(statement)]


def is_scan_known(connection: sa.Connection, source: str, source_key: str) -> bool:
    """Whether this report of a carrier was recorded before."""
    same = sa.and_(tracking_event.c.source == source, tracking_event.c.source_key == source_key)
    return connection.execute(sa.select(tracking_event.c.tracking_id).where(same)).first() is not None


def add_scan(
    connection: sa.Connection,
    stamp: Stamp,
    shipment_id: int,
    status: str,
    *,
    source: tuple[str, str],
    place: str | None,
    occurred_at: int,
) -> None:
    """Record what happened to a parcel on its way; `source`: who reports it, and what he calls the report."""
    (tracking_id,) = take_ids(connection, "tracking_event", 1)
    connection.execute(
        tracking_event.insert().values(
            tracking_id=tracking_id,
            shipment_id=shipment_id,
            source=source[0],
            source_key=source[1],
            status=status,
            place=place,
            occurred_at=occurred_at,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
