"""After a shipment left: under way, delivered with proof, tried in vain, tried again."""

from dataclasses import dataclass
from enum import StrEnum

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent
from oms_core.services.collect_cash import collect_on_delivery
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.order_progress import note_progress
from oms_core.services.shipment_work import ShipmentAtWork, moment_of, move_on, outcome_of, take_up
from oms_core.storage import shipment_movements, shipment_store
from oms_core.storage.line_entries import LineEntry, add_line_entries


@dataclass(frozen=True, slots=True)
class DeliverShipment:
    """A shipment arrived. `proof`: a reference to it (signature, photo, safe place), no personal data."""

    shipment: str
    proof: str | None = None
    occurred_at: int | None = None


@use_case("shipment.deliver", Permission.DELIVER)
def deliver_shipment(unit: Unit, request: DeliverShipment) -> Outcome:
    """The shipment delivered, its units counted on the order's lines; cash on delivery is collected with it.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, IN_THE_FUTURE.
    """
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    state = move_on(unit, work, ShipmentEvent.DELIVER, occurred_at=at)
    order_state = count_delivered(unit, work, at, proof=request.proof)
    return outcome_of(work, state, "shipment.delivered", proof=request.proof, order_state=order_state)


def count_delivered(unit: Unit, work: ShipmentAtWork, at: int, *, proof: str | None) -> str:
    """The order's state after the units that the shipment counts as shipped were counted as delivered."""
    connection, stamp, order_id = unit.connection, unit.stamp, work.order.order_id
    shipped = shipment_movements.units_counted(connection, order_id, work.number, "ship")
    add_line_entries(
        connection,
        stamp,
        [
            LineEntry(line_id, order_id, "deliver", units, shipment_store.KIND, work.number, at)
            for line_id, units in shipped.items()
        ],
    )
    shipment_store.note_on(connection, stamp, work.row.shipment_id, delivered_at=at, proof=proof)
    collect_on_delivery(unit, order_id, work.number)
    return note_progress(unit, order_id)


class OnItsWay(StrEnum):
    """What a carrier says about a parcel that has not arrived."""

    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"


_EVENTS = {OnItsWay.IN_TRANSIT: ShipmentEvent.MOVE_ON, OnItsWay.OUT_FOR_DELIVERY: ShipmentEvent.GO_OUT}


@dataclass(frozen=True, slots=True)
class TrackShipment:
    """A scan on the way. `source`, `source_key`: who reports it, and what he calls the report."""

    shipment: str
    status: str
    source: str
    source_key: str
    place: str | None = None
    occurred_at: int | None = None


@use_case("shipment.track", Permission.DELIVER)
def track_shipment(unit: Unit, request: TrackShipment) -> Outcome:
    """The shipment with one scan more; a scan that is known already changes nothing.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, STATUS_UNKNOWN, IN_THE_FUTURE.
    """
    if request.status not in list(OnItsWay):
        raise InvalidRequestError(
            "STATUS_UNKNOWN",
            f"{request.status!r} is no status on the way",
            remedy=f"Use one of {', '.join(OnItsWay)}; deliveries and failures have commands of their own.",
        )
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    if shipment_movements.is_scan_known(unit.connection, request.source, request.source_key):
        return outcome_of(work, work.row.state, "", status=request.status, is_known=True)
    state = move_on(unit, work, _EVENTS[OnItsWay(request.status)], occurred_at=at)
    _scan(unit, work, request.status, at, place=request.place, source=(request.source, request.source_key))
    return outcome_of(work, state, "shipment.tracked", status=request.status, place=request.place)


@dataclass(frozen=True, slots=True)
class FailDelivery:
    """A delivery was tried in vain."""

    shipment: str
    reason: str
    occurred_at: int | None = None


@use_case("shipment.fail", Permission.DELIVER)
def fail_delivery(unit: Unit, request: FailDelivery) -> Outcome:
    """The shipment whose delivery failed; it may be tried again, or come back.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, REASON_MISSING, IN_THE_FUTURE.
    """
    require_reason(request.reason)
    return _step(unit, request.shipment, ShipmentEvent.FAIL, request.reason, request.occurred_at)


@dataclass(frozen=True, slots=True)
class RetryDelivery:
    """A failed delivery is tried again."""

    shipment: str
    occurred_at: int | None = None


@use_case("shipment.retry", Permission.DELIVER)
def retry_delivery(unit: Unit, request: RetryDelivery) -> Outcome:
    """The shipment, out for delivery once more.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, IN_THE_FUTURE.
    """
    return _step(unit, request.shipment, ShipmentEvent.RETRY, None, request.occurred_at)


def _step(unit: Unit, number: str, event: ShipmentEvent, reason: str | None, occurred_at: int | None) -> Outcome:
    work = take_up(unit, number)
    at = moment_of(unit, occurred_at)
    state = move_on(unit, work, event, occurred_at=at, reason=reason)
    _scan(unit, work, state, at)
    return outcome_of(work, state, f"shipment.{state}", reason=reason)


def _scan(
    unit: Unit,
    work: ShipmentAtWork,
    status: str,
    at: int,
    *,
    place: str | None = None,
    source: tuple[str, str] | None = None,
) -> None:
    named = source or ("oms", f"{work.number}/{unit.call.key}")
    shipment_movements.add_scan(
        unit.connection, unit.stamp, work.row.shipment_id, status, source=named, place=place, occurred_at=at
    )


def require_reason(reason: str) -> None:
    """Nothing, where somebody says why.

    Raises:
        InvalidRequestError: REASON_MISSING.
    """
    if not reason.strip():
        raise InvalidRequestError("REASON_MISSING", "nobody says why", remedy="Give the reason in a few words.")
