"""A parcel that came back undelivered: its goods are in stock again, its order waits for somebody to look at it."""

from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.orders import HoldKind
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent
from oms_core.domain.stock import Condition, MovementKind
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.deliver_shipment import require_reason
from oms_core.services.hold_work import raise_hold
from oms_core.services.shipment_work import ShipmentAtWork, by_sku, moment_of, move_on, outcome_of, take_up
from oms_core.storage import shipment_movements, shipment_store
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.stock_booking import book_incoming, next_ordinal
from oms_core.storage.stock_ledger import lock_places

_TAKEN_BACK_AS = (Condition.INSPECTION.value, Condition.SELLABLE.value, Condition.DAMAGED.value)


@dataclass(frozen=True, slots=True)
class TakeBackShipment:
    """A parcel came back undelivered. `condition`: what its goods are in; to be looked at if nobody has."""

    shipment: str
    reason: str
    condition: str = Condition.INSPECTION.value
    occurred_at: int | None = None


@use_case("shipment.take_back", Permission.RETURN_RECEIVE)
def take_back_shipment(unit: Unit, request: TakeBackShipment) -> Outcome:
    """The shipment back at its location: goods in stock again, units no longer shipped, the order held.

    A person finds out what was wrong with the address, then sends it again or cancels it: money is not touched here.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, REASON_MISSING, CONDITION_UNKNOWN, IN_THE_FUTURE.
    """
    require_reason(request.reason)
    if request.condition not in _TAKEN_BACK_AS:
        raise InvalidRequestError(
            "CONDITION_UNKNOWN",
            f"{request.condition!r} is no condition goods come back in",
            remedy=f"Use one of {', '.join(_TAKEN_BACK_AS)}.",
        )
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    state = move_on(unit, work, ShipmentEvent.COME_BACK, occurred_at=at, reason=request.reason)
    connection, order_id = unit.connection, work.order.order_id
    lock_places(connection, [work.location])
    movements = _back_in(unit, work, request.condition, at)
    book_incoming(connection, unit.stamp, movements)
    counted = shipment_movements.units_counted(connection, order_id, work.number, "ship")
    add_line_entries(
        connection,
        unit.stamp,
        [
            LineEntry(line, order_id, "ship", -units, shipment_store.KIND, work.number, at, reason="came back")
            for line, units in counted.items()
        ],
    )
    if counted:
        raise_hold(unit, order_id, HoldKind.ADDRESS, f"{work.number} came back: {request.reason}", rule="came_back")
    back = by_sku([(it.sku, it.quantity) for it in movements])
    return outcome_of(work, state, "shipment.returned", reason=request.reason, back=back, condition=request.condition)


def _back_in(unit: Unit, work: ShipmentAtWork, condition: str, at: int) -> list[OwnMovement]:
    """What left with the shipment, lot by lot, coming in again."""
    left = shipment_movements.units_moved(unit.connection, work.number, MovementKind.SHIP.value)
    first = next_ordinal(unit.connection, shipment_store.KIND, work.number)
    return [
        OwnMovement(
            sku=sku,
            location=work.location,
            condition=condition,
            kind=MovementKind.RETURN_IN.value,
            quantity=-units,
            occurred_at=at,
            document_kind=shipment_store.KIND,
            document_ref=work.number,
            ordinal=first + place,
            order_account=work.order.account,
            order_external_id=work.order.external_id,
            reason="came back undelivered",
            lot=lot,
        )
        for place, (sku, lot, units) in enumerate(left)
    ]
