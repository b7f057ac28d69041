"""Promise stock to orders: plan by rank from what is free, under the locks of the rows that are promised from.

One order, a batch of them, or everything that waits: the same planner, the same journal.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import OrderPlan, OrderWant, Promise
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.services.allocation_planning import Planned, plan_waiting
from oms_core.services.backorders import peg_missing, supply_changed
from oms_core.services.commands import Outcome, Unit, record_effects, use_case
from oms_core.services.locations import require_sites
from oms_core.services.release_promises import release_lines_within
from oms_core.storage.allocation_store import AllocationEntry, Decision, add_allocations, add_decisions, last_missing
from oms_core.storage.orders_found import find_order
from oms_core.storage.pegs import skus_expected
from oms_core.storage.waiting_lines import Served, lock_idle_orders, lock_orders, servable_orders, waiting_of

__all__ = ["AllocateOrder", "RunAllocation", "allocate_order", "allocate_within", "release_lines_within"]
__all__ += ["require_allocatable", "run_allocation"]
MOST_ORDERS = 1_000


@dataclass(frozen=True, slots=True)
class AllocateOrder:
    """An order to promise stock to. `avoid`: locations that are not asked."""

    order: str
    avoid: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunAllocation:
    """Promise stock to what waits, best rank first, until `most` orders got units; of these articles where named."""

    most: int = MOST_ORDERS
    skus: tuple[str, ...] = ()


@use_case("order.allocate", Permission.ALLOCATE)
def allocate_order(unit: Unit, request: AllocateOrder) -> Outcome:
    """The order with what it got, from where and why, and what is missing and promised for when.

    Raises:
        RuleViolationError: ORDER_NOT_CONFIRMED, FULFILLED_ELSEWHERE, NOTHING_TO_ALLOCATE, NOT_PERMITTED.
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS, LOCATION_UNKNOWN.
    """
    row = find_order(unit.connection, request.order)
    unit.call.actor.require_account(row.account)
    require_sites(unit.connection, request.avoid)
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
    """How many orders got units or another promise, whole and in part; each is audited and told by itself.

    Only orders of the actor's accounts. Everything that waits for goods on order is pegged anew.
    """
    if request.most < 1:
        raise InvalidRequestError("MOST_INVALID", f"{request.most} orders", remedy="Ask for one or more.")
    served = Served(request.skus or None, unit.call.actor.accounts)
    changed = allocate_waiting(unit, served, most=request.most)
    expected = skus_expected(unit.connection)
    moved = supply_changed(unit, set(request.skus) & set(expected) if request.skus else expected, reason="allocated")
    whole = sum(not outcome.document["missing"] for outcome in changed)
    units = sum(part["quantity"] for outcome in changed for part in outcome.document["allocated"])
    document = {"orders": len(changed), "whole": whole, "short": len(changed) - whole, "units": units}
    topic = "stock.allocation_run" if changed or moved else ""
    return Outcome("allocation", "run", document | {"promises_moved": len(moved)}, topic=topic)


def allocate_waiting(unit: Unit, served: Served, *, most: int, holds_stock: bool = False) -> list[Outcome]:
    """Serve what waits and can be served, a page of ranks at a time; the outcomes that changed something, told.

    Pages go on until `most` orders got units: whoever is first in rank and cannot be served keeps nobody from his.
    `holds_stock`: balances are locked already, so an order that somebody is at work on is left to him.
    """
    changed: list[Outcome] = []
    settled: set[int] = set()
    while ranks := servable_orders(unit.connection, served, limit=MOST_ORDERS):
        page = [order_id for _, _, order_id in ranks]
        idle = lock_idle_orders(unit.connection, page) if holds_stock or settled else page
        outcomes = allocate_within(unit, idle, settled=settled)
        settled.update(page)
        changed += [outcome for outcome in outcomes if outcome.topic]
        given = sum(bool(outcome.document["allocated"]) for outcome in changed)
        if given >= most or len(ranks) < MOST_ORDERS:
            break
        served = Served(served.skus, served.accounts, after=ranks[-1])
    record_effects(unit, [(unit.call.key, "order.allocate", outcome) for outcome in changed])
    return changed


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


def allocate_within(
    unit: Unit, order_ids: Sequence[int], *, avoid: Iterable[str] = (), settled: Collection[int] = ()
) -> list[Outcome]:
    """Promise stock to these orders (confirmed and fulfilled here; others are passed over), best rank first.

    One outcome for each order that wanted units; its topic is "" where nothing changed since its last decision, and
    then nothing was written. Audit and outbox rows are the caller's to write. `settled`: orders that this transaction
    served before; they claim nothing of what is left.
    """
    headers = lock_orders(unit.connection, order_ids)
    headers = {key: row for key, row in headers.items() if row.lifecycle == "confirmed" and row.fulfilled_here}
    lines = waiting_of(unit.connection, headers)
    if not lines:
        return []
    planned = plan_waiting(unit, headers, lines, avoid=frozenset(avoid), settled=settled)
    changed = _write(unit, planned)
    pegged = peg_missing(unit, planned.wants, planned.plans)
    return [
        _outcome(
            headers[want.order_id],
            want,
            planned.plans[want.order_id],
            pegged.promised.get(want.order_id),
            is_changed=want.order_id in changed or want.order_id in pegged.moved,
        )
        for want in planned.wants
    ]


def _write(unit: Unit, planned: Planned) -> set[int]:
    """Ids of the orders that got units or miss others than before, their decisions and promises written."""
    empty = [order_id for order_id, plan in planned.plans.items() if not plan.promises]
    before = last_missing(unit.connection, empty)
    plans = [
        plan
        for order_id, plan in planned.plans.items()
        if plan.promises or order_id not in before or before[order_id] != plan.missing
    ]
    now = unit.call.now
    decisions = [
        Decision(
            plan.order_id,
            planned.strategies[plan.order_id],
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
    return {plan.order_id for plan in plans}


def _summed(promises: Iterable[Promise]) -> list[Promise]:
    units: dict[tuple[int, str, str], int] = {}
    for it in promises:
        key = (it.line_id, it.sku, it.location)
        units[key] = units.get(key, 0) + it.quantity
    return [Promise(*key, quantity) for key, quantity in units.items()]


def _outcome(
    header: sa.Row[Any], want: OrderWant, plan: OrderPlan, promised_at: int | None, *, is_changed: bool
) -> Outcome:
    skus: Mapping[int, str] = {it.line_id: it.sku for it in want.wants}
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
        "promised_at": None if promised_at is None else to_text(promised_at),
    }
    topic = "order.allocated" if not plan.missing else "order.backordered"
    return Outcome("order", document["order"], document, topic=topic if is_changed else "")
