"""The definition drawer: what a number means, how it was made, and how it came to be here."""

import streamlit as st

from dashboards.components.filters import Filters
from dashboards.components.speech import speaker
from dashboards.components.values import written, written_rows
from dashboards.language import Speaker
from dashboards.queries import metrics
from pipelines.marts.metrics import Answer, Metric
from pipelines.marts.snapshots import Snapshot


def show_definition(metric: Metric, snapshot: Snapshot, filters: Filters) -> None:
    """Open the drawer for one metric under the page's filters."""
    say = speaker()

    @st.dialog(say.pick(metric.label), width="medium", position="right")
    def drawer() -> None:
        _draw(speaker(), metric, snapshot, filters)

    drawer()


def _draw(say: Speaker, metric: Metric, snapshot: Snapshot, filters: Filters) -> None:
    where = filters.for_metric(metric.dimensions)
    answer = metrics.ask_in_currencies(snapshot, metric.name, filters.period, where=where, explain=True)
    st.markdown(f"**{say.text('definition.meaning')}**  \n{say.pick(metric.definition)}")
    st.markdown(
        say.text(
            "definition.value",
            period=say.days(filters.period.first, filters.period.last),
            value=written_rows(say, answer.rows, metric.unit),
        )
    )
    _parts(say, answer)
    st.markdown(say.text("definition.unit", unit=say.word("units", metric.unit)))
    st.markdown(say.text(f"definition.better_{metric.better}" if metric.better else "definition.better_none"))
    for remark in metrics.remarks(answer):
        st.markdown(say.text("definition.note", note=say.text(f"tile.{remark}")))
    st.markdown(f"**{say.text('definition.lineage')}**")
    _lineage(answer)
    st.markdown(f"**{say.text('definition.query')}**")
    st.code(answer.sql, language="sql", wrap_lines=True)
    st.caption(say.text("definition.source", metric=metric.name, snapshot=snapshot.id))


def _lineage(answer: Answer) -> None:
    """The tables between the core and the number, a line a layer, in the order they are made."""
    layers: dict[str, list[str]] = {}
    for table in answer.lineage:
        layer, _, name = table.rpartition(".")
        layers.setdefault(layer, []).append(name)
    arrow = "  \n↓ "
    lines = (f"**{layer}** " + " ".join(f"`{name}`" for name in names) for layer, names in layers.items())
    st.markdown(arrow.join(lines))


def _parts(say: Speaker, answer: Answer) -> None:
    """Numerator and denominator of a ratio, where the answer has both."""
    for row in answer.rows:
        above, below = row.get("numerator"), row.get("denominator")
        if above is not None and below is not None:
            parts = (written(say, above, "plain"), written(say, below, "plain"))
            st.markdown(say.text("definition.parts", numerator=parts[0], denominator=parts[1]))
