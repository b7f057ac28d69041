"""Backorders: every missing unit waits for one purchase-order line, and the order's promise follows it.

Supply that comes, slips or is cancelled moves the pegs of everything that waits for the article, by rank; what moved is
recorded and told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import OrderPlan, OrderWant
from oms_core.domain.backorders import Missing, Peg, Supply, plan_pegs, promised_of_order
from oms_core.domain.errors import RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, record_effects, use_case
from oms_core.storage import pegs as peg_store
from oms_core.storage.purchase_store import expected_supply
from oms_core.storage.waiting_lines import lock_idle_orders


@dataclass(frozen=True, slots=True)
class Repeg:
    """Articles whose expected supply may have changed; empty: everything that waits."""

    skus: tuple[str, ...] = ()
    reason: str = "supply changed"


@dataclass(frozen=True, slots=True)
class Pegged:
    """Allocated orders: when what is missing is promised (null: nobody knows), and whose promise moved."""

    promised: Mapping[int, int | None]
    moved: frozenset[int]


@use_case("stock.repeg", Permission.ALLOCATE)
def repeg(unit: Unit, request: Repeg) -> Outcome:
    """The orders whose promise moved, with the old and the new one.

    Raises:
        RuleViolationError: NOT_PERMITTED for an actor of some accounts: pegs concern the orders of all.
    """
    if unit.call.actor.accounts is not None:
        raise RuleViolationError(
            "NOT_PERMITTED",
            f"{unit.call.actor.name} acts for some accounts, and pegs concern the orders of all",
            remedy="Ask somebody who acts for all of them.",
        )
    connection = unit.connection
    skus = request.skus or {*peg_store.skus_expected(connection), *peg_store.skus_pegged(connection)}
    moved = supply_changed(unit, skus, reason=request.reason)
    topic = "stock.repegged" if moved else ""
    return Outcome("backorder", "pegs", {"moved": moved}, topic=topic, reason=request.reason)


def peg_missing(unit: Unit, wants: Sequence[OrderWant], plans: Mapping[int, OrderPlan]) -> Pegged:
    """Peg what an allocation left missing and free what it filled."""
    skus = {want.line_id: want.sku for it in wants for want in it.wants}
    short = {skus[line] for plan in plans.values() for line in plan.missing}
    filled = {skus[peg.line_id] for peg in peg_store.pegs_of(unit.connection, line_ids=skus)}
    if not short and not filled:
        return Pegged({}, frozenset())
    moved = supply_changed(unit, short | filled, reason="allocated")
    missing = [line for plan in plans.values() for line in plan.missing]
    pegs = _by_line(peg_store.pegs_of(unit.connection, line_ids=missing))
    promised = {
        order_id: promised_of_order([peg for line in plan.missing for peg in pegs.get(line, ())], plan.missing)
        for order_id, plan in plans.items()
    }
    return Pegged(promised, frozenset(it["order_id"] for it in moved))


def supply_changed(unit: Unit, skus: Iterable[str], *, reason: str) -> list[dict[str, Any]]:
    """Peg anew everything that waits for these articles; returns the orders whose promise moved, each told.

    Call it where stock came in, a purchase order slipped, was cancelled or was closed, or waiting units went away.
    """
    wanted = sorted(set(skus))
    connection = unit.connection
    peg_store.lock_supply(connection, wanted)
    before = {(peg.line_id, peg.po_line_id): peg for peg in peg_store.pegs_of(connection, skus=wanted)}
    supply = _supply(connection, wanted)
    if not before and not supply:
        return []
    rows = peg_store.waiting_lines(connection, skus=wanted)
    missing = [
        Missing(line, row.sku, row.open_units, (-row.priority, row.placed_at, row.order_id))
        for line, row in rows.items()
    ]
    after = {(peg.line_id, peg.po_line_id): peg for peg in plan_pegs(missing, supply)}
    changed = [peg for key, peg in after.items() if before.get(key) != peg]
    ended = [peg._replace(quantity=0) for key, peg in before.items() if key not in after]
    peg_store.add_pegs(connection, unit.stamp, sorted(changed + ended), reason=reason, occurred_at=unit.call.now)
    held = {line for line, _ in {*before, *after}}
    lost = {peg.line_id for key, peg in before.items() if key not in after or after[key].quantity < peg.quantity}
    return _move_promises(unit, peg_store.orders_of_lines(connection, held), lost, reason)


def _supply(connection: sa.Connection, skus: Iterable[str]) -> list[Supply]:
    return [
        Supply(it.po_line_id, it.sku, it.quantity, it.expected_at, it.late_days_p90 or 0)
        for it in expected_supply(connection, skus)
        if it.expected_at is not None
    ]


def _by_line(pegs: Iterable[Peg]) -> dict[int, list[Peg]]:
    found: dict[int, list[Peg]] = defaultdict(list)
    for peg in pegs:
        found[peg.line_id].append(peg)
    return found


def _move_promises(unit: Unit, orders: Mapping[int, int], lost: set[int], reason: str) -> list[dict[str, Any]]:
    """Promise each order for when the last of its missing units is; one that lost its supply is told without a date.

    An order that somebody else is at work on keeps its promise until the next time.
    `orders`: by line that holds or held a peg; `lost`: lines of which a peg ended or shrank.
    """
    rows: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in peg_store.waiting_lines(unit.connection, order_ids=set(orders.values())).values() if orders else ():
        rows[row.order_id].append(row)
    pegs = _by_line(peg_store.pegs_of(unit.connection, line_ids=[row.line_id for it in rows.values() for row in it]))
    moving: dict[int, int | None] = {}
    unsure = {orders[line] for line in lost}
    for order_id, lines in rows.items():
        missing = {row.line_id: row.open_units for row in lines}
        promised = promised_of_order([peg for line in missing for peg in pegs.get(line, ())], missing)
        if promised != lines[0].promised_at and (promised is not None or order_id in unsure):
            moving[order_id] = promised
    idle = lock_idle_orders(unit.connection, moving)
    dated = {order_id: at for order_id in idle if (at := moving[order_id]) is not None}
    peg_store.move_promises(unit.connection, unit.stamp, dated, reason=reason)
    told = [_moved(rows[order_id][0], moving[order_id]) for order_id in sorted(idle)]
    effects = [(unit.call.key, "order.promise", _told(rows[it["order_id"]][0], it, reason)) for it in told]
    record_effects(unit, effects)
    return told


def _moved(row: sa.Row[Any], to: int | None) -> dict[str, Any]:
    return {
        "order_id": row.order_id,
        "order": f"{row.account}/{row.external_id}",
        "from": None if row.promised_at is None else to_text(row.promised_at),
        "to": None if to is None else to_text(to),
    }


def _told(row: sa.Row[Any], moved: dict[str, Any], reason: str) -> Outcome:
    topic = "order.promise_lost" if moved["to"] is None else "order.promise_moved"
    return Outcome("order", f"{row.account}/{row.external_id}", moved, topic=topic, reason=reason)
