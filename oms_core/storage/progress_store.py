"""Milestones of orders, what is still open about one, and the events the core itself adds to its life cycle."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.orders import Lifecycle, OrderEvent
from oms_core.domain.shipments import BEFORE_LEAVING, UNDER_WAY
from oms_core.storage.documents import Stamp
from oms_core.storage.order_holds_store import open_holds
from oms_core.storage.tables import (
    line_entry,
    order_event,
    order_milestone,
    return_request,
    sales_order,
    shipment,
)

_OPEN_SHIPMENT = [state.value for state in (*BEFORE_LEAVING, *UNDER_WAY)]
_ENDED_RETURN = ["closed", "declined", "cancelled"]


def order_state(connection: sa.Connection, order_id: int) -> sa.Row[Any]:
    """An order's id, state and number of its last event as they are now."""
    order = sales_order.c
    statement = sa.select(order.order_id, order.lifecycle, order.last_event_seq).where(order.order_id == order_id)
    return connection.execute(statement).one()


def note_milestone(connection: sa.Connection, stamp: Stamp, order_id: int, milestone: str, *, entry_kind: str) -> None:
    """Write when the last unit was shipped (delivered), unless that is what was written last."""
    entry = line_entry.c
    reached_at: int | None = connection.execute(
        sa.select(sa.func.max(entry.occurred_at)).where(
            entry.order_id == order_id, entry.kind == entry_kind, entry.quantity > 0
        )
    ).scalar_one()
    same = sa.and_(order_milestone.c.order_id == order_id, order_milestone.c.milestone == milestone)
    columns = (order_milestone.c.seq, order_milestone.c.occurred_at)
    last = connection.execute(sa.select(*columns).where(same).order_by(order_milestone.c.seq.desc()).limit(1)).first()
    if reached_at is None or (last is not None and last.occurred_at == reached_at):
        return
    connection.execute(
        order_milestone.insert().values(
            order_id=order_id,
            milestone=milestone,
            seq=last.seq + 1 if last else 1,
            occurred_at=reached_at,
            actor=stamp.actor,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )


def is_anything_open(connection: sa.Connection, order_id: int) -> bool:
    """Whether a hold, a shipment or a return of the order has not ended."""
    shipments = sa.select(shipment.c.shipment_id).where(
        shipment.c.order_id == order_id, shipment.c.state.in_(_OPEN_SHIPMENT)
    )
    returns = sa.select(return_request.c.request_id).where(
        return_request.c.order_id == order_id, return_request.c.state.not_in(_ENDED_RETURN)
    )
    if connection.execute(shipments.limit(1)).first() or connection.execute(returns.limit(1)).first():
        return True
    return bool(open_holds(connection, [order_id]))


def add_order_event(
    connection: sa.Connection,
    stamp: Stamp,
    order: sa.Row[Any],
    event: OrderEvent,
    to_state: Lifecycle,
    *,
    occurred_at: int,
    reason: str | None = None,
) -> None:
    """Add the next event of an order that stands as `order` says."""
    connection.execute(
        order_event.insert().values(
            order_id=order.order_id,
            seq=order.last_event_seq + 1,
            event=event.value,
            from_state=order.lifecycle,
            to_state=to_state.value,
            occurred_at=occurred_at,
            actor=stamp.actor,
            reason=reason,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
