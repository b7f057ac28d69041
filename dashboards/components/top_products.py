"""The products that sold most in the period, with the number they are ranked by and the units beside it."""

from typing import Any, Final

import streamlit as st

from dashboards.components.data_table import Column, data_table
from dashboards.components.device import is_phone
from dashboards.components.filters import Filters
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.components.values import written
from dashboards.language import Speaker
from dashboards.queries import metrics
from pipelines.marts.metrics import Metric
from pipelines.marts.snapshots import Snapshot

_SHOWN: Final = 10


def top_products(ranked_by: Metric, beside: Metric, snapshot: Snapshot, filters: Filters) -> None:
    """The first ten; the rest is in the export."""
    say = speaker()
    where = filters.for_metric(ranked_by.dimensions)
    ranking = [
        row
        for row in metrics.ask(snapshot, ranked_by.name, filters.period, by=("sku",), where=where).rows
        if row.get("value")
    ]
    ranking.sort(key=lambda row: (-row["value"], str(row["sku"])))
    shown = [row for row in ranking if row.get("sku")][:_SHOWN]
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
    lines = [
        _line(say, number, row, others.get(str(row["sku"]), {}), units=(ranked_by.unit, beside.unit))
        for number, row in enumerate(shown, 1)
    ]
    if is_phone():
        for line in lines:
            with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
                st.markdown(f"{line['rank']}\\. **{literal(line['sku'])}**", width="content")
                st.markdown(
                    f"{line['value']} · {say.text('overview.top.units', units=line['beside'])}", width="content"
                )
        return
    columns = (
        Column("rank", say.text("overview.top.rank"), is_number=True, width=40),
        Column("sku", say.text("dimensions.sku")),
        Column("value", say.pick(ranked_by.label), is_number=True),
        Column("beside", say.pick(beside.label), is_number=True),
    )
    data_table("ov_top", columns, lines, alt=say.text("overview.top.alt", sku=lines[0]["sku"], value=lines[0]["value"]))


def _line(
    say: Speaker, number: int, row: dict[str, Any], other: dict[str, Any], *, units: tuple[str, str]
) -> dict[str, str]:
    return {
        "rank": say.number(number),
        "sku": str(row["sku"]),
        "value": written(say, row["value"], units[0], currency=row.get("currency")),
        "beside": written(say, other.get("value"), units[1]),
    }
