"""Orders to read: a page of the list, and one order whole. Live from the core, in SQL pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_text
from oms_core.domain.money import from_scaled
from oms_core.domain.orders import Lifecycle, LineKind
from oms_core.storage import schema
from oms_core.storage.tables import (
    channel_account,
    order_event,
    order_line,
    return_line,
    return_order,
    sales_order,
    stock_movement,
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
    totals = _totals(connection, [row.order_id for row in rows])
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


def _totals(connection: sa.Connection, order_ids: Sequence[int]) -> dict[int, tuple[int, int, Decimal]]:
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


def show_order(connection: sa.Connection, reference: str) -> dict[str, Any]:
    """One order whole: header, lines, events, movements, returns. `reference`: order id, number, or ACCOUNT/number.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS with the ways to say which, HOME_NOT_READY.
    """
    schema.require(connection)
    header = _header(connection, reference)
    movement = stock_movement.c
    served = sa.and_(movement.order_account == header.account, movement.order_external_id == header.external_id)
    order = {name: getattr(header, name) for name in ("order_id", "account", "external_id", "currency", "country")}
    line = order_line.c
    lines = connection.execute(
        sa.select(order_line).where(line.order_id == header.order_id).order_by(*_as_numbered(line.line_key))
    )
    event = order_event.c
    events = connection.execute(sa.select(order_event).where(event.order_id == header.order_id).order_by(event.seq))
    _, units, amount = _totals(connection, [header.order_id]).get(header.order_id, (0, 0, Decimal(0)))
    moved = connection.execute(
        sa.select(stock_movement).where(served).order_by(movement.occurred_at, movement.movement_id)
    )
    return {
        **order,
        "channel": header.channel,
        "placed_at": to_text(header.placed_at),
        "recorded_at": to_text(header.recorded_at),
        "status": header.lifecycle,
        "units": units,
        "amount": amount,
        "lines": [_line(row) for row in lines],
        "events": [_event(row) for row in events],
        "payments": [],
        "shipments": [],
        "movements": [_movement(row) for row in moved],
        "returns": _returns(connection, header.account, header.external_id),
    }


def _as_numbered(line_key: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[Any], ...]:
    """The order of the source's own numbers: 2 before 10."""
    return (sa.func.length(line_key), line_key)


def _header(connection: sa.Connection, reference: str) -> sa.Row[Any]:
    order = sales_order.c
    account, _, number = reference.partition("/")
    choices = [order.external_id == reference, sa.and_(order.account == account, order.external_id == number)]
    statement = sa.select(sales_order, channel_account.c.channel).join(
        channel_account, channel_account.c.account == order.account
    )
    rows = connection.execute(statement.where(sa.or_(*choices)).order_by(order.order_id)).all()
    if not rows and reference.isdecimal():
        rows = connection.execute(statement.where(order.order_id == int(reference))).all()
    if not rows:
        raise InvalidRequestError(
            "ORDER_UNKNOWN",
            f"there is no order {reference!r}",
            remedy="`oms order list` finds orders by number or SKU.",
        )
    if len(rows) > 1:
        ways = ", ".join(f"{row.account}/{row.external_id}" for row in rows)
        raise InvalidRequestError(
            "ORDER_AMBIGUOUS", f"{len(rows)} orders are called {reference!r}", remedy=f"Say {ways}."
        )
    return rows[0]


def _line(row: sa.Row[Any]) -> dict[str, Any]:
    scale = row.money_scale
    return {
        "line_id": row.line_id,
        "line_key": row.line_key,
        "line_kind": row.line_kind,
        "sku": row.sku,
        "title": row.title,
        "quantity": row.quantity,
        "cancelled_quantity": row.cancelled_quantity,
        "unit_price": None if row.unit_price is None else from_scaled(row.unit_price, scale),
        "discount_amount": from_scaled(row.discount_amount, scale),
        "tax_amount": None if row.tax_amount is None else from_scaled(row.tax_amount, scale),
        "line_amount": from_scaled(row.line_amount, scale),
    }


def _event(row: sa.Row[Any]) -> dict[str, Any]:
    names = ("seq", "event", "from_state", "to_state", "actor", "reason")
    clocks = {"occurred_at": to_text(row.occurred_at), "recorded_at": to_text(row.recorded_at)}
    return {**{name: getattr(row, name) for name in names}, **clocks}


def _movement(row: sa.Row[Any]) -> dict[str, Any]:
    names = ("movement_id", "kind", "sku", "location", "condition", "quantity", "reason", "reverses_id")
    clocks = {"occurred_at": to_text(row.occurred_at), "recorded_at": to_text(row.recorded_at)}
    return {**{name: getattr(row, name) for name in names}, **clocks}


def _returns(connection: sa.Connection, account: str, external_id: str) -> list[dict[str, Any]]:
    document = return_order.c
    same = sa.and_(document.account == account, document.order_external_id == external_id)
    found = []
    for row in connection.execute(sa.select(return_order).where(same).order_by(document.returned_at)):
        lines = connection.execute(
            sa.select(return_line)
            .where(return_line.c.return_id == row.return_id)
            .order_by(*_as_numbered(return_line.c.line_key))
        )
        found.append(
            {
                "return_id": row.return_id,
                "external_id": row.external_id,
                "returned_at": to_text(row.returned_at),
                "lines": [
                    {
                        "sku": line.sku,
                        "line_kind": line.line_kind,
                        "quantity": line.quantity,
                        "line_amount": from_scaled(line.line_amount, line.money_scale),
                        "reason": line.reason,
                    }
                    for line in lines
                ],
            }
        )
    return found
