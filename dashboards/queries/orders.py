"""Orders as the core has them now: lists, one order, and what waits in quarantine. Live, never cached.

Times go in and out as the company's days; the core keeps instants.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from dashboards.queries.snapshot import settings
from oms_core.services import company, orders_read, quarantine
from oms_core.services.orders_read import OrderPage
from oms_core.storage.engine import open_engine, reading

PAGE_ROWS: Final = 50
_MICROS: Final = 1_000_000


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


@cache
def _engine() -> sa.Engine:
    return open_engine(settings())


def has_core() -> bool:
    """Whether this home has a core yet: reading must not create an empty one."""
    url = sa.make_url(settings().database_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


@contextmanager
def _core() -> Iterator[sa.Connection]:
    with reading(_engine()) as connection:
        yield connection


def zone() -> str:
    """The company's time zone."""
    with _core() as connection:
        return company.settings_of(connection).time_zone


def held_back() -> int:
    """How many quarantined rows wait for a decision; none in a home without a core."""
    if not has_core():
        return 0
    with _core() as connection:
        return quarantine.count_open(connection)


def accounts() -> dict[str, str]:
    """The channel accounts by key, with the name people know them by."""
    with _core() as connection:
        return dict(orders_read.list_accounts(connection))


def found(search: OrderSearch, *, page: int) -> OrderPage:
    """One page of the orders that fit, newest first, and how many there are; pages count from 1."""
    with _core() as connection:
        place = ZoneInfo(company.settings_of(connection).time_zone)
        return orders_read.find_orders(
            connection,
            text=search.text.strip(),
            status=search.status,
            account=search.account,
            start=None if search.first is None else _start_of(search.first, place),
            end=None if search.last is None else _start_of(search.last + timedelta(days=1), place),
            limit=PAGE_ROWS,
            offset=(page - 1) * PAGE_ROWS,
        )


def shown(reference: str) -> dict[str, Any]:
    """One order with its lines, events, stock movements and returns.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    with _core() as connection:
        return orders_read.show_order(connection, reference)


def _start_of(day: date, place: ZoneInfo) -> int:
    return round(datetime.combine(day, time(), tzinfo=place).timestamp()) * _MICROS


def moment(micros: int) -> datetime:
    """An instant of the core as an aware time."""
    return datetime.fromtimestamp(0, tz=UTC) + timedelta(microseconds=micros)
