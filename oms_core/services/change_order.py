"""Change a placed order: quantities, new lines, address, delivery method. Every change is a version of the order.

The caller names the version he saw; a preview runs the same change and takes it back, so that it shows exactly what
would happen. Nothing is changed once a shipment is at the pickers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.hold_checks import address_digest, address_findings
from oms_core.domain.holds import parse_limits
from oms_core.domain.order_pricing import PAY_LATER
from oms_core.domain.order_requests import Address, NewLine
from oms_core.domain.orders import HoldKind, Lifecycle
from oms_core.domain.permissions import Permission
from oms_core.services.auto_confirm_orders import ask_rules
from oms_core.services.cancel_order import cancel_units, require_not_ended
from oms_core.services.commands import Call, Outcome, Unit, transact, use_case
from oms_core.services.delivery_options import ChooseDelivery, choose_delivery
from oms_core.services.hold_work import end_holds, raise_hold
from oms_core.services.order_additions import add_lines, check_goods, raise_quantity
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_progress import note_progress
from oms_core.services.order_units import LineUnits, flag_refund, leaves_goods, lines_meant, plan_cuts
from oms_core.services.order_work import (
    lines_of,
    name_of,
    refresh_total,
    require_own,
    set_header,
    take_up_order,
    wanted_of,
)
from oms_core.services.plan_shipments import withdraw_shipments
from oms_core.services.policies import policy_of
from oms_core.storage.order_copies import note_change, set_address
from oms_core.storage.order_families import family_money
from oms_core.storage.order_holds_store import open_holds
from oms_core.storage.order_placement import POSTCODE_PREFIX
from oms_core.storage.shipment_store import shipments_before_leaving

_PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class ChangeOrder:
    """What is changed. `version`: the one the caller saw; `quantities`: what is wanted from now on of each line.

    Prices and discounts of added lines are at `money_scale` digits.
    """

    order: str
    version: int
    reason: str
    quantities: tuple[LineUnits, ...] = ()
    added: tuple[NewLine, ...] = ()
    money_scale: int = 2
    ship_to: Address | None = None
    delivery_method: str | None = None


@use_case("order.change", Permission.ORDER_CHANGE)
def change_order(unit: Unit, request: ChangeOrder) -> Outcome:
    """The order in its new version.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, CHANGE_EMPTY, REASON_MISSING, LINE_UNKNOWN, LINE_AMBIGUOUS, LINE_TWICE,
            QUANTITY_INVALID, SKU_UNKNOWN.
        RuleViolationError: VERSION_STALE, FULFILLED_ELSEWHERE, ORDER_ENDED, ORDER_IN_PICKING, LINE_NOT_OPEN,
            CHANGE_TAKES_ALL, PRICE_UNKNOWN, TAX_UNKNOWN, METHOD_NOT_ELIGIBLE.
    """
    if not request.reason.strip():
        raise InvalidRequestError("REASON_MISSING", "a change needs a reason", remedy="Say why.")
    order = take_up_order(unit, request.order)
    require_own(order)
    require_not_ended(order)
    _require_version(order, request.version)
    rows = lines_of(unit.connection, order.order_id)
    request = replace(request, quantities=tuple(lines_meant(rows, request.quantities)))
    before, after = _differences(rows, request)
    _require_not_picked(unit, order)
    grown = _apply_quantities(unit, order, rows, request)
    add_lines(unit, order, request.added, scale=request.money_scale)
    if request.ship_to is not None:
        _apply_address(unit, order, request.ship_to)
    note_change(unit.connection, unit.stamp, order, before=before, after=after, reason=request.reason)
    refresh_total(unit, order.order_id)
    check_goods(unit, order, grown | {line.line_key for line in request.added})
    _require_money(unit, order)
    if order.lifecycle == Lifecycle.ON_HOLD.value:
        ask_rules(unit, [order.order_id])
    if request.delivery_method is not None:
        choose_delivery.within(unit, ChooseDelivery(name_of(order), request.delivery_method, reason=request.reason))
    note_progress(unit, order.order_id)
    more = {"to_refund": flag_refund(unit, order), "before": before, "after": after}
    return order_outcome(unit.connection, order.order_id, topic="order.changed", reason=request.reason, **more)


class _TakenBack(Exception):  # noqa: N818 - it ends a preview, nothing is wrong
    def __init__(self, document: dict[str, Any]) -> None:
        super().__init__()
        self.document = document


def preview_change(engine: sa.Engine, request: ChangeOrder, call: Call) -> dict[str, Any]:
    """What the change would answer; everything it did is taken back.

    Raises:
        InvalidRequestError, RuleViolationError: what the change itself would.
    """

    def work(unit: Unit) -> None:
        raise _TakenBack(change_order.within(unit, request).document)

    try:
        transact(engine, call, work)
    except _TakenBack as end:
        return {**end.document, "preview": True}
    message = "a preview always ends by taking itself back"
    raise AssertionError(message)


# --- what may be changed ---------------------------------------------------------------------------


def _require_version(order: sa.Row[Any], version: int) -> None:
    if order.edit_version != version:
        raise RuleViolationError(
            "VERSION_STALE",
            f"order {name_of(order)} is at version {order.edit_version}, the change is for version {version}",
            remedy="Look at the order again and decide anew.",
            order=name_of(order),
            version=order.edit_version,
        )


def _require_not_picked(unit: Unit, order: sa.Row[Any]) -> None:
    """Refuse once a shipment is at the pickers; shipments only planned are called off and planned anew."""
    waiting = shipments_before_leaving(unit.connection, order.order_id)
    busy = [row.number for row in waiting if row.state != _PLANNED]
    if busy:
        raise RuleViolationError(
            "ORDER_IN_PICKING",
            f"shipment {', '.join(busy)} of order {name_of(order)} is released to picking",
            remedy="Cancel the shipment first, or send the change as an order of its own.",
            order=name_of(order),
            shipments=busy,
        )
    if waiting:
        withdraw_shipments(unit, order.order_id, reason="the order is changed")


def _differences(rows: Sequence[sa.Row[Any]], request: ChangeOrder) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is changed, before and after, in words without personal data."""
    by_key = {row.line_key: row for row in rows}
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for it in request.quantities:
        row = by_key.get(it.line_key)
        if row is None:
            raise InvalidRequestError(
                "LINE_UNKNOWN", f"the order has no line {it.line_key!r}", remedy="`oms order show` lists its lines."
            )
        if wanted_of(row) != it.quantity:
            before.setdefault("quantities", {})[it.line_key] = wanted_of(row)
            after.setdefault("quantities", {})[it.line_key] = it.quantity
    if request.added:
        after["added"] = {line.line_key: [line.sku, line.quantity] for line in request.added}
    if request.ship_to is not None:
        after["address"] = "changed"
    if request.delivery_method is not None:
        after["delivery_method"] = request.delivery_method
    if not after:
        raise InvalidRequestError(
            "CHANGE_EMPTY", "the change leaves everything as it is", remedy="Name a quantity, line, address or method."
        )
    return before, after


# --- applying it -----------------------------------------------------------------------------------


def _apply_quantities(unit: Unit, order: sa.Row[Any], rows: Sequence[sa.Row[Any]], request: ChangeOrder) -> set[str]:
    """Cancel what is too much and add what is too little; the keys of the lines that grew."""
    by_key = {row.line_key: row for row in rows}
    fewer = [
        LineUnits(it.line_key, wanted_of(by_key[it.line_key]) - it.quantity)
        for it in request.quantities
        if it.quantity < wanted_of(by_key[it.line_key])
    ]
    if any(it.quantity < 0 for it in request.quantities):
        raise InvalidRequestError("QUANTITY_INVALID", "a quantity below 0", remedy="Name 0 units or more.")
    if fewer:
        cuts = plan_cuts(rows, fewer)
        if not leaves_goods(rows, cuts) and not request.added:
            raise RuleViolationError(
                "CHANGE_TAKES_ALL",
                f"nothing would be left of order {name_of(order)}",
                remedy="Cancel the order instead.",
                order=name_of(order),
            )
        cancel_units(unit, order, cuts, request.reason)
    grown = [it for it in request.quantities if it.quantity > wanted_of(by_key[it.line_key])]
    for it in grown:
        raise_quantity(unit, order, by_key[it.line_key], rows, it.quantity - wanted_of(by_key[it.line_key]))
    return {it.line_key for it in grown}


def _apply_address(unit: Unit, order: sa.Row[Any], address: Address) -> None:
    """Write it; an address hold ends where the new address is good, and is raised where it is not."""
    connection = unit.connection
    set_address(connection, order.order_id, address._asdict(), address_digest(address))
    postcode = address.postcode[:POSTCODE_PREFIX] if address.postcode else None
    set_header(unit, order.order_id, country=address.country, ship_postcode=postcode)
    findings = address_findings(address, parse_limits(policy_of(connection, "holds").document))
    held = [
        it for it in open_holds(connection, [order.order_id]).get(order.order_id, []) if it.kind is HoldKind.ADDRESS
    ]
    if findings:
        raise_hold(unit, order.order_id, HoldKind.ADDRESS, findings[0].reason, rule="change")
    elif held:
        end_holds(unit, order, held, "the address was changed")


def _require_money(unit: Unit, order: sa.Row[Any]) -> None:
    """Hold a confirmed order that now costs more than is paid or promised."""
    if order.payment_terms in PAY_LATER or order.lifecycle == "pending" or not order.fulfilled_here:
        return
    if not family_money(unit.connection, [order.order_id])[order.order_id].cover.is_covered:
        reason = "the order costs more than is paid or promised since it was changed"
        raise_hold(unit, order.order_id, HoldKind.PAYMENT, reason, rule="change")
