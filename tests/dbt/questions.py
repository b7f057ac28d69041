"""A few questions to every metric, each as a statement for DuckDB and one for PostgreSQL.

Sums over rows are compiled for DuckDB and translated. A macro is rendered by dbt for each engine, so PostgreSQL's
statement is the door's own with the bodies of PostgreSQL's rendering in it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlglot
from sqlglot import exp

from pipelines.marts.compilation import Compiled
from pipelines.marts.pruning import Question
from pipelines.marts.statements import statement_for
from pipelines.marts.templates import GRAINS, Metric


@dataclass(frozen=True)
class Asked:
    """One question in both languages; DuckDB is given the parameters, PostgreSQL has them in its text."""

    name: str
    duckdb: str
    parameters: Mapping[str, Any]
    postgres: str


def asked_of_every_metric(
    compiled: Compiled, *, rendered: Mapping[str, str], start: date, end: date
) -> Iterator[Asked]:
    """The total, and the metric by its dimensions in turn at every grain.

    `rendered`: the macros' statements by name, as dbt renders them for PostgreSQL.
    """
    templates = {template.name: template for template in compiled.templates}
    for number, metric in enumerate(metric for metric in compiled.metrics if metric.status == "ready"):
        for question in _questions(metric, number, start, end):
            statement = statement_for(metric.formula, templates, question)
            tree = sqlglot.parse_one(statement.sql, read="duckdb")
            if metric.formula.interval is not None:
                _put_bodies(tree, rendered[metric.formula.interval])
            yield Asked(
                name=f"{metric.name} by {', '.join(question.by) or 'nothing'} per {question.grain or 'period'}",
                duckdb=statement.sql,
                parameters=statement.parameters,
                postgres=tree.transform(_with_values(question.parameters())).sql(dialect="postgres"),
            )


def _questions(metric: Metric, number: int, start: date, end: date) -> Iterator[Question]:
    free = [name for name in metric.dimensions if name not in metric.asked_by]
    turned = free[number % len(free) :] + free[: number % len(free)] if free else []
    choices = [((), None), *((tuple(turned[at : at + 2]), grain) for at, grain in enumerate(GRAINS))]
    for dimensions, grain in choices:
        yield Question(by=(*metric.asked_by, *dimensions), start=start, end=end, grain=grain)


def _put_bodies(door: exp.Expr, rendered: str) -> None:
    """Put what dbt rendered for PostgreSQL in place of the same named parts of DuckDB's rendering."""
    own = sqlglot.parse_one(rendered, read="postgres")
    bodies = {cte.alias: cte.this for cte in own.find_all(exp.CTE)}
    projections = {one.alias_or_name: one for one in own.expressions}
    for cte in door.find_all(exp.CTE):
        cte.set("this", bodies[cte.alias].copy())
    pruned = next(one for one in door.find_all(exp.Subquery) if one.alias == "pruned").this
    pruned.set("expressions", [projections.get(one.alias_or_name, one).copy() for one in pruned.expressions])


def _with_values(parameters: Mapping[str, Any]) -> Any:
    def put(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Placeholder | exp.Parameter):
            value = parameters[node.name]
            return exp.cast(exp.Literal.string(str(value)), "date") if isinstance(value, date) else exp.convert(value)
        return node

    return put
