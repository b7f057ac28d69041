"""From a statement's sums to an answer row: the currency an amount is in, the one division, the one rounding.

Money of several rows is one number only in one currency: the base currency when every row's base amount is known,
else the rows' own currency when it is the same for all, else there is no number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

from pipelines.marts.pruning import Question
from pipelines.marts.templates import Metric, Template, Term

_RATIO_DIGITS = 6
_COUNTED_UNITS = ("units", "orders", "lines", "payments")


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The row's values, and what must be said about it."""

    values: dict[str, Any]
    is_mixed: bool
    is_partly_unvalued: bool


@dataclass(frozen=True, slots=True)
class _Sides:
    numerator: Decimal | None
    denominator: Decimal | None
    currency: str | None
    is_mixed: bool = False
    sample_size: int | None = None


def answer_row(
    metric: Metric, templates: Mapping[str, Template], question: Question, row: Mapping[str, Any]
) -> AnswerRow:
    """One row of an answer from one row of the metric's statement."""
    interval = metric.formula.interval
    if interval is not None:
        sides = _interval_sides(row, templates[interval], question)
    else:
        sides = _sum_sides(metric, templates, question, row)
    values: dict[str, Any] = {name: row[name] for name in question.by}
    if question.grain:
        values[question.grain] = row["bucket_date"].isoformat()
    is_ratio = bool(metric.formula.denominator) or (interval is not None and "denominator" in row)
    values["value"] = _shown(_value(sides, is_ratio=is_ratio), metric.unit, sides.currency)
    values["numerator"] = _side(sides.numerator, sides.currency, metric.formula.numerator, templates)
    values["denominator"] = _side(sides.denominator, sides.currency, metric.formula.denominator, templates)
    values["sample_size"] = sides.sample_size
    if metric.unit == "money" and "currency" not in values:
        values["currency"] = sides.currency
    return AnswerRow(values=values, is_mixed=sides.is_mixed, is_partly_unvalued=bool(row.get("unvalued")))


def counts_in_base(
    metric: Metric, templates: Mapping[str, Template], question: Question, row: Mapping[str, Any]
) -> bool:
    """Whether a row of a metric's statement adds the amounts in the base currency, not the rows' own."""
    terms = (*metric.formula.numerator, *metric.formula.denominator)
    money = [number for number, term in enumerate(terms, start=1) if templates[term.template].is_money]
    present = [number for number in money if row[f"part_{number}_value"] is not None]
    return _currency(row, present, money, question)[0] == "base_"


def _value(sides: _Sides, *, is_ratio: bool) -> Decimal | None:
    if not is_ratio:
        return sides.numerator
    if sides.numerator is None or not sides.denominator:
        return None
    with localcontext(prec=60):
        return sides.numerator / sides.denominator


def _sum_sides(metric: Metric, templates: Mapping[str, Template], question: Question, row: Mapping[str, Any]) -> _Sides:
    numerator, denominator = metric.formula.numerator, metric.formula.denominator
    terms = (*numerator, *denominator)
    money = [number for number, term in enumerate(terms, start=1) if templates[term.template].is_money]
    present = [number for number in money if row[f"part_{number}_value"] is not None]
    prefix, currency = _currency(row, present, money, question)
    if present and currency is None:
        return _Sides(None, None, None, is_mixed=True, sample_size=_rows(row, terms))

    def total(side: Sequence[Term], first: int) -> Decimal | None:
        columns = [
            f"part_{number}_{prefix if number in money else ''}value" for number in range(first, first + len(side))
        ]
        if all(row[column] is None for column in columns):
            return None
        return sum((term.sign * _exact(row[column]) for term, column in zip(side, columns, strict=True)), Decimal(0))

    top, bottom = total(numerator, 1), total(denominator, 1 + len(numerator))
    if denominator and top is None and bottom is not None:
        top = Decimal(0)  # nothing returned of something sold is a rate of zero, not a blank
    counted = denominator and not any(templates[term.template].is_money for term in denominator)
    sample = int(bottom or 0) if counted else _rows(row, denominator or numerator, after=len(terms))
    return _Sides(top, bottom, currency, sample_size=sample)


def _rows(row: Mapping[str, Any], terms: Sequence[Term], *, after: int | None = None) -> int:
    """Rows of the marts behind the last so many terms."""
    last = len(terms) if after is None else after
    return sum(int(row.get(f"part_{number}_rows") or 0) for number in range(last - len(terms) + 1, last + 1))


def _currency(
    row: Mapping[str, Any], present: Sequence[int], money: Sequence[int], question: Question
) -> tuple[str, str | None]:
    """Which sums count ("base_" or own) and the currency they are in; none when they cannot be added."""
    if not money:
        return "", None
    base = {row[f"part_{number}_base_currency"] for number in present}
    asked_in_own = "currency" in question.by or len(question.where.get("currency", ())) == 1
    if not asked_in_own and len(base) == 1 and None not in base:
        return "base_", base.pop()
    own = {row["currency"] if "currency" in question.by else row[f"part_{number}_currency"] for number in present}
    return "", own.pop() if len(own) == 1 else None


def _interval_sides(row: Mapping[str, Any], template: Template, question: Question) -> _Sides:
    currency = row.get("currency") if template.is_money else None
    if template.is_money and "currency" not in question.by and (row.get("currencies") or 0) > 1:
        return _Sides(None, None, None, is_mixed=True, sample_size=row.get("sample_size"))
    with localcontext(prec=60):
        numerator = _scaled(row, "numerator")
        denominator = _scaled(row, "denominator")
    return _Sides(numerator, denominator, currency, sample_size=row.get("sample_size"))


def _scaled(row: Mapping[str, Any], side: str) -> Decimal | None:
    amount = row.get(side)
    if amount is None:
        return None
    times, per = row.get(f"{side}_times"), row.get(f"{side}_per")
    scaled = _exact(amount) * (_exact(times) if times is not None else 1)
    if per is None:
        return scaled
    return scaled / _exact(per) if per else None


def _side(
    amount: Decimal | None, currency: str | None, terms: Sequence[Term], templates: Mapping[str, Template]
) -> Decimal | int | None:
    """A side as it is shown: whole units as integers, money at the currency's digits, else six digits."""
    if amount is None:
        return None
    if terms:
        return _shown(amount, "money" if templates[terms[0].template].is_money else "units", currency)
    if currency is not None:
        return _rounded(amount, _money_digits(currency))
    return int(amount) if amount == amount.to_integral_value() else _rounded(amount, _RATIO_DIGITS)


def _shown(amount: Decimal | None, unit: str, currency: str | None) -> Decimal | int | None:
    if amount is None:
        return None
    if unit in _COUNTED_UNITS:  # units that are expected, not counted, need not be whole
        return int(amount) if amount == amount.to_integral_value() else _rounded(amount, _RATIO_DIGITS)
    if unit == "money":
        return None if currency is None else _rounded(amount, _money_digits(currency))
    return _rounded(amount, _RATIO_DIGITS)


def _rounded(amount: Decimal, digits: int) -> Decimal:
    with localcontext(prec=60):
        return amount.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def _money_digits(currency: str) -> int:
    from babel.numbers import get_currency_precision  # noqa: PLC0415 - only money needs it

    return int(get_currency_precision(currency))


def _exact(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(value)
