"""Waves: shipments that are picked together, and the list a picker walks with."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaitingShipment:
    """A planned shipment as far as grouping it goes. `leaves_by`: the cut-off it should make, microseconds UTC."""

    shipment_id: int
    location: str
    delivery_method: str | None
    leaves_by: int | None
    priority: int = 0  # of its order; greater goes first
    placed_at: int = 0


@dataclass(frozen=True, slots=True)
class WavePlan:
    """Shipments to pick together: one location, one cut-off, one delivery method; the most urgent first."""

    location: str
    leaves_by: int | None
    delivery_method: str | None
    shipment_ids: tuple[int, ...]


def group_into_waves(shipments: Iterable[WaitingShipment], *, largest: int | None = None) -> list[WavePlan]:
    """Waves by location, cut-off (the earliest first, none last) and delivery method; every shipment in exactly one.

    `largest`: at most so many shipments a wave; the rest makes further waves, by priority and then by age.
    """
    groups: dict[tuple[str, int | None, str | None], list[WaitingShipment]] = defaultdict(list)
    for shipment in shipments:
        groups[shipment.location, shipment.leaves_by, shipment.delivery_method].append(shipment)
    waves: list[WavePlan] = []
    for place, leaves_by, method in sorted(groups, key=_urgency):
        ordered = sorted(
            groups[place, leaves_by, method], key=lambda one: (-one.priority, one.placed_at, one.shipment_id)
        )
        size = largest or len(ordered)
        waves.extend(
            WavePlan(place, leaves_by, method, tuple(one.shipment_id for one in ordered[start : start + size]))
            for start in range(0, len(ordered), size)
        )
    return waves


def _urgency(group: tuple[str, int | None, str | None]) -> tuple[str, bool, int, str]:
    place, leaves_by, method = group
    return (place, leaves_by is None, leaves_by or 0, method or "")


@dataclass(frozen=True, slots=True)
class WaveLine:
    """Units of one shipment line of a wave."""

    shipment: str
    sku: str
    quantity: int
    title: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class Drop:
    """How many units of a pick go to which shipment."""

    shipment: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PickLine:
    """One stop of the picker: a SKU (and lot), all units the wave needs of it, and where they go."""

    sku: str
    lot: str | None
    title: str | None
    quantity: int
    drops: tuple[Drop, ...]


def pick_list(lines: Iterable[WaveLine]) -> list[PickLine]:
    """The stops of a wave by SKU and lot; the quantities add up to those of its shipment lines."""
    stops: dict[tuple[str, str], list[WaveLine]] = defaultdict(list)
    for line in lines:
        stops[line.sku, line.lot or ""].append(line)
    return [_stop(stops[key]) for key in sorted(stops)]


def _stop(lines: list[WaveLine]) -> PickLine:
    by_shipment: dict[str, int] = defaultdict(int)
    for line in lines:
        by_shipment[line.shipment] += line.quantity
    first = lines[0]
    drops = tuple(Drop(shipment, units) for shipment, units in sorted(by_shipment.items()))
    return PickLine(first.sku, first.lot, first.title, sum(by_shipment.values()), drops)
