"""Gift cards and store credit as rows: a balance that only its journal moves, and a code that is not kept."""

import hashlib
from typing import Any

import sqlalchemy as sa

from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import stored_value, stored_value_entry


def code_hash(code: str) -> str:
    """What is kept of a code: its digest, whatever its case, spaces or dashes."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def credit_hash(customer_id: int, currency: str) -> str:
    """The digest under which a customer's own store credit in a currency is found: it needs no code."""
    return hashlib.sha256(f"customer/{customer_id}/{currency}".encode()).hexdigest()


def find_value(connection: sa.Connection, digest: str, *, lock: bool = True) -> sa.Row[Any] | None:
    """The card or credit of this digest; `lock`: its row is locked until the transaction ends."""
    statement = sa.select(stored_value).where(stored_value.c.code_hash == digest)
    return connection.execute(statement.with_for_update() if lock else statement).first()


def value_of(connection: sa.Connection, stored_value_id: int) -> sa.Row[Any]:
    """The card or credit of this id, its row locked until the transaction ends."""
    statement = sa.select(stored_value).where(stored_value.c.stored_value_id == stored_value_id).with_for_update()
    return connection.execute(statement).one()


def open_value(
    connection: sa.Connection,
    *,
    kind: str,
    digest: str,
    currency: str,
    customer_id: int | None,
    expires_at: int | None,
    stamp: Stamp,
) -> int:
    """The id of a new card or credit; its balance begins at 0."""
    (value_id,) = take_ids(connection, "stored_value", 1)
    connection.execute(
        stored_value.insert().values(
            stored_value_id=value_id,
            kind=kind,
            code_hash=digest,
            customer_id=customer_id,
            currency=currency,
            balance=0,
            last_entry_id=0,
            expires_at=expires_at,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    return value_id


_ENTRY = ["entry_id", "stored_value_id", "kind", "source_key", "amount", "payment_event_id", "reason", "actor"]
_ENTRY += ["occurred_at", "recorded_at", "change_id"]


def add_entry(
    connection: sa.Connection,
    stored_value_id: int,
    kind: str,
    amount: int,
    *,
    source_key: str,
    reason: str,
    occurred_at: int,
    stamp: Stamp,
    payment_event_id: int | None = None,
) -> int:
    """The id of the entry; the balance follows by trigger and never goes below 0."""
    (entry_id,) = take_ids(connection, "stored_value_entry", 1)
    what = (entry_id, stored_value_id, kind, source_key, amount, payment_event_id, reason, stamp.actor, occurred_at)
    insert_rows(connection, stored_value_entry, _ENTRY, [(*what, stamp.recorded_at, stamp.change_id)])
    return entry_id


def entries_of(connection: sa.Connection, stored_value_id: int) -> list[sa.Row[Any]]:
    """The journal of a card or credit, oldest first."""
    entry = stored_value_entry.c
    statement = sa.select(stored_value_entry).where(entry.stored_value_id == stored_value_id)
    return list(connection.execute(statement.order_by(entry.entry_id)))
