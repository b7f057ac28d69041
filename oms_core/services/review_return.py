"""Decide on a return request: approve, decline, cancel; note that it is on its way, or that the rest will not come."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Permission
from oms_core.domain.returns import ReturnEvent, ReturnState, next_state
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.request_return import DOCUMENT
from oms_core.services.returns_read import return_document
from oms_core.storage import return_request_store
from oms_core.storage.document_events import add_event
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.return_request_store import NewReturnEntry
from oms_core.storage.stock_booking import require_places


@dataclass(frozen=True, slots=True)
class ApproveReturn:
    """The goods may come. `location`: where they are to come, if that is known."""

    request: str
    location: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DeclineReturn:
    """The goods may not come, and why."""

    request: str
    reason: str


@dataclass(frozen=True, slots=True)
class CancelReturn:
    """The customer keeps the goods, or the parcel never came, and why."""

    request: str
    reason: str


@dataclass(frozen=True, slots=True)
class SendReturn:
    """The customer handed the parcel over."""

    request: str


@dataclass(frozen=True, slots=True)
class StopWaiting:
    """What has not come will not come, and why."""

    request: str
    reason: str


@use_case("return.approve", Permission.RETURN_REVIEW)
def approve_return(unit: Unit, request: ApproveReturn) -> Outcome:
    """The request approved. Raises RuleViolationError RETURN_STATE where it was decided before."""
    row = take_up(unit, request.request, ReturnEvent.APPROVE)
    if request.location is not None:
        require_places(unit.connection, [request.location])
        return_request_store.set_location(unit.connection, row.request_id, request.location, unit.stamp)
    return _done(unit, row, ReturnEvent.APPROVE, request.reason, "return.approved")


@use_case("return.decline", Permission.RETURN_REVIEW)
def decline_return(unit: Unit, request: DeclineReturn) -> Outcome:
    """The request declined; its units may be asked back again.

    Raises:
        InvalidRequestError: REASON_MISSING.
        RuleViolationError: RETURN_STATE.
    """
    _require_reason(request.reason)
    row = take_up(unit, request.request, ReturnEvent.DECLINE)
    _give_up(unit, row, request.reason)
    return _done(unit, row, ReturnEvent.DECLINE, request.reason, "return.declined")


@use_case("return.cancel", Permission.RETURN_REQUEST)
def cancel_return(unit: Unit, request: CancelReturn) -> Outcome:
    """The request ended before anything came; its units may be asked back again.

    Raises:
        InvalidRequestError: REASON_MISSING.
        RuleViolationError: RETURN_STATE, EXCHANGE_PLACED where a replacement was ordered already.
    """
    _require_reason(request.reason)
    row = take_up(unit, request.request, ReturnEvent.CANCEL)
    if row.replacement_order_id is not None:
        raise RuleViolationError(
            "EXCHANGE_PLACED",
            f"the replacement for {row.number} is ordered already",
            remedy="Cancel the replacement order first, then decline what comes back.",
        )
    _give_up(unit, row, request.reason)
    return _done(unit, row, ReturnEvent.CANCEL, request.reason, "return.cancelled")


@use_case("return.send", Permission.RETURN_REQUEST)
def send_return(unit: Unit, request: SendReturn) -> Outcome:
    """The request on its way. Raises RuleViolationError RETURN_STATE where it is not approved."""
    row = take_up(unit, request.request, ReturnEvent.SEND)
    return _done(unit, row, ReturnEvent.SEND, None, "return.sent")


@use_case("return.stop_waiting", Permission.RETURN_REVIEW)
def stop_waiting(unit: Unit, request: StopWaiting) -> Outcome:
    """The request counts as received with what has come; the rest may be asked back again.

    Raises:
        InvalidRequestError: REASON_MISSING.
        RuleViolationError: RETURN_STATE where nothing or everything has come.
    """
    _require_reason(request.reason)
    row = take_up(unit, request.request, ReturnEvent.STOP_WAITING)
    _give_up(unit, row, request.reason)
    outcome = _done(unit, row, ReturnEvent.STOP_WAITING, request.reason, "return.received")
    if close_if_graded(unit, row):
        return Outcome(
            outcome.kind, outcome.ref, return_document(unit.connection, row.number), "return.closed", outcome.reason
        )
    return outcome


def take_up(unit: Unit, number: str, event: ReturnEvent) -> sa.Row[Any]:
    """The request under its order's lock, for an event that its state allows.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN.
        RuleViolationError: RETURN_STATE, NOT_PERMITTED for somebody else's order.
    """
    row = return_request_store.find_request(unit.connection, number)
    unit.call.actor.require_account(row.account)
    unit.call.actor.require_order(row.order_id)
    next_state(ReturnState(row.state), event)
    return row


def close_if_graded(unit: Unit, row: sa.Row[Any]) -> bool:
    """Whether the request was closed: it is received, and every unit that came is graded."""
    fresh = return_request_store.find_request(unit.connection, row.number)
    lines = return_request_store.request_lines(unit.connection, row.request_id)
    graded = all(
        it.received_quantity
        == it.restocked_quantity + it.damaged_quantity + it.scrapped_quantity + it.sent_back_quantity
        for it in lines
    )
    if fresh.state != ReturnState.RECEIVED or not graded:
        return False
    add_event(unit.connection, unit.stamp, DOCUMENT, row.request_id, ReturnEvent.CLOSE, occurred_at=unit.call.now)
    return True


def _give_up(unit: Unit, row: sa.Row[Any], reason: str) -> None:
    """Let go of the units that have not come."""
    lines = [
        (line, line.quantity - line.received_quantity - line.given_up_quantity)
        for line in return_request_store.request_lines(unit.connection, row.request_id)
    ]
    open_lines = [(line, units) for line, units in lines if units > 0]
    at = unit.call.now
    return_request_store.add_return_entries(
        unit.connection,
        [NewReturnEntry(line.request_line_id, "give_up", units, None, at, reason) for line, units in open_lines],
        unit.stamp,
    )
    add_line_entries(
        unit.connection,
        unit.stamp,
        [
            LineEntry(line.line_id, line.order_id, DOCUMENT, -units, DOCUMENT, row.number, at, reason=reason)
            for line, units in open_lines
        ],
    )


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise InvalidRequestError("REASON_MISSING", "a decision without a reason", remedy="Say why, for the customer.")


def _done(unit: Unit, row: sa.Row[Any], event: ReturnEvent, reason: str | None, topic: str) -> Outcome:
    add_event(unit.connection, unit.stamp, DOCUMENT, row.request_id, event, occurred_at=unit.call.now, reason=reason)
    return Outcome(DOCUMENT, row.number, return_document(unit.connection, row.number), topic, reason)
