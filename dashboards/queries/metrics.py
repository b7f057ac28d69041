"""Metrics by name: the only way a page gets a number. Cached by snapshot and arguments, and computes nothing.

A publish is a new snapshot, so a new key: nothing here ever needs clearing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import streamlit as st

from dashboards.queries.periods import Grain, Period, buckets
from pipelines.marts import metrics as door
from pipelines.marts.metrics import Answer, Metric
from pipelines.marts.snapshots import Snapshot

_ANSWERS = 2_000


@st.cache_data(max_entries=8, show_spinner=False)
def _metrics(snapshot_id: str, _snapshot: Snapshot) -> dict[str, Metric]:  # noqa: ARG001 - the id is the cache key
    return {metric.name: metric for metric in door.list_metrics(_snapshot)}


def metrics(snapshot: Snapshot) -> dict[str, Metric]:
    """Every metric of the snapshot by name, the ones that are due included."""
    return _metrics(snapshot.id, snapshot)


@st.cache_data(max_entries=_ANSWERS, show_spinner=False)
def _answer(snapshot_id: str, name: str, asked: tuple[Any, ...], _snapshot: Snapshot) -> Answer:  # noqa: ARG001 - see above
    by, first, last, grain, where, explain = asked
    return door.ask(_snapshot, name, by=by, start=first, end=last, grain=grain, where=dict(where), explain=explain)


def ask(
    snapshot: Snapshot,
    name: str,
    period: Period,
    *,
    by: Sequence[str] = (),
    grain: Grain | None = None,
    where: Mapping[str, Sequence[str]] | None = None,
    explain: bool = False,
) -> Answer:
    """A metric's answer for a period. Filters the metric has no dimension for must not be passed."""
    chosen = tuple(sorted((key, tuple(values)) for key, values in (where or {}).items() if values))
    return _answer(snapshot.id, name, (tuple(by), period.first, period.last, grain, chosen, explain), snapshot)


def ask_in_currencies(
    snapshot: Snapshot,
    name: str,
    period: Period,
    *,
    where: Mapping[str, Sequence[str]] | None = None,
    explain: bool = False,
) -> Answer:
    """A metric's one value, or one row a currency where amounts of several cannot be added for want of a rate."""
    answer = ask(snapshot, name, period, where=where, explain=explain)
    if door.MIXED_CURRENCIES not in (answer.note or ""):
        return answer
    apart = ask(snapshot, name, period, by=("currency",), where=where, explain=explain)
    return replace(apart, note=answer.note)


def series(rows: Sequence[Mapping[str, Any]], period: Period, grain: Grain) -> list[float] | None:
    """One value a bucket of the period, in order, from an answer's rows; None where no honest line can be drawn.

    A bucket without a row is zero for a sum (nothing happened). A blank value, a gap in a ratio or amounts in several
    currencies cannot be drawn.
    """
    if not rows or any(row.get("value") is None for row in rows) or len({row.get("currency") for row in rows}) > 1:
        return None
    by_start = {business_date(row[grain]): float(row["value"]) for row in rows}
    is_sum = all(row.get("denominator") is None for row in rows)
    starts = buckets(period, grain)
    if not is_sum and any(start not in by_start for start in starts):
        return None
    return [by_start.get(start, 0.0) for start in starts]


def remarks(answer: Answer) -> list[str]:
    """What must be said about an answer, by code: `unvalued`, `mixed`."""
    codes = {door.UNVALUED: "unvalued", door.MIXED_CURRENCIES: "mixed"}
    return [code for note, code in codes.items() if note in (answer.note or "")]


def values_of(snapshot: Snapshot, name: str, dimension: str, period: Period) -> list[str]:
    """The values a dimension takes for a metric in a period, in order; blanks are left out."""
    rows = ask(snapshot, name, period, by=(dimension,)).rows
    return sorted({str(row[dimension]) for row in rows if row.get(dimension) not in (None, "")})


def business_date(text: object) -> date:
    """A bucket's first day as the answer writes it."""
    return text if isinstance(text, date) else date.fromisoformat(str(text))
