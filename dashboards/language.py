"""Languages: the text catalogues, and numbers, money and dates as a reader of the chosen language expects them.

Knows no page. A text is asked by its key; a key that is missing is a fault, not an empty label.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    format_percent,
)

LANGUAGES: Final = ("en", "zh")
LANGUAGE_NAMES: Final = {"en": "English", "zh": "中文"}
HTML_LANGUAGE: Final = {"en": "en-GB", "zh": "zh-CN"}
_LOCALES: Final = {"en": "en_GB", "zh": "zh_Hans_CN"}
_COMPACT_FROM: Final = 100_000  # below it the whole number fits a tile
_WHOLE_FROM: Final = 1_000  # from here on cents say nothing on a tile
_COMPACT_DIGITS: Final = {"en": 1, "zh": 2}  # 150.4K and 15.04万 say the same

Number: TypeAlias = Decimal | int | float


def choose_language(*, asked: str | None = None, cookie: str | None = None, accepts: str | None = None) -> str:
    """The reader's language: what they asked for, else their cookie, else their browser, else English."""
    for choice in (asked, cookie):
        if choice in LANGUAGES:
            return choice
    ranked: list[tuple[float, str]] = []
    for part in (accepts or "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            rank = float(weight or 1)
        except ValueError:
            rank = 0.0
        ranked.append((rank, tag.lower().split("-")[0].strip()))
    for rank, language in sorted(ranked, key=lambda item: -item[0]):
        if language in LANGUAGES and rank > 0:
            return language
    return LANGUAGES[0]


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every text of a language by dotted key."""
    path = Path(__file__).parent / "texts" / f"{language}.toml"
    return dict(_flatten(tomllib.loads(path.read_text("utf-8"))))


def _flatten(table: Mapping[str, object], prefix: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found.extend(_flatten(value, f"{name}."))
        else:
            found.append((name, str(value)))
    return found


def placeholders(text: str) -> frozenset[str]:
    """The names in braces of a text."""
    return frozenset(re.findall(r"\{(\w+)\}", text))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says things in one language: texts by key, values in the language's own format."""

    language: str

    @property
    def locale(self) -> Locale:
        """The Babel locale of the language."""
        return Locale.parse(_LOCALES[self.language])

    def text(self, key: str, **values: object) -> str:
        """The text of a key, with its placeholders filled; raises KeyError for an unknown key."""
        return catalogue(self.language)[key].format(**values)

    def knows(self, key: str) -> bool:
        """Whether there is a text of that key."""
        return key in catalogue(self.language)

    def placeholders(self, key: str) -> frozenset[str]:
        """What the text of a key must be given."""
        return placeholders(catalogue(self.language)[key])

    def word(self, group: str, value: str) -> str:
        """A code as a reader says it (`status.confirmed`); a code we have no word for stays as it came."""
        key = f"{group}.{value}"
        return self.text(key) if self.knows(key) else value

    def counted(self, key: str, count: int, **values: object) -> str:
        """The text of `key.one` or `key.other`, by the language's plural rule; `{count}` is filled."""
        form = self.locale.plural_form(count)
        chosen = f"{key}.{form}" if self.knows(f"{key}.{form}") else f"{key}.other"
        return self.text(chosen, count=self.number(count), **values)

    def pick(self, by_language: Mapping[str, str]) -> str:
        """This language's entry of a label that carries its own languages; English when it has none."""
        return by_language.get(self.language) or by_language.get("en") or next(iter(by_language.values()), "")

    def number(self, value: Number, digits: int | None = None) -> str:
        """A number with the language's separators; `digits` after the point, as many as there are by default."""
        pattern = None if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(value, format=pattern, locale=self.locale)

    def compact(self, value: Number, *, among: Number | None = None) -> str:
        """A number short enough for a tile or axis: 1.2M, 120万; below 100,000 the whole number.

        `among`: the highest of several numbers that must be written alike.
        """
        if abs(float(value if among is None else among)) < _COMPACT_FROM:
            return self.number(value)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=_COMPACT_DIGITS[self.language])

    def money(self, value: Number, currency: str, *, short: bool = False) -> str:
        """An amount with its currency; `short` for tiles and axes."""
        if short and _WHOLE_FROM <= abs(float(value)) < _COMPACT_FROM:
            return format_currency(round(value), currency, locale=self.locale, format="¤#,##0", currency_digits=False)
        if short and abs(float(value)) >= _COMPACT_FROM:
            return format_compact_currency(
                value, currency, locale=self.locale, fraction_digits=_COMPACT_DIGITS[self.language]
            )
        return format_currency(value, currency, locale=self.locale)

    def percent(self, value: Number, digits: int = 1) -> str:
        """A ratio as per cent."""
        return format_percent(value, format=f"#,##0.{'0' * digits}%" if digits else "#,##0%", locale=self.locale)

    def day(self, value: date) -> str:
        """A calendar day, month by name in English, numeric units in Chinese."""
        return format_date(value, format="medium", locale=self.locale)

    def days(self, first: date, last: date) -> str:
        """A span of days, both included."""
        return self.text("span.days", first=self.day(first), last=self.day(last)) if first != last else self.day(first)

    def instant(self, value: datetime, zone: str) -> str:
        """A moment in the company's zone, to the minute."""
        pattern = {"en": "d MMM y, HH:mm", "zh": "y-MM-dd HH:mm"}[self.language]
        return format_datetime(value, format=pattern, tzinfo=ZoneInfo(zone), locale=self.locale)

    def age(self, seconds: float) -> str:
        """A length of time in one unit, as words: 2 hours, 3 天."""
        return format_timedelta(timedelta(seconds=max(seconds, 60)), threshold=1.0, locale=self.locale)

    def country(self, code: str) -> str:
        """A country's name by its two-letter code; what is no such code stays as it came."""
        return self.locale.territories.get(code, code) if re.fullmatch("[A-Z]{2}", code) else code
