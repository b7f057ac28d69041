"""The feed inbox: every message as received, what became of it, and the rows held back."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)

from oms_core.storage.tables.base import clocks, metadata

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
    *clocks(),
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
    *clocks(),
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
    *clocks(),
)

feed_parked = Table(  # facts that came before the document they belong to; applied and deleted when it comes
    "feed_parked",
    metadata,
    Column("parked_id", BigInteger, primary_key=True, autoincrement=False),
    Column("account", Text, nullable=False),
    Column("waits_for", Text, nullable=False),  # order/NUMBER | purchase_order/NUMBER | purchase_line/NUMBER/KEY
    Column("kind", Text, nullable=False),
    Column("message_id", BigInteger),
    Column("fact", Text, nullable=False),  # JSON, no personal data
    *clocks(),
    Index("ix_feed_parked_waits_for", "account", "waits_for"),
)
