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
    if answer.note:
        st.markdown(say.text("definition.note", note=answer.note))
    st.markdown(f"**{say.text('definition.lineage')}**")
    st.markdown(" → ".join(f"`{step}`" for step in answer.lineage))
    st.markdown(f"**{say.text('definition.query')}**")
    st.code(answer.sql, language="sql", wrap_lines=True)
    st.caption(say.text("definition.source", metric=metric.name, snapshot=snapshot.id))


def _parts(say: Speaker, answer: Answer) -> None:
    """Numerator and denominator of a ratio, where the answer has both."""
    for row in answer.rows:
        above, below = row.get("numerator"), row.get("denominator")
        if above is not None and below is not None:
            parts = (written(say, above, "plain"), written(say, below, "plain"))
            st.markdown(say.text("definition.parts", numerator=parts[0], denominator=parts[1]))
