"""What every step of a shipment begins with: shipment and order locked, the site checked, nothing in the way."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.holds import Step, require_step
from oms_core.domain.orders import Lifecycle
from oms_core.domain.shipments import ShipmentEvent
from oms_core.services.commands import Outcome, Unit
from oms_core.storage import shipment_store
from oms_core.storage.document_events import add_event
from oms_core.storage.order_holds_store import open_holds
from oms_core.storage.shipment_store import ShipmentLineRow


@dataclass(frozen=True, slots=True)
class ShipmentAtWork:
    """A shipment, its order and its lines, all locked for this transaction."""

    row: sa.Row[Any]
    order: sa.Row[Any]
    lines: list[ShipmentLineRow]

    @property
    def number(self) -> str:
        """How people call it."""
        number: str = self.row.number
        return number

    @property
    def location(self) -> str:
        """Where its goods are."""
        location: str = self.row.location
        return location


def order_name(order: sa.Row[Any]) -> str:
    """How people call an order: ACCOUNT/number."""
    return f"{order.account}/{order.external_id}"


def take_up(unit: Unit, number: str) -> ShipmentAtWork:
    """The shipment called `number`, locked.

    Raises:
        InvalidRequestError: SHIPMENT_UNKNOWN.
        RuleViolationError: NOT_PERMITTED where the actor works at other sites.
    """
    row, order = shipment_store.find_shipment(unit.connection, number)
    unit.require_location(row.location)
    return ShipmentAtWork(row, order, shipment_store.lines_of(unit.connection, row.shipment_id))


def require_free(unit: Unit, order: sa.Row[Any], step: Step) -> None:
    """Nothing, where the order is confirmed, fulfilled here, and no hold stops the step.

    Raises:
        RuleViolationError: ORDER_HELD, ORDER_NOT_CONFIRMED, NOT_FULFILLED_HERE.
    """
    held = open_holds(unit.connection, [order.order_id]).get(order.order_id, [])
    require_step([hold.kind for hold in held], step, order_name(order))
    if order.lifecycle != Lifecycle.CONFIRMED.value:
        raise RuleViolationError(
            "ORDER_NOT_CONFIRMED",
            f"order {order_name(order)} is {order.lifecycle}, and only confirmed orders are fulfilled",
            remedy="Confirm it first."
            if order.lifecycle == Lifecycle.PENDING.value
            else "Put back what was taken for it, and cancel the shipment with `oms ship cancel`.",
            order=order_name(order),
            state=order.lifecycle,
        )
    if not order.fulfilled_here:
        raise RuleViolationError(
            "NOT_FULFILLED_HERE",
            f"order {order_name(order)} is fulfilled by its channel",
            remedy="Its shipments come with the channel's feed.",
            order=order_name(order),
        )


def require_promise(unit: Unit, work: ShipmentAtWork) -> None:
    """Nothing, where the lines are still promised what their shipments hold at this location.

    Its own promise never stands in a shipment's way: what is compared is the line's, not what is free for others.

    Raises:
        RuleViolationError: ALLOCATION_GONE.
    """
    mine = {line.line_id for line in work.lines}
    for units in shipment_store.promised_units(unit.connection, work.order.order_id):
        if units.line_id in mine and units.location == work.location and units.planned > units.allocated:
            raise RuleViolationError(
                "ALLOCATION_GONE",
                f"{units.planned} units of {units.sku} are planned at {units.location}"
                f" and {units.allocated} are allocated to the line",
                remedy=f"Cancel it with `oms ship cancel {work.number}`; the next wave plans what is allocated.",
                shipment=work.number,
                sku=units.sku,
            )


def moment_of(unit: Unit, occurred_at: int | None) -> int:
    """When it happened: as said, else now.

    Raises:
        InvalidRequestError: IN_THE_FUTURE.
    """
    if occurred_at is None:
        return unit.call.now
    if occurred_at > unit.call.now:
        raise InvalidRequestError(
            "IN_THE_FUTURE", "what is recorded has happened", remedy="Give an instant that is not after now."
        )
    return occurred_at


def move_on(
    unit: Unit, work: ShipmentAtWork, event: ShipmentEvent, *, occurred_at: int, reason: str | None = None
) -> str:
    """The state that the event leaves the shipment in.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED.
    """
    return add_event(
        unit.connection,
        unit.stamp,
        shipment_store.KIND,
        work.row.shipment_id,
        event.value,
        occurred_at=occurred_at,
        reason=reason,
    )


def outcome_of(work: ShipmentAtWork, state: str, topic: str, *, reason: str | None = None, **more: Any) -> Outcome:
    """What a step of a shipment answers."""
    document = {
        "shipment": work.number,
        "order": order_name(work.order),
        "location": work.location,
        "state": state,
        **more,
    }
    return Outcome("shipment", work.number, document, topic=topic, reason=reason)


def by_sku(pairs: list[tuple[str, int]]) -> dict[str, int]:
    """Units by SKU, sorted, without those of no units."""
    units: dict[str, int] = defaultdict(int)
    for sku, quantity in pairs:
        units[sku] += quantity
    return {sku: quantity for sku, quantity in sorted(units.items()) if quantity}
