"""Exchange: the order that replaces what a return brings back, paid by what was paid for it; the rest is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text, divide_half_up, parse_amount, posted, sum_exact
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.money import Exact, currency_digits
from oms_core.domain.order_pricing import price_order
from oms_core.domain.order_requests import Address, NewCustomer, NewLine, NewPayment, PlaceOrder
from oms_core.domain.payments import PaymentEvent, split_refund
from oms_core.domain.permissions import Permission
from oms_core.domain.returns import ReturnState
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.order_paid import note_paid
from oms_core.services.place_orders import place_order
from oms_core.services.request_return import DOCUMENT
from oms_core.services.returns_read import line_money, return_document, share_of_line
from oms_core.services.tenders import Happening, OrderMoney, add_happening, money_by_id, tender_for
from oms_core.storage import return_request_store
from oms_core.storage.payment_store import TenderRow

_PROVIDER = "exchange"
_MILLION = 1_000_000
_PLACED_IN = frozenset(
    {
        ReturnState.APPROVED,
        ReturnState.IN_TRANSIT,
        ReturnState.PARTIALLY_RECEIVED,
        ReturnState.RECEIVED,
        ReturnState.CLOSED,
    }
)


@dataclass(frozen=True, slots=True)
class ReplacementPrice:
    """What one unit of a line's replacement costs, as written, without tax; else it costs what was paid."""

    line: str
    unit_price: str


@dataclass(frozen=True, slots=True)
class PlaceReplacement:
    """Place the order that an exchange asks for."""

    request: str
    prices: tuple[ReplacementPrice, ...] = ()


@use_case("return.place_replacement", Permission.RETURN_REVIEW)
def place_replacement(unit: Unit, request: PlaceReplacement) -> Outcome:
    """The replacement order, the money of the returned units carried over to it, and the difference.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN, NO_EXCHANGE, LINE_UNKNOWN, AMOUNT_INVALID.
        RuleViolationError: RETURN_STATE, EXCHANGE_PLACED, and what placing an order refuses.
    """
    row = _take_up(unit, request.request)
    order, worth = _replacement(unit, row, request)
    money = money_by_id(unit, row.order_id)
    total = price_order(order).total
    carried = min(posted(worth, row.currency), total, money.cover.paid)
    parts = _parts(money, carried)
    placed = place_order.within(unit, _paid(order, row.number, parts))
    _carry_over(unit, row, parts)
    return_request_store.set_replacement(unit.connection, row.request_id, placed.document["order_id"], unit.stamp)
    _pay_from_value(unit, row, placed.document["order_id"], parts)
    document = return_document(unit.connection, row.number) | {
        "replacement_order": placed.ref,
        "replacement_status": placed.document["status"],
        "replacement_total": amount_text(total, row.currency),
        "carried_over": amount_text(carried, row.currency),
        "to_pay": amount_text(total - carried, row.currency),
    }
    return Outcome(DOCUMENT, row.number, document, "return.replacement_placed")


def _take_up(unit: Unit, number: str) -> sa.Row[Any]:
    row = return_request_store.find_request(unit.connection, number)
    unit.call.actor.require_account(row.account)
    if row.kind != "exchange":
        raise InvalidRequestError(
            "NO_EXCHANGE", f"{number} asks for money, not for other goods", remedy="Place an order of its own."
        )
    if row.replacement_order_id is not None:
        raise RuleViolationError(
            "EXCHANGE_PLACED", f"the replacement for {number} is ordered already", remedy="Look at that order."
        )
    if row.state not in _PLACED_IN:
        raise RuleViolationError(
            "RETURN_STATE", f"return {number} is {row.state}", remedy="Approve it first.", state=row.state
        )
    return row


def _prices(request: PlaceReplacement, lines: Sequence[sa.Row[Any]]) -> dict[str, str]:
    prices = {price.line: price.unit_price for price in request.prices}
    if unknown := sorted(set(prices) - {it.line_key for it in lines}):
        raise InvalidRequestError(
            "LINE_UNKNOWN", f"the exchange has no line {unknown[0]!r}", remedy="Give prices for its own lines."
        )
    return prices


_Paid = dict[int, tuple[int, int]]


def _worth(it: sa.Row[Any], paid: _Paid, before: dict[int, int]) -> Exact:
    """What was paid, with tax, for the units of a line that are to come back."""
    units = it.quantity - it.given_up_quantity
    return share_of_line(it, sum(paid[it.line_id]), taken=before.get(it.line_id, 0), units=units)


def _replacement(unit: Unit, row: sa.Row[Any], request: PlaceReplacement) -> tuple[PlaceOrder, Exact]:
    """The order to place, and what was paid for the units it replaces."""
    rows = return_request_store.request_lines(unit.connection, row.request_id)
    lines = [it for it in rows if it.quantity > it.given_up_quantity]
    before = return_request_store.kept_before(unit.connection, row.request_id, [it.line_id for it in lines])
    paid = line_money(unit.connection, lines)
    prices = _prices(request, lines)
    scale = max([it.money_scale for it in lines] + [currency_digits(row.currency)])
    asked = []
    for number, it in enumerate(lines, start=1):
        price = prices.get(it.line_key)
        if price is None:
            asked.append(_as_paid(str(number), it, scale, paid[it.line_id], _worth(it, paid, before)))
        else:
            asked.append(_priced(str(number), it, row.currency, scale, paid[it.line_id], price))
    person = return_request_store.person_of(unit.connection, row.order_id)
    order = PlaceOrder(
        account=row.account,
        number=f"{row.external_id}-{row.number}",
        placed_at=unit.call.now,
        currency=row.currency,
        lines=tuple(asked),
        money_scale=scale,
        customer=NewCustomer(person.external_ref) if person.external_ref else None,
        ship_to=Address(*(getattr(person, name) for name in Address._fields)),
        payment_terms="prepaid",
        delivery_method=person.delivery_method,
        parent_order_id=row.order_id,
        relation="exchange",
    )
    return order, sum_exact(_worth(it, paid, before) for it in lines)


def _priced(key: str, it: sa.Row[Any], currency: str, scale: int, paid: tuple[int, int], price: str) -> NewLine:
    """A line of the replacement at a price of its own, taxed as the line it replaces."""
    net, tax = paid
    rate = it.tax_rate if it.tax_rate is not None else (divide_half_up(tax * _MILLION, net) if net else 0)
    unit_price = Exact(parse_amount(price, currency), currency_digits(currency)).at(scale)
    return NewLine(key, it.replacement_sku or it.sku, it.quantity - it.given_up_quantity, unit_price, tax_rate=rate)


def _as_paid(key: str, it: sa.Row[Any], scale: int, paid: tuple[int, int], worth: Exact) -> NewLine:
    """A line of the replacement at what was paid for the units it replaces."""
    net, tax = paid
    units = it.quantity - it.given_up_quantity
    own_tax = divide_half_up(worth.units * tax, net + tax) if net + tax else 0
    own_net = Exact(worth.units - own_tax, worth.scale).at(scale)
    unit_price = -(-own_net // units)
    return NewLine(
        key,
        it.replacement_sku or it.sku,
        units,
        unit_price,
        discount=unit_price * units - own_net,
        tax=Exact(own_tax, worth.scale).at(scale),
    )


_Parts = Sequence[tuple[TenderRow, int]]


def _parts(money: OrderMoney, amount: int) -> _Parts:
    shares = split_refund(amount, [row.tender.paid for row in money.tenders])
    return [(row, share) for row, share in zip(money.tenders, shares, strict=True) if share]


def _paid(order: PlaceOrder, number: str, parts: _Parts) -> PlaceOrder:
    """The replacement with the payments that are carried over to it; those of cards and credit follow."""
    payments = tuple(
        NewPayment(row.tender.method.value, kind.value, amount, _PROVIDER, f"{number}/{row.payment_id}")
        for row, amount in parts
        if row.stored_value_id is None
        for kind in (PaymentEvent.AUTHORIZE, PaymentEvent.CAPTURE)
        if kind is PaymentEvent.CAPTURE or row.tender.authorises_first
    )
    return replace(order, payments=payments)


def _carry_over(unit: Unit, row: sa.Row[Any], parts: _Parts) -> None:
    """Take from the tenders of the first order what the replacement was paid with."""
    for tender, amount in parts:
        what = Happening(
            PaymentEvent.REFUND,
            amount,
            _PROVIDER,
            f"{row.number}/{tender.payment_id}",
            unit.call.now,
            f"carried over to the replacement of {row.number}",
            row.request_id,
        )
        add_happening(unit, tender, what)


def _pay_from_value(unit: Unit, row: sa.Row[Any], order_id: int, parts: _Parts) -> None:
    """Pay the replacement with what a card or credit had paid: its balance stays, a later refund goes back to it."""
    money = money_by_id(unit, order_id)
    for tender, amount in parts:
        if tender.stored_value_id is not None:
            method = tender.tender.method
            name = f"{method}-{tender.stored_value_id}"
            fresh = tender_for(unit, money, method, name, tender.stored_value_id)
            reference = f"{row.number}/{tender.payment_id}"
            add_happening(unit, fresh, Happening(PaymentEvent.CAPTURE, amount, _PROVIDER, reference, unit.call.now))
    note_paid(unit, [order_id])
