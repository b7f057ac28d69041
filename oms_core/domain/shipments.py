"""Shipments: the states of a parcel, how promised units become shipments, short picks, and what a pick must say.

Nothing here moves stock: a shipment plans and reports; the ledger and the journals of the lines do the counting.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from oms_core.domain.errors import InvalidRequestError, RuleViolationError


class ShipmentState(StrEnum):
    """Where a shipment stands; `none` is the moment before its first event."""

    NONE = "none"
    PLANNED = "planned"
    RELEASED = "released"  # on a wave, to be picked
    PICKING = "picking"  # picked at least in part
    PACKED = "packed"
    SHIPPED = "shipped"  # left the location
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    READY_FOR_PICKUP = "ready_for_pickup"  # still at the location, waits for its customer
    DELIVERED = "delivered"
    FAILED = "failed"  # a delivery was tried in vain
    RETURNED = "returned"  # came back to the sender undelivered
    CANCELLED = "cancelled"


class ShipmentEvent(StrEnum):
    """What can happen to a shipment."""

    PLAN = "plan"
    RELEASE = "release"
    PICK = "pick"
    PACK = "pack"
    SHIP = "ship"
    SHIP_AFTER_CANCEL = "ship_after_cancel"  # it left although it had been called off: a fact, and an exception
    MOVE_ON = "move_on"
    GO_OUT = "go_out"
    MAKE_READY = "make_ready"
    HAND_OVER = "hand_over"
    DELIVER = "deliver"
    FAIL = "fail"
    RETRY = "retry"
    COME_BACK = "come_back"
    CANCEL = "cancel"


_ON_ITS_WAY = (ShipmentState.SHIPPED, ShipmentState.IN_TRANSIT, ShipmentState.OUT_FOR_DELIVERY)

# (state, event, next state): the one table that decides; the database holds a copy and refuses the rest.
SHIPMENT_TRANSITIONS: tuple[tuple[ShipmentState, ShipmentEvent, ShipmentState], ...] = (
    (ShipmentState.NONE, ShipmentEvent.PLAN, ShipmentState.PLANNED),
    (ShipmentState.PLANNED, ShipmentEvent.RELEASE, ShipmentState.RELEASED),
    (ShipmentState.PLANNED, ShipmentEvent.CANCEL, ShipmentState.CANCELLED),
    (ShipmentState.RELEASED, ShipmentEvent.PICK, ShipmentState.PICKING),
    (ShipmentState.RELEASED, ShipmentEvent.CANCEL, ShipmentState.CANCELLED),
    (ShipmentState.PICKING, ShipmentEvent.PICK, ShipmentState.PICKING),
    (ShipmentState.PICKING, ShipmentEvent.PACK, ShipmentState.PACKED),
    (ShipmentState.PICKING, ShipmentEvent.CANCEL, ShipmentState.CANCELLED),
    (ShipmentState.PACKED, ShipmentEvent.CANCEL, ShipmentState.CANCELLED),
    (ShipmentState.PACKED, ShipmentEvent.SHIP, ShipmentState.SHIPPED),
    (ShipmentState.PACKED, ShipmentEvent.MAKE_READY, ShipmentState.READY_FOR_PICKUP),
    (ShipmentState.READY_FOR_PICKUP, ShipmentEvent.HAND_OVER, ShipmentState.DELIVERED),
    (ShipmentState.READY_FOR_PICKUP, ShipmentEvent.CANCEL, ShipmentState.CANCELLED),  # nobody came for it
    (ShipmentState.CANCELLED, ShipmentEvent.SHIP_AFTER_CANCEL, ShipmentState.SHIPPED),
    (ShipmentState.SHIPPED, ShipmentEvent.MOVE_ON, ShipmentState.IN_TRANSIT),
    (ShipmentState.IN_TRANSIT, ShipmentEvent.MOVE_ON, ShipmentState.IN_TRANSIT),
    (ShipmentState.FAILED, ShipmentEvent.MOVE_ON, ShipmentState.IN_TRANSIT),
    (ShipmentState.SHIPPED, ShipmentEvent.GO_OUT, ShipmentState.OUT_FOR_DELIVERY),
    (ShipmentState.IN_TRANSIT, ShipmentEvent.GO_OUT, ShipmentState.OUT_FOR_DELIVERY),
    (ShipmentState.FAILED, ShipmentEvent.RETRY, ShipmentState.OUT_FOR_DELIVERY),
    *((state, ShipmentEvent.DELIVER, ShipmentState.DELIVERED) for state in (*_ON_ITS_WAY, ShipmentState.FAILED)),
    *((state, ShipmentEvent.FAIL, ShipmentState.FAILED) for state in _ON_ITS_WAY),
    *((state, ShipmentEvent.COME_BACK, ShipmentState.RETURNED) for state in (*_ON_ITS_WAY, ShipmentState.FAILED)),
)

# Its units are promised to it and have not left: they count as planned for their lines.
BEFORE_LEAVING = (
    ShipmentState.PLANNED,
    ShipmentState.RELEASED,
    ShipmentState.PICKING,
    ShipmentState.PACKED,
    ShipmentState.READY_FOR_PICKUP,
)
UNDER_WAY = (*_ON_ITS_WAY, ShipmentState.FAILED)


# --- planning --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromisedUnits:
    """Units of a line allocated at a location, and how many of them shipments that have not left already hold."""

    line_id: int
    sku: str
    location: str
    allocated: int
    planned: int = 0


@dataclass(frozen=True, slots=True)
class ShipmentLine:
    """Units of one order line in one shipment."""

    line_id: int
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class ShipmentPlan:
    """A shipment to be made: one location, its lines by line id."""

    location: str
    lines: tuple[ShipmentLine, ...]


def plan_shipments(promised: Iterable[PromisedUnits]) -> list[ShipmentPlan]:
    """One shipment per location with every allocated unit that no other shipment holds, by location.

    Lines whose shipments hold as much as is allocated, or more after a release, get nothing.
    """
    places: dict[str, list[ShipmentLine]] = defaultdict(list)
    for units in promised:
        free = units.allocated - units.planned
        if free > 0:
            places[units.location].append(ShipmentLine(units.line_id, units.sku, free))
    return [
        ShipmentPlan(place, tuple(sorted(lines, key=lambda line: line.line_id)))
        for place, lines in sorted(places.items())
    ]


# --- picking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class LineToPick:
    """A shipment line as the picker finds it; `picked` is null before it was picked."""

    shipment_line_id: int
    line_id: int
    sku: str
    quantity: int
    picked: int | None = None


@dataclass(frozen=True, slots=True)
class PickedUnits:
    """What a picker says about one SKU of a shipment."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PickedLine:
    """What was found for a shipment line: picked + missing = quantity."""

    shipment_line_id: int
    line_id: int
    sku: str
    picked: int
    missing: int


def resolve_pick(lines: Sequence[LineToPick], said: Sequence[PickedUnits] | None, *, shipment: str) -> list[PickedLine]:
    """What is picked and what is missing by line, for the SKUs the picker names; all in full where he says nothing.

    Several lines of one SKU are filled in the order of their line ids, so the last ones go short.

    Raises:
        InvalidRequestError: PICK_NOT_PLANNED, PICK_TWICE, PICK_QUANTITY: what is said does not fit the shipment.
        RuleViolationError: PICK_DONE where the SKU was picked already.
    """
    by_sku: dict[str, list[LineToPick]] = defaultdict(list)
    for line in sorted(lines, key=lambda line: line.line_id):
        by_sku[line.sku].append(line)
    if said is None:
        found = {sku: sum(line.quantity for line in open_lines(of_sku)) for sku, of_sku in by_sku.items()}
        found = {sku: quantity for sku, quantity in found.items() if quantity}
    else:
        found = _checked(said, by_sku, shipment=shipment)
    if not found:
        raise RuleViolationError(
            "PICK_DONE",
            f"everything of shipment {shipment} is picked already",
            remedy="Pack it.",
            shipment=shipment,
        )
    return [picked for sku in sorted(found) for picked in _fill(open_lines(by_sku[sku]), found[sku])]


def open_lines(lines: Iterable[LineToPick]) -> list[LineToPick]:
    """The lines nobody has picked yet."""
    return [line for line in lines if line.picked is None]


def _fill(lines: Iterable[LineToPick], units: int) -> Iterable[PickedLine]:
    left = units
    for line in lines:
        picked = min(left, line.quantity)
        left -= picked
        yield PickedLine(line.shipment_line_id, line.line_id, line.sku, picked, line.quantity - picked)


def _checked(
    said: Sequence[PickedUnits], by_sku: Mapping[str, Sequence[LineToPick]], *, shipment: str
) -> dict[str, int]:
    found: dict[str, int] = {}
    for units in said:
        if units.sku not in by_sku:
            raise InvalidRequestError(
                "PICK_NOT_PLANNED",
                f"{units.sku} is not in shipment {shipment}",
                remedy=f"Pick what is planned: {', '.join(sorted(by_sku))}.",
                sku=units.sku,
            )
        if units.sku in found:
            raise InvalidRequestError(
                "PICK_TWICE", f"{units.sku} is named twice", remedy="Give one quantity a SKU.", sku=units.sku
            )
        waiting = open_lines(by_sku[units.sku])
        if not waiting:
            raise RuleViolationError(
                "PICK_DONE",
                f"{units.sku} of shipment {shipment} is picked already",
                remedy="Pick the other SKUs, or pack it.",
                sku=units.sku,
            )
        planned = sum(line.quantity for line in waiting)
        if not 0 <= units.quantity <= planned:
            raise InvalidRequestError(
                "PICK_QUANTITY",
                f"{units.quantity} units of {units.sku} are said to be picked and {planned} are planned",
                remedy=f"Give 0 to {planned}; fewer than planned is a short pick.",
                sku=units.sku,
                planned=planned,
            )
        found[units.sku] = units.quantity
    return found
