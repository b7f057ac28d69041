"""One order whole: where it stands, its lines, and what happened to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import streamlit as st

from dashboards.components.action_form import outcome_above
from dashboards.components.badges import badge
from dashboards.components.data_table import Column, data_table
from dashboards.components.device import is_phone
from dashboards.components.foreign import literal
from dashboards.components.order_desk import everything_else, order_at_work, page_of, parcels, returns
from dashboards.components.order_list import status_badge
from dashboards.components.speech import speaker
from dashboards.components.timeline import timeline
from dashboards.components.why_location import why_location
from dashboards.language import Speaker
from dashboards.queries.desk import OrderDesk
from dashboards.queries.timeline import moments, moved_units, returned_units

Order = Mapping[str, Any]
_ALWAYS: Final = frozenset({"sku", "ordered", "amount"})  # the other columns only where they say something


def order_detail(order: Order, desk: OrderDesk, *, zone: str, accounts: Mapping[str, str]) -> None:
    """Draw the order and what can be done about it; times in `zone`, accounts by the names in `accounts`."""
    say = speaker()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.title(say.text("order.title", number=literal(order["external_id"])), anchor=False, width="content")
        badge("headlines", order["headline"])
        status_badge(order["status"])
    placed = say.instant(datetime.fromisoformat(order["placed_at"]), zone)
    where = [literal(accounts.get(order["account"], order["account"]))]
    if order["country"]:
        where.append(literal(say.country(order["country"])))
    st.caption(say.text("order.placed", placed=placed, zone=zone, where=" · ".join(where)))
    with outcome_above(page_of(order)):
        order_at_work(order, desk)
        parcels(order, desk)
        returns(order, desk)
        _facets(say, order)
        st.header(say.counted("count.lines", len(order["lines"])), anchor=False)
        _lines(say, order, desk.titles)
        why_location(desk.decision, sites=desk.sites, zone=zone)
        everything_else(order, desk)
    st.header(say.text("order.timeline"), anchor=False)
    timeline(moments(order), zone=zone, key="od_show")


def _facets(say: Speaker, order: Order) -> None:
    """Four facts at a glance; shipped and returned units are only as complete as the feeds behind them."""
    is_recorded = bool(order["movements"]) or order["fulfilled_here"]
    facts = {
        "amount": say.money(order["amount"], order["currency"]),
        "units": say.counted("count.units", order["units"]),
        "shipped": say.counted("count.units", moved_units(order, "ship"))
        if is_recorded
        else say.text("order.facets.unrecorded"),
        "returned": say.counted("count.units", returned_units(order)),
    }
    helps = {} if is_recorded else {"shipped": say.text("order.facets.no_record")}
    with st.grid(4, min_column_width=125, gap="small", key="order_facets"):
        for name, value in facts.items():
            st.metric(say.text(f"order.facets.{name}"), value, border=True, help=helps.get(name))


def _lines(say: Speaker, order: Order, titles: Mapping[str, str]) -> None:
    rows = [_line(say, line, order["currency"], titles) for line in order["lines"]]
    if is_phone():
        for row in rows:
            with st.container(border=True, gap="xsmall"):
                st.markdown(f"**{literal(row['title'] or row['sku'])}**")
                with st.container(horizontal=True, horizontal_alignment="distribute"):
                    st.caption(
                        say.text(
                            "order.card", sku=literal(row["sku"]), ordered=row["ordered"], price=literal(row["price"])
                        ),
                        width="content",
                    )
                    st.markdown(f"**{literal(row['amount'])}**", width="content")
        return
    columns: tuple[Column, ...] = (
        Column("sku", say.text("dimensions.sku")),
        Column("title", say.text("order.columns.title")),
        Column("kind", say.text("order.columns.kind")),
        Column("ordered", say.text("order.columns.ordered"), is_number=True),
        Column("cancelled", say.text("order.columns.cancelled"), is_number=True),
        Column("price", say.text("order.columns.price"), is_number=True),
        Column("discount", say.text("order.columns.discount"), is_number=True),
        Column("amount", say.text("order.columns.amount"), is_number=True),
    )
    columns = tuple(column for column in columns if column.key in _ALWAYS or any(row[column.key] for row in rows))
    data_table("order_lines", columns, rows, alt=say.counted("count.lines", len(rows)))


def _line(say: Speaker, line: Mapping[str, Any], currency: str, titles: Mapping[str, str]) -> dict[str, str]:
    def money(value: Any) -> str:
        return "" if value is None else say.money(value, currency)

    return {
        "sku": line["sku"] or "–",
        "title": line["title"] or titles.get(line["sku"], ""),
        "kind": say.word("line_kinds", line["line_kind"]),
        "ordered": say.number(line["quantity"]),
        "cancelled": say.number(line["cancelled_quantity"]) if line["cancelled_quantity"] else "",
        "price": money(line["unit_price"]),
        "discount": money(line["discount_amount"]) if line["discount_amount"] else "",
        "amount": money(line["line_amount"]),
    }
