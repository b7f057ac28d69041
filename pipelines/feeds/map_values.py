"""Values of a column map that must exist outside of it: encodings, zones, currency codes, formats of times."""

import re
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator


def _encoding(name: str) -> str:
    try:
        b"aa".decode(name, "ignore")  # codecs that are no text encoding (base64, zip) are refused too
    except (LookupError, UnicodeError):
        raise ValueError(f"there is no encoding {name!r}") from None
    return name


def _time_zone(name: str) -> str:
    if name != "company":
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"{name!r} is no time zone; use `company` or a name such as Asia/Shanghai") from None
    return name


def _delimiter(mark: str) -> str:
    if len(mark) != 1 or mark in '"\r\n\0':
        raise ValueError(f"{mark!r} cannot stand between cells; use one character")
    return mark


def _currency(code: str) -> str:
    if not is_currency(code):
        raise ValueError(f"{code!r} is no currency code; use an ISO 4217 code such as EUR")
    return code


def _time_format(text: str) -> str:
    if "%Z" in text.replace("%%", ""):
        raise ValueError("%Z reads the name of a zone and forgets it; use %z, or say `time_zone:`")
    return text


def constant_fits(text: str, kind: str) -> bool:
    """Whether a map's constant reads as a value of its field."""
    if kind == "timestamp":
        try:
            date.fromisoformat(text)
        except ValueError:
            return False
        return True
    wanted = {"integer": "[+-]?[0-9]+", "decimal": r"[+-]?[0-9]+(\.[0-9]+)?"}.get(kind)
    return wanted is None or re.fullmatch(wanted, text) is not None


def is_currency(code: str) -> bool:
    """Whether it is written as an ISO 4217 code: three capital letters."""
    return re.fullmatch("[A-Z]{3}", code) is not None


Encoding = Annotated[str, AfterValidator(_encoding)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Delimiter = Annotated[str, AfterValidator(_delimiter)]
Currency = Annotated[str, AfterValidator(_currency)]
TimeFormat = Annotated[str, AfterValidator(_time_format)]
