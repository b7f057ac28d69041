"""Money as exact integers at a scale, and the digits of the currencies.

An amount is (integer, scale): `(105, 2)` is 1.05. Source prices and line amounts keep the scale of the source,
at most `MAX_SCALE` digits; posted money (payments, totals) is at the currency's own digits.
"""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

MAX_SCALE = 6
_MOST_DIGITS = 24  # beyond any amount of money, within the 28 that Decimal multiplies exactly
_LARGEST = 10**18  # fits a signed 64-bit integer with room for a sum

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


def parse_exact(text: str) -> Decimal:
    """The finite decimal that `text` writes with a point. Raises ValueError for anything else, exponents included."""
    if len(text) > _MOST_DIGITS:
        raise ValueError(text)
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not value.is_finite() or "e" in text.lower() or "_" in text:
        raise ValueError(text)
    return value


def scale_of(value: Decimal) -> int:
    """Digits after the point as written, trailing zeros included: 2.10 → 2."""
    exponent = value.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def to_scaled(value: Decimal, scale: int, *, at_least: int | None = None) -> int:
    """`value` as an integer at `scale` digits.

    Raises:
        ValueError: digits or range would be lost, the scale is beyond `MAX_SCALE`, or it is below `at_least`.
    """
    scaled = value.scaleb(scale)
    whole = int(scaled)
    too_low = at_least is not None and value < at_least
    if whole != scaled or abs(whole) >= _LARGEST or scale > MAX_SCALE or too_low:
        raise ValueError(str(value))
    return whole


def common_scale(values: Sequence[Decimal | None]) -> int:
    """The scale that holds every value; trailing zeros beyond `MAX_SCALE` are dropped first, digits are not."""
    scale = max((scale_of(value) for value in values if value is not None), default=0)
    if scale <= MAX_SCALE:
        return scale
    return max((scale_of(value.normalize()) for value in values if value is not None), default=0)


def from_scaled(units: int, scale: int) -> Decimal:
    """The decimal that an integer at `scale` digits stands for."""
    return Decimal(units).scaleb(-scale)
