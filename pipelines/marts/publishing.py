"""Publishes a snapshot: copy to a new file, verify it, make it durable, move the pointer, remove what is not kept.

Every step up to the move of `CURRENT` leaves readers where they were, whenever the process ends.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from pipelines.marts.compilation import Compiled
from pipelines.marts.errors import SnapshotUnsoundError
from pipelines.marts.snapshots import POINTER, current_id, lease_path, marts_dir, snapshot_ids
from pipelines.marts.templates import metric_document
from pipelines.resources import file_lock

KEPT_NEWEST = 3
_PINS_DIR = "pins"
_PUBLISHED_SCHEMAS = ("marts", "reports")
_META = """
create schema meta;
create table meta.snapshot (document varchar not null);
create table meta.metric (name varchar primary key, position integer not null, document varchar not null);
create table meta.template (
    name varchar primary key,
    kind varchar not null,
    is_money boolean not null,
    dimensions varchar not null,
    sql varchar not null,
    version varchar not null,
    lineage varchar not null
);
create table meta.mart (name varchar primary key, keys varchar not null);
"""


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: the snapshot's id and the rows of each table in it."""

    snapshot_id: str
    rows: dict[str, int]


def publish(home: Path, analytics_path: Path, *, high_mark: int, compiled: Compiled, now: datetime) -> Published:
    """Publish the marts of the private file as a new snapshot and apply retention.

    Raises:
        SnapshotUnsoundError: SNAPSHOT_UNSOUND, nothing was published.
    """
    folder = marts_dir(home)
    folder.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(folder)
    snapshot_id = _new_id(home, now)
    partial = folder / f"{snapshot_id}.partial"
    rows = _copy(analytics_path, partial, snapshot_id=snapshot_id, high_mark=high_mark, compiled=compiled, now=now)
    _verify(partial, rows)
    _sync(partial)
    partial.rename(folder / f"{snapshot_id}.duckdb")
    _sync(folder)
    point_to(home, snapshot_id)
    remove_expired(home)
    return Published(snapshot_id=snapshot_id, rows=rows)


def point_to(home: Path, snapshot_id: str) -> None:
    """Make a kept snapshot the current one, atomically and durably."""
    folder = marts_dir(home)
    beside = folder / f"{POINTER}.new"
    beside.write_text(snapshot_id + "\n", encoding="utf-8")
    _sync(beside)
    beside.replace(folder / POINTER)
    _sync(folder)


def remove_expired(home: Path) -> list[str]:
    """Remove snapshots that no rule keeps; returns their ids.

    Kept: the current one, the newest three, the last of each month, every pinned one (a file of its name in
    `marts/pins/`) and every one a reader holds a lease on.
    """
    ids = snapshot_ids(home)
    folder = marts_dir(home)
    pinned = {path.name for path in (folder / _PINS_DIR).glob("*")}
    last_of_month = {snapshot_id[:6]: snapshot_id for snapshot_id in ids}
    kept = {*ids[-KEPT_NEWEST:], *last_of_month.values(), *pinned, current_id(home)}
    return [snapshot_id for snapshot_id in ids if snapshot_id not in kept and _remove(folder, snapshot_id)]


def _remove(folder: Path, snapshot_id: str) -> bool:
    path = folder / f"{snapshot_id}.duckdb"
    try:
        lease = file_lock.acquire(lease_path(path))
    except file_lock.LockTakenError:
        return False
    with contextlib.closing(lease), contextlib.suppress(PermissionError):
        path.unlink(missing_ok=True)
        lease_path(path).unlink(missing_ok=True)
        return True
    return False


def _new_id(home: Path, now: datetime) -> str:
    """Time of publishing in UTC to the microsecond; always after every id before it."""
    fresh = now.astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
    newest = max(snapshot_ids(home), default="")
    return fresh if fresh > newest else f"{newest}a"


def _remove_leftovers(folder: Path) -> None:
    """Files of builds that were killed; only the one build that holds the lock gets here."""
    for pattern in ("*.partial", "*.partial.wal", f"{POINTER}.new"):
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)


def _copy(
    analytics_path: Path, partial: Path, *, snapshot_id: str, high_mark: int, compiled: Compiled, now: datetime
) -> dict[str, int]:
    rows: dict[str, int] = {}
    with contextlib.closing(duckdb.connect()) as connection:
        connection.execute(f"attach '{_quoted(analytics_path)}' as built (read_only)")
        connection.execute(f"attach '{_quoted(partial)}' as published")
        for schema, table in _published_tables(connection):
            connection.execute(f'create schema if not exists published."{schema}"')
            target = f'published."{schema}"."{table}"'
            connection.execute(f'create table {target} as select * from built."{schema}"."{table}"')  # noqa: S608 - names come from the file's own catalogue
            rows[f"{schema}.{table}"] = _count(connection, target)
        connection.execute("use published")
        connection.execute(_META)
        _write_meta(connection, snapshot_id=snapshot_id, high_mark=high_mark, compiled=compiled, now=now)
        connection.execute("use memory")
        connection.execute("checkpoint published")
        connection.execute("detach published")
    return rows


def _published_tables(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    found = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = 'built'"
        " and list_contains($schemas, schema_name) order by all",
        {"schemas": list(_PUBLISHED_SCHEMAS)},
    ).fetchall()
    return [(str(schema), str(table)) for schema, table in found]


def _write_meta(
    connection: duckdb.DuckDBPyConnection, *, snapshot_id: str, high_mark: int, compiled: Compiled, now: datetime
) -> None:
    company = connection.execute(
        "select business_zone, base_currency, first_date, last_date from marts.dim_company"
    ).fetchall()
    if not company:
        raise SnapshotUnsoundError(
            "SNAPSHOT_UNSOUND", "dim_company is empty", remedy="Run `oms init`, then build again."
        )
    zone, base_currency, first_date, last_date = company[0]
    document = {
        "id": snapshot_id,
        "published_at": now.astimezone(UTC).isoformat(),
        "high_mark": high_mark,
        "business_zone": zone,
        "base_currency": base_currency,
        "first_date": _iso(first_date),
        "last_date": _iso(last_date),
    }
    connection.execute("insert into meta.snapshot values ($text)", {"text": json.dumps(document)})
    for position, metric in enumerate(compiled.metrics):
        text = json.dumps(metric_document(metric), ensure_ascii=False)
        connection.execute("insert into meta.metric values (?, ?, ?)", (metric.name, position, text))
    for template in compiled.templates:
        connection.execute(
            "insert into meta.template values (?, ?, ?, ?, ?, ?, ?)",
            (
                template.name,
                template.kind,
                template.is_money,
                json.dumps(template.dimensions),
                template.sql,
                template.version,
                json.dumps(template.lineage),
            ),
        )
    for mart in compiled.marts:
        connection.execute("insert into meta.mart values (?, ?)", (mart.name, json.dumps(mart.keys)))


def _verify(partial: Path, rows: dict[str, int]) -> None:
    """The file opens read-only, every table has the rows that were copied, every template can be asked."""
    with contextlib.closing(duckdb.connect(str(partial), read_only=True)) as connection:
        held = {table: _count(connection, table) for table in rows}
        wrong = [table for table in rows if held[table] != rows[table]]
        if wrong or not rows:
            raise SnapshotUnsoundError(
                "SNAPSHOT_UNSOUND", f"row counts differ after copying: {wrong}", remedy="Check the disk, build again."
            )
        for name, sql in connection.execute("select name, sql from meta.template").fetchall():
            _explain(connection, str(name), str(sql))


def _explain(connection: duckdb.DuckDBPyConnection, name: str, sql: str) -> None:
    parameters: dict[str, object] = {}
    if "$from" in sql:
        parameters = {"from": date(2000, 1, 1), "to": date(2000, 1, 1), "grain": "day"}
    try:
        connection.execute(f"explain {sql}", parameters or None)
    except duckdb.Error as error:
        raise SnapshotUnsoundError(
            "SNAPSHOT_UNSOUND", f"metric {name} cannot be asked: {error}", remedy="Mend its definition, build again."
        ) from error


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])  # noqa: S608 - the same


def _sync(path: Path) -> None:
    """Make a file or folder durable; systems that cannot sync a folder do without."""
    with contextlib.suppress(PermissionError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()
