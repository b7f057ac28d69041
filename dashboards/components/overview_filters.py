"""The overview's filter bar and the line that says in words what is shown and what it is compared with."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from dashboards.components.filters import (
    Filters,
    choice_filter,
    comparison_filter,
    filter_bar,
    period_filter,
    reset_button,
)
from dashboards.components.speech import speaker
from dashboards.queries import metrics
from dashboards.queries.names import location_names
from dashboards.queries.periods import DEFAULT_CHOICE, ROLLING_DAYS, Period, compared, wanted_comparison
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot

FILTERED_BY: Final = ("channel", "country", "location")
_DEFAULTS: Final = {"ov_period": DEFAULT_CHOICE, "ov_compare": "previous"} | {f"ov_{name}": "" for name in FILTERED_BY}


def overview_filters(view: Snapshot, known: Sequence[Metric], data: Period) -> Filters:
    """The filter bar; a dimension is offered where a metric of the page has it and it takes two values or more."""
    say = speaker()
    where: dict[str, tuple[str, ...]] = {}
    with filter_bar("ov", _DEFAULTS):
        period = period_filter("ov", data)
        comparison = comparison_filter("ov")
        for name in FILTERED_BY:
            source = next((metric for metric in known if name in metric.dimensions), None)
            options = metrics.values_of(view, source.name, name, data) if source else []
            if len(options) > 1:
                label = say.text(f"dimensions.{name}")
                where[name] = choice_filter(f"ov_{name}", label, options, name=_spoken(name, view))
    return Filters(period, compared(period, comparison, data=data), comparison, where)


def _spoken(dimension: str, view: Snapshot) -> Callable[[str], str]:
    """How a value of the dimension is said."""
    say = speaker()
    if dimension == "country":
        return say.country
    if dimension == "channel":
        return partial(say.word, "channels")
    return partial(_named, location_names(view))


def _named(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code)


def period_line(data: Period, filters: Filters) -> None:
    """Which days are shown, which they are compared with, why they end where they end; and the way back to default."""
    say = speaker()
    period = say.days(filters.period.first, filters.period.last)
    wanted = wanted_comparison(filters.period, filters.comparison)
    if wanted is None:
        text = say.text("overview.period_line", period=period)
    elif filters.compared is None:
        text = say.text("overview.period_alone", period=period, before=say.day(wanted.first))
    else:
        text = say.text("overview.period_compared", period=period, before=say.days(wanted.first, wanted.last))
    if st.session_state["ov_period"] in ROLLING_DAYS:
        text = f"{text} {say.text('overview.anchored', last=say.day(data.last))}"
    line = st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="ov_period_line"
    )
    with line:
        st.caption(text, width="content")
        reset_button("ov", _DEFAULTS)
