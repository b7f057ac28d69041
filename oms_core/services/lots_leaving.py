"""Which lots and serial numbers leave with a shipment, or were not found, where the SKU asks for one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.lots import choose_lots, require_tracking
from oms_core.domain.stock import Condition
from oms_core.services.commands import Unit
from oms_core.services.shipment_work import ShipmentAtWork, by_sku
from oms_core.storage.lot_store import LotUnits, lots_at, lots_that_leave

_UNTRACKED = "none"
_SINCE_EVER = 0  # no lot had expired by then


@dataclass(frozen=True, slots=True)
class NamedLot:
    """Units of a lot, or the one unit of a serial number, that somebody took."""

    sku: str
    lot: str
    quantity: int = 1


def lots_leaving(
    unit: Unit,
    work: ShipmentAtWork,
    named: Sequence[NamedLot],
    at: int,
    *,
    units: Mapping[str, int] | None = None,
) -> dict[str, list[LotUnits]]:
    """The lots that leave by SKU: those somebody named, else the first to expire; no lot where the SKU has none.

    `units`: what leaves by SKU, the picked units of the shipment if nothing is said.

    Raises:
        InvalidRequestError: LOTS_INVALID, LOT_NOT_ASKED, LOT_MISSING where what is named does not fit the shipment.
        RuleViolationError: LOT_SHORT where no unexpired lot has the units, SERIAL_ONE_UNIT.
    """
    leaving = units if units is not None else by_sku([(line.sku, line.picked or 0) for line in work.lines])
    tracking = {line.sku: line.tracking for line in work.lines}
    by_name: dict[str, list[NamedLot]] = defaultdict(list)
    for lot in named:
        if lot.sku not in leaving:
            raise _lots_invalid(f"{lot.sku} does not leave with shipment {work.number}")
        require_tracking(lot.sku, tracking[lot.sku], lot=lot.lot, units=lot.quantity)
        by_name[lot.sku].append(lot)
    chosen: dict[str, list[LotUnits]] = {}
    for sku, quantity in leaving.items():
        if sku in by_name:
            chosen[sku] = _as_named(sku, quantity, by_name[sku])
        else:
            chosen[sku] = lots_that_leave(
                unit.connection,
                sku,
                work.location,
                Condition.SELLABLE.value,
                quantity,
                tracking=tracking[sku],
                lot_name=None,
                at=at,
            )
    return chosen


def _as_named(sku: str, quantity: int, lots: Sequence[NamedLot]) -> list[LotUnits]:
    total = sum(lot.quantity for lot in lots)
    if total != quantity or any(lot.quantity <= 0 for lot in lots):
        raise _lots_invalid(f"lots of {total} units of {sku} are named and {quantity} units leave")
    return [(lot.lot, lot.quantity) for lot in lots]


def lots_missing(unit: Unit, sku: str, location: str, quantity: int, *, tracking: str) -> list[LotUnits]:
    """The lots that units nobody found are taken from: the first to expire, which a picker looks for first.

    It is a guess that the count answers; units that no lot has stay without one.
    """
    if tracking == _UNTRACKED:
        return [(None, quantity)]
    choice = choose_lots(quantity, lots_at(unit.connection, sku, location), _SINCE_EVER)
    rest: list[LotUnits] = [(None, choice.missing)] if choice.missing else []
    return [*choice.chosen, *rest]


def _lots_invalid(reason: str) -> InvalidRequestError:
    return InvalidRequestError("LOTS_INVALID", reason, remedy="Name for each SKU lots of as many units as leave.")
