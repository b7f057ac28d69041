"""Prices of orders: whatever the discounts and the currency, the parts add up to the total (I8)."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.money import currency_digits
from oms_core.domain.order_pricing import cover_of, price_order
from oms_core.domain.order_requests import NewCharge, NewLine, NewPayment, PlaceOrder

CURRENCIES = st.sampled_from(["JPY", "EUR", "KWD"])  # 0, 2 and 3 digits
LINES = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 10**6), st.sampled_from([None, 0, 70_000, 190_000, 233_333])),
    min_size=1,
    max_size=6,
)
ORDER = PlaceOrder("shop", "1", 1, "EUR", (NewLine("1", "MUG", 3, 1000),))


def an_order(currency, lines, *charges, inside=False):
    asked = tuple(NewLine(str(at), "MUG", units, price, tax_rate=rate) for at, (units, price, rate) in enumerate(lines))
    return replace(
        ORDER,
        currency=currency,
        lines=asked,
        money_scale=currency_digits(currency),
        charges=charges,
        prices_include_tax=inside,
    )


@given(currency=CURRENCIES, lines=LINES, inside=st.booleans(), share=st.integers(0, 100), shipping=st.integers(0, 999))
def test_lines_tax_and_charges_add_up_to_the_total(currency, lines, inside, share, shipping):
    gross = sum(units * price for units, price, _ in lines)
    discount = gross * share // 100
    request = an_order(currency, lines, NewCharge("discount", discount), NewCharge("shipping", shipping), inside=inside)

    priced = price_order(request)

    assert sum(line.discount for line in priced.lines) == discount
    assert sum(share for _, share in priced.charges[0].shares) == discount
    assert sum(line.amount + (line.tax or 0) for line in priced.lines) + shipping == priced.total
    if inside:
        assert priced.total == gross - discount + shipping
    assert all(line.amount >= 0 and (line.tax or 0) >= 0 for line in priced.lines)


@given(lines=LINES, first=st.integers(0, 50), second=st.integers(0, 50))
def test_several_discounts_never_take_a_line_below_zero(lines, first, second):
    gross = sum(units * price for units, price, _ in lines)
    charges = (NewCharge("discount", gross * first // 100), NewCharge("discount", gross * second // 100))

    priced = price_order(an_order("EUR", lines, *charges))

    assert sum(line.discount for line in priced.lines) == charges[0].amount + charges[1].amount
    assert all(0 <= line.discount <= line.quantity * line.unit_price for line in priced.lines)


def test_amounts_finer_than_the_currency_are_summed_first_and_rounded_once():
    lines = tuple(NewLine(str(at), "MUG", 1, 3333) for at in range(3))

    assert price_order(replace(ORDER, lines=lines, money_scale=4)).total == 100  # 0.9999


def test_the_sources_own_tax_goes_before_ours():
    line = NewLine("1", "MUG", 1, 1190, tax_rate=190_000, tax=191)

    assert price_order(replace(ORDER, lines=(line,), prices_include_tax=True)).lines[0][6:9] == (999, 0, 191)
    assert price_order(replace(ORDER, lines=(line,))).total == 1381


def test_a_discount_beyond_the_goods_is_refused_in_words_of_money():
    with pytest.raises(RuleViolationError) as refusal:
        price_order(replace(ORDER, charges=(NewCharge("discount", 3001),)))

    assert (refusal.value.details["discount"], refusal.value.details["at_most"]) == ("30.01 EUR", "30.00 EUR")


def test_an_authorisation_and_its_capture_are_paid_once():
    def payment(kind, amount, method="card"):
        return NewPayment(method, kind, amount, "psp", f"{kind}-{amount}")

    cover = cover_of(100, [payment("authorize", 80), payment("capture", 50), payment("capture", 20, "alipay")])

    assert (cover.paid, cover.promised, cover.missing) == (70, 30, 0)
