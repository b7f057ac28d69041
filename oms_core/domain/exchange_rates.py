"""Exchange rates: a dated rate, and how one is read. A rate once used stays with what used it."""

from dataclasses import dataclass

from oms_core.domain.charges import Rate
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.money import parse_exact


@dataclass(frozen=True, slots=True)
class DatedRate:
    """Base units for one unit of a currency from an instant on (microseconds UTC)."""

    currency: str
    base_currency: str
    valid_from: int
    rate: Rate


def parse_rate(text: str) -> Rate:
    """The rate that `text` writes with a point.

    Raises:
        InvalidRequestError: RATE_INVALID for what is no number above 0 with at most six digits after the point.
    """
    try:
        exact = parse_exact(text)
    except ValueError:
        exact = None
    if exact is None or exact.units <= 0:
        raise InvalidRequestError(
            "RATE_INVALID",
            f"{text!r} is no exchange rate",
            remedy="Write base units for one unit, above 0, with a point and at most six digits after it.",
        )
    return Rate(exact.units, exact.scale)
