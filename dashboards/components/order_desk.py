"""An order at work: what comes next, its parcels, returns and money, and what else can be done."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from dashboards.actions import may
from dashboards.components.foreign import literal
from dashboards.components.order_actions import more_actions, next_steps
from dashboards.components.order_money import order_money
from dashboards.components.parcels import parcel_card
from dashboards.components.return_cards import request_form, return_card
from dashboards.components.speech import speaker
from dashboards.queries.desk import OrderDesk
from dashboards.queries.order_steps import has_left, name_of, steps_of
from oms_core.domain.permissions import Permission

Order = Mapping[str, Any]
_ENDED = frozenset({"cancelled", "closed"})


def page_of(order: Order) -> str:
    """The name under which this page's last outcome is kept."""
    return f"order/{name_of(order)}"


def order_at_work(order: Order, desk: OrderDesk) -> None:
    """What holds it, and what comes next."""
    say = speaker()
    for hold in order["holds"]:
        kind = say.word("hold_kinds", hold["kind"])
        st.warning(say.text("order.held", kind=kind, reason=literal(hold["reason"])), icon=":material/pause_circle:")
    next_steps(order, steps_of(order), page_of(order), desk.sites)


def parcels(order: Order, desk: OrderDesk) -> None:
    """Its shipments, each with its next step."""
    if not order["shipments"]:
        return
    st.header(speaker().text("parcel.title"), anchor=False)
    for shipment in order["shipments"]:
        parcel_card(shipment, page_of(order), sites=desk.sites)


def returns(order: Order, desk: OrderDesk) -> None:
    """Its return requests, and the form that asks for another."""
    say = speaker()
    is_askable = has_left(order) and may(Permission.RETURN_REQUEST)
    if not desk.returns and not is_askable:
        return
    st.header(say.text("pages.returns_desk.title"), anchor=False)
    for found in desk.returns:
        return_card(found, page_of(order), sites=desk.sites, reasons=desk.reasons)

    def until(text: str) -> str:
        return say.day(datetime.fromisoformat(text).date())

    if is_askable:
        with st.expander(say.text("act.request.title")):
            request_form(name_of(order), desk.eligible, page_of(order), reasons=desk.reasons, until=until)


def everything_else(order: Order, desk: OrderDesk) -> None:
    """Money and the actions that are not the next step."""
    order_money(order, page_of(order))
    if order["lifecycle"] not in _ENDED:
        more_actions(order, page_of(order), desk.sites)
