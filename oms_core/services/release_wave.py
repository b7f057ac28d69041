"""Release a wave: plan what is allocated at a location, group it, and hand it to the pickers."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.holds import Step
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent
from oms_core.domain.waves import WaitingShipment, WavePlan, group_into_waves
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.delivery_options import CutOffs
from oms_core.services.plan_shipments import add_planned
from oms_core.services.shipment_work import order_name, require_free
from oms_core.storage import shipment_store, wave_store
from oms_core.storage.document_events import add_event
from oms_core.storage.orders_found import find_order

_LARGEST = 50


@dataclass(frozen=True, slots=True)
class ReleaseWave:
    """Hand the goods allocated at a location to its pickers.

    `orders`: these only, each of which must be free to go; else every order that is. `largest`: shipments a wave.
    """

    location: str
    delivery_method: str | None = None
    orders: tuple[str, ...] = ()
    largest: int = _LARGEST


@use_case("wave.release", Permission.WAVE_RELEASE)
def release_wave(unit: Unit, request: ReleaseWave) -> Outcome:
    """The waves released, by cut-off and delivery method, and the orders left behind with the reason.

    Raises:
        RuleViolationError: NOTHING_TO_RELEASE; ORDER_HELD, ORDER_NOT_CONFIRMED for an order that was named.
    """
    unit.require_location(request.location)
    left: list[dict[str, str]] = []
    waiting: list[WaitingShipment] = []
    cut_offs = CutOffs(unit.connection, request.location, now=unit.call.now)
    for order in _orders(unit, request):
        try:
            require_free(unit, order, Step.RELEASE)
        except RuleViolationError as refusal:
            if request.orders:
                raise
            left.append({"order": order_name(order), "code": refusal.code, "reason": refusal.reason})
            continue
        waiting.extend(_planned(unit, order, request, cut_offs))
    if not waiting:
        raise _nothing(request, left)
    waves = [_release(unit, plan) for plan in group_into_waves(waiting, largest=max(request.largest, 1))]
    document = {"location": request.location, "waves": waves, "left": left}
    return Outcome("wave", ", ".join(str(wave["wave"]) for wave in waves), document, topic="wave.released")


def _orders(unit: Unit, request: ReleaseWave) -> Iterable[sa.Row[Any]]:
    if request.orders:
        found = {find_order(unit.connection, name, lock=False).order_id for name in request.orders}
        return [wave_store.lock_order(unit.connection, order_id) for order_id in sorted(found)]
    ids = wave_store.orders_with_goods_at(unit.connection, request.location)
    return [wave_store.lock_order(unit.connection, order_id) for order_id in ids]


def _planned(unit: Unit, order: sa.Row[Any], request: ReleaseWave, cut_offs: CutOffs) -> Iterable[WaitingShipment]:
    if request.delivery_method not in (None, order.delivery_method):
        return
    _withdraw_stale(unit, order, request.location)
    add_planned(unit, order, location=request.location)
    for row in wave_store.planned_shipments(unit.connection, order.order_id, request.location):
        yield WaitingShipment(
            shipment_id=row.shipment_id,
            location=row.location,
            delivery_method=row.delivery_method,
            leaves_by=cut_offs.next_of(row.delivery_method),
            priority=order.priority,
            placed_at=order.placed_at,
        )


def _withdraw_stale(unit: Unit, order: sa.Row[Any], location: str) -> None:
    """Call off planned shipments of lines that hold more than is allocated by now: they are planned anew."""
    promised = shipment_store.promised_units(unit.connection, order.order_id)
    stale = {units.line_id for units in promised if units.location == location and units.planned > units.allocated}
    if not stale:
        return
    for row in wave_store.planned_shipments(unit.connection, order.order_id, location):
        if any(line.line_id in stale for line in shipment_store.lines_of(unit.connection, row.shipment_id)):
            _event(unit, row.shipment_id, ShipmentEvent.CANCEL, reason="allocation changed before the wave")


def _release(unit: Unit, plan: WavePlan) -> dict[str, Any]:
    now = unit.call.now
    wave_id, number = wave_store.add_wave(
        unit.connection, unit.stamp, location=plan.location, delivery_method=plan.delivery_method, released_at=now
    )
    for shipment_id in sorted(plan.shipment_ids):
        shipment_store.note_on(unit.connection, unit.stamp, shipment_id, wave_id=wave_id)
        _event(unit, shipment_id, ShipmentEvent.RELEASE, reason=number)
    rows = wave_store.wave_shipments(unit.connection, wave_id)
    return {
        "wave": number,
        "delivery_method": plan.delivery_method,
        "leaves_by": None if plan.leaves_by is None else to_text(plan.leaves_by),
        "shipments": [row.number for row in rows],
        "units": sum(line.quantity for line in wave_store.wave_lines(unit.connection, wave_id)),
    }


def _event(unit: Unit, shipment_id: int, event: ShipmentEvent, *, reason: str) -> None:
    add_event(
        unit.connection,
        unit.stamp,
        shipment_store.KIND,
        shipment_id,
        event.value,
        occurred_at=unit.call.now,
        reason=reason,
    )


def _nothing(request: ReleaseWave, left: list[dict[str, str]]) -> RuleViolationError:
    reason = f"nothing allocated at {request.location} is free to be picked"
    if left:
        reason += f"; {len(left)} orders are left: {left[0]['reason']}"
    return RuleViolationError(
        "NOTHING_TO_RELEASE",
        reason,
        remedy="Allocate orders there, or settle what stops them.",
        location=request.location,
        left=left,
    )
