"""The stock ledger: movements in, stock at any instant out.

On hand is the sum of movements. One function answers for now and for then (`stock_at`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import BalanceFact, MovementFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import location, stock_balance, stock_exception, stock_movement

StockKey = tuple[str, str, str]  # sku, location, condition

MOVEMENT_COLUMNS = [
    "movement_id",
    "account",
    "source_key",
    "sku",
    "location",
    "condition",
    "kind",
    "quantity",
    "occurred_at",
    "order_account",
    "order_external_id",
    "reason",
    "reverses_id",
    "content_sha256",
    "actor",
    "recorded_at",
    "change_id",
]


_EXCEPTION_COLUMNS = [
    "kind",
    "sku",
    "location",
    "condition",
    "source_key",
    "quantity",
    "occurred_at",
    "recorded_at",
    "change_id",
]


@dataclass(slots=True)
class Booked:
    """Rows written, and the source keys whose content contradicts what was recorded."""

    rows: int
    contradictions: list[str]


def lock_places(connection: sa.Connection, places: Iterable[str]) -> None:
    """Let one writer at a time report stock of a place: what is free and what opens is read after the one before."""
    if connection.dialect.name == "postgresql":  # SQLite has one writer anyway
        statement = sa.text("select pg_advisory_xact_lock(hashtextextended(:name, 0))")
        for place in sorted(set(places)):
            connection.execute(statement, {"name": f"ledger/{place}"})


def record_movements(
    connection: sa.Connection, account: str, movements: Sequence[MovementFact], stamp: Stamp
) -> Booked:
    """Book movements not seen yet, sorted by (sku, location, condition) so that writers never deadlock.

    A reported movement happened: where it takes more than was there, the missing units are booked with it as a
    shortage exception, so that the guard against overselling holds for everything else.
    """
    columns = (stock_movement.c.source_key, stock_movement.c.content_sha256)
    statement = sa.select(*columns).where(stock_movement.c.account == account)
    facts: dict[str, MovementFact] = {}
    contradictions = [
        fact.source_key
        for fact in movements
        if facts.setdefault(fact.source_key, fact).content_sha256 != fact.content_sha256
    ]
    recorded = {
        row.source_key: row.content_sha256
        for row in select_where_in(connection, statement, stock_movement.c.source_key, facts)
    }
    contradictions += [
        key for key, fact in facts.items() if recorded.get(key, fact.content_sha256) != fact.content_sha256
    ]
    fresh = [fact for key, fact in facts.items() if key not in recorded]
    _insert_movements(connection, account, fresh, stamp)
    return Booked(len(fresh), contradictions)


def key_of(fact: MovementFact | BalanceFact) -> StockKey:
    """Whose stock a fact is about."""
    return (fact.sku, fact.location, fact.condition)


def _insert_movements(connection: sa.Connection, account: str, facts: Sequence[MovementFact], stamp: Stamp) -> None:
    # Units in before units out of the same key, then a fixed order: what is booked does not depend on arrival.
    ordered = sorted(facts, key=lambda fact: (key_of(fact), fact.quantity < 0, fact.occurred_at, fact.source_key))
    book_shortages(connection, account, ordered, stamp)
    ids = take_ids(connection, "stock_movement", len(ordered))
    rows = [
        (
            movement_id,
            account,
            fact.source_key,
            fact.sku,
            fact.location,
            fact.condition,
            fact.kind,
            fact.quantity,
            fact.occurred_at,
            fact.order_account,
            fact.order_external_id,
            fact.reason,
            None,
            fact.content_sha256,
            stamp.actor,
            stamp.recorded_at,
            stamp.change_id,
        )
        for movement_id, fact in zip(ids, ordered, strict=True)
    ]
    insert_rows(connection, stock_movement, MOVEMENT_COLUMNS, rows)


def book_shortages(connection: sa.Connection, account: str, facts: Sequence[MovementFact], stamp: Stamp) -> None:
    """Record the units that these movements, in this order, take beyond what is there at strict locations."""
    strict: set[str] = set(
        connection.execute(sa.select(location.c.location).where(~location.c.allows_negative_stock)).scalars()
    )
    guarded = [fact for fact in facts if fact.location in strict]
    if not any(fact.quantity < 0 for fact in guarded):
        return
    free = _free_units(connection, {key_of(fact) for fact in guarded})
    rows = []
    for fact in guarded:
        key = key_of(fact)
        left = free.get(key, 0) + fact.quantity
        if left < 0:
            source = f"{account}/{fact.source_key}"
            rows.append(("shortage", *key, source, -left, fact.occurred_at, stamp.recorded_at, stamp.change_id))
            left = 0
        free[key] = left
    insert_rows(connection, stock_exception, _EXCEPTION_COLUMNS, rows)


def settle_shortages(connection: sa.Connection, keys: Iterable[StockKey], stamp: Stamp) -> None:
    """Take back recorded shortages that what came in since has covered, as rows of their own below zero.

    Without it a shortage that was only a matter of arrival would loosen the guard against overselling for ever.
    """
    wanted = set(keys)
    balance = stock_balance.c
    statement = (
        sa.select(
            balance.sku, balance.location, balance.condition, balance.on_hand, balance.committed, balance.shortage
        )
        .where(balance.shortage > 0, balance.on_hand + balance.shortage > balance.committed)
        .order_by(balance.sku, balance.location, balance.condition)
    )
    if connection.dialect.name == "postgresql":
        statement = statement.with_for_update()
    found = select_where_in(connection, statement, balance.sku, sorted({key[0] for key in wanted}))
    rows = [
        (
            "shortage",
            *key,
            f"settled/{stamp.change_id}",
            -min(row.shortage, row.on_hand + row.shortage - row.committed),
            stamp.recorded_at,
            stamp.recorded_at,
            stamp.change_id,
        )
        for row in found
        if (key := (row.sku, row.location, row.condition)) in wanted
    ]
    insert_rows(connection, stock_exception, _EXCEPTION_COLUMNS, rows)


def _free_units(connection: sa.Connection, keys: Iterable[StockKey]) -> dict[StockKey, int]:
    """Units that may still leave: on hand plus recorded shortage less what is promised. Locks the rows."""
    wanted = set(keys)
    balance = stock_balance.c
    statement = sa.select(
        balance.sku, balance.location, balance.condition, balance.on_hand + balance.shortage - balance.committed
    ).order_by(balance.sku, balance.location, balance.condition)
    if connection.dialect.name == "postgresql":
        statement = statement.with_for_update()
    rows = select_where_in(connection, statement, balance.sku, sorted({key[0] for key in wanted}))
    return {(sku, place, condition): free for sku, place, condition, free in rows if (sku, place, condition) in wanted}


# --- stock at an instant ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StockAt:
    """Units of one key at one instant."""

    at: int
    sku: str
    location: str
    condition: str
    on_hand: int


def stock_at(
    connection: sa.Connection,
    instants: Sequence[int],
    *,
    sku: str | None = None,
    place: str | None = None,
    as_known: int | None = None,
) -> list[StockAt]:
    """Units on hand at each of `instants`, movements at the instant included.

    One row per instant and key that had a movement by then, ordered by sku, location, condition, instant; units
    at 0 or below are listed. `as_known`: only what was recorded by then. One pass over the ledger, whatever the
    number of instants.
    """
    marks = sorted(set(instants))
    if not marks:
        return []
    movement = stock_movement.c
    key = (movement.sku, movement.location, movement.condition)
    statement = (
        sa.select(*key, movement.occurred_at, sa.func.sum(movement.quantity).label("quantity"))
        .where(movement.occurred_at <= marks[-1])
        .group_by(*key, movement.occurred_at)
        .order_by(*key, movement.occurred_at)
    )
    if len(marks) == 1:
        statement = (
            sa.select(*key, sa.func.min(movement.occurred_at), sa.func.sum(movement.quantity))
            .where(movement.occurred_at <= marks[0])
            .group_by(*key)
            .order_by(*key)
        )
    if sku is not None:
        statement = statement.where(movement.sku == sku)
    if place is not None:
        statement = statement.where(movement.location == place)
    if as_known is not None:
        statement = statement.where(movement.recorded_at <= as_known)
    return _running(connection.execute(statement), marks)


def _running(rows: Iterable[Any], marks: Sequence[int]) -> list[StockAt]:
    """Running sums of (sku, location, condition, occurred_at, quantity), read off at each mark."""
    found: list[StockAt] = []
    current: StockKey | None = None
    on_hand = next_mark = 0
    for sku, place, condition, occurred_at, quantity in rows:
        key = (sku, place, condition)
        if key != current:
            if current is not None:
                found.extend(StockAt(mark, *current, on_hand) for mark in marks[next_mark:])
            current, on_hand, next_mark = key, 0, 0
            while marks[next_mark] < occurred_at:
                next_mark += 1
        while marks[next_mark] < occurred_at:
            found.append(StockAt(marks[next_mark], *key, on_hand))
            next_mark += 1
        on_hand += quantity
    if current is not None:
        found.extend(StockAt(mark, *current, on_hand) for mark in marks[next_mark:])
    return found
