"""Payments that feeds report: one tender each, captured in full; known by the key its source gives it."""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from oms_core.domain.facts import PaymentFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp, Written, base_of, new_ones
from oms_core.storage.tables import payment, payment_event, sales_order

_PAYMENT_COLUMNS = ["payment_id", "order_id", "account", "external_id", "method", "currency"]
_PAYMENT_COLUMNS += ["recorded_at", "change_id"]
_EVENT_COLUMNS = ["payment_event_id", "payment_id", "order_id", "kind", "amount", "currency", "base_currency"]
_EVENT_COLUMNS += ["base_rate", "base_rate_scale", "base_amount", "provider", "provider_ref", "actor", "occurred_at"]
_EVENT_COLUMNS += ["recorded_at", "change_id"]


def record_payments(
    connection: sa.Connection,
    account: str,
    payments: Sequence[PaymentFact],
    *,
    base_currency: str | None,
    stamp: Stamp,
) -> tuple[Written, list[PaymentFact]]:
    """Add payments not known yet; returns what was written, and those whose order has not come.

    What they sum to is never held against the order: a difference is a finding. A payment of nothing has no event.
    """
    columns = (sales_order.c.external_id, sales_order.c.order_id, sales_order.c.placed_at)
    statement = sa.select(*columns).where(sales_order.c.account == account)
    wanted = {fact.order_external_id for fact in payments}
    orders = {row.external_id: row for row in select_where_in(connection, statement, sales_order.c.external_id, wanted)}
    waiting = [fact for fact in payments if fact.order_external_id not in orders]
    recorded = _recorded(connection, account, {fact.external_id for fact in payments})
    new, contradicting = new_ones(
        (fact for fact in payments if fact.order_external_id in orders),
        recorded,
        key=lambda fact: fact.external_id,
        content=lambda fact: (fact.order_external_id, fact.method, fact.currency, fact.amount),
    )
    contradictions = [Contradiction("payment", fact.external_id) for fact in contradicting]
    ids = take_ids(connection, "payment", len(new))
    clocks = (stamp.recorded_at, stamp.change_id)
    rows = [
        (
            payment_id,
            orders[fact.order_external_id].order_id,
            account,
            fact.external_id,
            fact.method,
            fact.currency,
            *clocks,
        )
        for payment_id, fact in zip(ids, new, strict=True)
    ]
    insert_rows(connection, payment, _PAYMENT_COLUMNS, rows)
    paid = [(row[0], row[1], fact) for row, fact in zip(rows, new, strict=True) if fact.amount]
    event_ids = take_ids(connection, "payment_event", len(paid))
    events = [
        (
            event_id,
            payment_id,
            order_id,
            "capture",
            fact.amount,
            fact.currency,
            *(base := base_of(fact.currency, base_currency)),
            None if base[0] is None else fact.amount,
            account,
            fact.external_id,
            stamp.actor,
            orders[fact.order_external_id].placed_at if fact.paid_at is None else fact.paid_at,
            *clocks,
        )
        for event_id, (payment_id, order_id, fact) in zip(event_ids, paid, strict=True)
    ]
    insert_rows(connection, payment_event, _EVENT_COLUMNS, events)
    return Written(len(new), len(events), contradictions, []), waiting


def _recorded(connection: sa.Connection, account: str, keys: Iterable[str]) -> dict[str, tuple[str, str, str, int]]:
    """(order, method, currency, amount) of known payments, as their feed told them."""
    told = sa.and_(
        payment_event.c.payment_id == payment.c.payment_id,
        payment_event.c.provider == account,
        payment_event.c.provider_ref == payment.c.external_id,
        payment_event.c.kind == "capture",
    )
    statement = (
        sa.select(
            payment.c.external_id,
            sales_order.c.external_id.label("order"),
            payment.c.method,
            payment.c.currency,
            sa.func.coalesce(payment_event.c.amount, 0).label("amount"),
        )
        .select_from(
            payment.join(sales_order, sales_order.c.order_id == payment.c.order_id).outerjoin(payment_event, told)
        )
        .where(payment.c.account == account)
    )
    return {
        row.external_id: (row.order, row.method, row.currency, row.amount)
        for row in select_where_in(connection, statement, payment.c.external_id, keys)
    }
