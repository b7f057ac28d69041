"""Orders: which orders are there, and where does each stand? Read live from the core."""

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal

import streamlit as st

from dashboards.components.device import is_phone
from dashboards.components.back import back_query
from dashboards.components.filters import choice_filter, day_filter, filter_bar, reset_button
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.order_list import order_list
from dashboards.components.speech import speaker
from dashboards.identity import guard
from dashboards.queries import orders
from dashboards.queries.core import has_core
from dashboards.queries.orders import PAGE_ROWS, PHONE_ROWS, Account, OrderSearch
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


def search_box(width: int | Literal["stretch"]) -> str:
    """The search, answered as it is typed."""
    say = speaker()
    text = st.text_input(
        say.text("orders.search"),
        key="or_text",
        type="search",
        live="300ms",
        placeholder=say.text("orders.search_hint"),
        bind="query-params",
        on_change=_first_page,
        width=width,
    )
    return text or ""


def choose(accounts: Mapping[str, Account]) -> OrderSearch:
    """The search and the filters."""
    say = speaker()
    text = search_box("stretch") if is_phone() else ""
    names = {key: account.name for key, account in accounts.items()}
    channels = sorted({account.channel for account in accounts.values()})
    countries = [str(code) for code in (st.query_params.get("or_country"),) if code]  # only where a link brought one
    pick = partial(choice_filter, on_change=_first_page)
    with filter_bar("or", summary=say.text("filters.open")):
        if not is_phone():
            text = search_box(260)
        status = pick("or_status", say.text("orders.status"), STATUSES, name=lambda code: say.word("status", code))
        account = pick("or_account", say.text("orders.account"), sorted(names), name=names.__getitem__, width=180)
        channel = pick("or_channel", say.text("dimensions.channel"), channels, name=str)
        country = pick("or_country", say.text("dimensions.country"), countries, name=say.country) if countries else ()
        first = day_filter("or_first", say.text("orders.first"), on_change=_first_page)
        last = day_filter("or_last", say.text("orders.last"), on_change=_first_page)
        reset_button("or", DEFAULTS)
    return OrderSearch(
        text=text,
        status=next(iter(status), None),
        account=next(iter(account), None),
        channel=next(iter(channel), None),
        country=next(iter(country), None),
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
    rows = PHONE_ROWS if is_phone() else PAGE_ROWS
    found = orders.found(search, page=page, rows=rows)
    st.caption(f"{say.counted('orders.found', found.total)} · {say.text('orders.live', zone=zone)}")
    if not found.rows:
        nothing_yet("found" if found.total == 0 and search != OrderSearch() else "core")
        return
    query = back_query("or")
    names = {key: account.name for key, account in accounts.items()}
    order_list(found.rows, accounts=names, zone=zone, query=query)
    pages = -(-found.total // rows)
    if pages > 1:
        st.pagination(pages, key="or_page", bind="query-params")


guard("orders.read")
st.title(speaker().text("pages.orders.title"), anchor=False)
st.markdown(speaker().text("orders.question"))
try:
    if has_core():
        body()
    else:
        nothing_yet("core")
except OmsError as error:
    refused(error)
