"""What happened, newest first, with a filter by part of the business. Sentences by code; foreign words stay literal."""

import re
from collections.abc import Sequence
from typing import Final

import streamlit as st

from dashboards.components.address import keep, one_of, seed
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.language import Speaker
from dashboards.queries.timeline import Moment

_EVERYTHING: Final = "all"
_SOURCES: Final = (_EVERYTHING, "orders", "stock", "parcels", "returns")
_RULE: Final = re.compile(r"(?P<name>[a-z_]+)@(?P<version>\d+)")
_ICONS: Final = {
    "orders": ":material/receipt_long:",
    "stock": ":material/inventory_2:",
    "parcels": ":material/local_shipping:",
    "returns": ":material/undo:",
}


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
    if moment.source == "parcels":
        return say.text("timeline.delivered", **facts)
    if moment.source == "returns":
        return say.text("timeline.returned", **facts)
    facts["condition"] = say.word("conditions", moment.facts["condition"])
    return say.text("timeline.moved", kind=say.word("movements", moment.code), **facts)


def _reason(say: Speaker, code: str, reason: str) -> str:
    """Why: in somebody's words, by the kind of a hold, or by the rule and version that decided."""
    rule = _RULE.fullmatch(reason)
    if rule is not None:
        return say.text("timeline.rule", rule=literal(rule["name"]), version=rule["version"])
    return say.text(
        "timeline.reason", reason=literal(say.word("hold_kinds" if code == "hold" else "core_reasons", reason))
    )


def _detail(say: Speaker, moment: Moment, zone: str) -> str:
    parts = [say.instant(moment.at, zone)]
    if moment.goods:
        goods = (f"{say.number(units)} × {literal(sku)}" for units, sku in moment.goods)
        parts.append(say.text("app.list_comma").join(goods))
    if moment.reason:
        parts.append(_reason(say, moment.code, moment.reason))
    if moment.source == "orders":
        parts.append(say.text("timeline.actor", actor=say.word("actors", moment.facts["actor"])))
    return " · ".join(parts)
