"""Charges add up: shares, tax, totals and base amounts, for currencies with 0, 2 and 3 digits (I8)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.charges import (
    LineCharge,
    Rate,
    allocate_by_largest_remainder,
    amount_text,
    base_amount,
    discount_shares,
    divide_half_up,
    line_totals,
    order_total,
    parse_amount,
    posted,
    share_of_units,
    tax_of,
)
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.money import Exact, currency_digits

AMOUNTS = st.integers(-(10**12), 10**12)
POSITIVE = st.integers(0, 10**12)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)
RATES = st.integers(0, 1_000_000)
CURRENCIES = st.sampled_from(["JPY", "EUR", "CNY", "KWD"])


@given(total=AMOUNTS, weights=WEIGHTS)
def test_shares_add_up_to_the_whole(total, weights):
    assert sum(allocate_by_largest_remainder(total, weights)) == total


@given(total=AMOUNTS, weights=WEIGHTS)
def test_each_share_is_its_quota_rounded_down_or_up(total, weights):
    shown = weights if any(weights) else [1] * len(weights)

    for share, weight in zip(allocate_by_largest_remainder(total, weights), shown, strict=True):
        assert abs(share - Fraction(total * weight, sum(shown))) < 1


@given(total=AMOUNTS, weights=WEIGHTS)
def test_a_negative_total_is_the_mirror_of_its_positive(total, weights):
    mirrored = [-share for share in allocate_by_largest_remainder(total, weights)]

    assert allocate_by_largest_remainder(-total, weights) == mirrored


@given(total=POSITIVE, weights=WEIGHTS)
def test_a_larger_weight_never_gets_less(total, weights):
    shares = allocate_by_largest_remainder(total, weights)

    for one, other in zip(sorted(zip(weights, shares, strict=True)), sorted(shares), strict=True):
        assert one[1] == other


@given(total=AMOUNTS, weights=st.lists(st.integers(0, 5), min_size=1).filter(any))
def test_a_zero_weight_beside_others_gets_nothing(total, weights):
    shares = allocate_by_largest_remainder(total, weights)

    assert all(share == 0 for share, weight in zip(shares, weights, strict=True) if weight == 0)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (1000, [1, 1, 1], [334, 333, 333]),
        (-1000, [1, 1, 1], [-334, -333, -333]),
        (100, [1, 2, 3], [17, 33, 50]),  # quotas 16.67, 33.33, 50
        (7, [5, 3, 2], [4, 2, 1]),  # quotas 3.5, 2.1, 1.4: one left over, the largest remainder is 0.5
        (2, [0, 0, 0], [1, 1, 0]),
        (5, [0, 7], [0, 5]),
        (0, [3, 4], [0, 0]),
        (0, [], []),
    ],
)
def test_known_shares(total, weights, shares):
    assert allocate_by_largest_remainder(total, weights) == shares


@pytest.mark.parametrize(("total", "weights"), [(1, []), (10, [3, -1])])
def test_what_cannot_be_shared_is_refused(total, weights):
    with pytest.raises(InvalidRequestError, match="WEIGHTS_INVALID"):
        allocate_by_largest_remainder(total, weights)


@given(total=AMOUNTS, parts=st.lists(st.integers(1, 50), min_size=1, max_size=8))
def test_parts_of_a_line_taken_one_after_the_other_add_up(total, parts):
    quantity, taken, found = sum(parts), 0, 0
    for units in parts:
        found += share_of_units(total, quantity, taken=taken, units=units)
        taken += units

    assert found == total


def test_ten_for_three_units_is_shared_as_shops_share_it():
    assert [share_of_units(1000, 3, taken=taken, units=1) for taken in range(3)] == [334, 333, 333]
    assert share_of_units(-1000, 3, taken=0, units=2) == -667


@pytest.mark.parametrize(("taken", "units"), [(0, 4), (2, 2), (-1, 1), (0, -1)])
def test_units_a_line_does_not_have_are_refused(taken, units):
    with pytest.raises(InvalidRequestError, match="UNITS_INVALID"):
        share_of_units(1000, 3, taken=taken, units=units)


@given(amounts=st.lists(POSITIVE, min_size=1, max_size=8), part=st.fractions(0, 1))
def test_a_discount_is_shared_whole_and_takes_no_line_below_zero(amounts, part):
    discount = int(sum(amounts) * part)

    shares = discount_shares(discount, amounts)

    assert sum(shares) == discount
    assert all(0 <= share <= amount for share, amount in zip(shares, amounts, strict=True))


def test_a_discount_above_the_lines_is_refused():
    with pytest.raises(RuleViolationError, match="DISCOUNT_TOO_LARGE"):
        discount_shares(501, [300, 200])


def test_a_negative_discount_is_refused():
    with pytest.raises(InvalidRequestError, match="DISCOUNT_INVALID"):
        discount_shares(-1, [300])


@given(numerator=AMOUNTS, denominator=st.integers(1, 10**9))
def test_rounding_goes_to_the_nearest_and_mirrors(numerator, denominator):
    rounded = divide_half_up(numerator, denominator)

    assert abs(Fraction(numerator, denominator) - rounded) <= Fraction(1, 2)
    assert divide_half_up(-numerator, denominator) == -rounded
    assert divide_half_up(numerator, -denominator) == -rounded


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"), [(5, 2, 3), (-5, 2, -3), (1, 2, 1), (3, 2, 2), (7, 3, 2), (-7, 3, -2)]
)
def test_halves_go_away_from_zero(numerator, denominator, rounded):
    assert divide_half_up(numerator, denominator) == rounded


@pytest.mark.parametrize(
    ("amount", "rate", "inclusive", "tax"),
    [
        (10000, 190_000, False, 1900),
        (11900, 190_000, True, 1900),
        (999, 190_000, True, 160),  # 159.50… of 9.99
        (1000, 80_000, False, 80),  # yen
        (1080, 80_000, True, 80),
        (10_005, 50_000, False, 500),  # 500.25 fils
        (10_010, 50_000, False, 501),  # 500.5 goes up
        (-10_010, 50_000, False, -501),
        (500, 0, True, 0),
    ],
)
def test_known_taxes(amount, rate, inclusive, tax):
    assert tax_of(amount, rate, inclusive=inclusive) == tax


@given(amount=AMOUNTS, rate=RATES)
def test_tax_within_a_price_is_the_tax_on_what_is_left_to_the_rounding(amount, rate):
    inside = tax_of(amount, rate, inclusive=True)

    assert abs(tax_of(amount - inside, rate, inclusive=False) - inside) <= 1


def test_a_negative_tax_rate_is_refused():
    with pytest.raises(InvalidRequestError, match="TAX_RATE_INVALID"):
        tax_of(100, -1, inclusive=False)


CHARGES = st.builds(
    LineCharge,
    quantity=st.integers(0, 1000),
    unit_price=st.integers(0, 10**6),
    digits=st.just(2),
    tax_per_million=RATES,
)


@given(line=CHARGES, part=st.fractions(0, 1))
def test_a_line_costs_price_times_quantity_less_discount_whether_tax_is_inside_or_on_top(line, part):
    discount = int(line.quantity * line.unit_price * part)
    line = LineCharge(line.quantity, line.unit_price, 2, discount, line.tax_per_million)

    inside = line_totals(line, prices_include_tax=True)
    on_top = line_totals(line, prices_include_tax=False)

    assert inside.total == on_top.amount == line.quantity * line.unit_price - discount
    assert on_top.total == on_top.amount + tax_of(on_top.amount, line.tax_per_million, inclusive=False)


def test_a_line_of_three_mugs_with_a_discount_and_tax_inside():
    totals = line_totals(LineCharge(3, 999, 2, discount=297, tax_per_million=190_000), prices_include_tax=True)

    assert (totals.amount, totals.tax, totals.discount, totals.total) == (2269, 431, 297, 2700)


def test_a_line_discounted_below_zero_is_refused():
    with pytest.raises(RuleViolationError, match="DISCOUNT_TOO_LARGE"):
        line_totals(LineCharge(1, 100, 2, discount=101), prices_include_tax=True)


@given(
    currency=CURRENCIES,
    lines=st.lists(CHARGES, min_size=1, max_size=8),
    part=st.fractions(0, 1),
    shipping=st.integers(0, 10**5),
    prices_include_tax=st.booleans(),
)
def test_line_totals_and_order_rows_are_the_order_total(currency, lines, part, shipping, prices_include_tax):
    digits = currency_digits(currency)
    gross = [line.quantity * line.unit_price for line in lines]
    shares = discount_shares(int(sum(gross) * part), gross)
    totals = [
        line_totals(
            LineCharge(line.quantity, line.unit_price, digits, share, line.tax_per_million),
            prices_include_tax=prices_include_tax,
        )
        for line, share in zip(lines, shares, strict=True)
    ]

    total = order_total([Exact(t.total, digits) for t in totals], [Exact(shipping, digits)], currency=currency)

    assert total.payable == sum(t.amount for t in totals) + sum(t.tax for t in totals) + shipping
    assert total.rounding.units == 0


@given(currency=CURRENCIES, parts=st.lists(st.tuples(AMOUNTS, st.integers(0, 6)), max_size=8))
def test_rows_with_more_digits_than_the_currency_are_rounded_once_and_the_rounding_is_shown(currency, parts):
    total = order_total([Exact(*part) for part in parts], [], currency=currency)

    exact = sum(Fraction(units, 10**scale) for units, scale in parts)
    shown = Fraction(total.rounding.units, 10**total.rounding.scale)
    assert Fraction(total.payable, 10**total.digits) - exact == shown
    assert abs(shown) <= Fraction(1, 2 * 10**total.digits)


@pytest.mark.parametrize(
    ("amount", "currency", "paid"),
    [
        (Exact(1005, 3), "EUR", 101),
        (Exact(-1005, 3), "EUR", -101),
        (Exact(5, 1), "JPY", 1),
        (Exact(12, 0), "KWD", 12000),
    ],
)
def test_posted_amounts_have_the_digits_of_their_currency(amount, currency, paid):
    assert posted(amount, currency) == paid


@pytest.mark.parametrize(
    ("amount", "currency", "rate", "base", "expected"),
    [
        (10_000, "CNY", Rate(1275, 4), "EUR", 1275),  # 100.00 yuan at 0.1275
        (10_000, "JPY", Rate(61, 4), "EUR", 6100),  # 10,000 yen at 0.0061
        (1_234, "KWD", Rate(301, 2), "EUR", 371),  # 1.234 dinar at 3.01 = 3.71434
        (105, "EUR", Rate(16255, 2), "JPY", 171),  # 1.05 euro at 162.55 = 170.6775
        (-105, "EUR", Rate(16255, 2), "JPY", -171),
        (999, "EUR", Rate(1, 0), "EUR", 999),
    ],
)
def test_known_base_amounts(amount, currency, rate, base, expected):
    assert base_amount(amount, currency, rate, base) == expected


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [("12.50", "EUR", 1250), ("12.5", "EUR", 1250), ("7", "JPY", 7), ("7.000", "JPY", 7), ("1.234", "KWD", 1234)],
)
def test_an_amount_is_read_at_the_digits_of_its_currency(text, currency, units):
    assert parse_amount(text, currency) == units


@pytest.mark.parametrize(
    ("text", "currency"), [("0", "EUR"), ("-1", "EUR"), ("1.005", "EUR"), ("7.5", "JPY"), ("1,5", "EUR"), ("x", "EUR")]
)
def test_what_cannot_be_paid_to_the_cent_is_refused(text, currency):
    with pytest.raises(InvalidRequestError, match="AMOUNT_INVALID"):
        parse_amount(text, currency)


@given(units=st.integers(1, 10**12), currency=CURRENCIES)
def test_an_amount_survives_the_way_through_its_text(units, currency):
    assert parse_amount(amount_text(units, currency), currency) == units
