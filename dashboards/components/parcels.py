"""Parcels: one card a shipment with what is in it, where it stands and the step that comes next."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from dashboards.actions import may
from dashboards.components.action_form import action_form
from dashboards.components.badges import badge
from dashboards.components.foreign import literal
from dashboards.components.order_actions import not_allowed
from dashboards.components.speech import speaker
from dashboards.components.written_outcomes import parcel, picked
from oms_core.domain.permissions import Permission
from oms_core.domain.shipments import PickedUnits
from oms_core.services.deliver_shipment import (
    DeliverShipment,
    FailDelivery,
    RetryDelivery,
    deliver_shipment,
    fail_delivery,
    retry_delivery,
)
from oms_core.services.pack_shipment import Package, PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.plan_shipments import CancelShipment, cancel_shipment
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.take_back_shipment import TakeBackShipment, take_back_shipment

Shipment = Mapping[str, Any]
_MAX_GRAMS: Final = 1_000_000


def parcel_card(shipment: Shipment, page: str, *, sites: Mapping[str, str], order: str | None = None) -> None:
    """One shipment. `order`: named with a link, where the card stands on another page than the order's."""
    say = speaker()
    with st.container(border=True, gap="small", key=f"parcel_{shipment['shipment']}"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"**{literal(shipment['shipment'])}**", width="content")
            badge("shipment_states", shipment["state"])
        if order is not None:
            label = say.text("order.title", number=literal(order.partition("/")[2]))
            st.page_link("screens/order.py", label=label, query_params={"id": order}, icon=":material/receipt:")
        st.caption(" · ".join(_facts(shipment, sites)))
        for line in shipment["lines"]:
            st.markdown(_line(line))
        _next(shipment, page)


def _facts(shipment: Shipment, sites: Mapping[str, str]) -> list[str]:
    say = speaker()
    facts = [literal(sites.get(shipment["location"], shipment["location"]))]
    if shipment["wave"]:
        facts.append(say.text("parcel.wave", wave=literal(shipment["wave"])))
    if shipment["carrier"]:
        facts.append(say.text("parcel.carrier", carrier=literal(shipment["carrier"])))
    for package in shipment["packages"]:
        if package["tracking_number"]:
            facts.append(say.text("parcel.tracking", number=literal(package["tracking_number"])))
        if package["weight_grams"]:
            facts.append(say.text("parcel.weight", grams=say.number(package["weight_grams"])))
    if shipment["proof"]:
        facts.append(say.text("parcel.proof", proof=literal(shipment["proof"])))
    return facts


def _line(line: Mapping[str, Any]) -> str:
    say = speaker()
    article = literal(line["sku"]) + (f" · {literal(line['title'])}" if line["title"] else "")
    text = f"{say.number(line['quantity'])} × {article}"
    return f"{text} – {say.text('parcel.missing', units=say.number(line['missing']))}" if line["missing"] else text


def _next(shipment: Shipment, page: str) -> None:
    """The step that the state allows, and below it, folded, what else may happen."""
    state = shipment["state"]
    main = _MAIN.get(state)
    if main is not None:
        permission, draw = main
        if may(permission):
            draw(shipment, page)
        else:
            not_allowed(permission)
    others = [(verb, draw) for verb, permission, draw in _OTHERS.get(state, ()) if may(permission)]
    for verb, draw in others:
        with st.expander(speaker().text(f"act.{verb}.title")):
            draw(shipment, page)


def _pick(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    to_pick: dict[str, int] = {}
    for line in shipment["lines"]:
        if line["picked"] is None:
            to_pick[line["sku"]] = to_pick.get(line["sku"], 0) + line["quantity"]
    if not to_pick:
        _pack(shipment, page)
        return
    with action_form(f"pick_{number}", page) as form:
        found = {
            sku: int(
                st.number_input(
                    say.text("act.pick.units", article=literal(sku), units=say.counted("count.units", units)),
                    min_value=0,
                    value=units,
                    step=1,
                    key=form.field(f"units_{sku}"),
                    width=320,
                )
            )
            for sku, units in to_pick.items()
        }
        if form.submitted(say.text("act.pick.do"), icon=":material/shelves:"):
            said = None if found == to_pick else tuple(PickedUnits(sku, units) for sku, units in found.items())
            form.run(pick_shipment, PickShipment(number, said), picked)


def _pack(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    with action_form(f"pack_{number}", page) as form:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            grams = st.number_input(
                say.text("act.pack.weight"),
                min_value=0,
                max_value=_MAX_GRAMS,
                value=None,
                step=1,
                key=form.field("weight"),
                width=220,
            )
            tracking = st.text_input(say.text("act.pack.tracking"), key=form.field("tracking"), max_chars=60, width=260)
        if form.submitted(say.text("act.pack.do"), icon=":material/package_2:"):
            one = Package(None if grams is None else int(grams), tracking.strip() or None)
            form.run(pack_shipment, PackShipment(number, (one,)), parcel)


def _ship(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    with action_form(f"ship_{number}", page) as form:
        carrier = st.text_input(
            say.text("act.ship.carrier"), value=shipment["carrier"] or "", key=form.field("carrier"), max_chars=60
        )
        if form.submitted(say.text("act.ship.do"), icon=":material/local_shipping:"):
            form.run(ship_shipment, ShipShipment(number, carrier.strip() or None), parcel)


def _deliver(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    with action_form(f"deliver_{number}", page) as form:
        proof = st.text_input(
            say.text("act.deliver.proof"),
            key=form.field("proof"),
            placeholder=say.text("act.deliver.hint"),
            max_chars=100,
        )
        if form.submitted(say.text("act.deliver.do"), icon=":material/home_pin:"):
            form.run(deliver_shipment, DeliverShipment(number, proof.strip() or None), parcel)


def _fail(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    with action_form(f"fail_{number}", page) as form:
        reason = st.text_input(
            say.text("act.reason"), key=form.field("reason"), placeholder=say.text("act.fail.hint"), max_chars=300
        )
        if form.submitted(say.text("act.fail.do"), is_main=False, icon=":material/report:"):
            form.run(fail_delivery, FailDelivery(number, reason), parcel)


def _retry(shipment: Shipment, page: str) -> None:
    with action_form(f"retry_{shipment['shipment']}", page) as form:
        if form.submitted(speaker().text("act.retry.do"), icon=":material/replay:"):
            form.run(retry_delivery, RetryDelivery(shipment["shipment"]), parcel)


def _take_back(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    with action_form(f"take_back_{number}", page) as form:
        reason = st.text_input(
            say.text("act.reason"), key=form.field("reason"), placeholder=say.text("act.take_back.hint"), max_chars=300
        )
        if form.submitted(say.text("act.take_back.do"), is_main=False, icon=":material/undo:"):
            form.run(take_back_shipment, TakeBackShipment(number, reason), parcel)


def _call_off(shipment: Shipment, page: str) -> None:
    say, number = speaker(), shipment["shipment"]
    with action_form(f"call_off_{number}", page) as form:
        reason = st.text_input(
            say.text("act.reason"), key=form.field("reason"), placeholder=say.text("act.call_off.hint"), max_chars=300
        )
        if form.submitted(say.text("act.call_off.do"), is_main=False, icon=":material/cancel:"):
            form.run(cancel_shipment, CancelShipment(number, reason), parcel)


_Draw = Callable[[Shipment, str], None]
_MAIN: Final[dict[str, tuple[Permission, _Draw]]] = {
    "released": (Permission.PICK, _pick),
    "picking": (Permission.PACK, _pick),
    "packed": (Permission.SHIP, _ship),
    "shipped": (Permission.DELIVER, _deliver),
    "in_transit": (Permission.DELIVER, _deliver),
    "out_for_delivery": (Permission.DELIVER, _deliver),
    "failed": (Permission.DELIVER, _retry),
}
_GONE_WRONG: Final = (
    ("fail", Permission.DELIVER, _fail),
    ("take_back", Permission.RETURN_RECEIVE, _take_back),
)
_CALL_OFF: Final = (("call_off", Permission.WAVE_RELEASE, _call_off),)
_OTHERS: Final[dict[str, tuple[tuple[str, Permission, _Draw], ...]]] = {
    "planned": _CALL_OFF,
    "released": _CALL_OFF,
    "picking": _CALL_OFF,
    "packed": _CALL_OFF,
    "ready_for_pickup": _CALL_OFF,
    "shipped": _GONE_WRONG,
    "in_transit": _GONE_WRONG,
    "out_for_delivery": _GONE_WRONG,
    "failed": (("deliver", Permission.DELIVER, _deliver), _GONE_WRONG[1]),
}
