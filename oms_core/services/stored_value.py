"""Gift cards and store credit: issued, redeemed on an order, read. No balance goes below 0, no code is kept."""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text, parse_amount
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.orders import Lifecycle
from oms_core.domain.payments import STORED_VALUE_METHODS, PaymentEvent, PaymentMethod
from oms_core.domain.permissions import Permission
from oms_core.services.approvals import ask
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.limits import is_above_limit
from oms_core.services.order_paid import note_paid
from oms_core.services.stored_balances import PROVIDER, add_value, value_document
from oms_core.services.tenders import (
    Happening,
    OrderMoney,
    add_happening,
    money_document,
    money_of,
    read_money,
    tender_for,
)
from oms_core.storage import stored_value_store
from oms_core.storage.orders_found import find_order

_SHORTEST_CODE = 10  # letters and digits; shorter codes can be guessed
_CURRENCY_LETTERS = 3


@dataclass(frozen=True, slots=True)
class IssueStoredValue:
    """Value to issue. A gift card has a code of the caller's; store credit belongs to the customer of an order."""

    kind: str
    amount: str
    reason: str
    currency: str | None = None  # of a gift card; store credit is in its order's
    code: str | None = None
    customer_of: str | None = None
    expires_at: int | None = None
    code_digest: str | None = None  # of the code, where the request waited for a second person


@dataclass(frozen=True, slots=True)
class RedeemStoredValue:
    """Pay an order from a gift card (by its code) or, without one, from the store credit of the order's customer."""

    order: str
    amount: str
    code: str | None = None


@use_case("payment.issue_stored_value", Permission.STORED_VALUE)
def issue_stored_value(unit: Unit, request: IssueStoredValue) -> Outcome:
    """A new gift card, or more credit for a customer; above the limit of policy `limits` it waits for a second person.

    Raises:
        InvalidRequestError: KIND_UNKNOWN, CODE_INVALID, CURRENCY_UNKNOWN, CUSTOMER_MISSING, AMOUNT_INVALID.
        RuleViolationError: CODE_TAKEN.
    """
    owner = _owner(unit, request)
    amount = parse_amount(request.amount, owner.currency)
    if is_above_limit(unit, "store_credit", amount, owner.currency):
        waiting = replace(request, code=None, code_digest=owner.digest)
        return ask(unit, "payment.issue_stored_value", waiting, request.reason)
    return _issue(unit, request, owner, amount)


def _issue(unit: Unit, request: IssueStoredValue, owner: "_Owner", amount: int) -> Outcome:
    value_id = add_value(
        unit,
        kind=request.kind,
        digest=owner.digest,
        currency=owner.currency,
        customer_id=owner.customer_id,
        amount=amount,
        source_key=unit.call.key,
        reason=request.reason,
        expires_at=request.expires_at,
    )
    row = stored_value_store.value_of(unit.connection, value_id)
    return Outcome("stored_value", str(value_id), value_document(row), "stored_value.issued", request.reason)


def issue_as_decided(unit: Unit, request: IssueStoredValue) -> Outcome:
    """The issue that a second person agreed to."""
    owner = _owner(unit, request)
    return _issue(unit, request, owner, parse_amount(request.amount, owner.currency))


@dataclass(frozen=True, slots=True)
class _Owner:
    """Whose value it is: found by `digest`."""

    digest: str
    currency: str
    customer_id: int | None


def _owner(unit: Unit, request: IssueStoredValue) -> _Owner:
    if request.kind == PaymentMethod.STORE_CREDIT:
        order = find_order(unit.connection, request.customer_of or "")
        unit.call.actor.require_account(order.account)
        customer_id = _customer(order)
        return _Owner(stored_value_store.credit_hash(customer_id, order.currency), order.currency, customer_id)
    if request.kind != PaymentMethod.GIFT_CARD:
        raise InvalidRequestError(
            "KIND_UNKNOWN", f"{request.kind!r} holds no value", remedy=f"Use {' or '.join(STORED_VALUE_METHODS)}."
        )
    currency, digest = _currency(request.currency), request.code_digest or _code_digest(request.code)
    if stored_value_store.find_value(unit.connection, digest) is not None:
        raise RuleViolationError(
            "CODE_TAKEN", "this code belongs to a card already", remedy="Issue the card under a new code."
        )
    return _Owner(digest, currency, None)


def _currency(code: str | None) -> str:
    if code is None or len(code) != _CURRENCY_LETTERS or not (code.isascii() and code.isalpha() and code.isupper()):
        raise InvalidRequestError(
            "CURRENCY_UNKNOWN", f"{code!r} is no currency code", remedy="Use an ISO 4217 code such as EUR."
        )
    return code


def _code_digest(code: str | None) -> str:
    if code is None or sum(letter.isalnum() for letter in code) < _SHORTEST_CODE:
        raise InvalidRequestError(
            "CODE_INVALID",
            "the code of the card is missing or too short",
            remedy=f"Give a random code of at least {_SHORTEST_CODE} letters and digits.",
        )
    return stored_value_store.code_hash(code)


def _customer(order: sa.Row[Any]) -> int:
    if order.customer_id is None:
        raise InvalidRequestError(
            "CUSTOMER_MISSING",
            f"order {order.account}/{order.external_id} names no customer",
            remedy="Use a gift card with a code.",
        )
    return int(order.customer_id)


@use_case("payment.redeem_stored_value", Permission.PAYMENT_RECORD)
def redeem_stored_value(unit: Unit, request: RedeemStoredValue) -> Outcome:
    """Pay an order, or a part of it, from a balance; at most what is missing and what the balance holds.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, CODE_UNKNOWN, CUSTOMER_MISSING, CURRENCY_OTHER, AMOUNT_INVALID.
        RuleViolationError: ORDER_ENDED, ORDER_COVERED, VALUE_EXPIRED, BALANCE_SHORT.
    """
    money = money_of(unit, request.order)
    amount = parse_amount(request.amount, money.order.currency)
    _require_open(money, amount)
    row = _value(unit, money, request.code)
    _require_usable(row, money, amount, now=unit.call.now)
    key = f"{row.stored_value_id}/{money.order.order_id}/{unit.call.key}"
    tender = tender_for(unit, money, PaymentMethod(row.kind), f"{row.kind}-{row.stored_value_id}", row.stored_value_id)
    what = Happening(PaymentEvent.CAPTURE, amount, PROVIDER, key, unit.call.now)
    _, event_id = add_happening(unit, tender, what)
    stored_value_store.add_entry(
        unit.connection,
        row.stored_value_id,
        "redeem",
        -amount,
        source_key=key,
        reason=f"order {money.name}",
        occurred_at=unit.call.now,
        stamp=unit.stamp,
        payment_event_id=event_id,
    )
    note_paid(unit, money.family)
    left = amount_text(row.balance - amount, row.currency)
    document = money_document(read_money(unit.connection, money.order)) | {
        "redeemed": amount_text(amount, row.currency),
        "method": row.kind,
        "balance": left,
    }
    return Outcome("order", money.name, document, "payment.redeemed")


def _require_open(money: OrderMoney, amount: int) -> None:
    if money.order.lifecycle == Lifecycle.CANCELLED:
        raise RuleViolationError(
            "ORDER_ENDED", f"{money.name} is {money.order.lifecycle}", remedy="Redeem the value on another order."
        )
    if amount > money.cover.missing:
        currency = money.order.currency
        raise RuleViolationError(
            "ORDER_COVERED",
            f"{amount_text(amount, currency)} {currency} where {amount_text(money.cover.missing, currency)} is missing",
            remedy="Redeem at most what is missing.",
            missing=money.cover.missing,
        )


def _value(unit: Unit, money: OrderMoney, code: str | None) -> sa.Row[Any]:
    if code is None:
        digest = stored_value_store.credit_hash(_customer(money.order), money.order.currency)
    else:
        digest = stored_value_store.code_hash(code)
    row = stored_value_store.find_value(unit.connection, digest)
    if row is None:
        raise InvalidRequestError(
            "CODE_UNKNOWN", "there is no balance under this code or customer", remedy="Check the code."
        )
    return row


def _require_usable(row: sa.Row[Any], money: OrderMoney, amount: int, *, now: int) -> None:
    if row.currency != money.order.currency:
        raise InvalidRequestError(
            "CURRENCY_OTHER",
            f"the balance is in {row.currency}, {money.name} in {money.order.currency}",
            remedy="Use it on an order in its own currency.",
        )
    if row.expires_at is not None and row.expires_at < now:
        raise RuleViolationError(
            "VALUE_EXPIRED", f"the balance expired at {to_text(row.expires_at)}", remedy="Use another tender."
        )
    if amount > row.balance:
        raise RuleViolationError(
            "BALANCE_SHORT",
            f"the balance holds {amount_text(row.balance, row.currency)} {row.currency}",
            remedy="Use at most its balance.",
            balance=row.balance,
        )


def stored_value_of(connection: sa.Connection, code: str) -> dict[str, Any]:
    """A gift card by its code: balance and journal.

    Raises:
        InvalidRequestError: CODE_UNKNOWN.
    """
    row = stored_value_store.find_value(connection, stored_value_store.code_hash(code), lock=False)
    if row is None:
        raise InvalidRequestError("CODE_UNKNOWN", "there is no balance under this code", remedy="Check the code.")
    entries = stored_value_store.entries_of(connection, row.stored_value_id)
    return value_document(row) | {
        "entries": [
            {"kind": it.kind, "amount": amount_text(it.amount, row.currency), "occurred_at": to_text(it.occurred_at)}
            for it in entries
        ]
    }
