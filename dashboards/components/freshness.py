"""How far to trust a page: which snapshot, how old, up to which day, and what is held back."""

from typing import Final, Literal

import streamlit as st

from dashboards.components.speech import speaker
from dashboards.queries.core import is_ahead_of
from dashboards.queries.periods import Period
from dashboards.queries.snapshot import age_seconds
from pipelines.marts.snapshots import Snapshot

Colour = Literal["green", "blue", "orange"]
# Newer records that wait longer than this are a fault: a nightly build that ran once late is not yet one.
STALE_AFTER_SECONDS: Final = 26 * 3600
_BADGES: Final[dict[str, tuple[Colour, str]]] = {
    "fresh": ("green", ":material/check_circle:"),
    "behind": ("blue", ":material/sync:"),
    "stale": ("orange", ":material/history:"),
}


def freshness(*, is_ahead: bool, age: float) -> str:
    """fresh, behind or stale, by whether the core has newer records and the snapshot's age in seconds."""
    if not is_ahead:
        return "fresh"
    return "stale" if age > STALE_AFTER_SECONDS else "behind"


def freshness_line(snapshot: Snapshot, data: Period) -> None:
    """One line under the question; a notice when newer records wait too long. Numbers stay: they are only old.

    A snapshot that holds everything recorded is fresh, however long ago it was published.
    """
    say = speaker()
    age = age_seconds(snapshot)
    state = freshness(is_ahead=is_ahead_of(snapshot.high_mark), age=age)
    colour, icon = _BADGES[state]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="freshness"):
        st.badge(say.text(f"freshness.{state}"), icon=icon, color=colour)
        st.caption(
            say.text(
                "freshness.line",
                last=say.day(data.last),
                published=say.instant(snapshot.published_at, snapshot.business_zone),
                age=say.age(age),
                zone=snapshot.business_zone,
            ),
            width="content",
        )
    if state == "stale":
        st.warning(say.text("freshness.stale_notice", age=say.age(age)), icon=":material/history:")


def held_back_notice(count: int) -> None:
    """How many feed rows wait for someone: the numbers leave them out."""
    if count:
        st.warning(speaker().counted("held_back", count), icon=":material/inventory_2:")
