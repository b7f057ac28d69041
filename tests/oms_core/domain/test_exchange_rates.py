"""Exchange rates: read with the digits they are written with, or refused."""

import pytest

from oms_core.domain.charges import Rate
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.exchange_rates import parse_rate


def test_a_rate_keeps_the_digits_it_is_written_with():
    assert parse_rate("0.1275") == Rate(1275, 4)


@pytest.mark.parametrize("text", ["0", "-1", "1,5", "x", "0.0000001", ""])
def test_what_is_no_rate_is_refused(text):
    with pytest.raises(InvalidRequestError, match="RATE_INVALID"):
        parse_rate(text)
