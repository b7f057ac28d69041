"""Order lines that wait for units, and the stock that is free for them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import OrderWant, StockKey, Want
from oms_core.domain.allocation_scores import Strategy
from oms_core.domain.distance import Point
from oms_core.storage.bulk import select_where_in
from oms_core.storage.tables import WAITING, channel_account, order_line, sales_order, stock_balance

_UNITS = (
    order_line.c.quantity
    - order_line.c.cancelled_quantity
    - order_line.c.moved_quantity
    - order_line.c.shipped_quantity
    - order_line.c.allocated_quantity
    - order_line.c.reserved_quantity
).label("open_units")
_LINE = (
    order_line.c.line_id,
    order_line.c.order_id,
    order_line.c.sku,
    order_line.c.quantity,
    order_line.c.parent_line_id,
    _UNITS,
)
_ORDER = ("order_id", "account", "external_id", "lifecycle", "priority", "placed_at", "country", "ship_region")
_PLACE = ("ship_latitude", "ship_longitude", "promised_at")


def headers_of(connection: sa.Connection, order_ids: Iterable[int]) -> list[sa.Row[Any]]:
    """Headers with the channel, nothing locked."""
    return list(select_where_in(connection, _headers(), sales_order.c.order_id, sorted(set(order_ids))))


def _headers() -> sa.Select[Any]:
    columns = [sales_order.c[name] for name in (*_ORDER, *_PLACE)]
    return (
        sa.select(*columns, channel_account.c.channel)
        .join(channel_account, channel_account.c.account == sales_order.c.account)
        .order_by(sales_order.c.order_id)
    )


def lock_orders(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, sa.Row[Any]]:
    """Headers by order id with the channel, their rows locked in the order of their ids."""
    statement = _headers()
    if connection.dialect.name == "postgresql":
        statement = statement.with_for_update(of=sales_order)
    rows = select_where_in(connection, statement, sales_order.c.order_id, sorted(set(order_ids)))
    return {row.order_id: row for row in rows}


def waiting_of(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, list[sa.Row[Any]]]:
    """Lines of these orders with units that are neither promised nor gone, by order id."""
    statement = sa.select(*_LINE).where(sa.text(WAITING)).order_by(order_line.c.line_id)
    found: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in select_where_in(connection, statement, order_line.c.order_id, sorted(set(order_ids))):
        found[row.order_id].append(row)
    return found


def waiting_orders(connection: sa.Connection, *, skus: Iterable[str] | None = None, limit: int = 1_000) -> list[int]:
    """Ids of confirmed orders with a waiting line (of these articles), best rank first."""
    order = sales_order.c
    line = order_line.c
    waits = sa.exists().where(line.order_id == order.order_id, sa.text(WAITING))
    if skus is not None:
        waits = waits.where(line.sku.in_(sorted(set(skus))))
    statement = sa.select(order.order_id).where(order.lifecycle == "confirmed", order.fulfilled_here, waits)
    ranked = statement.order_by(order.priority.desc(), order.placed_at, order.order_id).limit(limit)
    return list(connection.execute(ranked).scalars())


def claims_before(
    connection: sa.Connection, skus: Iterable[str], rank: tuple[int, int, int], *, but: Iterable[int]
) -> dict[int, list[sa.Row[Any]]]:
    """Waiting lines of these articles in confirmed orders that come before `rank`, by order id."""
    order = sales_order.c
    later, placed_at, order_id = rank
    before = sa.or_(
        order.priority > -later,
        sa.and_(order.priority == -later, order.placed_at < placed_at),
        sa.and_(order.priority == -later, order.placed_at == placed_at, order.order_id < order_id),
    )
    statement = (
        sa.select(*_LINE)
        .join(sales_order, order.order_id == order_line.c.order_id)
        .where(sa.text(_qualified(WAITING)), order.lifecycle == "confirmed", before)
        .order_by(order_line.c.line_id)
    )
    own = set(but)
    found: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in select_where_in(connection, statement, order_line.c.sku, sorted(set(skus))):
        if row.order_id not in own:
            found[row.order_id].append(row)
    return found


def _qualified(condition: str) -> str:
    """The same condition where two tables have a column of that name."""
    return condition.replace("fulfilled_here", "order_line.fulfilled_here")


def free_units(connection: sa.Connection, skus: Iterable[str], *, lock: bool) -> dict[StockKey, int]:
    """Sellable units that may be promised, by SKU and location; rows locked in that order on PostgreSQL."""
    balance = stock_balance.c
    statement = (
        sa.select(balance.sku, balance.location, balance.on_hand + balance.shortage - balance.committed)
        .where(balance.condition == "sellable")
        .order_by(balance.sku, balance.location)
    )
    if lock and connection.dialect.name == "postgresql":
        statement = statement.with_for_update()
    return {
        (name, place): units
        for name, place, units in select_where_in(connection, statement, balance.sku, sorted(set(skus)))
    }


def order_want(
    header: sa.Row[Any], lines: Sequence[sa.Row[Any]], strategy: Strategy, per_kit: dict[int, int]
) -> OrderWant:
    """A waiting order as the planner takes it. `per_kit`: units of a component line in one bundle, by line id."""
    wants = [
        Want(row.line_id, row.sku, row.open_units, row.parent_line_id, per_kit.get(row.line_id, 1)) for row in lines
    ]
    to = Point(header.ship_latitude, header.ship_longitude, header.ship_region, header.country)
    return OrderWant(header.order_id, header.priority, header.placed_at, wants, to, strategy)


def units_per_kit(connection: sa.Connection, lines: Iterable[sa.Row[Any]]) -> dict[int, int]:
    """Units of each component line in one of its bundles, by line id."""
    components = [row for row in lines if row.parent_line_id is not None]
    if not components:
        return {}
    parents = {row.parent_line_id for row in components}
    statement = sa.select(order_line.c.line_id, order_line.c.quantity)
    bundles = {
        row.line_id: row.quantity
        for row in select_where_in(connection, statement, order_line.c.line_id, sorted(parents))
    }
    return {row.line_id: max(row.quantity // bundles[row.parent_line_id], 1) for row in components}
