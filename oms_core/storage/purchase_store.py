"""Suppliers, their prices, purchase orders and receipts: rows in, rows out."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.purchase_orders import OPEN_STATES
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import (
    po_line_expectation,
    purchase_order,
    purchase_order_line,
    receipt,
    receipt_line,
    supplier,
    supplier_price,
)


class NewLine(NamedTuple):
    """A line of a purchase order to be written."""

    line_key: str
    sku: str
    quantity: int
    unit_price: int
    price_scale: int
    expected_at: int | None


class NewReceiptLine(NamedTuple):
    """A line of a receipt to be written; `quantity` holds the rejected ones."""

    po_line_id: int | None
    sku: str
    quantity: int
    rejected_quantity: int
    lot: str | None
    unit_cost: int | None
    cost_scale: int | None


class ExpectedSupply(NamedTuple):
    """Units of a sent purchase order that are still to come; `expected_at` null: nobody said when."""

    sku: str
    location: str | None
    expected_at: int | None
    quantity: int
    po_line_id: int
    number: str
    late_days_p90: int | None


def find_supplier(connection: sa.Connection, name: str) -> sa.Row[Any]:
    """The supplier's row. Raises InvalidRequestError SUPPLIER_UNKNOWN."""
    row = connection.execute(sa.select(supplier).where(supplier.c.supplier == name)).first()
    if row is None:
        raise InvalidRequestError(
            "SUPPLIER_UNKNOWN", f"there is no supplier {name!r}", remedy="`oms purchase supplier` defines one."
        )
    return row


def price_at(connection: sa.Connection, supplier_name: str, sku: str, at: int) -> sa.Row[Any] | None:
    """The supplier's price of an article that is valid at an instant; null where he has none."""
    price = supplier_price.c
    statement = (
        sa.select(supplier_price)
        .where(price.supplier == supplier_name, price.sku == sku, price.valid_from <= at)
        .order_by(price.valid_from.desc())
    )
    return connection.execute(statement.limit(1)).first()


def price_from(connection: sa.Connection, supplier_name: str, sku: str, since: int) -> sa.Row[Any] | None:
    """The supplier's price that begins at exactly this instant; null where none does."""
    price = supplier_price.c
    statement = sa.select(supplier_price).where(
        price.supplier == supplier_name, price.sku == sku, price.valid_from == since
    )
    return connection.execute(statement).first()


def add_price(connection: sa.Connection, stamp: Stamp, values: dict[str, Any]) -> None:
    """Record a price."""
    clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
    connection.execute(supplier_price.insert().values(**values, **clocks))


def set_supplier(connection: sa.Connection, stamp: Stamp, name: str, values: dict[str, Any]) -> None:
    """Add the supplier, or bring his description up to date."""
    same = supplier.c.supplier == name
    if connection.execute(sa.select(supplier.c.supplier).where(same)).first() is None:
        clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
        connection.execute(supplier.insert().values(supplier=name, **values, **clocks))
    else:
        connection.execute(supplier.update().where(same).values(**values, change_id=stamp.change_id))


def find_purchase_order(connection: sa.Connection, reference: str, *, lock: bool = True) -> sa.Row[Any]:
    """The row of the purchase order called number or ACCOUNT/number, locked for the transaction.

    Raises:
        InvalidRequestError: PURCHASE_ORDER_UNKNOWN, PURCHASE_ORDER_AMBIGUOUS.
    """
    order = purchase_order.c
    account, _, number = reference.partition("/")
    named = sa.or_(order.number == reference, sa.and_(order.account == account, order.number == number))
    statement = sa.select(purchase_order).where(named).order_by(order.po_id)
    rows = list(connection.execute(statement.with_for_update() if lock else statement))
    if not rows:
        raise InvalidRequestError(
            "PURCHASE_ORDER_UNKNOWN",
            f"there is no purchase order {reference!r}",
            remedy="`oms purchase list` shows them.",
        )
    if len(rows) > 1:
        ways = ", ".join(f"{row.account}/{row.number}" for row in rows)
        raise InvalidRequestError(
            "PURCHASE_ORDER_AMBIGUOUS", f"{len(rows)} are called {reference!r}", remedy=f"Say {ways}."
        )
    return rows[0]


def lines_of(connection: sa.Connection, po_id: int) -> list[sa.Row[Any]]:
    """Lines of a purchase order, by their id."""
    line = purchase_order_line.c
    statement = sa.select(purchase_order_line).where(line.po_id == po_id).order_by(line.po_line_id)
    return list(connection.execute(statement))


def add_purchase_order(connection: sa.Connection, stamp: Stamp, values: dict[str, Any], lines: list[NewLine]) -> int:
    """The id of a new purchase order without a state yet, its lines and their first expectations written.

    Raises:
        RuleViolationError: NUMBER_TAKEN.
    """
    same = (purchase_order.c.account == values["account"], purchase_order.c.number == values["number"])
    if connection.execute(sa.select(purchase_order.c.po_id).where(*same)).first() is not None:
        raise RuleViolationError(
            "NUMBER_TAKEN", f"there is a purchase order {values['number']} already", remedy="Use another number."
        )
    clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
    po_id = int(take_ids(connection, "purchase_order", 1)[0])
    connection.execute(
        purchase_order.insert().values(
            po_id=po_id, **values, state="none", last_event_seq=0, actor=stamp.actor, **clocks
        )
    )
    ids = take_ids(connection, "purchase_order_line", len(lines))
    columns = ["po_line_id", "po_id", *NewLine._fields, *clocks]
    rows = [(line_id, po_id, *line, *clocks.values()) for line_id, line in zip(ids, lines, strict=True)]
    insert_rows(connection, purchase_order_line, columns, rows)
    expectations = [
        (line_id, 1, line.expected_at, "ordered", stamp.actor, *clocks.values())
        for line_id, line in zip(ids, lines, strict=True)
        if line.expected_at is not None
    ]
    insert_rows(connection, po_line_expectation, _EXPECTATION, expectations)
    return po_id


_EXPECTATION = ["po_line_id", "seq", "expected_at", "reason", "actor", "recorded_at", "change_id"]


def add_expectation(connection: sa.Connection, stamp: Stamp, po_line_id: int, expected_at: int, reason: str) -> None:
    """Record that a line is now expected at another instant; the ones before are kept."""
    known = po_line_expectation.c
    count = sa.select(sa.func.coalesce(sa.func.max(known.seq), 0)).where(known.po_line_id == po_line_id)
    seq = int(connection.execute(count).scalar_one()) + 1
    row = (po_line_id, seq, expected_at, reason, stamp.actor, stamp.recorded_at, stamp.change_id)
    insert_rows(connection, po_line_expectation, _EXPECTATION, [row])
    _set_line(connection, stamp, po_line_id, expected_at=expected_at)


def cancel_open(connection: sa.Connection, stamp: Stamp, po_line_id: int, cancelled_quantity: int) -> None:
    """Set the units of a line that nobody waits for any more."""
    _set_line(connection, stamp, po_line_id, cancelled_quantity=cancelled_quantity)


def _set_line(connection: sa.Connection, stamp: Stamp, po_line_id: int, **values: int) -> None:
    same = purchase_order_line.c.po_line_id == po_line_id
    connection.execute(purchase_order_line.update().where(same).values(**values, change_id=stamp.change_id))


def expectations_of(connection: sa.Connection, po_id: int) -> list[sa.Row[Any]]:
    """Every expected date that lines of an order ever had, in the order they were recorded."""
    line, known = purchase_order_line.c, po_line_expectation.c
    statement = (
        sa.select(line.line_key, line.sku, known.seq, known.expected_at, known.reason, known.actor, known.recorded_at)
        .join(purchase_order_line, line.po_line_id == known.po_line_id)
        .where(line.po_id == po_id)
        .order_by(known.po_line_id, known.seq)
    )
    return list(connection.execute(statement))


def add_receipt(connection: sa.Connection, stamp: Stamp, values: dict[str, Any], lines: list[NewReceiptLine]) -> int:
    """The id of a new receipt; the order's lines count it by trigger.

    Raises:
        RuleViolationError: RECEIPT_KNOWN where the number was received already.
    """
    same = (receipt.c.account == values["account"], receipt.c.number == values["number"])
    if connection.execute(sa.select(receipt.c.receipt_id).where(*same)).first() is not None:
        raise RuleViolationError(
            "RECEIPT_KNOWN",
            f"delivery {values['number']} was received already",
            remedy="Look at that receipt; another delivery has another number.",
        )
    clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
    receipt_id = int(take_ids(connection, "receipt", 1)[0])
    connection.execute(receipt.insert().values(receipt_id=receipt_id, **values, actor=stamp.actor, **clocks))
    ordered = sorted(lines, key=lambda line: (line.po_line_id or 0, line.sku, line.lot or ""))
    ids = take_ids(connection, "receipt_line", len(ordered))
    columns = ["receipt_line_id", "receipt_id", *NewReceiptLine._fields, *clocks]
    rows = [(line_id, receipt_id, *line, *clocks.values()) for line_id, line in zip(ids, ordered, strict=True)]
    insert_rows(connection, receipt_line, columns, rows)
    return receipt_id


def expected_supply(connection: sa.Connection, skus: Iterable[str]) -> list[ExpectedSupply]:
    """What sent purchase orders still bring, by SKU, then the earliest first, undated last."""
    line, order = purchase_order_line.c, purchase_order.c
    left = line.quantity - line.cancelled_quantity - line.received_quantity
    statement = (
        sa.select(
            line.sku, order.location, line.expected_at, left, line.po_line_id, order.number, supplier.c.late_days_p90
        )
        .join(purchase_order, order.po_id == line.po_id)
        .join(supplier, supplier.c.supplier == order.supplier)
        .where(order.state.in_(OPEN_STATES), left > 0)
    )
    rows = [ExpectedSupply(*row) for row in select_where_in(connection, statement, line.sku, sorted(set(skus)))]
    return sorted(rows, key=lambda it: (it.sku, it.expected_at is None, it.expected_at or 0, it.po_line_id))
