"""Transfers: what is still on its way, and how a receipt takes it. States: `domain.documents`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from oms_core.domain.errors import RuleViolationError

Parcel = tuple[str, str | None]  # sku, lot


@dataclass(frozen=True, slots=True)
class Arrived:
    """Units of a SKU that came (or were lost on the way); `lot` null: of whatever lot is on its way, by name."""

    sku: str
    quantity: int
    lot: str | None = None


def take_from_transit(on_way: Mapping[Parcel, int], arrived: Iterable[Arrived]) -> list[tuple[Parcel, int]]:
    """Which parcels on their way the arrived units are.

    Raises:
        RuleViolationError: NOT_ON_ITS_WAY where more came than left.
    """
    left = dict(on_way)
    taken: list[tuple[Parcel, int]] = []
    for item in arrived:
        missing = item.quantity
        for parcel in _parcels(left, item):
            units = min(missing, left[parcel])
            if units:
                taken.append((parcel, units))
                left[parcel] -= units
                missing -= units
        if missing:
            raise RuleViolationError(
                "NOT_ON_ITS_WAY",
                f"{item.quantity} of {item.sku} came, {item.quantity - missing} are on their way",
                remedy="Receive what the transfer holds; what came beyond it is an adjustment with a reason.",
                sku=item.sku,
            )
    return taken


def _parcels(left: Mapping[Parcel, int], item: Arrived) -> Sequence[Parcel]:
    found = [it for it in left if it[0] == item.sku and item.lot in (None, it[1])]
    return sorted(found, key=lambda it: (it[1] is not None, it[1] or ""))


def is_complete(on_way: Mapping[Parcel, int], taken: Iterable[tuple[Parcel, int]]) -> bool:
    """Whether nothing is left on its way afterwards."""
    return sum(on_way.values()) == sum(units for _, units in taken)
