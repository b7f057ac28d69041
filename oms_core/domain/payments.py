"""Payments: what each method can do, its state table, and the sums that must hold. Never card data.

A tender is one method on one order; an order may have several. Its events are facts, its sums are counters over
them, its state is read off the sums. paid = captured − refunded − charged back, never below 0.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from oms_core.domain.charges import amount_text
from oms_core.domain.errors import InvalidRequestError, RuleViolationError


class PaymentMethod(StrEnum):
    """How money comes."""

    CARD = "card"
    DEBIT_CARD = "debit_card"
    ALIPAY = "alipay"
    WECHAT_PAY = "wechat_pay"
    PAYPAL = "paypal"
    BANK_TRANSFER = "bank_transfer"
    CASH_ON_DELIVERY = "cash_on_delivery"
    STORE_CREDIT = "store_credit"
    GIFT_CARD = "gift_card"
    UNKNOWN = "unknown"  # the source does not say


class PaymentEvent(StrEnum):
    """What can happen to a tender; every event carries an amount above 0."""

    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"  # gives back what was authorised and not captured
    REFUND = "refund"
    FAIL = "fail"  # an attempt that moved nothing
    CHARGE_BACK = "charge_back"  # the bank took it back
    CHARGE_BACK_REVERSED = "charge_back_reversed"


class PaymentState(StrEnum):
    """Where a tender or the payments of an order stand, read off the sums."""

    UNKNOWN = "unknown"  # of an order whose payments are not recorded here
    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    VOIDED = "voided"
    FAILED = "failed"
    CHARGED_BACK = "charged_back"


PAYMENT_METHODS = tuple(method.value for method in PaymentMethod)
PAYMENT_EVENTS = tuple(event.value for event in PaymentEvent)

_DISPUTES = frozenset({PaymentEvent.CHARGE_BACK, PaymentEvent.CHARGE_BACK_REVERSED})
_TAKEN_AT_ONCE = frozenset({PaymentEvent.CAPTURE, PaymentEvent.REFUND, PaymentEvent.FAIL})
_TWO_STEPS = _TAKEN_AT_ONCE | {PaymentEvent.AUTHORIZE, PaymentEvent.VOID}

# Which events a method knows. Alipay and WeChat Pay capture at once; a transfer, cash and own value cannot be
# charged back; cash on delivery is promised (authorised) with the order and captured at the door.
METHOD_EVENTS: Mapping[PaymentMethod, frozenset[PaymentEvent]] = {
    PaymentMethod.CARD: _TWO_STEPS | _DISPUTES,
    PaymentMethod.DEBIT_CARD: _TWO_STEPS | _DISPUTES,
    PaymentMethod.ALIPAY: _TAKEN_AT_ONCE | _DISPUTES,
    PaymentMethod.WECHAT_PAY: _TAKEN_AT_ONCE | _DISPUTES,
    PaymentMethod.PAYPAL: _TWO_STEPS | _DISPUTES,
    PaymentMethod.BANK_TRANSFER: _TAKEN_AT_ONCE,
    PaymentMethod.CASH_ON_DELIVERY: _TWO_STEPS,
    PaymentMethod.STORE_CREDIT: _TAKEN_AT_ONCE,
    PaymentMethod.GIFT_CARD: _TAKEN_AT_ONCE,
    PaymentMethod.UNKNOWN: _TAKEN_AT_ONCE | _DISPUTES,
}

AUTHORISING_METHODS = tuple(m.value for m, events in METHOD_EVENTS.items() if PaymentEvent.AUTHORIZE in events)
STORED_VALUE_METHODS = (PaymentMethod.STORE_CREDIT.value, PaymentMethod.GIFT_CARD.value)


@dataclass(frozen=True, slots=True)
class Tender:
    """The sums of one method on one order, at the currency's digits."""

    method: PaymentMethod
    authorized: int = 0
    captured: int = 0
    voided: int = 0
    refunded: int = 0
    charged_back: int = 0
    failed: bool = False

    @property
    def paid(self) -> int:
        """What the shop holds: captured − refunded − charged back."""
        return self.captured - self.refunded - self.charged_back

    @property
    def open_authorization(self) -> int:
        """What may still be captured or voided: authorised − captured − voided."""
        return max(self.authorized - self.captured - self.voided, 0)

    @property
    def authorises_first(self) -> bool:
        """Whether the method captures only what was authorised."""
        return self.method.value in AUTHORISING_METHODS

    @property
    def state(self) -> PaymentState:
        """Where the tender stands."""
        return _state_of([self], is_full=self.open_authorization == 0)


def _state_of(sums: Sequence[Tender], *, is_full: bool) -> PaymentState:
    """The first state that holds of tenders taken together."""
    captured, paid = sum(t.captured for t in sums), sum(t.paid for t in sums)
    charged_back, refunded = sum(t.charged_back for t in sums), sum(t.refunded for t in sums)
    choices = (
        (captured and paid == 0 and charged_back, PaymentState.CHARGED_BACK),
        (captured and paid == 0, PaymentState.REFUNDED),
        (captured and (refunded or charged_back), PaymentState.PARTIALLY_REFUNDED),
        (captured and is_full, PaymentState.PAID),
        (captured, PaymentState.PARTIALLY_PAID),
        (any(t.open_authorization for t in sums), PaymentState.AUTHORIZED),
        (any(t.authorized for t in sums), PaymentState.VOIDED),
        (any(t.failed for t in sums), PaymentState.FAILED),
    )
    return next((state for holds, state in choices if holds), PaymentState.UNPAID)


def _written(units: int, currency: str | None) -> str:
    return f"{amount_text(units, currency)} {currency}" if currency else f"{units} minor units"


# What each event adds to which sum, and what it may at most take.
_EFFECTS: Mapping[PaymentEvent, tuple[str, int]] = {
    PaymentEvent.AUTHORIZE: ("authorized", 1),
    PaymentEvent.CAPTURE: ("captured", 1),
    PaymentEvent.VOID: ("voided", 1),
    PaymentEvent.REFUND: ("refunded", 1),
    PaymentEvent.CHARGE_BACK: ("charged_back", 1),
    PaymentEvent.CHARGE_BACK_REVERSED: ("charged_back", -1),
}


def bound_of(tender: Tender, event: PaymentEvent) -> int | None:
    """The most the event may take from the tender now; null where there is no bound."""
    match event:
        case PaymentEvent.CAPTURE:
            return tender.open_authorization if tender.authorises_first else None
        case PaymentEvent.VOID:
            return tender.open_authorization
        case PaymentEvent.REFUND | PaymentEvent.CHARGE_BACK:
            return tender.paid
        case PaymentEvent.CHARGE_BACK_REVERSED:
            return tender.charged_back
        case _:
            return None


def allowed_events(tender: Tender) -> list[PaymentEvent]:
    """The events that the method knows and the sums allow now: the state table of the method."""
    return [e for e in PaymentEvent if e in METHOD_EVENTS[tender.method] and bound_of(tender, e) != 0]


def apply_event(tender: Tender, event: PaymentEvent, amount: int, *, currency: str | None = None) -> Tender:
    """The tender after the event; `currency`: to tell amounts of a refusal as written.

    Raises:
        InvalidRequestError: AMOUNT_INVALID for an amount of 0 or less, EVENT_NOT_OF_METHOD for one the method lacks.
        RuleViolationError: CAPTURE_ABOVE_AUTHORISED, VOID_ABOVE_AUTHORISED, REFUND_ABOVE_PAID,
            CHARGE_BACK_ABOVE_PAID or REVERSAL_ABOVE_CHARGED_BACK where the sums do not allow it.
    """
    if amount <= 0:
        raise InvalidRequestError(
            "AMOUNT_INVALID", f"an amount of {amount}", remedy="Give an amount above 0; the kind of event is its sign."
        )
    if event not in METHOD_EVENTS[tender.method]:
        known = ", ".join(sorted(METHOD_EVENTS[tender.method]))
        raise InvalidRequestError(
            "EVENT_NOT_OF_METHOD", f"{tender.method} knows no {event}", remedy=f"It knows: {known}."
        )
    bound = bound_of(tender, event)
    if bound is not None and amount > bound:
        code, remedy = _TOO_MUCH[event]
        raise RuleViolationError(
            code,
            f"{event} of {_written(amount, currency)} where at most {_written(bound, currency)} is possible",
            remedy=remedy,
            amount=amount,
            at_most=bound,
            state=tender.state.value,
        )
    if event is PaymentEvent.FAIL:
        return replace(tender, failed=True)
    name, sign = _EFFECTS[event]
    return replace(tender, **{name: getattr(tender, name) + sign * amount})


_TOO_MUCH: Mapping[PaymentEvent, tuple[str, str]] = {
    PaymentEvent.CAPTURE: ("CAPTURE_ABOVE_AUTHORISED", "Authorise more first, or capture less."),
    PaymentEvent.VOID: ("VOID_ABOVE_AUTHORISED", "Void at most what is authorised and not captured."),
    PaymentEvent.REFUND: ("REFUND_ABOVE_PAID", "Refund at most what was paid and is not back yet."),
    PaymentEvent.CHARGE_BACK: ("CHARGE_BACK_ABOVE_PAID", "Check the amount against what was paid."),
    PaymentEvent.CHARGE_BACK_REVERSED: ("REVERSAL_ABOVE_CHARGED_BACK", "Check the amount against the charge-backs."),
}


# --- several tenders -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cover:
    """How an order's total is covered: paid already, promised (authorised, cash at the door), and the rest."""

    total: int
    paid: int
    promised: int

    @property
    def missing(self) -> int:
        """What nobody has paid or promised yet, 0 at least."""
        return max(self.total - self.paid - self.promised, 0)

    @property
    def is_covered(self) -> bool:
        """Whether the order may be confirmed as far as money is concerned."""
        return self.missing == 0

    @property
    def to_refund(self) -> int:
        """What was paid above the total, 0 at least."""
        return max(self.paid - self.total, 0)


def cover(total: int, tenders: Iterable[Tender]) -> Cover:
    """How the tenders of an order cover its total."""
    listed = list(tenders)
    return Cover(total, sum(t.paid for t in listed), sum(t.open_authorization for t in listed))


def order_payment_state(total: int, tenders: Sequence[Tender], *, is_followed: bool) -> PaymentState:
    """The payment facet of an order. `is_followed`: its payments are recorded here, so that none means unpaid."""
    if not tenders and not is_followed:
        return PaymentState.UNKNOWN
    return _state_of(tenders, is_full=sum(t.paid for t in tenders) >= total)


def split_refund(amount: int, paid_by_tender: Sequence[int], *, currency: str | None = None) -> list[int]:
    """What each tender gives back of a refund, in their order: the first as much as it can, then the next.

    `currency`: to tell amounts of a refusal as written.

    Raises:
        RuleViolationError: REFUND_ABOVE_PAID where the tenders together hold less.
    """
    if amount > sum(paid_by_tender):
        raise RuleViolationError(
            "REFUND_ABOVE_PAID",
            f"a refund of {_written(amount, currency)} where {_written(sum(paid_by_tender), currency)} is paid",
            remedy=_TOO_MUCH[PaymentEvent.REFUND][1],
            amount=amount,
            at_most=sum(paid_by_tender),
        )
    parts = []
    for paid in paid_by_tender:
        parts.append(min(amount, paid))
        amount -= parts[-1]
    return parts
