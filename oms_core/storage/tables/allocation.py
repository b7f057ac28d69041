"""Allocation: what is promised to which line and where, why, and what a missing unit waits for."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    text,
)

from oms_core.storage.tables.base import clocks, metadata, one_of

ALLOCATION_KINDS = ("reserve", "post", "void", "expire", "allocate", "release", "ship")
ENDS_A_RESERVATION = ("post", "void", "expire")

stock_allocation = Table(
    "stock_allocation",
    metadata,
    Column("allocation_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), nullable=False, index=True),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("pending_id", BigInteger, ForeignKey("stock_allocation.allocation_id"), unique=True),
    Column("expires_at", BigInteger),
    Column("decision_id", BigInteger),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    one_of("kind", ALLOCATION_KINDS, name="kind"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("(kind in ('post', 'void', 'expire')) = (pending_id is not null)", name="pending"),
    CheckConstraint("(kind = 'reserve') = (expires_at is not null)", name="expires"),
    Index(
        "ix_stock_allocation_expiry",
        "expires_at",
        sqlite_where=text("kind = 'reserve'"),
        postgresql_where=text("kind = 'reserve'"),
    ),
)

line_allocation = Table(  # kept by trigger from stock_allocation
    "line_allocation",
    metadata,
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), primary_key=True),
    Column("location", Text, ForeignKey("location.location"), primary_key=True),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("sku", Text, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("allocated", BigInteger, nullable=False),
    Column("last_allocation_id", BigInteger, nullable=False),
    Column("change_id", BigInteger, nullable=False, index=True),
    CheckConstraint("reserved >= 0 and allocated >= 0", name="promised"),
    Index(
        "ix_line_allocation_reserved",
        "line_id",
        sqlite_where=text("reserved > 0"),
        postgresql_where=text("reserved > 0"),
    ),
)

allocation_decision = Table(
    "allocation_decision",
    metadata,
    Column("decision_id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("strategy", Text, nullable=False),  # NAME:allocation@VERSION: the strategy, its policy
    Column("candidates", Text, nullable=False),  # JSON: locations with the terms of their scores
    Column("chosen", Text, nullable=False),  # JSON: line, location, quantity; and what is missing
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
)

backorder_peg = Table(  # the last row of a line and purchase-order line counts
    "backorder_peg",
    metadata,
    Column("peg_id", BigInteger, primary_key=True, autoincrement=False),
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), nullable=False, index=True),
    Column("po_line_id", BigInteger, ForeignKey("purchase_order_line.po_line_id"), nullable=False, index=True),
    Column("quantity", BigInteger, nullable=False),  # units that wait for it from now on; 0: none any more
    Column("promised_at", BigInteger),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    CheckConstraint("quantity >= 0", name="quantity"),
)
