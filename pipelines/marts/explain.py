"""Explain this number: what it means, how it was made, the rows behind it, and the check that they add up to it.

The rows come from the same snapshot by another statement than the number: one without its sums. Added up again, they
give every row of the answer anew; the difference is told, not assumed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlglot import exp

from pipelines.marts import snapshots
from pipelines.marts.amounts import answer_row, counts_in_base
from pipelines.marts.catalogue import Catalogue, catalogue, metric_named, question_for
from pipelines.marts.metrics import Answer, ask
from pipelines.marts.pruning import Question
from pipelines.marts.snapshots import Snapshot
from pipelines.marts.source_rows import rows_behind
from pipelines.marts.statements import Statement, bound, statement_for
from pipelines.marts.templates import Metric, Template

ROWS_SHOWN = 50
_AMOUNTS = ("value", "base_value", "base_currency")
_SIDES = ("value", "numerator", "denominator")


@dataclass(frozen=True, slots=True)
class SourceRows:
    """One page of the rows behind one part of a metric, of `total` rows in a fixed order.

    `side` is numerator, denominator or both; `sign` how the part counts. Each row has the mart's keys, the template's
    dimensions and what it gives: `contribution` (in `currency` for money), or for stock and time, where a row is a
    piece of both sides, `numerator` and `denominator` before they are scaled.
    """

    side: str
    part: str
    sign: int
    total: int
    rows: list[dict[str, Any]]
    sql: str


@dataclass(frozen=True, slots=True)
class Check:
    """An answer's row beside what its source rows add up to; `difference` is 0 where they agree, both blank included.

    `key`: the row's dimensions and bucket.
    """

    key: dict[str, Any]
    side: str
    answered: Decimal | int | None
    readded: Decimal | int | None
    difference: Decimal | int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A number opened up. `adds_up`: every check has a difference of 0."""

    answer: Answer
    filters: dict[str, Any]
    source_rows: list[SourceRows]
    checks: list[Check]
    adds_up: bool


def explain(
    snapshot: Snapshot,
    name: str,
    *,
    by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    grain: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    limit: int = ROWS_SHOWN,
    page: int = 1,
) -> Explanation:
    """The metric's answer to a question with everything behind it; raises what asking raises.

    Shown are `limit` rows of each part, the first, second, … so many by `page`, from 1.
    """
    filters = dict(where or {})
    answer = ask(snapshot, name, by=by, start=start, end=end, grain=grain, where=filters, explain=True)
    known = catalogue(snapshot.path)
    metric = metric_named(known, name)
    question = question_for(metric, snapshot, by=by, start=start, end=end, grain=grain, where=filters)
    again = _readded(snapshot, known, metric, question)
    checks = _compared(answer.rows, [values for _, values in again], _keys(question))
    return Explanation(
        answer=answer,
        filters={"from": question.start, "to": question.end, "grain": grain, "by": list(by), "where": filters},
        source_rows=_source_rows(
            snapshot, known, metric, question, in_base=_in_base(known, metric, question, again), limit=limit, page=page
        ),
        checks=checks,
        adds_up=all(check.difference == 0 for check in checks),
    )


_Readded = list[tuple[dict[str, Any], dict[str, Any]]]


def _readded(snapshot: Snapshot, known: Catalogue, metric: Metric, question: Question) -> _Readded:
    """Rows of the statement made of the source rows, each with the answer's row it gives."""

    def sums(template: Template, asked: Question) -> exp.Select:
        return rows_behind(template, asked, known.marts).sums

    statement = statement_for(metric.formula, known.templates, question, part=sums)
    found = snapshots.fetch(snapshot, statement.sql, statement.parameters)
    return [(row, answer_row(metric, known.templates, question, row).values) for row in found]


def _in_base(
    known: Catalogue, metric: Metric, question: Question, again: _Readded
) -> Callable[[Mapping[str, Any]], bool]:
    """By a source row: does the answer's row it belongs to add up in the base currency?"""
    if metric.formula.interval is not None:
        return lambda _: False
    columns = [*(["bucket_date"] if question.grain else []), *question.by]
    found = {
        tuple(row[name] for name in columns): counts_in_base(metric, known.templates, question, row) for row, _ in again
    }
    return lambda row: found.get(tuple(row[name] for name in columns), False)


def _source_rows(
    snapshot: Snapshot,
    known: Catalogue,
    metric: Metric,
    question: Question,
    *,
    in_base: Callable[[Mapping[str, Any]], bool],
    limit: int,
    page: int,
) -> list[SourceRows]:
    formula = metric.formula
    if formula.interval is not None:
        parts = [("both", 1, formula.interval)]
    else:
        parts = [("numerator", term.sign, term.template) for term in formula.numerator]
        parts += [("denominator", term.sign, term.template) for term in formula.denominator]
    found = []
    for side, sign, part in parts:
        template = known.templates[part]
        listed = rows_behind(template, question, known.marts).rows
        statement = bound(listed, question)
        rows = _page(snapshot, listed, question, limit=limit, page=page)
        if template.kind == "sum":
            rows = [_contributing(row, sign=sign, in_base=in_base(row)) for row in rows]
        total = _total(snapshot, statement)
        found.append(SourceRows(side=side, part=part, sign=sign, total=total, rows=rows, sql=statement.sql))
    return found


def _page(snapshot: Snapshot, listed: exp.Select, question: Question, *, limit: int, page: int) -> list[dict[str, Any]]:
    statement = bound(listed.copy().limit(limit).offset((page - 1) * limit), question)
    return snapshots.fetch(snapshot, statement.sql, statement.parameters)


def _total(snapshot: Snapshot, statement: Statement) -> int:
    counted = f"select count(*) as total from ({statement.sql}) as listed"  # noqa: S608 - a statement of ours
    return int(snapshots.fetch(snapshot, counted, statement.parameters)[0]["total"])


def _contributing(row: Mapping[str, Any], *, sign: int, in_base: bool) -> dict[str, Any]:
    """A source row as it counts: its signed amount and the currency that is in."""
    shown = {name: it for name, it in row.items() if name not in _AMOUNTS}
    amount = row.get("base_value") if in_base else row["value"]
    shown["contribution"] = None if amount is None else sign * amount
    if "base_currency" in row:
        shown["currency"] = row["base_currency"] if in_base else row["currency"]
    return shown


def _keys(question: Question) -> list[str]:
    return [*question.by, *([question.grain] if question.grain else [])]


def _compared(
    answered: Sequence[Mapping[str, Any]], readded: Sequence[Mapping[str, Any]], keys: Sequence[str]
) -> list[Check]:
    """Every side of every row of either, beside its like."""
    sides = {tuple(row[key] for key in keys): [row, {}] for row in answered}
    for row in readded:
        sides.setdefault(tuple(row[key] for key in keys), [{}, {}])[1] = row
    checks = []
    for key, (told, again) in sides.items():
        for side in _SIDES:
            left, right = told.get(side), again.get(side)
            if left is None and right is None and side != "value":
                continue
            checks.append(
                Check(
                    key=dict(zip(keys, key, strict=True)),
                    side=side,
                    answered=left,
                    readded=right,
                    difference=_difference(left, right, is_there=bool(told) and bool(again)),
                )
            )
    return checks


def _difference(left: Any, right: Any, *, is_there: bool) -> Decimal | int | None:
    if left is None and right is None:
        return 0 if is_there else None
    if left is None or right is None:
        return None
    return Decimal(right) - Decimal(left)
