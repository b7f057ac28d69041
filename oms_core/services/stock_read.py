"""Stock to read: units and value at an instant, now or then, as known now or as known then."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.domain.instants import business_date, end_of_day, start_of_day
from oms_core.domain.money import from_scaled
from oms_core.services.company import settings_of
from oms_core.storage.bulk import select_where_in
from oms_core.storage.stock_ledger import StockAt, stock_at
from oms_core.storage.tables import stock_balance, stock_snapshot, unit_cost


@dataclass(frozen=True, slots=True)
class StockRow:
    """Stock of one SKU, location and condition. `value`: units × unit cost valid then; null without a cost.

    `allocated` and `available` are null for a past instant: promises are not kept by instant yet.
    """

    sku: str
    location: str
    condition: str
    on_hand: int
    allocated: int | None
    available: int | None
    value: Decimal | None
    currency: str | None


def stock_rows(
    connection: sa.Connection,
    *,
    sku: str | None = None,
    place: str | None = None,
    at: int | date | None = None,
    as_known: int | date | None = None,
    now: int,
) -> tuple[int, list[StockRow]]:
    """(instant, rows) of stock at `at` (null: now); a date means its end in the company's zone."""
    zone = settings_of(connection).zone
    instant = _instant(at, zone, now)
    known = None if as_known is None else _instant(as_known, zone, now)
    found = stock_at(connection, [instant], sku=sku, place=place, as_known=known)
    costs = _costs_at(connection, found, instant, known, zone)
    promised = _promised(connection, found) if at is None and as_known is None else None
    return instant, [_row(item, costs, promised) for item in found]


def _instant(at: int | date | None, zone: ZoneInfo, now: int) -> int:
    if at is None:
        return now
    return at if isinstance(at, int) else end_of_day(at, zone)


def _row(
    item: StockAt,
    costs: dict[tuple[str, str], tuple[Decimal, str]],
    promised: dict[tuple[str, str, str], int] | None,
) -> StockRow:
    cost = costs.get((item.sku, item.location))
    committed = None if promised is None else promised.get((item.sku, item.location, item.condition), 0)
    sellable = item.condition == "sellable"
    return StockRow(
        sku=item.sku,
        location=item.location,
        condition=item.condition,
        on_hand=item.on_hand,
        allocated=committed,
        available=None if committed is None else (item.on_hand - committed if sellable else 0),
        value=None if cost is None else item.on_hand * cost[0],
        currency=None if cost is None else cost[1],
    )


def _promised(connection: sa.Connection, found: Iterable[StockAt]) -> dict[tuple[str, str, str], int]:
    balance = stock_balance.c
    statement = sa.select(balance.sku, balance.location, balance.condition, balance.committed)
    rows = select_where_in(connection, statement, balance.sku, {item.sku for item in found})
    return {(sku, place, condition): committed for sku, place, condition, committed in rows}


def _costs_at(
    connection: sa.Connection, found: Iterable[StockAt], instant: int, known: int | None, zone: ZoneInfo
) -> dict[tuple[str, str], tuple[Decimal, str]]:
    """The unit cost valid on the business day of the instant, by SKU and location.

    An observed cost is valid from the start of its day on. Of several, the newest valid one counts; an observation
    before a catalogue's cost of the same instant.
    """
    skus = {item.sku for item in found}
    candidates: dict[tuple[str, str], tuple[int, Decimal, str]] = {}
    everywhere: dict[str, tuple[int, Decimal, str]] = {}
    for sku, place, since, cost, scale, currency in _catalogue_costs(connection, skus, instant, known):
        fresh = (since, from_scaled(cost, scale), currency)
        if place:
            candidates[sku, place] = max(candidates.get((sku, place), fresh), fresh, key=lambda it: it[0])
        else:
            everywhere[sku] = max(everywhere.get(sku, fresh), fresh, key=lambda it: it[0])
    day_end = end_of_day(business_date(instant, zone), zone)
    for sku, place, observed_at, cost, scale, currency in _observed_costs(connection, skus, day_end, known):
        since = start_of_day(business_date(observed_at, zone), zone)
        fresh = (since, from_scaled(cost, scale), currency)
        candidates[sku, place] = max(fresh, candidates.get((sku, place), fresh), key=lambda it: it[0])
    result: dict[tuple[str, str], tuple[Decimal, str]] = {}
    for item in found:
        options = [it for it in (candidates.get((item.sku, item.location)), everywhere.get(item.sku)) if it]
        if options:
            result[item.sku, item.location] = max(options, key=lambda it: it[0])[1:]
    return result


def _catalogue_costs(connection: sa.Connection, skus: Iterable[str], instant: int, known: int | None) -> Iterable[Any]:
    cost = unit_cost.c
    statement = sa.select(
        cost.sku, cost.location, cost.valid_from, cost.unit_cost, cost.cost_scale, cost.currency
    ).where(cost.valid_from <= instant)
    if known is not None:
        statement = statement.where(cost.recorded_at <= known)
    return select_where_in(connection, statement, cost.sku, skus)


def _observed_costs(
    connection: sa.Connection, skus: Iterable[str], day_end: int, known: int | None
) -> Iterable[tuple[str, str, int, int, int, str]]:
    snapshot = stock_snapshot.c
    seen = [snapshot.unit_cost.is_not(None), snapshot.observed_at <= day_end]
    if known is not None:
        seen.append(snapshot.recorded_at <= known)
    newest = (
        sa.select(snapshot.sku, snapshot.location, sa.func.max(snapshot.observed_at).label("observed_at"))
        .where(*seen)
        .group_by(snapshot.sku, snapshot.location)
    )
    by_key: dict[tuple[str, int], list[str]] = defaultdict(list)
    for sku, place, observed_at in select_where_in(connection, newest, snapshot.sku, skus):
        by_key[place, observed_at].append(sku)
    for (place, observed_at), group in by_key.items():
        statement = sa.select(snapshot.sku, snapshot.unit_cost, snapshot.cost_scale, snapshot.currency).where(
            *seen, snapshot.location == place, snapshot.observed_at == observed_at
        )
        for sku, cost, scale, currency in select_where_in(connection, statement, snapshot.sku, group):
            yield sku, place, observed_at, cost, scale, currency
