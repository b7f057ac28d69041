"""Backorders: every missing unit waits for one purchase-order line, and the order's promise follows it.

Supply that comes, slips or is cancelled moves the pegs of everything that waits for the article, by rank; what moved is
recorded and told.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.allocation import OrderWant
from oms_core.domain.backorders import Missing, Peg, Supply, plan_pegs, promised_of_lines
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.pegs import add_pegs, lines_waiting, move_promise, pegs_of
from oms_core.storage.purchase_store import expected_supply
from oms_core.storage.waiting_lines import waiting_of, waiting_orders


@dataclass(frozen=True, slots=True)
class Repeg:
    """Articles whose expected supply may have changed; empty: everything that waits."""

    skus: tuple[str, ...] = ()
    reason: str = "supply changed"


@use_case("stock.repeg", Permission.ALLOCATE)
def repeg(unit: Unit, request: Repeg) -> Outcome:
    """The orders whose promise moved, with the old and the new one."""
    moved = supply_changed(unit, request.skus or _waiting_skus(unit), reason=request.reason)
    return Outcome("backorder", "pegs", {"moved": moved}, topic="order.promise_moved", reason=request.reason)


def _waiting_skus(unit: Unit) -> list[str]:
    orders = waiting_orders(unit.connection)
    return sorted({row.sku for rows in waiting_of(unit.connection, orders).values() for row in rows})


def peg_missing(
    unit: Unit,
    headers: Mapping[int, sa.Row[Any]],
    wants: Mapping[int, OrderWant],
    missing: Mapping[int, Mapping[int, int]],
) -> dict[int, int | None]:
    """Peg what an allocation left missing and free what it filled; returns by order when the whole is promised.

    `headers`: the locked orders; `missing`: units by line, by order.
    """
    lines = {want.line_id: want.sku for it in wants.values() for want in it.wants}
    short = {lines[line] for units in missing.values() for line in units}
    filled = {lines[peg.line_id] for peg in pegs_of(unit.connection, line_ids=lines)}
    promised: dict[int, int | None] = {}
    if short or filled:
        supply_changed(unit, short | filled, reason="allocated")
        for order_id, units in missing.items():
            pegs = pegs_of(unit.connection, line_ids=units)
            dates = promised_of_lines(pegs, units).values()
            promised[order_id] = max((it for it in dates if it), default=None) if all(dates) else None
    return {order_id: promised.get(order_id) for order_id in headers}


def supply_changed(unit: Unit, skus: Iterable[str], *, reason: str) -> list[dict[str, Any]]:
    """Peg anew everything that waits for these articles; returns the orders whose promise moved.

    Call it where stock came in, a purchase order slipped, was cancelled or was closed, or waiting units went away.
    """
    wanted = sorted(set(skus))
    if not wanted:
        return []
    connection = unit.connection
    before = {(peg.line_id, peg.po_line_id): peg for peg in pegs_of(connection, skus=wanted)}
    orders = waiting_orders(connection, skus=wanted, limit=100_000)
    waiting = {row.line_id for rows in waiting_of(connection, orders).values() for row in rows if row.sku in wanted}
    rows = lines_waiting(connection, waiting | {line for line, _ in before})
    missing = [
        Missing(line, row.sku, row.open_units, (-row.priority, row.placed_at, row.order_id))
        for line, row in rows.items()
        if row.open_units > 0
    ]
    after = {(peg.line_id, peg.po_line_id): peg for peg in plan_pegs(missing, _supply(connection, wanted))}
    changed = [peg for key, peg in after.items() if before.get(key) != peg]
    changed += [peg._replace(quantity=0) for key, peg in before.items() if key not in after]
    add_pegs(connection, unit.stamp, sorted(changed), reason=reason, occurred_at=unit.call.now)
    return _move_promises(unit, rows, list(after.values()), {peg.line_id for peg in changed}, reason)


def _supply(connection: sa.Connection, skus: Iterable[str]) -> list[Supply]:
    return [
        Supply(it.po_line_id, it.sku, it.quantity, it.expected_at, it.late_days_p90 or 0)
        for it in expected_supply(connection, skus)
        if it.expected_at is not None
    ]


def _move_promises(
    unit: Unit, rows: Mapping[int, sa.Row[Any]], pegs: list[Peg], touched: set[int], reason: str
) -> list[dict[str, Any]]:
    """Set each touched order's promise to the last of its pegged lines, where all that is missing is pegged."""
    by_order: dict[int, dict[int, int]] = defaultdict(dict)
    for line, row in rows.items():
        if row.open_units > 0:
            by_order[row.order_id][line] = row.open_units
    moved: list[dict[str, Any]] = []
    for order_id in sorted({rows[line].order_id for line in touched if line in rows}):
        units = by_order.get(order_id, {})
        dates = promised_of_lines(pegs, units)
        known = [it for it in dates.values() if it is not None]
        old = next(row.promised_at for row in rows.values() if row.order_id == order_id)
        if not known or len(known) < len(units) or max(known) == old:
            continue
        move_promise(unit.connection, unit.stamp, order_id, max(known), reason=reason)
        moved.append({"order_id": order_id, "from": to_text(old) if old else None, "to": to_text(max(known))})
    return moved
