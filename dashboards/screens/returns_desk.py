"""Returns: which goods are asked back, came back, or wait for inspection? Read live from the core."""

from typing import Final

import streamlit as st

from dashboards.components.action_form import outcome_above
from dashboards.components.filters import choice_filter, filter_bar, reset_button
from dashboards.components.notice import nothing_yet, refused
from dashboards.components.return_cards import return_card
from dashboards.components.speech import speaker
from dashboards.identity import guard
from dashboards.queries.core import has_core
from dashboards.queries.desk import CARDS, OPEN_RETURNS, returns_desk
from oms_core.domain.errors import OmsError

PAGE: Final = "returns_desk"
DEFAULTS: Final[dict[str, object]] = {"rd_state": ""}
STATES: Final = (*OPEN_RETURNS, "closed", "declined", "cancelled")


def choose() -> str | None:
    """The state, or every open one."""
    say = speaker()
    with filter_bar("rd", DEFAULTS):
        state = choice_filter(
            "rd_state",
            say.text("returns_desk.state"),
            STATES,
            name=lambda code: say.word("return_states", code),
            width=260,
        )
        reset_button("rd", DEFAULTS)
    return next(iter(state), None)


def body() -> None:
    """Everything below the question, for a core that exists."""
    say = speaker()
    state = choose()
    desk = returns_desk(state, say.language)
    with outcome_above(PAGE):
        if not desk.returns:
            nothing_yet("found" if state else "returns")
        for found in desk.returns:
            return_card(found, PAGE, sites=desk.sites, reasons=desk.reasons, order=found["order"])
    if len(desk.returns) == CARDS:
        st.caption(say.text("returns_desk.newest", count=say.number(CARDS)))


guard("orders.read")
st.title(speaker().text("pages.returns_desk.title"), anchor=False)
st.markdown(speaker().text("returns_desk.question"))
try:
    if has_core():
        body()
    else:
        nothing_yet("core")
except OmsError as error:
    refused(error)
