"""What every stock operation asks of storage: numbers, known places, free units with their rows locked, shortages."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.facts import MovementFact
from oms_core.domain.instants import to_text
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.own_account import ensure_own_account
from oms_core.storage.own_movements import OwnMovement, book_movements
from oms_core.storage.stock_ledger import StockKey, book_shortages, lock_places, settle_shortages
from oms_core.storage.tables import location, stock_balance, stock_movement


def new_number(connection: sa.Connection, prefix: str) -> str:
    """A document number that no other document has: PREFIX-000017."""
    return f"{prefix}-{take_ids(connection, 'document_number', 1)[0]:06}"


def require_places(connection: sa.Connection, places: Iterable[str]) -> None:
    """Lock the places for one writer at a time.

    Raises:
        InvalidRequestError: LOCATION_UNKNOWN.
    """
    wanted = sorted(set(places))
    statement = sa.select(location.c.location).where(location.c.location.in_(wanted))
    known: set[str] = set(connection.execute(statement).scalars())
    if missing := [place for place in wanted if place not in known]:
        raise InvalidRequestError(
            "LOCATION_UNKNOWN", f"there is no location {', '.join(missing)}", remedy="`oms stock` lists locations."
        )
    lock_places(connection, wanted)


def require_free(connection: sa.Connection, wanted: dict[StockKey, int], *, at: int) -> None:
    """Lock the balances that units are to leave from, in order, and check that so many are free there.

    Free now, and there from `at` on: a late fact may not take what had not come yet or what left since.

    Raises:
        RuleViolationError: STOCK_SHORT with what is free; STOCK_SHORT_THEN with what was there. Locations that allow
            stock below zero refuse nothing.
    """
    for key in sorted(wanted):
        free, shortage, allows_negative = _free(connection, key)
        if allows_negative:
            continue
        if free < wanted[key]:
            raise _short("STOCK_SHORT", key, wanted[key], free, "are free")
        there = _least_since(connection, key, at) + shortage
        if there < wanted[key]:
            raise _short("STOCK_SHORT_THEN", key, wanted[key], there, f"were there after {to_text(at)}")


def _short(code: str, key: StockKey, wanted: int, free: int, words: str) -> RuleViolationError:
    name, place, condition = key
    return RuleViolationError(
        code,
        f"{wanted} {condition} units of {name} are to leave {place}, {max(0, free)} {words}",
        remedy="Take fewer, release what is promised, or count the place.",
        sku=name,
        location=place,
        condition=condition,
        wanted=wanted,
        free=free,
    )


def _least_since(connection: sa.Connection, key: StockKey, at: int) -> int:
    """The fewest units that the ledger has at any instant from `at` on."""
    movement = stock_movement.c
    name, place, condition = key
    statement = (
        sa.select(movement.occurred_at, sa.func.sum(movement.quantity))
        .where(
            movement.sku == name,
            movement.location == place,
            movement.condition == condition,
            movement.occurred_at > at,
        )
        .group_by(movement.occurred_at)
        .order_by(movement.occurred_at)
    )
    least = units = on_hand_at(connection, key, at)
    rows: list[Any] = list(connection.execute(statement))
    for _, quantity in rows:
        units += int(quantity)
        least = min(least, units)
    return least


def _free(connection: sa.Connection, key: StockKey) -> tuple[int, int, bool]:
    """(free units, recorded shortage, whether the place may go below zero)."""
    balance = stock_balance.c
    name, place, condition = key
    statement = sa.select(balance.on_hand, balance.shortage, balance.committed, balance.allows_negative).where(
        balance.sku == name, balance.location == place, balance.condition == condition
    )
    row = connection.execute(statement.with_for_update()).first()
    if row is None:
        policy = sa.select(location.c.allows_negative_stock).where(location.c.location == place)
        return 0, 0, bool(connection.execute(policy).scalar_one())
    free = int(row.on_hand + row.shortage - row.committed)
    return free, int(row.shortage), bool(row.allows_negative)


def book_facts(connection: sa.Connection, stamp: Stamp, movements: Sequence[OwnMovement]) -> list[int]:
    """Book what is so, whatever was promised: missing units are recorded as a shortage with it (I5)."""
    account = ensure_own_account(connection, stamp)
    facts = [
        MovementFact(
            source_key=it.source_key,
            sku=it.sku,
            location=it.location,
            condition=it.condition,
            kind=it.kind,
            quantity=it.quantity,
            occurred_at=it.occurred_at,
            content_sha256="",
        )
        for it in movements
    ]
    facts.sort(key=lambda it: (it.sku, it.location, it.condition, it.quantity < 0))
    book_shortages(connection, account, facts, stamp)
    return book_incoming(connection, stamp, movements)


def book_incoming(connection: sa.Connection, stamp: Stamp, movements: Sequence[OwnMovement]) -> list[int]:
    """Book movements; recorded shortages of what comes in are taken back as far as they are covered."""
    ids = book_movements(connection, stamp, movements)
    keys = {(it.sku, it.location, it.condition) for it in movements if it.quantity > 0}
    settle_shortages(connection, keys, stamp)
    return ids


def on_hand_at(connection: sa.Connection, key: StockKey, at: int, *, lot_name: str | None = None) -> int:
    """Units the ledger has at an instant, movements at the instant included; of one lot where one is named."""
    movement = stock_movement.c
    name, place, condition = key
    statement = sa.select(sa.func.coalesce(sa.func.sum(movement.quantity), 0)).where(
        movement.sku == name,
        movement.location == place,
        movement.condition == condition,
        movement.occurred_at <= at,
    )
    if lot_name is not None:
        statement = statement.where(movement.lot == lot_name)
    return int(connection.execute(statement).scalar_one())


def next_ordinal(connection: sa.Connection, document_kind: str, document_ref: str) -> int:
    """The first number that no movement of the document has; the document is locked, so nobody else takes it."""
    movement = stock_movement.c
    statement = sa.select(sa.func.count()).where(
        movement.document_kind == document_kind, movement.document_ref == document_ref
    )
    return int(connection.execute(statement).scalar_one()) + 1
