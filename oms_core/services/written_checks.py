"""Whether every row was written by a command or a feed that is on record, and says the same as its audit entry.

What somebody rewrote consistently in every table that tells of it is not found here: that is the hash chain's work.
"""

import hashlib
from collections import Counter
from typing import Any

import sqlalchemy as sa

from oms_core.storage.tables import JOURNALS, KEPT, audit_entry, command, feed_message, outbox_message

_Rows = list[dict[str, Any]]
_MOST = 100
# Not written by a use case or a feed batch of their own: the inbox is its own record.
_OWN_RECORD = {"command", "feed_message", "feed_applied"}
_WRITERS = """
    select change_id, recorded_at, actor from command
    union select change_id, recorded_at, null from feed_applied"""


def written_checks() -> dict[str, tuple[str, str]]:
    """For each journal and kept table: rows that no recorded command or feed batch explains."""
    checks = {}
    for table in (*JOURNALS, *KEPT):
        if table.name not in _OWN_RECORD:
            meaning = f"each row of {table.name} was written by a command or a feed that is on record"
            checks[f"{table.name}_was_written_by_somebody"] = (meaning, _unexplained(table, journal=table in JOURNALS))
    return checks


def _unexplained(table: sa.Table, *, journal: bool) -> str:
    keys = ", ".join(f't."{column.name}"' for column in table.primary_key.columns)
    same = "w.change_id = t.change_id"
    if journal:  # a kept row takes the change number of its last change, its clock and actor are those of the first
        same += " and w.recorded_at = t.recorded_at"
        if "actor" in table.columns:
            same += " and (w.actor is null or w.actor = t.actor)"
    upgraded = " and t.source_kind <> 'upgrade'" if table.name == "line_entry" else ""
    return f"""
        select {keys}, t.change_id from {table.name} as t
        left join ({_WRITERS}) as w on {same} where w.change_id is null{upgraded}"""


def changed_answers(connection: sa.Connection) -> _Rows:
    """Commands whose answer is not the one that was audited."""
    statement = (
        sa.select(command.c.command_key, command.c.use_case, command.c.result, audit_entry.c.content_sha256)
        .outerjoin(
            audit_entry,
            sa.and_(audit_entry.c.command_key == command.c.command_key, audit_entry.c.action == command.c.use_case),
        )
        .order_by(command.c.command_key)
    )
    same: dict[tuple[str, str], bool] = {}
    for row in connection.execute(statement):
        key = (row.command_key, row.use_case)
        same[key] = same.get(key, False) or _sha256(str(row.result)) == row.content_sha256
    return [{"command_key": key, "use_case": name} for (key, name), sound in same.items() if not sound][:_MOST]


def changed_deliveries(connection: sa.Connection) -> _Rows:
    """Messages of the inbox whose payload is not the one that was received."""
    columns = [feed_message.c[name] for name in ("message_id", "source", "natural_key", "payload", "sha256")]
    rows = connection.execute(sa.select(*columns).execution_options(stream_results=True))
    names = ("message_id", "source", "natural_key")
    return [dict(zip(names, row[:3], strict=True)) for row in rows if _sha256(str(row.payload)) != row.sha256][:_MOST]


def changed_messages(connection: sa.Connection) -> _Rows:
    """Outgoing messages that say something other than what was audited with them, and audited ones that are gone."""
    names = ("change_id", "recorded_at", "topic", "object_kind", "object_ref")
    columns = [outbox_message.c[name] for name in names]
    statement = sa.select(*columns, outbox_message.c.payload)
    sent = Counter((*row[:-1], _sha256(str(row[-1]))) for row in connection.execute(statement))
    columns = [audit_entry.c[name] for name in names]
    statement = sa.select(*columns, audit_entry.c.content_sha256).where(audit_entry.c.topic != "")
    audited = Counter(tuple(row) for row in connection.execute(statement))
    wrong = sorted((sent - audited) + (audited - sent))
    return [dict(zip((*names, "content_sha256"), row, strict=True)) for row in wrong][:_MOST]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
