"""Pack a shipment into packages with their weight and tracking number."""

from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.holds import Step
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import ShipmentEvent
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.shipment_work import (
    by_sku,
    moment_of,
    move_on,
    outcome_of,
    require_free,
    require_promise,
    take_up,
)
from oms_core.storage import shipment_store
from oms_core.storage.shipment_store import Parcel

_HEAVIEST_GRAMS = 10**8


@dataclass(frozen=True, slots=True)
class Package:
    """One package: its weight, and what the carrier calls it."""

    weight_grams: int | None = None
    tracking_number: str | None = None
    sscc: str | None = None


@dataclass(frozen=True, slots=True)
class PackShipment:
    """The packages a shipment was packed into."""

    shipment: str
    packages: tuple[Package, ...] = (Package(),)
    carrier: str | None = None
    occurred_at: int | None = None


@use_case("shipment.pack", Permission.PACK)
def pack_shipment(unit: Unit, request: PackShipment) -> Outcome:
    """The shipment, packed: everything that is to be picked was picked.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED, PICK_OPEN, ORDER_HELD, ORDER_NOT_CONFIRMED, ALLOCATION_GONE,
            NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN, PACKAGES_MISSING, WEIGHT_INVALID, IN_THE_FUTURE.
    """
    _check(request)
    work = take_up(unit, request.shipment)
    at = moment_of(unit, request.occurred_at)
    require_free(unit, work.order, Step.RELEASE)
    state = move_on(unit, work, ShipmentEvent.PACK, occurred_at=at)
    waiting = [line.sku for line in work.lines if line.picked is None]
    if waiting:
        raise RuleViolationError(
            "PICK_OPEN",
            f"{', '.join(sorted(set(waiting)))} of shipment {work.number} is not picked yet",
            remedy="Pick it, or say that it was not found by picking 0 of it.",
            shipment=work.number,
        )
    require_promise(unit, work)
    parcels = [Parcel(it.weight_grams, it.tracking_number, it.sscc) for it in request.packages]
    shipment_store.add_packages(unit.connection, unit.stamp, work.row.shipment_id, parcels)
    if request.carrier is not None:
        shipment_store.note_on(unit.connection, unit.stamp, work.row.shipment_id, carrier=request.carrier)
    return outcome_of(
        work,
        state,
        "shipment.packed",
        carrier=request.carrier,
        packages=[parcel._asdict() for parcel in parcels],
        packed=by_sku([(line.sku, line.picked or 0) for line in work.lines]),
    )


def _check(request: PackShipment) -> None:
    if not request.packages:
        raise InvalidRequestError(
            "PACKAGES_MISSING", "a shipment is packed into one package or more", remedy="Name its packages."
        )
    for package in request.packages:
        if package.weight_grams is not None and not 0 < package.weight_grams < _HEAVIEST_GRAMS:
            raise InvalidRequestError(
                "WEIGHT_INVALID",
                f"{package.weight_grams} g is no weight of a package",
                remedy="Give whole grams above 0, or leave it out.",
            )
