"""The one door to a number by name: list the metrics of a snapshot, ask one.

A ratio is sum over sum at every level and is divided here, once, from exact sums; money is rounded here, once, to
its currency's digits. No formula lives here: the snapshot's templates hold them all.
"""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from pipelines.marts import snapshots
from pipelines.marts.amounts import answer_row
from pipelines.marts.pruning import Question
from pipelines.marts.snapshots import Snapshot
from pipelines.marts.statements import statement_for
from pipelines.marts.templates import DIMENSIONS, GRAINS, Metric, Template, metric_from

__all__ = ["DIMENSIONS", "GRAINS", "Answer", "Metric", "ask", "list_metrics"]

MIXED_CURRENCIES = "mixed currencies: ask --by currency"
UNVALUED = "part of the stock has no known unit cost and is not valued"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a metric says.

    Rows: the asked dimensions, the bucket's first day under the grain's name, `value`, `numerator`, `denominator`
    (Decimal, int or None) and, for money, `currency`. `sql` and `lineage` are filled when asked to explain.
    """

    metric: str
    unit: str
    definition: Mapping[str, str]
    snapshot: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    sql: str = ""
    lineage: list[str] = field(default_factory=list)
    note: str | None = None


def list_metrics(snapshot: Snapshot) -> list[Metric]:
    """Every metric the project knows: those that can be asked, and those that are due with the reason."""
    return list(_catalogue(snapshot.path).metrics.values())


def ask(
    snapshot: Snapshot,
    name: str,
    *,
    by: Sequence[str] = (),
    start: date | None = None,
    end: date | None = None,
    grain: str | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    explain: bool = False,
) -> Answer:
    """The metric over the business dates `start` to `end`, both included; left out: all dates of the snapshot.

    Raises:
        InvalidRequestError: METRIC_UNKNOWN, DIMENSION_UNKNOWN, DIMENSION_NEEDED, GRAIN_UNKNOWN, PERIOD_REVERSED.
        RuleViolationError: METRIC_DUE, a name of the catalogue whose number comes with a later issue.
    """
    catalogue = _catalogue(snapshot.path)
    metric = _metric(catalogue, name)
    question = _question(metric, snapshot, by=by, start=start, end=end, grain=grain, where=where or {})
    statement = statement_for(metric.formula, catalogue.templates, question)
    found = snapshots.fetch(snapshot, statement.sql, statement.parameters)
    answered = [answer_row(metric, catalogue.templates, question, row) for row in found]
    notes = {
        MIXED_CURRENCIES: any(one.is_mixed for one in answered),
        UNVALUED: any(one.is_partly_unvalued for one in answered),
    }
    used = [term.template for term in (*metric.formula.numerator, *metric.formula.denominator)]
    parts = used or [str(metric.formula.interval)]
    lineage = dict.fromkeys(table for part in parts for table in catalogue.templates[part].lineage)
    return Answer(
        metric=metric.name,
        unit=metric.unit,
        definition=metric.definition,
        snapshot=snapshot.id,
        rows=[one.values for one in answered],
        sql=statement.sql if explain else "",
        lineage=list(lineage) if explain else [],
        note="; ".join(note for note, holds in notes.items() if holds) or None,
    )


@dataclass(frozen=True, slots=True)
class _Catalogue:
    metrics: dict[str, Metric]
    templates: dict[str, Template]


@functools.lru_cache(maxsize=8)
def _catalogue(path: Path) -> _Catalogue:
    with snapshots.cursor(path) as running:
        metrics = running.execute("select document from meta.metric order by position").fetchall()
        templates = running.execute(
            "select name, kind, is_money, dimensions, sql, version, lineage from meta.template"
        ).fetchall()
    described = [metric_from(json.loads(document)) for (document,) in metrics]
    return _Catalogue(
        metrics={metric.name: metric for metric in described},
        templates={
            name: Template(name, kind, is_money, tuple(json.loads(dims)), sql, version, tuple(json.loads(lineage)))
            for name, kind, is_money, dims, sql, version, lineage in templates
        },
    )


def _metric(catalogue: _Catalogue, name: str) -> Metric:
    metric = catalogue.metrics.get(name)
    if metric is None:
        raise InvalidRequestError(
            "METRIC_UNKNOWN", f"there is no metric {name!r}", remedy="`oms kpi --list` names them all."
        )
    if metric.status == "due":
        raise RuleViolationError(
            "METRIC_DUE", f"{name} cannot be asked yet: {metric.reason}", remedy="`oms kpi --list` shows what can."
        )
    return metric


def _question(
    metric: Metric,
    snapshot: Snapshot,
    *,
    by: Sequence[str],
    start: date | None,
    end: date | None,
    grain: str | None,
    where: Mapping[str, Sequence[str]],
) -> Question:
    for dimension in (*by, *where):
        if dimension not in metric.dimensions:
            raise InvalidRequestError(
                "DIMENSION_UNKNOWN",
                f"{metric.name} has no dimension {dimension!r}",
                remedy=f"It has: {', '.join(metric.dimensions)}.",
            )
    for dimension in metric.asked_by:
        if dimension not in by and len(where.get(dimension, ())) != 1:
            raise InvalidRequestError(
                "DIMENSION_NEEDED",
                f"{metric.name} has a number for each {dimension}, none for several at once",
                remedy=f"Ask `--by {dimension}`, or `--where {dimension}=…` for one of them.",
            )
    if grain is not None and grain not in GRAINS:
        raise InvalidRequestError("GRAIN_UNKNOWN", f"there is no grain {grain!r}", remedy=f"Use {', '.join(GRAINS)}.")
    if start is not None and end is not None and start > end:
        raise InvalidRequestError(
            "PERIOD_REVERSED", f"the period ends ({end}) before it starts ({start})", remedy="Swap the two dates."
        )
    if metric.formula.interval is not None:  # intervals are clipped to a period, so they need one
        start = start or _no_later_than(snapshot.first_date, end)
        end = end or _no_earlier_than(snapshot.last_date, start)
    filters = {dimension: tuple(values) for dimension, values in where.items() if values}
    return Question(by=tuple(dict.fromkeys(by)), start=start, end=end, grain=grain, where=filters)


def _no_later_than(day: date | None, end: date | None) -> date | None:
    return min(day, end) if day and end else day


def _no_earlier_than(day: date | None, start: date | None) -> date | None:
    return max(day, start) if day and start else day
