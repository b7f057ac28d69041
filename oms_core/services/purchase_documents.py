"""Purchase orders to read: as documents for people and as what commands answer."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from oms_core.domain.instants import to_text
from oms_core.domain.money import from_scaled
from oms_core.domain.purchase_orders import open_quantity
from oms_core.services.commands import Outcome, Unit
from oms_core.storage import purchase_store
from oms_core.storage.tables import purchase_order


def purchase_order_document(connection: sa.Connection, reference: str) -> dict[str, Any]:
    """One purchase order with its lines and every expected date they had. Raises PURCHASE_ORDER_UNKNOWN."""
    row = purchase_store.find_purchase_order(connection, reference, lock=False)
    document = _header(row)
    document["lines"] = [_line(line, row.currency) for line in purchase_store.lines_of(connection, row.po_id)]
    document["expectations"] = [
        {
            "line": it.line_key,
            "sku": it.sku,
            "expected_at": to_text(it.expected_at),
            "reason": it.reason,
            "actor": it.actor,
            "recorded_at": to_text(it.recorded_at),
        }
        for it in purchase_store.expectations_of(connection, row.po_id)
    ]
    return document


def purchase_orders(connection: sa.Connection, *, state: str | None = None) -> list[dict[str, Any]]:
    """Headers of purchase orders, newest first; in one state where it is given."""
    statement = sa.select(purchase_order).order_by(purchase_order.c.ordered_at.desc(), purchase_order.c.po_id.desc())
    if state is not None:
        statement = statement.where(purchase_order.c.state == state)
    return [_header(row) for row in connection.execute(statement)]


def expected_goods(connection: sa.Connection, skus: Iterable[str]) -> list[purchase_store.ExpectedSupply]:
    """What sent purchase orders still bring, by SKU, then the earliest first, undated last."""
    return purchase_store.expected_supply(connection, skus)


def outcome_of(unit: Unit, reference: str, topic: str, reason: str | None = None) -> Outcome:
    """What a command on a purchase order answers: the order as it is now."""
    document = purchase_order_document(unit.connection, reference)
    return Outcome("purchase_order", document["number"], document, topic=topic, reason=reason)


def _header(row: Any) -> dict[str, Any]:
    return {
        "number": row.number,
        "account": row.account,
        "supplier": row.supplier,
        "location": row.location,
        "state": row.state,
        "currency": row.currency,
        "ordered_at": to_text(row.ordered_at),
    }


def _line(line: Any, currency: str) -> dict[str, Any]:
    return {
        "line": line.line_key,
        "sku": line.sku,
        "quantity": line.quantity,
        "received": line.received_quantity,
        "rejected": line.rejected_quantity,
        "cancelled": line.cancelled_quantity,
        "open": open_quantity(
            quantity=line.quantity, cancelled=line.cancelled_quantity, received=line.received_quantity
        ),
        "unit_price": str(from_scaled(line.unit_price, line.price_scale)),
        "currency": currency,
        "expected_at": None if line.expected_at is None else to_text(line.expected_at),
    }
