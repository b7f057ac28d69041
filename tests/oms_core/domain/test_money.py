"""Money as exact integers at a scale: nothing is rounded, nothing too long is taken."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.money import (
    MAX_SCALE,
    common_scale,
    currency_digits,
    from_scaled,
    parse_exact,
    scale_of,
    to_scaled,
)

SCALES = st.integers(min_value=0, max_value=MAX_SCALE)
UNITS = st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1)


@given(units=UNITS, scale=SCALES)
def test_an_amount_survives_the_way_to_a_decimal_and_back(units, scale):
    assert to_scaled(from_scaled(units, scale), scale) == units


@given(units=UNITS, scale=SCALES)
def test_an_amount_survives_the_way_through_its_text(units, scale):
    text = f"{from_scaled(units, scale):f}"

    assert to_scaled(parse_exact(text), scale) == units


@given(units=UNITS, scale=SCALES)
def test_an_amount_is_units_over_a_power_of_ten(units, scale):
    assert from_scaled(units, scale) * 10**scale == units


@given(units=st.integers(-(10**9), 10**9), scale=st.integers(1, MAX_SCALE))
def test_a_digit_that_does_not_fit_is_refused_and_never_rounded(units, scale):
    value = from_scaled(units * 10 + 1, scale)

    with pytest.raises(ValueError):  # noqa: PT011 - it says the value, nothing else
        to_scaled(value, scale - 1)


@given(values=st.lists(st.builds(from_scaled, st.integers(-(10**9), 10**9), SCALES), min_size=1))
def test_the_common_scale_holds_every_value(values):
    scale = common_scale(values)

    assert [from_scaled(to_scaled(value, scale), scale) for value in values] == values


@pytest.mark.parametrize(
    ("text", "scale", "units"),
    [("1.05", 2, 105), ("1.05", 4, 10500), ("-0.01", 2, -1), ("0", 0, 0), ("2.10", 1, 21), ("0.000001", 6, 1)],
)
def test_known_amounts(text, scale, units):
    assert to_scaled(Decimal(text), scale) == units


@pytest.mark.parametrize(
    ("text", "scale"),
    [("1.005", 2), ("0.1", 0), ("1", 7), ("1000000000000000000", 0), ("10000000000000000", 2), ("0.0000001", 6)],
)
def test_amounts_that_lose_something_are_refused(text, scale):
    with pytest.raises(ValueError):  # noqa: PT011 - it says the value, nothing else
        to_scaled(Decimal(text), scale)


def test_an_amount_below_its_bound_is_refused():
    assert to_scaled(Decimal("0.00"), 2, at_least=0) == 0
    with pytest.raises(ValueError, match=r"-0\.01"):
        to_scaled(Decimal("-0.01"), 2, at_least=0)


@pytest.mark.parametrize(
    "text", ["1e3", "1E+3", "NaN", "Infinity", "-Infinity", "1_000", "", " ", "1,5", "0x10", "1" * 25]
)
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - it says the value, nothing else
        parse_exact(text)


@pytest.mark.parametrize(("text", "digits"), [("2.10", 2), ("2", 0), ("2.000000", 6), ("-0.5", 1), ("100", 0)])
def test_the_scale_is_what_is_written(text, digits):
    assert scale_of(Decimal(text)) == digits


def test_zeros_beyond_six_digits_are_dropped_and_digits_are_not():
    assert common_scale([Decimal("2.1000000000"), Decimal("1.25")]) == 2
    assert common_scale([Decimal("2.1000000001")]) == 10  # to_scaled refuses it
    assert common_scale([None, None]) == 0


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("CNY", 2), ("KWD", 3), ("CLF", 4), ("XXX", 2)]
)
def test_digits_of_currencies(currency, digits):
    assert currency_digits(currency) == digits
