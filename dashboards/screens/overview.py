"""Overview: is the business where it should be, and what moved?"""

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboards.components.filters import Filters
from dashboards.components.freshness import freshness_line, held_back_notice
from dashboards.components.headline import headline
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.overview_export import export_panel
from dashboards.components.overview_filters import overview_filters, period_line
from dashboards.components.speech import speaker
from dashboards.components.top_products import top_products
from dashboards.components.trend_panel import trend_panel
from dashboards.identity import guard
from dashboards.queries import metrics, orders, snapshot
from dashboards.queries.periods import Period
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
# These count orders by the day they were placed, so the order list can show the rows behind them.
DRILLED: Final = frozenset({"net_sales", "orders", "units_sold", "average_order_value"})
DRILL_FILTERS: Final = frozenset({"channel", "country"})


def order_query(filters: Filters) -> dict[str, str]:
    """The order list's query for the same days and filters."""
    query = {"or_first": filters.period.first.isoformat(), "or_last": filters.period.last.isoformat()}
    chosen = {name: values[0] for name, values in filters.where.items() if values and name in DRILL_FILTERS}
    return query | {f"or_{name}": value for name, value in chosen.items()}


def tiles(view: Snapshot, known: Sequence[Metric], filters: Filters, data: Period) -> None:
    """The headline numbers, as many in a row as there is room for."""
    query = order_query(filters)
    with st.grid(4, min_column_width=150, gap="small", key="tiles"):
        for metric in known:
            drill = ("screens/orders.py", query) if metric.name in DRILLED else None
            headline(metric, view, filters, data=data, drill=drill)


def body(view: Snapshot, menu: DeltaGenerator) -> None:
    """Everything below the question, for a snapshot that exists; `menu` is the place of the export."""
    if view.first_date is None or view.last_date is None:
        nothing_yet("facts")
        return
    by_name: Mapping[str, Metric] = metrics.metrics(view)
    known = [by_name[name] for name in TILES if name in by_name and by_name[name].status == "ready"]
    data = Period(view.first_date, view.last_date)
    freshness_line(view, data)
    filters = overview_filters(view, known, data)
    period_line(data, filters)
    held_back_notice(orders.held_back())
    tiles(view, known, filters, data)
    grid = st.grid(2, min_column_width=420, gap="medium")
    with grid.cell():
        trend_panel(by_name["net_sales"], view, filters)
    with grid.cell():
        top_products(by_name["net_sales"], by_name["units_sold"], view, filters)
    with menu:
        export_panel(known, view, filters)


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
