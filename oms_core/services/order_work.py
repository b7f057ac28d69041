"""One order at work: its row locked, its lines, the step of its life cycle, its total and version after a change."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.order_splits import Line, Money
from oms_core.domain.orders import TRANSITIONS, Lifecycle, LineKind, OrderEvent
from oms_core.services.commands import Unit
from oms_core.storage.orders_found import find_order
from oms_core.storage.payment_store import totals_of
from oms_core.storage.progress_store import add_order_event, order_state
from oms_core.storage.tables import order_event, order_line, sales_order


def take_up_order(unit: Unit, reference: str) -> sa.Row[Any]:
    """The row of the order, locked for this transaction; the actor may act on its account.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
        RuleViolationError: NOT_PERMITTED.
    """
    order = find_order(unit.connection, reference)
    unit.call.actor.require_account(order.account)
    unit.call.actor.require_order(order.order_id)
    return order


def require_own(order: sa.Row[Any]) -> None:
    """Nothing, where this core fulfils the order, so that it may say what the order is.

    Raises:
        RuleViolationError: FULFILLED_ELSEWHERE: what its channel reports next would contradict the change.
    """
    if not order.fulfilled_here:
        raise RuleViolationError(
            "FULFILLED_ELSEWHERE",
            f"order {name_of(order)} is fulfilled by its channel",
            remedy="Change it at the channel; what the channel reports is recorded here.",
            order=name_of(order),
        )


def name_of(order: sa.Row[Any]) -> str:
    """How people call an order."""
    return f"{order.account}/{order.external_id}"


def lines_of(connection: sa.Connection, order_id: int) -> list[sa.Row[Any]]:
    """The lines of an order whose row is locked, locked themselves, in the order of their ids."""
    line = order_line.c
    statement = sa.select(order_line).where(line.order_id == order_id).order_by(line.line_id)
    return list(connection.execute(statement.with_for_update()))


def as_line(row: sa.Row[Any], *, busy: int | None = None) -> Line:
    """What is left of a line, to cut from. `busy`: units that cannot be cut; shipped ones unless said otherwise."""
    tax = None if row.tax_amount is None else row.tax_amount - row.cancelled_tax - row.moved_tax
    money = Money(
        row.line_amount - row.cancelled_amount - row.moved_amount,
        row.discount_amount - row.cancelled_discount - row.moved_discount,
        tax,
    )
    shipped = row.shipped_quantity if busy is None else busy
    return Line(row.line_id, wanted_of(row), money, shipped, row.line_key)


def wanted_of(row: sa.Row[Any]) -> int:
    """Units of a line that were neither cancelled nor moved to another order."""
    return int(row.quantity - row.cancelled_quantity - row.moved_quantity)


def waiting_of(row: sa.Row[Any]) -> int:
    """Wanted units that are neither shipped nor promised."""
    return int(wanted_of(row) - row.shipped_quantity - row.allocated_quantity - row.reserved_quantity)


def is_goods(row: sa.Row[Any]) -> bool:
    """Whether the line is something that ships; a bundle does by its components."""
    return bool(row.line_kind == LineKind.ITEM.value and not row.is_bundle)


def move_order(unit: Unit, order: sa.Row[Any], event: OrderEvent, *, reason: str | None) -> Lifecycle:
    """The state that the event leaves a locked order in.

    Raises:
        RuleViolationError: EVENT_NOT_ALLOWED where the order's state has no such step.
    """
    now = order_state(unit.connection, order.order_id)
    ways = {name: after for before, name, after in TRANSITIONS if before.value == now.lifecycle}
    if event not in ways:
        allowed = ", ".join(sorted(ways)) or "nothing"
        raise RuleViolationError(
            "EVENT_NOT_ALLOWED",
            f"order {name_of(order)} is {now.lifecycle} and cannot {event}",
            remedy=f"From {now.lifecycle} it can: {allowed}.",
            order=name_of(order),
            state=now.lifecycle,
            event=event.value,
        )
    after = _state_before_hold(unit.connection, order.order_id) if event is OrderEvent.RELEASE else ways[event]
    add_order_event(unit.connection, unit.stamp, now, event, after, occurred_at=unit.call.now, reason=reason)
    return after


def _state_before_hold(connection: sa.Connection, order_id: int) -> Lifecycle:
    event = order_event.c
    statement = (
        sa.select(event.from_state)
        .where(event.order_id == order_id, event.event == OrderEvent.HOLD.value)
        .order_by(event.seq.desc())
        .limit(1)
    )
    return Lifecycle(connection.execute(statement).scalar_one())


def refresh_total(unit: Unit, order_id: int) -> int:
    """The order's total as its lines stand now, written to its row."""
    total = totals_of(unit.connection, [order_id])[order_id]
    set_header(unit, order_id, total_amount=total)
    return total


def set_header(unit: Unit, order_id: int, **values: Any) -> None:
    """Set columns of an order's row that no event and no journal keeps."""
    same = sales_order.c.order_id == order_id
    unit.connection.execute(sales_order.update().where(same).values(**values, change_id=unit.stamp.change_id))
