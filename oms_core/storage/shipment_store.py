"""Shipments as rows: found and locked with their order, planned, picked, packed; and the promises they use up.

Lock order, everywhere: the order's row, the shipment's row, the place, then balances by (sku, location).
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.shipments import (
    BEFORE_LEAVING,
    LineToPick,
    PickedLine,
    PromisedUnits,
    ShipmentEvent,
    ShipmentPlan,
)
from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.document_events import add_event
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import (
    count_suspicion,
    line_allocation,
    order_line,
    package,
    sales_order,
    shipment,
    shipment_line,
    sku,
    stock_allocation,
)

KIND = "shipment"
_HELD = [state.value for state in BEFORE_LEAVING]


class ShipmentLineRow(NamedTuple):
    """A line of a shipment with what is needed to move its units."""

    shipment_line_id: int
    line_id: int
    sku: str
    tracking: str  # none, lot or serial
    quantity: int
    picked: int | None

    @property
    def to_pick(self) -> LineToPick:
        """The line as the picker finds it."""
        return LineToPick(self.shipment_line_id, self.line_id, self.sku, self.quantity, self.picked)


def find_shipment(connection: sa.Connection, number: str, *, lock: bool = True) -> tuple[sa.Row[Any], sa.Row[Any]]:
    """The shipment called `number` and its order, both locked for this transaction, the order first.

    Raises:
        InvalidRequestError: SHIPMENT_UNKNOWN.
    """
    order_id = connection.execute(sa.select(shipment.c.order_id).where(shipment.c.number == number)).scalar()
    if order_id is None:
        raise InvalidRequestError(
            "SHIPMENT_UNKNOWN", f"there is no shipment {number!r}", remedy="`oms order show` lists those of an order."
        )
    order = sa.select(sales_order).where(sales_order.c.order_id == order_id)
    wanted = sa.select(shipment).where(shipment.c.number == number)
    if lock:
        order, wanted = order.with_for_update(), wanted.with_for_update()
    order_row = connection.execute(order).one()
    return connection.execute(wanted).one(), order_row


def lines_of(connection: sa.Connection, shipment_id: int) -> list[ShipmentLineRow]:
    """The lines of a shipment by order line."""
    line = shipment_line.c
    columns = (line.shipment_line_id, line.line_id, line.sku, sku.c.tracking, line.quantity, line.picked_quantity)
    statement = sa.select(*columns).join(sku, sku.c.sku == line.sku).where(line.shipment_id == shipment_id)
    return [ShipmentLineRow._make(row) for row in connection.execute(statement.order_by(line.line_id))]


def promised_units(connection: sa.Connection, order_id: int) -> list[PromisedUnits]:
    """What is allocated to the lines of an order by place, and how much of it shipments hold that have not left."""
    held = {(row.line_id, row.location): int(row.units) for row in connection.execute(_held_units(order_id))}
    allocated = line_allocation.c
    rows = connection.execute(
        sa.select(allocated.line_id, allocated.sku, allocated.location, allocated.allocated)
        .where(allocated.order_id == order_id)
        .order_by(allocated.line_id, allocated.location)
    )
    return [
        PromisedUnits(row.line_id, row.sku, row.location, row.allocated, held.get((row.line_id, row.location), 0))
        for row in rows
    ]


def _held_units(order_id: int) -> sa.Select[Any]:
    units = sa.func.coalesce(shipment_line.c.picked_quantity, shipment_line.c.quantity)
    return (
        sa.select(shipment_line.c.line_id, shipment.c.location, sa.func.sum(units).label("units"))
        .join(shipment, shipment.c.shipment_id == shipment_line.c.shipment_id)
        .where(shipment.c.order_id == order_id, shipment.c.state.in_(_HELD))
        .group_by(shipment_line.c.line_id, shipment.c.location)
    )


def shipments_before_leaving(connection: sa.Connection, order_id: int) -> list[sa.Row[Any]]:
    """The shipments of an order that have not left, oldest first, locked."""
    statement = (
        sa.select(shipment)
        .where(shipment.c.order_id == order_id, shipment.c.state.in_(_HELD))
        .order_by(shipment.c.shipment_id)
    )
    return list(connection.execute(statement.with_for_update()))


# --- writing ---------------------------------------------------------------------------------------

_LINE_COLUMNS = ["shipment_line_id", "shipment_id", "line_id", "sku", "quantity", "recorded_at", "change_id"]
_ALLOCATION_COLUMNS = ["allocation_id", "kind", "order_id", "line_id", "sku", "location", "quantity", "reason"]
_ALLOCATION_COLUMNS += ["actor", "occurred_at", "recorded_at", "change_id"]


def add_shipment(
    connection: sa.Connection, stamp: Stamp, order: sa.Row[Any], plan: ShipmentPlan, *, occurred_at: int
) -> tuple[int, str]:
    """Id and number of a new shipment, planned."""
    (shipment_id,) = take_ids(connection, "shipment", 1)
    number = f"S-{shipment_id}"
    connection.execute(
        shipment.insert().values(
            shipment_id=shipment_id,
            number=number,
            order_id=order.order_id,
            location=plan.location,
            delivery_method=order.delivery_method,
            state="none",
            last_event_seq=0,
            actor=stamp.actor,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    ids = take_ids(connection, "shipment_line", len(plan.lines))
    rows = [
        (line_id, shipment_id, line.line_id, line.sku, line.quantity, stamp.recorded_at, stamp.change_id)
        for line_id, line in zip(ids, plan.lines, strict=True)
    ]
    insert_rows(connection, shipment_line, _LINE_COLUMNS, rows)
    add_event(connection, stamp, KIND, shipment_id, ShipmentEvent.PLAN, occurred_at=occurred_at)
    return shipment_id, number


def note_on(connection: sa.Connection, stamp: Stamp, shipment_id: int, **facts: object) -> None:
    """Write facts (carrier, shipped_at, delivered_at, proof, wave_id) on a shipment's row."""
    same = shipment.c.shipment_id == shipment_id
    connection.execute(shipment.update().where(same).values(**facts, change_id=stamp.change_id))


def note_picked(connection: sa.Connection, stamp: Stamp, picked: Iterable[PickedLine]) -> None:
    """Write what was found for lines nobody had picked before."""
    for found in picked:
        same = sa.and_(
            shipment_line.c.shipment_line_id == found.shipment_line_id, shipment_line.c.picked_quantity.is_(None)
        )
        connection.execute(
            shipment_line.update().where(same).values(picked_quantity=found.picked, change_id=stamp.change_id)
        )


class LeavingUnits(NamedTuple):
    """Units of a line whose promise at a location ends."""

    line_id: int
    sku: str
    quantity: int


def end_promises(
    connection: sa.Connection,
    stamp: Stamp,
    kind: str,
    units: Sequence[LeavingUnits],
    *,
    order_id: int,
    location: str,
    occurred_at: int,
    reason: str,
) -> None:
    """Take allocated units back (`release`) or use them up (`ship`), by SKU so that writers never deadlock."""
    ordered = sorted((one for one in units if one.quantity), key=lambda one: (one.sku, one.line_id))
    ids = take_ids(connection, "stock_allocation", len(ordered))
    rows = [
        (
            allocation_id,
            kind,
            order_id,
            one.line_id,
            one.sku,
            location,
            one.quantity,
            reason,
            stamp.actor,
            occurred_at,
            stamp.recorded_at,
            stamp.change_id,
        )
        for allocation_id, one in zip(ids, ordered, strict=True)
    ]
    insert_rows(connection, stock_allocation, _ALLOCATION_COLUMNS, rows)


def suspect_counts(
    connection: sa.Connection,
    stamp: Stamp,
    missing: dict[str, int],
    *,
    location: str,
    source_ref: str,
    occurred_at: int,
) -> None:
    """Record that units which should be at a location were not found by the picker of a shipment."""
    ids = take_ids(connection, "count_suspicion", len(missing))
    for suspicion_id, (name, units) in zip(ids, sorted(missing.items()), strict=True):
        connection.execute(
            count_suspicion.insert().values(
                suspicion_id=suspicion_id,
                sku=name,
                location=location,
                quantity=units,
                source_kind=KIND,
                source_ref=source_ref,
                actor=stamp.actor,
                occurred_at=occurred_at,
                recorded_at=stamp.recorded_at,
                change_id=stamp.change_id,
            )
        )


class Parcel(NamedTuple):
    """One package of a shipment."""

    weight_grams: int | None
    tracking_number: str | None
    sscc: str | None


def add_packages(connection: sa.Connection, stamp: Stamp, shipment_id: int, parcels: Sequence[Parcel]) -> None:
    """Write the packages of a shipment."""
    columns = ["package_id", "shipment_id", "weight_grams", "tracking_number", "sscc", "recorded_at", "change_id"]
    ids = take_ids(connection, "package", len(parcels))
    rows = [
        (package_id, shipment_id, *parcel, stamp.recorded_at, stamp.change_id)
        for package_id, parcel in zip(ids, parcels, strict=True)
    ]
    insert_rows(connection, package, columns, rows)


def packages_of(connection: sa.Connection, shipment_id: int) -> list[sa.Row[Any]]:
    """The packages of a shipment in the order they were packed."""
    statement = sa.select(package).where(package.c.shipment_id == shipment_id).order_by(package.c.package_id)
    return list(connection.execute(statement))


def goods_lines(connection: sa.Connection, order_id: int) -> list[sa.Row[Any]]:
    """The lines of an order that ship: goods, bundles by their components."""
    statement = sa.select(order_line).where(
        order_line.c.order_id == order_id, order_line.c.line_kind == "item", ~order_line.c.is_bundle
    )
    return list(connection.execute(statement.order_by(order_line.c.line_id)))
