"""Purchase orders: drafted, approved by somebody else, sent, expected, and what is left of them cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import DAY
from oms_core.domain.money import Exact
from oms_core.domain.permissions import Permission
from oms_core.domain.purchase_orders import OPEN_STATES, OrderSizes, open_quantity, require_orderable
from oms_core.services.backorders import supply_changed
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.purchase_documents import outcome_of
from oms_core.services.suppliers import read_price
from oms_core.storage import purchase_store
from oms_core.storage.document_events import add_event
from oms_core.storage.lot_store import tracking_of
from oms_core.storage.own_account import ensure_own_account
from oms_core.storage.stock_booking import new_number, require_places

_KIND = "purchase_order"


@dataclass(frozen=True, slots=True)
class OrderedLine:
    """Units of an article to buy. Without a price the supplier's valid one counts, and his lead time for the date."""

    sku: str
    quantity: int
    unit_price: str | None = None
    expected_at: int | None = None


@dataclass(frozen=True, slots=True)
class DraftPurchaseOrder:
    """What is to be bought from whom, for where. `number`: null makes one."""

    supplier: str
    location: str
    lines: tuple[OrderedLine, ...]
    number: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PurchaseOrderStep:
    """A step of one purchase order, with its reason where it needs one."""

    purchase_order: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectPurchaseOrder:
    """Lines (null: all open ones) are now expected at another instant, and why."""

    purchase_order: str
    expected_at: int
    reason: str
    line: str | None = None


@use_case("purchase.draft", Permission.PURCHASE_DRAFT)
def draft_purchase_order(unit: Unit, request: DraftPurchaseOrder) -> Outcome:
    """A purchase order that waits for approval.

    Raises:
        InvalidRequestError: SUPPLIER_UNKNOWN, SKU_UNKNOWN, LOCATION_UNKNOWN, NO_LINES, PRICE_MISSING.
        RuleViolationError: SUPPLIER_INACTIVE, QUANTITY_NOT_ORDERABLE, CURRENCY_MIXED, NUMBER_TAKEN.
    """
    seller = purchase_store.find_supplier(unit.connection, request.supplier)
    if not seller.is_active:
        raise RuleViolationError(
            "SUPPLIER_INACTIVE", f"nothing is bought from {seller.supplier} now", remedy="Choose another supplier."
        )
    if not request.lines:
        raise InvalidRequestError("NO_LINES", "an order has a line", remedy="Say what is to be bought.")
    require_places(unit.connection, [request.location])
    tracking_of(unit.connection, [line.sku for line in request.lines])
    lines, currency = _priced(unit, request, seller)
    number = request.number or new_number(unit.connection, "PO")
    values = {
        "account": ensure_own_account(unit.connection, unit.stamp),
        "number": number,
        "supplier": seller.supplier,
        "location": request.location,
        "currency": currency,
        "ordered_at": unit.call.now,
    }
    po_id = purchase_store.add_purchase_order(unit.connection, unit.stamp, values, lines)
    _step(unit, po_id, "draft")
    return outcome_of(unit, f"{values['account']}/{number}", "purchase_order.drafted")


def _priced(unit: Unit, request: DraftPurchaseOrder, seller: Any) -> tuple[list[purchase_store.NewLine], str]:
    currencies = {request.currency} - {None}
    lines: list[purchase_store.NewLine] = []
    for number, line in enumerate(request.lines, 1):
        if line.quantity < 1:
            raise InvalidRequestError(
                "QUANTITY_WRONG", f"{line.quantity} of {line.sku}", remedy="Order one unit or more."
            )
        valid = purchase_store.price_at(unit.connection, seller.supplier, line.sku, unit.call.now)
        if valid is not None:
            require_orderable(
                line.sku, line.quantity, OrderSizes(valid.minimum_quantity, valid.pack_size, valid.maximum_quantity)
            )
        price = _price(line, valid, seller.supplier)
        if line.unit_price is None and valid is not None:
            currencies.add(valid.currency)
        expected = _expected_at(unit, line, valid, seller)
        lines.append(purchase_store.NewLine(str(number), line.sku, line.quantity, price.units, price.scale, expected))
    found = sorted(str(currency) for currency in currencies) or [seller.currency]
    if len(found) != 1 or found[0] is None:
        raise RuleViolationError(
            "CURRENCY_MIXED",
            f"the order would be in {', '.join(map(str, found))}",
            remedy="An order has one currency: say which, with prices in it.",
        )
    return lines, found[0]


def _price(line: OrderedLine, valid: Any, seller: str) -> Exact:
    if line.unit_price is not None:
        return read_price(line.unit_price)
    if valid is None:
        raise InvalidRequestError(
            "PRICE_MISSING",
            f"{seller} has no price of {line.sku} today",
            remedy="Give the price, or record the supplier's price first.",
        )
    return Exact(valid.unit_price, valid.price_scale)


def _expected_at(unit: Unit, line: OrderedLine, valid: Any, seller: Any) -> int | None:
    if line.expected_at is not None:
        return line.expected_at
    days = valid.lead_time_days if valid is not None else None
    days = seller.lead_time_days if days is None else days
    return None if days is None else unit.call.now + days * DAY


@use_case("purchase.approve", Permission.PURCHASE_APPROVE)
def approve_purchase_order(unit: Unit, request: PurchaseOrderStep) -> Outcome:
    """The order may be sent.

    Raises:
        RuleViolationError: OWN_REQUEST where the approver drafted it; EVENT_NOT_ALLOWED.
    """
    row = purchase_store.find_purchase_order(unit.connection, request.purchase_order)
    if row.actor == unit.call.actor.name:
        raise RuleViolationError(
            "OWN_REQUEST",
            f"{row.actor} drafted {row.number} himself",
            remedy="A second person who may approve purchases decides.",
        )
    _step(unit, row.po_id, "approve", request.reason)
    return outcome_of(unit, f"{row.account}/{row.number}", "purchase_order.approved", request.reason)


@use_case("purchase.send", Permission.PURCHASE_DRAFT)
def send_purchase_order(unit: Unit, request: PurchaseOrderStep) -> Outcome:
    """The order has gone to the supplier; from now on its goods are expected."""
    row = purchase_store.find_purchase_order(unit.connection, request.purchase_order)
    _step(unit, row.po_id, "send", request.reason)
    _move_pegs(unit, purchase_store.lines_of(unit.connection, row.po_id), f"{row.number} was sent")
    return outcome_of(unit, f"{row.account}/{row.number}", "purchase_order.sent", request.reason)


@use_case("purchase.expect", Permission.PURCHASE_DRAFT)
def expect_purchase_order(unit: Unit, request: ExpectPurchaseOrder) -> Outcome:
    """Open lines are expected at another instant; every earlier expectation is kept.

    Raises:
        InvalidRequestError: LINE_UNKNOWN.
        RuleViolationError: NOTHING_EXPECTED where nothing is open.
    """
    row = purchase_store.find_purchase_order(unit.connection, request.purchase_order)
    lines = [line for line in purchase_store.lines_of(unit.connection, row.po_id) if _is_named(line, request.line)]
    if not lines:
        raise InvalidRequestError(
            "LINE_UNKNOWN", f"{row.number} has no line {request.line!r}", remedy="`oms purchase show` lists the lines."
        )
    still_open = [line for line in lines if _open(line)]
    if row.state in {"closed", "cancelled", "received"} or not still_open:
        raise RuleViolationError(
            "NOTHING_EXPECTED", f"{row.number} is {row.state}, nothing of it is open", remedy="Order anew."
        )
    for line in still_open:
        purchase_store.add_expectation(
            unit.connection, unit.stamp, line.po_line_id, request.expected_at, request.reason
        )
    _move_pegs(unit, still_open, f"{row.number}: {request.reason}")
    return outcome_of(unit, f"{row.account}/{row.number}", "purchase_order.expected", request.reason)


@use_case("purchase.cancel", Permission.PURCHASE_DRAFT)
def cancel_purchase_order(unit: Unit, request: PurchaseOrderStep) -> Outcome:
    """Nothing more is expected: an order of which nothing came is cancelled, the rest of another is closed."""
    row = purchase_store.find_purchase_order(unit.connection, request.purchase_order)
    lines = purchase_store.lines_of(unit.connection, row.po_id)
    came = any(line.received_quantity for line in lines)
    _step(unit, row.po_id, "close" if came else "cancel", request.reason)
    _cancel_open(unit, lines)
    _move_pegs(unit, lines, f"{row.number} brings no more")
    topic = "purchase_order.closed" if came else "purchase_order.cancelled"
    return outcome_of(unit, f"{row.account}/{row.number}", topic, request.reason)


@use_case("purchase.close", Permission.PURCHASE_DRAFT)
def close_purchase_order(unit: Unit, request: PurchaseOrderStep) -> Outcome:
    """The order is done; what did not come is cancelled and needs a reason.

    Raises:
        InvalidRequestError: REASON_MISSING where units are still open.
    """
    row = purchase_store.find_purchase_order(unit.connection, request.purchase_order)
    lines = purchase_store.lines_of(unit.connection, row.po_id)
    if row.state in OPEN_STATES and any(_open(line) for line in lines) and not request.reason:
        raise InvalidRequestError(
            "REASON_MISSING", f"{row.number} has open units", remedy="Say why nobody waits for them any more."
        )
    _step(unit, row.po_id, "close", request.reason)
    _cancel_open(unit, lines)
    _move_pegs(unit, lines, f"{row.number} brings no more")
    return outcome_of(unit, f"{row.account}/{row.number}", "purchase_order.closed", request.reason)


def _cancel_open(unit: Unit, lines: Sequence[Any]) -> None:
    for line in lines:
        if left := _open(line):
            purchase_store.cancel_open(unit.connection, unit.stamp, line.po_line_id, line.cancelled_quantity + left)


def _move_pegs(unit: Unit, lines: Sequence[Any], reason: str) -> None:
    """Promises of orders that wait for these lines follow."""
    supply_changed(unit, {line.sku for line in lines}, reason=reason)


def _open(line: Any) -> int:
    return open_quantity(quantity=line.quantity, cancelled=line.cancelled_quantity, received=line.received_quantity)


def _is_named(line: Any, wanted: str | None) -> bool:
    return wanted is None or wanted in (line.line_key, line.sku)


def _step(unit: Unit, po_id: int, event: str, reason: str | None = None) -> str:
    return add_event(unit.connection, unit.stamp, _KIND, po_id, event, occurred_at=unit.call.now, reason=reason)
