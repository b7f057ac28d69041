"""The overview's downloads: its numbers, its line and its products, each with the snapshot and filters it came from."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboards.components.export import csv_file, export_button, export_menu
from dashboards.components.filters import Filters
from dashboards.components.speech import speaker
from dashboards.queries import metrics
from dashboards.queries.periods import Grain, Period, grain_of
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot


def _origin(view: Snapshot, filters: Filters) -> dict[str, str]:
    chosen = "; ".join(f"{name}={','.join(values)}" for name, values in sorted(filters.where.items()) if values)
    return {
        "period_first": filters.period.first.isoformat(),
        "period_last": filters.period.last.isoformat(),
        "filters": chosen,
        "snapshot": view.id,
    }


def _rows(
    metric: Metric,
    view: Snapshot,
    filters: Filters,
    period: Period,
    *,
    by: Sequence[str] = (),
    grain: Grain | None = None,
) -> list[dict[str, Any]]:
    where = filters.for_metric(metric.dimensions)
    answer = metrics.ask(view, metric.name, period, where=where, by=by, grain=grain)
    return [{"metric": metric.name, "unit": metric.unit, **row} for row in answer.rows]


def headline_rows(known: Sequence[Metric], view: Snapshot, filters: Filters) -> list[dict[str, Any]]:
    """Each metric in the period and, where there is one, in the compared period."""
    rows: list[dict[str, Any]] = []
    for metric in known:
        rows += [{"span": "period", **row} for row in _rows(metric, view, filters, filters.period)]
        if filters.compared is not None:
            rows += [{"span": "compared", **row} for row in _rows(metric, view, filters, filters.compared)]
    return rows


def export_panel(known: Sequence[Metric], view: Snapshot, filters: Filters) -> None:
    """The menu of downloads."""
    say = speaker()
    origin = _origin(view, filters)
    stem = f"ordersight-{filters.period.first}-{filters.period.last}"
    by_name = {metric.name: metric for metric in known}
    with export_menu("ov_export"):
        export_button(
            "ov_export_tiles",
            say.text("export.headlines"),
            f"{stem}-headlines.csv",
            lambda: csv_file(headline_rows(known, view, filters), origin),
        )
        sales = by_name.get("net_sales")
        if sales is not None:
            export_button(
                "ov_export_trend",
                say.text("export.trend"),
                f"{stem}-trend.csv",
                lambda: csv_file(_rows(sales, view, filters, filters.period, grain=grain_of(filters.period)), origin),
            )
            export_button(
                "ov_export_products",
                say.text("export.products"),
                f"{stem}-products.csv",
                lambda: csv_file(_rows(sales, view, filters, filters.period, by=("sku",)), origin),
            )
        st.caption(say.text("export.origin", snapshot=view.id))
