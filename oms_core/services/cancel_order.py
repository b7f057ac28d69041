"""Cancel an order whole, or units of its lines: promises go back, the total falls, what was paid is flagged."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.orders import OrderEvent
from oms_core.domain.permissions import Permission
from oms_core.services.backorders import supply_changed
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_progress import note_progress
from oms_core.services.order_units import (
    Cut,
    LineUnits,
    add_charges,
    flag_refund,
    free_promises,
    leaves_goods,
    open_charges,
    open_units,
    plan_cuts,
    write_cuts,
)
from oms_core.services.order_work import is_goods, lines_of, move_order, name_of, refresh_total, take_up_order
from oms_core.storage.order_holds_store import open_holds, release_holds


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """What is cancelled and why: units of lines, or the whole order where none are named."""

    order: str
    reason: str
    lines: tuple[LineUnits, ...] = ()


@use_case("order.cancel", Permission.ORDER_CANCEL)
def cancel_order(unit: Unit, request: CancelOrder) -> Outcome:
    """Cancel it. Money that was captured stays paid and is told as `to_refund`; nothing is refunded here.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, LINE_UNKNOWN, QUANTITY_INVALID, REASON_MISSING.
        RuleViolationError: ORDER_SHIPPED, LINE_NOT_OPEN, COMPONENT_OF_BUNDLE, SHIPMENT_UNDER_WORK, EVENT_NOT_ALLOWED.
    """
    if not request.reason.strip():
        raise InvalidRequestError("REASON_MISSING", "a cancellation needs a reason", remedy="Say why.")
    order = take_up_order(unit, request.order)
    rows = lines_of(unit.connection, order.order_id)
    require_not_ended(order)
    if request.lines and leaves_goods(rows, cuts := plan_cuts(rows, request.lines)):
        cancel_units(unit, order, cuts, request.reason)
        note_progress(unit, order.order_id)
        topic = "order.lines_cancelled"
    else:
        _cancel_whole(unit, order, rows, request.reason)
        topic = "order.cancelled"
    refresh_total(unit, order.order_id)
    more = {"to_refund": flag_refund(unit, order)}
    return order_outcome(unit.connection, order.order_id, topic=topic, reason=request.reason, **more)


def require_not_ended(order: sa.Row[Any]) -> None:
    """Nothing, where the order is still open.

    Raises:
        RuleViolationError: ORDER_ENDED.
    """
    if order.lifecycle in {"cancelled", "closed"}:
        raise RuleViolationError(
            "ORDER_ENDED",
            f"order {name_of(order)} is {order.lifecycle}",
            remedy="Goods that left come back by a return; a new wish is a new order.",
            order=name_of(order),
            state=order.lifecycle,
        )


def cancel_units(unit: Unit, order: sa.Row[Any], cuts: Sequence[Cut], reason: str) -> None:
    """Cancel these units of an order at work; the caller brings its total up to date."""
    free_promises(unit, order, cuts, reason=reason)
    write_cuts(unit, order, cuts, kind="cancel", ref=name_of(order), reason=reason)
    supply_changed(unit, {it.row.sku for it in cuts if is_goods(it.row)}, reason=reason)


def _cancel_whole(unit: Unit, order: sa.Row[Any], rows: Sequence[sa.Row[Any]], reason: str) -> None:
    shipped = [row.line_key for row in rows if is_goods(row) and row.shipped_quantity]
    if shipped:
        raise RuleViolationError(
            "ORDER_SHIPPED",
            f"goods of order {name_of(order)} have left (line {', '.join(shipped)})",
            remedy="Cancel the rest by line and quantity; what left comes back by a return.",
            order=name_of(order),
            lines=shipped,
        )
    asked = open_units(rows)
    if asked:
        cancel_units(unit, order, plan_cuts(rows, asked), reason)
    end_order(unit, order, reason)


def end_order(unit: Unit, order: sa.Row[Any], reason: str) -> None:
    """Cancel an order of which nothing is left: its charges are taken back, its holds end, its state says so."""
    add_charges(unit, order.order_id, open_charges(unit.connection, order.order_id), sign=-1)
    held = open_holds(unit.connection, [order.order_id]).get(order.order_id, [])
    release_holds(unit.connection, unit.stamp, [hold.hold_id for hold in held], f"cancelled: {reason}")
    move_order(unit, order, OrderEvent.CANCEL, reason=reason)
