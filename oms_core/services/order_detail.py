"""One order whole: header, facets, lines, events, holds, promises, payments, shipments, movements, returns."""

from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from oms_core.domain.instants import to_text
from oms_core.domain.money import from_scaled
from oms_core.services.order_facets import facets_of
from oms_core.services.orders_read import totals_of
from oms_core.services.payments_read import payments_of
from oms_core.services.returns_read import find_returns
from oms_core.services.shipments_read import shipments_of
from oms_core.storage import schema
from oms_core.storage.allocation_store import promised_places
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import (
    channel_account,
    order_event,
    order_hold,
    order_hold_release,
    order_line,
    order_milestone,
    return_line,
    return_order,
    stock_movement,
)

_COUNTED = ("reserved", "allocated", "shipped", "delivered", "returned", "restocked", "moved")


def show_order(connection: sa.Connection, reference: str) -> dict[str, Any]:
    """One order whole. `reference`: order id, number, or ACCOUNT/number.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS with the ways to say which, HOME_NOT_READY.
    """
    schema.require(connection)
    header = find_order(connection, reference, lock=False)
    name = f"{header.account}/{header.external_id}"
    money = payments_of(connection, name)
    movement = stock_movement.c
    served = sa.and_(movement.order_account == header.account, movement.order_external_id == header.external_id)
    order = {name: getattr(header, name) for name in ("order_id", "account", "external_id", "currency", "country")}
    line = order_line.c
    lines = connection.execute(
        sa.select(order_line).where(line.order_id == header.order_id).order_by(*_as_numbered(line.line_key))
    ).all()
    event = order_event.c
    events = connection.execute(sa.select(order_event).where(event.order_id == header.order_id).order_by(event.seq))
    _, units, amount = totals_of(connection, [header.order_id]).get(header.order_id, (0, 0, Decimal(0)))
    channel = sa.select(channel_account.c.channel).where(channel_account.c.account == header.account)
    moved = connection.execute(
        sa.select(stock_movement).where(served).order_by(movement.occurred_at, movement.movement_id)
    )
    return {
        **order,
        "channel": connection.execute(channel).scalar_one(),
        "placed_at": to_text(header.placed_at),
        "recorded_at": to_text(header.recorded_at),
        "status": header.lifecycle,
        **facets_of(connection, [header.order_id])[header.order_id],
        "fulfilled_here": bool(header.fulfilled_here),
        "priority": header.priority,
        "delivery_method": header.delivery_method,
        "confirmed_by": header.confirmed_by,
        "version": header.edit_version,
        "promised_at": None if header.promised_at is None else to_text(header.promised_at),
        "units": units,
        "amount": amount,
        "lines": [_line(row) for row in lines],
        "events": [_event(row) for row in events],
        "milestones": _milestones(connection, header.order_id),
        "hold_history": _holds(connection, header.order_id),
        "promises": _promises(connection, [row.line_id for row in lines]),
        "total": money["total"],
        "paid": money["paid"],
        "missing": money["missing"],
        "payments": money["tenders"],
        "payment_events": money["events"],
        "shipments": shipments_of(connection, header.order_id),
        "return_requests": find_returns(connection, order=name),
        "movements": [_movement(row) for row in moved],
        "returns": _returns(connection, header.account, header.external_id),
    }


def _as_numbered(line_key: sa.ColumnElement[str]) -> tuple[sa.ColumnElement[Any], ...]:
    """The order of the source's own numbers: 2 before 10."""
    return (sa.func.length(line_key), line_key)


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
        "parent_line_id": row.parent_line_id,
        **{f"{name}_quantity": getattr(row, f"{name}_quantity") for name in _COUNTED},
    }


def _milestones(connection: sa.Connection, order_id: int) -> list[dict[str, Any]]:
    it = order_milestone.c
    rows = connection.execute(sa.select(order_milestone).where(it.order_id == order_id).order_by(it.milestone, it.seq))
    return [
        {"milestone": row.milestone, "seq": row.seq, "occurred_at": to_text(row.occurred_at), "reason": row.reason}
        for row in rows
    ]


def _holds(connection: sa.Connection, order_id: int) -> list[dict[str, Any]]:
    hold, release = order_hold.c, order_hold_release.c
    statement = (
        sa.select(order_hold, release.resolution, release.actor.label("by"), release.occurred_at.label("released_at"))
        .outerjoin(order_hold_release, release.hold_id == hold.hold_id)
        .where(hold.order_id == order_id)
        .order_by(hold.hold_id)
    )
    return [
        {
            "kind": row.kind,
            "reason": row.reason,
            "actor": row.actor,
            "occurred_at": to_text(row.occurred_at),
            "resolution": row.resolution,
            "released_by": row.by,
            "released_at": None if row.released_at is None else to_text(row.released_at),
        }
        for row in connection.execute(statement)
    ]


def _promises(connection: sa.Connection, line_ids: list[int]) -> list[dict[str, Any]]:
    names = ("line_id", "sku", "location", "reserved", "allocated")
    return [{name: getattr(row, name) for name in names} for row in promised_places(connection, line_ids)]


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
