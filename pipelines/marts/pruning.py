"""Turns a metric's template into the statement for one question: fewer dimensions, a time bucket, bound filters.

Works on the syntax tree: dimensions that were not asked leave the select list and the group by *before* anything is
aggregated, so distinct counts and sums are right at every level. No value is ever pasted into SQL.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import sqlglot
from sqlglot import exp

from pipelines.marts.templates import INTERVAL_COLUMNS, MONEY_COLUMNS, SUM_COLUMNS, Template

SAMPLE_SIZE = "sample_size"  # rows of the mart behind a row of the answer
_DIALECT = "duckdb"
_SUMS = {*SUM_COLUMNS, *INTERVAL_COLUMNS}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a template; `start` and `end` are business dates, both included.

    `where` keeps rows whose dimension has one of the values; an empty text stands for blank.
    """

    by: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    grain: str | None = None
    where: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def parameters(self) -> dict[str, object]:
        """Values of the parameters the statement may name."""
        bound: dict[str, object] = {"from": self.start, "to": self.end, "grain": self.grain}
        for dimension, values in self.where.items():
            bound |= {_parameter(dimension, at): value for at, value in enumerate(values) if value}
        return bound


def pruned(template: Template, question: Question) -> exp.Select:
    """The template's select with only the asked dimensions, the asked bucket and the filters."""
    statement = parsed(template.sql).copy()
    expressions = {projection.alias_or_name: unaliased(projection) for projection in statement.expressions}
    kept = _kept_columns(template, question, list(expressions))
    if question.grain and template.kind == "sum":
        expressions["bucket_date"] = bucket(question.grain, expressions["bucket_date"])
    grouped = [expressions[name].copy() for name in kept if name not in _SUMS]
    selected = [exp.alias_(expressions[name].copy(), name) for name in kept]
    if template.kind == "sum":
        selected.append(exp.alias_(exp.Count(this=exp.Star()), SAMPLE_SIZE))
    statement.set("expressions", selected)
    statement.set("group", exp.Group(expressions=grouped) if grouped else None)
    for condition in conditions(question, _parsed_expressions(template.sql), is_sum=template.kind == "sum"):
        statement = statement.where(condition, copy=False)
    return statement


@functools.lru_cache(maxsize=256)
def parsed(sql: str) -> exp.Select:
    """A template's syntax tree; copy it before changing anything."""
    statement = sqlglot.parse_one(sql, read=_DIALECT)
    if not isinstance(statement, exp.Select):
        raise TypeError("a template is a select")
    return statement


def _parsed_expressions(sql: str) -> dict[str, exp.Expression]:
    return {projection.alias_or_name: unaliased(projection) for projection in parsed(sql).expressions}


def unaliased(projection: exp.Expression) -> exp.Expression:
    """A projection without its name."""
    inner = projection.this if isinstance(projection, exp.Alias) else projection
    if not isinstance(inner, exp.Expression):
        raise TypeError("a projection is an expression")
    return inner


def _kept_columns(template: Template, question: Question, columns: Sequence[str]) -> list[str]:
    wanted = [*(["bucket_date"] if question.grain else []), *question.by]
    if template.is_money:
        wanted += [name for name in MONEY_COLUMNS if name not in question.by]
    return [name for name in wanted if name in columns] + [name for name in columns if name in _SUMS]


def bucket(grain: str, day: exp.Expression) -> exp.Expression:
    """The first day of a date's week, month or day."""
    truncated = exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(grain), day.copy()])
    return exp.cast(truncated, "date")


def conditions(question: Question, expressions: Mapping[str, exp.Expression], *, is_sum: bool) -> list[exp.Expression]:
    """The question's filters over a template's own expressions; a sum's period is one of them."""
    found: list[exp.Expression] = []
    if is_sum:
        day = expressions["bucket_date"]
        if question.start is not None:
            found.append(exp.GTE(this=day.copy(), expression=_placeholder("from")))
        if question.end is not None:
            found.append(exp.LTE(this=day.copy(), expression=_placeholder("to")))
    for dimension, values in question.where.items():
        found.append(_one_of(expressions[dimension], dimension, values))
    return found


def _one_of(column: exp.Expression, dimension: str, values: Sequence[str]) -> exp.Expression:
    named = [_placeholder(_parameter(dimension, at)) for at, value in enumerate(values) if value]
    tests: list[exp.Expression] = [exp.In(this=column.copy(), expressions=named)] if named else []
    if "" in values:
        tests.append(exp.Is(this=column.copy(), expression=exp.Null()))
    return exp.paren(exp.or_(*tests), copy=False)


def _placeholder(name: str) -> exp.Expression:
    return exp.Placeholder(this=name)


def _parameter(dimension: str, position: int) -> str:
    return f"{dimension}_{position}"
