"""Orders to read: a page of the list, and one order whole. Live from the core, in SQL pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.money import from_scaled
from oms_core.domain.orders import Lifecycle, LineKind
from oms_core.storage import schema
from oms_core.storage.tables import (
    channel_account,
    order_line,
    sales_order,
)

_NOT_SOLD = (LineKind.WRITE_OFF.value, LineKind.ADJUSTMENT.value)


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """One order of a list. `units`: goods ordered less cancelled; `amount`: sale lines, after discount, without tax."""

    order_id: int
    account: str
    channel: str
    external_id: str
    placed_at: int
    lifecycle: str
    country: str | None
    currency: str
    lines: int
    units: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class OrderPage:
    """A page of orders, newest first, and how many there are in all."""

    rows: list[OrderSummary]
    total: int


def find_orders(
    connection: sa.Connection,
    *,
    text: str = "",
    status: str | None = None,
    account: str | None = None,
    channel: str | None = None,
    country: str | None = None,
    start: int | None = None,
    end: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> OrderPage:
    """Orders whose number or an article's SKU starts with `text`, placed in [start, end), newest first.

    Raises:
        InvalidRequestError: STATUS_UNKNOWN, HOME_NOT_READY.
    """
    schema.require(connection)
    if status is not None and status not in list(Lifecycle):
        known = ", ".join(state for state in Lifecycle if state is not Lifecycle.NONE)
        raise InvalidRequestError("STATUS_UNKNOWN", f"there is no status {status!r}", remedy=f"Use one of {known}.")
    conditions = _conditions(text.strip(), status, account, start, end)
    if channel is not None:
        conditions.append(sales_order.c.account.in_(sa.select(channel_account.c.account).filter_by(channel=channel)))
    if country is not None:
        conditions.append(sales_order.c.country == country)
    order = sales_order.c
    total = connection.execute(sa.select(sa.func.count()).select_from(sales_order).where(*conditions)).scalar_one()
    statement = (
        sa.select(sales_order, channel_account.c.channel)
        .join(channel_account, channel_account.c.account == order.account)
        .where(*conditions)
        .order_by(order.placed_at.desc(), order.order_id.desc())
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(statement).all()
    totals = totals_of(connection, [row.order_id for row in rows])
    return OrderPage([_summary(row, totals.get(row.order_id, (0, 0, Decimal(0)))) for row in rows], int(total))


def _conditions(
    text: str, status: str | None, account: str | None, start: int | None, end: int | None
) -> list[sa.ColumnElement[bool]]:
    order = sales_order.c
    conditions: list[sa.ColumnElement[bool]] = []
    if text:
        has_sku = sa.exists().where(
            order_line.c.order_id == order.order_id, order_line.c.sku.startswith(text.upper(), autoescape=True)
        )
        conditions.append(sa.or_(order.external_id.startswith(text, autoescape=True), has_sku))
    if status is not None:
        conditions.append(order.lifecycle == status)
    if account is not None:
        conditions.append(order.account == account)
    if start is not None:
        conditions.append(order.placed_at >= start)
    if end is not None:
        conditions.append(order.placed_at < end)
    return conditions


def totals_of(connection: sa.Connection, order_ids: Sequence[int]) -> dict[int, tuple[int, int, Decimal]]:
    """(lines, units, amount) by order, for the orders of one page."""
    line = order_line.c
    statement = sa.select(
        line.order_id, line.line_kind, line.quantity, line.cancelled_quantity, line.line_amount, line.money_scale
    ).where(line.order_id.in_(order_ids))
    totals: dict[int, tuple[int, int, Decimal]] = {}
    for row in connection.execute(statement):
        lines, units, amount = totals.get(row.order_id, (0, 0, Decimal(0)))
        if row.line_kind == LineKind.ITEM.value:
            units += row.quantity - row.cancelled_quantity
        if row.line_kind not in _NOT_SOLD:
            amount += from_scaled(row.line_amount, row.money_scale)
        totals[row.order_id] = (lines + 1, units, amount)
    return totals


def _summary(row: sa.Row[Any], totals: tuple[int, int, Decimal]) -> OrderSummary:
    lines, units, amount = totals
    return OrderSummary(
        order_id=row.order_id,
        account=row.account,
        channel=row.channel,
        external_id=row.external_id,
        placed_at=row.placed_at,
        lifecycle=row.lifecycle,
        country=row.country,
        currency=row.currency,
        lines=lines,
        units=units,
        amount=amount,
    )


def accounts(connection: sa.Connection, *, with_orders: bool = False) -> list[dict[str, Any]]:
    """Accounts known, by name: account, channel, name, moves_stock. `with_orders`: only those that sold something."""
    schema.require(connection)
    columns = [channel_account.c[name] for name in ("account", "channel", "name", "moves_stock")]
    statement = sa.select(*columns).order_by(channel_account.c.account)
    if with_orders:
        statement = statement.where(sa.exists().where(sales_order.c.account == channel_account.c.account))
    return [dict(row) for row in connection.execute(statement).mappings()]
