"""References of payments: what may be stored of one, and what looks like card data and is refused."""

import re
import unicodedata
from collections.abc import Iterator

from oms_core.domain.errors import InvalidRequestError

_UUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_DIGITS = re.compile(r"[0-9]+")
# Groups of digits that are words of their own: "4111 1111" is one, "5c42-4114" is none.
_GROUPS = re.compile(r"(?<![0-9A-Za-z])[0-9]+(?:[ .-][0-9]+)+(?![0-9A-Za-z])")
_CARD_DIGITS = range(13, 20)
_TWO_DIGITS = 9


def looks_like_a_card_number(text: str) -> bool:
    """Whether the text holds 13–19 digits (in groups or not) that pass the Luhn check.

    Longer numbers, such as the 28 digits of WeChat Pay and Alipay, are no card numbers. Source: ISO/IEC 7812-1,
    annex B. One in ten random numbers of a card's length passes by chance: give another id of the payment then.
    """
    plain = _UUID.sub("", unicodedata.normalize("NFKC", text))  # full-width digits are digits
    numbers = [number for number in _DIGITS.findall(plain) if len(number) in _CARD_DIGITS]
    numbers += [number for run in _GROUPS.findall(plain) for number in _numbers_in(run)]
    return any(_passes_luhn(number) for number in numbers)


def _numbers_in(run: str) -> Iterator[str]:
    """Every number of a card's length that neighbouring groups of digits form."""
    groups = re.split(r"[ .-]", run)
    for start in range(len(groups)):
        number = ""
        for group in groups[start:]:
            number += group
            if len(number) in _CARD_DIGITS:
                yield number


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(digits)))
    return sum(value - _TWO_DIGITS if value > _TWO_DIGITS else value for value in doubled) % 10 == 0


def check_reference(reference: str, *texts: str | None) -> None:
    """Nothing where a provider's reference (and other free text of a payment) holds no card data.

    Raises:
        InvalidRequestError: REFERENCE_MISSING for an empty one, CARD_DATA_REFUSED for what looks like a card number.
    """
    if not reference.strip():
        raise InvalidRequestError(
            "REFERENCE_MISSING", "a payment event without the provider's reference", remedy="Give its reference."
        )
    if any(looks_like_a_card_number(text) for text in (reference, *texts) if text):
        raise InvalidRequestError(
            "CARD_DATA_REFUSED",
            "a text of the payment looks like a card number",
            remedy="Card numbers are never stored. Give the reference of the payment provider.",
        )
