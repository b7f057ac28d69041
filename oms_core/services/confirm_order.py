"""Confirm an order by hand: paid or promised (or to be paid later), with an address goods can go to, and not held."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.domain.errors import RuleViolationError
from oms_core.domain.hold_checks import address_findings
from oms_core.domain.holds import Step, parse_limits
from oms_core.domain.order_pricing import PAY_LATER
from oms_core.domain.order_requests import Address
from oms_core.domain.orders import HoldKind, OrderEvent
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.delivery_options import is_pick_up
from oms_core.services.hold_work import require_step_free
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_work import move_order, name_of, take_up_order
from oms_core.services.policies import policy_of
from oms_core.services.reserve_stock import post_reservations_within
from oms_core.storage.order_families import family_money
from oms_core.storage.tables import order_hold, order_milestone, order_personal


@dataclass(frozen=True, slots=True)
class ConfirmOrder:
    """An order to confirm."""

    order: str
    reason: str | None = None


@use_case("order.confirm", Permission.ORDER_CONFIRM)
def confirm_order(unit: Unit, request: ConfirmOrder) -> Outcome:
    """Confirm it; what was reserved for it is allocated, the rest of its goods waits for allocation from now on.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
        RuleViolationError: ORDER_HELD, ORDER_NOT_COVERED, ADDRESS_INVALID, EVENT_NOT_ALLOWED, NOT_PERMITTED.
    """
    order = take_up_order(unit, request.order)
    require_confirmable(unit.connection, order)
    confirm_within(unit, order, request.reason)
    return order_outcome(unit.connection, order.order_id, topic="order.confirmed", reason=request.reason)


def require_confirmable(connection: sa.Connection, order: sa.Row[Any]) -> None:
    """Nothing, where no hold stops it, it is paid or promised (or to be paid later), and its address is good.

    Raises:
        RuleViolationError: ORDER_HELD, ORDER_NOT_COVERED, ADDRESS_INVALID.
    """
    require_step_free(connection, order, Step.CONFIRM)
    _require_covered(connection, order)
    _require_address(connection, order)


def confirm_within(unit: Unit, order: sa.Row[Any], reason: str | None) -> None:
    """Confirm a locked order that may be confirmed: its state, the milestone, and its running reservations posted."""
    move_order(unit, order, OrderEvent.CONFIRM, reason=reason)
    approve(unit, order.order_id, reason)
    post_reservations_within(unit, order.order_id)


def approve(unit: Unit, order_id: int, reason: str | None) -> None:
    """Write the milestone `approved`."""
    same = sa.and_(order_milestone.c.order_id == order_id, order_milestone.c.milestone == "approved")
    last: int | None = unit.connection.execute(sa.select(sa.func.max(order_milestone.c.seq)).where(same)).scalar_one()
    unit.connection.execute(
        order_milestone.insert().values(
            order_id=order_id,
            milestone="approved",
            seq=(last or 0) + 1,
            occurred_at=unit.call.now,
            actor=unit.stamp.actor,
            reason=reason,
            recorded_at=unit.stamp.recorded_at,
            change_id=unit.stamp.change_id,
        )
    )


def _require_covered(connection: sa.Connection, order: sa.Row[Any]) -> None:
    """A channel that tells no terms and ships itself has settled the money with the buyer."""
    if order.payment_terms in PAY_LATER or (order.payment_terms is None and not order.fulfilled_here):
        return
    cover = family_money(connection, [order.order_id])[order.order_id].cover
    if not cover.is_covered:
        missing = amount_text(cover.missing, order.currency)
        raise RuleViolationError(
            "ORDER_NOT_COVERED",
            f"{missing} {order.currency} of order {name_of(order)} is neither paid nor promised",
            remedy="Record the payment first, or agree on other terms of payment.",
            order=name_of(order),
            missing=missing,
            currency=order.currency,
        )


def _require_address(connection: sa.Connection, order: sa.Row[Any]) -> None:
    """Checked as when it was placed; a person who released an address hold has taken the address as it is."""
    if not order.fulfilled_here or is_pick_up(connection, order.delivery_method) or _accepted(connection, order):
        return
    limits = parse_limits(policy_of(connection, "holds").document)
    if findings := address_findings(address_of(connection, order.order_id), limits):
        raise RuleViolationError(
            "ADDRESS_INVALID",
            f"order {name_of(order)}: {findings[0].reason}",
            remedy="Correct it with `oms order change`.",
            order=name_of(order),
        )


def _accepted(connection: sa.Connection, order: sa.Row[Any]) -> bool:
    """Whether an address hold was raised; none is open any more where this is asked."""
    held = sa.and_(order_hold.c.order_id == order.order_id, order_hold.c.kind == HoldKind.ADDRESS.value)
    return connection.execute(sa.select(order_hold.c.hold_id).where(held).limit(1)).first() is not None


def address_of(connection: sa.Connection, order_id: int) -> Address | None:
    """The address of an order; null where none was given."""
    columns = [order_personal.c[name] for name in Address._fields]
    row = connection.execute(sa.select(*columns).where(order_personal.c.order_id == order_id)).first()
    if row is None or not any(row):
        return None
    return Address(**{name: getattr(row, name) for name in Address._fields})
