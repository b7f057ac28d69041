"""The tables of the core, as SQLAlchemy Core metadata. Triggers and checks live in `journal_rules.py`.

Conventions, the same in every table:

- An instant is a `BigInteger` of microseconds since 1970-01-01T00:00Z, column suffix `_at`
  (docs/decisions/0002): exact, and equal on SQLite and PostgreSQL.
- Money is a `BigInteger` at the row's own scale (`money_scale`, `cost_scale`: digits after the point, 0–6)
  with an ISO 4217 code on the document. Quantities are whole units.
- `recorded_at` is when we learned of it, `occurred_at` / `placed_at` … when it happened.
- `change_id` is the commit-ordered change number of the row's last insert or update (`storage.changes`).
- Journals (`JOURNALS`) are append-only: the database refuses UPDATE and DELETE.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from oms_core.domain.orders import LINE_KINDS
from oms_core.domain.stock import CONDITIONS, MOVEMENT_KINDS, MOVEMENT_SIGN

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def _one_of(column: str, values: tuple[str, ...], *, name: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} in ({listed})", name=name)


def _signed_by_kind() -> CheckConstraint:
    incoming = ", ".join(f"'{kind}'" for kind, sign in MOVEMENT_SIGN.items() if sign > 0)
    outgoing = ", ".join(f"'{kind}'" for kind, sign in MOVEMENT_SIGN.items() if sign < 0)
    return CheckConstraint(
        f"reverses_id is not null or kind = 'opening' or (kind in ({incoming}) and quantity > 0)"
        f" or (kind in ({outgoing}) and quantity < 0)",
        name="sign",
    )


def _clocks() -> tuple[Column[int], Column[int]]:
    return (
        Column("recorded_at", BigInteger, nullable=False),
        Column("change_id", BigInteger, nullable=False, index=True),
    )


# --- the company, its accounts, places and goods ---------------------------------------------------

company_setting = Table(
    "company_setting",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("time_zone", Text, nullable=False),
    Column("base_currency", Text),
    Column("actor", Text, nullable=False),
    *_clocks(),
)

channel_account = Table(
    "channel_account",
    metadata,
    Column("account", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("moves_stock", Boolean, nullable=False),
    *_clocks(),
)

location = Table(
    "location",
    metadata,
    Column("location", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("country", Text),
    Column("allows_negative_stock", Boolean, nullable=False),
    Column("opening_from_first_balance", Boolean, nullable=False),
    Column("valuation", Text, nullable=False),
    Column("listing", Text, nullable=False),
    *_clocks(),
    CheckConstraint("valuation in ('dated', 'fifo')", name="valuation"),
    CheckConstraint("listing in ('ever_moved', 'intervals')", name="listing"),
)

sku = Table(
    "sku",
    metadata,
    Column("sku", Text, primary_key=True),
    Column("title", Text),
    Column("category", Text),
    *_clocks(),
)

unit_cost = Table(
    "unit_cost",
    metadata,
    Column("sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("location", Text, primary_key=True),  # '' = valid at every location
    Column("valid_from", BigInteger, primary_key=True),
    Column("unit_cost", BigInteger, nullable=False),
    Column("cost_scale", SmallInteger, nullable=False),
    Column("currency", Text, nullable=False),
    *_clocks(),
    CheckConstraint("unit_cost >= 0 and cost_scale between 0 and 6", name="cost"),
)

# --- customers: the key apart from the person ------------------------------------------------------

customer = Table(
    "customer",
    metadata,
    Column("customer_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    *_clocks(),
)

customer_personal = Table(
    "customer_personal",
    metadata,
    Column("customer_id", BigInteger, ForeignKey("customer.customer_id"), primary_key=True),
    Column("account", Text, nullable=False),
    Column("external_ref", Text, nullable=False),
    Column("name", Text),
    Column("email", Text),
    Column("phone", Text),
    Column("address", Text),
    UniqueConstraint("account", "external_ref"),
)

# --- orders ----------------------------------------------------------------------------------------

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
    *_clocks(),
    UniqueConstraint("account", "external_id"),
)

_line_columns = (
    ("line_kind", Text, False),
    ("sku", Text, True),
    ("title", Text, True),
    ("quantity", BigInteger, False),
    ("unit_price", BigInteger, True),
    ("line_amount", BigInteger, False),  # after discount, without tax, whole line
    ("money_scale", SmallInteger, False),
    ("content_sha256", Text, False),
)

order_line = Table(
    "order_line",
    metadata,
    Column("line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False),
    Column("line_key", Text, nullable=False),
    *(Column(name, kind, nullable=null) for name, kind, null in _line_columns),
    Column("cancelled_quantity", BigInteger, nullable=False, server_default="0"),
    Column("discount_amount", BigInteger, nullable=False, server_default="0"),
    Column("tax_amount", BigInteger),
    *_clocks(),
    UniqueConstraint("order_id", "line_key"),
    ForeignKeyConstraint(["sku"], ["sku.sku"]),
    _one_of("line_kind", LINE_KINDS, name="line_kind"),
    CheckConstraint("money_scale between 0 and 6", name="money_scale"),
    CheckConstraint("cancelled_quantity between 0 and abs(quantity)", name="cancelled_quantity"),
    Index("ix_order_line_sku", "sku"),
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
    *_clocks(),
    ForeignKeyConstraint(
        ["from_state", "event", "to_state"],
        ["order_transition.from_state", "order_transition.event", "order_transition.to_state"],
        name="fk_order_event_transition",
    ),
)

# --- returns, as they arrive in feeds --------------------------------------------------------------

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
    *_clocks(),
    UniqueConstraint("account", "external_id"),
)

return_line = Table(
    "return_line",
    metadata,
    Column("return_line_id", BigInteger, primary_key=True, autoincrement=False),
    Column("return_id", BigInteger, ForeignKey("return_order.return_id"), nullable=False),
    Column("line_key", Text, nullable=False),
    *(Column(name, kind, nullable=null) for name, kind, null in _line_columns),
    Column("reason", Text),
    *_clocks(),
    UniqueConstraint("return_id", "line_key"),
    ForeignKeyConstraint(["sku"], ["sku.sku"]),
    _one_of("line_kind", LINE_KINDS, name="line_kind"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("money_scale between 0 and 6", name="money_scale"),
    Index("ix_return_line_sku", "sku"),
)

# --- stock -----------------------------------------------------------------------------------------

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
    *_clocks(),
    UniqueConstraint("account", "source_key"),
    CheckConstraint("quantity <> 0", name="quantity"),
    _signed_by_kind(),
    _one_of("condition", CONDITIONS, name="condition"),
    _one_of("kind", MOVEMENT_KINDS, name="kind"),
    Index("ix_stock_movement_ledger", "sku", "location", "condition", "occurred_at"),
    Index(
        "ix_stock_movement_opening",
        "sku",
        sqlite_where=text("kind = 'opening'"),
        postgresql_where=text("kind = 'opening'"),
    ),
    Index("ix_stock_movement_order", "order_external_id", "order_account"),
)

stock_balance = Table(
    "stock_balance",
    metadata,
    Column("sku", Text, ForeignKey("sku.sku"), primary_key=True),
    Column("location", Text, ForeignKey("location.location"), primary_key=True),
    Column("condition", Text, primary_key=True),
    Column("on_hand", BigInteger, nullable=False),  # kept by trigger from stock_movement
    Column("committed", BigInteger, nullable=False),  # allocated + reserved, on sellable only
    Column("shortage", BigInteger, nullable=False),  # units a recorded fact took beyond what was there
    Column("allows_negative", Boolean, nullable=False),  # the location's policy, kept by trigger
    Column("last_movement_id", BigInteger, nullable=False),  # the movement that made it what it is
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
    *_clocks(),
    UniqueConstraint("sku", "location", "condition", "observed_at", "account"),
    _one_of("condition", CONDITIONS, name="condition"),
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
    *_clocks(),
    CheckConstraint("kind in ('negative_stock', 'shortage')", name="kind"),
)

# --- the feed inbox --------------------------------------------------------------------------------

feed_message = Table(
    "feed_message",
    metadata,
    Column("source", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("message_key", Text, primary_key=True),
    Column("message_id", BigInteger, nullable=False, unique=True),
    Column("natural_key", Text, nullable=False),
    Column("source_version", BigInteger),
    Column("payload", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
)

feed_applied = Table(
    "feed_applied",
    metadata,
    Column("message_id", BigInteger, ForeignKey("feed_message.message_id"), primary_key=True),
    Column("outcome", Text, nullable=False),  # applied | stale
    *_clocks(),
    CheckConstraint("outcome in ('applied', 'stale')", name="outcome"),
)

feed_quarantine = Table(
    "feed_quarantine",
    metadata,
    Column("quarantine_id", BigInteger, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("message_id", BigInteger),  # the message it came in; null for one refused whole
    Column("row_key", Text, nullable=False),  # group key, content and occurrence: the row, wherever it stood
    Column("path", Text, nullable=False),  # file name, first in order when seen in several
    Column("row_number", BigInteger, nullable=False),  # 1 = the first line of the file
    Column("column", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("value", Text),
    Column("reason", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON object, source column → text as received
    Column("state", Text, nullable=False),  # open | applied | discarded
    Column("times_seen", Integer, nullable=False),
    *_clocks(),
    UniqueConstraint("source", "account", "kind", "row_key", "column", "rule"),
    CheckConstraint("state in ('open', 'applied', 'discarded')", name="state"),
)

feed_file = Table(
    "feed_file",
    metadata,
    Column("source", Text, primary_key=True),
    Column("account", Text, primary_key=True),
    Column("file_sha256", Text, primary_key=True),
    Column("map_sha256", Text, primary_key=True),
    Column("path", Text, nullable=False),  # file name without its folder
    Column("messages", BigInteger, nullable=False),
    *_clocks(),
)

# --- numbers handed out under the write lock (SQLite) ----------------------------------------------

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

JOURNALS = (order_event, stock_movement, stock_snapshot, feed_message, feed_applied)
