"""The address as the view: every choice stands in the query string as a plain value and comes back from it.

Streamlit's own binding writes the label a reader sees ("7 天"), so a link would change with the language; here the
value itself is written ("7d"). A value we do not know falls back to the default and leaves the address. When the
address changes from outside (a link, Back), it wins; else the reader's last choice does.
"""

from collections.abc import Callable
from typing import Final, TypeVar

import streamlit as st

Value = TypeVar("Value")
_WRITTEN: Final = "oms_written_query"


def _written() -> dict[str, str | None]:
    known: dict[str, str | None] = st.session_state.setdefault(_WRITTEN, {})
    return known


def seed(key: str, default: Value, parse: Callable[[str], Value | None]) -> Value:
    """Before a widget of that key is drawn: give it the address's value where the address is newer.

    Gives the value back, to be passed as the widget's default too: a widget inside a popover is mounted only when it
    opens, and then knows nothing of the session's state.
    """
    text = st.query_params.get(key)
    if key not in st.session_state or text != _written().get(key):
        found = None if text is None else parse(text)
        st.session_state[key] = default if found is None else found
    current: Value = st.session_state[key]
    return current


def keep(key: str, value: Value, default: Value, show: Callable[[Value], str] = str) -> Value:
    """After the widget: write its value to the address, or nothing for the default. Gives the value back."""
    text = None if value == default else show(value)
    _written()[key] = text
    if st.query_params.get(key) != text:
        if text is None:
            del st.query_params[key]
        else:
            st.query_params[key] = text
    return value


def one_of(*options: str) -> Callable[[str], str | None]:
    """A parser for one of a few codes."""
    return lambda text: text if text in options else None
