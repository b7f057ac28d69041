"""Plan shipments from what is allocated, and call them off again: nothing moves, no promise changes."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.holds import Step
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent, ShipmentPlan, ShipmentState, plan_shipments
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.shipment_work import move_on, order_name, outcome_of, require_free, take_up
from oms_core.storage import shipment_store
from oms_core.storage.document_events import add_event
from oms_core.storage.handover_store import forget_code
from oms_core.storage.orders_found import find_order


@dataclass(frozen=True, slots=True)
class PlanShipments:
    """Make shipments of what is allocated to an order."""

    order: str


@dataclass(frozen=True, slots=True)
class CancelShipment:
    """Call off a shipment that has not left. Its units stay allocated to the order."""

    shipment: str
    reason: str


@use_case("shipment.plan", Permission.WAVE_RELEASE)
def plan_order(unit: Unit, request: PlanShipments) -> Outcome:
    """One shipment per location with every allocated unit that no other shipment holds.

    Raises:
        RuleViolationError: ORDER_HELD, ORDER_NOT_CONFIRMED, NOTHING_TO_PLAN, NOT_PERMITTED.
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    order = find_order(unit.connection, request.order)
    require_free(unit, order, Step.RELEASE)
    made = add_planned(unit, order)
    if not made:
        raise RuleViolationError(
            "NOTHING_TO_PLAN",
            f"order {order_name(order)} has no allocated unit that is not in a shipment already",
            remedy="Allocate it first, or look at its shipments.",
            order=order_name(order),
        )
    shipments = [
        {"shipment": number, "location": plan.location, "units": sum(line.quantity for line in plan.lines)}
        for number, plan in made
    ]
    document = {"order": order_name(order), "shipments": shipments}
    return Outcome("order", order_name(order), document, topic="shipment.planned")


def add_planned(unit: Unit, order: sa.Row[Any], *, location: str | None = None) -> list[tuple[str, ShipmentPlan]]:
    """Numbers and plans of the shipments made for an order whose row is locked, at one location or at all."""
    promised = shipment_store.promised_units(unit.connection, order.order_id)
    plans = plan_shipments(units for units in promised if location in (None, units.location))
    made = []
    for plan in plans:
        unit.require_location(plan.location)
        number = shipment_store.add_shipment(unit.connection, unit.stamp, order, plan, occurred_at=unit.call.now)[1]
        made.append((number, plan))
    return made


@use_case("shipment.cancel", Permission.WAVE_RELEASE)
def cancel_shipment(unit: Unit, request: CancelShipment) -> Outcome:
    """Call off a shipment that has not left; what was picked for it goes back to its place.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED where it has left or ended, NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN.
    """
    work = take_up(unit, request.shipment)
    state = move_on(unit, work, ShipmentEvent.CANCEL, occurred_at=unit.call.now, reason=request.reason)
    forget_code(unit.connection, work.row.shipment_id)
    return outcome_of(work, state, "shipment.cancelled", reason=request.reason)


_UNTOUCHED = (ShipmentState.PLANNED.value, ShipmentState.RELEASED.value)


def withdraw_shipments(unit: Unit, order_id: int, *, reason: str, even_touched: bool = False) -> list[str]:
    """Numbers of the shipments called off so that an order can lose its units; its row must be locked.

    `even_touched`: also those that are picked or packed; a picker then has goods to put back.

    Raises:
        RuleViolationError: SHIPMENT_UNDER_WORK where one is being picked, is packed or waits for its customer.
    """
    rows = shipment_store.shipments_before_leaving(unit.connection, order_id)
    touched = [row.number for row in rows if row.state not in _UNTOUCHED]
    if touched and not even_touched:
        raise RuleViolationError(
            "SHIPMENT_UNDER_WORK",
            f"shipment {', '.join(touched)} is being picked or is packed",
            remedy="Cancel it with `oms ship cancel` and put the goods back first.",
            shipments=touched,
        )
    for row in rows:
        add_event(
            unit.connection,
            unit.stamp,
            shipment_store.KIND,
            row.shipment_id,
            ShipmentEvent.CANCEL.value,
            occurred_at=unit.call.now,
            reason=reason,
        )
    return [row.number for row in rows]
