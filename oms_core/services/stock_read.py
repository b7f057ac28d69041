"""Stock to read: units and value at an instant, now or then, as known now or as known then."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.domain.instants import business_date, end_of_day, start_of_day
from oms_core.domain.money import from_scaled
from oms_core.services.company import settings_of
from oms_core.services.stock_layers import fifo_values
from oms_core.storage.bulk import select_where_in
from oms_core.storage.stock_ledger import StockAt, StockKey, stock_at
from oms_core.storage.tables import location, stock_balance, stock_snapshot, unit_cost


@dataclass(frozen=True, slots=True)
class StockRow:
    """Stock of one SKU, location and condition. `value`: as its location values stock; null where a cost is missing.

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
    values = _values(connection, found, instant, known, zone)
    promised = _promised(connection, found) if at is None and as_known is None else None
    return instant, [_row(item, values, promised) for item in found]


def _values(
    connection: sa.Connection, found: Sequence[StockAt], instant: int, known: int | None, zone: ZoneInfo
) -> dict[StockKey, tuple[Decimal, str]]:
    """(value, currency) by key, as the location values its stock: units × dated unit cost, or its FIFO layers."""
    statement = sa.select(location.c.location).where(location.c.valuation == "fifo")
    by_layers: set[str] = set(connection.execute(statement).scalars())
    dated = [item for item in found if item.location not in by_layers]
    costs = dated_costs(connection, {(item.sku, item.location) for item in dated}, instant, known, zone)
    values = {
        (item.sku, item.location, item.condition): (item.on_hand * cost[0], cost[1])
        for item in dated
        if (cost := costs.get((item.sku, item.location)))
    }
    if skus := {item.sku for item in found if item.location in by_layers}:
        layered = fifo_values(connection, skus, instant, known)
        values |= {key: value for key, value in layered.items() if key[1] in by_layers}
    return values


def instant_of(connection: sa.Connection, at: int | date | None, now: int) -> int:
    """The instant meant: now where nothing is given, the end of a date in the company's zone."""
    return _instant(at, settings_of(connection).zone, now)


def _instant(at: int | date | None, zone: ZoneInfo, now: int) -> int:
    if at is None:
        return now
    return at if isinstance(at, int) else end_of_day(at, zone)


def _row(
    item: StockAt,
    values: dict[StockKey, tuple[Decimal, str]],
    promised: dict[StockKey, int] | None,
) -> StockRow:
    value = values.get((item.sku, item.location, item.condition))
    committed = None if promised is None else promised.get((item.sku, item.location, item.condition), 0)
    sellable = item.condition == "sellable"
    return StockRow(
        sku=item.sku,
        location=item.location,
        condition=item.condition,
        on_hand=item.on_hand,
        allocated=committed,
        available=None if committed is None else (item.on_hand - committed if sellable else 0),
        value=None if value is None else value[0],
        currency=None if value is None else value[1],
    )


def _promised(connection: sa.Connection, found: Iterable[StockAt]) -> dict[StockKey, int]:
    balance = stock_balance.c
    statement = sa.select(balance.sku, balance.location, balance.condition, balance.committed)
    rows = select_where_in(connection, statement, balance.sku, {item.sku for item in found})
    return {(sku, place, condition): committed for sku, place, condition, committed in rows}


def dated_costs(
    connection: sa.Connection, keys: Iterable[tuple[str, str]], instant: int, known: int | None, zone: ZoneInfo
) -> dict[tuple[str, str], tuple[Decimal, str]]:
    """The unit cost valid on the business day of the instant, by SKU and location.

    An observed cost is valid from the start of its day on. Of several, the newest valid one counts; an observation
    before a catalogue's cost of the same instant.
    """
    wanted = set(keys)
    skus = {sku for sku, _ in wanted}
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
    for sku, place in wanted:
        options = [it for it in (candidates.get((sku, place)), everywhere.get(sku)) if it]
        if options:
            result[sku, place] = max(options, key=lambda it: it[0])[1:]
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
