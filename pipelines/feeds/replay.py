"""Replay: a held row read again by today's map, and applied as a message of its own."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import FeedMessage
from oms_core.services.apply_feed import apply_messages
from oms_core.services.company import now_micros
from oms_core.services.quarantine import resolve, to_replay
from oms_core.settings import Settings
from oms_core.storage.documents import Stamp
from oms_core.storage.engine import reading
from pipelines.feeds.column_map import ColumnMap, find_map, read_map
from pipelines.feeds.errors import MapError
from pipelines.feeds.load import MessageReader, context_of
from pipelines.feeds.staging import StagedRow, key_of

_WHOLE_MESSAGE = ("conflict", "contradiction")


def replay_rows(engine: sa.Engine, settings: Settings, which: str, *, map_path: Path | None = None) -> dict[str, int]:
    """Replay one open row or all. Returns {"tried", "applied"}; a row that fits no better stays held.

    With `map_path` only rows of that map's source are tried.

    Raises:
        InvalidRequestError: QUARANTINE_UNKNOWN. MapError: the map of the one row is not to be found.
    """
    with reading(engine) as connection:
        rows = to_replay(connection, which)
    given = read_map(map_path) if map_path else None
    tried = [row for row in rows if given is None or row["source"] == given.name]
    maps = {row["source"]: given or _map_of(row["source"], settings, must_be=which != "all") for row in tried}
    applied = sum(_replay(engine, column_map, row) for row in tried if (column_map := maps[row["source"]]) is not None)
    return {"tried": len(tried), "applied": applied}


def _map_of(source: str, settings: Settings, *, must_be: bool) -> ColumnMap | None:
    """Today's map of a source; null where it is gone, unless it must be there."""
    try:
        return find_map(source, settings.home)
    except MapError:
        if must_be:
            raise
        return None


def _replay(engine: sa.Engine, column_map: ColumnMap, row: sa.RowMapping) -> bool:
    if row["rule"] in _WHOLE_MESSAGE and not row["row_number"]:
        return False  # what the source must settle: no map can
    context, zone = context_of(engine, column_map, row["account"])
    cells: dict[str, Any] = json.loads(row["payload"])
    header = tuple(cells)
    texts = tuple(str(cell) for cell in cells.values())
    if any(spec.column not in cells for spec in column_map.columns.values()):
        return False  # a row cut short: the source has to send it again
    group, content = key_of(column_map, header, texts)
    occurrence = int(row["row_key"].rpartition("#")[2] or 1)
    staged = StagedRow(row["row_number"], group, content, occurrence, texts)
    reader = MessageReader(column_map, header, context.account.account, zone)
    message = reader.message(group, [staged], row["path"])
    if message.held:
        return False
    # The row's text may have been a message before, when the map could not read it: the map is part of this key.
    salt = hashlib.sha256(f"{message.sha256}@{column_map.sha256}".encode()).hexdigest()
    fresh = _keyed(message, f"replay:{salt}")

    def settle(connection: sa.Connection, stamp: Stamp) -> None:
        resolve(connection, row["quarantine_id"], stamp)

    counts = apply_messages(engine, context, [fresh], now=now_micros(), also=settle)
    return counts.quarantined_rows == 0


def _keyed(message: FeedMessage, key: str) -> FeedMessage:
    values: dict[str, Any] = {name: getattr(message, name) for name in _FIELDS}
    return FeedMessage(**{**values, "message_key": key})


_FIELDS: Sequence[str] = tuple(FeedMessage.__slots__)
