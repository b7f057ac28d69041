"""How a metric's value reads: by its unit, in the reader's language. Blank is said in words, never shown as 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, TypeAlias

from dashboards.language import Number, Speaker

_FINE_BELOW: Final = 0.1  # small rates need a second digit


def written(say: Speaker, value: Number | None, unit: str, *, currency: str | None = None, short: bool = False) -> str:
    """A value with its unit; `short` where room is scarce."""
    if value is None:
        return say.text("values.blank")
    if unit == "money":
        return say.money(value, currency, short=short) if currency else say.number(value, 2)
    if unit == "ratio":
        return say.percent(value, 2 if abs(float(value)) < _FINE_BELOW else 1)
    if unit in {"turns", "days"}:
        return say.text(f"values.{unit}", number=say.number(value, 2 if unit == "turns" else 1))
    if isinstance(value, int):
        return say.compact(value) if short else say.number(value)
    return say.number(value, 2)


def written_row(say: Speaker, row: Mapping[str, Any], unit: str, *, short: bool = False) -> str:
    """The value of one row of an answer; a ratio of one currency among several names it."""
    text = written(say, row["value"], unit, currency=row.get("currency"), short=short)
    return text if unit == "money" or not row.get("currency") else f"{row['currency']} {text}"


def written_rows(say: Speaker, rows: Sequence[Mapping[str, Any]], unit: str) -> str:
    """The values of an answer without dimensions; several rows are amounts in several currencies."""
    present = [written_row(say, row, unit) for row in rows if row.get("value") is not None]
    return " · ".join(present) if present else say.text("values.blank")


Single: TypeAlias = tuple[Number, str | None]


def single(rows: Sequence[Mapping[str, Any]]) -> Single | None:
    """The one value of an answer with its currency; None when it is blank or comes in several currencies."""
    present = [(row["value"], row.get("currency")) for row in rows if row.get("value") is not None]
    return present[0] if len(present) == 1 else None


@dataclass(frozen=True, slots=True)
class Change:
    """How a value stands to an earlier one, as a reader sees it; no number of its own."""

    text: str
    direction: int  # -1, 0, 1
    judgement: Literal["better", "worse", "same", "neutral"]


def change(say: Speaker, now: Single | None, before: Single | None, unit: str, better: str | None) -> Change | None:
    """The step between two answers: points for ratios, per cent otherwise; None when blank or not in one currency."""
    if now is None or before is None or now[1] != before[1]:
        return None
    after, earlier = Decimal(now[0]), Decimal(before[0])
    step = after - earlier
    if unit == "ratio":
        shown = round(step * 100, 2)
        text = say.text("values.points", number=_signed(say, shown, 2))
    elif earlier == 0:
        shown = step
        text = say.text("values.from_zero")
    else:
        shown = round(step / abs(earlier) * 100, 1)
        text = say.text("values.percent_step", number=_signed(say, shown, 1))
    direction = (shown > 0) - (shown < 0)  # of what is shown: "+0.0 %, better" would be nonsense
    if direction == 0 or better is None:
        return Change(text, direction, "same" if direction == 0 else "neutral")
    return Change(text, direction, "better" if (direction > 0) == (better == "up") else "worse")


def _signed(say: Speaker, value: Decimal, digits: int) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "±") + say.number(abs(value), digits)
