"""Reserve stock for a while: pending, then posted, voided or expired, each exactly once.

A reservation is planned like an allocation and counts against what is free. The key of its end is unique in the
database, so of several who end it at the same moment one wins and the others are told.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Permission
from oms_core.services.allocation_planning import plan_waiting
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.allocation_store import (
    AllocationEntry,
    add_allocations,
    expired_reservations,
    pending_reservations,
)
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import stock_allocation
from oms_core.storage.waiting_lines import lock_orders, waiting_of

_ENDINGS = {"post": "posted", "void": "voided", "expire": "expired"}


@dataclass(frozen=True, slots=True)
class ReserveStock:
    """What an order still wants, reserved until an instant; all of it or nothing."""

    order: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class SettleReservation:
    """One reservation, by its number, and how it ends: `post`, `void` or `expire`."""

    reservation: int
    how: str


@dataclass(frozen=True, slots=True)
class ExpireReservations:
    """End at most `most` reservations whose time is over."""

    most: int = 1_000


@use_case("stock.reserve", Permission.ALLOCATE)
def reserve_stock(unit: Unit, request: ReserveStock) -> Outcome:
    """The reservations made, one for each line and location.

    Raises:
        RuleViolationError: STOCK_SHORT with what is missing, FULFILLED_ELSEWHERE, ORDER_OVER, NOTHING_TO_ALLOCATE,
            NOT_PERMITTED.
        InvalidRequestError: EXPIRY_PAST, ORDER_UNKNOWN.
    """
    if request.expires_at <= unit.call.now:
        raise InvalidRequestError(
            "EXPIRY_PAST", f"{to_text(request.expires_at)} is over", remedy="Name an instant that is still to come."
        )
    row = find_order(unit.connection, request.order)
    unit.call.actor.require_account(row.account)
    _require_open(row)
    headers = lock_orders(unit.connection, [row.order_id])
    lines = waiting_of(unit.connection, [row.order_id])
    if not lines:
        raise RuleViolationError(
            "NOTHING_TO_ALLOCATE", "no unit of this order waits for stock", remedy="Read the order again."
        )
    plan = plan_waiting(unit, headers, lines).plans[row.order_id]
    if plan.missing:
        raise _short(plan.missing, lines[row.order_id])
    entries = [
        AllocationEntry("reserve", row.order_id, *promise, expires_at=request.expires_at) for promise in plan.promises
    ]
    ids = add_allocations(unit.connection, unit.stamp, entries, occurred_at=unit.call.now)
    name = f"{row.account}/{row.external_id}"
    made = [
        {"reservation": number, "line_id": it.line_id, "sku": it.sku, "location": it.location, "quantity": it.quantity}
        for number, it in zip(ids, entries, strict=True)
    ]
    document = {"order": name, "expires_at": to_text(request.expires_at), "reservations": made}
    return Outcome("order", name, document, topic="stock.reserved")


def _require_open(row: sa.Row[Any]) -> None:
    name = f"{row.account}/{row.external_id}"
    if not row.fulfilled_here:
        raise RuleViolationError(
            "FULFILLED_ELSEWHERE", f"{name} is shipped elsewhere", remedy="Its stock is not promised here."
        )
    if row.lifecycle not in ("pending", "confirmed"):
        raise RuleViolationError(
            "ORDER_OVER", f"{name} is {row.lifecycle}", remedy="Only open orders get reservations."
        )


def _short(missing: dict[int, int], lines: Sequence[sa.Row[Any]]) -> RuleViolationError:
    short: dict[str, int] = defaultdict(int)
    for row in lines:
        short[row.sku] += missing.get(row.line_id, 0)
    listed = ", ".join(f"{units} x {name}" for name, units in sorted(short.items()) if units)
    return RuleViolationError(
        "STOCK_SHORT",
        f"there is too little free: {listed} missing",
        remedy="Reserve fewer units, or confirm the order and let the rest wait for goods on order.",
        missing={name: units for name, units in sorted(short.items()) if units},
    )


@use_case("stock.settle", Permission.ALLOCATE)
def settle_reservation(unit: Unit, request: SettleReservation) -> Outcome:
    """The reservation as it ended. A reservation can be posted until its instant, expired from it on.

    Raises:
        RuleViolationError: RESERVATION_ENDED, RESERVATION_EXPIRED, RESERVATION_RUNNING.
        InvalidRequestError: RESERVATION_UNKNOWN, ENDING_UNKNOWN.
    """
    if request.how not in _ENDINGS:
        raise InvalidRequestError("ENDING_UNKNOWN", f"{request.how!r} ends nothing", remedy="Use post, void or expire.")
    row = _reservation(unit, request.reservation)
    _require_time(row, request.how, unit.call.now)
    (pending,) = pending_reservations(unit.connection, ids=[row.allocation_id]) or (None,)
    if pending is None:
        raise RuleViolationError(
            "RESERVATION_ENDED",
            f"reservation {row.allocation_id} has ended already",
            remedy="Read the order's allocation; reserve again where it is still needed.",
        )
    _end(unit, [row], request.how)
    document = {"reservation": row.allocation_id, "sku": row.sku, "location": row.location, "quantity": row.quantity}
    document |= {"ended": _ENDINGS[request.how]}
    return Outcome("reservation", str(row.allocation_id), document, topic=f"stock.reservation_{_ENDINGS[request.how]}")


def _reservation(unit: Unit, number: int) -> sa.Row[Any]:
    """The reservation, its order locked: whoever ends another one of the order waits."""
    it = stock_allocation.c
    row = unit.connection.execute(
        sa.select(stock_allocation).where(it.allocation_id == number, it.kind == "reserve")
    ).first()
    if row is None:
        raise InvalidRequestError(
            "RESERVATION_UNKNOWN", f"there is no reservation {number}", remedy="`oms order show` lists an order's."
        )
    (header,) = lock_orders(unit.connection, [row.order_id]).values()
    unit.call.actor.require_account(header.account)
    return row


def _require_time(row: sa.Row[Any], how: str, now: int) -> None:
    until = to_text(row.expires_at)
    if how == "post" and now > row.expires_at:
        raise RuleViolationError(
            "RESERVATION_EXPIRED", f"it was good until {until}", remedy="Reserve again, if there is still enough."
        )
    if how == "expire" and now < row.expires_at:
        raise RuleViolationError("RESERVATION_RUNNING", f"it is good until {until}", remedy="Void it to end it now.")


@use_case("stock.expire_reservations", Permission.ALLOCATE)
def expire_reservations(unit: Unit, request: ExpireReservations) -> Outcome:
    """How many reservations ended because their time is over."""
    accounts = unit.call.actor.accounts
    found = expired_reservations(unit.connection, unit.call.now, accounts=accounts, limit=request.most)
    lock_orders(unit.connection, {row.order_id for row in found})
    still = pending_reservations(unit.connection, ids=[row.allocation_id for row in found]) if found else []
    _end(unit, still, "expire")
    document = {"expired": len(still), "units": sum(row.quantity for row in still)}
    return Outcome("reservation", "sweep", document, topic="stock.reservations_expired" if still else "")


def post_reservations_within(unit: Unit, order_id: int) -> int:
    """Turn the order's running reservations into promises; returns how many. The order's row must be locked."""
    found = [
        row for row in pending_reservations(unit.connection, order_ids=[order_id]) if row.expires_at >= unit.call.now
    ]
    _end(unit, found, "post")
    return len(found)


def _end(unit: Unit, rows: Sequence[sa.Row[Any]], how: str) -> None:
    entries = [
        AllocationEntry(
            how, row.order_id, row.line_id, row.sku, row.location, row.quantity, pending_id=row.allocation_id
        )
        for row in rows
    ]
    add_allocations(unit.connection, unit.stamp, entries, occurred_at=unit.call.now)
