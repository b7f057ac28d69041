"""Money as exact integers at a scale, and the digits of the currencies.

An amount is (integer, scale): `(105, 2)` is 1.05. Source prices and line amounts keep the scale of the source,
at most `MAX_SCALE` digits; posted money (payments, totals) is at the currency's own digits.
"""

import re
from decimal import Decimal
from typing import NamedTuple

MAX_SCALE = 6
_MOST_DIGITS = 40  # no amount of money is longer; the range is checked on the integer
_WRITTEN = re.compile(r"(?P<sign>[+-]?)(?=\.?[0-9])(?P<whole>[0-9]*)(?:\.(?P<fraction>[0-9]*))?")
LARGEST = 10**18  # no amount reaches it: fits a signed 64-bit integer with room for a sum

# Digits after the point where ISO 4217 says other than two.
_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


def currency_digits(currency: str) -> int:
    """Digits after the point of an ISO 4217 currency. Source: ISO 4217 list one."""
    return _DIGITS.get(currency, 2)


class Exact(NamedTuple):
    """A number as written: an integer at `scale` digits after the point."""

    units: int
    scale: int

    def at(self, scale: int) -> int:
        """The integer at a scale not below this one's."""
        return self.units * int(10 ** (scale - self.scale))

    @property
    def decimal(self) -> Decimal:
        """The decimal it stands for."""
        return from_scaled(self.units, self.scale)


def parse_exact(text: str) -> Exact:
    """The number that `text` writes with a point, its digits kept: 2.10 has scale 2.

    Trailing zeros beyond `MAX_SCALE` digits are dropped, digits are not.

    Raises:
        ValueError: anything else, an exponent and more digits than `MAX_SCALE` or the range allow included.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None or len(text) > _MOST_DIGITS:
        raise ValueError(text)
    sign, whole, fraction = match["sign"], match["whole"] or "0", match["fraction"] or ""
    if len(fraction) > MAX_SCALE:
        fraction = fraction[:MAX_SCALE] + fraction[MAX_SCALE:].rstrip("0")
    units = int(sign + whole + fraction)
    if len(fraction) > MAX_SCALE or abs(units) >= LARGEST:
        raise ValueError(text)
    return Exact(units, len(fraction))


def from_scaled(units: int, scale: int) -> Decimal:
    """The decimal that an integer at `scale` digits stands for."""
    return Decimal(units).scaleb(-scale)
