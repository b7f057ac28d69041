"""Hold and release orders: typed, with reason, actor, time and resolution.

What a hold stops is in `oms_core.domain.holds`.
"""

from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.orders import HoldKind, Lifecycle
from oms_core.domain.permissions import Permission
from oms_core.services.auto_confirm_orders import ask_rules
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.hold_work import end_holds, raise_hold
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_progress import note_progress
from oms_core.services.order_work import name_of, take_up_order
from oms_core.storage.order_holds_store import open_holds

_ENDED = (Lifecycle.CANCELLED.value, Lifecycle.CLOSED.value)


@dataclass(frozen=True, slots=True)
class HoldOrder:
    """Stop an order: which kind of hold, and why."""

    order: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseOrder:
    """End the open holds of a kind (of every kind, where none is named); `resolution`: how it was settled."""

    order: str
    resolution: str
    kind: str | None = None


@use_case("order.hold", Permission.ORDER_HOLD)
def hold_order(unit: Unit, request: HoldOrder) -> Outcome:
    """Put an order on hold; a second hold of one kind changes nothing.

    Raises:
        InvalidRequestError: HOLD_UNKNOWN, REASON_MISSING, ORDER_UNKNOWN.
        RuleViolationError: ORDER_ENDED where it is cancelled or closed, NOT_PERMITTED.
    """
    kind = _kind(request.kind)
    reason = _said(request.reason, "reason")
    order = take_up_order(unit, request.order)
    if order.lifecycle in _ENDED:
        raise RuleViolationError(
            "ORDER_ENDED",
            f"order {name_of(order)} is {order.lifecycle}: there is nothing left to stop",
            remedy="Goods that left come back by a return.",
            order=name_of(order),
            state=order.lifecycle,
        )
    raise_hold(unit, order.order_id, kind, reason)
    return order_outcome(unit.connection, order.order_id, topic="order.held", reason=reason)


@use_case("order.release", Permission.ORDER_HOLD)
def release_order(unit: Unit, request: ReleaseOrder) -> Outcome:
    """End holds; with the last one the order goes back to the state it was in before.

    One that is pending again is asked about at once: a rule confirms it now, or it waits for a person.

    Raises:
        InvalidRequestError: HOLD_UNKNOWN, REASON_MISSING, ORDER_UNKNOWN.
        RuleViolationError: NOT_HELD where there is no such open hold, NOT_PERMITTED.
    """
    kind = None if request.kind is None else _kind(request.kind)
    resolution = _said(request.resolution, "resolution")
    order = take_up_order(unit, request.order)
    held = open_holds(unit.connection, [order.order_id]).get(order.order_id, [])
    ending = [hold for hold in held if kind in (None, hold.kind)]
    if not ending:
        raise RuleViolationError(
            "NOT_HELD",
            f"order {name_of(order)} has no open hold{f' of kind {kind}' if kind else ''}",
            remedy="`oms order show` lists its holds.",
            order=name_of(order),
            holds=[hold.kind.value for hold in held],
        )
    end_holds(unit, order, ending, resolution)
    if len(ending) == len(held):
        ask_rules(unit, [order.order_id])
    note_progress(unit, order.order_id)
    return order_outcome(unit.connection, order.order_id, topic="order.released", reason=resolution)


def _kind(text: str) -> HoldKind:
    if text not in list(HoldKind):
        raise InvalidRequestError(
            "HOLD_UNKNOWN", f"there is no hold {text!r}", remedy=f"Use one of {', '.join(HoldKind)}."
        )
    return HoldKind(text)


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise InvalidRequestError(
            "REASON_MISSING", f"a {what} is needed", remedy=f"Say the {what} in a few words; it stays with the order."
        )
    return text.strip()
