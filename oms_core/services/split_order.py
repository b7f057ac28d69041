"""Split an order: some units go to an order of their own, with exactly the money that belongs to them.

The new order keeps the number the customer knows, the buyer, the address and the terms; charges of the whole order
(shipping, say) stay where they are. What was allocated to the units goes with them; units that are missing wait for the
same goods on order, now for the new order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.holds import Step
from oms_core.domain.order_splits import child_number
from oms_core.domain.orders import Lifecycle, OrderEvent
from oms_core.domain.permissions import Permission
from oms_core.services.backorders import supply_changed
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.confirm_order import approve
from oms_core.services.hold_work import require_step_free
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_units import Cut, LineUnits, Promise, free_promises, leaves_goods, plan_cuts, write_cuts
from oms_core.services.order_work import (
    is_goods,
    lines_of,
    move_order,
    name_of,
    refresh_total,
    require_own,
    take_up_order,
)
from oms_core.services.serve_waiting import make_ready
from oms_core.storage.allocation_store import AllocationEntry, add_allocations
from oms_core.storage.order_copies import copy_order, copy_parts, note_change, split_numbers
from oms_core.storage.orders_found import find_order


@dataclass(frozen=True, slots=True)
class SplitOrder:
    """Units that go to an order of their own, and why."""

    order: str
    lines: tuple[LineUnits, ...]
    reason: str


@use_case("order.split", Permission.ORDER_CHANGE)
def split_order(unit: Unit, request: SplitOrder) -> Outcome:
    """The order with what stays; `child` is the new one.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, LINE_UNKNOWN, QUANTITY_INVALID.
        RuleViolationError: FULFILLED_ELSEWHERE, ORDER_HELD, SPLIT_REFUSED, SPLIT_TAKES_ALL, LINE_NOT_OPEN,
            SHIPMENT_UNDER_WORK.
    """
    order = take_up_order(unit, request.order)
    require_own(order)
    require_step_free(unit.connection, order, Step.RELEASE)
    _require_open(order)
    rows = lines_of(unit.connection, order.order_id)
    cuts = plan_cuts(rows, request.lines)
    _require_both(order, rows, cuts)
    skus = {it.row.sku for it in cuts if is_goods(it.row)}
    make_ready(unit, skus)
    promises = free_promises(unit, order, cuts, reason="split")
    child = _child(unit, order, cuts, promises, request.reason)
    version = note_change(
        unit.connection,
        unit.stamp,
        order,
        before={"lines": {it.row.line_key: it.row.quantity for it in cuts}},
        after={"moved": {it.row.line_key: it.part.quantity for it in cuts}, "to": child["order"]},
        reason=request.reason,
    )
    refresh_total(unit, order.order_id)
    supply_changed(unit, skus, reason=f"split: {request.reason}")
    return order_outcome(
        unit.connection,
        order.order_id,
        topic="order.split",
        reason=request.reason,
        child=child,
        changed_to_version=version,
    )


def _require_open(order: sa.Row[Any]) -> None:
    if order.lifecycle not in {Lifecycle.PENDING.value, Lifecycle.CONFIRMED.value}:
        raise RuleViolationError(
            "SPLIT_REFUSED",
            f"order {name_of(order)} is {order.lifecycle}",
            remedy="Only an order that is pending or confirmed can be split.",
            order=name_of(order),
            state=order.lifecycle,
        )


def _require_both(order: sa.Row[Any], rows: Sequence[sa.Row[Any]], cuts: Sequence[Cut]) -> None:
    """A split leaves goods in both orders."""
    if not any(is_goods(it.row) for it in cuts):
        raise InvalidRequestError(
            "QUANTITY_INVALID", "no goods are named", remedy="Name at least one unit of goods for the new order."
        )
    if not leaves_goods(rows, cuts):
        raise RuleViolationError(
            "SPLIT_TAKES_ALL",
            f"a split that takes every unit of {name_of(order)} leaves no order behind",
            remedy="Leave at least one unit, or change the order instead.",
            order=name_of(order),
        )


def _child(
    unit: Unit, order: sa.Row[Any], cuts: Sequence[Cut], promises: Sequence[Promise], reason: str
) -> dict[str, Any]:
    connection = unit.connection
    root = order.customer_number or order.external_id
    number = child_number(root, split_numbers(connection, order.account, root))
    child_id = copy_order(connection, unit.stamp, order, number)
    name = f"{order.account}/{number}"
    write_cuts(unit, order, cuts, kind="move", ref=name, reason=reason)
    made = copy_parts(
        connection,
        unit.stamp,
        child_id,
        [(it.row, it.part) for it in cuts],
        key=lambda row: row.line_key,
        fulfilled_here=order.fulfilled_here,
    )
    child = find_order(connection, str(name))
    move_order(unit, child, OrderEvent.PLACE, reason=f"split from {name_of(order)}")
    if order.lifecycle == Lifecycle.CONFIRMED.value:
        move_order(unit, child, OrderEvent.CONFIRM, reason=f"split from {name_of(order)}")
        approve(unit, child_id, f"split from {name_of(order)}")
    carry_promises(unit, child_id, promises, made)
    refresh_total(unit, child_id)
    return order_outcome(connection, child_id, topic="").document


def carry_promises(unit: Unit, order_id: int, promises: Sequence[Promise], made: Mapping[int, int]) -> None:
    """Promise to the lines of another order what was given back for them, in the same transaction."""
    entries = [
        AllocationEntry(
            "allocate", order_id, made[it.line_id], it.sku, it.location, it.units, reason="moved with its units"
        )
        for it in promises
    ]
    add_allocations(unit.connection, unit.stamp, entries, occurred_at=unit.call.now)
