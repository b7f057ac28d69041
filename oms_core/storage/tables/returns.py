"""Returns: the documents of goods that came back, and the requests they follow from."""

from sqlalchemy import (
    BigInteger,
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
)

from oms_core.domain.orders import LINE_KINDS
from oms_core.storage.tables.base import clocks, metadata, one_of
from oms_core.storage.tables.orders import LINE_COLUMNS

return_order = Table(
    "return_order",
    metadata,
    Column("return_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("external_id", Text, nullable=False),
    Column("order_external_id", Text),  # the order as the source names it (same account); null: names none
    Column("returned_at", BigInteger, nullable=False, index=True),
    Column("currency", Text, nullable=False),
    Column("base_currency", Text),
    Column("base_rate", BigInteger),
    Column("base_rate_scale", SmallInteger),
    Column("customer_id", BigInteger, ForeignKey("customer.customer_id")),
    Column("country", Text),
    Column("source_version", BigInteger),
    *clocks(),
    UniqueConstraint("account", "external_id"),
)

return_line = Table(
    "return_line",
    metadata,
    Column("return_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("return_id", BigInteger, ForeignKey("return_order.return_id"), nullable=False),
    Column("line_key", Text, nullable=False),
    *(Column(name, kind, nullable=null) for name, kind, null in LINE_COLUMNS),
    Column("reason", Text),
    Column("source_version", BigInteger),
    Column("order_line_id", BigInteger, ForeignKey("order_line.line_id")),  # where a line of ours came back
    *clocks(),
    UniqueConstraint("return_id", "line_key"),
    ForeignKeyConstraint(["sku"], ["sku.sku"]),
    one_of("line_kind", LINE_KINDS, name="line_kind"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("money_scale between 0 and 6", name="money_scale"),
    Index("ix_return_line_sku", "sku"),
)

return_request = Table(
    "return_request",
    metadata,
    Column("request_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),  # return | exchange
    Column("location", Text, ForeignKey("location.location")),  # where the goods are to come
    Column("state", Text, nullable=False),  # kept by trigger from document_event
    Column("last_event_seq", Integer, nullable=False),
    Column("replacement_order_id", BigInteger, ForeignKey("sales_order.order_id")),
    Column("requested_at", BigInteger, nullable=False),
    Column("note", Text),
    Column("actor", Text, nullable=False),
    *clocks(),
    one_of("kind", ("return", "exchange"), name="kind"),
)

# Counter of return_request_line -> the kind of return_entry that moves it.
RETURN_COUNTERS = {
    "received_quantity": "receive",
    "restocked_quantity": "restock",
    "scrapped_quantity": "scrap",
    "damaged_quantity": "damage",
    "sent_back_quantity": "send_back",
    "given_up_quantity": "give_up",
}

return_request_line = Table(
    "return_request_line",
    metadata,
    Column("request_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("request_id", BigInteger, ForeignKey("return_request.request_id"), nullable=False),
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), nullable=False, index=True),
    Column("quantity", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("replacement_sku", Text, ForeignKey("sku.sku")),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in RETURN_COUNTERS),
    Column("last_entry_id", BigInteger, nullable=False, server_default="0"),
    *clocks(),
    UniqueConstraint("request_id", "line_id"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("received_quantity + given_up_quantity <= quantity", name="received"),
    CheckConstraint(
        "restocked_quantity + scrapped_quantity + damaged_quantity + sent_back_quantity <= received_quantity",
        name="graded",
    ),
)

return_entry = Table(
    "return_entry",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("request_line_id", BigInteger, ForeignKey("return_request_line.request_line_id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("location", Text, ForeignKey("location.location")),
    Column("note", Text),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    Index("ix_return_entry_line", "request_line_id"),
    one_of("kind", tuple(RETURN_COUNTERS.values()), name="kind"),
    CheckConstraint("quantity > 0", name="quantity"),
)
