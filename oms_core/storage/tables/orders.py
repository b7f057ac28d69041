"""Orders: header, lines with their counters, events, holds, milestones, changes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from oms_core.domain.orders import LINE_KINDS
from oms_core.storage.tables.base import clocks, metadata, one_of

sales_order = Table(
    "sales_order",
    metadata,
    Column("order_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("placed_at", BigInteger, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("base_currency", Text),  # null: no rate was known when it happened
    Column("base_rate", BigInteger),  # base units for one unit of `currency`, at base_rate_scale
    Column("base_rate_scale", SmallInteger),
    Column("customer_id", BigInteger, ForeignKey("customer.customer_id")),
    Column("country", Text),
    Column("lifecycle", Text, nullable=False),  # kept by trigger from order_event
    Column("last_event_seq", Integer, nullable=False),  # kept by trigger from order_event
    Column("source_version", BigInteger),
    Column("fulfilled_here", Boolean, nullable=False, server_default="0"),
    Column("priority", SmallInteger, nullable=False, server_default="0"),  # greater goes first
    Column("customer_number", Text),  # the number the customer knows; null: external_id
    Column("parent_order_id", BigInteger, ForeignKey("sales_order.order_id")),
    Column("relation", Text),  # how it came from its parent: split | merge | exchange
    Column("payment_terms", Text),  # prepaid | cash_on_delivery | on_account; null: the source says nothing
    Column("prices_include_tax", Boolean),
    Column("total_amount", BigInteger),  # minor units of `currency`: lines and order rows, tax included
    Column("source_total", BigInteger),  # what the source says the total is, minor units; never repaired
    Column("delivery_method", Text),
    Column("ship_region", Text),
    Column("ship_postcode", Text),
    Column("ship_latitude", Integer),  # millionths of a degree
    Column("ship_longitude", Integer),
    Column("promised_at", BigInteger),
    Column("confirmed_by", Text),  # RULE@VERSION of the auto-confirm policy; null: a person, or a channel
    Column("look_alike_key", Text, index=True),  # digest of goods and amount; the buyer is compared apart
    Column("content_sha256", Text),  # of the order as it was asked for; null: it came by a feed
    Column("merged_into_id", BigInteger, ForeignKey("sales_order.order_id")),
    Column("edit_version", Integer, nullable=False, server_default="1"),
    *clocks(),
    UniqueConstraint("account", "external_id"),
    one_of("relation", ("split", "merge", "exchange"), name="relation"),
    one_of("payment_terms", ("prepaid", "cash_on_delivery", "on_account"), name="payment_terms"),
    Index("ix_sales_order_parent_order_id", "parent_order_id"),
)

order_personal = Table(  # who gets it and where: never exported
    "order_personal",
    metadata,
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("street", Text),
    Column("city", Text),
    Column("postcode", Text),
    Column("country", Text),
    Column("note", Text),
    Column("address_digest", Text, index=True),  # of the written address, to find look-alikes
)

# Counter of order_line -> the kind of line_entry that moves it.
LINE_COUNTERS = {
    "cancelled_quantity": "cancel",
    "shipped_quantity": "ship",
    "delivered_quantity": "deliver",
    "return_requested_quantity": "return_request",
    "returned_quantity": "return",
    "restocked_quantity": "restock",
    "written_off_quantity": "write_off",
    "sent_back_quantity": "send_back",
    "moved_quantity": "move",
}
# Amounts that leave a line with cancelled or moved units: column of order_line -> (kind, column) of line_entry.
LINE_AMOUNTS = {
    "cancelled_amount": ("cancel", "amount"),
    "cancelled_discount": ("cancel", "discount"),
    "cancelled_tax": ("cancel", "tax"),
    "moved_amount": ("move", "amount"),
    "moved_discount": ("move", "discount"),
    "moved_tax": ("move", "tax"),
}

LINE_COLUMNS = (
    ("line_kind", Text, False),
    ("sku", Text, True),
    ("title", Text, True),
    ("quantity", BigInteger, False),
    ("unit_price", BigInteger, True),
    ("line_amount", BigInteger, False),  # after discount, without tax, whole line
    ("money_scale", SmallInteger, False),
    ("content_sha256", Text, False),
)

# A line that wants units promised to it, as far as the line says (its order must be confirmed too).
WAITING = (
    "fulfilled_here and line_kind = 'item' and not is_bundle and quantity > cancelled_quantity + moved_quantity"
    " + shipped_quantity + allocated_quantity + reserved_quantity"
)

order_line = Table(
    "order_line",
    metadata,
    Column("line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False),
    Column("line_key", Text, nullable=False),
    *(Column(name, kind, nullable=null) for name, kind, null in LINE_COLUMNS),
    Column("cancelled_quantity", BigInteger, nullable=False, server_default="0"),
    Column("discount_amount", BigInteger, nullable=False, server_default="0"),
    Column("tax_amount", BigInteger),
    Column("source_version", BigInteger),
    Column("fulfilled_here", Boolean, nullable=False, server_default="0"),
    Column("is_bundle", Boolean, nullable=False, server_default="0"),  # its components are lines of their own
    Column("parent_line_id", BigInteger, ForeignKey("order_line.line_id")),  # the bundle a component belongs to
    Column("origin_order_id", BigInteger, ForeignKey("sales_order.order_id")),  # the order it was placed with
    Column("tax_rate", BigInteger),  # millionths
    *(
        Column(name, BigInteger, nullable=False, server_default="0")
        for name in (*LINE_COUNTERS, *LINE_AMOUNTS)
        if name != "cancelled_quantity"
    ),
    Column("last_entry_id", BigInteger, nullable=False, server_default="0"),
    Column("reserved_quantity", BigInteger, nullable=False, server_default="0"),
    Column("allocated_quantity", BigInteger, nullable=False, server_default="0"),
    Column("last_allocation_id", BigInteger, nullable=False, server_default="0"),
    *clocks(),
    UniqueConstraint("order_id", "line_key"),
    ForeignKeyConstraint(["sku"], ["sku.sku"]),
    one_of("line_kind", LINE_KINDS, name="line_kind"),
    CheckConstraint("money_scale between 0 and 6", name="money_scale"),
    CheckConstraint("cancelled_quantity between 0 and abs(quantity)", name="cancelled_quantity"),
    CheckConstraint("reserved_quantity >= 0 and allocated_quantity >= 0", name="promised"),
    CheckConstraint("shipped_quantity >= 0 and moved_quantity >= 0", name="gone"),
    CheckConstraint("delivered_quantity between 0 and shipped_quantity", name="delivered"),
    CheckConstraint(
        "return_requested_quantity >= 0 and returned_quantity >= 0"
        " and return_requested_quantity + returned_quantity <= shipped_quantity + sent_back_quantity",
        name="returned",
    ),
    CheckConstraint(
        "restocked_quantity >= 0 and written_off_quantity >= 0 and sent_back_quantity >= 0"
        " and restocked_quantity + written_off_quantity + sent_back_quantity <= returned_quantity",
        name="graded",
    ),
    CheckConstraint(
        "cancelled_quantity + moved_quantity + shipped_quantity + allocated_quantity + reserved_quantity"
        " <= abs(quantity)",
        name="units_accounted",
    ),
    Index("ix_order_line_sku", "sku"),
    Index(
        "ix_order_line_waiting",
        "sku",
        "order_id",
        sqlite_where=text(WAITING),
        postgresql_where=text(WAITING),
    ),
)

order_transition = Table(
    "order_transition",
    metadata,
    Column("from_state", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("to_state", Text, primary_key=True),
)

order_event = Table(
    "order_event",
    metadata,
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    *clocks(),
    ForeignKeyConstraint(
        ["from_state", "event", "to_state"],
        ["order_transition.from_state", "order_transition.event", "order_transition.to_state"],
        name="fk_order_event_transition",
    ),
)
