"""Pick a shipment. What is not found goes back to waiting, is no longer offered, and is to be counted."""

from dataclasses import dataclass

from oms_core.domain.holds import Step
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import PickedLine, PickedUnits, ShipmentEvent, resolve_pick
from oms_core.domain.stock import Condition, MovementKind
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.crashpoints import crashpoint
from oms_core.services.lots_leaving import lots_missing
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
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.shipment_store import LeavingUnits
from oms_core.storage.stock_booking import book_incoming, next_ordinal
from oms_core.storage.stock_ledger import lock_places


@dataclass(frozen=True, slots=True)
class PickShipment:
    """What a picker found, by SKU; fewer than planned is a short pick. Nothing said: everything was there."""

    shipment: str
    picked: tuple[PickedUnits, ...] | None = None
    occurred_at: int | None = None


@use_case("shipment.pick", Permission.PICK)
def pick_shipment(unit: Unit, request: PickShipment) -> Outcome:
    """The shipment as it was picked, with what is missing. One without any goods found is called off.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, ORDER_HELD, ORDER_NOT_CONFIRMED, ALLOCATION_GONE, PICK_DONE,
            NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, PICK_NOT_PLANNED, PICK_TWICE, PICK_QUANTITY, IN_THE_FUTURE.
    """
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    require_free(unit, work.order, Step.RELEASE)
    state = move_on(unit, work, ShipmentEvent.PICK, occurred_at=at)
    require_promise(unit, work)
    found = resolve_pick([line.to_pick for line in work.lines], request.picked, shipment=work.number)
    shipment_store.note_picked(unit.connection, unit.stamp, found)
    crashpoint("pick_noted")
    missing = [line for line in found if line.missing]
    if missing:
        _give_back(unit, work, missing, at)
    lines = shipment_store.lines_of(unit.connection, work.row.shipment_id)
    if all(line.picked == 0 for line in lines):
        state = move_on(unit, work, ShipmentEvent.CANCEL, occurred_at=at, reason="nothing of it was found")
    return outcome_of(
        work,
        state,
        "shipment.picked",
        picked=by_sku([(line.sku, line.picked) for line in found]),
        missing=by_sku([(line.sku, line.missing) for line in missing]),
        to_pick=by_sku([(line.sku, line.quantity) for line in lines if line.picked is None]),
    )


def _give_back(unit: Unit, work: ShipmentAtWork, missing: list[PickedLine], at: int) -> None:
    """The lines wait again; the units nobody found are set apart from those that are offered, and suspected."""
    connection, stamp = unit.connection, unit.stamp
    lock_places(connection, [work.location])
    shipment_store.end_promises(
        connection,
        stamp,
        "release",
        [LeavingUnits(line.line_id, line.sku, line.missing) for line in missing],
        order_id=work.order.order_id,
        location=work.location,
        occurred_at=at,
        reason=f"short pick of {work.number}",
    )
    units = by_sku([(line.sku, line.missing) for line in missing])
    _set_apart(unit, work, units, at)
    shipment_store.suspect_counts(
        connection, stamp, units, location=work.location, source_ref=work.number, occurred_at=at
    )


def _set_apart(unit: Unit, work: ShipmentAtWork, units: dict[str, int], at: int) -> None:
    """Move units from those that are offered to those somebody must look for, lot by lot: out first, then in."""
    tracking = {line.sku: line.tracking for line in work.lines}
    parts = [
        (sku, lot, part)
        for sku, quantity in units.items()
        for lot, part in lots_missing(unit, sku, work.location, quantity, tracking=tracking[sku])
    ]
    for kind, condition, sign in (
        (MovementKind.CONDITION_OUT, Condition.SELLABLE, -1),
        (MovementKind.CONDITION_IN, Condition.INSPECTION, 1),
    ):
        first = next_ordinal(unit.connection, shipment_store.KIND, work.number)
        movements = [
            OwnMovement(
                sku=sku,
                location=work.location,
                condition=condition.value,
                kind=kind.value,
                quantity=sign * part,
                occurred_at=at,
                document_kind=shipment_store.KIND,
                document_ref=work.number,
                ordinal=first + place,
                reason=f"not found for {order_name(work.order)}",
                lot=lot,
            )
            for place, (sku, lot, part) in enumerate(parts)
        ]
        book_incoming(unit.connection, unit.stamp, movements)
