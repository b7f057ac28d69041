"""The balance of a card or credit at work: value added to it, and what people see of it."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.domain.instants import to_text
from oms_core.services.commands import Unit
from oms_core.storage import stored_value_store

PROVIDER = "stored_value"


def add_value(
    unit: Unit,
    *,
    kind: str,
    digest: str,
    currency: str,
    customer_id: int | None,
    amount: int,
    source_key: str,
    reason: str,
    expires_at: int | None = None,
) -> int:
    """The id of the card or credit of this digest, opened where it is new, with the amount added to it."""
    known = stored_value_store.find_value(unit.connection, digest)
    value_id: int = (
        known.stored_value_id
        if known
        else stored_value_store.open_value(
            unit.connection,
            kind=kind,
            digest=digest,
            currency=currency,
            customer_id=customer_id,
            expires_at=expires_at,
            stamp=unit.stamp,
        )
    )
    stored_value_store.add_entry(
        unit.connection,
        value_id,
        "issue",
        amount,
        source_key=source_key,
        reason=reason,
        occurred_at=unit.call.now,
        stamp=unit.stamp,
    )
    return value_id


def value_document(row: sa.Row[Any]) -> dict[str, Any]:
    """A card or credit without its code: kind, balance, expiry."""
    return {
        "stored_value": row.stored_value_id,
        "kind": row.kind,
        "currency": row.currency,
        "balance": amount_text(row.balance, row.currency),
        "expires_at": None if row.expires_at is None else to_text(row.expires_at),
    }
