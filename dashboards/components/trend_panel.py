"""The large line of one metric: a sentence as title that says the finding, and the compared period dotted."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards.charts.trend import Line, TrendWords, trend_figure
from dashboards.components.device import is_phone
from dashboards.components.filters import Filters
from dashboards.components.speech import speaker
from dashboards.components.values import change, single, written
from dashboards.language import Speaker
from dashboards.queries import metrics
from dashboards.queries.periods import Grain, Period, buckets, grain_of, whole_buckets
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot


def trend_panel(metric: Metric, snapshot: Snapshot, filters: Filters) -> None:
    """Title, chart and, for readers who do not see it, the finding as text. For sums: no row reads as zero."""
    say = speaker()
    grain = grain_of(filters.period)
    rows = _rows(metric, snapshot, filters, filters.period, grain)
    finding = _finding(say, metric, snapshot, filters, rows=rows, grain=grain)
    st.header(finding, anchor=False)
    if all(row.get("value") is None for row in rows):
        st.info(say.text("overview.trend.blank"), icon=":material/info:")
        return
    actual = _line(say, filters.period, rows, grain)
    before = _rows(metric, snapshot, filters, filters.compared, grain) if filters.compared else []
    compared = _line(say, filters.compared, before, grain) if filters.compared else None
    currencies = {row.get("currency") for row in (*rows, *before)}
    if actual is None or len(currencies) > 1:
        st.info(say.text("overview.trend.several_currencies"), icon=":material/info:")
        return
    currency = next(iter(currencies))
    highest = max(value for line in (actual, compared) if line for value in line.values)
    words = TrendWords(
        unit=say.text(
            "overview.trend.axis", metric=say.pick(metric.label), unit=currency or say.word("units", metric.unit)
        ),
        amount=lambda value: say.percent(value) if metric.unit == "ratio" else say.compact(value, among=highest),
        exact=lambda value: written(say, value, metric.unit, currency=currency),
        day=say.day,
    )
    figure = trend_figure(actual, compared, grain=grain, words=words, compact=is_phone())
    st.plotly_chart(figure, key="ov_trend_chart", config={"displayModeBar": False}, alt=finding)
    if grain != "day" and whole_buckets(filters.period, grain) != filters.period:
        st.caption(say.text(f"overview.trend.ragged_{grain}"))


def _rows(metric: Metric, snapshot: Snapshot, filters: Filters, period: Period, grain: Grain) -> list[dict[str, Any]]:
    where = filters.for_metric(metric.dimensions)
    return metrics.ask(snapshot, metric.name, period, grain=grain, where=where).rows


def _line(say: Speaker, period: Period, rows: Sequence[dict[str, Any]], grain: Grain) -> Line | None:
    values = metrics.series(rows, period, grain)
    return None if values is None else Line(say.days(period.first, period.last), buckets(period, grain), values)


def _finding(
    say: Speaker, metric: Metric, snapshot: Snapshot, filters: Filters, *, rows: Sequence[dict[str, Any]], grain: Grain
) -> str:
    label = say.pick(metric.label)
    where = filters.for_metric(metric.dimensions)
    if filters.compared is not None:
        now = single(metrics.ask(snapshot, metric.name, filters.period, where=where).rows)
        before = single(metrics.ask(snapshot, metric.name, filters.compared, where=where).rows)
        step = change(say, now, before, metric.unit, metric.better)
        if step is not None:
            way = {1: "up", 0: "same", -1: "down"}[step.direction]
            return say.text(
                f"overview.trend.{way}",
                metric=label,
                step=step.text.lstrip("+−±"),
                than=say.text(f"overview.than.{filters.comparison}"),
            )
    best = max((row for row in rows if row.get("value") is not None), key=lambda row: row["value"], default=None)
    if best is None:
        return say.text("overview.trend.none", metric=label)
    return say.text(f"overview.trend.best_{grain}", metric=label, day=say.day(metrics.business_date(best[grain])))
