"""Overview: is the business where it should be, and what moved?"""

from collections.abc import Mapping
from functools import partial
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components import overview_export
from dashboards.components.filters import (
    Filters,
    choice_filter,
    comparison_filter,
    filter_bar,
    period_filter,
    reset_button,
)
from dashboards.components.freshness import freshness_line, held_back_notice
from dashboards.components.headline import headline
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.speech import speaker
from dashboards.components.top_products import top_products
from dashboards.components.trend_panel import trend_panel
from dashboards.identity import guard
from dashboards.queries import metrics, orders, snapshot
from dashboards.queries.names import location_names
from dashboards.queries.periods import Period, compared, wanted_comparison
from oms_core.domain.errors import OmsError
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot

TILES: Final = (
    "net_sales",
    "orders",
    "units_sold",
    "average_order_value",
    "inventory_turnover",
    "out_of_stock_rate",
    "return_rate_units_period",
    "return_rate_value_period",
)
FILTERED_BY: Final = ("channel", "country", "location")
DRILLED: Final = frozenset({"net_sales", "orders", "units_sold", "average_order_value"})
DEFAULTS: Final = {
    "ov_period": "28d",
    "ov_compare": "previous",
    "ov_channel": "",
    "ov_country": "",
    "ov_location": "",
}


def choose(view: Snapshot, known: dict[str, Metric], data: Period) -> Filters:
    """The filter bar."""
    say = speaker()
    where: dict[str, tuple[str, ...]] = {}
    with filter_bar("ov", summary=say.text("filters.open")):
        period = period_filter("ov", data)
        comparison = comparison_filter("ov")
        for name in FILTERED_BY:
            source = next((tile for tile in TILES if tile in known and name in known[tile].dimensions), None)
            options = metrics.values_of(view, source, name, data) if source else []
            if len(options) > 1:
                names = location_names(view) if name == "location" else {}
                label = say.country if name == "country" else partial(_named, names)
                where[name] = choice_filter(f"ov_{name}", say.text(f"dimensions.{name}"), options, name=label)
        reset_button("ov", DEFAULTS)
    return Filters(period, compared(period, comparison, data=data), comparison, where)


def _named(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code)


def tiles(view: Snapshot, known: dict[str, Metric], filters: Filters, data: Period) -> None:
    """The headline numbers, as many in a row as there is room for."""
    query = {"or_first": filters.period.first.isoformat(), "or_last": filters.period.last.isoformat()}
    query |= {f"or_{name}": values[0] for name, values in filters.where.items() if values and name != "location"}
    with st.grid(4, min_column_width=150, gap="small", key="tiles"):
        for name in TILES:
            metric = known.get(name)
            if metric is not None and metric.status == "ready":
                drill = ("screens/orders.py", query) if name in DRILLED else None
                headline(metric, view, filters, data=data, drill=drill)


def period_line(data: Period, filters: Filters) -> None:
    """Which days are shown, which they are compared with, and why they end where they end."""
    say = speaker()
    period, last = say.days(filters.period.first, filters.period.last), say.day(data.last)
    wanted = wanted_comparison(filters.period, filters.comparison)
    if wanted is None:
        st.caption(say.text("overview.period_line", period=period, last=last))
    elif filters.compared is None:
        st.caption(say.text("overview.period_alone", period=period, before=say.day(wanted.first), last=last))
    else:
        st.caption(
            say.text("overview.period_compared", period=period, before=say.days(wanted.first, wanted.last), last=last)
        )


def body(view: Snapshot, menu: DeltaGenerator) -> None:
    """Everything below the question, for a snapshot that exists; `menu` is the place of the export."""
    if view.first_date is None or view.last_date is None:
        nothing_yet("facts")
        return
    known = metrics.metrics(view)
    data = Period(view.first_date, view.last_date)
    freshness_line(view, data)
    filters = choose(view, known, data)
    period_line(data, filters)
    held_back_notice(orders.held_back())
    tiles(view, known, filters, data)
    grid = st.grid(2, min_column_width=420, gap="medium")
    with grid.cell():
        trend_panel(known["net_sales"], view, filters)
    with grid.cell():
        top_products(known["net_sales"], known["units_sold"], view, filters)
    with menu:
        overview_export.export_panel([known[name] for name in TILES if name in known], view, filters)


guard("analytics.read")
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="ov_head"):
    st.title(speaker().text("pages.overview.title"), anchor=False, width="content")
    export_place = st.container(width="content")
st.markdown(speaker().text("overview.question"))
published = snapshot.current()
if published is None:
    nothing_yet("snapshot")
else:
    try:
        body(published, export_place)
    except OmsError as error:
        refused(error)
