"""The one door to a number by name: list the metrics of a snapshot, ask one.

A ratio is sum over sum at every level and is divided here, once, from exact sums; money is rounded here, once, to
its currency's digits. No formula lives here: the snapshot's templates hold them all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pipelines.marts import snapshots
from pipelines.marts.amounts import answer_row
from pipelines.marts.catalogue import catalogue, metric_named, question_for
from pipelines.marts.snapshots import Snapshot
from pipelines.marts.statements import statement_for
from pipelines.marts.templates import DIMENSIONS, GRAINS, Metric

__all__ = ["DIMENSIONS", "GRAINS", "Answer", "Metric", "ask", "list_metrics"]

MIXED_CURRENCIES = "mixed currencies: ask --by currency"
UNVALUED = "part of the stock has no known unit cost and is not valued"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a metric says.

    Rows: the asked dimensions, the bucket's first day under the grain's name, `value`, `numerator`, `denominator`
    (Decimal, int or None), `sample_size` and, for money, `currency`. `sql` and `lineage` are filled when asked to
    explain. `mature_until`: the last business date whose facts are firm by the metric's own maturity.
    """

    metric: str
    unit: str
    definition: Mapping[str, str]
    snapshot: str
    rows: list[dict[str, Any]] = field(default_factory=list)
    sql: str = ""
    lineage: list[str] = field(default_factory=list)
    note: str | None = None
    mature_until: date | None = None


def list_metrics(snapshot: Snapshot) -> list[Metric]:
    """Every metric the project knows: those that can be asked, and those that are due with the reason."""
    return list(catalogue(snapshot.path).metrics.values())


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
    known = catalogue(snapshot.path)
    metric = metric_named(known, name)
    question = question_for(metric, snapshot, by=by, start=start, end=end, grain=grain, where=where or {})
    statement = statement_for(metric.formula, known.templates, question)
    found = snapshots.fetch(snapshot, statement.sql, statement.parameters)
    answered = [answer_row(metric, known.templates, question, row) for row in found]
    notes = {
        MIXED_CURRENCIES: any(one.is_mixed for one in answered),
        UNVALUED: any(one.is_partly_unvalued for one in answered),
    }
    used = [term.template for term in (*metric.formula.numerator, *metric.formula.denominator)]
    parts = used or [str(metric.formula.interval)]
    lineage = dict.fromkeys(table for part in parts for table in known.templates[part].lineage)
    return Answer(
        metric=metric.name,
        unit=metric.unit,
        definition=metric.definition,
        snapshot=snapshot.id,
        rows=[one.values for one in answered],
        sql=statement.sql if explain else "",
        lineage=list(lineage) if explain else [],
        note="; ".join(note for note, holds in notes.items() if holds) or None,
        mature_until=mature_until(metric, snapshot),
    )


def mature_until(metric: Metric, snapshot: Snapshot) -> date | None:
    """The last business date whose facts are firm: the snapshot's last one less the days the metric takes."""
    if snapshot.last_date is None or metric.maturity_days is None:
        return None
    return snapshot.last_date - timedelta(days=metric.maturity_days)
