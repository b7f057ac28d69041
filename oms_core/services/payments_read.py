"""Payments to read: an order's tenders and events, how it is covered, and the payment facet of many orders."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.domain.instants import to_text
from oms_core.domain.payments import Cover, order_payment_state
from oms_core.services.tenders import money_document, read_money
from oms_core.storage import payment_store
from oms_core.storage.bulk import select_where_in
from oms_core.storage.order_families import family_money
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import sales_order


def cover_of(connection: sa.Connection, order_id: int) -> Cover:
    """How what an order and its family cost now is covered by what was paid and promised."""
    return family_money(connection, [order_id])[order_id].cover


def payment_states(connection: sa.Connection, order_ids: Sequence[int]) -> dict[int, str]:
    """The payment facet by order."""
    money = family_money(connection, order_ids)
    order = sales_order.c
    followed = select_where_in(
        connection, sa.select(order.order_id, order.fulfilled_here), order.order_id, list(order_ids)
    )
    return {
        row.order_id: order_payment_state(
            money[row.order_id].total, money[row.order_id].tenders, is_followed=bool(row.fulfilled_here)
        ).value
        for row in followed
    }


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
