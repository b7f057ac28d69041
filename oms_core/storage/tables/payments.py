"""Money that moves: payments and their events, stored value and its entries."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from oms_core.storage.tables.base import clocks, metadata, one_of

PAYMENT_METHODS = (
    "card",
    "debit_card",
    "alipay",
    "wechat_pay",
    "paypal",
    "bank_transfer",
    "cash_on_delivery",
    "store_credit",
    "gift_card",
    "unknown",
)
# Counter of payment -> the kinds of payment_event that raise it, and those that lower it.
PAYMENT_COUNTERS = {
    "authorized_amount": ("authorize", None),
    "captured_amount": ("capture", None),
    "voided_amount": ("void", None),
    "refunded_amount": ("refund", None),
    "charged_back_amount": ("charge_back", "charge_back_reversed"),
    "failed_amount": ("fail", None),
}
PAYMENT_EVENTS = ("authorize", "capture", "void", "refund", "fail", "charge_back", "charge_back_reversed")

payment = Table(
    "payment",
    metadata,
    Column("payment_id", BigInteger, primary_key=True, autoincrement=False),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("account", Text, ForeignKey("channel_account.account"), nullable=False),
    Column("external_id", Text, nullable=False),  # the tender, as the source or the caller names it
    Column("method", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("stored_value_id", BigInteger, ForeignKey("stored_value.stored_value_id")),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in PAYMENT_COUNTERS),  # minor units
    Column("last_payment_event_id", BigInteger, nullable=False, server_default="0"),
    *clocks(),
    UniqueConstraint("account", "external_id"),
    one_of("method", PAYMENT_METHODS, name="method"),
    CheckConstraint(
        "authorized_amount >= 0 and voided_amount >= 0 and refunded_amount >= 0 and charged_back_amount >= 0"
        " and failed_amount >= 0",
        name="signs",
    ),
    CheckConstraint("refunded_amount + charged_back_amount <= captured_amount", name="not_below_zero"),
    CheckConstraint(
        "authorized_amount = 0 or captured_amount + voided_amount <= authorized_amount", name="within_authorization"
    ),
)

payment_event = Table(
    "payment_event",
    metadata,
    Column("payment_event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("payment_id", BigInteger, ForeignKey("payment.payment_id"), nullable=False, index=True),
    Column("order_id", BigInteger, ForeignKey("sales_order.order_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units of `currency`
    Column("currency", Text, nullable=False),
    Column("base_currency", Text),  # null: no rate was known when it happened
    Column("base_rate", BigInteger),
    Column("base_rate_scale", SmallInteger),
    Column("base_amount", BigInteger),  # minor units of base_currency, rounded once
    Column("provider", Text, nullable=False),
    Column("provider_ref", Text, nullable=False),
    Column("return_request_id", BigInteger, ForeignKey("return_request.request_id")),  # the return a refund answers
    Column("reason", Text),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    UniqueConstraint("provider", "provider_ref", "kind"),
    one_of("kind", PAYMENT_EVENTS, name="kind"),
    CheckConstraint("amount > 0", name="amount"),
)

stored_value = Table(
    "stored_value",
    metadata,
    Column("stored_value_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("code_hash", Text, nullable=False, unique=True),  # the code itself is not kept
    Column("customer_id", BigInteger, ForeignKey("customer.customer_id")),
    Column("currency", Text, nullable=False),
    Column("balance", BigInteger, nullable=False),  # kept by trigger from stored_value_entry
    Column("last_entry_id", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    *clocks(),
    one_of("kind", ("gift_card", "store_credit"), name="kind"),
    CheckConstraint("balance >= 0", name="balance"),
)

stored_value_entry = Table(
    "stored_value_entry",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("stored_value_id", BigInteger, ForeignKey("stored_value.stored_value_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("source_key", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # minor units; issued above zero, redeemed below
    Column("payment_event_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    *clocks(),
    UniqueConstraint("stored_value_id", "source_key"),
    one_of("kind", ("issue", "redeem", "give_back", "expire", "correct"), name="kind"),
    CheckConstraint("amount <> 0", name="amount"),
)
