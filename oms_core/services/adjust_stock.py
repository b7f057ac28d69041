"""Adjust stock: units found, lost or scrapped, each with a reason; above the limit a second person decides first."""

from dataclasses import dataclass, replace
from typing import Any

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_text
from oms_core.domain.lots import require_tracking
from oms_core.domain.money import Exact
from oms_core.domain.permissions import Permission
from oms_core.domain.stock import CONDITIONS
from oms_core.services import approvals
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.serve_waiting import make_ready, serve_waiting
from oms_core.services.stock_limits import is_above_limit
from oms_core.services.stock_moments import moment
from oms_core.services.suppliers import read_price
from oms_core.storage.lot_store import LotUnits, ensure_lot, lots_that_leave, tracking_of
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.stock_booking import book_incoming, new_number, require_free, require_places

_KIND = "adjustment"


@dataclass(frozen=True, slots=True)
class AdjustStock:
    """Units more (above zero) or fewer (below) than recorded, and why. `at`: when it happened (null: now).

    `unit_cost` as written: of units that were found, where it is known.
    """

    sku: str
    location: str
    quantity: int
    reason: str
    condition: str = "sellable"
    lot: str | None = None
    at: int | None = None
    unit_cost: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ScrapStock:
    """Units that are thrown away, and why."""

    sku: str
    location: str
    quantity: int
    reason: str
    condition: str = "damaged"
    lot: str | None = None
    at: int | None = None


@use_case("stock.adjust", Permission.ADJUST)
def adjust_stock(unit: Unit, request: AdjustStock) -> Outcome:
    """The adjustment booked, or a request that waits for approval where it is above the limit.

    Raises:
        InvalidRequestError: QUANTITY_WRONG, REASON_MISSING, CONDITION_UNKNOWN, LOCATION_UNKNOWN, SKU_UNKNOWN,
            LOT_MISSING, CURRENCY_MISSING.
        RuleViolationError: NOT_PERMITTED at another site, STOCK_SHORT where units are promised, IN_THE_FUTURE.
    """
    _check(request.quantity, request.reason, request.condition)
    unit.require_location(request.location)
    at = moment(unit, request.at)
    tracking_of(unit.connection, [request.sku])
    require_places(unit.connection, [request.location])
    if request.quantity < 0:
        _require_there(unit, request, -request.quantity, at)
    if is_above_limit(unit.connection, {(request.sku, request.location): request.quantity}, at):
        return approvals.ask(unit, "stock.adjust", replace(request, at=at), request.reason)
    return _adjust(unit, request)


def _adjust(unit: Unit, request: AdjustStock) -> Outcome:
    kind = "adjust_gain" if request.quantity > 0 else "adjust_loss"
    cost = None if request.unit_cost is None else read_price(request.unit_cost)
    if cost is not None and request.currency is None:
        raise InvalidRequestError("CURRENCY_MISSING", "a cost has a currency", remedy="Say its currency.")
    return _book(unit, request, kind, request.quantity, cost, request.currency)


@use_case("stock.scrap", Permission.ADJUST)
def scrap_stock(unit: Unit, request: ScrapStock) -> Outcome:
    """The units gone, or a request that waits for approval where they are worth more than the limit.

    Raises:
        InvalidRequestError: QUANTITY_WRONG, REASON_MISSING, CONDITION_UNKNOWN, LOCATION_UNKNOWN, SKU_UNKNOWN.
        RuleViolationError: NOT_PERMITTED at another site, STOCK_SHORT, LOT_SHORT, IN_THE_FUTURE.
    """
    if request.quantity < 1:
        raise _no_quantity(request.quantity)
    _check(request.quantity, request.reason, request.condition)
    unit.require_location(request.location)
    at = moment(unit, request.at)
    tracking_of(unit.connection, [request.sku])
    require_places(unit.connection, [request.location])
    _require_there(unit, request, request.quantity, at)
    if is_above_limit(unit.connection, {(request.sku, request.location): request.quantity}, at):
        return approvals.ask(unit, "stock.scrap", replace(request, at=at), request.reason)
    return _scrap(unit, request)


def _scrap(unit: Unit, request: ScrapStock) -> Outcome:
    return _book(unit, request, "scrap", -request.quantity, None, None)


approvals.register("stock.adjust", AdjustStock, Permission.STOCK_APPROVE, _adjust)
approvals.register("stock.scrap", ScrapStock, Permission.STOCK_APPROVE, _scrap)


def _book(
    unit: Unit, request: AdjustStock | ScrapStock, kind: str, units: int, cost: Exact | None, currency: str | None
) -> Outcome:
    unit.require_location(request.location)
    at = moment(unit, request.at)
    require_places(unit.connection, [request.location])
    number = new_number(unit.connection, "ADJ")
    movements = [
        OwnMovement(
            request.sku,
            request.location,
            request.condition,
            kind,
            quantity,
            at,
            _KIND,
            number,
            ordinal,
            reason=request.reason,
            lot=lot,
            unit_cost=None if cost is None else cost.units,
            cost_scale=None if cost is None else cost.scale,
            currency=currency,
        )
        for ordinal, (lot, quantity) in enumerate(_parts(unit, request, units, at), 1)
    ]
    found = [request.sku] if units > 0 and request.condition == "sellable" else []
    make_ready(unit, found)
    book_incoming(unit.connection, unit.stamp, movements)
    serve_waiting(unit, found, reason=f"{number} found units")
    document: dict[str, Any] = {
        "adjustment": number,
        "sku": request.sku,
        "location": request.location,
        "condition": request.condition,
        "kind": kind,
        "quantity": units,
        "occurred_at": to_text(at),
        "reason": request.reason,
    }
    return Outcome("adjustment", number, document, topic="stock.adjusted", reason=request.reason)


def _parts(unit: Unit, request: AdjustStock | ScrapStock, units: int, at: int) -> list[LotUnits]:
    """(lot, signed units)."""
    tracking = tracking_of(unit.connection, [request.sku])[request.sku]
    if units > 0:
        require_tracking(request.sku, tracking, lot=request.lot, units=units)
        if request.lot is not None:
            ensure_lot(unit.connection, unit.stamp, request.sku, request.lot, None)
        return [(request.lot, units)]
    _require_there(unit, request, -units, at)
    leaving = lots_that_leave(
        unit.connection,
        request.sku,
        request.location,
        request.condition,
        -units,
        tracking=tracking,
        lot_name=request.lot,
        at=at,
        with_expired=True,
    )
    return [(lot, -quantity) for lot, quantity in leaving]


def _require_there(unit: Unit, request: AdjustStock | ScrapStock, units: int, at: int) -> None:
    require_free(unit.connection, {(request.sku, request.location, request.condition): units}, at=at)


def _check(quantity: int, reason: str, condition: str) -> None:
    if quantity == 0:
        raise _no_quantity(quantity)
    if not reason.strip():
        raise InvalidRequestError("REASON_MISSING", "stock changes with a reason", remedy="Say why.")
    if condition not in CONDITIONS:
        raise InvalidRequestError(
            "CONDITION_UNKNOWN", f"{condition!r} is no condition", remedy=f"Use one of {', '.join(CONDITIONS)}."
        )


def _no_quantity(quantity: int) -> InvalidRequestError:
    return InvalidRequestError("QUANTITY_WRONG", f"{quantity} units", remedy="Give whole units, not zero.")
