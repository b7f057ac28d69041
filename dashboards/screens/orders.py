"""Orders: which orders are there, and where does each stand? Read live from the core."""

from typing import Final

import streamlit as st

from dashboards.components.filters import choice_filter, day_filter, filter_bar, reset_button
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.order_list import order_list
from dashboards.components.speech import speaker
from dashboards.identity import guard
from dashboards.queries import orders
from dashboards.queries.orders import PAGE_ROWS, OrderSearch
from oms_core.domain.errors import OmsError
from oms_core.domain.orders import Lifecycle

STATUSES: Final = tuple(state.value for state in Lifecycle if state is not Lifecycle.NONE)
DEFAULTS: Final = {
    "or_text": "",
    "or_status": "",
    "or_account": "",
    "or_channel": "",
    "or_country": "",
    "or_first": None,
    "or_last": None,
    "or_page": 1,
}


def _first_page() -> None:
    st.session_state["or_page"] = 1


def choose(accounts: dict[str, str]) -> OrderSearch:
    """The search and the filters."""
    say = speaker()
    text = st.text_input(
        say.text("orders.search"),
        key="or_text",
        type="search",
        live="300ms",
        placeholder=say.text("orders.search_hint"),
        bind="query-params",
        on_change=_first_page,
        width=420,
    )
    with filter_bar("or", summary=say.text("filters.open")):
        status = choice_filter(
            "or_status",
            say.text("orders.status"),
            STATUSES,
            name=lambda code: say.word("status", code),
            on_change=_first_page,
        )
        account = choice_filter(
            "or_account",
            say.text("orders.account"),
            sorted(accounts),
            name=lambda key: accounts[key],
            on_change=_first_page,
            width=220,
        )
        first = day_filter("or_first", say.text("orders.first"), on_change=_first_page)
        last = day_filter("or_last", say.text("orders.last"), on_change=_first_page)
        reset_button("or", DEFAULTS)
    return OrderSearch(
        text=text or "",
        status=status[0] if status else None,
        account=account[0] if account else None,
        first=first,
        last=last,
    )


def body() -> None:
    """Everything below the question, for a core that exists."""
    say = speaker()
    zone = orders.zone()
    accounts = orders.accounts()
    search = choose(accounts)
    page = max(1, int(st.session_state.get("or_page") or 1))
    found = orders.found(search, page=page)
    st.caption(f"{say.counted('orders.found', found.total)} · {say.text('orders.live', zone=zone)}")
    if not found.rows:
        nothing_yet("found" if found.total == 0 and search != OrderSearch() else "core")
        return
    query = {name: value for name, value in st.query_params.items() if name.startswith("or_")}
    order_list(found.rows, accounts=accounts, zone=zone, query=query)
    pages = -(-found.total // PAGE_ROWS)
    if pages > 1:
        st.pagination(pages, key="or_page", bind="query-params")


guard("orders.read")
st.title(speaker().text("pages.orders.title"), anchor=False)
st.markdown(speaker().text("orders.question"))
try:
    if orders.has_core():
        body()
    else:
        nothing_yet("core")
except OmsError as error:
    refused(error)
