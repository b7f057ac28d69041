"""Shipping: which orders wait for a wave, and what comes next for each parcel? Read live from the core."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import streamlit as st

from dashboards.actions import may
from dashboards.components.action_form import action_form, outcome_above
from dashboards.components.filters import choice_filter, filter_bar, reset_button
from dashboards.components.foreign import literal
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.order_actions import not_allowed
from dashboards.components.parcels import parcel_card
from dashboards.components.speech import speaker
from dashboards.components.written_outcomes import wave_released
from dashboards.identity import guard
from dashboards.queries.core import has_core
from dashboards.queries.desk import CARDS, OPEN_SHIPMENTS, ShippingDesk, shipping_desk, sites
from oms_core.domain.errors import OmsError
from oms_core.domain.permissions import Permission
from oms_core.services.release_wave import ReleaseWave, release_wave

PAGE: Final = "waves"
DEFAULTS: Final[dict[str, object]] = {"wv_location": "", "wv_state": ""}
_SHOWN: Final = 10  # orders named per location


def choose(places: Mapping[str, str]) -> tuple[str | None, str | None]:
    """The location and the state."""
    say = speaker()
    with filter_bar("wv", DEFAULTS):
        place = choice_filter(
            "wv_location", say.text("dimensions.location"), list(places), name=places.__getitem__, width=220
        )
        state = choice_filter(
            "wv_state",
            say.text("waves.state"),
            OPEN_SHIPMENTS,
            name=lambda code: say.word("shipment_states", code),
            width=260,
        )
        reset_button("wv", DEFAULTS)
    return next(iter(place), None), next(iter(state), None)


def waiting(desk: ShippingDesk) -> None:
    """One card a location, with the button that releases its wave."""
    say = speaker()
    st.header(say.text("waves.waiting"), anchor=False)
    if not desk.waiting:
        st.markdown(say.text("waves.none_waiting"))
    for place, rows in desk.waiting.items():
        with st.container(border=True, gap="small", key=f"waiting_{place}"):
            st.markdown(f"**{literal(desk.sites.get(place, place))}**")
            st.caption(say.counted("orders.found", len(rows)))
            _orders(rows, desk.zone)
            if not may(Permission.WAVE_RELEASE):
                not_allowed(Permission.WAVE_RELEASE)
                continue
            with action_form(f"release_{place}", PAGE) as form:
                if form.submitted(say.text("waves.release"), icon=":material/waves:"):
                    form.run(release_wave, ReleaseWave(place), wave_released)


def _orders(rows: Sequence[Mapping[str, Any]], zone: str) -> None:
    say = speaker()
    for row in rows[:_SHOWN]:
        placed = say.instant(datetime.fromisoformat(row["placed_at"]), zone)
        label = say.text(
            "waves.order",
            number=literal(row["order"].partition("/")[2]),
            units=say.counted("count.units", row["units"]),
            placed=literal(placed),
        )
        st.page_link("screens/order.py", label=label, query_params={"id": row["order"]})
    if len(rows) > _SHOWN:
        st.caption(say.text("waves.more", count=say.number(len(rows) - _SHOWN)))


def open_parcels(desk: ShippingDesk) -> None:
    """How many shipments stand where, and the oldest of them."""
    say = speaker()
    st.header(say.text("waves.parcels"), anchor=False)
    counted = [
        say.text("waves.count", state=say.word("shipment_states", state), count=say.number(desk.counts[state]))
        for state in OPEN_SHIPMENTS
        if desk.counts.get(state)
    ]
    st.caption(" · ".join(counted) if counted else say.text("waves.no_parcels"))
    for shipment in desk.shipments:
        parcel_card(shipment, PAGE, sites=desk.sites, order=shipment["order"])
    if len(desk.shipments) == CARDS:
        st.caption(say.text("waves.oldest", count=say.number(CARDS)))


guard("orders.read")
st.title(speaker().text("pages.waves.title"), anchor=False)
st.markdown(speaker().text("waves.question"))
try:
    if has_core():
        board = shipping_desk(*choose(sites()))
        with outcome_above(PAGE):
            waiting(board)
            open_parcels(board)
    else:
        nothing_yet("core")
except OmsError as error:
    refused(error)
