"""Merge orders of one buyer and address: the first takes over everything that is open of the others, to the cent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.holds import Step
from oms_core.domain.order_splits import Mergeable, require_mergeable
from oms_core.domain.orders import OrderEvent
from oms_core.domain.permissions import Permission
from oms_core.services.backorders import supply_changed
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.hold_work import require_step_free
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_units import add_charges, free_promises, open_charges, open_units, plan_cuts, write_cuts
from oms_core.services.order_work import (
    is_goods,
    lines_of,
    move_order,
    name_of,
    refresh_total,
    require_own,
    set_header,
    take_up_order,
)
from oms_core.services.serve_waiting import make_ready
from oms_core.services.split_order import carry_promises
from oms_core.storage.order_copies import copy_parts, note_change
from oms_core.storage.shipment_store import shipments_before_leaving
from oms_core.storage.tables import order_personal

_UNTOUCHED = ("planned", "released")
_TWO = 2


@dataclass(frozen=True, slots=True)
class MergeOrders:
    """Orders to make one; the first survives."""

    orders: tuple[str, ...]
    reason: str


@use_case("order.merge", Permission.ORDER_CHANGE)
def merge_orders(unit: Unit, request: MergeOrders) -> Outcome:
    """The surviving order; the others end as cancelled and say where their goods went. Their payments stay theirs.

    Raises:
        InvalidRequestError: MERGE_NEEDS_TWO, ORDER_UNKNOWN.
        RuleViolationError: MERGE_REFUSED with every difference, FULFILLED_ELSEWHERE, ORDER_HELD, SHIPMENT_UNDER_WORK.
    """
    orders = _taken_up(unit, request.orders)
    survivor, others = orders[0], orders[1:]
    for order in orders:
        require_own(order)
        require_step_free(unit.connection, order, Step.RELEASE)
    for other in others:
        require_mergeable(_mergeable(unit.connection, survivor), _mergeable(unit.connection, other))
    skus = {row.sku for other in others for row in lines_of(unit.connection, other.order_id) if is_goods(row)}
    make_ready(unit, skus)
    for other in others:
        _take_over(unit, survivor, other, request.reason)
    note_change(
        unit.connection,
        unit.stamp,
        survivor,
        before={},
        after={"merged": [name_of(other) for other in others]},
        reason=request.reason,
    )
    refresh_total(unit, survivor.order_id)
    supply_changed(unit, skus, reason=f"merge: {request.reason}")
    return order_outcome(
        unit.connection,
        survivor.order_id,
        topic="order.merged",
        reason=request.reason,
        merged=[name_of(other) for other in others],
    )


def _taken_up(unit: Unit, references: Sequence[str]) -> list[sa.Row[Any]]:
    """The orders in the order named; locked by id, so that two merges never wait for each other."""
    found = [take_up_order(unit, reference) for reference in sorted(set(references))]
    by_reference = dict(zip(sorted(set(references)), found, strict=True))
    ids = {row.order_id for row in found}
    if len(ids) < _TWO or len(ids) < len(references):
        raise InvalidRequestError(
            "MERGE_NEEDS_TWO", "a merge needs two orders or more, each named once", remedy="Name them; the first stays."
        )
    return [by_reference[reference] for reference in references]


def _mergeable(connection: sa.Connection, order: sa.Row[Any]) -> Mergeable:
    statement = sa.select(order_personal.c.address_digest).where(order_personal.c.order_id == order.order_id)
    shipments = shipments_before_leaving(connection, order.order_id)
    return Mergeable(
        number=name_of(order),
        account=order.account,
        buyer=None if order.customer_id is None else str(order.customer_id),
        address=connection.execute(statement).scalar(),
        currency=order.currency,
        prices_include_tax=bool(order.prices_include_tax),
        lifecycle=order.lifecycle,
        shipped=any(is_goods(row) and row.shipped_quantity for row in lines_of(connection, order.order_id)),
        picking=any(row.state not in _UNTOUCHED for row in shipments),
    )


def _take_over(unit: Unit, survivor: sa.Row[Any], other: sa.Row[Any], reason: str) -> None:
    connection = unit.connection
    rows = lines_of(connection, other.order_id)
    cuts = plan_cuts(rows, open_units(rows))
    promises = free_promises(unit, other, cuts, reason="merge")
    write_cuts(unit, other, cuts, kind="move", ref=name_of(survivor), reason=reason)
    made = copy_parts(
        connection,
        unit.stamp,
        survivor.order_id,
        [(it.row, it.part) for it in cuts],
        key=lambda row: f"{other.external_id}:{row.line_key}",
        fulfilled_here=survivor.fulfilled_here,
    )
    carry_promises(unit, survivor.order_id, promises, made)
    charges = open_charges(connection, other.order_id)
    add_charges(unit, other.order_id, charges, sign=-1)
    add_charges(unit, survivor.order_id, charges)
    move_order(unit, other, OrderEvent.CANCEL, reason=f"merged into {name_of(survivor)}: {reason}")
    set_header(unit, other.order_id, merged_into_id=survivor.order_id)
    refresh_total(unit, other.order_id)
