"""Notices: the designed states of a page that has nothing to show, or only part of it. A sentence and a next step."""

import streamlit as st

from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from oms_core.domain.errors import OmsError


def refuse_access(permission: str, *, signed_in: bool) -> None:
    """Which right is missing and who gives it."""
    say = speaker()
    key = "notices.no_right" if signed_in else "notices.signed_out"
    st.error(say.text(key, right=say.text(f"rights.{permission}")), icon=":material/lock:")


def refused(error: OmsError) -> None:
    """A refusal by its code: what was wrong, what to do; nothing was changed."""
    say = speaker()
    key = f"errors.{error.code}"
    if say.knows(key) and say.placeholders(key) <= error.details.keys():
        sentence = say.text(key, **error.details)
    else:
        sentence = say.text("errors.other", reason=literal(error.reason), remedy=literal(error.remedy))
    st.warning(f"{sentence}  \n{say.text('errors.code', code=error.code)}", icon=":material/block:")


def nothing_yet(key: str) -> None:
    """Nothing is here yet: what will appear and the first step (`empty.<key>`)."""
    say = speaker()
    with st.container(border=True):
        st.markdown(f"**{say.text(f'empty.{key}.title')}**")
        st.markdown(say.text(f"empty.{key}.step"))
        command = f"empty.{key}.command"
        if say.knows(command):
            st.code(say.text(command), language="bash")
