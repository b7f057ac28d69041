"""An order checked and priced: what each line costs, how order discounts are shared, what the whole comes to (I8).

Everything that makes no sense whatever the state is refused here, before a database is asked.
"""

from collections.abc import Sequence
from typing import NamedTuple

from oms_core.domain.charges import LineCharge, discount_shares, line_totals, posted
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.money import MAX_SCALE, Exact, from_scaled
from oms_core.domain.order_requests import NewCharge, NewLine, NewPayment, PlaceOrder
from oms_core.domain.orders import LineKind
from oms_core.domain.payment_references import check_reference
from oms_core.domain.payments import METHOD_EVENTS, STORED_VALUE_METHODS, Cover, PaymentEvent, PaymentMethod

MOST_LINES = 1_000
MOST_UNITS = 10**9
MOST_MONEY = 10**15
PAYMENT_TERMS = ("prepaid", "cash_on_delivery", "on_account")
PAY_LATER = frozenset({"cash_on_delivery", "on_account"})
CHARGE_KINDS = ("discount", "surcharge", "tax", "shipping")
_CURRENCY_LETTERS = 3
_LONGEST_NUMBER = 200
_SOLD = frozenset({LineKind.ITEM, LineKind.SHIPPING, LineKind.FEE, LineKind.GIFT_CARD, LineKind.TIP})


class PricedLine(NamedTuple):
    """A line worked out, at the order's scale. `amount`: after all discounts, without tax."""

    line_key: str
    line_kind: str
    sku: str | None
    title: str | None
    quantity: int
    unit_price: int
    amount: int
    discount: int
    tax: int | None
    tax_rate: int | None


class PricedCharge(NamedTuple):
    """An order-level row; `shares`: what each line (by position) bears of a discount."""

    kind: str
    code: str | None
    amount: int
    shares: tuple[tuple[int, int], ...] = ()

    @property
    def is_shared(self) -> bool:
        """Whether the lines bear it, so that it is no row of the total."""
        return self.kind == "discount"


class PricedOrder(NamedTuple):
    """An order that makes sense. `total`: minor units of the currency, tax included, rounded once."""

    lines: tuple[PricedLine, ...]
    charges: tuple[PricedCharge, ...]
    total: int


def price_order(request: PlaceOrder) -> PricedOrder:
    """The order worked out: lines after discounts, tax, total.

    Raises:
        InvalidRequestError: ORDER_INVALID, naming the field and the line.
        RuleViolationError: DISCOUNT_TOO_LARGE.
    """
    _require_header(request)
    _require_lines(request.lines)
    discounts = [line.discount for line in request.lines]
    charges = [_priced_charge(request, charge, discounts) for charge in request.charges]
    lines = tuple(_priced_line(request, line, discounts[at]) for at, line in enumerate(request.lines))
    return PricedOrder(
        lines, tuple(charges), total_of(lines, charges, scale=request.money_scale, currency=request.currency)
    )


def total_of(lines: Sequence[PricedLine], charges: Sequence[PricedCharge], *, scale: int, currency: str) -> int:
    """Lines with their tax plus the order-level rows that no line bears, rounded once to the currency's digits."""
    exact = sum(line.amount + (line.tax or 0) for line in lines)
    exact += sum(charge.amount for charge in charges if not charge.is_shared)
    return posted(Exact(exact, scale), currency)


def cover_of(total: int, payments: Sequence[NewPayment]) -> Cover:
    """How the payments that came with an order cover its total; those of one method are one tender."""
    sums: dict[str, dict[str, int]] = {}
    for payment in payments:
        tender = sums.setdefault(payment.method, {PaymentEvent.AUTHORIZE.value: 0, PaymentEvent.CAPTURE.value: 0})
        tender[payment.kind] += payment.amount
    paid = sum(tender[PaymentEvent.CAPTURE.value] for tender in sums.values())
    promised = sum(
        max(tender[PaymentEvent.AUTHORIZE.value] - tender[PaymentEvent.CAPTURE.value], 0) for tender in sums.values()
    )
    return Cover(total, paid, promised)


def _priced_line(request: PlaceOrder, line: NewLine, discount: int) -> PricedLine:
    charge = LineCharge(line.quantity, line.unit_price, request.money_scale, discount, line.tax_rate or 0)
    worth = line.quantity * line.unit_price
    if not 0 <= discount <= worth:
        raise _too_large(request, f"line {line.line_key}", discount, worth)
    totals = line_totals(charge, prices_include_tax=request.prices_include_tax)
    amount, tax = totals.amount, (None if line.tax_rate is None else totals.tax)
    if line.tax is not None:  # the source's own tax goes before ours
        tax = line.tax
        amount = totals.total - tax if request.prices_include_tax else totals.amount
    return PricedLine(
        line.line_key,
        line.line_kind,
        line.sku,
        line.title,
        line.quantity,
        line.unit_price,
        amount,
        discount,
        tax,
        line.tax_rate,
    )


def _priced_charge(request: PlaceOrder, charge: NewCharge, discounts: list[int]) -> PricedCharge:
    if charge.kind not in CHARGE_KINDS:
        raise _invalid("charges", f"{charge.kind!r} is no kind of charge", f"Use one of {', '.join(CHARGE_KINDS)}.")
    if not 0 <= charge.amount < MOST_MONEY:
        raise _invalid(
            "charges", f"a {charge.kind} of {charge.amount}", "Give an amount from 0 on; the kind is its sign."
        )
    if charge.kind != "discount":
        return PricedCharge(charge.kind, charge.code, charge.amount)
    goods = [at for at, line in enumerate(request.lines) if line.line_kind == LineKind.ITEM.value]
    worth = [request.lines[at].quantity * request.lines[at].unit_price - discounts[at] for at in goods]
    if charge.amount > sum(worth):
        raise _too_large(request, "the goods", charge.amount, sum(worth))
    shares = discount_shares(charge.amount, worth)
    for at, share in zip(goods, shares, strict=True):
        discounts[at] += share
    return PricedCharge(charge.kind, charge.code, charge.amount, tuple(zip(goods, shares, strict=True)))


def _too_large(request: PlaceOrder, what: str, discount: int, worth: int) -> RuleViolationError:
    asked, most = (f"{from_scaled(units, request.money_scale):f} {request.currency}" for units in (discount, worth))
    return RuleViolationError(
        "DISCOUNT_TOO_LARGE",
        f"{what}: a discount of {asked} where {most} is charged",
        remedy="Give a discount from 0 to what the goods cost.",
        discount=asked,
        at_most=most,
    )


def _require_header(request: PlaceOrder) -> None:
    if not request.account:
        raise _invalid("account", "no account is named", "Name the channel account the order came by.")
    if not request.number or len(request.number) > _LONGEST_NUMBER or "/" in request.number:
        raise _invalid(
            "number", f"{request.number!r} is no order number", "Give the channel's number, without a slash."
        )
    currency = request.currency
    if len(currency) != _CURRENCY_LETTERS or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise _invalid("currency", f"{currency!r} is no currency", "Use its ISO 4217 code, like EUR.")
    if not 0 <= request.money_scale <= MAX_SCALE:
        raise _invalid("money_scale", f"{request.money_scale} digits", f"Use 0 to {MAX_SCALE}.")
    if request.payment_terms not in PAYMENT_TERMS:
        known = ", ".join(PAYMENT_TERMS)
        raise _invalid("payment_terms", f"{request.payment_terms!r} are no payment terms", f"Use one of {known}.")
    if (request.relation is None) != (request.parent_order_id is None) or request.relation not in {None, "exchange"}:
        raise _invalid("relation", "an order comes from its parent by an exchange, or has none", "Give both or none.")
    if request.placed_at <= 0:
        raise _invalid("placed_at", "the order was placed at no time", "Give the instant with its zone.")
    for payment in request.payments:
        _require_payment(payment)


def _require_payment(payment: NewPayment) -> None:
    if payment.method not in list(PaymentMethod):
        raise _invalid("payments", f"{payment.method!r} is no method", f"Use one of {', '.join(PaymentMethod)}.")
    allowed = {PaymentEvent.AUTHORIZE, PaymentEvent.CAPTURE} & METHOD_EVENTS[PaymentMethod(payment.method)]
    if payment.kind not in allowed:
        words = ", ".join(sorted(allowed))
        raise _invalid("payments", f"{payment.method} does not come as {payment.kind!r}", f"Use {words}.")
    if not 0 < payment.amount < MOST_MONEY or not payment.provider:
        raise _invalid("payments", "a payment lacks its amount or provider", "Give both, the amount above 0.")
    check_reference(payment.provider_ref)
    if payment.method in STORED_VALUE_METHODS:
        raise _invalid("payments", f"{payment.method} is redeemed, not reported", "Place the order, then redeem it.")


def _require_lines(lines: Sequence[NewLine]) -> None:
    if not 0 < len(lines) <= MOST_LINES:
        raise _invalid("lines", f"the order has {len(lines)} lines", f"Give 1 to {MOST_LINES:,}.")
    if len({line.line_key for line in lines}) < len(lines):
        raise _invalid("lines", "two lines have one key", "Give each line a key of its own.")
    for line in lines:
        if problem := _problem_of(line):
            raise _invalid(f"line {line.line_key}", problem, "Correct the line and place the order again.")


def _problem_of(line: NewLine) -> str | None:
    worth = line.quantity * line.unit_price
    checks = (
        (bool(line.line_key) and "." not in line.line_key, "the key is missing or has a point, which bundles use"),
        (line.line_kind in _SOLD, f"{line.line_kind!r} is no kind of line that is sold"),
        (line.line_kind != LineKind.ITEM.value or bool(line.sku), "the line names no SKU"),
        (0 < line.quantity <= MOST_UNITS, f"{line.quantity} units; a line has 1 or more"),
        (line.unit_price >= 0 and worth < MOST_MONEY, "the price is below 0 or beyond reason"),
        (line.tax is None or 0 <= line.tax <= worth, "the tax is below 0 or above the price"),
    )
    return next((problem for holds, problem in checks if not holds), None)


def _invalid(field: str, problem: str, remedy: str) -> InvalidRequestError:
    return InvalidRequestError("ORDER_INVALID", f"{field}: {problem}", remedy=remedy, field=field)
