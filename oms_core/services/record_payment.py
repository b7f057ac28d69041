"""Record what happened to a payment: authorised, captured, voided, failed, charged back."""

from dataclasses import dataclass
from typing import Any

from oms_core.domain.charges import amount_text, parse_amount
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.payment_references import check_reference
from oms_core.domain.payments import STORED_VALUE_METHODS, PaymentEvent, PaymentMethod
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.order_paid import note_paid
from oms_core.services.stock_moments import moment
from oms_core.services.tenders import (
    Happening,
    OrderMoney,
    add_happening,
    money_document,
    money_of,
    read_money,
    tender_for,
)
from oms_core.storage import payment_store

_PROMISING = frozenset({PaymentEvent.AUTHORIZE, PaymentEvent.CAPTURE})


@dataclass(frozen=True, slots=True)
class RecordPayment:
    """One event as the provider reports it; `amount` as written, in the order's currency.

    `tender` tells two payments of one method apart; without it an order has one tender a method.
    """

    order: str
    event: str
    method: str
    amount: str
    provider: str
    provider_ref: str
    tender: str | None = None
    currency: str | None = None
    occurred_at: int | None = None
    reason: str | None = None


@use_case("payment.record", Permission.PAYMENT_RECORD)
def record_payment(unit: Unit, request: RecordPayment) -> Outcome:
    """Record one payment event; the same reference again changes nothing. A paid order may be confirmed by a rule.

    Raises:
        InvalidRequestError: METHOD_UNKNOWN, EVENT_UNKNOWN, CURRENCY_OTHER, AMOUNT_INVALID, REFERENCE_MISSING,
            CARD_DATA_REFUSED, EVENT_NOT_OF_METHOD.
        RuleViolationError: REFERENCE_REUSED for a reference known with another content, IN_THE_FUTURE,
            and what the sums refuse.
    """
    event, method = _event(request.event), _method(request.method)
    check_reference(request.provider_ref, request.provider, request.tender, request.reason)
    money = money_of(unit, request.order)
    currency = money.order.currency
    if request.currency not in {None, currency}:
        raise InvalidRequestError(
            "CURRENCY_OTHER",
            f"{money.name} is in {currency}, the payment in {request.currency}",
            remedy="Record what was paid in the order's currency.",
        )
    amount = parse_amount(request.amount, currency)
    name = request.tender or method.value
    if _is_known(money, request, event, amount, _events_with(unit, request)):
        return _outcome(money, request, name, amount, known=True)
    at = moment(unit, request.occurred_at)
    happening = Happening(event, amount, request.provider, request.provider_ref, at, request.reason)
    row = tender_for(unit, money, method, name, None)
    if row.tender.method is not method:
        raise InvalidRequestError(
            "TENDER_OTHER",
            f"tender {name} of {money.name} is paid by {row.tender.method}",
            remedy="Give the new payment a tender name of its own.",
        )
    add_happening(unit, row, happening)
    if event in _PROMISING:
        note_paid(unit, money.family)
    return _outcome(read_money(unit.connection, money.order), request, name, amount, known=False)


def _event(name: str) -> PaymentEvent:
    if name not in list(PaymentEvent) or name == PaymentEvent.REFUND:
        known = ", ".join(event for event in PaymentEvent if event is not PaymentEvent.REFUND)
        raise InvalidRequestError(
            "EVENT_UNKNOWN", f"{name!r} is no event to record", remedy=f"Use one of {known}; refunds are commands."
        )
    return PaymentEvent(name)


def _method(name: str) -> PaymentMethod:
    usable = [method.value for method in PaymentMethod if method is not PaymentMethod.UNKNOWN]
    if name not in usable:
        raise InvalidRequestError(
            "METHOD_UNKNOWN", f"{name!r} is no payment method", remedy=f"Use one of {', '.join(usable)}."
        )
    if name in STORED_VALUE_METHODS:
        raise InvalidRequestError(
            "METHOD_UNKNOWN", f"{name} is paid from its own balance", remedy="Redeem it by its code instead."
        )
    return PaymentMethod(name)


def _events_with(unit: Unit, request: RecordPayment) -> list[Any]:
    return payment_store.events_with_reference(unit.connection, request.provider, request.provider_ref)


def _is_known(money: OrderMoney, request: RecordPayment, event: PaymentEvent, amount: int, recorded: list[Any]) -> bool:
    """Whether this very event is recorded; a reference that says something else is refused."""
    for row in recorded:
        if row.kind != event:
            continue
        same = row.order_id in money.family and (row.method, row.amount) == (request.method, amount)
        if not same:
            raise RuleViolationError(
                "REFERENCE_REUSED",
                f"{request.provider} reference {request.provider_ref} is recorded as {row.kind} of"
                f" {amount_text(row.amount, row.currency)} {row.currency} for another payment or amount",
                remedy="Check with the provider which of the two is right; a correction has a reference of its own.",
                recorded_amount=row.amount,
                amount=amount,
            )
        return True
    return False


def _outcome(money: OrderMoney, request: RecordPayment, name: str, amount: int, *, known: bool) -> Outcome:
    document = money_document(money) | {
        "event": request.event,
        "tender": name,
        "method": request.method,
        "amount": amount_text(amount, money.order.currency),
        "known": known,
    }
    topic = "" if known else f"payment.{request.event}"
    return Outcome("order", money.name, document, topic, request.reason)
