"""The allocation planner: who gets which units from where. Pure: the same question has one answer.

Orders are served by rank (priority, then the time they were placed). Demand is summed per article before anything is
promised, kits are promised whole, and nothing is promised twice.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from oms_core.domain.allocation_scores import Candidate, Site, Strategy, best, judge
from oms_core.domain.distance import Point

StockKey = tuple[str, str]  # sku, location
Rank = tuple[int, int, int]  # -priority, placed_at, order_id
_Shelves = dict[str, dict[str, int]]  # free units by sku, then location


class Want(NamedTuple):
    """Units of an order line that nobody has promised yet. `kit`: the bundle line it is a component of."""

    line_id: int
    sku: str
    quantity: int
    kit: int | None = None
    per_kit: int = 1


@dataclass(frozen=True, slots=True)
class OrderWant:
    """An order that waits: its rank, where it goes, how it is to be served.

    `held`: locations where units of it are promised already. `avoid`: locations that are not asked for it.
    """

    order_id: int
    priority: int
    placed_at: int
    wants: Sequence[Want]
    destination: Point
    strategy: Strategy
    held: frozenset[str] = frozenset()
    avoid: frozenset[str] = frozenset()

    @property
    def rank(self) -> Rank:
        """Who comes first: the greater priority, then the earlier order."""
        return (-self.priority, self.placed_at, self.order_id)


class Promise(NamedTuple):
    """Units promised to a line from a location."""

    line_id: int
    sku: str
    location: str
    quantity: int


@dataclass(slots=True)
class OrderPlan:
    """What an order gets. For each line: promised + missing = wanted. `rounds`: candidates of each choice made."""

    order_id: int
    promises: list[Promise] = field(default_factory=list)
    missing: dict[int, int] = field(default_factory=dict)
    rounds: list[list[Candidate]] = field(default_factory=list)


class _Need(NamedTuple):
    """One article, or one kit, with the lines that want it in their order."""

    parts: tuple[tuple[str, int], ...]  # (sku, units in one), each sku once
    lines: tuple[tuple[Want, int], ...]  # with units of the line in one kit; of an article the lines share
    quantity: int  # articles or kits
    is_kit: bool


def plan_orders(
    orders: Iterable[OrderWant], free: Mapping[StockKey, int], sites: Mapping[str, Site]
) -> dict[int, OrderPlan]:
    """Plans by order id, made in the order of rank from the same stock, so that nobody takes what a better one uses.

    Args:
        orders: each once; the order they come in changes nothing.
        free: units that may be promised, per SKU and location.
        sites: locations that may serve; others in `free` are left alone.
    """
    shelves: _Shelves = {}
    for (name, place), units in free.items():
        if units > 0 and place in sites:
            shelves.setdefault(name, {})[place] = units
    return {order.order_id: _plan(order, shelves, sites) for order in sorted(orders, key=lambda it: it.rank)}


def _plan(order: OrderWant, shelves: _Shelves, sites: Mapping[str, Site]) -> OrderPlan:
    """The plan of one order; what it gets is taken from the shelves."""
    plan = OrderPlan(order.order_id, missing={want.line_id: want.quantity for want in order.wants})
    needs = _needs(order.wants)
    used = set(order.held)
    while needs:
        open_units = sum(need.quantity for need in needs)
        offers = {place: _offer(needs, shelves, place) for place in _places(order, used, needs, shelves)}
        candidates = [
            judge(
                sites[place], covered=units, wanted=open_units, destination=order.destination, strategy=order.strategy
            )
            for place, offer in offers.items()
            if (units := sum(offer))
        ]
        if candidates:
            plan.rounds.append(candidates)
        chosen = best([it for it in candidates if order.strategy.may_split or it.whole])
        if chosen is None:
            break
        needs = _take(plan, needs, offers[chosen.location], chosen.location, shelves)
        used.add(chosen.location)
    plan.missing = {line: units for line, units in plan.missing.items() if units}
    return plan


def _places(order: OrderWant, used: set[str], needs: Sequence[_Need], shelves: _Shelves) -> list[str]:
    """Locations that may be asked now, by name: only those used already where no further one is allowed."""
    stocked = {place for need in needs for name, _ in need.parts for place in shelves.get(name, ())}
    if order.strategy.locations:
        stocked &= set(order.strategy.locations)
    if used and len(used) >= (order.strategy.most_locations if order.strategy.may_split else 1):
        stocked &= used
    return sorted(stocked - order.avoid)


def _needs(wants: Sequence[Want]) -> list[_Need]:
    """Kits first, then articles summed over their lines."""
    kits: dict[int, list[Want]] = defaultdict(list)
    single: dict[str, list[Want]] = defaultdict(list)
    for want in sorted(wants):
        if want.kit is None:
            single[want.sku].append(want)
        else:
            kits[want.kit].append(want)
    needs = [need for _, lines in sorted(kits.items()) for need in _kit_needs(lines)]
    for name, lines in sorted(single.items()):
        shared = tuple((want, 1) for want in lines)
        needs.append(_Need(((name, 1),), shared, sum(want.quantity for want in lines), is_kit=False))
    return [need for need in needs if need.quantity > 0]


def _kit_needs(lines: Sequence[Want]) -> list[_Need]:
    """Whole kits as far as every component waits; then what completes kits whose other parts are promised already."""
    needs: list[_Need] = []
    done = 0
    for kits in sorted({want.quantity // want.per_kit for want in lines}):
        waiting = tuple((want, want.per_kit) for want in lines if want.quantity // want.per_kit >= kits)
        needs.append(_Need(_summed(waiting), waiting, kits - done, is_kit=True))
        done = kits
    rests = [(want, want.quantity % want.per_kit) for want in lines if want.quantity % want.per_kit]
    needs += [_Need(((want.sku, 1),), ((want, 1),), units, is_kit=True) for want, units in rests]
    return needs


def _summed(lines: Iterable[tuple[Want, int]]) -> tuple[tuple[str, int], ...]:
    units: dict[str, int] = defaultdict(int)
    for want, count in lines:
        units[want.sku] += count
    return tuple(units.items())


def _offer(needs: Sequence[_Need], shelves: _Shelves, place: str) -> list[int]:
    """How many of each need the place has, one after the other from the same stock."""
    taken: dict[str, int] = {}
    offer: list[int] = []
    for need in needs:
        units = need.quantity
        for name, count in need.parts:
            left = shelves[name].get(place, 0) if name in shelves else 0
            units = min(units, (left - taken.get(name, 0)) // count)
        if units:
            for name, count in need.parts:
                taken[name] = taken.get(name, 0) + units * count
        offer.append(units)
    return offer


def _take(plan: OrderPlan, needs: Sequence[_Need], offer: Sequence[int], place: str, shelves: _Shelves) -> list[_Need]:
    """Promise what the place offers; returns what is still wanted."""
    remaining: list[_Need] = []
    for need, units in zip(needs, offer, strict=True):
        for name, count in need.parts:
            if units:
                shelves[name][place] -= units * count
        rest = units
        for want, count in need.lines:
            share = units * count if need.is_kit else min(rest, plan.missing[want.line_id])
            if share:
                plan.promises.append(Promise(want.line_id, want.sku, place, share))
                plan.missing[want.line_id] -= share
            rest -= share
        if need.quantity > units:
            remaining.append(need._replace(quantity=need.quantity - units))
    return remaining
