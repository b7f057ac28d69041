"""The frame around every page: sections at the side, on a phone a bar at the bottom, the language switch."""

from collections.abc import Mapping

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from dashboards.components.device import is_phone
from dashboards.components.speech import language_switch, speaker
from dashboards.pages import PAGES, SECTIONS


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
                st.page_link(pages[page.name], label=say.text(f"pages.{page.name}.title"), icon=page.icon)
        st.space("small")
        language_switch()
    if is_phone():
        with st.bottom.container(horizontal=True, wrap=False, horizontal_alignment="distribute", key="tabbar"):
            for page in PAGES:
                if page.section and page.name in pages:
                    st.page_link(pages[page.name], label=say.text(f"pages.{page.name}.title"), icon=page.icon)
