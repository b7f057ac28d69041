"""What happened to orders and their lines: entries, holds, milestones, discounts shared out, changes, exceptions."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    SmallInteger,
    Table,
    Text,
)

from oms_core.domain.orders import HOLD_KINDS
from oms_core.storage.tables.base import clocks, metadata, one_of
from oms_core.storage.tables.orders import LINE_COUNTERS

line_entry = Table(
    "line_entry",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), nullable=False, index=True),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),  # units; below zero where one is taken back
    Column("amount", BigInteger, nullable=False, server_default="0"),  # `cancel` and `move` only, at the line's scale
    Column("discount", BigInteger, nullable=False, server_default="0"),
    Column("tax", BigInteger, nullable=False, server_default="0"),
    Column("source_kind", Text, nullable=False),  # the document that says so: feed, shipment, return_request, order …
    Column("source_ref", Text, nullable=False),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    one_of("kind", tuple(LINE_COUNTERS.values()), name="kind"),
    CheckConstraint("quantity <> 0", name="quantity"),
    CheckConstraint("kind in ('cancel', 'move') or (amount = 0 and discount = 0 and tax = 0)", name="amounts"),
)

order_hold = Table(
    "order_hold",
    metadata,
    Column("hold_id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("rule", Text),  # what raised it; null: a person
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    one_of("kind", HOLD_KINDS, name="kind"),
)

order_hold_release = Table(
    "order_hold_release",
    metadata,
    Column("hold_id", BigInteger, ForeignKey("order_hold.hold_id"), primary_key=True, autoincrement=False),
    Column("resolution", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
)

order_milestone = Table(
    "order_milestone",
    metadata,
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), primary_key=True),
    Column("milestone", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),  # the last one counts
    Column("occurred_at", BigInteger, nullable=False),  # when it happened, or what is promised
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    *clocks(),
    one_of("milestone", ("approved", "shipped", "delivered", "promised"), name="milestone"),
)

order_adjustment = Table(
    "order_adjustment",
    metadata,
    Column("adjustment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("code", Text),
    Column("amount", BigInteger, nullable=False),  # discounts above zero; at money_scale
    Column("money_scale", SmallInteger, nullable=False),
    Column("method", Text, nullable=False),  # how it was shared out
    *clocks(),
    one_of("kind", ("discount", "surcharge", "tax", "shipping"), name="kind"),
    one_of("method", ("largest_remainder", "order"), name="method"),
)

order_adjustment_share = Table(
    "order_adjustment_share",
    metadata,
    Column("adjustment_id", BigInteger, ForeignKey("order_adjustment.adjustment_id"), primary_key=True),
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), primary_key=True),
    Column("amount", BigInteger, nullable=False),  # at the adjustment's scale; shares sum to its amount
    *clocks(),
)

order_change = Table(
    "order_change",
    metadata,
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),  # the order's edit_version it made
    Column("before", Text, nullable=False),  # JSON without personal data
    Column("after", Text, nullable=False),
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
)

order_exception = Table(
    "order_exception",
    metadata,
    Column("kind", Text, primary_key=True),  # shipped_after_cancel | shortfall | to_refund | over_delivery
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), primary_key=True),
    Column("source_key", Text, primary_key=True),
    Column("detail", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
)
