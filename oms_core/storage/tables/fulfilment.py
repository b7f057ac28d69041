"""Fulfilment: waves, shipments with lines and packages, what a carrier says; and the events of every document."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from oms_core.storage.tables.base import clocks, metadata

DOCUMENTS = {  # kind of document_event -> (table, key)
    "shipment": ("shipment", "shipment_id"),
    "return_request": ("return_request", "request_id"),
    "purchase_order": ("purchase_order", "po_id"),
    "transfer": ("transfer", "transfer_id"),
    "stock_count": ("stock_count", "count_id"),
    "approval": ("approval", "approval_id"),
}

document_transition = Table(
    "document_transition",
    metadata,
    Column("document_kind", Text, primary_key=True),
    Column("from_state", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("to_state", Text, primary_key=True),
)

document_event = Table(
    "document_event",
    metadata,
    Column("document_kind", Text, primary_key=True),
    Column("document_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("event", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("reason", Text),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    ForeignKeyConstraint(
        ["document_kind", "from_state", "event", "to_state"],
        [
            "document_transition.document_kind",
            "document_transition.from_state",
            "document_transition.event",
            "document_transition.to_state",
        ],
        name="fk_document_event_transition",
    ),
)

wave = Table(
    "wave",
    metadata,
    Column("wave_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("delivery_method", Text),
    Column("actor", Text, nullable=False),
    Column("released_at", BigInteger, nullable=False),
    *clocks(),
)

shipment = Table(
    "shipment",
    metadata,
    Column("shipment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("wave_id", BigInteger, ForeignKey("wave.wave_id"), index=True),
    Column("delivery_method", Text),
    Column("carrier", Text),
    Column("state", Text, nullable=False),  # kept by trigger from document_event
    Column("last_event_seq", Integer, nullable=False),
    Column("shipped_at", BigInteger),
    Column("delivered_at", BigInteger),
    Column("proof", Text),
    Column("actor", Text, nullable=False),
    *clocks(),
)

handover_code = Table(  # kept apart, never exported
    "handover_code",
    metadata,
    Column("shipment_id", BigInteger, ForeignKey("shipment.shipment_id"), primary_key=True, autoincrement=False),
    Column("salt", Text, nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("tries_left", SmallInteger, nullable=False),
    CheckConstraint("tries_left >= 0", name="tries"),
)

shipment_line = Table(
    "shipment_line",
    metadata,
    Column("shipment_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shipment_id", BigInteger, ForeignKey("shipment.shipment_id"), nullable=False, index=True),
    Column("line_id", BigInteger, ForeignKey("order_line.line_id"), nullable=False, index=True),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("quantity", BigInteger, nullable=False),  # planned
    Column("picked_quantity", BigInteger),  # null: not picked yet
    Column("lot", Text),
    *clocks(),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("picked_quantity between 0 and quantity", name="picked"),
)

package = Table(
    "package",
    metadata,
    Column("package_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shipment_id", BigInteger, ForeignKey("shipment.shipment_id"), nullable=False, index=True),
    Column("sscc", Text),
    Column("tracking_number", Text, index=True),  # not unique: carriers use numbers again
    Column("weight_grams", BigInteger),
    *clocks(),
)

tracking_event = Table(
    "tracking_event",
    metadata,
    Column("tracking_id", BigInteger, primary_key=True, autoincrement=False),
    Column("shipment_id", BigInteger, ForeignKey("shipment.shipment_id"), nullable=False, index=True),
    Column("source", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("place", Text),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    UniqueConstraint("source", "source_key"),
)
