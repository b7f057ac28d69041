"""The way back: a link to the list a page was opened from, with the list's own query.

The query travels as one value, apart from the page's own parameters.
"""

from urllib.parse import parse_qsl, urlencode

import streamlit as st

_KEY = "back"
_LONGEST = 1_000


def back_query(prefix: str) -> dict[str, str]:
    """What a link away from a list must carry: the list's query as one value; nothing when it has none."""
    query = [(name, value) for name, value in st.query_params.items() if name.startswith(f"{prefix}_")]
    return {_KEY: urlencode(query)} if query else {}


def back_link(page: str, label: str, *, prefix: str) -> None:
    """The link back; of the carried query only the list's own parameters are believed."""
    carried = parse_qsl(st.query_params.get(_KEY, "")[:_LONGEST])
    query = {name: value for name, value in carried if name.startswith(f"{prefix}_")}
    st.page_link(page, label=label, icon=":material/chevron_left:", query_params=query or None)
