"""Money as exact integers at a scale: nothing is rounded, nothing too long is taken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.money import MAX_SCALE, Exact, currency_digits, from_scaled, parse_exact

SCALES = st.integers(min_value=0, max_value=MAX_SCALE)
UNITS = st.integers(min_value=-(10**18) + 1, max_value=10**18 - 1)


@given(units=UNITS, scale=SCALES)
def test_an_amount_survives_the_way_through_its_text(units, scale):
    text = f"{from_scaled(units, scale):f}"

    assert parse_exact(text) == Exact(units, scale)
    assert parse_exact(text).decimal == from_scaled(units, scale)


@given(units=UNITS, scale=SCALES)
def test_an_amount_is_units_over_a_power_of_ten(units, scale):
    assert from_scaled(units, scale) * 10**scale == units


@given(units=st.integers(-(10**9), 10**9), scale=SCALES, more=st.integers(0, 3))
def test_a_greater_scale_holds_the_same_value(units, scale, more):
    number = Exact(units, scale)

    assert from_scaled(number.at(scale + more), scale + more) == number.decimal


@pytest.mark.parametrize(
    ("text", "units", "scale"),
    [("1.05", 105, 2), ("-0.01", -1, 2), ("0", 0, 0), ("2.10", 210, 2), ("+5", 5, 0), (".5", 5, 1), ("7.", 7, 0)],
)
def test_known_amounts_keep_the_digits_they_are_written_with(text, units, scale):
    assert parse_exact(text) == Exact(units, scale)


@pytest.mark.parametrize(("text", "units", "scale"), [("2.1000000000", 2_100_000, 6), ("-1.000000", -1_000_000, 6)])
def test_zeros_beyond_six_digits_are_dropped(text, units, scale):
    assert parse_exact(text) == Exact(units, scale)


@pytest.mark.parametrize("text", ["0.0000001", "2.1000000001", "1" + "0" * 18, "-" + "9" * 19, "10000000000000.000000"])
def test_digits_beyond_six_or_beyond_the_range_are_refused(text):
    with pytest.raises(ValueError, match=re.escape(text)):
        parse_exact(text)


@pytest.mark.parametrize(
    "text", ["1e3", "1E+3", "NaN", "Infinity", "-Infinity", "1_000", "", " ", "1,5", "0x10", ".", "-", "1.2.3", "１２"]
)
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - it says the value, nothing else
        parse_exact(text)


@pytest.mark.parametrize(
    ("currency", "digits"), [("EUR", 2), ("JPY", 0), ("CNY", 2), ("KWD", 3), ("CLF", 4), ("XXX", 2)]
)
def test_digits_of_currencies(currency, digits):
    assert currency_digits(currency) == digits
