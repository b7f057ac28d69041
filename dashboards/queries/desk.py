"""What the desks of a clerk show, live from the core: sites, waiting orders, open shipments, returns, decisions."""

from dataclasses import dataclass
from typing import Any, Final

from dashboards.queries.core import read_core
from oms_core.services import company, reallocate_order, returns_read, shipments_read, shipping_board
from oms_core.services.company import now_micros

CARDS: Final = 20  # a desk shows that many cards of a kind
OPEN_SHIPMENTS: Final = (
    "released",
    "picking",
    "packed",
    "ready_for_pickup",
    "shipped",
    "in_transit",
    "out_for_delivery",
    "failed",
)
OPEN_RETURNS: Final = ("requested", "approved", "in_transit", "partially_received", "received")


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """Beside an order: sites, reasons of returns, its last decision, its requests whole, what may come back."""

    sites: dict[str, str]
    reasons: dict[str, str]
    decision: dict[str, Any]
    returns: list[dict[str, Any]]
    eligible: list[dict[str, Any]]
    titles: dict[str, str]


def sites() -> dict[str, str]:
    """Names of the sites by location."""
    with read_core() as connection:
        return shipping_board.places(connection)


def return_reasons(language: str) -> dict[str, str]:
    """The reasons of the return policy with their labels, by code."""
    with read_core() as connection:
        return _reasons(returns_read.reasons(connection), language)


def _reasons(rows: list[dict[str, str]], language: str) -> dict[str, str]:
    return {row["code"]: row.get(language) or row.get("en") or row["code"] for row in rows}


def order_desk(order: str, language: str, *, requests: list[str], skus: list[str]) -> OrderDesk:
    """Everything beside one order; `requests`: numbers of its returns, `skus`: its articles."""
    with read_core() as connection:
        return OrderDesk(
            sites=shipping_board.places(connection),
            reasons=_reasons(returns_read.reasons(connection), language),
            decision=reallocate_order.why_this_location(connection, order),
            returns=[returns_read.show_return(connection, number) for number in requests],
            eligible=returns_read.eligibility(connection, order, now=now_micros()),
            titles=shipping_board.titles(connection, skus),
        )


@dataclass(frozen=True, slots=True)
class ShippingDesk:
    """The board: zone, sites, orders waiting by location, how many shipments per state, and one page of them."""

    zone: str
    sites: dict[str, str]
    waiting: dict[str, list[dict[str, Any]]]
    counts: dict[str, int]
    shipments: list[dict[str, Any]]


def shipping_desk(location: str | None, state: str | None) -> ShippingDesk:
    """The board of one location, or of all; `state`: shipments in it only."""
    with read_core() as connection:
        waiting = shipping_board.waiting_for_a_wave(connection)
        states = (state,) if state else OPEN_SHIPMENTS
        found = shipping_board.shipments_in(connection, states, location=location, limit=CARDS)
        return ShippingDesk(
            zone=company.settings_of(connection).time_zone,
            sites=shipping_board.places(connection),
            waiting={place: rows for place, rows in waiting.items() if location in {None, place}},
            counts=shipping_board.count_by_state(connection, location=location),
            shipments=[shipments_read.show_shipment(connection, row["shipment"]) for row in found],
        )


@dataclass(frozen=True, slots=True)
class ReturnsDesk:
    """Sites, reasons, and one page of the requests."""

    sites: dict[str, str]
    reasons: dict[str, str]
    returns: list[dict[str, Any]]


def returns_desk(state: str | None, language: str) -> ReturnsDesk:
    """The requests in one state, or all open ones, the newest first."""
    with read_core() as connection:
        states = (state,) if state else OPEN_RETURNS
        found = [row for name in states for row in returns_read.find_returns(connection, state=name, limit=CARDS)]
        return ReturnsDesk(
            sites=shipping_board.places(connection),
            reasons=_reasons(returns_read.reasons(connection), language),
            returns=[returns_read.show_return(connection, row["return"]) for row in found[:CARDS]],
        )
