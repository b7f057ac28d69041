"""What a snapshot can be asked: its metrics, their templates, and whether a question makes sense for one."""

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from pipelines.marts import snapshots
from pipelines.marts.pruning import Question
from pipelines.marts.snapshots import Snapshot
from pipelines.marts.templates import GRAINS, Metric, Template, metric_from


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every metric by name, the templates they are asked with, and the keys of the marts these read."""

    metrics: dict[str, Metric]
    templates: dict[str, Template]
    marts: dict[str, tuple[str, ...]]


@functools.lru_cache(maxsize=8)
def catalogue(path: Path) -> Catalogue:
    """What a snapshot's file knows of metrics; a file never changes, so it is read once."""
    with snapshots.cursor(path) as running:
        metrics = running.execute("select document from meta.metric order by position").fetchall()
        templates = running.execute(
            "select name, kind, is_money, dimensions, sql, version, lineage from meta.template"
        ).fetchall()
        marts = _marts(running)
    described = [metric_from(json.loads(document)) for (document,) in metrics]
    return Catalogue(
        metrics={metric.name: metric for metric in described},
        templates={
            name: Template(name, kind, is_money, tuple(json.loads(dims)), sql, version, tuple(json.loads(lineage)))
            for name, kind, is_money, dims, sql, version, lineage in templates
        },
        marts=marts,
    )


def _marts(running: Any) -> dict[str, tuple[str, ...]]:
    """Keys by mart; none in snapshots that were published before they were kept."""
    if not running.execute(
        "select 1 from duckdb_tables() where schema_name = 'meta' and table_name = 'mart'"
    ).fetchall():
        return {}
    kept = running.execute("select name, keys from meta.mart").fetchall()
    return {str(name): tuple(json.loads(keys)) for name, keys in kept}


def metric_named(known: Catalogue, name: str) -> Metric:
    """The metric that can be asked by a name.

    Raises:
        InvalidRequestError: METRIC_UNKNOWN.
        RuleViolationError: METRIC_DUE.
    """
    metric = known.metrics.get(name)
    if metric is None:
        raise InvalidRequestError(
            "METRIC_UNKNOWN", f"there is no metric {name!r}", remedy="`oms kpi --list` names them all."
        )
    if metric.status == "due":
        raise RuleViolationError(
            "METRIC_DUE", f"{name} cannot be asked yet: {metric.reason}", remedy="`oms kpi --list` shows what can."
        )
    return metric


def question_for(
    metric: Metric,
    snapshot: Snapshot,
    *,
    by: Sequence[str],
    start: date | None,
    end: date | None,
    grain: str | None,
    where: Mapping[str, Sequence[str]],
) -> Question:
    """The question, checked against what the metric can answer.

    Raises:
        InvalidRequestError: DIMENSION_UNKNOWN, DIMENSION_NEEDED, GRAIN_UNKNOWN, PERIOD_REVERSED.
    """
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
