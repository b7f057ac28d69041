"""Stock: the ledger, its balances, observations, exceptions, lots, transfers and counts."""

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

from oms_core.domain.stock import CONDITIONS, MOVEMENT_KINDS, MOVEMENT_SIGN
from oms_core.storage.tables.base import clocks, metadata, one_of


def _signed_by_kind() -> CheckConstraint:
    incoming = ", ".join(f"'{kind}'" for kind, sign in MOVEMENT_SIGN.items() if sign > 0)
    outgoing = ", ".join(f"'{kind}'" for kind, sign in MOVEMENT_SIGN.items() if sign < 0)
    return CheckConstraint(
        f"reverses_id is not null or kind = 'opening' or (kind in ({incoming}) and quantity > 0)"
        f" or (kind in ({outgoing}) and quantity < 0)",
        name="sign",
    )


stock_movement = Table(
    "stock_movement",
    metadata,
    Column("movement_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("condition", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),  # signed units
    Column("occurred_at", BigInteger, nullable=False),
    Column("order_account", Text),  # the order (or return) it serves, as the source names it: the
    Column("order_external_id", Text),  # link is a join, so the order may arrive later than its goods leave
    Column("reason", Text),
    Column("reverses_id", BigInteger, ForeignKey("stock_movement.movement_id"), unique=True),
    Column("content_sha256", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("lot", Text),  # lot or serial number, where the SKU asks for one
    Column("unit_cost", BigInteger),  # of goods that come in, where it is known
    Column("cost_scale", SmallInteger),
    Column("currency", Text),
    Column("document_kind", Text),  # shipment | receipt | transfer | stock_count | adjustment | return_request …
    Column("document_ref", Text),
    *clocks(),
    UniqueConstraint("account", "source_key"),
    CheckConstraint("quantity <> 0", name="quantity"),
    _signed_by_kind(),
    one_of("condition", CONDITIONS, name="condition"),
    one_of("kind", MOVEMENT_KINDS, name="kind"),
    Index("ix_stock_movement_ledger", "sku", "location", "condition", "occurred_at"),
    Index(
        "ix_stock_movement_opening",
        "sku",
        sqlite_where=text("kind = 'opening'"),
        postgresql_where=text("kind = 'opening'"),
    ),
    Index("ix_stock_movement_order", "order_external_id", "order_account"),
    Index("ix_stock_movement_document", "document_ref", "document_kind"),
)

stock_balance = Table(
    "stock_balance",
    metadata,
    Column("sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("location", Text, ForeignKey("location.location"), primary_key=True),
    Column("condition", Text, primary_key=True),
    Column("on_hand", BigInteger, nullable=False),  # kept by trigger from stock_movement
    Column("committed", BigInteger, nullable=False),  # kept by trigger from stock_allocation
    Column("shortage", BigInteger, nullable=False),  # units a recorded fact took beyond what was there
    Column("allows_negative", Boolean, nullable=False),  # the location's policy, kept by trigger
    Column("last_movement_id", BigInteger, nullable=False),  # the movement that made it what it is
    Column("last_allocation_id", BigInteger, nullable=False, server_default="0"),  # the same of `committed`
    Column("change_id", BigInteger, nullable=False, index=True),
    CheckConstraint("committed >= 0 and shortage >= 0", name="signs"),
    CheckConstraint("allows_negative or committed <= on_hand + shortage", name="not_oversold"),
)

stock_snapshot = Table(
    "stock_snapshot",
    metadata,
    Column("snapshot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("condition", Text, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("unit_cost", BigInteger),
    Column("cost_scale", SmallInteger),
    Column("currency", Text),
    Column("content_sha256", Text, nullable=False),
    *clocks(),
    UniqueConstraint("sku", "location", "condition", "observed_at", "account"),
    one_of("condition", CONDITIONS, name="condition"),
)

stock_exception = Table(
    "stock_exception",
    metadata,
    Column("kind", Text, primary_key=True),  # negative_stock | shortage
    Column("sku", Text, primary_key=True),
    Column("location", Text, primary_key=True),
    Column("condition", Text, primary_key=True),
    Column("source_key", Text, primary_key=True),  # the movement that opened it, or what settled it
    Column("quantity", BigInteger, nullable=False),  # units; below zero where a shortage is settled
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    CheckConstraint("kind in ('negative_stock', 'shortage')", name="kind"),
)

lot = Table(
    "lot",
    metadata,
    Column("sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("lot", Text, primary_key=True),  # a serial number is a lot of one unit
    Column("expires_at", BigInteger),
    *clocks(),
)

lot_balance = Table(
    "lot_balance",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("lot", Text, primary_key=True),
    Column("location", Text, ForeignKey("location.location"), primary_key=True),
    Column("condition", Text, primary_key=True),
    Column("on_hand", BigInteger, nullable=False),  # kept by trigger from stock_movement
    Column("is_serial", Boolean, nullable=False),
    Column("last_movement_id", BigInteger, nullable=False),
    Column("change_id", BigInteger, nullable=False, index=True),
    ForeignKeyConstraint(["sku", "lot"], ["lot.sku", "lot.lot"]),
    CheckConstraint("on_hand >= 0", name="on_hand"),
    CheckConstraint("not is_serial or on_hand <= 1", name="serial"),
    Index(
        "ix_lot_balance_serial",
        "sku",
        "lot",
        unique=True,  # one unit is in one place
        sqlite_where=text("is_serial and on_hand = 1"),
        postgresql_where=text("is_serial and on_hand = 1"),
    ),
)

transfer = Table(
    "transfer",
    metadata,
    Column("transfer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("from_location", Text, ForeignKey("location.location"), nullable=False),
    Column("via_location", Text, ForeignKey("location.location"), nullable=False),
    Column("to_location", Text, ForeignKey("location.location"), nullable=False),
    Column("state", Text, nullable=False),
    Column("last_event_seq", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
    CheckConstraint("from_location <> to_location", name="places"),
)

transfer_line = Table(
    "transfer_line",
    metadata,
    Column("transfer_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("transfer_id", BigInteger, ForeignKey("transfer.transfer_id"), nullable=False, index=True),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("lot", Text),
    Column("quantity", BigInteger, nullable=False),
    *clocks(),
    CheckConstraint("quantity > 0", name="quantity"),
)

stock_count = Table(
    "stock_count",
    metadata,
    Column("count_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("counted_at", BigInteger),  # the instant the units were seen
    Column("state", Text, nullable=False),
    Column("last_event_seq", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
)

stock_count_line = Table(
    "stock_count_line",
    metadata,
    Column("count_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("count_id", BigInteger, ForeignKey("stock_count.count_id"), nullable=False, index=True),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("condition", Text, nullable=False),
    Column("lot", Text),
    Column("expected", BigInteger, nullable=False),  # the ledger at the count's instant
    Column("counted", BigInteger, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
    one_of("condition", CONDITIONS, name="condition"),
    CheckConstraint("counted >= 0", name="counted"),
)

count_suspicion = Table(
    "count_suspicion",
    metadata,
    Column("suspicion_id", BigInteger, primary_key=True, autoincrement=False),
    Column("sku", Text, ForeignKey("sku.sku"), nullable=False),
    Column("location", Text, ForeignKey("location.location"), nullable=False),
    Column("quantity", BigInteger, nullable=False),  # units that were not found
    Column("source_kind", Text, nullable=False),
    Column("source_ref", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    Index("ix_count_suspicion_place", "location", "sku"),
)

count_suspicion_answer = Table(
    "count_suspicion_answer",
    metadata,
    Column(
        "suspicion_id", BigInteger, ForeignKey("count_suspicion.suspicion_id"), primary_key=True, autoincrement=False
    ),
    Column("count_id", BigInteger, ForeignKey("stock_count.count_id"), nullable=False),
    *clocks(),
)
