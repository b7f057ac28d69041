"""Waves as rows, and the orders and shipments that wait for one."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.orders import Lifecycle
from oms_core.domain.shipments import ShipmentState
from oms_core.domain.waves import WaveLine
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import line_allocation, sales_order, shipment, shipment_line, sku, wave


def orders_with_goods_at(connection: sa.Connection, location: str) -> list[int]:
    """Ids of confirmed orders with units allocated at a location, ascending: the order in which to lock them."""
    allocated = line_allocation.c
    statement = (
        sa.select(allocated.order_id)
        .join(sales_order, sales_order.c.order_id == allocated.order_id)
        .where(
            allocated.location == location,
            allocated.allocated > 0,
            sales_order.c.lifecycle == Lifecycle.CONFIRMED.value,
        )
        .distinct()
        .order_by(allocated.order_id)
    )
    return list(connection.execute(statement).scalars())


def lock_order(connection: sa.Connection, order_id: int) -> sa.Row[Any]:
    """An order's row, locked."""
    statement = sa.select(sales_order).where(sales_order.c.order_id == order_id).with_for_update()
    return connection.execute(statement).one()


def planned_shipments(connection: sa.Connection, order_id: int, location: str) -> list[sa.Row[Any]]:
    """Shipments of an order at a location that are on no wave yet."""
    statement = sa.select(shipment).where(
        shipment.c.order_id == order_id,
        shipment.c.location == location,
        shipment.c.state == ShipmentState.PLANNED.value,
    )
    return list(connection.execute(statement.order_by(shipment.c.shipment_id)))


def add_wave(
    connection: sa.Connection, stamp: Stamp, *, location: str, delivery_method: str | None, released_at: int
) -> tuple[int, str]:
    """Id and number of a new wave."""
    (wave_id,) = take_ids(connection, "wave", 1)
    number = f"W-{wave_id}"
    connection.execute(
        wave.insert().values(
            wave_id=wave_id,
            number=number,
            location=location,
            delivery_method=delivery_method,
            actor=stamp.actor,
            released_at=released_at,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    return wave_id, number


def find_wave(connection: sa.Connection, number: str) -> sa.Row[Any]:
    """The wave called `number`.

    Raises:
        InvalidRequestError: WAVE_UNKNOWN.
    """
    row = connection.execute(sa.select(wave).where(wave.c.number == number)).first()
    if row is None:
        raise InvalidRequestError(
            "WAVE_UNKNOWN", f"there is no wave {number!r}", remedy="`oms wave list` names the waves of a location."
        )
    return row


def waves_at(connection: sa.Connection, location: str | None, *, limit: int) -> list[sa.Row[Any]]:
    """The newest waves, with how many of their shipments are still to be picked."""
    to_pick = sa.case((shipment.c.state.in_(["released", "picking"]), 1), else_=0)
    statement = (
        sa.select(
            wave.c.number,
            wave.c.location,
            wave.c.delivery_method,
            wave.c.released_at,
            sa.func.count(shipment.c.shipment_id).label("shipments"),
            sa.func.coalesce(sa.func.sum(to_pick), 0).label("to_pick"),
        )
        .outerjoin(shipment, shipment.c.wave_id == wave.c.wave_id)
        .group_by(wave.c.wave_id, wave.c.number, wave.c.location, wave.c.delivery_method, wave.c.released_at)
        .order_by(wave.c.wave_id.desc())
        .limit(limit)
    )
    if location is not None:
        statement = statement.where(wave.c.location == location)
    return list(connection.execute(statement))


def wave_shipments(connection: sa.Connection, wave_id: int) -> list[sa.Row[Any]]:
    """The shipments of a wave with the names of their orders, in the order they were put on it."""
    columns = (shipment.c.number, shipment.c.state, sales_order.c.account, sales_order.c.external_id)
    statement = (
        sa.select(*columns, sales_order.c.priority)
        .join(sales_order, sales_order.c.order_id == shipment.c.order_id)
        .where(shipment.c.wave_id == wave_id)
    )
    return list(connection.execute(statement.order_by(shipment.c.shipment_id)))


def wave_lines(connection: sa.Connection, wave_id: int) -> list[WaveLine]:
    """Every line of the shipments of a wave that were not called off, as planned."""
    statement = (
        sa.select(shipment.c.number, shipment_line.c.sku, shipment_line.c.quantity, sku.c.title, shipment_line.c.lot)
        .join(shipment_line, shipment_line.c.shipment_id == shipment.c.shipment_id)
        .join(sku, sku.c.sku == shipment_line.c.sku)
        .where(shipment.c.wave_id == wave_id, shipment.c.state != ShipmentState.CANCELLED.value)
    )
    return [WaveLine(row.number, row.sku, row.quantity, row.title, row.lot) for row in connection.execute(statement)]
