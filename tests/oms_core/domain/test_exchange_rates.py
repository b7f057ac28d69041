"""Exchange rates: the one valid at the instant, and none where none is known."""

import pytest

from oms_core.domain.charges import Rate
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.exchange_rates import DatedRate, parse_rate, rate_at

RATES = [
    DatedRate("CNY", "EUR", 200, Rate(13, 2)),
    DatedRate("CNY", "EUR", 100, Rate(1275, 4)),
    DatedRate("CNY", "USD", 100, Rate(14, 2)),
]


@pytest.mark.parametrize(
    ("at", "rate"), [(99, None), (100, Rate(1275, 4)), (199, Rate(1275, 4)), (200, Rate(13, 2)), (900, Rate(13, 2))]
)
def test_the_newest_rate_valid_at_the_instant_holds(at, rate):
    assert rate_at(RATES, "CNY", "EUR", at) == rate


def test_the_base_currency_needs_no_rate_and_an_unknown_one_has_none():
    assert rate_at([], "EUR", "EUR", 0) == Rate(1, 0)
    assert rate_at(RATES, "JPY", "EUR", 900) is None


def test_a_rate_keeps_the_digits_it_is_written_with():
    assert parse_rate("0.1275") == Rate(1275, 4)


@pytest.mark.parametrize("text", ["0", "-1", "1,5", "x", "0.0000001", ""])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(InvalidRequestError, match="RATE_INVALID"):
        parse_rate(text)
