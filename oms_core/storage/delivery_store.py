"""What delivery methods need to know of orders, goods and places; and how the choice of one is kept."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import (
    line_allocation,
    location,
    order_change,
    order_line,
    order_milestone,
    order_personal,
    sales_order,
    sku,
)


class OpenGoods(NamedTuple):
    """Units of a SKU that are still to be shipped, and what one of them weighs (null: nobody knows)."""

    sku: str
    units: int
    weight_grams: int | None


def place(connection: sa.Connection, name: str) -> sa.Row[Any]:
    """Time zone and cut-off of a location.

    Raises:
        InvalidRequestError: LOCATION_UNKNOWN.
    """
    columns = (location.c.location, location.c.time_zone, location.c.cutoff_minute)
    row = connection.execute(sa.select(*columns).where(location.c.location == name)).first()
    if row is None:
        raise InvalidRequestError(
            "LOCATION_UNKNOWN", f"there is no location {name!r}", remedy="Use the name of one that holds stock."
        )
    return row


def open_goods(connection: sa.Connection, order_id: int) -> list[OpenGoods]:
    """What is still to be shipped of an order, by SKU."""
    line = order_line.c
    units = sa.func.sum(line.quantity - line.cancelled_quantity - line.moved_quantity - line.shipped_quantity)
    statement = (
        sa.select(line.sku, units.label("units"), sku.c.weight_grams)
        .join(sku, sku.c.sku == line.sku)
        .where(line.order_id == order_id, line.line_kind == "item", ~line.is_bundle)
        .group_by(line.sku, sku.c.weight_grams)
        .order_by(line.sku)
    )
    return [OpenGoods(it.sku, int(it.units), it.weight_grams) for it in connection.execute(statement) if it.units > 0]


def main_place(connection: sa.Connection, order_id: int) -> str | None:
    """Where most units of an order are allocated, else the site of the highest priority; null where there is none."""
    allocated = line_allocation.c
    statement = (
        sa.select(allocated.location)
        .where(allocated.order_id == order_id, allocated.allocated > 0)
        .group_by(allocated.location)
        .order_by(sa.func.sum(allocated.allocated).desc(), allocated.location)
        .limit(1)
    )
    preferred = (
        sa.select(location.c.location)
        .where(location.c.kind == "site")
        .order_by(location.c.priority.desc(), location.c.location)
        .limit(1)
    )
    return connection.execute(statement).scalar() or connection.execute(preferred).scalar()


def whole_postcode(connection: sa.Connection, order_id: int) -> str | None:
    """The postcode an order goes to; on the order itself only its beginning is kept."""
    statement = sa.select(order_personal.c.postcode).where(order_personal.c.order_id == order_id)
    return connection.execute(statement).scalar()


def change_delivery(
    connection: sa.Connection,
    stamp: Stamp,
    order: sa.Row[Any],
    *,
    delivery_method: str,
    promised_at: int,
    before: str,
    after: str,
    reason: str | None,
) -> None:
    """A new version of an order that is delivered another way, and the day it promises."""
    version = order.edit_version + 1
    same = sales_order.c.order_id == order.order_id
    connection.execute(
        sales_order.update()
        .where(same)
        .values(
            delivery_method=delivery_method,
            promised_at=promised_at,
            edit_version=version,
            change_id=stamp.change_id,
        )
    )
    who = {"actor": stamp.actor, "reason": reason, "recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
    connection.execute(
        order_change.insert().values(
            order_id=order.order_id, version=version, before=before, after=after, occurred_at=stamp.recorded_at, **who
        )
    )
    promised = sa.and_(order_milestone.c.order_id == order.order_id, order_milestone.c.milestone == "promised")
    last = connection.execute(sa.select(sa.func.max(order_milestone.c.seq)).where(promised)).scalar()
    connection.execute(
        order_milestone.insert().values(
            order_id=order.order_id, milestone="promised", seq=(last or 0) + 1, occurred_at=promised_at, **who
        )
    )
