"""Pick-up: goods wait at their location and are handed over to who knows the code.

The caller makes the code (`oms_core.domain.handover.new_code`), tells it to the customer, and gives us only what may be
kept of it: it stands in no row, no answer and no outbox message.
"""

from dataclasses import dataclass

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.handover import TRIES, KeptCode, check_kept, opens
from oms_core.domain.holds import Step
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent, ShipmentState
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.deliver_shipment import count_delivered
from oms_core.services.delivery_options import is_pick_up
from oms_core.services.lots_leaving import NamedLot
from oms_core.services.ship_shipment import let_units_leave
from oms_core.services.shipment_work import (
    ShipmentAtWork,
    by_sku,
    moment_of,
    move_on,
    outcome_of,
    require_free,
    require_promise,
    take_up,
)
from oms_core.storage import handover_store


@dataclass(frozen=True, slots=True)
class MakeReady:
    """A packed shipment waits for its customer, who was told a code."""

    shipment: str
    code: KeptCode
    occurred_at: int | None = None


@use_case("shipment.make_ready", Permission.PACK)
def make_ready(unit: Unit, request: MakeReady) -> Outcome:
    """The shipment, ready to be picked up.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, NOT_PICK_UP, ORDER_HELD, ORDER_NOT_CONFIRMED, ALLOCATION_GONE,
            NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, CODE_MALFORMED, IN_THE_FUTURE.
    """
    check_kept(request.code)
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    require_free(unit, work.order, Step.SHIP)
    if not is_pick_up(unit.connection, work.row.delivery_method):
        raise RuleViolationError(
            "NOT_PICK_UP",
            f"shipment {work.number} goes by {work.row.delivery_method or 'no method anybody chose'}",
            remedy="Choose the method pick-up for the order with `oms delivery choose`, or send it.",
            shipment=work.number,
        )
    require_promise(unit, work)
    state = move_on(unit, work, ShipmentEvent.MAKE_READY, occurred_at=at)
    handover_store.keep_code(unit.connection, work.row.shipment_id, request.code, tries=TRIES)
    return outcome_of(work, state, "shipment.ready_for_pickup")


@dataclass(frozen=True, slots=True)
class RenewCode:
    """A new code for a shipment that waits: the old one was lost, or tried too often."""

    shipment: str
    code: KeptCode
    reason: str


@use_case("shipment.renew_code", Permission.WAVE_RELEASE)
def renew_code(unit: Unit, request: RenewCode) -> Outcome:
    """The shipment with another code and all its tries; the old code opens nothing any more.

    Raises:
        RuleViolationError: NOT_WAITING, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, CODE_MALFORMED.
    """
    check_kept(request.code)
    work = take_up(unit, request.shipment)
    _require_waiting(work)
    handover_store.keep_code(unit.connection, work.row.shipment_id, request.code, tries=TRIES)
    return outcome_of(work, work.row.state, "shipment.code_renewed", reason=request.reason)


@dataclass(frozen=True, slots=True)
class HandOver:
    """A customer came and said a code. `lots`: which lots or serials he got, where somebody chose."""

    shipment: str
    code: str
    lots: tuple[NamedLot, ...] = ()
    occurred_at: int | None = None


@use_case("shipment.hand_over", Permission.DELIVER)
def hand_over(unit: Unit, request: HandOver) -> Outcome:
    """The shipment handed over: gone from stock, delivered. With a wrong code `handed_over` is false and a try is gone.

    A wrong code is an answer, not a refusal: a refusal would change nothing, and the try must count.

    Raises:
        RuleViolationError: NOT_WAITING, HANDOVER_LOCKED, ORDER_HELD, ORDER_NOT_CONFIRMED, ALLOCATION_GONE,
            NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, CODE_MALFORMED, LOTS_INVALID, IN_THE_FUTURE.
    """
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    _require_waiting(work)
    require_free(unit, work.order, Step.SHIP)
    shipment_id = work.row.shipment_id
    kept, tries_left = handover_store.kept_code(unit.connection, shipment_id)
    if not opens(request.code, kept, tries_left=tries_left, shipment=work.number):
        handover_store.use_up_try(unit.connection, shipment_id)
        return outcome_of(work, work.row.state, "shipment.code_refused", handed_over=False, tries_left=tries_left - 1)
    require_promise(unit, work)
    state = move_on(unit, work, ShipmentEvent.HAND_OVER, occurred_at=at)
    let_units_leave(unit, work, request.lots, at)
    order_state = count_delivered(unit, work, at, proof="hand-over code")
    handover_store.forget_code(unit.connection, shipment_id)
    handed = by_sku([(line.sku, line.picked or 0) for line in work.lines])
    return outcome_of(work, state, "shipment.handed_over", handed_over=True, handed=handed, order_state=order_state)


def _require_waiting(work: ShipmentAtWork) -> None:
    if work.row.state != ShipmentState.READY_FOR_PICKUP.value:
        raise RuleViolationError(
            "NOT_WAITING",
            f"shipment {work.number} is {work.row.state} and waits for no customer",
            remedy=f"Make it ready with `oms ship ready {work.number}` once it is packed.",
            shipment=work.number,
            state=work.row.state,
        )
