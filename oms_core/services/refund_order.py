"""Give money back: to the tenders it came from, or as store credit. Bounded by what is paid; goods are never moved."""

from dataclasses import dataclass, replace
from typing import Any

from oms_core.domain.charges import amount_text, parse_amount
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.payment_references import check_reference
from oms_core.domain.payments import PaymentEvent, PaymentMethod, split_refund
from oms_core.domain.permissions import Permission
from oms_core.services.approvals import ask, decide, register
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.limits import is_above_limit
from oms_core.services.stored_balances import PROVIDER as STORED_VALUE
from oms_core.services.stored_balances import add_value
from oms_core.services.stored_value import IssueStoredValue, issue_as_decided
from oms_core.services.tenders import (
    Happening,
    OrderMoney,
    add_happening,
    money_document,
    money_of,
    read_money,
)
from oms_core.storage import payment_store, stored_value_store
from oms_core.storage.payment_store import TenderRow
from oms_core.storage.return_request_store import find_request

TARGETS = ("original", "store_credit")
_OURS = "oms"


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """An amount to give back, as written, in the order's currency.

    `tender`: only from this one; else from the first used on, each as much as it holds. `reference`: the provider's,
    where it was paid back there already. `code`: of a gift card, where the customer of store credit is not known.
    """

    order: str
    amount: str
    reason: str
    to: str = "original"
    tender: str | None = None
    reference: str | None = None
    return_request: str | None = None
    code: str | None = None
    code_digest: str | None = None  # of the code, where the request waited for a second person


@use_case("payment.refund", Permission.REFUND)
def refund_order(unit: Unit, request: RefundOrder) -> Outcome:
    """Give money back; no unit of goods is touched. Above the limit of policy `limits` it waits for a second person.

    The refunds of an order count together towards the limit, so that a large one cannot be cut into small ones.

    Raises:
        InvalidRequestError: REASON_MISSING, TARGET_UNKNOWN, TENDER_UNKNOWN, REFERENCE_AMBIGUOUS, RETURN_UNKNOWN.
        RuleViolationError: REFUND_ABOVE_PAID, REFERENCE_REUSED.
    """
    _require_sense(request)
    money = money_of(unit, request.order)
    amount = parse_amount(request.amount, money.order.currency)
    parts = _parts(money, request, amount)
    refunded = sum(row.tender.refunded for row in money.tenders)
    if is_above_limit(unit, "refund", refunded + amount, money.order.currency):
        waiting = request
        if request.code is not None:  # codes are not kept
            waiting = replace(request, code=None, code_digest=stored_value_store.code_hash(request.code))
        return ask(unit, "payment.refund", waiting, request.reason)
    return _pay_back(unit, money, request, parts)


def _decided(unit: Unit, request: RefundOrder) -> Outcome:
    """The refund that a second person agreed to, as far as it is still paid."""
    money = money_of(unit, request.order)
    amount = parse_amount(request.amount, money.order.currency)
    return _pay_back(unit, money, request, _parts(money, request, amount))


# What `payment.decide_approval` decides on: refunds, and value that is given away.
register("payment.refund", RefundOrder, Permission.REFUND_APPROVE, _decided)
register("payment.issue_stored_value", IssueStoredValue, Permission.REFUND_APPROVE, issue_as_decided)
decide_refund = use_case("payment.decide_approval", Permission.REFUND_APPROVE)(decide)


def _pay_back(unit: Unit, money: OrderMoney, request: RefundOrder, parts: list[tuple[TenderRow, int]]) -> Outcome:
    """Record the refund: an event a tender, and the value that goes to a card or credit."""
    request_id = _request_id(unit, money, request.return_request)
    for number, (row, part) in enumerate(parts, start=1):
        provider, reference = _reference(unit, request, row, number)
        what = Happening(PaymentEvent.REFUND, part, provider, reference, unit.call.now, request.reason, request_id)
        _, event_id = add_happening(unit, row, what)
        if request.to == "original" and row.stored_value_id is not None:
            _give_back(unit, money, row.stored_value_id, part, reference, event_id)
    total = sum(part for _, part in parts)
    if request.to == "store_credit":
        _credit(unit, money, request, total)
    currency = money.order.currency
    document = money_document(read_money(unit.connection, money.order)) | {
        "refunded": amount_text(total, currency),
        "to": request.to,
        "return_request": request.return_request,
        "parts": [{"tender": row.name, "amount": amount_text(part, currency)} for row, part in parts],
    }
    return Outcome("order", money.name, document, "payment.refunded", request.reason)


def _require_sense(request: RefundOrder) -> None:
    if not request.reason.strip():
        raise InvalidRequestError("REASON_MISSING", "a refund without a reason", remedy="Say why money goes back.")
    if request.to not in TARGETS:
        raise InvalidRequestError(
            "TARGET_UNKNOWN", f"{request.to!r} is no target of a refund", remedy=f"Use {' or '.join(TARGETS)}."
        )
    check_reference(request.reference or _OURS, request.reason)


def _parts(money: OrderMoney, request: RefundOrder, amount: int) -> list[tuple[TenderRow, int]]:
    """What each tender gives back, those that give nothing left out."""
    tenders = money.tenders
    if request.tender is not None:
        if (named := money.tender_called(request.tender)) is None:
            known = ", ".join(row.name for row in tenders) or "none"
            raise InvalidRequestError(
                "TENDER_UNKNOWN", f"{money.name} has no tender {request.tender!r}", remedy=f"Its tenders: {known}."
            )
        tenders = (named,)
    shares = split_refund(amount, [row.tender.paid for row in tenders], currency=money.order.currency)
    parts = [(row, share) for row, share in zip(tenders, shares, strict=True) if share]
    if request.reference is not None and len(parts) > 1:
        raise InvalidRequestError(
            "REFERENCE_AMBIGUOUS",
            f"one reference for a refund to {len(parts)} tenders",
            remedy="Refund each tender on its own, with its reference.",
        )
    return parts


def _reference(unit: Unit, request: RefundOrder, row: TenderRow, number: int) -> tuple[str, str]:
    """Provider and reference of a part: the provider's own where it was given, else the command's."""
    if request.to == "store_credit":
        return STORED_VALUE, f"refund/{unit.call.key}/{number}"
    if request.reference is None:
        return _OURS, f"refund/{unit.call.key}/{number}"
    provider = payment_store.provider_of(unit.connection, row.payment_id) or _OURS
    for known in payment_store.events_with_reference(unit.connection, provider, request.reference):
        if known.kind == PaymentEvent.REFUND:
            raise RuleViolationError(
                "REFERENCE_REUSED",
                f"{provider} reference {request.reference} is recorded as a refund already",
                remedy="Nothing is to be done if it is this one; another refund has a reference of its own.",
            )
    return provider, request.reference


def _give_back(unit: Unit, money: OrderMoney, value_id: int, amount: int, reference: str, event_id: int) -> None:
    stored_value_store.value_of(unit.connection, value_id)  # locked, as every writer of its journal does
    stored_value_store.add_entry(
        unit.connection,
        value_id,
        "give_back",
        amount,
        source_key=reference,
        reason=f"refund of order {money.name}",
        occurred_at=unit.call.now,
        stamp=unit.stamp,
        payment_event_id=event_id,
    )


def _credit(unit: Unit, money: OrderMoney, request: RefundOrder, amount: int) -> None:
    order, kind = money.order, PaymentMethod.STORE_CREDIT
    if (digest := request.code_digest or _digest(request.code)) is not None:
        kind = PaymentMethod.GIFT_CARD
    elif order.customer_id is not None:
        digest = stored_value_store.credit_hash(order.customer_id, order.currency)
    else:
        raise InvalidRequestError(
            "CUSTOMER_MISSING",
            f"order {money.name} names no customer who could have store credit",
            remedy="Give the code of a gift card, or refund to the original tenders.",
        )
    known = stored_value_store.find_value(unit.connection, digest)
    if known is not None and known.currency != order.currency:
        raise InvalidRequestError(
            "CURRENCY_OTHER", f"the card is in {known.currency}", remedy=f"Use a card in {order.currency}."
        )
    add_value(
        unit,
        kind=kind.value,
        digest=digest,
        currency=order.currency,
        customer_id=None if kind is PaymentMethod.GIFT_CARD else order.customer_id,
        amount=amount,
        source_key=f"refund/{unit.call.key}",
        reason=f"refund of order {money.name}",
    )


def _digest(code: str | None) -> str | None:
    return None if code is None else stored_value_store.code_hash(code)


def _request_id(unit: Unit, money: OrderMoney, number: str | None) -> int | None:
    if number is None:
        return None
    row: Any = find_request(unit.connection, number, lock=False)
    if row.order_id not in money.family:
        raise InvalidRequestError(
            "RETURN_UNKNOWN", f"return {number} is not of order {money.name}", remedy="Name a return of this order."
        )
    return int(row.request_id)
