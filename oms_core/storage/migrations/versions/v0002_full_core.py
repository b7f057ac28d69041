"""The full core: orders with counters and holds, allocation, fulfilment, payments, purchasing, commands.

Columns are added by plain statements: SQLite takes a constraint with a new column, and only there.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ADDED = (
    ("channel_account", "fulfilled_here boolean default '0' not null"),
    ("channel_account", "priority smallint default '0' not null"),
    ("location", "kind text default 'site' not null"),
    ("location", "latitude integer"),
    ("location", "longitude integer"),
    ("location", "region text"),
    ("location", "time_zone text"),
    ("location", "cutoff_minute smallint"),
    ("location", "handling_cost bigint default '0' not null"),
    (
        "location",
        "priority smallint default '0' not null constraint ck_location_kind check (kind in ('site', 'in_transit'))",
    ),
    ("sku", "tracking text default 'none' not null"),
    ("sku", "weight_grams bigint"),
    ("sku", "list_price bigint"),
    ("sku", "list_price_scale smallint"),
    ("sku", "list_currency text"),
    ("sku", "reorder_point bigint"),
    (
        "sku",
        "is_returnable boolean default '1' not null constraint ck_sku_tracking check (tracking in ('none', 'lot', 'serial'))",
    ),
    ("sales_order", "fulfilled_here boolean default '0' not null"),
    ("sales_order", "priority smallint default '0' not null"),
    ("sales_order", "customer_number text"),
    (
        "sales_order",
        "parent_order_id bigint constraint fk_sales_order_parent_order_id references sales_order (order_id)",
    ),
    ("sales_order", "relation text"),
    ("sales_order", "payment_terms text"),
    ("sales_order", "prices_include_tax boolean"),
    ("sales_order", "total_amount bigint"),
    ("sales_order", "source_total bigint"),
    ("sales_order", "delivery_method text"),
    ("sales_order", "ship_region text"),
    ("sales_order", "ship_postcode text"),
    ("sales_order", "ship_latitude integer"),
    ("sales_order", "ship_longitude integer"),
    ("sales_order", "promised_at bigint"),
    ("sales_order", "confirmed_by text"),
    ("sales_order", "look_alike_key text"),
    ("sales_order", "content_sha256 text"),
    ("sales_order", "merged_into_id bigint constraint fk_sales_order_merged_into_id references sales_order (order_id)"),
    (
        "sales_order",
        "edit_version integer default '1' not null constraint ck_sales_order_relation check (relation in ('split', 'merge', 'exchange')) constraint ck_sales_order_payment_terms check (payment_terms in ('prepaid', 'cash_on_delivery', 'on_account'))",
    ),
    ("order_line", "source_version bigint"),
    ("order_line", "fulfilled_here boolean default '0' not null"),
    ("order_line", "is_bundle boolean default '0' not null"),
    ("order_line", "parent_line_id bigint constraint fk_order_line_parent_line_id references order_line (line_id)"),
    ("order_line", "origin_order_id bigint constraint fk_order_line_origin_order_id references sales_order (order_id)"),
    ("order_line", "tax_rate bigint"),
    ("order_line", "shipped_quantity bigint default '0' not null"),
    ("order_line", "delivered_quantity bigint default '0' not null"),
    ("order_line", "return_requested_quantity bigint default '0' not null"),
    ("order_line", "returned_quantity bigint default '0' not null"),
    ("order_line", "restocked_quantity bigint default '0' not null"),
    ("order_line", "written_off_quantity bigint default '0' not null"),
    ("order_line", "sent_back_quantity bigint default '0' not null"),
    ("order_line", "moved_quantity bigint default '0' not null"),
    ("order_line", "cancelled_amount bigint default '0' not null"),
    ("order_line", "cancelled_discount bigint default '0' not null"),
    ("order_line", "cancelled_tax bigint default '0' not null"),
    ("order_line", "moved_amount bigint default '0' not null"),
    ("order_line", "moved_discount bigint default '0' not null"),
    ("order_line", "moved_tax bigint default '0' not null"),
    ("order_line", "last_entry_id bigint default '0' not null"),
    ("order_line", "reserved_quantity bigint default '0' not null"),
    ("order_line", "allocated_quantity bigint default '0' not null"),
    (
        "order_line",
        "last_allocation_id bigint default '0' not null constraint ck_order_line_promised check (reserved_quantity >= 0 and allocated_quantity >= 0) constraint ck_order_line_gone check (shipped_quantity >= 0 and moved_quantity >= 0) constraint ck_order_line_delivered check (delivered_quantity between 0 and shipped_quantity) constraint ck_order_line_returned check (return_requested_quantity >= 0 and returned_quantity >= 0 and return_requested_quantity + returned_quantity <= shipped_quantity + sent_back_quantity) constraint ck_order_line_graded check (restocked_quantity >= 0 and written_off_quantity >= 0 and sent_back_quantity >= 0 and restocked_quantity + written_off_quantity + sent_back_quantity <= returned_quantity) constraint ck_order_line_units_accounted check (cancelled_quantity + moved_quantity + shipped_quantity + allocated_quantity + reserved_quantity <= abs(quantity))",
    ),
    ("return_line", "source_version bigint"),
    ("return_line", "order_line_id bigint constraint fk_return_line_order_line_id references order_line (line_id)"),
    ("stock_movement", "lot text"),
    ("stock_movement", "unit_cost bigint"),
    ("stock_movement", "cost_scale smallint"),
    ("stock_movement", "currency text"),
    ("stock_movement", "document_kind text"),
    ("stock_movement", "document_ref text"),
    ("stock_balance", "last_allocation_id bigint default '0' not null"),
)


def upgrade() -> None:
    """Add the columns and create the tables; counters of what is there already start from journal rows."""
    for table, column in _ADDED:
        op.execute(f"alter table {table} add column {column}")
    _create_tables()
    op.create_index(op.f("ix_sales_order_look_alike_key"), "sales_order", ["look_alike_key"], unique=False)
    op.create_index("ix_sales_order_parent_order_id", "sales_order", ["parent_order_id"], unique=False)
    op.create_index("ix_stock_movement_document", "stock_movement", ["document_ref", "document_kind"], unique=False)
    waiting = sa.text(_WAITING)
    op.create_index(
        "ix_order_line_waiting", "order_line", ["sku", "order_id"], sqlite_where=waiting, postgresql_where=waiting
    )
    op.execute(_CANCELLED_BEFORE)


_WAITING = (
    "fulfilled_here and line_kind = 'item' and not is_bundle and quantity > cancelled_quantity + moved_quantity"
    " + shipped_quantity + allocated_quantity + reserved_quantity"
)

# Units that were cancelled under the first release have no journal row: give each line the one that explains it.
_CANCELLED_BEFORE = """
insert into line_entry (entry_id, line_id, order_id, kind, quantity, source_kind, source_ref, actor, occurred_at,
    recorded_at, change_id)
select -line_id, line_id, order_id, 'cancel', cancelled_quantity, 'upgrade', '0002', 'upgrade', recorded_at, recorded_at,
    change_id
from order_line where cancelled_quantity <> 0
"""


def _create_tables() -> None:
    op.create_table(
        "approval",
        sa.Column("approval_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("use_case", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("decided_by is null or decided_by <> requested_by", name=op.f("ck_approval_four_eyes")),
        sa.PrimaryKeyConstraint("approval_id", name=op.f("pk_approval")),
        sa.UniqueConstraint("number", name=op.f("uq_approval_number")),
    )
    op.create_index(op.f("ix_approval_change_id"), "approval", ["change_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("command_key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_change_id"), "audit_entry", ["change_id"], unique=False)
    op.create_index("ix_audit_entry_command", "audit_entry", ["command_key"], unique=False)
    op.create_index("ix_audit_entry_object", "audit_entry", ["object_ref", "object_kind"], unique=False)
    op.create_table(
        "command",
        sa.Column("command_key", sa.Text(), nullable=False),
        sa.Column("use_case", sa.Text(), nullable=False),
        sa.Column("request_sha256", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("command_key", name=op.f("pk_command")),
    )
    op.create_table(
        "document_transition",
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint(
            "document_kind", "from_state", "event", "to_state", name=op.f("pk_document_transition")
        ),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("rate_scale", sa.SmallInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("rate > 0 and rate_scale between 0 and 12", name=op.f("ck_exchange_rate_rate")),
        sa.PrimaryKeyConstraint("currency", "base_currency", "valid_from", name=op.f("pk_exchange_rate")),
    )
    op.create_index(op.f("ix_exchange_rate_change_id"), "exchange_rate", ["change_id"], unique=False)
    op.create_table(
        "feed_parked",
        sa.Column("parked_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("waits_for", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("parked_id", name=op.f("pk_feed_parked")),
    )
    op.create_index(op.f("ix_feed_parked_change_id"), "feed_parked", ["change_id"], unique=False)
    op.create_index("ix_feed_parked_waits_for", "feed_parked", ["account", "waits_for"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_ref", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("message_key", name=op.f("uq_outbox_message_message_key")),
    )
    op.create_index(op.f("ix_outbox_message_change_id"), "outbox_message", ["change_id"], unique=False)
    op.create_table(
        "policy",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "version", name=op.f("pk_policy")),
    )
    op.create_index(op.f("ix_policy_change_id"), "policy", ["change_id"], unique=False)
    op.create_table(
        "supplier",
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("late_days_p90", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("supplier", name=op.f("pk_supplier")),
    )
    op.create_index(op.f("ix_supplier_change_id"), "supplier", ["change_id"], unique=False)
    op.create_table(
        "bundle_component",
        sa.Column("bundle_sku", sa.Text(), nullable=False),
        sa.Column("component_sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0 and component_sku <> bundle_sku", name=op.f("ck_bundle_component_quantity")),
        sa.ForeignKeyConstraint(["bundle_sku"], ["sku.sku"], name=op.f("fk_bundle_component_bundle_sku")),
        sa.ForeignKeyConstraint(["component_sku"], ["sku.sku"], name=op.f("fk_bundle_component_component_sku")),
        sa.PrimaryKeyConstraint("bundle_sku", "component_sku", name=op.f("pk_bundle_component")),
    )
    op.create_index(op.f("ix_bundle_component_change_id"), "bundle_component", ["change_id"], unique=False)
    op.create_table(
        "count_suspicion",
        sa.Column("suspicion_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_count_suspicion_location")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_count_suspicion_sku")),
        sa.PrimaryKeyConstraint("suspicion_id", name=op.f("pk_count_suspicion")),
    )
    op.create_index(op.f("ix_count_suspicion_change_id"), "count_suspicion", ["change_id"], unique=False)
    op.create_index("ix_count_suspicion_place", "count_suspicion", ["location", "sku"], unique=False)
    op.create_table(
        "document_event",
        sa.Column("document_kind", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_kind", "from_state", "event", "to_state"],
            [
                "document_transition.document_kind",
                "document_transition.from_state",
                "document_transition.event",
                "document_transition.to_state",
            ],
            name="fk_document_event_transition",
        ),
        sa.PrimaryKeyConstraint("document_kind", "document_id", "seq", name=op.f("pk_document_event")),
    )
    op.create_index(op.f("ix_document_event_change_id"), "document_event", ["change_id"], unique=False)
    op.create_table(
        "lot",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_lot_sku")),
        sa.PrimaryKeyConstraint("sku", "lot", name=op.f("pk_lot")),
    )
    op.create_index(op.f("ix_lot_change_id"), "lot", ["change_id"], unique=False)
    op.create_table(
        "purchase_order",
        sa.Column("po_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("ordered_at", sa.BigInteger(), nullable=False),
        sa.Column("source_total", sa.BigInteger(), nullable=True),
        sa.Column("total_scale", sa.SmallInteger(), nullable=True),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_purchase_order_account")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_purchase_order_location")),
        sa.ForeignKeyConstraint(["supplier"], ["supplier.supplier"], name=op.f("fk_purchase_order_supplier")),
        sa.PrimaryKeyConstraint("po_id", name=op.f("pk_purchase_order")),
        sa.UniqueConstraint("account", "number", name=op.f("uq_purchase_order_account_number")),
    )
    op.create_index(op.f("ix_purchase_order_change_id"), "purchase_order", ["change_id"], unique=False)
    op.create_index(op.f("ix_purchase_order_supplier"), "purchase_order", ["supplier"], unique=False)
    op.create_table(
        "stock_count",
        sa.Column("count_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("counted_at", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_stock_count_location")),
        sa.PrimaryKeyConstraint("count_id", name=op.f("pk_stock_count")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_count_number")),
    )
    op.create_index(op.f("ix_stock_count_change_id"), "stock_count", ["change_id"], unique=False)
    op.create_table(
        "supplier_price",
        sa.Column("supplier", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("price_scale", sa.SmallInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("minimum_quantity", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("maximum_quantity", sa.BigInteger(), nullable=True),
        sa.Column("pack_size", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("lead_time_days", sa.Integer(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("minimum_quantity >= 1 and pack_size >= 1", name=op.f("ck_supplier_price_sizes")),
        sa.CheckConstraint("unit_price >= 0 and price_scale between 0 and 6", name=op.f("ck_supplier_price_price")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_supplier_price_sku")),
        sa.ForeignKeyConstraint(["supplier"], ["supplier.supplier"], name=op.f("fk_supplier_price_supplier")),
        sa.PrimaryKeyConstraint("supplier", "sku", "valid_from", name=op.f("pk_supplier_price")),
    )
    op.create_index(op.f("ix_supplier_price_change_id"), "supplier_price", ["change_id"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("transfer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("from_location", sa.Text(), nullable=False),
        sa.Column("via_location", sa.Text(), nullable=False),
        sa.Column("to_location", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("from_location <> to_location", name=op.f("ck_transfer_places")),
        sa.ForeignKeyConstraint(["from_location"], ["location.location"], name=op.f("fk_transfer_from_location")),
        sa.ForeignKeyConstraint(["to_location"], ["location.location"], name=op.f("fk_transfer_to_location")),
        sa.ForeignKeyConstraint(["via_location"], ["location.location"], name=op.f("fk_transfer_via_location")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("number", name=op.f("uq_transfer_number")),
    )
    op.create_index(op.f("ix_transfer_change_id"), "transfer", ["change_id"], unique=False)
    op.create_table(
        "wave",
        sa.Column("wave_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("delivery_method", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_wave_location")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_wave")),
        sa.UniqueConstraint("number", name=op.f("uq_wave_number")),
    )
    op.create_index(op.f("ix_wave_change_id"), "wave", ["change_id"], unique=False)
    op.create_table(
        "count_suspicion_answer",
        sa.Column("suspicion_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_count.count_id"], name=op.f("fk_count_suspicion_answer_count_id")
        ),
        sa.ForeignKeyConstraint(
            ["suspicion_id"], ["count_suspicion.suspicion_id"], name=op.f("fk_count_suspicion_answer_suspicion_id")
        ),
        sa.PrimaryKeyConstraint("suspicion_id", name=op.f("pk_count_suspicion_answer")),
    )
    op.create_index(op.f("ix_count_suspicion_answer_change_id"), "count_suspicion_answer", ["change_id"], unique=False)
    op.create_table(
        "lot_balance",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("is_serial", sa.Boolean(), nullable=False),
        sa.Column("last_movement_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("not is_serial or on_hand <= 1", name=op.f("ck_lot_balance_serial")),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_lot_balance_on_hand")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_lot_balance_location")),
        sa.ForeignKeyConstraint(["sku", "lot"], ["lot.sku", "lot.lot"], name=op.f("fk_lot_balance_sku_lot")),
        sa.PrimaryKeyConstraint("sku", "lot", "location", "condition", name=op.f("pk_lot_balance")),
    )
    op.create_index(op.f("ix_lot_balance_change_id"), "lot_balance", ["change_id"], unique=False)
    op.create_index(
        "ix_lot_balance_serial",
        "lot_balance",
        ["sku", "lot"],
        unique=True,
        sqlite_where=sa.text("is_serial and on_hand = 1"),
        postgresql_where=sa.text("is_serial and on_hand = 1"),
    )
    op.create_table(
        "purchase_order_line",
        sa.Column("po_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("po_id", sa.BigInteger(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=False),
        sa.Column("price_scale", sa.SmallInteger(), nullable=False),
        sa.Column("expected_at", sa.BigInteger(), nullable=True),
        sa.Column("received_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rejected_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_receipt_line_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 and cancelled_quantity between 0 and quantity", name=op.f("ck_purchase_order_line_quantity")
        ),
        sa.CheckConstraint(
            "rejected_quantity between 0 and received_quantity", name=op.f("ck_purchase_order_line_received")
        ),
        sa.ForeignKeyConstraint(["po_id"], ["purchase_order.po_id"], name=op.f("fk_purchase_order_line_po_id")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_purchase_order_line_sku")),
        sa.PrimaryKeyConstraint("po_line_id", name=op.f("pk_purchase_order_line")),
        sa.UniqueConstraint("po_id", "line_key", name=op.f("uq_purchase_order_line_po_id_line_key")),
    )
    op.create_index(op.f("ix_purchase_order_line_change_id"), "purchase_order_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_purchase_order_line_sku"), "purchase_order_line", ["sku"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("po_id", sa.BigInteger(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_receipt_account")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_receipt_location")),
        sa.ForeignKeyConstraint(["po_id"], ["purchase_order.po_id"], name=op.f("fk_receipt_po_id")),
        sa.PrimaryKeyConstraint("receipt_id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("account", "number", name=op.f("uq_receipt_account_number")),
    )
    op.create_index(op.f("ix_receipt_change_id"), "receipt", ["change_id"], unique=False)
    op.create_index(op.f("ix_receipt_po_id"), "receipt", ["po_id"], unique=False)
    op.create_table(
        "stock_count_line",
        sa.Column("count_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "condition in ('sellable', 'inspection', 'damaged', 'expired', 'recalled')",
            name=op.f("ck_stock_count_line_condition"),
        ),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_stock_count_line_counted")),
        sa.ForeignKeyConstraint(["count_id"], ["stock_count.count_id"], name=op.f("fk_stock_count_line_count_id")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_stock_count_line_sku")),
        sa.PrimaryKeyConstraint("count_line_id", name=op.f("pk_stock_count_line")),
    )
    op.create_index(op.f("ix_stock_count_line_change_id"), "stock_count_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_stock_count_line_count_id"), "stock_count_line", ["count_id"], unique=False)
    op.create_table(
        "stored_value",
        sa.Column("stored_value_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('gift_card', 'store_credit')", name=op.f("ck_stored_value_kind")),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_stored_value_balance")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name=op.f("fk_stored_value_customer_id")),
        sa.PrimaryKeyConstraint("stored_value_id", name=op.f("pk_stored_value")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_stored_value_code_hash")),
    )
    op.create_index(op.f("ix_stored_value_change_id"), "stored_value", ["change_id"], unique=False)
    op.create_table(
        "transfer_line",
        sa.Column("transfer_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfer_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_transfer_line_quantity")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_transfer_line_sku")),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.transfer_id"], name=op.f("fk_transfer_line_transfer_id")),
        sa.PrimaryKeyConstraint("transfer_line_id", name=op.f("pk_transfer_line")),
    )
    op.create_index(op.f("ix_transfer_line_change_id"), "transfer_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_transfer_line_transfer_id"), "transfer_line", ["transfer_id"], unique=False)
    op.create_table(
        "allocation_decision",
        sa.Column("decision_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.Column("chosen", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_allocation_decision_order_id")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("pk_allocation_decision")),
    )
    op.create_index(op.f("ix_allocation_decision_change_id"), "allocation_decision", ["change_id"], unique=False)
    op.create_index(op.f("ix_allocation_decision_order_id"), "allocation_decision", ["order_id"], unique=False)
    op.create_table(
        "order_adjustment",
        sa.Column("adjustment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("money_scale", sa.SmallInteger(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('discount', 'surcharge', 'tax', 'shipping')", name=op.f("ck_order_adjustment_kind")
        ),
        sa.CheckConstraint("method in ('largest_remainder', 'order')", name=op.f("ck_order_adjustment_method")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_adjustment_order_id")),
        sa.PrimaryKeyConstraint("adjustment_id", name=op.f("pk_order_adjustment")),
    )
    op.create_index(op.f("ix_order_adjustment_change_id"), "order_adjustment", ["change_id"], unique=False)
    op.create_index(op.f("ix_order_adjustment_order_id"), "order_adjustment", ["order_id"], unique=False)
    op.create_table(
        "order_change",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_change_order_id")),
        sa.PrimaryKeyConstraint("order_id", "version", name=op.f("pk_order_change")),
    )
    op.create_index(op.f("ix_order_change_change_id"), "order_change", ["change_id"], unique=False)
    op.create_table(
        "order_exception",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_exception_order_id")),
        sa.PrimaryKeyConstraint("kind", "order_id", "source_key", name=op.f("pk_order_exception")),
    )
    op.create_index(op.f("ix_order_exception_change_id"), "order_exception", ["change_id"], unique=False)
    op.create_table(
        "order_hold",
        sa.Column("hold_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('address', 'look_alike', 'price_outlier', 'quantity_outlier', 'payment', 'blocklist', 'fraud', 'stock', 'channel', 'change', 'manual')",
            name=op.f("ck_order_hold_kind"),
        ),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_hold_order_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_order_hold")),
    )
    op.create_index(op.f("ix_order_hold_change_id"), "order_hold", ["change_id"], unique=False)
    op.create_index(op.f("ix_order_hold_order_id"), "order_hold", ["order_id"], unique=False)
    op.create_table(
        "order_milestone",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("milestone", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "milestone in ('approved', 'shipped', 'delivered', 'promised')", name=op.f("ck_order_milestone_milestone")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_milestone_order_id")),
        sa.PrimaryKeyConstraint("order_id", "milestone", "seq", name=op.f("pk_order_milestone")),
    )
    op.create_index(op.f("ix_order_milestone_change_id"), "order_milestone", ["change_id"], unique=False)
    op.create_table(
        "order_personal",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=True),
        sa.Column("postcode", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("address_digest", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_personal_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_personal")),
    )
    op.create_index(op.f("ix_order_personal_address_digest"), "order_personal", ["address_digest"], unique=False)
    op.create_table(
        "payment",
        sa.Column("payment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("stored_value_id", sa.BigInteger(), nullable=True),
        sa.Column("authorized_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("captured_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("voided_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("charged_back_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failed_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_payment_event_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "method in ('card', 'debit_card', 'alipay', 'wechat_pay', 'paypal', 'bank_transfer', 'cash_on_delivery', 'store_credit', 'gift_card', 'unknown')",
            name=op.f("ck_payment_method"),
        ),
        sa.CheckConstraint(
            "authorized_amount = 0 or captured_amount + voided_amount <= authorized_amount",
            name=op.f("ck_payment_within_authorization"),
        ),
        sa.CheckConstraint(
            "authorized_amount >= 0 and voided_amount >= 0 and refunded_amount >= 0 and charged_back_amount >= 0 and failed_amount >= 0",
            name=op.f("ck_payment_signs"),
        ),
        sa.CheckConstraint(
            "refunded_amount + charged_back_amount <= captured_amount", name=op.f("ck_payment_not_below_zero")
        ),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_payment_account")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_payment_order_id")),
        sa.ForeignKeyConstraint(
            ["stored_value_id"], ["stored_value.stored_value_id"], name=op.f("fk_payment_stored_value_id")
        ),
        sa.PrimaryKeyConstraint("payment_id", name=op.f("pk_payment")),
        sa.UniqueConstraint("account", "external_id", name=op.f("uq_payment_account_external_id")),
    )
    op.create_index(op.f("ix_payment_change_id"), "payment", ["change_id"], unique=False)
    op.create_index(op.f("ix_payment_order_id"), "payment", ["order_id"], unique=False)
    op.create_table(
        "po_line_expectation",
        sa.Column("po_line_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("expected_at", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["po_line_id"], ["purchase_order_line.po_line_id"], name=op.f("fk_po_line_expectation_po_line_id")
        ),
        sa.PrimaryKeyConstraint("po_line_id", "seq", name=op.f("pk_po_line_expectation")),
    )
    op.create_index(op.f("ix_po_line_expectation_change_id"), "po_line_expectation", ["change_id"], unique=False)
    op.create_table(
        "receipt_line",
        sa.Column("receipt_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), nullable=False),
        sa.Column("po_line_id", sa.BigInteger(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("rejected_quantity", sa.BigInteger(), nullable=False),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("unit_cost", sa.BigInteger(), nullable=True),
        sa.Column("cost_scale", sa.SmallInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 and rejected_quantity between 0 and quantity", name=op.f("ck_receipt_line_quantity")
        ),
        sa.ForeignKeyConstraint(
            ["po_line_id"], ["purchase_order_line.po_line_id"], name=op.f("fk_receipt_line_po_line_id")
        ),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.receipt_id"], name=op.f("fk_receipt_line_receipt_id")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_receipt_line_sku")),
        sa.PrimaryKeyConstraint("receipt_line_id", name=op.f("pk_receipt_line")),
    )
    op.create_index(op.f("ix_receipt_line_change_id"), "receipt_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_receipt_line_po_line_id"), "receipt_line", ["po_line_id"], unique=False)
    op.create_index(op.f("ix_receipt_line_receipt_id"), "receipt_line", ["receipt_id"], unique=False)
    op.create_table(
        "return_request",
        sa.Column("request_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("replacement_order_id", sa.BigInteger(), nullable=True),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('return', 'exchange')", name=op.f("ck_return_request_kind")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_return_request_location")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_return_request_order_id")),
        sa.ForeignKeyConstraint(
            ["replacement_order_id"], ["sales_order.order_id"], name=op.f("fk_return_request_replacement_order_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_return_request")),
        sa.UniqueConstraint("number", name=op.f("uq_return_request_number")),
    )
    op.create_index(op.f("ix_return_request_change_id"), "return_request", ["change_id"], unique=False)
    op.create_index(op.f("ix_return_request_order_id"), "return_request", ["order_id"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("shipment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("wave_id", sa.BigInteger(), nullable=True),
        sa.Column("delivery_method", sa.Text(), nullable=True),
        sa.Column("carrier", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("shipped_at", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at", sa.BigInteger(), nullable=True),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_shipment_location")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_shipment_order_id")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.wave_id"], name=op.f("fk_shipment_wave_id")),
        sa.PrimaryKeyConstraint("shipment_id", name=op.f("pk_shipment")),
        sa.UniqueConstraint("number", name=op.f("uq_shipment_number")),
    )
    op.create_index(op.f("ix_shipment_change_id"), "shipment", ["change_id"], unique=False)
    op.create_index(op.f("ix_shipment_order_id"), "shipment", ["order_id"], unique=False)
    op.create_index(op.f("ix_shipment_wave_id"), "shipment", ["wave_id"], unique=False)
    op.create_table(
        "stored_value_entry",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("stored_value_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payment_event_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('issue', 'redeem', 'give_back', 'expire', 'correct')", name=op.f("ck_stored_value_entry_kind")
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_stored_value_entry_amount")),
        sa.ForeignKeyConstraint(
            ["stored_value_id"], ["stored_value.stored_value_id"], name=op.f("fk_stored_value_entry_stored_value_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_stored_value_entry")),
        sa.UniqueConstraint(
            "stored_value_id", "source_key", name=op.f("uq_stored_value_entry_stored_value_id_source_key")
        ),
    )
    op.create_index(op.f("ix_stored_value_entry_change_id"), "stored_value_entry", ["change_id"], unique=False)
    op.create_index(
        op.f("ix_stored_value_entry_stored_value_id"), "stored_value_entry", ["stored_value_id"], unique=False
    )
    op.create_table(
        "backorder_peg",
        sa.Column("peg_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("po_line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("promised_at", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_backorder_peg_quantity")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_backorder_peg_line_id")),
        sa.ForeignKeyConstraint(
            ["po_line_id"], ["purchase_order_line.po_line_id"], name=op.f("fk_backorder_peg_po_line_id")
        ),
        sa.PrimaryKeyConstraint("peg_id", name=op.f("pk_backorder_peg")),
    )
    op.create_index(op.f("ix_backorder_peg_change_id"), "backorder_peg", ["change_id"], unique=False)
    op.create_index(op.f("ix_backorder_peg_line_id"), "backorder_peg", ["line_id"], unique=False)
    op.create_index(op.f("ix_backorder_peg_po_line_id"), "backorder_peg", ["po_line_id"], unique=False)
    op.create_table(
        "handover_code",
        sa.Column("shipment_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("tries_left", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("tries_left >= 0", name=op.f("ck_handover_code_tries")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.shipment_id"], name=op.f("fk_handover_code_shipment_id")),
        sa.PrimaryKeyConstraint("shipment_id", name=op.f("pk_handover_code")),
    )
    op.create_table(
        "line_allocation",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.Column("last_allocation_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("reserved >= 0 and allocated >= 0", name=op.f("ck_line_allocation_promised")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_line_allocation_line_id")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_line_allocation_location")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_line_allocation_order_id")),
        sa.PrimaryKeyConstraint("line_id", "location", name=op.f("pk_line_allocation")),
    )
    op.create_index(op.f("ix_line_allocation_change_id"), "line_allocation", ["change_id"], unique=False)
    op.create_index(op.f("ix_line_allocation_order_id"), "line_allocation", ["order_id"], unique=False)
    reserved = sa.text("reserved > 0")
    op.create_index(
        "ix_line_allocation_reserved",
        "line_allocation",
        ["line_id"],
        sqlite_where=reserved,
        postgresql_where=reserved,
    )
    op.create_table(
        "line_entry",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("discount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("source_kind", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('cancel', 'move') or (amount = 0 and discount = 0 and tax = 0)",
            name=op.f("ck_line_entry_amounts"),
        ),
        sa.CheckConstraint(
            "kind in ('cancel', 'ship', 'deliver', 'return_request', 'return', 'restock', 'write_off', 'send_back', 'move')",
            name=op.f("ck_line_entry_kind"),
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_line_entry_quantity")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_line_entry_line_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_line_entry_order_id")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_line_entry")),
    )
    op.create_index(op.f("ix_line_entry_change_id"), "line_entry", ["change_id"], unique=False)
    op.create_index(op.f("ix_line_entry_line_id"), "line_entry", ["line_id"], unique=False)
    op.create_table(
        "order_adjustment_share",
        sa.Column("adjustment_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["adjustment_id"], ["order_adjustment.adjustment_id"], name=op.f("fk_order_adjustment_share_adjustment_id")
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_order_adjustment_share_line_id")),
        sa.PrimaryKeyConstraint("adjustment_id", "line_id", name=op.f("pk_order_adjustment_share")),
    )
    op.create_index(op.f("ix_order_adjustment_share_change_id"), "order_adjustment_share", ["change_id"], unique=False)
    op.create_table(
        "order_hold_release",
        sa.Column("hold_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resolution", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["hold_id"], ["order_hold.hold_id"], name=op.f("fk_order_hold_release_hold_id")),
        sa.PrimaryKeyConstraint("hold_id", name=op.f("pk_order_hold_release")),
    )
    op.create_index(op.f("ix_order_hold_release_change_id"), "order_hold_release", ["change_id"], unique=False)
    op.create_table(
        "package",
        sa.Column("package_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("sscc", sa.Text(), nullable=True),
        sa.Column("tracking_number", sa.Text(), nullable=True),
        sa.Column("weight_grams", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.shipment_id"], name=op.f("fk_package_shipment_id")),
        sa.PrimaryKeyConstraint("package_id", name=op.f("pk_package")),
    )
    op.create_index(op.f("ix_package_change_id"), "package", ["change_id"], unique=False)
    op.create_index(op.f("ix_package_shipment_id"), "package", ["shipment_id"], unique=False)
    op.create_index(op.f("ix_package_tracking_number"), "package", ["tracking_number"], unique=False)
    op.create_table(
        "payment_event",
        sa.Column("payment_event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("base_rate", sa.BigInteger(), nullable=True),
        sa.Column("base_rate_scale", sa.SmallInteger(), nullable=True),
        sa.Column("base_amount", sa.BigInteger(), nullable=True),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("provider_ref", sa.Text(), nullable=False),
        sa.Column("return_request_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('authorize', 'capture', 'void', 'refund', 'fail', 'charge_back', 'charge_back_reversed')",
            name=op.f("ck_payment_event_kind"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_payment_event_amount")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_payment_event_order_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.payment_id"], name=op.f("fk_payment_event_payment_id")),
        sa.ForeignKeyConstraint(
            ["return_request_id"], ["return_request.request_id"], name=op.f("fk_payment_event_return_request_id")
        ),
        sa.PrimaryKeyConstraint("payment_event_id", name=op.f("pk_payment_event")),
        sa.UniqueConstraint(
            "provider", "provider_ref", "kind", name=op.f("uq_payment_event_provider_provider_ref_kind")
        ),
    )
    op.create_index(op.f("ix_payment_event_change_id"), "payment_event", ["change_id"], unique=False)
    op.create_index(op.f("ix_payment_event_order_id"), "payment_event", ["order_id"], unique=False)
    op.create_index(op.f("ix_payment_event_payment_id"), "payment_event", ["payment_id"], unique=False)
    op.create_table(
        "return_request_line",
        sa.Column("request_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replacement_sku", sa.Text(), nullable=True),
        sa.Column("received_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("restocked_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("scrapped_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("damaged_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_back_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("given_up_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_entry_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_request_line_quantity")),
        sa.CheckConstraint(
            "received_quantity + given_up_quantity <= quantity", name=op.f("ck_return_request_line_received")
        ),
        sa.CheckConstraint(
            "restocked_quantity + scrapped_quantity + damaged_quantity + sent_back_quantity <= received_quantity",
            name=op.f("ck_return_request_line_graded"),
        ),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_return_request_line_line_id")),
        sa.ForeignKeyConstraint(["replacement_sku"], ["sku.sku"], name=op.f("fk_return_request_line_replacement_sku")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["return_request.request_id"], name=op.f("fk_return_request_line_request_id")
        ),
        sa.PrimaryKeyConstraint("request_line_id", name=op.f("pk_return_request_line")),
        sa.UniqueConstraint("request_id", "line_id", name=op.f("uq_return_request_line_request_id_line_id")),
    )
    op.create_index(op.f("ix_return_request_line_change_id"), "return_request_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_return_request_line_line_id"), "return_request_line", ["line_id"], unique=False)
    op.create_table(
        "shipment_line",
        sa.Column("shipment_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("picked_quantity", sa.BigInteger(), nullable=True),
        sa.Column("lot", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("picked_quantity between 0 and quantity", name=op.f("ck_shipment_line_picked")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_shipment_line_quantity")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_shipment_line_line_id")),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.shipment_id"], name=op.f("fk_shipment_line_shipment_id")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_shipment_line_sku")),
        sa.PrimaryKeyConstraint("shipment_line_id", name=op.f("pk_shipment_line")),
    )
    op.create_index(op.f("ix_shipment_line_change_id"), "shipment_line", ["change_id"], unique=False)
    op.create_index(op.f("ix_shipment_line_line_id"), "shipment_line", ["line_id"], unique=False)
    op.create_index(op.f("ix_shipment_line_shipment_id"), "shipment_line", ["shipment_id"], unique=False)
    op.create_table(
        "stock_allocation",
        sa.Column("allocation_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("pending_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(kind = 'reserve') = (expires_at is not null)", name=op.f("ck_stock_allocation_expires")),
        sa.CheckConstraint(
            "(kind in ('post', 'void', 'expire')) = (pending_id is not null)", name=op.f("ck_stock_allocation_pending")
        ),
        sa.CheckConstraint(
            "kind in ('reserve', 'post', 'void', 'expire', 'allocate', 'release', 'ship')",
            name=op.f("ck_stock_allocation_kind"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_allocation_quantity")),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.line_id"], name=op.f("fk_stock_allocation_line_id")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_stock_allocation_location")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_stock_allocation_order_id")),
        sa.ForeignKeyConstraint(
            ["pending_id"], ["stock_allocation.allocation_id"], name=op.f("fk_stock_allocation_pending_id")
        ),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_stock_allocation_sku")),
        sa.PrimaryKeyConstraint("allocation_id", name=op.f("pk_stock_allocation")),
        sa.UniqueConstraint("pending_id", name=op.f("uq_stock_allocation_pending_id")),
    )
    op.create_index(op.f("ix_stock_allocation_change_id"), "stock_allocation", ["change_id"], unique=False)
    op.create_index(
        "ix_stock_allocation_expiry",
        "stock_allocation",
        ["expires_at"],
        unique=False,
        sqlite_where=sa.text("kind = 'reserve'"),
        postgresql_where=sa.text("kind = 'reserve'"),
    )
    op.create_index(op.f("ix_stock_allocation_line_id"), "stock_allocation", ["line_id"], unique=False)
    op.create_index(op.f("ix_stock_allocation_order_id"), "stock_allocation", ["order_id"], unique=False)
    op.create_table(
        "tracking_event",
        sa.Column("tracking_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shipment_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shipment_id"], ["shipment.shipment_id"], name=op.f("fk_tracking_event_shipment_id")),
        sa.PrimaryKeyConstraint("tracking_id", name=op.f("pk_tracking_event")),
        sa.UniqueConstraint("source", "source_key", name=op.f("uq_tracking_event_source_source_key")),
    )
    op.create_index(op.f("ix_tracking_event_change_id"), "tracking_event", ["change_id"], unique=False)
    op.create_index(op.f("ix_tracking_event_shipment_id"), "tracking_event", ["shipment_id"], unique=False)
    op.create_table(
        "return_entry",
        sa.Column("entry_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request_line_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind in ('receive', 'restock', 'scrap', 'damage', 'send_back', 'give_up')",
            name=op.f("ck_return_entry_kind"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_entry_quantity")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_return_entry_location")),
        sa.ForeignKeyConstraint(
            ["request_line_id"], ["return_request_line.request_line_id"], name=op.f("fk_return_entry_request_line_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_return_entry")),
    )
    op.create_index(op.f("ix_return_entry_change_id"), "return_entry", ["change_id"], unique=False)
    op.create_index("ix_return_entry_line", "return_entry", ["request_line_id"], unique=False)
