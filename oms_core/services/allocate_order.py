"""Promise stock to orders: plan by rank from what is free, under the locks of the rows that are promised from.

One order, a batch of them, or everything that waits: the same planner, the same journal. Better-ranked orders that wait
for the same articles keep their claim, so a later order never takes what an earlier one of its priority could use.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import OrderPlan, OrderWant, Promise, plan_orders
from oms_core.domain.allocation_scores import Strategy, read_strategies, strategy_for
from oms_core.domain.errors import RuleViolationError
from oms_core.domain.permissions import Permission
from oms_core.services.backorders import peg_missing
from oms_core.services.commands import Outcome, Unit, record_effects, use_case
from oms_core.services.locations import sites_at
from oms_core.services.policies import VALIDATORS, policy_of
from oms_core.storage.allocation_store import (
    AllocationEntry,
    Decision,
    add_allocations,
    add_decisions,
    pending_reservations,
    promised_places,
)
from oms_core.storage.orders_found import find_order
from oms_core.storage.waiting_lines import (
    claims_before,
    free_units,
    headers_of,
    lock_orders,
    order_want,
    units_per_kit,
    waiting_of,
    waiting_orders,
)

VALIDATORS["allocation"] = read_strategies
MOST_ORDERS = 1_000


@dataclass(frozen=True, slots=True)
class AllocateOrder:
    """An order to promise stock to. `avoid`: locations that are not asked."""

    order: str
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAllocation:
    """Promise stock to what waits, best rank first: at most `most` orders, of these articles where any are named."""

    most: int = MOST_ORDERS
    skus: tuple[str, ...] = ()


@use_case("order.allocate", Permission.ALLOCATE)
def allocate_order(unit: Unit, request: AllocateOrder) -> Outcome:
    """The order with what it got, from where and why, and what is missing and promised for when.

    Raises:
        RuleViolationError: ORDER_NOT_CONFIRMED, FULFILLED_ELSEWHERE, NOTHING_TO_ALLOCATE, NOT_PERMITTED.
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    row = find_order(unit.connection, request.order)
    unit.call.actor.require_account(row.account)
    require_allocatable(row)
    outcomes = allocate_within(unit, [row.order_id], avoid=request.avoid)
    if not outcomes:
        raise RuleViolationError(
            "NOTHING_TO_ALLOCATE",
            f"no unit of {row.account}/{row.external_id} waits for stock",
            remedy="`oms order show` lists what is promised, shipped and cancelled.",
        )
    return outcomes[0]


@use_case("stock.run_allocation", Permission.ALLOCATE)
def run_allocation(unit: Unit, request: RunAllocation) -> Outcome:
    """How many orders were served, whole and in part; each is audited and told by itself."""
    order_ids = waiting_orders(unit.connection, skus=request.skus or None, limit=request.most)
    outcomes = allocate_within(unit, order_ids)
    record_effects(unit, [(unit.call.key, "order.allocate", outcome) for outcome in outcomes])
    whole = sum(not outcome.document["missing"] for outcome in outcomes)
    units = sum(part["quantity"] for outcome in outcomes for part in outcome.document["allocated"])
    document = {"orders": len(outcomes), "whole": whole, "short": len(outcomes) - whole, "units": units}
    return Outcome("allocation", "run", document, topic="stock.allocation_run")


def require_allocatable(row: sa.Row[Any]) -> None:
    """Raise RuleViolationError FULFILLED_ELSEWHERE or ORDER_NOT_CONFIRMED where stock cannot be promised to it."""
    name = f"{row.account}/{row.external_id}"
    if not row.fulfilled_here:
        raise RuleViolationError(
            "FULFILLED_ELSEWHERE",
            f"{name} is shipped by its channel or another warehouse",
            remedy="Only orders of accounts that are fulfilled here get stock promised.",
        )
    if row.lifecycle != "confirmed":
        raise RuleViolationError(
            "ORDER_NOT_CONFIRMED",
            f"{name} is {row.lifecycle}",
            remedy="Confirm it, or release what holds it, first." if row.lifecycle != "cancelled" else "Place it anew.",
        )


def allocate_within(unit: Unit, order_ids: Sequence[int], *, avoid: Iterable[str] = ()) -> list[Outcome]:
    """Promise stock to these orders (confirmed and fulfilled here; others are passed over), best rank first.

    One outcome for each order that wanted units. Audit and outbox rows are the caller's to write.
    """
    connection = unit.connection
    headers = lock_orders(connection, order_ids)
    headers = {key: row for key, row in headers.items() if row.lifecycle == "confirmed"}
    lines = {key: rows for key, rows in waiting_of(connection, headers).items() if rows}
    if not lines:
        return []
    policy = policy_of(connection, "allocation")
    strategies = read_strategies(policy.document)
    kits = units_per_kit(connection, [row for rows in lines.values() for row in rows])
    wanted = [
        order_want(headers[key], rows, _strategy(policy.document, strategies, headers[key]), kits)
        for key, rows in lines.items()
    ]
    sites = {place: site for place, site in sites_at(connection, unit.call.now).items() if place not in set(avoid)}
    skus = {row.sku for rows in lines.values() for row in rows}
    rivals = _rivals(unit, skus, wanted, policy.document, strategies)
    plans = plan_orders([*wanted, *rivals], free_units(connection, skus, lock=True), sites)
    own = [plans[it.order_id] for it in sorted(wanted, key=lambda it: it.rank)]
    by_id = {it.order_id: it for it in wanted}
    _promise(unit, own, {it.order_id: f"{it.strategy.name}:{policy.name}" for it in wanted})
    promised = peg_missing(unit, headers, by_id, {plan.order_id: plan.missing for plan in own})
    return [_outcome(headers[plan.order_id], by_id[plan.order_id], plan, promised.get(plan.order_id)) for plan in own]


def _strategy(document: Mapping[str, Any], strategies: Mapping[str, Strategy], header: sa.Row[Any]) -> Strategy:
    return strategy_for(document, strategies, header.account, header.channel)


def _rivals(
    unit: Unit,
    skus: set[str],
    wanted: Sequence[OrderWant],
    document: Mapping[str, Any],
    strategies: Mapping[str, Strategy],
) -> list[OrderWant]:
    """Waiting orders of the same articles that come before the last of ours: planned too, promised nothing now."""
    last = max(it.rank for it in wanted)
    claims = claims_before(unit.connection, skus, last, but=[it.order_id for it in wanted])
    if not claims:
        return []
    headers = {row.order_id: row for row in headers_of(unit.connection, claims)}
    kits = units_per_kit(unit.connection, [row for rows in claims.values() for row in rows])
    return [
        order_want(headers[key], rows, _strategy(document, strategies, headers[key]), kits)
        for key, rows in claims.items()
    ]


def _promise(unit: Unit, plans: Sequence[OrderPlan], strategies: Mapping[int, str]) -> None:
    now = unit.call.now
    decisions = [
        Decision(
            plan.order_id,
            strategies[plan.order_id],
            [[candidate.plain() for candidate in found] for found in plan.rounds],
            {"allocated": [list(promise) for promise in plan.promises], "missing": plan.missing},
        )
        for plan in plans
    ]
    ids = add_decisions(unit.connection, unit.stamp, decisions, occurred_at=now)
    entries = [
        AllocationEntry("allocate", plan.order_id, *promise, decision_id=decision_id)
        for plan, decision_id in zip(plans, ids, strict=True)
        for promise in _summed(plan.promises)
    ]
    add_allocations(unit.connection, unit.stamp, entries, occurred_at=now)


def _summed(promises: Iterable[Promise]) -> list[Promise]:
    units: dict[tuple[int, str, str], int] = {}
    for it in promises:
        key = (it.line_id, it.sku, it.location)
        units[key] = units.get(key, 0) + it.quantity
    return [Promise(*key, quantity) for key, quantity in units.items()]


def _outcome(header: sa.Row[Any], want: OrderWant, plan: OrderPlan, promised_at: int | None) -> Outcome:
    skus = {it.line_id: it.sku for it in want.wants}
    document = {
        "order": f"{header.account}/{header.external_id}",
        "order_id": header.order_id,
        "strategy": want.strategy.name,
        "allocated": [
            {"line_id": it.line_id, "sku": it.sku, "location": it.location, "quantity": it.quantity}
            for it in _summed(plan.promises)
        ],
        "missing": [
            {"line_id": line, "sku": skus[line], "quantity": units} for line, units in sorted(plan.missing.items())
        ],
        "promised_at": promised_at,
    }
    topic = "order.allocated" if not plan.missing else "order.backordered"
    return Outcome("order", f"{header.account}/{header.external_id}", document, topic=topic)


def release_lines_within(unit: Unit, quantities: Mapping[int, int], reason: str) -> dict[int, int]:
    """Take back promises of these lines, up to the given units each; returns the units taken back by line.

    Allocated units first, by location; then whole reservations, oldest first, even where one holds more than is asked.
    """
    connection = unit.connection
    left = {line: units for line, units in quantities.items() if units > 0}
    entries: list[AllocationEntry] = []
    taken: dict[int, int] = {}
    for row in promised_places(connection, left):
        units = min(row.allocated, left[row.line_id])
        if units:
            entries.append(
                AllocationEntry("release", row.order_id, row.line_id, row.sku, row.location, units, reason=reason)
            )
            left[row.line_id] -= units
            taken[row.line_id] = taken.get(row.line_id, 0) + units
    orders = {row.order_id for row in promised_places(connection, left)}
    for row in pending_reservations(connection, order_ids=orders) if any(left.values()) else []:
        if left.get(row.line_id, 0) > 0:
            entries.append(_void(row, reason))
            left[row.line_id] -= row.quantity
            taken[row.line_id] = taken.get(row.line_id, 0) + row.quantity
    add_allocations(connection, unit.stamp, entries, occurred_at=unit.call.now)
    return taken


def _void(row: sa.Row[Any], reason: str) -> AllocationEntry:
    place = (row.order_id, row.line_id, row.sku, row.location, row.quantity)
    return AllocationEntry("void", *place, pending_id=row.allocation_id, reason=reason)
