"""The inbox: every message as received, which of them were applied, and the rows held back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import FeedMessage, HeldRow
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import feed_applied, feed_file, feed_message, feed_quarantine

_QUARANTINE_COLUMNS = [
    "quarantine_id",
    "source",
    "account",
    "kind",
    "message_id",
    "row_key",
    "path",
    "row_number",
    "column",
    "rule",
    "value",
    "reason",
    "fix",
    "payload",
    "state",
    "times_seen",
    "recorded_at",
    "change_id",
]


@dataclass(frozen=True, slots=True)
class Sender:
    """Who a message comes from: the format it is read by and the account it belongs to."""

    source: str
    account: str


@dataclass(slots=True)
class Sorted:
    """Messages of a batch by what the inbox knows of them."""

    fresh: list[FeedMessage]
    repeated: list[FeedMessage]
    conflicting: list[FeedMessage]


def sort_out(connection: sa.Connection, sender: Sender, messages: Sequence[FeedMessage]) -> Sorted:
    """Tell new messages from repetitions (same key, same content) and conflicts (same key, other content)."""
    columns = (feed_message.c.kind, feed_message.c.message_key, feed_message.c.sha256)
    statement = sa.select(*columns).where(
        feed_message.c.source == sender.source,
        feed_message.c.account == sender.account,
        feed_message.c.kind.in_({message.kind for message in messages}),
    )
    keys = {message.message_key for message in messages}
    known = {
        (kind, key): sha256
        for kind, key, sha256 in select_where_in(connection, statement, feed_message.c.message_key, keys)
    }
    result = Sorted([], [], [])
    for message in messages:
        identity = (message.kind, message.message_key)
        if identity not in known:
            known[identity] = message.sha256
            result.fresh.append(message)
        elif known[identity] == message.sha256:
            result.repeated.append(message)
        else:
            result.conflicting.append(message)
    return result


def store(connection: sa.Connection, sender: Sender, messages: Sequence[FeedMessage], stamp: Stamp) -> list[int]:
    """Keep messages as received; returns their ids, in order."""
    ids = list(take_ids(connection, "feed_message", len(messages)))
    columns = [
        "source",
        "account",
        "kind",
        "message_key",
        "message_id",
        "natural_key",
        "source_version",
        "payload",
        "sha256",
        "received_at",
    ]
    rows = [
        (
            sender.source,
            sender.account,
            message.kind,
            message.message_key,
            message_id,
            message.natural_key,
            message.source_version,
            message.payload,
            message.sha256,
            stamp.recorded_at,
        )
        for message_id, message in zip(ids, messages, strict=True)
    ]
    insert_rows(connection, feed_message, columns, rows)
    return ids


def mark_applied(connection: sa.Connection, outcomes: Iterable[tuple[int, str]], stamp: Stamp) -> None:
    """Record that each (message id, `applied` | `stale`) took effect, in the transaction of the effect."""
    rows = [(message_id, outcome, stamp.recorded_at, stamp.change_id) for message_id, outcome in outcomes]
    insert_rows(connection, feed_applied, ("message_id", "outcome", "recorded_at", "change_id"), rows)


def hold(
    connection: sa.Connection, sender: Sender, held: Sequence[tuple[str, int | None, HeldRow]], stamp: Stamp
) -> int:
    """Hold rows back, as (kind, message id, row); a row seen before is counted again. Returns the new ones.

    A row seen in several files keeps the place that comes first in (file name, row number), so that the
    quarantine does not depend on the order of arrival.
    """
    known = _known(connection, sender, held)
    fresh: dict[tuple[str, str, str, str], tuple[int | None, HeldRow]] = {}
    for kind, message_id, row in held:
        identity = (kind, row.row_key, row.column, row.rule)
        if identity in known:
            _seen_again(connection, known[identity], row, stamp)
        else:
            earlier = fresh.get(identity)
            if earlier is None or (row.path, row.row_number) < (earlier[1].path, earlier[1].row_number):
                fresh[identity] = (message_id, row)
    ids = take_ids(connection, "feed_quarantine", len(fresh))
    rows = [
        (
            quarantine_id,
            sender.source,
            sender.account,
            kind,
            message_id,
            row.row_key,
            row.path,
            row.row_number,
            row.column,
            row.rule,
            row.value,
            row.reason,
            row.fix,
            row.payload,
            "open",
            1,
            stamp.recorded_at,
            stamp.change_id,
        )
        for quarantine_id, ((kind, *_), (message_id, row)) in zip(ids, fresh.items(), strict=True)
    ]
    insert_rows(connection, feed_quarantine, _QUARANTINE_COLUMNS, rows)
    return len(rows)


def _known(
    connection: sa.Connection, sender: Sender, held: Sequence[tuple[str, int | None, HeldRow]]
) -> Mapping[tuple[str, str, str, str], Any]:
    row = feed_quarantine.c
    statement = sa.select(row.quarantine_id, row.path, row.row_number, row.kind, row.row_key, row.column, row.rule)
    kinds = {kind for kind, _, _ in held}
    statement = statement.where(row.source == sender.source, row.account == sender.account, row.kind.in_(kinds))
    found = select_where_in(connection, statement, row.row_key, {item.row_key for _, _, item in held})
    return {(row.kind, row.row_key, row.column, row.rule): row for row in found}


def _seen_again(connection: sa.Connection, known: Any, row: HeldRow, stamp: Stamp) -> None:
    path, row_number = min((known.path, known.row_number), (row.path, row.row_number))
    values = {"path": path, "row_number": row_number, "change_id": stamp.change_id}
    same = feed_quarantine.c.quarantine_id == known.quarantine_id
    seen = feed_quarantine.c.times_seen + 1
    connection.execute(feed_quarantine.update().where(same).values(**values, times_seen=seen))


def is_loaded(connection: sa.Connection, sender: Sender, *, file_sha256: str, map_sha256: str) -> int | None:
    """The messages of a file that was loaded whole before by the same map; null where it was not."""
    file = feed_file.c
    same = sa.and_(
        file.source == sender.source,
        file.account == sender.account,
        file.file_sha256 == file_sha256,
        file.map_sha256 == map_sha256,
    )
    return connection.execute(sa.select(file.messages).where(same)).scalar()


def mark_loaded(
    connection: sa.Connection,
    sender: Sender,
    *,
    file_sha256: str,
    map_sha256: str,
    path: str,
    messages: int,
    stamp: Stamp,
) -> None:
    """Record that a file was loaded whole."""
    columns = ["source", "account", "file_sha256", "map_sha256", "path", "messages", "recorded_at", "change_id"]
    row = (sender.source, sender.account, file_sha256, map_sha256, path, messages, stamp.recorded_at, stamp.change_id)
    insert_rows(connection, feed_file, columns, [row])


def payloads(connection: sa.Connection, message_ids: Iterable[int]) -> dict[int, str]:
    """Messages as received, by id."""
    statement = sa.select(feed_message.c.message_id, feed_message.c.payload)
    found = select_where_in(connection, statement, feed_message.c.message_id, message_ids)
    return {row.message_id: row.payload for row in found}
