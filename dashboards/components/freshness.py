"""How far to trust a page: which snapshot, how old, up to which day, and what is held back."""

from typing import Final

import streamlit as st

from dashboards.components.speech import speaker
from dashboards.queries.snapshot import age_seconds
from pipelines.marts.snapshots import Snapshot

STALE_AFTER_SECONDS: Final = 26 * 3600  # a nightly build that ran once late is not yet stale


def freshness_line(snapshot: Snapshot) -> None:
    """One line under the question; a notice when the snapshot is old. Numbers stay: they are only old."""
    say = speaker()
    age = age_seconds(snapshot)
    state = "stale" if age > STALE_AFTER_SECONDS else "fresh"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="freshness"):
        st.badge(
            say.text(f"freshness.{state}"), icon=":material/schedule:", color="orange" if state == "stale" else "green"
        )
        st.caption(
            say.text(
                "freshness.line",
                last=say.day(snapshot.last_date),
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
