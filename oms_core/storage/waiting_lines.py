"""Order lines that wait for units, the orders they belong to, and the stock that is free for them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import Rank, StockKey
from oms_core.storage.bulk import select_where_in
from oms_core.storage.tables import (
    WAITING,
    channel_account,
    line_allocation,
    location,
    order_line,
    sales_order,
    stock_balance,
)

OPEN_UNITS = (
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
    OPEN_UNITS,
)
_ORDER = ("order_id", "account", "external_id", "lifecycle", "fulfilled_here", "priority", "placed_at", "country")
_PLACE = ("ship_region", "ship_postcode", "ship_latitude", "ship_longitude", "promised_at")
_FREE = stock_balance.c.on_hand + stock_balance.c.shortage - stock_balance.c.committed
_WAITS = sa.text(WAITING.replace("fulfilled_here", "order_line.fulfilled_here"))


@dataclass(frozen=True, slots=True)
class Served:
    """Which waiting orders are asked for: of these articles and accounts (null: all), ranked after one of them."""

    skus: Collection[str] | None = None
    accounts: Collection[str] | None = None
    after: Rank | None = None


_HEADERS = (
    sa.select(*(sales_order.c[name] for name in (*_ORDER, *_PLACE)), channel_account.c.channel)
    .join(channel_account, channel_account.c.account == sales_order.c.account)
    .order_by(sales_order.c.order_id)
)
_LOCKED_HEADERS = _HEADERS.with_for_update(of=sales_order)
_WAITING_LINES = sa.select(*_LINE).where(_WAITS).order_by(order_line.c.line_id)
_HELD = sa.select(line_allocation.c.order_id, line_allocation.c.location).where(
    line_allocation.c.reserved + line_allocation.c.allocated > 0
)


def headers_of(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, sa.Row[Any]]:
    """Headers by order id with the channel, nothing locked."""
    rows = select_where_in(connection, _HEADERS, sales_order.c.order_id, sorted(set(order_ids)))
    return {row.order_id: row for row in rows}


def lock_orders(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, sa.Row[Any]]:
    """Headers by order id with the channel, their rows locked in the order of their ids."""
    rows = select_where_in(connection, _LOCKED_HEADERS, sales_order.c.order_id, sorted(set(order_ids)))
    return {row.order_id: row for row in rows}


def lock_idle_orders(connection: sa.Connection, order_ids: Iterable[int]) -> list[int]:
    """Those of these orders that nobody is at work on, now locked: for who holds other locks and must not wait."""
    wanted = sorted(set(order_ids))
    if connection.dialect.name != "postgresql":
        return wanted
    statement = sa.select(sales_order.c.order_id).with_for_update(skip_locked=True)
    return [row.order_id for row in select_where_in(connection, statement, sales_order.c.order_id, wanted)]


def waiting_of(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, list[sa.Row[Any]]]:
    """Lines of these orders with units that are neither promised nor gone, by order id."""
    found: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in select_where_in(connection, _WAITING_LINES, order_line.c.order_id, sorted(set(order_ids))):
        found[row.order_id].append(row)
    return found


def servable_orders(connection: sa.Connection, served: Served, *, limit: int) -> list[Rank]:
    """Ranks of confirmed orders that wait for an article of which a site has free units, best first.

    The last part of a rank is the order's id.
    """
    balance = stock_balance.c
    stocked = (
        sa.select(balance.sku)
        .join(location, location.c.location == balance.location)
        .where(balance.condition == "sellable", _FREE > 0, location.c.kind == "site")
    )
    return _ranked(connection, served, order_line.c.sku.in_(stocked), limit)


def _ranked(
    connection: sa.Connection, served: Served, line_condition: sa.ColumnElement[bool], limit: int
) -> list[Rank]:
    order, line = sales_order.c, order_line.c
    waiting = sa.select(line.order_id).where(_WAITS, line_condition)
    if served.skus is not None:
        waiting = waiting.where(line.sku.in_(sorted(set(served.skus))))
    statement = sa.select(order.priority, order.placed_at, order.order_id).where(
        order.order_id.in_(waiting), order.lifecycle == "confirmed"
    )
    if served.accounts is not None:
        statement = statement.where(order.account.in_(sorted(served.accounts)))
    if served.after is not None:
        priority, placed_at, order_id = -served.after[0], served.after[1], served.after[2]
        statement = statement.where(~_before(placed_at, priority, order_id), order.order_id != order_id)
    ranked = statement.order_by(order.priority.desc(), order.placed_at, order.order_id).limit(limit)
    return [(-row.priority, row.placed_at, row.order_id) for row in connection.execute(ranked)]


def _before(placed_at: Any, priority: Any, order_id: Any) -> sa.ColumnElement[bool]:
    """Orders that come before a rank."""
    order = sales_order.c
    return sa.or_(
        order.priority > priority,
        sa.and_(order.priority == priority, order.placed_at < placed_at),
        sa.and_(order.priority == priority, order.placed_at == placed_at, order.order_id < order_id),
    )


# Built once, as every allocation asks it: SQLAlchemy takes longer to build it than the database to answer.
_CLAIMS = (
    sa.select(order_line.c.order_id)
    .distinct()
    .join(sales_order, sales_order.c.order_id == order_line.c.order_id)
    .where(
        _WAITS,
        sales_order.c.lifecycle == "confirmed",
        order_line.c.sku.in_(sa.bindparam("skus", expanding=True)),
        _before(sa.bindparam("placed_at"), sa.bindparam("priority"), sa.bindparam("order_id")),
    )
)
_RIVALS = _CLAIMS.limit(sa.bindparam("most"))
_CLAIMED = _CLAIMS.with_only_columns(order_line.c.order_id, order_line.c.line_id, order_line.c.sku, OPEN_UNITS)
_SLICE = 5_000


def rivals_before(
    connection: sa.Connection, skus: Iterable[str], rank: Rank, *, but: Collection[int], limit: int
) -> list[int]:
    """Ids of at most `limit` confirmed orders that wait for these articles and come before `rank`."""
    rows = _claims(connection, _RIVALS, skus, rank, most=limit + len(but))
    return sorted({row.order_id for row in rows if row.order_id not in but})[:limit]


def claimed_units(
    connection: sa.Connection, skus: Iterable[str], rank: Rank, *, but: Collection[int]
) -> dict[str, int]:
    """Units of these articles that confirmed orders before `rank` wait for."""
    claims: dict[str, int] = defaultdict(int)
    for row in _claims(connection, _CLAIMED, skus, rank):
        if row.order_id not in but:
            claims[row.sku] += row.open_units
    return claims


def _claims(
    connection: sa.Connection, statement: sa.Select[Any], skus: Iterable[str], rank: Rank, **more: int
) -> Iterator[sa.Row[Any]]:
    priority, placed_at, order_id = -rank[0], rank[1], rank[2]
    named = {"priority": priority, "placed_at": placed_at, "order_id": order_id, **more}
    wanted = sorted(set(skus))
    for start in range(0, len(wanted), _SLICE):
        yield from connection.execute(statement, named | {"skus": wanted[start : start + _SLICE]})


def free_units(connection: sa.Connection, skus: Iterable[str], *, lock: bool) -> dict[StockKey, int]:
    """Sellable units that may be promised, by SKU and location; on PostgreSQL the rows are locked in that order."""
    balance = stock_balance.c
    # The order of code points, as everybody sorts who writes balances: two that lock never wait for each other.
    by_name: list[sa.ColumnElement[str]] = [balance.sku, balance.location]
    statement = sa.select(balance.sku, balance.location, _FREE).where(balance.condition == "sellable")
    if connection.dialect.name == "postgresql":
        by_name = [sa.collate(column, "C") for column in by_name]
        statement = statement.with_for_update() if lock else statement
    return {
        (name, place): units
        for name, place, units in select_where_in(
            connection, statement.order_by(*by_name), balance.sku, sorted(set(skus))
        )
    }


def places_held(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """Locations where units of these orders are promised, by order id."""
    found: dict[int, set[str]] = defaultdict(set)
    for row in select_where_in(connection, _HELD, line_allocation.c.order_id, sorted(set(order_ids))):
        found[row.order_id].add(row.location)
    return {order_id: frozenset(places) for order_id, places in found.items()}


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
