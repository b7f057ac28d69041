"""Promise an order anew, and answer why it got what it got."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation_policy import read_strategies
from oms_core.domain.allocation_scores import score_of
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.services.allocate_order import allocate_within, require_allocatable
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.locations import require_sites
from oms_core.services.plan_shipments import withdraw_shipments
from oms_core.services.policies import policy_at
from oms_core.services.release_promises import release_lines_within
from oms_core.storage.allocation_store import last_decision
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import order_line


@dataclass(frozen=True, slots=True)
class ReallocateOrder:
    """Take back what is promised and plan again; `avoid`: locations that are not asked."""

    order: str
    reason: str
    avoid: tuple[str, ...] = ()


@use_case("order.reallocate", Permission.ALLOCATE)
def reallocate_order(unit: Unit, request: ReallocateOrder) -> Outcome:
    """The order with what it gets now. Shipments that nobody touched yet are called off.

    Raises:
        RuleViolationError: NOTHING_PROMISED, ORDER_NOT_CONFIRMED, FULFILLED_ELSEWHERE, SHIPMENT_UNDER_WORK.
        InvalidRequestError: ORDER_UNKNOWN, REASON_MISSING, LOCATION_UNKNOWN.
    """
    if not request.reason.strip():
        raise InvalidRequestError("REASON_MISSING", "a reallocation has a reason", remedy="Say why.")
    row = find_order(unit.connection, request.order)
    unit.call.actor.require_account(row.account)
    require_sites(unit.connection, request.avoid)
    require_allocatable(row)
    line = order_line.c
    statement = sa.select(line.line_id, line.allocated_quantity).where(line.order_id == row.order_id)
    found = unit.connection.execute(statement.where(line.allocated_quantity > 0))
    promised: dict[int, int] = {row.line_id: row.allocated_quantity for row in found}
    if not promised:
        raise RuleViolationError(
            "NOTHING_PROMISED", "no unit is promised to this order", remedy="`oms order allocate` promises stock."
        )
    withdraw_shipments(unit, row.order_id, reason=request.reason)
    release_lines_within(unit, promised, request.reason)
    (outcome,) = allocate_within(unit, [row.order_id], avoid=request.avoid)
    return Outcome(outcome.kind, outcome.ref, outcome.document, topic="order.reallocated", reason=request.reason)


def why_this_location(connection: sa.Connection, reference: str) -> dict[str, Any]:
    """The last decision about an order: candidates of each round with their scores, what was chosen, what is missing.

    `recomputed`: whether the scores follow again from the kept terms and the weights of the strategy then.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    row = find_order(connection, reference, lock=False)
    name = f"{row.account}/{row.external_id}"
    decision = last_decision(connection, row.order_id)
    if decision is None:
        return {"order": name, "strategy": None, "rounds": [], "allocated": [], "missing": {}, "recomputed": True}
    strategy_name, _, policy_name = decision["strategy"].partition(":")
    document = policy_at(connection, policy_name).document
    weights = read_strategies(document)[strategy_name].weights
    rounds = decision["candidates"]
    same = all(score_of(candidate, weights) == candidate["score"] for found in rounds for candidate in found)
    chosen = decision["chosen"]
    allocated = [dict(zip(("line_id", "sku", "location", "quantity"), it, strict=True)) for it in chosen["allocated"]]
    return {
        "order": name,
        "strategy": strategy_name,
        "policy": policy_name,
        "decided_at": to_text(decision["occurred_at"]),
        "actor": decision["actor"],
        "rounds": rounds,
        "allocated": allocated,
        "missing": chosen["missing"],
        "recomputed": same,
    }
