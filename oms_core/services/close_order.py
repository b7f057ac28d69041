"""Close an order that nothing is left to do about, and say how urgent one is."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.orders import OrderEvent
from oms_core.domain.permissions import Permission
from oms_core.services.cancel_order import require_not_ended
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_work import (
    is_goods,
    lines_of,
    move_order,
    name_of,
    set_header,
    take_up_order,
    wanted_of,
)
from oms_core.storage.progress_store import is_anything_open
from oms_core.storage.tables import line_entry

_DAY = 86_400_000_000
DAYS_UNTIL_DELIVERED = 30  # shipped that long ago counts as delivered: not every carrier tells
PRIORITIES = range(-100, 101)


@dataclass(frozen=True, slots=True)
class CloseOrder:
    """An order to close."""

    order: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PrioritiseOrder:
    """How urgent an order is: greater goes first, 0 is usual."""

    order: str
    priority: int
    reason: str | None = None


@use_case("order.close", Permission.ORDER_CLOSE)
def close_order(unit: Unit, request: CloseOrder) -> Outcome:
    """Close it: every unit shipped or cancelled, delivered or 30 days on its way, nothing open.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN.
        RuleViolationError: NOT_CLOSABLE with what is open, EVENT_NOT_ALLOWED, NOT_PERMITTED.
    """
    order = take_up_order(unit, request.order)
    if problems := _open(unit, order):
        raise RuleViolationError(
            "NOT_CLOSABLE",
            f"order {name_of(order)}: {', '.join(problems)}",
            remedy="Ship, deliver or cancel what is open, and end its holds, shipments and returns.",
            order=name_of(order),
            problems=problems,
        )
    move_order(unit, order, OrderEvent.CLOSE, reason=request.reason)
    return order_outcome(unit.connection, order.order_id, topic="order.closed", reason=request.reason)


def _open(unit: Unit, order: sa.Row[Any]) -> list[str]:
    rows = [row for row in lines_of(unit.connection, order.order_id) if is_goods(row)]
    problems = [f"line {row.line_key} is not shipped" for row in rows if wanted_of(row) > row.shipped_quantity]
    on_its_way = [row for row in rows if row.delivered_quantity < row.shipped_quantity]
    entry = line_entry.c
    statement = sa.select(sa.func.max(entry.occurred_at)).where(entry.order_id == order.order_id, entry.kind == "ship")
    shipped_at = unit.connection.execute(statement).scalar()
    if on_its_way and (shipped_at is None or shipped_at > unit.call.now - DAYS_UNTIL_DELIVERED * _DAY):
        problems += [f"line {row.line_key} is not delivered" for row in on_its_way]
    if is_anything_open(unit.connection, order.order_id):
        problems.append("a hold, a shipment or a return is open")
    return problems


@use_case("order.prioritise", Permission.ORDER_PRIORITISE)
def prioritise_order(unit: Unit, request: PrioritiseOrder) -> Outcome:
    """Set its priority; allocation serves greater ones first.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, PRIORITY_INVALID.
        RuleViolationError: ORDER_ENDED, NOT_PERMITTED.
    """
    if request.priority not in PRIORITIES:
        raise InvalidRequestError(
            "PRIORITY_INVALID",
            f"a priority of {request.priority}",
            remedy=f"Use {PRIORITIES.start} to {PRIORITIES.stop - 1}; 0 is usual.",
        )
    order = take_up_order(unit, request.order)
    require_not_ended(order)
    set_header(unit, order.order_id, priority=request.priority)
    return order_outcome(
        unit.connection,
        order.order_id,
        topic="order.prioritised",
        reason=request.reason,
        priority=request.priority,
        priority_before=order.priority,
    )
