"""Opening stock from the first observed balance, where a location's policy says so.

The opening is a function of what is known: quantity = first balance − movements up to it, booked at the start of
the ledger of that key. When an earlier fact arrives, the old opening is reversed and the right one booked, so the
effective ledger does not depend on the order of arrival (docs/decisions/0003).
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.domain.facts import BalanceFact, MovementFact
from oms_core.domain.instants import business_date, end_of_day, start_of_day
from oms_core.domain.stock import MovementKind
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.stock_ledger import MOVEMENT_COLUMNS, StockKey, book_shortages
from oms_core.storage.tables import location, sku, stock_movement, stock_snapshot


@dataclass(frozen=True, slots=True)
class _Opening:
    quantity: int
    occurred_at: int
    movement_id: int


@dataclass(frozen=True, slots=True)
class _First:
    observed_at: int
    quantity: int
    moved: int  # units of other movements up to the first balance
    moved_from: int | None  # instant of the first of them


def book_openings(
    connection: sa.Connection,
    account: str,
    *,
    movements: Sequence[MovementFact],
    balances: Sequence[BalanceFact],
    zone: ZoneInfo,
    stamp: Stamp,
) -> int:
    """Book or re-book the openings that a batch touches; returns the movements written.

    `zone`: whose days the balances close; a ledger that starts with an end-of-day balance starts with that day.
    """
    places: set[str] = set(
        connection.execute(sa.select(location.c.location).where(location.c.opening_from_first_balance)).scalars()
    )
    earliest = _earliest(movements, balances, places)
    if not earliest:
        return 0
    openings = _current(connection, earliest)
    firsts = _first_balances(connection, earliest)
    touched = [key for key, at in earliest.items() if key in firsts and _is_touched(at, firsts[key], openings.get(key))]
    wanted = {key: _with_movements(connection, key, firsts[key]) for key in touched}
    rows: list[tuple[Any, ...]] = []
    for key, first in wanted.items():
        start = _ledger_start(first.observed_at, zone)
        at = start if first.moved_from is None else min(start, first.moved_from)
        rows.extend(
            _rebooked(account, key, openings.get(key), quantity=first.quantity - first.moved, at=at, stamp=stamp)
        )
    rows.sort(key=_lock_order)
    book_shortages(connection, account, [_as_fact(row) for row in rows], stamp)
    ids = take_ids(connection, "stock_movement", len(rows))
    numbered = [(movement_id, *row) for movement_id, row in zip(ids, rows, strict=True)]
    insert_rows(connection, stock_movement, MOVEMENT_COLUMNS, numbered)
    return len(numbered)


def _ledger_start(observed_at: int, zone: ZoneInfo) -> int:
    day = business_date(observed_at, zone)
    return start_of_day(day, zone) if observed_at == end_of_day(day, zone) else observed_at


def _lock_order(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return (*row[2:5], row[6] < 0)


def _earliest(
    movements: Iterable[MovementFact], balances: Iterable[BalanceFact], places: set[str]
) -> dict[StockKey, int]:
    found: dict[StockKey, int] = {}
    seen = [((it.sku, it.location, it.condition), it.occurred_at) for it in movements]
    seen += [((it.sku, it.location, it.condition), it.observed_at) for it in balances]
    for key, at in seen:
        if key[1] in places:
            found[key] = min(found.get(key, at), at)
    return found


def _is_touched(at: int, first: _First, opening: _Opening | None) -> bool:
    return opening is None or at <= first.observed_at


def _current(connection: sa.Connection, keys: Iterable[StockKey]) -> dict[StockKey, _Opening]:
    wanted = set(keys)
    movement = stock_movement.alias()
    reversal = stock_movement.alias()
    statement = sa.select(
        movement.c.sku,
        movement.c.location,
        movement.c.condition,
        movement.c.quantity,
        movement.c.occurred_at,
        movement.c.movement_id,
    ).where(
        movement.c.kind == MovementKind.OPENING.value,
        movement.c.reverses_id.is_(None),
        ~sa.exists().where(reversal.c.reverses_id == movement.c.movement_id),
    )
    rows = select_where_in(connection, statement, movement.c.sku, {key[0] for key in wanted})
    found = {(row.sku, row.location, row.condition): row for row in rows}
    return {
        key: _Opening(row.quantity, row.occurred_at, row.movement_id) for key, row in found.items() if key in wanted
    }


def _first_balances(connection: sa.Connection, keys: Iterable[StockKey]) -> dict[StockKey, _First]:
    """One index seek a key, so that the cost of a batch does not grow with the history before it."""
    by_place: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, place, condition in keys:
        by_place[place, condition].append(name)
    snapshot = stock_snapshot.c
    found: dict[StockKey, _First] = {}
    for (place, condition), names in by_place.items():
        first = (
            sa.select(sa.func.min(snapshot.observed_at))
            .where(snapshot.sku == sku.c.sku, snapshot.location == place, snapshot.condition == condition)
            .scalar_subquery()
        )
        for name, observed_at in select_where_in(connection, sa.select(sku.c.sku, first), sku.c.sku, names):
            if observed_at is not None:
                found[name, place, condition] = _First(observed_at, 0, 0, None)
    return found


def _with_movements(connection: sa.Connection, key: StockKey, first: _First) -> _First:
    snapshot, movement = stock_snapshot.c, stock_movement.c
    same = (snapshot.sku == key[0], snapshot.location == key[1], snapshot.condition == key[2])
    balance = (
        sa.select(snapshot.quantity)
        .where(*same, snapshot.observed_at == first.observed_at)
        .order_by(snapshot.account)
        .limit(1)
    )
    moved = sa.select(sa.func.coalesce(sa.func.sum(movement.quantity), 0), sa.func.min(movement.occurred_at)).where(
        movement.sku == key[0],
        movement.location == key[1],
        movement.condition == key[2],
        movement.occurred_at <= first.observed_at,
        movement.kind != MovementKind.OPENING.value,
    )
    found: Any = connection.execute(moved).one()
    return _First(first.observed_at, connection.execute(balance).scalar_one(), int(found[0]), found[1])


def _rebooked(
    account: str, key: StockKey, current: _Opening | None, *, quantity: int, at: int, stamp: Stamp
) -> list[tuple[Any, ...]]:
    """Movement rows without their id: the reversal of the current opening and the new one, where they differ."""
    if current is not None and (current.quantity, current.occurred_at) == (quantity, at):
        return []
    rows = []
    name = "/".join(key)
    if current is not None:
        source = f"opening/{name}/reversal/{current.movement_id}"
        moved = (*key, MovementKind.OPENING.value, -current.quantity, current.occurred_at)
        rows.append(_row(account, source, moved, current.movement_id, stamp))
    if quantity != 0:
        # The change number tells a re-booking from an equal opening that was reversed before.
        source = f"opening/{name}/{at}/{quantity}/{stamp.change_id}"
        rows.append(_row(account, source, (*key, MovementKind.OPENING.value, quantity, at), None, stamp))
    return rows


def _as_fact(row: tuple[Any, ...]) -> MovementFact:
    _, source_key, name, place, condition, kind, quantity, at, *_ = row
    return MovementFact(source_key, name, place, condition, kind, quantity, at, content_sha256=source_key)


def _row(
    account: str, source_key: str, moved: tuple[str, str, str, str, int, int], reverses: int | None, stamp: Stamp
) -> tuple[Any, ...]:
    reason = "first observed balance" if reverses is None else "an earlier fact arrived"
    identity = (account, source_key, *moved, None, None, reason, reverses, source_key)
    return (*identity, stamp.actor, stamp.recorded_at, stamp.change_id)
