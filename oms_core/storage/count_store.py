"""Counts: rows in, rows out, open suspicions, and what the count list is made of."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import (
    count_suspicion,
    count_suspicion_answer,
    stock_balance,
    stock_count,
    stock_count_line,
    stock_movement,
)


class CountLine(NamedTuple):
    """What was counted of one record, and what the ledger had at that instant."""

    sku: str
    condition: str
    lot: str | None
    expected: int
    counted: int


def find_count(connection: sa.Connection, number: str, *, lock: bool = True) -> sa.Row[Any]:
    """The count's row, locked for the transaction. Raises InvalidRequestError COUNT_UNKNOWN."""
    statement = sa.select(stock_count).where(stock_count.c.number == number)
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    if row is None:
        raise InvalidRequestError(
            "COUNT_UNKNOWN", f"there is no count {number!r}", remedy="`oms count open` opens one."
        )
    return row


def add_count(connection: sa.Connection, stamp: Stamp, number: str, place: str) -> int:
    """The id of a new count without a state yet."""
    count_id = int(take_ids(connection, "stock_count", 1)[0])
    connection.execute(
        stock_count.insert().values(
            count_id=count_id,
            number=number,
            location=place,
            state="none",
            last_event_seq=0,
            actor=stamp.actor,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    return count_id


def add_lines(connection: sa.Connection, stamp: Stamp, count_id: int, counted_at: int, lines: list[CountLine]) -> None:
    """Record what was counted; a count that is entered again keeps the lines before, the last ones count."""
    same = stock_count.c.count_id == count_id
    connection.execute(stock_count.update().where(same).values(counted_at=counted_at, change_id=stamp.change_id))
    ids = take_ids(connection, "stock_count_line", len(lines))
    columns = ["count_line_id", "count_id", *CountLine._fields, "actor", "recorded_at", "change_id"]
    rows = [
        (line_id, count_id, *line, stamp.actor, stamp.recorded_at, stamp.change_id)
        for line_id, line in zip(ids, lines, strict=True)
    ]
    insert_rows(connection, stock_count_line, columns, rows)


def last_lines(connection: sa.Connection, count_id: int) -> list[CountLine]:
    """The lines of the last time the count was entered."""
    line = stock_count_line.c
    last = (
        sa.select(line.change_id)
        .where(line.count_id == count_id)
        .order_by(line.count_line_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        sa.select(line.sku, line.condition, line.lot, line.expected, line.counted)
        .where(line.count_id == count_id, line.change_id == last)
        .order_by(line.count_line_id)
    )
    rows: list[Any] = list(connection.execute(statement))
    return [CountLine(*row) for row in rows]


def counters_of(connection: sa.Connection, count_id: int) -> set[str]:
    """Who entered the count."""
    statement = sa.select(stock_count_line.c.actor).where(stock_count_line.c.count_id == count_id).distinct()
    return set(connection.execute(statement).scalars())


def approved_counts(connection: sa.Connection, place: str | None, since: int | None, until: int | None) -> list[Any]:
    """Approved counts (count_id, number, location, counted_at) by instant; both bounds included."""
    count = stock_count.c
    statement = (
        sa.select(count.count_id, count.number, count.location, count.counted_at)
        .where(count.state == "approved")
        .order_by(count.counted_at, count.count_id)
    )
    if place is not None:
        statement = statement.where(count.location == place)
    if since is not None:
        statement = statement.where(count.counted_at >= since)
    if until is not None:
        statement = statement.where(count.counted_at <= until)
    return list(connection.execute(statement))


def answer_suspicions(connection: sa.Connection, stamp: Stamp, count_id: int, place: str, skus: Iterable[str]) -> int:
    """Close what was suspected of these articles at a place before the count; returns how many."""
    rows = [
        (suspicion_id, count_id, stamp.recorded_at, stamp.change_id)
        for suspicion_id, name, _ in open_suspicions(connection, place)
        if name in set(skus)
    ]
    insert_rows(connection, count_suspicion_answer, ["suspicion_id", "count_id", "recorded_at", "change_id"], rows)
    return len(rows)


def open_suspicions(connection: sa.Connection, place: str) -> list[tuple[int, str, int]]:
    """(suspicion id, sku, units) that no count has answered."""
    suspicion, answer = count_suspicion.c, count_suspicion_answer.c
    statement = (
        sa.select(suspicion.suspicion_id, suspicion.sku, suspicion.quantity)
        .outerjoin(count_suspicion_answer, answer.suspicion_id == suspicion.suspicion_id)
        .where(suspicion.location == place, answer.suspicion_id.is_(None))
        .order_by(suspicion.suspicion_id)
    )
    rows: list[Any] = list(connection.execute(statement))
    return [(row.suspicion_id, row.sku, int(row.quantity)) for row in rows]


def sellable_balances(connection: sa.Connection, place: str) -> dict[str, int]:
    """On hand by SKU at a place, records at zero included."""
    balance = stock_balance.c
    statement = sa.select(balance.sku, balance.on_hand).where(
        balance.location == place, balance.condition == "sellable"
    )
    rows: list[Any] = list(connection.execute(statement))
    return {row.sku: int(row.on_hand) for row in rows}


def sales_until(connection: sa.Connection, place: str, now: int) -> dict[str, tuple[int, int, int]]:
    """(units shipped, first sale, last sale) by SKU at a place."""
    movement = stock_movement.c
    statement = (
        sa.select(
            movement.sku,
            -sa.func.sum(movement.quantity),
            sa.func.min(movement.occurred_at),
            sa.func.max(movement.occurred_at),
        )
        .where(movement.location == place, movement.kind == "ship", movement.occurred_at <= now)
        .group_by(movement.sku)
    )
    rows: list[Any] = list(connection.execute(statement))
    return {name: (int(units), first, last) for name, units, first, last in rows}


def movements_since_count(connection: sa.Connection, place: str) -> dict[str, int]:
    """Movements by SKU at a place after its last approved count."""
    movement, line, count = stock_movement.c, stock_count_line.c, stock_count.c
    counted = (
        sa.select(line.sku, sa.func.max(count.counted_at).label("counted_at"))
        .join(stock_count, count.count_id == line.count_id)
        .where(count.location == place, count.state == "approved")
        .group_by(line.sku)
        .subquery()
    )
    statement = (
        sa.select(movement.sku, sa.func.count())
        .outerjoin(counted, counted.c.sku == movement.sku)
        .where(
            movement.location == place,
            sa.or_(counted.c.counted_at.is_(None), movement.occurred_at > counted.c.counted_at),
        )
        .group_by(movement.sku)
    )
    rows: list[Any] = list(connection.execute(statement))
    return {name: int(number) for name, number in rows}
