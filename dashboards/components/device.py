"""What the reader holds: a phone gets cards and popovers, everything else tables and bars."""

import streamlit as st


def is_phone() -> bool:
    """Whether the browser says it is a phone ("Mobi" in its User-Agent). No window width reaches Python."""
    agent = st.context.headers.get("user-agent")
    return isinstance(agent, str) and "Mobi" in agent
