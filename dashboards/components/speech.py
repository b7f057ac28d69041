"""The language of this session: chosen on the page, else what the gate found in cookie or browser."""

import streamlit as st

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
    """The switch, bound to `?lang=`, and the marker by which the page shell follows it."""
    preferred = _preferred()
    st.segmented_control(
        Speaker(preferred).text("app.language"),
        LANGUAGES,
        default=preferred,
        required=True,
        format_func=LANGUAGE_NAMES.__getitem__,
        key=_KEY,
        bind="query-params",
        label_visibility="collapsed",
    )
    st.container(key=f"oms_language_{speaker().language}")
