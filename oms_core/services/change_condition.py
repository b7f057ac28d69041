"""Change the condition of goods at their place: inspected, damaged, expired, recalled, sellable again."""

from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.domain.stock import CONDITIONS
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.serve_waiting import make_ready, serve_waiting
from oms_core.services.stock_moments import moment
from oms_core.storage.lot_store import lots_that_leave, tracking_of
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.stock_booking import book_incoming, new_number, require_free, require_places

_KIND = "condition_change"


@dataclass(frozen=True, slots=True)
class ChangeCondition:
    """Units at one place that are in another condition now, and why. `at`: since when (null: now)."""

    sku: str
    location: str
    from_condition: str
    to_condition: str
    quantity: int
    reason: str
    lot: str | None = None
    at: int | None = None


@use_case("stock.change_condition", Permission.ADJUST)
def change_condition(unit: Unit, request: ChangeCondition) -> Outcome:
    """The units in their new condition; cost and age stay with them.

    Raises:
        InvalidRequestError: QUANTITY_WRONG, REASON_MISSING, CONDITION_UNKNOWN, LOCATION_UNKNOWN, SKU_UNKNOWN.
        RuleViolationError: NOT_PERMITTED at another site, STOCK_SHORT where units are promised, LOT_SHORT.
    """
    _check(request)
    unit.require_location(request.location)
    at = moment(unit, request.at)
    tracking = tracking_of(unit.connection, [request.sku])[request.sku]
    require_places(unit.connection, [request.location])
    require_free(unit.connection, {(request.sku, request.location, request.from_condition): request.quantity}, at=at)
    parts = lots_that_leave(
        unit.connection,
        request.sku,
        request.location,
        request.from_condition,
        request.quantity,
        tracking=tracking,
        lot_name=request.lot,
        at=at,
        with_expired=True,
    )
    sound = [request.sku] if request.to_condition == "sellable" else []
    make_ready(unit, sound)
    number = new_number(unit.connection, "CON")
    legs = (("condition_out", request.from_condition, -1), ("condition_in", request.to_condition, 1))
    for leg, (kind, condition, sign) in enumerate(legs):
        movements = [
            OwnMovement(
                request.sku,
                request.location,
                condition,
                kind,
                sign * units,
                at,
                _KIND,
                number,
                ordinal,
                reason=request.reason,
                lot=lot,
            )
            for ordinal, (lot, units) in enumerate(parts, 1 + leg * len(parts))
        ]
        book_incoming(unit.connection, unit.stamp, movements)
    serve_waiting(unit, sound, reason=f"{number} found them sound")
    document = {
        "change": number,
        "sku": request.sku,
        "location": request.location,
        "from": request.from_condition,
        "to": request.to_condition,
        "quantity": request.quantity,
        "occurred_at": to_text(at),
        "reason": request.reason,
    }
    return Outcome("condition_change", number, document, topic="stock.condition_changed", reason=request.reason)


def _check(request: ChangeCondition) -> None:
    if request.quantity < 1:
        raise InvalidRequestError("QUANTITY_WRONG", f"{request.quantity} units", remedy="Give whole units above zero.")
    if not request.reason.strip():
        raise InvalidRequestError("REASON_MISSING", "a condition changes with a reason", remedy="Say why.")
    both = {request.from_condition, request.to_condition}
    if len(both) == 1 or not both <= set(CONDITIONS):
        raise InvalidRequestError(
            "CONDITION_UNKNOWN",
            f"from {request.from_condition} to {request.to_condition}",
            remedy=f"Use two of {', '.join(CONDITIONS)}.",
        )
