"""The products that sold most in the period, with the number they are ranked by and the units beside it."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from dashboards.components.data_table import Column, data_table
from dashboards.components.device import is_phone
from dashboards.components.filters import Filters
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.components.values import written
from dashboards.language import Speaker
from dashboards.queries import metrics
from dashboards.queries.names import product_titles
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot

_SHOWN: Final = 10


def top_products(ranked_by: Metric, beside: Metric, snapshot: Snapshot, filters: Filters) -> None:
    """The first ten; the rest is in the export."""
    say = speaker()
    where = filters.for_metric(ranked_by.dimensions) | {"line_kind": ("item",)}  # postage is no product
    ranking = metrics.ask(snapshot, ranked_by.name, filters.period, by=("sku",), where=where).rows
    shown = sorted(
        (row for row in ranking if row.get("sku") and row.get("value")),
        key=lambda row: (-row["value"], str(row["sku"])),
    )[:_SHOWN]
    st.header(say.text("overview.top.title", metric=say.pick(ranked_by.label)), anchor=False)
    if not shown:
        st.caption(say.text("overview.top.none"))
        return
    skus = tuple(str(row["sku"]) for row in shown)
    where = filters.for_metric(beside.dimensions) | {"sku": skus}
    others = {
        str(row["sku"]): row
        for row in metrics.ask(snapshot, beside.name, filters.period, by=("sku",), where=where).rows
    }
    titles = product_titles(snapshot, skus)
    lines = [
        {
            "sku": sku,
            "title": titles.get(sku, ""),
            "value": written(say, row["value"], ranked_by.unit, currency=row.get("currency")),
            "beside": written(say, others.get(sku, {}).get("value"), beside.unit),
            "counted": _counted(say, others.get(sku, {}).get("value")),
        }
        for sku, row in zip(skus, shown, strict=True)
    ]
    if is_phone():
        for number, line in enumerate(lines, 1):
            _card(say, number, line)
        return
    title = (Column("title", say.text("overview.top.product"), width=262),) if titles else ()
    columns = (
        Column("sku", say.text("dimensions.sku"), width=68 if titles else None),
        *title,
        Column("value", say.pick(ranked_by.label), is_number=True, width=100),
        Column("beside", say.pick(beside.label), is_number=True, width=82),
    )
    data_table("ov_top", columns, lines, alt=say.text("overview.top.alt", sku=lines[0]["sku"], value=lines[0]["value"]))


def _counted(say: Speaker, units: object) -> str:
    return say.counted("count.units", units) if isinstance(units, int) else say.text("values.blank")


def _card(say: Speaker, number: int, line: Mapping[str, str]) -> None:
    name = literal(line["title"] or line["sku"])
    with st.container(gap="xxsmall", key=f"ov_top_{number}"):
        st.markdown(f"{say.number(number)}\\. **{name}**")
        with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
            st.caption(literal(line["sku"]) if line["title"] else "", width="content")
            st.markdown(f"{line['value']} · {line['counted']}", width="content")
