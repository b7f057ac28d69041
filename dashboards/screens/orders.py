"""Orders: which orders are there, and where does each stand? Read live from the core."""

from collections.abc import Mapping
from functools import partial
from typing import Final, Literal

import streamlit as st

from dashboards.components.back import back_query
from dashboards.components.device import is_phone
from dashboards.components.filters import (
    choice_filter,
    chosen_page,
    day_filter,
    filter_bar,
    page_filter,
    reset_button,
    search_filter,
)
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.order_list import order_list
from dashboards.components.speech import speaker
from dashboards.identity import guard
from dashboards.queries import orders
from dashboards.queries.core import has_core
from dashboards.queries.orders import HEADLINES, PAGE_ROWS, PHONE_ROWS, WINDOW, Account, OrderSearch
from oms_core.domain.errors import OmsError
from oms_core.domain.orders import Lifecycle

STATUSES: Final = tuple(state.value for state in Lifecycle if state is not Lifecycle.NONE)
FOLDED: Final[dict[str, object]] = {  # on a phone behind one button
    "or_headline": "",
    "or_status": "",
    "or_account": "",
    "or_channel": "",
    "or_country": "",
    "or_first": None,
    "or_last": None,
}
DEFAULTS: Final = {"or_text": "", "or_page": 1} | FOLDED


def _first_page() -> None:
    st.session_state["or_page"] = 1


def search_box(width: int | Literal["stretch"]) -> str:
    """The search."""
    say = speaker()
    return search_filter(
        "or_text", say.text("orders.search"), hint=say.text("orders.search_hint"), on_change=_first_page, width=width
    )


def choose(accounts: Mapping[str, Account]) -> OrderSearch:
    """The search and the filters."""
    say = speaker()
    text = search_box("stretch") if is_phone() else ""
    names = {key: account.name for key, account in accounts.items()}
    channels = sorted({account.channel for account in accounts.values()})
    countries = [str(code) for code in (st.query_params.get("or_country"),) if code]  # only where a link brought one
    pick = partial(choice_filter, on_change=_first_page)
    with filter_bar("or", FOLDED):
        if not is_phone():
            text = search_box(220)
        headline = pick("or_headline", say.text("orders.headline"), HEADLINES, name=partial(say.word, "headlines"))
        status = pick("or_status", say.text("orders.status"), STATUSES, name=lambda code: say.word("status", code))
        account = pick("or_account", say.text("orders.account"), sorted(names), name=names.__getitem__, width=150)
        channel = pick("or_channel", say.text("dimensions.channel"), channels, name=partial(say.word, "channels"))
        country = pick("or_country", say.text("dimensions.country"), countries, name=say.country) if countries else ()
        first = day_filter("or_first", say.text("orders.first"), on_change=_first_page)
        last = day_filter("or_last", say.text("orders.last"), on_change=_first_page)
        reset_button("or", DEFAULTS)
    return OrderSearch(
        text=text,
        status=next(iter(status), None),
        headline=next(iter(headline), None),
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
    rows = PHONE_ROWS if is_phone() else PAGE_ROWS
    found = orders.found(search, page=chosen_page("or_page"), rows=rows)
    pages = -(-found.total // rows)
    if found.total and not found.rows:  # a link to a page that is no longer there
        found = orders.found(search, page=pages, rows=rows)
    st.caption(f"{say.counted('orders.found', found.total)} · {say.text('orders.live', zone=zone)}")
    if not found.rows:
        nothing_yet("core" if search == OrderSearch() else "found")
        return
    query = back_query("or")
    names = {key: account.name for key, account in accounts.items()}
    order_list(found.rows, headlines=orders.headlines(found.rows), accounts=names, zone=zone, query=query)
    if search.headline is not None:
        st.caption(say.text("orders.window", count=say.number(WINDOW)))
    page_filter("or_page", pages)


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
