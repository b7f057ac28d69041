"""Purchasing: suppliers with their prices, purchase orders, receipts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from oms_core.storage.tables.base import clocks, metadata

supplier = Table(
    "supplier",
    metadata,
    Column("supplier", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", Text),
    Column("currency", Text),
    Column("lead_time_days", Integer),
    Column("late_days_p90", Integer),  # nine in ten receipts are no later than this after the expected date
    Column("is_active", Boolean, nullable=False, server_default="1"),
    *clocks(),
)

supplier_price = Table(
    "supplier_price",
    metadata,
    Column("supplier", Text, ForeignKey("supplier.supplier"), primary_key=True),
    Column("sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("valid_from", BigInteger, primary_key=True),
    Column("unit_price", BigInteger, nullable=False),
    Column("price_scale", SmallInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("minimum_quantity", BigInteger, nullable=False, server_default="1"),
    Column("maximum_quantity", BigInteger),
    Column("pack_size", BigInteger, nullable=False, server_default="1"),
    Column("lead_time_days", Integer),
    *clocks(),
    CheckConstraint("unit_price >= 0 and price_scale between 0 and 6", name="price"),
    CheckConstraint("minimum_quantity >= 1 and pack_size >= 1", name="sizes"),
)

purchase_order = Table(
    "purchase_order",
    metadata,
    Column("po_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("number", Text, nullable=False),
    Column("supplier", Text, ForeignKey("supplier.supplier"), nullable=False, index=True),
    Column("location", Text, ForeignKey("location.location")),  # null: the source names none
    Column("currency", Text, nullable=False),
    Column("ordered_at", BigInteger, nullable=False),
    Column("source_total", BigInteger),  # at total_scale; never repaired
    Column("total_scale", SmallInteger),
    Column("source_version", BigInteger),
    Column("state", Text, nullable=False),  # kept by trigger from document_event
    Column("last_event_seq", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
    UniqueConstraint("account", "number"),
)

purchase_order_line = Table(
    "purchase_order_line",
    metadata,
    Column("po_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("po_id", BigInteger, ForeignKey("purchase_order.po_id"), nullable=False),
    Column("line_key", Text, nullable=False),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False, index=True),
    Column("quantity", BigInteger, nullable=False),
    Column("cancelled_quantity", BigInteger, nullable=False, server_default="0"),
    Column("unit_price", BigInteger, nullable=False),
    Column("price_scale", SmallInteger, nullable=False),
    Column("expected_at", BigInteger),  # the last expectation; po_line_expectation keeps them all
    Column("received_quantity", BigInteger, nullable=False, server_default="0"),  # kept by trigger from receipt_line
    Column("rejected_quantity", BigInteger, nullable=False, server_default="0"),  # of the received ones
    Column("last_receipt_line_id", BigInteger, nullable=False, server_default="0"),
    *clocks(),
    UniqueConstraint("po_id", "line_key"),
    CheckConstraint("quantity > 0 and cancelled_quantity between 0 and quantity", name="quantity"),
    CheckConstraint("rejected_quantity between 0 and received_quantity", name="received"),
)

po_line_expectation = Table(
    "po_line_expectation",
    metadata,
    Column("po_line_id", BigInteger, ForeignKey("purchase_order_line.po_line_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("expected_at", BigInteger, nullable=False),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    *clocks(),
)

receipt = Table(
    "receipt",
    metadata,
    Column("receipt_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("number", Text, nullable=False),
    Column("po_id", BigInteger, ForeignKey("purchase_order.po_id"), index=True),
    Column("location", Text, ForeignKey("location.location")),
    Column("received_at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
    UniqueConstraint("account", "number"),
)

receipt_line = Table(
    "receipt_line",
    metadata,
    Column("receipt_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("receipt_id", BigInteger, ForeignKey("receipt.receipt_id"), nullable=False, index=True),
    Column("po_line_id", BigInteger, ForeignKey("purchase_order_line.po_line_id"), index=True),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("quantity", BigInteger, nullable=False),  # received, rejected ones included
    Column("rejected_quantity", BigInteger, nullable=False),  # damaged or refused
    Column("lot", Text),
    Column("unit_cost", BigInteger),
    Column("cost_scale", SmallInteger),
    *clocks(),
    CheckConstraint("quantity > 0 and rejected_quantity between 0 and quantity", name="quantity"),
)
