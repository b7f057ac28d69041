"""Orders as the core has them now: lists, one order, and what waits in quarantine. Live, never cached.

Times go in and out as the company's days; the core keeps instants.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from dashboards.queries.core import has_core, read_core
from oms_core.domain.instants import start_of_day
from oms_core.services import company, order_detail, orders_read, quarantine
from oms_core.services.orders_read import OrderPage

PAGE_ROWS: Final = 50
PHONE_ROWS: Final = 20  # cards are tall


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
    """One page of the orders that fit, newest first, and how many there are; pages count from 1."""
    with read_core() as connection:
        place = company.settings_of(connection).zone
        return orders_read.find_orders(
            connection,
            text=search.text.strip(),
            status=search.status,
            account=search.account,
            channel=search.channel,
            country=search.country,
            start=None if search.first is None else start_of_day(search.first, place),
            end=None if search.last is None else start_of_day(search.last + timedelta(days=1), place),
            limit=rows,
            offset=(page - 1) * rows,
        )


def shown(reference: str) -> dict[str, Any]:
    """One order with its lines, events, stock movements and returns.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    with read_core() as connection:
        return order_detail.show_order(connection, reference)
