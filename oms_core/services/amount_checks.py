"""Amounts that are kept beside what they are made of (I7, I8)."""

from typing import Any

import sqlalchemy as sa

from oms_core.storage.payment_store import totals_of
from oms_core.storage.tables import sales_order

_CHUNK = 5_000


def other_totals(connection: sa.Connection) -> list[dict[str, Any]]:
    """Orders whose total is not that of their lines and rows as they stand, where the core gave them a total."""
    order = sales_order.c
    statement = sa.select(order.order_id, order.external_id, order.total_amount).where(order.total_amount.is_not(None))
    found: list[dict[str, Any]] = []
    for rows in connection.execute(statement.order_by(order.order_id)).partitions(_CHUNK):
        totals = totals_of(connection, [row.order_id for row in rows])
        wrong = [(row, totals[row.order_id]) for row in rows if row.total_amount != totals[row.order_id]]
        names = ("order_id", "external_id", "total_amount", "rebuilt")
        found += [dict(zip(names, (*row, rebuilt), strict=True)) for row, rebuilt in wrong]
    return found[:100]
