"""An order by the way people call it, its row locked where something is about to happen to it."""

from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.storage.tables import sales_order


def find_order(connection: sa.Connection, reference: str, *, lock: bool = True) -> sa.Row[Any]:
    """The row of the order called ACCOUNT/number, number, or order id.

    `lock`: nobody else changes it until this transaction ends (PostgreSQL; SQLite has one writer).

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS with the ways to say which.
    """
    order = sales_order.c
    account, _, number = reference.partition("/")
    named = sa.or_(order.external_id == reference, sa.and_(order.account == account, order.external_id == number))
    rows = _rows(connection, named, lock=lock)
    if not rows and reference.isdecimal():
        rows = _rows(connection, order.order_id == int(reference), lock=lock)
    if not rows:
        raise InvalidRequestError(
            "ORDER_UNKNOWN",
            f"there is no order {reference!r}",
            remedy="`oms order list` finds orders by number or SKU.",
        )
    if len(rows) > 1:
        ways = ", ".join(f"{row.account}/{row.external_id}" for row in rows)
        raise InvalidRequestError(
            "ORDER_AMBIGUOUS", f"{len(rows)} orders are called {reference!r}", remedy=f"Say {ways}."
        )
    return rows[0]


def _rows(connection: sa.Connection, condition: sa.ColumnElement[bool], *, lock: bool) -> list[sa.Row[Any]]:
    statement = sa.select(sales_order).where(condition).order_by(sales_order.c.order_id)
    return list(connection.execute(statement.with_for_update() if lock else statement))
