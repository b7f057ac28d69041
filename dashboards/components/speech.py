"""The language of this session: chosen on the page, else what the gate found in cookie or browser."""

import streamlit as st

from dashboards.components.address import keep, one_of, seed
from dashboards.language import LANGUAGE_NAMES, LANGUAGES, Speaker, choose_language

_KEY = "lang"


def _preferred() -> str:
    # Under AppTest headers are objects of another kind: only a string from the gate counts.
    injected = st.context.headers.get("x-oms-lang")
    if isinstance(injected, str) and injected in LANGUAGES:
        return injected
    return choose_language(accepts=st.context.locale)


def speaker() -> Speaker:
    """Says things in the session's language."""
    chosen = st.session_state.get(_KEY) or st.query_params.get(_KEY)  # the address, before the switch was drawn
    return Speaker(chosen if chosen in LANGUAGES else _preferred())


def language_switch() -> None:
    """The switch, in the address as `?lang=`, inside the marker by which the page shell follows it."""
    preferred = _preferred()
    seed(_KEY, preferred, one_of(*LANGUAGES))
    with st.container(key=f"oms_language_{speaker().language}"):
        chosen = st.segmented_control(
            speaker().text("app.language"),
            LANGUAGES,
            required=True,
            format_func=LANGUAGE_NAMES.__getitem__,
            key=_KEY,
            label_visibility="collapsed",
        )
    keep(_KEY, chosen, preferred)
