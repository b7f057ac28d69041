"""Ship: units leave a location. Their promise is used up first, then stock moves, then the lines count them."""

import json
from dataclasses import dataclass

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.holds import Step
from oms_core.domain.orders import Lifecycle
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent, ShipmentState
from oms_core.domain.stock import Condition, MovementKind
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.crashpoints import crashpoint
from oms_core.services.delivery_options import is_pick_up
from oms_core.services.lots_leaving import NamedLot, lots_leaving
from oms_core.services.order_progress import note_progress
from oms_core.services.shipment_work import (
    ShipmentAtWork,
    by_sku,
    moment_of,
    move_on,
    order_name,
    outcome_of,
    require_free,
    require_promise,
    take_up,
)
from oms_core.storage import shipment_store
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.lot_store import LotUnits
from oms_core.storage.own_movements import OwnMovement, book_movements
from oms_core.storage.shipment_movements import note_exception
from oms_core.storage.shipment_store import LeavingUnits
from oms_core.storage.stock_booking import book_facts, next_ordinal
from oms_core.storage.stock_ledger import lock_places


@dataclass(frozen=True, slots=True)
class ShipShipment:
    """A packed shipment left its location. `lots`: which lots or serials, where somebody chose; else first expiry."""

    shipment: str
    carrier: str | None = None
    lots: tuple[NamedLot, ...] = ()
    occurred_at: int | None = None


@use_case("shipment.ship", Permission.SHIP)
def ship_shipment(unit: Unit, request: ShipShipment) -> Outcome:
    """The shipment under way, its units counted on the order's lines and gone from stock.

    One that left although its order was cancelled is recorded too: the goods are gone, and the exception
    `shipped_after_cancel` asks somebody to settle it.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, ORDER_HELD, ORDER_NOT_CONFIRMED, ALLOCATION_GONE, SHIPMENT_CANCELLED,
            PICK_UP_ONLY, LOT_SHORT, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, LOTS_INVALID, IN_THE_FUTURE.
    """
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    if work.order.lifecycle == Lifecycle.CANCELLED.value:
        return _ship_after_cancel(unit, work, request, at)
    _require_not_called_off(work)
    require_free(unit, work.order, Step.SHIP)
    if is_pick_up(unit.connection, work.row.delivery_method):
        raise RuleViolationError(
            "PICK_UP_ONLY",
            f"the customer picks up shipment {work.number}",
            remedy=f"Use `oms ship ready {work.number}` and hand it over with the code.",
            shipment=work.number,
        )
    require_promise(unit, work)
    state = move_on(unit, work, ShipmentEvent.SHIP, occurred_at=at)
    let_units_leave(unit, work, request.lots, at)
    if request.carrier is not None:
        shipment_store.note_on(unit.connection, unit.stamp, work.row.shipment_id, carrier=request.carrier)
    order_state = note_progress(unit, work.order.order_id)
    shipped = by_sku([(line.sku, line.picked or 0) for line in work.lines])
    return outcome_of(work, state, "shipment.shipped", shipped=shipped, order_state=order_state)


def let_units_leave(unit: Unit, work: ShipmentAtWork, named: tuple[NamedLot, ...], at: int) -> None:
    """Everything that moves when the picked units of a shipment leave; that they are promised was checked before.

    Raises:
        RuleViolationError: LOT_SHORT; NOT_PROMISED as the last word of the database.
        InvalidRequestError: LOTS_INVALID.
    """
    connection, stamp = unit.connection, unit.stamp
    lock_places(connection, [work.location])
    leaving = [LeavingUnits(line.line_id, line.sku, line.picked or 0) for line in work.lines if line.picked]
    chosen = lots_leaving(unit, work, named, at)
    shipment_store.end_promises(
        connection,
        stamp,
        "ship",
        leaving,
        order_id=work.order.order_id,
        location=work.location,
        occurred_at=at,
        reason=work.number,
    )
    crashpoint("promise_used")
    book_movements(connection, stamp, ship_movements(unit, work, chosen, at))
    crashpoint("goods_left")
    order_id = work.order.order_id
    add_line_entries(
        connection,
        stamp,
        [
            LineEntry(one.line_id, order_id, "ship", one.quantity, shipment_store.KIND, work.number, at)
            for one in leaving
        ],
    )
    shipment_store.note_on(connection, stamp, work.row.shipment_id, shipped_at=at)


def ship_movements(
    unit: Unit, work: ShipmentAtWork, chosen: dict[str, list[LotUnits]], at: int, *, reason: str | None = None
) -> list[OwnMovement]:
    """The movements by which units of these lots leave for the order."""
    first = next_ordinal(unit.connection, shipment_store.KIND, work.number)
    parts = [(sku, lot, units) for sku, lots in sorted(chosen.items()) for lot, units in lots if units]
    return [
        OwnMovement(
            sku=sku,
            location=work.location,
            condition=Condition.SELLABLE.value,
            kind=MovementKind.SHIP.value,
            quantity=-units,
            occurred_at=at,
            document_kind=shipment_store.KIND,
            document_ref=work.number,
            ordinal=first + at_place,
            order_account=work.order.account,
            order_external_id=work.order.external_id,
            reason=reason,
            lot=lot,
        )
        for at_place, (sku, lot, units) in enumerate(parts)
    ]


def _require_not_called_off(work: ShipmentAtWork) -> None:
    if work.row.state == ShipmentState.CANCELLED.value:
        raise RuleViolationError(
            "SHIPMENT_CANCELLED",
            f"shipment {work.number} was called off and its order goes on without it",
            remedy="Ship the one that took its place; if this one left too, count the stock.",
            shipment=work.number,
        )


def _ship_after_cancel(unit: Unit, work: ShipmentAtWork, request: ShipShipment, at: int) -> Outcome:
    """Record that goods of a cancelled order left: its lines are cancelled and count nothing, the exception does."""
    connection, stamp = unit.connection, unit.stamp
    was_called_off = work.row.state == ShipmentState.CANCELLED.value
    event = ShipmentEvent.SHIP_AFTER_CANCEL if was_called_off else ShipmentEvent.SHIP
    state = move_on(unit, work, event, occurred_at=at, reason="the order was cancelled")
    lock_places(connection, [work.location])
    units = by_sku([(line.sku, line.quantity if line.picked is None else line.picked) for line in work.lines])
    chosen = lots_leaving(unit, work, request.lots, at, units=units)
    movements = ship_movements(unit, work, chosen, at, reason="shipped after the order was cancelled")
    # It happened: where others were promised what left, the missing units are a shortage, not a refusal.
    book_facts(connection, stamp, movements)
    shipment_store.note_on(connection, stamp, work.row.shipment_id, shipped_at=at)
    detail = json.dumps({"shipment": work.number, "location": work.location, "units": units}, sort_keys=True)
    note_exception(
        connection, stamp, "shipped_after_cancel", work.order.order_id, work.number, detail=detail, occurred_at=at
    )
    return outcome_of(
        work,
        state,
        "shipment.shipped_after_cancel",
        reason=f"order {order_name(work.order)} was cancelled",
        shipped=units,
        exception="shipped_after_cancel",
    )
