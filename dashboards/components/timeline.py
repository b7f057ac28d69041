"""What happened, newest first, with a filter by part of the business. Sentences by code; foreign words stay literal."""

from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboards.components.address import keep, one_of, seed
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.language import Speaker
from dashboards.queries.timeline import Moment

_EVERYTHING: Final = "all"
_SOURCES: Final = (_EVERYTHING, "orders", "stock", "returns")
_ICONS: Final = {"orders": ":material/receipt_long:", "stock": ":material/inventory_2:", "returns": ":material/undo:"}


def timeline(moments: Sequence[Moment], *, zone: str, key: str) -> None:
    """The moments, each with its time in the company's zone."""
    say = speaker()
    seed(key, _EVERYTHING, one_of(*_SOURCES))
    chosen = st.segmented_control(
        say.text("timeline.show"),
        _SOURCES,
        required=True,
        format_func=lambda source: say.text(f"timeline.sources.{source}"),
        key=key,
        label_visibility="collapsed",
    )
    keep(key, chosen, _EVERYTHING)
    shown = [moment for moment in moments if chosen in {_EVERYTHING, moment.source}]
    if not shown:
        st.caption(say.text("timeline.none"))
    with st.container(gap="small", key=f"{key}_list"):
        for moment in shown:
            st.markdown(f"{_ICONS[moment.source]} **{_sentence(say, moment)}**  \n{_detail(say, moment, zone)}")


def _sentence(say: Speaker, moment: Moment) -> str:
    if moment.source == "orders":
        return say.word("events", moment.code)
    facts = {name: literal(value) for name, value in moment.facts.items()}
    if moment.source == "returns":
        return say.text("timeline.returned", **facts)
    facts["condition"] = say.word("conditions", moment.facts["condition"])
    return say.text("timeline.moved", kind=say.word("movements", moment.code), **facts)


def _detail(say: Speaker, moment: Moment, zone: str) -> str:
    parts = [say.instant(moment.at, zone)]
    if moment.goods:
        goods = (f"{say.number(units)} × {literal(sku)}" for units, sku in moment.goods)
        parts.append(say.text("app.list_comma").join(goods))
    if moment.reason:
        is_kind = moment.code == "hold"  # a hold gives its kind
        reason = say.word("hold_kinds", moment.reason) if is_kind else moment.reason
        parts.append(say.text("timeline.reason", reason=literal(reason)))
    if moment.source == "orders":
        parts.append(say.text("timeline.actor", actor=say.word("actors", moment.facts["actor"])))
    return " · ".join(parts)
