"""Payments to read: an order's tenders and events, and how it is covered."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.domain.instants import to_text
from oms_core.domain.payments import Cover
from oms_core.services.tenders import money_document, read_money
from oms_core.storage import payment_store
from oms_core.storage.order_families import family_money
from oms_core.storage.orders_found import find_order


def cover_of(connection: sa.Connection, order_id: int) -> Cover:
    """How what an order and its family cost now is covered by what was paid and promised."""
    return family_money(connection, [order_id])[order_id].cover


def payments_of(connection: sa.Connection, reference: str) -> dict[str, Any]:
    """One order's total, cover, tenders and payment events, amounts as written.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    money = read_money(connection, find_order(connection, reference, lock=False))
    events = payment_store.events_of(connection, money.family)
    return money_document(money) | {"events": [_event(row) for row in events]}


def _event(row: sa.Row[Any]) -> dict[str, Any]:
    base = None
    if row.base_amount is not None:
        base = amount_text(row.base_amount, row.base_currency)
    return {
        "event": row.kind,
        "tender": row.external_id.rpartition("/")[2],
        "method": row.method,
        "amount": amount_text(row.amount, row.currency),
        "currency": row.currency,
        "base_amount": base,
        "base_currency": row.base_currency,
        "provider": row.provider,
        "provider_ref": row.provider_ref,
        "occurred_at": to_text(row.occurred_at),
        "actor": row.actor,
        "reason": row.reason,
    }
