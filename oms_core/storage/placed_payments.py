"""Payments that came with orders: a tender a method, and its events."""

from collections.abc import Sequence

import sqlalchemy as sa

from oms_core.domain.charges import Rate
from oms_core.domain.order_requests import PlaceOrder
from oms_core.storage.documents import Stamp
from oms_core.storage.payment_store import NewEvent, NewTender, add_events, open_tenders


def write_payments(
    connection: sa.Connection, orders: Sequence[tuple[int, PlaceOrder, str | None, Rate | None]], stamp: Stamp
) -> None:
    """Write the payments of new orders (id, request, base currency, rate); authorisations before captures.

    Tenders are named as `record_payment` names them, so that what happens to them later finds them.
    """
    made = [(order_id, it, payment, base, rate) for order_id, it, base, rate in orders for payment in it.payments]
    tenders = {
        (order_id, row.method): NewTender(order_id, it.account, f"{it.number}/{row.method}", row.method, it.currency)
        for order_id, it, row, _, _ in made
    }
    ids = dict(zip(tenders, open_tenders(connection, list(tenders.values()), stamp), strict=True))
    events = [
        NewEvent(
            ids[order_id, row.method],
            order_id,
            row.kind,
            row.amount,
            it.currency,
            row.provider,
            row.provider_ref,
            it.placed_at,
            base,
            rate,
        )
        for order_id, it, row, base, rate in made
    ]
    add_events(connection, sorted(events, key=lambda event: event.kind), stamp)
