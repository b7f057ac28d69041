"""States as badges: an icon, the word, and a colour that only repeats them."""

from typing import Final, Literal

import streamlit as st

from dashboards.components.speech import speaker

Colour = Literal["orange", "blue", "violet", "gray", "green", "red"]

# By group of words and code: what waits is orange, what is at work blue, what is done green, what ended gray.
_LOOKS: Final[dict[str, dict[str, tuple[str, Colour]]]] = {
    "headlines": {
        "awaiting_payment": ("payments", "orange"),
        "awaiting_review": ("rate_review", "orange"),
        "out_of_stock": ("production_quantity_limits", "red"),
        "awaiting_shipment": ("inventory_2", "blue"),
        "partially_shipped": ("local_shipping", "blue"),
        "shipped": ("local_shipping", "blue"),
        "delivered": ("home_pin", "green"),
        "completed": ("task_alt", "green"),
        "cancelled": ("cancel", "gray"),
        "refunding": ("currency_exchange", "violet"),
        "refunded": ("currency_exchange", "gray"),
    },
    "shipment_states": {
        "planned": ("event", "gray"),
        "released": ("shelves", "orange"),
        "picking": ("shelves", "orange"),
        "packed": ("package_2", "blue"),
        "shipped": ("local_shipping", "blue"),
        "in_transit": ("local_shipping", "blue"),
        "out_for_delivery": ("local_shipping", "blue"),
        "ready_for_pickup": ("storefront", "blue"),
        "delivered": ("home_pin", "green"),
        "failed": ("report", "red"),
        "returned": ("undo", "gray"),
        "cancelled": ("cancel", "gray"),
    },
    "return_states": {
        "requested": ("rate_review", "orange"),
        "approved": ("thumb_up", "blue"),
        "declined": ("block", "gray"),
        "in_transit": ("local_shipping", "blue"),
        "partially_received": ("inventory_2", "violet"),
        "received": ("fact_check", "violet"),
        "closed": ("task_alt", "green"),
        "cancelled": ("cancel", "gray"),
    },
}


def badge(group: str, code: str) -> None:
    """A state of one group of words."""
    icon, colour = _LOOKS[group].get(code, ("circle", "gray"))
    st.badge(speaker().word(group, code), icon=f":material/{icon}:", color=colour)
