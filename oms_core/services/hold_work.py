"""Holds inside other use cases: raised, ended, and asked whether one stops a step."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from oms_core.domain.holds import Step, require_step
from oms_core.domain.orders import HoldKind, Lifecycle, OrderEvent
from oms_core.services.commands import Unit
from oms_core.services.order_work import move_order, name_of
from oms_core.storage.order_holds_store import OpenHold, add_hold, open_holds, release_holds
from oms_core.storage.tables import sales_order

_CAN_BE_HELD = (Lifecycle.PENDING.value, Lifecycle.CONFIRMED.value)


def raise_hold(unit: Unit, order_id: int, kind: HoldKind, reason: str, *, rule: str | None = None) -> int:
    """The id of the open hold of this kind, raised unless there is one; for use inside other use cases.

    An order that has ended keeps its state: the hold then only says that somebody must look.
    """
    statement = sa.select(sales_order).where(sales_order.c.order_id == order_id)
    order = unit.connection.execute(statement.with_for_update()).one()
    held = open_holds(unit.connection, [order_id]).get(order_id, [])
    if (same := next((hold for hold in held if hold.kind is kind), None)) is not None:
        return same.hold_id
    hold_id = add_hold(unit.connection, unit.stamp, order_id, kind, reason, rule=rule)
    if order.lifecycle in _CAN_BE_HELD:
        move_order(unit, order, OrderEvent.HOLD, reason=kind.value)
    return hold_id


def end_holds(unit: Unit, order: sa.Row[Any], ending: Iterable[OpenHold], resolution: str) -> None:
    """Release these holds of a locked order; with the last one it goes back to where it was."""
    release_holds(unit.connection, unit.stamp, [hold.hold_id for hold in ending], resolution)
    left = open_holds(unit.connection, [order.order_id])
    if not left and order.lifecycle == Lifecycle.ON_HOLD.value:
        move_order(unit, order, OrderEvent.RELEASE, reason=resolution)


def require_step_free(connection: sa.Connection, order: sa.Row[Any], step: Step) -> None:
    """Nothing, where no open hold of the order stops the step.

    Raises:
        RuleViolationError: ORDER_HELD with the kinds that stop it.
    """
    held = open_holds(connection, [order.order_id]).get(order.order_id, [])
    require_step([hold.kind for hold in held], step, name_of(order))
