"""What a command on an order answers: the order in a few words, without personal data."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.services.commands import Outcome
from oms_core.storage.order_holds_store import open_holds
from oms_core.storage.tables import sales_order


def order_document(
    *,
    order_id: int,
    order: str,
    status: str,
    total: int | None,
    currency: str,
    confirmed_by: str | None,
    holds: Sequence[tuple[str, str]],
    version: int = 1,
) -> dict[str, Any]:
    """The order as its commands answer; `holds`: open ones, (kind, reason)."""
    return {
        "order": order,
        "order_id": order_id,
        "status": status,
        "total": None if total is None else amount_text(total, currency),
        "currency": currency,
        "confirmed_by": confirmed_by,
        "holds": [{"kind": kind, "reason": reason} for kind, reason in holds],
        "version": version,
    }


def order_outcome(
    connection: sa.Connection, order_id: int, *, topic: str, reason: str | None = None, **more: Any
) -> Outcome:
    """The outcome of a command on an order, read after it took effect; `more` is added to the document."""
    row = connection.execute(sa.select(sales_order).where(sales_order.c.order_id == order_id)).one()
    document = order_document(
        order_id=order_id,
        order=f"{row.account}/{row.external_id}",
        status=row.lifecycle,
        total=row.total_amount,
        currency=row.currency,
        confirmed_by=row.confirmed_by,
        holds=[(hold.kind.value, hold.reason) for hold in open_holds(connection, [order_id]).get(order_id, [])],
        version=row.edit_version,
    )
    return Outcome("order", document["order"], {**document, **more}, topic=topic, reason=reason)
