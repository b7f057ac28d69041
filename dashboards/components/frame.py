"""The frame around every page: sections at the side, on a phone a bar at the bottom, the language switch."""

from collections.abc import Mapping
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards.components.device import is_phone
from dashboards.components.speech import language_switch, speaker
from dashboards.pages import PAGES, SECTIONS, PageEntry

_VISITED: Final = "oms_visited"


def _visited(page: str) -> dict[str, str]:
    known: dict[str, dict[str, str]] = st.session_state.get(_VISITED, {})
    return known.get(page, {})


def remember(page: str) -> None:
    """Keep the page's query as it now stands, so that its link leads back to the same view."""
    query = {name: value for name, value in st.query_params.items() if name != "lang"}
    st.session_state.setdefault(_VISITED, {})[page] = query


def _link(page: PageEntry, pages: Mapping[str, StreamlitPage]) -> None:
    label = speaker().text(f"pages.{page.name}.title")
    st.page_link(pages[page.name], label=label, icon=page.icon, query_params=_visited(page.name) or None)


def frame(pages: Mapping[str, StreamlitPage]) -> None:
    """Draw navigation for the registered pages, by page name."""
    say = speaker()
    with st.sidebar:
        st.markdown(f"**{say.text('app.name')}**")
        for section in SECTIONS:
            entries = [page for page in PAGES if page.section == section and page.name in pages]
            if entries:
                st.caption(say.text(f"sections.{section}"))
            for page in entries:
                _link(page, pages)
        st.space("small")
        language_switch()
    if is_phone():
        with st.bottom.container(horizontal=True, wrap=False, horizontal_alignment="distribute", key="tabbar"):
            for page in PAGES:
                if page.section and page.name in pages:
                    _link(page, pages)
