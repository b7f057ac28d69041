"""Receive goods: against a purchase order or without one; too many, too few, damaged; one receipt a delivery."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from oms_core.domain import receipts
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.lots import require_tracking
from oms_core.domain.money import Exact
from oms_core.domain.permissions import Permission
from oms_core.domain.purchase_orders import OPEN_STATES
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.crashpoints import crashpoint
from oms_core.services.serve_waiting import serve_waiting
from oms_core.services.stock_moments import moment
from oms_core.services.suppliers import read_price
from oms_core.storage import purchase_store
from oms_core.storage.document_events import add_event
from oms_core.storage.lot_store import ensure_lot, tracking_of
from oms_core.storage.own_account import ensure_own_account
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.stock_booking import book_incoming, new_number, require_places

_KIND = "receipt"


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """Units that came, the damaged ones among them. `line`: the order's line, where a SKU stands on several.

    `unit_cost` as written: of goods without an order, or where the invoice says other than the order.
    """

    sku: str
    quantity: int
    damaged: int = 0
    line: str | None = None
    lot: str | None = None
    expires_at: int | None = None
    unit_cost: str | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiveGoods:
    """One delivery. `number`: of the delivery note (null makes one); `at`: when it came (null: now)."""

    location: str
    lines: tuple[ReceivedLine, ...]
    purchase_order: str | None = None
    number: str | None = None
    at: int | None = None
    accept_over: bool = False


@dataclass(frozen=True, slots=True)
class _Arrived:
    """A received line with the order's line it fills (null: none) and its cost."""

    asked: ReceivedLine
    po_line: Any
    cost: Exact | None
    currency: str | None
    over: int


@use_case("stock.receive", Permission.RECEIVE)
def receive_goods(unit: Unit, request: ReceiveGoods) -> Outcome:
    """The receipt, its units on hand: sound ones sellable, damaged ones apart.

    Raises:
        InvalidRequestError: NO_LINES, QUANTITY_WRONG, LOCATION_UNKNOWN, SKU_UNKNOWN, PURCHASE_ORDER_UNKNOWN,
            LINE_UNKNOWN, LOT_MISSING, LOT_NOT_ASKED, PRICE_UNREADABLE, CURRENCY_MISSING.
        RuleViolationError: NOT_PERMITTED, PURCHASE_ORDER_NOT_OPEN, OTHER_LOCATION, OVER_RECEIPT, RECEIPT_KNOWN,
            LOT_EXPIRY_DIFFERS, SERIAL_ONE_UNIT, SERIAL_TAKEN, IN_THE_FUTURE.
    """
    unit.require_location(request.location)
    if not request.lines:
        raise InvalidRequestError("NO_LINES", "a receipt has a line", remedy="Say what came.")
    at = moment(unit, request.at)
    order = None if request.purchase_order is None else _open_order(unit, request.purchase_order, request.location)
    require_places(unit.connection, [request.location])
    tracking = tracking_of(unit.connection, [line.sku for line in request.lines])
    for line in request.lines:
        receipts.require_sound(line.sku, quantity=line.quantity, damaged=line.damaged)
        require_tracking(line.sku, tracking[line.sku], lot=line.lot, units=line.quantity)
    arrived = _matched(unit, request, order)
    number = request.number or new_number(unit.connection, "RCV")
    _write_receipt(unit, request, order, number, at, arrived)
    crashpoint("receipt_written")
    _book(unit, request.location, number, at, arrived)
    state = None if order is None else _move_on(unit, order.po_id, at)
    serve_waiting(unit, {line.sku for line in request.lines}, reason=f"receipt {number}")
    return Outcome("receipt", number, _document(request, order, number, at, arrived, state), topic="stock.received")


def _open_order(unit: Unit, reference: str, place: str) -> Any:
    row = purchase_store.find_purchase_order(unit.connection, reference)
    if row.state not in (*OPEN_STATES, "received"):
        raise RuleViolationError(
            "PURCHASE_ORDER_NOT_OPEN",
            f"{row.number} is {row.state}",
            remedy="Goods come against orders that were sent; others are received without an order.",
            state=row.state,
        )
    if row.location not in (None, place):
        raise RuleViolationError(
            "OTHER_LOCATION",
            f"{row.number} is for {row.location}, not {place}",
            remedy=f"Receive it at {row.location} and transfer it, or correct the location.",
        )
    return row


def _matched(unit: Unit, request: ReceiveGoods, order: Any) -> list[_Arrived]:
    """Each received line with the lines of the order it fills, and how far it goes beyond them."""
    if order is None:
        return [_Arrived(asked, None, *_cost_of(asked, None, None), 0) for asked in request.lines]
    lines = purchase_store.lines_of(unit.connection, order.po_id)
    before = {line.po_line_id: int(line.received_quantity) for line in lines}
    found = []
    for asked in request.lines:
        for line, part in _parts(lines, before, asked, order.number):
            over = _over(unit, request, line, part, before[line.po_line_id])
            before[line.po_line_id] += part.quantity
            found.append(_Arrived(part, line, *_cost_of(part, line, order), over))
    return found


def _parts(
    lines: list[Any], before: dict[int, int], asked: ReceivedLine, number: str
) -> Iterator[tuple[Any, ReceivedLine]]:
    """The lines of the SKU that wait, each with what it takes; what is too much goes to the last one."""
    same = [line for line in lines if line.sku == asked.sku and asked.line in (None, line.line_key)]
    if not same:
        raise InvalidRequestError(
            "LINE_UNKNOWN",
            f"{number} has no line for {asked.sku}" + (f" called {asked.line}" if asked.line else ""),
            remedy="Receive what was not ordered as a receipt of its own, without the order.",
        )
    due = {line.po_line_id: line.quantity - line.cancelled_quantity - before[line.po_line_id] for line in same}
    waiting = [line for line in same if due[line.po_line_id] > 0] or same[-1:]
    left, damaged = asked.quantity, asked.damaged
    for line in waiting:
        units = left if line is waiting[-1] else min(left, due[line.po_line_id])
        broken = min(damaged, units)
        if units:
            yield line, replace(asked, quantity=units, damaged=broken)
        left, damaged = left - units, damaged - broken


def _over(unit: Unit, request: ReceiveGoods, line: Any, asked: ReceivedLine, before: int) -> int:
    came = receipts.arrival(
        ordered=line.quantity, cancelled=line.cancelled_quantity, received_before=before, quantity=asked.quantity
    )
    if came.over and not (request.accept_over and unit.call.actor.may(Permission.STOCK_APPROVE)):
        ordered = line.quantity - line.cancelled_quantity
        receipts.require_within_tolerance(asked.sku, ordered=ordered, received=before + asked.quantity)
    return came.over


def _cost_of(asked: ReceivedLine, line: Any, order: Any) -> tuple[Exact | None, str | None]:
    if asked.unit_cost is not None:
        currency = asked.currency or (None if order is None else order.currency)
        if currency is None:
            raise InvalidRequestError(
                "CURRENCY_MISSING", f"the cost of {asked.sku} has no currency", remedy="Say its currency."
            )
        return read_price(asked.unit_cost), currency
    if line is None:
        return None, None
    return Exact(line.unit_price, line.price_scale), order.currency


def _write_receipt(
    unit: Unit, request: ReceiveGoods, order: Any, number: str, at: int, arrived: list[_Arrived]
) -> None:
    values = {
        "account": ensure_own_account(unit.connection, unit.stamp),
        "number": number,
        "po_id": None if order is None else order.po_id,
        "location": request.location,
        "received_at": at,
    }
    lines = [
        purchase_store.NewReceiptLine(
            None if it.po_line is None else it.po_line.po_line_id,
            it.asked.sku,
            it.asked.quantity,
            it.asked.damaged,
            it.asked.lot,
            None if it.cost is None else it.cost.units,
            None if it.cost is None else it.cost.scale,
        )
        for it in arrived
    ]
    purchase_store.add_receipt(unit.connection, unit.stamp, values, lines)


def _book(unit: Unit, place: str, number: str, at: int, arrived: list[_Arrived]) -> None:
    movements: list[OwnMovement] = []
    for it in arrived:
        if it.asked.lot is not None:
            ensure_lot(unit.connection, unit.stamp, it.asked.sku, it.asked.lot, it.asked.expires_at)
        sound = it.asked.quantity - it.asked.damaged
        for condition, units in (("sellable", sound), ("damaged", it.asked.damaged)):
            if units:
                movements.append(_movement(it, place, condition, units, at, number, len(movements) + 1))
    book_incoming(unit.connection, unit.stamp, movements)


def _movement(it: _Arrived, place: str, condition: str, units: int, at: int, number: str, ordinal: int) -> OwnMovement:
    return OwnMovement(
        it.asked.sku,
        place,
        condition,
        "receive",
        units,
        at,
        _KIND,
        number,
        ordinal,
        lot=it.asked.lot,
        unit_cost=None if it.cost is None else it.cost.units,
        cost_scale=None if it.cost is None else it.cost.scale,
        currency=it.currency,
    )


def _move_on(unit: Unit, po_id: int, at: int) -> str:
    lines = purchase_store.lines_of(unit.connection, po_id)
    event = receipts.state_event((it.quantity, it.cancelled_quantity, it.received_quantity) for it in lines)
    return add_event(unit.connection, unit.stamp, "purchase_order", po_id, event, occurred_at=at)


def _document(
    request: ReceiveGoods, order: Any, number: str, at: int, arrived: list[_Arrived], state: str | None
) -> dict[str, Any]:
    totals: dict[str, int] = defaultdict(int)
    for it in arrived:
        totals["received"] += it.asked.quantity
        totals["damaged"] += it.asked.damaged
        totals["over"] += it.over
    return {
        "receipt": number,
        "location": request.location,
        "purchase_order": None if order is None else order.number,
        "purchase_order_state": state,
        "received_at": to_text(at),
        **totals,
        "lines": [
            {
                "sku": it.asked.sku,
                "quantity": it.asked.quantity,
                "damaged": it.asked.damaged,
                "over": it.over,
                "lot": it.asked.lot,
            }
            for it in arrived
        ],
    }
