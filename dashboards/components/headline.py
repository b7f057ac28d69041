"""The headline tile: a number never alone. Value, comparison in arrow and words, trend, definition, drill-down.

Nothing else on a page draws a metric's headline value.
"""

from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from dashboards.components.definition import show_definition
from dashboards.components.filters import Filters
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.components.values import Change, Single, change, single, written_row
from dashboards.language import Speaker
from dashboards.queries import metrics
from dashboards.queries.periods import Period, trend_of
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot

Colour = Literal["green", "red", "gray"]
_COLOURS: Final[dict[str, Colour]] = {"better": "green", "worse": "red", "same": "gray", "neutral": "gray"}


def headline(
    metric: Metric,
    snapshot: Snapshot,
    filters: Filters,
    *,
    data: Period,
    drill: tuple[str, Mapping[str, str]] | None = None,
) -> None:
    """One tile. `drill` is the page file and query of the rows behind the number, where a page shows them."""
    say = speaker()
    with st.container(border=True, height="stretch", key=f"tile_{metric.name}", gap="xsmall"):
        _head(metric, snapshot, filters)
        where = filters.for_metric(metric.dimensions)
        answer = metrics.ask_in_currencies(snapshot, metric.name, filters.period, where=where)
        rows = answer.rows
        present = [row for row in rows if row.get("value") is not None]
        value, *others = [written_row(say, row, metric.unit, short=True) for row in present] or [
            say.text("values.blank")
        ]
        step = _compared_step(metric, snapshot, filters, now=single(rows))
        st.metric(
            say.pick(metric.label),
            value,
            delta=None if step is None else say.text(f"tile.{step.judgement}", step=step.text),
            delta_color=_COLOURS[step.judgement] if step else "off",
            delta_arrow=("off" if step is None or step.direction == 0 else "up" if step.direction > 0 else "down"),
            label_visibility="collapsed",
            chart_data=None if others else _trend(metric, snapshot, filters, data),
            chart_type="line",
        )
        for other in others:  # an amount in a further currency
            st.markdown(f"**{literal(other)}**")
        _remarks(say, metric, filters, is_blank=not present, is_compared=step is not None)
        for remark in metrics.remarks(answer):
            st.caption(say.text(f"tile.{remark}"))
        if drill is not None:
            st.space("stretch")
            page, query = drill
            st.page_link(page, label=say.text("tile.rows"), icon=":material/arrow_forward:", query_params=dict(query))


def _head(metric: Metric, snapshot: Snapshot, filters: Filters) -> None:
    say = speaker()
    is_asked = st.button(
        say.pick(metric.label),
        key=f"define_{metric.name}",
        icon=":material/info:",
        icon_position="right",
        type="tertiary",
        help=say.text("tile.define"),
    )
    if is_asked:
        show_definition(metric, snapshot, filters)


def _compared_step(metric: Metric, snapshot: Snapshot, filters: Filters, *, now: Single | None) -> Change | None:
    if filters.compared is None or now is None:
        return None
    where = filters.for_metric(metric.dimensions)
    before = single(metrics.ask(snapshot, metric.name, filters.compared, where=where).rows)
    return change(speaker(), now, before, metric.unit, metric.better)


def _trend(metric: Metric, snapshot: Snapshot, filters: Filters, data: Period) -> list[float] | None:
    window = trend_of(filters.period, data=data)
    if window is None:
        return None
    period, grain = window
    answer = metrics.ask(snapshot, metric.name, period, grain=grain, where=filters.for_metric(metric.dimensions))
    values = metrics.series(answer.rows, period, grain)
    return values if values and len(values) > 1 else None


def _remarks(say: Speaker, metric: Metric, filters: Filters, *, is_blank: bool, is_compared: bool) -> None:
    if is_blank:
        st.caption(say.word("blank", metric.name) if say.knows(f"blank.{metric.name}") else say.text("blank.other"))
    elif not is_compared and filters.compared is not None:
        st.caption(say.text("tile.nothing_before"))
    ignored = [name for name, values in filters.where.items() if values and name not in metric.dimensions]
    if ignored:
        st.caption(
            say.text(
                "tile.not_filtered",
                filters=say.text("app.list_comma").join(say.text(f"dimensions.{name}") for name in ignored),
            )
        )
