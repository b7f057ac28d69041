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


class Want(NamedTuple):
    """Units of an order line that nobody has promised yet. `kit`: the bundle line it is a component of."""

    line_id: int
    sku: str
    quantity: int
    kit: int | None = None
    per_kit: int = 1


@dataclass(frozen=True, slots=True)
class OrderWant:
    """An order that waits: its rank, where it goes, how it is to be served."""

    order_id: int
    priority: int
    placed_at: int
    wants: Sequence[Want]
    destination: Point
    strategy: Strategy

    @property
    def rank(self) -> tuple[int, int, int]:
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

    parts: tuple[tuple[str, int], ...]  # (sku, units in one): one part for an article
    lines: tuple[Want, ...]
    quantity: int  # articles or kits


def plan_orders(
    orders: Iterable[OrderWant], free: Mapping[StockKey, int], sites: Mapping[str, Site]
) -> dict[int, OrderPlan]:
    """Plans by order id, made in the order of rank from the same stock, so that nobody takes what a better one uses.

    Args:
        orders: each once; the order they come in changes nothing.
        free: units that may be promised, per SKU and location.
        sites: locations that may serve; others in `free` are left alone.
    """
    left = {key: units for key, units in free.items() if units > 0 and key[1] in sites}
    plans: dict[int, OrderPlan] = {}
    for order in sorted(orders, key=lambda it: it.rank):
        plan = plan_order(order, left, sites)
        for promise in plan.promises:
            left[promise.sku, promise.location] -= promise.quantity
        plans[order.order_id] = plan
    return plans


def plan_order(order: OrderWant, free: Mapping[StockKey, int], sites: Mapping[str, Site]) -> OrderPlan:
    """The plan of one order; `free` is read, not changed."""
    plan = OrderPlan(order.order_id, missing={want.line_id: want.quantity for want in order.wants})
    needs = _needs(order.wants)
    left = dict(free)
    allowed = sorted(set(order.strategy.locations or sites) & sites.keys())
    used = 0
    while needs and used < order.strategy.most_locations:
        open_units = sum(need.quantity for need in needs)
        offers = {place: _offer(needs, left, place) for place in allowed}
        covered = {place: sum(offer) for place, offer in offers.items() if sum(offer)}
        candidates = [
            judge(
                sites[place], covered=units, wanted=open_units, destination=order.destination, strategy=order.strategy
            )
            for place, units in covered.items()
        ]
        chosen = best([it for it in candidates if order.strategy.may_split or it.whole])
        if candidates:
            plan.rounds.append(candidates)
        if chosen is None:
            break
        needs = _take(plan, needs, offers[chosen.location], chosen.location, left)
        used += 1
    plan.missing = {line: units for line, units in plan.missing.items() if units}
    return plan


def _needs(wants: Sequence[Want]) -> list[_Need]:
    """Kits first, then articles summed over their lines."""
    kits: dict[int, list[Want]] = defaultdict(list)
    single: dict[str, list[Want]] = defaultdict(list)
    for want in sorted(wants):
        if want.kit is None:
            single[want.sku].append(want)
        else:
            kits[want.kit].append(want)
    needs = [
        _Need(
            tuple((want.sku, want.per_kit) for want in lines),
            tuple(lines),
            min(want.quantity // want.per_kit for want in lines),
        )
        for _, lines in sorted(kits.items())
    ]
    needs += [
        _Need(((name, 1),), tuple(lines), sum(want.quantity for want in lines))
        for name, lines in sorted(single.items())
    ]
    return [need for need in needs if need.quantity > 0]


def _offer(needs: Sequence[_Need], free: Mapping[StockKey, int], place: str) -> list[int]:
    """How many of each need the place has, one after the other from the same stock."""
    taken: dict[str, int] = defaultdict(int)
    offer: list[int] = []
    for need in needs:
        units = need.quantity
        per_sku: dict[str, int] = defaultdict(int)
        for name, count in need.parts:
            per_sku[name] += count
        for name, count in per_sku.items():
            units = min(units, (free.get((name, place), 0) - taken[name]) // count)
        units = max(units, 0)
        for name, count in per_sku.items():
            taken[name] += units * count
        offer.append(units)
    return offer


def _take(
    plan: OrderPlan, needs: Sequence[_Need], offer: Sequence[int], place: str, left: dict[StockKey, int]
) -> list[_Need]:
    """Promise what the place offers; returns what is still wanted."""
    remaining: list[_Need] = []
    for need, units in zip(needs, offer, strict=True):
        for name, count in need.parts:
            if units:
                left[name, place] -= units * count
        is_kit = need.lines[0].kit is not None
        rest = units
        for want in need.lines:
            share = units * want.per_kit if is_kit else min(rest, plan.missing[want.line_id])
            if share:
                plan.promises.append(Promise(want.line_id, want.sku, place, share))
                plan.missing[want.line_id] -= share
            rest -= 0 if is_kit else share
        if need.quantity > units:
            remaining.append(need._replace(quantity=need.quantity - units))
    return remaining
