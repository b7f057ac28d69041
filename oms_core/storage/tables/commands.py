"""Commands: every one with its key and answer, what the audit keeps, what is to be sent; and four eyes."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    Table,
    Text,
)

from oms_core.storage.tables.base import clocks, metadata

command = Table(
    "command",
    metadata,
    Column("command_key", Text, primary_key=True),
    Column("use_case", Text, nullable=False),
    Column("request_sha256", Text, nullable=False),
    Column("result", Text, nullable=False),  # JSON, given again when the key comes again
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("change_id", BigInteger, nullable=False),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("entry_id", BigInteger, primary_key=True, autoincrement=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_ref", Text, nullable=False),
    Column("reason", Text),
    Column("command_key", Text, nullable=False),
    Column("topic", Text, nullable=False),  # of the outbox message that tells of it; '': nobody is told
    Column("content_sha256", Text, nullable=False),  # of the document the action left behind
    *clocks(),
    Index("ix_audit_entry_object", "object_ref", "object_kind"),
    Index("ix_audit_entry_command", "command_key"),
)

outbox_message = Table(
    "outbox_message",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("message_key", Text, nullable=False, unique=True),
    Column("topic", Text, nullable=False),
    Column("object_kind", Text, nullable=False),
    Column("object_ref", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON without personal data
    *clocks(),
)

approval = Table(
    "approval",
    metadata,
    Column("approval_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("use_case", Text, nullable=False),
    Column("request", Text, nullable=False),  # JSON of the request that waits
    Column("requested_by", Text, nullable=False),
    Column("decided_by", Text),
    Column("reason", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("last_event_seq", Integer, nullable=False),
    Column("actor", Text, nullable=False),
    *clocks(),
    CheckConstraint("decided_by is null or decided_by <> requested_by", name="four_eyes"),
)

counter = Table(  # numbers handed out under the write lock (SQLite)
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)
