"""What a shipping desk looks at: orders that wait for a wave, by location, and shipments that are open."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.instants import to_text
from oms_core.domain.orders import Lifecycle
from oms_core.domain.shipments import ShipmentState
from oms_core.services.shipment_work import order_name
from oms_core.storage import schema
from oms_core.storage.bulk import select_where_in
from oms_core.storage.tables import line_allocation, location, sales_order, shipment, shipment_line, sku

# On a wave or beyond it and still here: their units wait for no wave.
_ON_A_WAVE = (
    ShipmentState.RELEASED,
    ShipmentState.PICKING,
    ShipmentState.PACKED,
    ShipmentState.READY_FOR_PICKUP,
)


def places(connection: sa.Connection) -> dict[str, str]:
    """Names of the sites that hold stock, by location."""
    it = location.c
    rows = connection.execute(sa.select(it.location, it.name).where(it.kind == "site").order_by(it.location))
    return {row.location: row.name or row.location for row in rows}


def titles(connection: sa.Connection, skus: Sequence[str]) -> dict[str, str]:
    """Titles of articles by SKU; one without a title is left out."""
    rows = select_where_in(connection, sa.select(sku.c.sku, sku.c.title), sku.c.sku, skus)
    return {row.sku: row.title for row in rows if row.title}


def waiting_for_a_wave(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """Confirmed orders with allocated units on no wave yet, by location; the most urgent first, then the oldest."""
    schema.require(connection)
    allocated, order = line_allocation.c, sales_order.c
    held = _units_on_waves().subquery()
    units = sa.func.sum(allocated.allocated).label("units")
    statement = (
        sa.select(
            allocated.location, order.order_id, order.account, order.external_id, order.placed_at, order.priority, units
        )
        .join(sales_order, order.order_id == allocated.order_id)
        .where(order.lifecycle == Lifecycle.CONFIRMED.value, allocated.allocated > 0)
        .group_by(allocated.location, order.order_id, order.account, order.external_id, order.placed_at, order.priority)
        .order_by(allocated.location, order.priority.desc(), order.placed_at, order.order_id)
    )
    busy = {(row.order_id, row.location): int(row.units) for row in connection.execute(sa.select(held))}
    found: dict[str, list[dict[str, Any]]] = {}
    for row in connection.execute(statement):
        left = int(row.units) - busy.get((row.order_id, row.location), 0)
        if left > 0:
            found.setdefault(row.location, []).append(
                {
                    "order": order_name(row),
                    "units": left,
                    "placed_at": to_text(row.placed_at),
                    "priority": row.priority,
                }
            )
    return found


def _units_on_waves() -> sa.Select[Any]:
    units = sa.func.sum(sa.func.coalesce(shipment_line.c.picked_quantity, shipment_line.c.quantity)).label("units")
    return (
        sa.select(shipment.c.order_id, shipment.c.location, units)
        .join(shipment_line, shipment_line.c.shipment_id == shipment.c.shipment_id)
        .where(shipment.c.state.in_([state.value for state in _ON_A_WAVE]))
        .group_by(shipment.c.order_id, shipment.c.location)
    )


def shipments_in(
    connection: sa.Connection, states: Sequence[str], *, location: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Number, order, location and state of the shipments in these states, oldest first."""
    schema.require(connection)
    it = shipment.c
    statement = (
        sa.select(it.number, it.location, it.state, sales_order.c.account, sales_order.c.external_id)
        .join(sales_order, sales_order.c.order_id == it.order_id)
        .where(it.state.in_(list(states)))
        .order_by(it.shipment_id)
        .limit(limit)
    )
    if location is not None:
        statement = statement.where(it.location == location)
    return [
        {"shipment": row.number, "order": order_name(row), "location": row.location, "state": row.state}
        for row in connection.execute(statement)
    ]


def count_by_state(connection: sa.Connection, *, location: str | None = None) -> dict[str, int]:
    """How many shipments stand in each state."""
    statement = sa.select(shipment.c.state, sa.func.count().label("shipments")).group_by(shipment.c.state)
    if location is not None:
        statement = statement.where(shipment.c.location == location)
    return {row.state: int(row.shipments) for row in connection.execute(statement)}
