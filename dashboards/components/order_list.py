"""A list of orders: a table with the number as the way in, on a phone cards."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import streamlit as st

from dashboards.components.badges import badge
from dashboards.components.data_table import Column, data_table
from dashboards.components.device import is_phone
from dashboards.components.foreign import literal
from dashboards.components.speech import speaker
from dashboards.language import Speaker
from oms_core.domain.instants import from_micros
from oms_core.services.orders_read import OrderSummary

Colour = Literal["orange", "blue", "violet", "gray", "green"]

STATUS_COLOURS: Final[dict[str, Colour]] = {
    "pending": "orange",
    "confirmed": "blue",
    "on_hold": "violet",
    "cancelled": "gray",
    "closed": "green",
}
STATUS_ICONS: Final = {
    "pending": ":material/hourglass_top:",
    "confirmed": ":material/check_circle:",
    "on_hold": ":material/pause_circle:",
    "cancelled": ":material/cancel:",
    "closed": ":material/task_alt:",
}


def status_badge(status: str) -> None:
    """A status by icon, word and colour."""
    st.badge(
        speaker().word("status", status),
        icon=STATUS_ICONS.get(status),
        color=STATUS_COLOURS.get(status, "gray"),
    )


def order_list(
    rows: Sequence[OrderSummary],
    *,
    headlines: Mapping[int, str],
    accounts: Mapping[str, str],
    zone: str,
    query: Mapping[str, str],
) -> None:
    """The rows, `headlines` by order id; opening one keeps `query`, so that its way back leads to this list."""
    say = speaker()
    if is_phone():
        for row in rows:
            _card(say, row, headlines[row.order_id], accounts=accounts, zone=zone, query=query)
    else:
        _table(say, rows, headlines, accounts=accounts, zone=zone, query=query)


def order_reference(row: OrderSummary) -> str:
    """How an address names an order: account and number, for a number alone may be used twice."""
    return f"{row.account}/{row.external_id}"


def _amount(say: Speaker, row: OrderSummary) -> str:
    return say.money(row.amount, row.currency)


def _card(
    say: Speaker, row: OrderSummary, headline: str, *, accounts: Mapping[str, str], zone: str, query: Mapping[str, str]
) -> None:
    with st.container(border=True, gap="xsmall", key=f"order_card_{row.order_id}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.page_link(
                "screens/order.py",
                label=f"**{literal(row.external_id)}**",
                query_params={"id": order_reference(row), **query},
            )
            badge("headlines", headline)
        placed = say.instant(from_micros(row.placed_at), zone)
        st.caption(say.text("orders.card.line", placed=placed, account=literal(accounts.get(row.account, row.account))))
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            size = f"{say.counted('count.lines', row.lines)} · {say.counted('count.units', row.units)}"
            st.caption(size, width="content")
            st.markdown(f"**{literal(_amount(say, row))}**", width="content")


def _table(
    say: Speaker,
    rows: Sequence[OrderSummary],
    headlines: Mapping[int, str],
    *,
    accounts: Mapping[str, str],
    zone: str,
    query: Mapping[str, str],
) -> None:
    columns = (
        Column("order", say.text("orders.columns.order")),
        Column("placed", say.text("orders.columns.placed")),
        Column("headline", say.text("orders.headline")),
        Column("status", say.text("orders.columns.status")),
        Column("amount", say.text("orders.columns.amount"), is_number=True, width=95),
        Column("units", say.text("orders.columns.units"), is_number=True),
        Column("lines", say.text("orders.columns.lines"), is_number=True),
        Column("account", say.text("orders.columns.account")),
        Column("country", say.text("orders.columns.country")),
    )
    lines = [
        {
            "order": row.external_id,
            "placed": say.instant(from_micros(row.placed_at), zone),
            "account": accounts.get(row.account, row.account),
            "country": say.country(row.country or ""),
            "headline": say.word("headlines", headlines[row.order_id]),
            "status": say.word("status", row.lifecycle),
            "lines": say.number(row.lines),
            "units": say.number(row.units),
            "amount": _amount(say, row),
        }
        for row in rows
    ]
    way_in = st.column_config.ButtonColumn(
        say.text("orders.columns.order"), key="or_opened", type="tertiary", alignment="left", pinned=True
    )
    data_table("or_table", columns, lines, alt=say.text("orders.alt"), kinds={"order": way_in})
    clicked = st.session_state.get("or_opened")
    if clicked is not None and 0 <= clicked.row < len(rows):
        st.switch_page("screens/order.py", query_params={"id": order_reference(rows[clicked.row]), **query})
