"""What an allocation decides from: the orders and what they wait for, better-ranked rivals, free stock, the policy.

A better-ranked order that waits for the same article keeps its claim: it is planned first and promised nothing now, so
a later order never takes what an earlier one of its priority could use.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import OrderPlan, OrderWant, StockKey, Want, plan_orders
from oms_core.domain.allocation_policy import read_strategies, region_of, strategy_for
from oms_core.domain.allocation_scores import Site, Strategy
from oms_core.domain.distance import Point
from oms_core.services.commands import Unit
from oms_core.services.locations import sites_at
from oms_core.services.policies import VALIDATORS, Policy, policy_of
from oms_core.storage.pegs import lock_supply
from oms_core.storage.waiting_lines import (
    claimed_units,
    free_units,
    headers_of,
    places_held,
    rivals_before,
    units_per_kit,
    waiting_of,
)

VALIDATORS["allocation"] = read_strategies
MOST_RIVALS = 200


@dataclass(frozen=True, slots=True)
class Planned:
    """Orders as they were planned, best rank first, their plans, and NAME:allocation@VERSION of their strategies."""

    wants: tuple[OrderWant, ...]
    plans: Mapping[int, OrderPlan]
    strategies: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class _Rules:
    """The policy as it counts now."""

    policy: Policy
    strategies: Mapping[str, Strategy]

    def wants(
        self,
        connection: sa.Connection,
        headers: Mapping[int, sa.Row[Any]],
        lines: Mapping[int, Sequence[sa.Row[Any]]],
        avoid: Collection[str] = (),
    ) -> list[OrderWant]:
        """Waiting orders as the planner takes them."""
        kits = units_per_kit(connection, [row for rows in lines.values() for row in rows])
        held = places_held(connection, lines)
        document = self.policy.document
        found = []
        for order_id, rows in lines.items():
            it = headers[order_id]
            region = it.ship_region or region_of(document, it.country, it.ship_postcode)
            found.append(
                OrderWant(
                    order_id,
                    it.priority,
                    it.placed_at,
                    [
                        Want(row.line_id, row.sku, row.open_units, row.parent_line_id, kits.get(row.line_id, 1))
                        for row in rows
                    ],
                    Point(it.ship_latitude, it.ship_longitude, region, it.country),
                    strategy_for(document, self.strategies, it.account, it.channel),
                    held.get(order_id, frozenset()),
                    frozenset(avoid),
                )
            )
        return found


def plan_waiting(
    unit: Unit,
    headers: Mapping[int, sa.Row[Any]],
    lines: Mapping[int, Sequence[sa.Row[Any]]],
    *,
    avoid: Collection[str] = (),
    settled: Collection[int] = (),
) -> Planned:
    """Plans of these locked orders, from stock that is locked for them now.

    `headers`, and the waiting `lines`, by order id. `avoid`: locations that are not asked; their rivals may use them.
    `settled`: orders that this transaction planned before, and that want nothing more of what is left.
    """
    connection = unit.connection
    policy = policy_of(connection, "allocation")
    rules = _Rules(policy, read_strategies(policy.document))
    wanted = sorted(rules.wants(connection, headers, lines, avoid), key=lambda it: it.rank)
    sites = sites_at(connection, unit.call.now)
    skus = {row.sku for rows in lines.values() for row in rows}
    lock_supply(connection, skus)
    free = free_units(connection, skus, lock=True)
    rivals = _rivals(connection, rules, wanted, free, sites, settled)
    plans = plan_orders([*wanted, *rivals], free, sites)
    names = {it.order_id: f"{it.strategy.name}:{policy.name}" for it in wanted}
    return Planned(tuple(wanted), {it.order_id: plans[it.order_id] for it in wanted}, names)


def _rivals(
    connection: sa.Connection,
    rules: _Rules,
    wanted: Sequence[OrderWant],
    free: dict[StockKey, int],
    sites: Mapping[str, Site],
    settled: Collection[int],
) -> list[OrderWant]:
    """Better-ranked orders that wait for the same free articles; read after the stock was locked.

    Where there are too many to plan, what they wait for is taken off `free` at every location: ours then may get less
    than it could, never what is theirs. A run of the allocation plans them all.
    """
    scarce = {name for (name, place), units in free.items() if units > 0 and place in sites}
    if not scarce:
        return []
    own, last = {*settled, *(it.order_id for it in wanted)}, wanted[-1].rank
    found = rivals_before(connection, scarce, last, but=own, limit=MOST_RIVALS + 1)
    if len(found) > MOST_RIVALS:
        claims = claimed_units(connection, scarce, last, but=own)
        free.update({key: units - claims.get(key[0], 0) for key, units in free.items()})
        return []
    if not found:
        return []
    lines = waiting_of(connection, found)
    others = {row.sku for rows in lines.values() for row in rows} - {name for name, _ in free}
    free.update(free_units(connection, others, lock=False))
    return rules.wants(connection, headers_of(connection, lines), lines)
