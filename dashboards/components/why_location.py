"""Why an order got its goods from where it did: the candidates of the last decision with the terms of their scores."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import streamlit as st

from dashboards.components.data_table import Column, data_table
from dashboards.components.device import is_phone
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker

_PER_MILLE: Final = 1_000
_COLUMNS: Final = ("location", "chosen", "score", "coverage", "whole", "distance", "ships_today", "cost", "priority")


def why_location(decision: Mapping[str, Any], *, sites: Mapping[str, str], zone: str) -> None:
    """The last decision; nothing is drawn where none was made."""
    if decision["strategy"] is None:
        return
    say = speaker()
    with st.expander(say.text("why.title"), key="why_location"):
        decided = say.instant(datetime.fromisoformat(decision["decided_at"]), zone)
        st.caption(
            say.text(
                "why.decided", at=decided, strategy=literal(decision["strategy"]), policy=literal(decision["policy"])
            )
        )
        chosen = {row["location"] for row in decision["allocated"]}
        for number, candidates in enumerate(decision["rounds"], start=1):
            if len(decision["rounds"]) > 1:
                st.markdown(f"**{say.text('why.round', number=say.number(number))}**")
            ranked = sorted(candidates, key=lambda it: (-it["score"], it["location"]))
            _table(number, [_row(it, sites, is_chosen=it["location"] in chosen) for it in ranked])
        if decision["missing"]:
            st.caption(say.text("why.missing"))
        st.caption(say.text("why.meaning"))


def _row(candidate: Mapping[str, Any], sites: Mapping[str, str], *, is_chosen: bool) -> dict[str, str]:
    say = speaker()

    def yes(value: object) -> str:
        return say.text("why.yes" if value else "why.no")

    return {
        "location": sites.get(candidate["location"], candidate["location"]),
        "chosen": yes(is_chosen),
        "score": say.number(candidate["score"]),
        "coverage": say.percent(candidate["coverage"] / _PER_MILLE, 0),
        "whole": yes(candidate["whole"]),
        "distance": say.text("why.km", number=say.number(candidate["distance"])),
        "ships_today": yes(candidate["ships_today"]),
        "cost": say.number(candidate["cost"]),
        "priority": say.number(candidate["priority"]),
    }


def _table(number: int, rows: list[dict[str, str]]) -> None:
    say = speaker()
    labels = {name: say.text(f"why.columns.{name}") for name in _COLUMNS}
    if is_phone():
        for row in rows:
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"**{literal(row['location'])}**")
                facts = (f"{labels[name]}: {literal(row[name])}" for name in _COLUMNS[1:])
                st.caption(" · ".join(facts))
        return
    columns = tuple(
        Column(name, labels[name], is_number=name in {"score", "coverage", "distance", "cost", "priority"})
        for name in _COLUMNS
    )
    data_table(f"why_{number}", columns, rows, alt=say.text("why.alt", location=rows[0]["location"] if rows else "–"))
