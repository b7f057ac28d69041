"""First release: accounts, goods, orders, returns, the stock ledger and the feed inbox."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; what goes with every release (`storage.schema`) comes after the last migration."""
    _create_tables()
    op.execute(_MESSAGE_STATE)


_MESSAGE_STATE = """
create view feed_message_state as
select
    feed_message.message_id,
    feed_message.source,
    feed_message.account,
    feed_message.kind,
    feed_message.natural_key,
    feed_message.received_at,
    case
        when exists (
            select 1 from feed_quarantine
            where feed_quarantine.message_id = feed_message.message_id and feed_quarantine.state = 'open'
        ) then 'quarantined'
        else coalesce(feed_applied.outcome, 'received')
    end as state
from feed_message
left join feed_applied on feed_message.message_id = feed_applied.message_id
"""


def _create_tables() -> None:
    op.create_table(
        "channel_account",
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("moves_stock", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_channel_account")),
    )
    op.create_index(op.f("ix_channel_account_change_id"), "channel_account", ["change_id"], unique=False)
    op.create_table(
        "company_setting",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_company_setting")),
    )
    op.create_index(op.f("ix_company_setting_change_id"), "company_setting", ["change_id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "feed_file",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("map_sha256", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "account", "file_sha256", "map_sha256", name=op.f("pk_feed_file")),
    )
    op.create_index(op.f("ix_feed_file_change_id"), "feed_file", ["change_id"], unique=False)
    op.create_table(
        "feed_message",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "account", "kind", "message_key", name=op.f("pk_feed_message")),
        sa.UniqueConstraint("message_id", name=op.f("uq_feed_message_message_id")),
    )
    op.create_table(
        "feed_quarantine",
        sa.Column("quarantine_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("row_number", sa.BigInteger(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("fix", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("times_seen", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state in ('open', 'applied', 'discarded')", name=op.f("ck_feed_quarantine_state")),
        sa.PrimaryKeyConstraint("quarantine_id", name=op.f("pk_feed_quarantine")),
        sa.UniqueConstraint(
            "source",
            "account",
            "kind",
            "row_key",
            "column",
            "rule",
            name=op.f("uq_feed_quarantine_source_account_kind_row_key_column_rule"),
        ),
    )
    op.create_index(op.f("ix_feed_quarantine_change_id"), "feed_quarantine", ["change_id"], unique=False)
    op.create_table(
        "location",
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("allows_negative_stock", sa.Boolean(), nullable=False),
        sa.Column("opening_from_first_balance", sa.Boolean(), nullable=False),
        sa.Column("valuation", sa.Text(), nullable=False),
        sa.Column("listing", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("listing in ('ever_moved', 'intervals')", name=op.f("ck_location_listing")),
        sa.CheckConstraint("valuation in ('dated', 'fifo')", name=op.f("ck_location_valuation")),
        sa.PrimaryKeyConstraint("location", name=op.f("pk_location")),
    )
    op.create_index(op.f("ix_location_change_id"), "location", ["change_id"], unique=False)
    op.create_table(
        "order_transition",
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("from_state", "event", "to_state", name=op.f("pk_order_transition")),
    )
    op.create_table(
        "sku",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_sku")),
    )
    op.create_index(op.f("ix_sku_change_id"), "sku", ["change_id"], unique=False)
    op.create_table(
        "stock_exception",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('negative_stock', 'shortage')", name=op.f("ck_stock_exception_kind")),
        sa.PrimaryKeyConstraint("kind", "sku", "location", "condition", "source_key", name=op.f("pk_stock_exception")),
    )
    op.create_index(op.f("ix_stock_exception_change_id"), "stock_exception", ["change_id"], unique=False)
    op.create_table(
        "customer",
        sa.Column("customer_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_customer_account")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer")),
    )
    op.create_index(op.f("ix_customer_change_id"), "customer", ["change_id"], unique=False)
    op.create_table(
        "feed_applied",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("outcome in ('applied', 'stale')", name=op.f("ck_feed_applied_outcome")),
        sa.ForeignKeyConstraint(["message_id"], ["feed_message.message_id"], name=op.f("fk_feed_applied_message_id")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_feed_applied")),
    )
    op.create_index(op.f("ix_feed_applied_change_id"), "feed_applied", ["change_id"], unique=False)
    op.create_table(
        "stock_balance",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("committed", sa.BigInteger(), nullable=False),
        sa.Column("shortage", sa.BigInteger(), nullable=False),
        sa.Column("allows_negative", sa.Boolean(), nullable=False),
        sa.Column("last_movement_id", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "allows_negative or committed <= on_hand + shortage", name=op.f("ck_stock_balance_not_oversold")
        ),
        sa.CheckConstraint("committed >= 0 and shortage >= 0", name=op.f("ck_stock_balance_signs")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_stock_balance_location")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_stock_balance_sku")),
        sa.PrimaryKeyConstraint("sku", "location", "condition", name=op.f("pk_stock_balance")),
    )
    op.create_index(op.f("ix_stock_balance_change_id"), "stock_balance", ["change_id"], unique=False)
    op.create_table(
        "stock_movement",
        sa.Column("movement_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("order_account", sa.Text(), nullable=True),
        sa.Column("order_external_id", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reverses_id", sa.BigInteger(), nullable=True),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "condition in ('sellable', 'inspection', 'damaged', 'expired', 'recalled')",
            name=op.f("ck_stock_movement_condition"),
        ),
        sa.CheckConstraint(
            "kind in ('opening', 'receive', 'ship', 'transfer_out', 'transfer_in', 'adjust_gain', 'adjust_loss', 'return_in', 'condition_out', 'condition_in', 'scrap', 'kit_consume', 'kit_produce')",
            name=op.f("ck_stock_movement_kind"),
        ),
        sa.CheckConstraint(
            "reverses_id is not null or kind = 'opening' or (kind in ('receive', 'transfer_in', 'adjust_gain', 'return_in', 'condition_in', 'kit_produce') and quantity > 0) or (kind in ('ship', 'transfer_out', 'adjust_loss', 'condition_out', 'scrap', 'kit_consume') and quantity < 0)",
            name=op.f("ck_stock_movement_sign"),
        ),
        sa.CheckConstraint("quantity <> 0", name=op.f("ck_stock_movement_quantity")),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_stock_movement_account")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_stock_movement_location")),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["stock_movement.movement_id"], name=op.f("fk_stock_movement_reverses_id")
        ),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_stock_movement_sku")),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_stock_movement")),
        sa.UniqueConstraint("account", "source_key", name=op.f("uq_stock_movement_account_source_key")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_stock_movement_reverses_id")),
    )
    op.create_index(op.f("ix_stock_movement_change_id"), "stock_movement", ["change_id"], unique=False)
    op.create_index(
        "ix_stock_movement_ledger", "stock_movement", ["sku", "location", "condition", "occurred_at"], unique=False
    )
    op.create_index(
        "ix_stock_movement_opening",
        "stock_movement",
        ["sku"],
        unique=False,
        sqlite_where=sa.text("kind = 'opening'"),
        postgresql_where=sa.text("kind = 'opening'"),
    )
    op.create_index("ix_stock_movement_order", "stock_movement", ["order_external_id", "order_account"], unique=False)
    op.create_table(
        "stock_snapshot",
        sa.Column("snapshot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=True),
        sa.Column("cost_scale", sa.SmallInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "condition in ('sellable', 'inspection', 'damaged', 'expired', 'recalled')",
            name=op.f("ck_stock_snapshot_condition"),
        ),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_stock_snapshot_account")),
        sa.ForeignKeyConstraint(["location"], ["location.location"], name=op.f("fk_stock_snapshot_location")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_stock_snapshot_sku")),
        sa.PrimaryKeyConstraint("snapshot_id", name=op.f("pk_stock_snapshot")),
        sa.UniqueConstraint(
            "sku",
            "location",
            "condition",
            "observed_at",
            "account",
            name=op.f("uq_stock_snapshot_sku_location_condition_observed_at_account"),
        ),
    )
    op.create_index(op.f("ix_stock_snapshot_change_id"), "stock_snapshot", ["change_id"], unique=False)
    op.create_table(
        "unit_cost",
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("unit_cost", sa.BigInteger(), nullable=False),
        sa.Column("cost_scale", sa.SmallInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("unit_cost >= 0 and cost_scale between 0 and 6", name=op.f("ck_unit_cost_cost")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_unit_cost_sku")),
        sa.PrimaryKeyConstraint("sku", "location", "valid_from", name=op.f("pk_unit_cost")),
    )
    op.create_index(op.f("ix_unit_cost_change_id"), "unit_cost", ["change_id"], unique=False)
    op.create_table(
        "customer_personal",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.customer_id"], name=op.f("fk_customer_personal_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_personal")),
        sa.UniqueConstraint("account", "external_ref", name=op.f("uq_customer_personal_account_external_ref")),
    )
    op.create_table(
        "return_order",
        sa.Column("return_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("order_external_id", sa.Text(), nullable=True),
        sa.Column("returned_at", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("base_rate", sa.BigInteger(), nullable=True),
        sa.Column("base_rate_scale", sa.SmallInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_return_order_account")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name=op.f("fk_return_order_customer_id")),
        sa.PrimaryKeyConstraint("return_id", name=op.f("pk_return_order")),
        sa.UniqueConstraint("account", "external_id", name=op.f("uq_return_order_account_external_id")),
    )
    op.create_index(op.f("ix_return_order_change_id"), "return_order", ["change_id"], unique=False)
    op.create_index(op.f("ix_return_order_returned_at"), "return_order", ["returned_at"], unique=False)
    op.create_table(
        "sales_order",
        sa.Column("order_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("base_currency", sa.Text(), nullable=True),
        sa.Column("base_rate", sa.BigInteger(), nullable=True),
        sa.Column("base_rate_scale", sa.SmallInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("lifecycle", sa.Text(), nullable=False),
        sa.Column("last_event_seq", sa.Integer(), nullable=False),
        sa.Column("source_version", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account"], ["channel_account.account"], name=op.f("fk_sales_order_account")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.customer_id"], name=op.f("fk_sales_order_customer_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_sales_order")),
        sa.UniqueConstraint("account", "external_id", name=op.f("uq_sales_order_account_external_id")),
    )
    op.create_index(op.f("ix_sales_order_change_id"), "sales_order", ["change_id"], unique=False)
    op.create_index(op.f("ix_sales_order_placed_at"), "sales_order", ["placed_at"], unique=False)
    op.create_table(
        "order_event",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_state", "event", "to_state"],
            ["order_transition.from_state", "order_transition.event", "order_transition.to_state"],
            name="fk_order_event_transition",
        ),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_event_order_id")),
        sa.PrimaryKeyConstraint("order_id", "seq", name=op.f("pk_order_event")),
    )
    op.create_index(op.f("ix_order_event_change_id"), "order_event", ["change_id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("line_kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("line_amount", sa.BigInteger(), nullable=False),
        sa.Column("money_scale", sa.SmallInteger(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("cancelled_quantity", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("discount_amount", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "line_kind in ('item', 'shipping', 'fee', 'discount', 'gift_card', 'tip', 'write_off', 'adjustment')",
            name=op.f("ck_order_line_line_kind"),
        ),
        sa.CheckConstraint(
            "cancelled_quantity between 0 and abs(quantity)", name=op.f("ck_order_line_cancelled_quantity")
        ),
        sa.CheckConstraint("money_scale between 0 and 6", name=op.f("ck_order_line_money_scale")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.order_id"], name=op.f("fk_order_line_order_id")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_order_line_sku")),
        sa.PrimaryKeyConstraint("line_id", name=op.f("pk_order_line")),
        sa.UniqueConstraint("order_id", "line_key", name=op.f("uq_order_line_order_id_line_key")),
    )
    op.create_index(op.f("ix_order_line_change_id"), "order_line", ["change_id"], unique=False)
    op.create_index("ix_order_line_sku", "order_line", ["sku"], unique=False)
    op.create_table(
        "return_line",
        sa.Column("return_line_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("return_id", sa.BigInteger(), nullable=False),
        sa.Column("line_key", sa.Text(), nullable=False),
        sa.Column("line_kind", sa.Text(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.BigInteger(), nullable=True),
        sa.Column("line_amount", sa.BigInteger(), nullable=False),
        sa.Column("money_scale", sa.SmallInteger(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "line_kind in ('item', 'shipping', 'fee', 'discount', 'gift_card', 'tip', 'write_off', 'adjustment')",
            name=op.f("ck_return_line_line_kind"),
        ),
        sa.CheckConstraint("money_scale between 0 and 6", name=op.f("ck_return_line_money_scale")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_line_quantity")),
        sa.ForeignKeyConstraint(["return_id"], ["return_order.return_id"], name=op.f("fk_return_line_return_id")),
        sa.ForeignKeyConstraint(["sku"], ["sku.sku"], name=op.f("fk_return_line_sku")),
        sa.PrimaryKeyConstraint("return_line_id", name=op.f("pk_return_line")),
        sa.UniqueConstraint("return_id", "line_key", name=op.f("uq_return_line_return_id_line_key")),
    )
    op.create_index(op.f("ix_return_line_change_id"), "return_line", ["change_id"], unique=False)
    op.create_index("ix_return_line_sku", "return_line", ["sku"], unique=False)
