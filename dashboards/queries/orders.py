"""Orders as the core has them now: lists, one order, and what waits in quarantine. Live, never cached.

Times go in and out as the company's days; the core keeps instants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from dashboards.queries.core import has_core, read_core
from oms_core.domain.headline import Headline
from oms_core.domain.instants import start_of_day
from oms_core.services import company, order_detail, order_facets, orders_read, quarantine
from oms_core.services.orders_read import OrderPage, OrderSummary

PAGE_ROWS: Final = 50
PHONE_ROWS: Final = 20  # cards are tall
WINDOW: Final = 500  # a headline is derived, not stored: so many of the newest of each status are looked through

# The statuses in which an order can have a headline.
_STATUSES: Final[dict[str, tuple[str, ...]]] = {
    Headline.AWAITING_PAYMENT: ("pending",),
    Headline.AWAITING_REVIEW: ("pending", "on_hold"),
    Headline.OUT_OF_STOCK: ("confirmed",),
    Headline.AWAITING_SHIPMENT: ("confirmed",),
    Headline.PARTIALLY_SHIPPED: ("pending", "confirmed", "on_hold"),
    Headline.SHIPPED: ("pending", "confirmed", "on_hold"),
    Headline.DELIVERED: ("pending", "confirmed", "on_hold"),
    Headline.COMPLETED: ("closed",),
    Headline.CANCELLED: ("cancelled",),
    Headline.REFUNDING: ("pending", "confirmed", "on_hold", "cancelled", "closed"),
    Headline.REFUNDED: ("pending", "confirmed", "on_hold", "closed"),
}
HEADLINES: Final = tuple(_STATUSES)


@dataclass(frozen=True, slots=True)
class Account:
    """A channel account: the name people know it by, and its channel."""

    name: str
    channel: str


@dataclass(frozen=True, slots=True)
class OrderSearch:
    """What a list of orders is narrowed by; empty means everything. Days are the company's, both included."""

    text: str = ""
    status: str | None = None
    account: str | None = None
    channel: str | None = None
    country: str | None = None
    first: date | None = None
    last: date | None = None
    headline: str | None = None


def zone() -> str:
    """The company's time zone."""
    with read_core() as connection:
        return company.settings_of(connection).time_zone


def held_back() -> int:
    """How many quarantined rows wait for a decision; none in a home without a core."""
    if not has_core():
        return 0
    with read_core() as connection:
        return quarantine.count_open(connection)


def accounts() -> dict[str, Account]:
    """The channel accounts that have orders, by key."""
    with read_core() as connection:
        rows = orders_read.accounts(connection, with_orders=True)
    return {str(row["account"]): Account(str(row["name"]), str(row["channel"])) for row in rows}


def found(search: OrderSearch, *, page: int, rows: int = PAGE_ROWS) -> OrderPage:
    """One page of the orders that fit, newest first, and how many there are; pages count from 1.

    With a headline: of the newest `WINDOW` of each status.
    """
    with read_core() as connection:
        if search.headline is None:
            return _asked(connection, search, search.status, limit=rows, offset=(page - 1) * rows)
        statuses = [it for it in _STATUSES.get(search.headline, ()) if search.status in {None, it}]
        fitting: list[OrderSummary] = []
        for status in statuses:
            several = _asked(connection, search, status, limit=WINDOW, offset=0).rows
            facets = order_facets.facets_of(connection, [row.order_id for row in several])
            fitting += [row for row in several if facets[row.order_id]["headline"] == search.headline]
        fitting.sort(key=lambda row: (-row.placed_at, -row.order_id))
        return OrderPage(fitting[(page - 1) * rows : page * rows], len(fitting))


def _asked(connection: sa.Connection, search: OrderSearch, status: str | None, *, limit: int, offset: int) -> OrderPage:
    place = company.settings_of(connection).zone
    return orders_read.find_orders(
        connection,
        text=search.text.strip(),
        status=status,
        account=search.account,
        channel=search.channel,
        country=search.country,
        start=None if search.first is None else start_of_day(search.first, place),
        end=None if search.last is None else start_of_day(search.last + timedelta(days=1), place),
        limit=limit,
        offset=offset,
    )


def headlines(rows: Sequence[OrderSummary]) -> dict[int, str]:
    """The headline of each order of a page, by its id."""
    with read_core() as connection:
        facets = order_facets.facets_of(connection, [row.order_id for row in rows])
    return {order_id: str(found["headline"]) for order_id, found in facets.items()}


def shown(reference: str) -> dict[str, Any]:
    """One order with its lines, events, stock movements and returns.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    with read_core() as connection:
        return order_detail.show_order(connection, reference)
