"""Published snapshots as readers see them: which one is current, open one, read from it.

A snapshot is one immutable DuckDB file `$OMS_HOME/marts/<id>.duckdb`; `CURRENT` names the newest. Reading is
read-only and locked down: no other file, no extension, no setting can be reached through a query. A reader holds a
lease on the snapshot's file, so that retention does not remove it meanwhile.
"""

import atexit
import contextlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

import duckdb
import pyarrow as pa

from pipelines.marts.errors import NoSnapshotError
from pipelines.resources import file_lock

MARTS_DIR = "marts"
POINTER = "CURRENT"
_OPEN_AT_ONCE = 2
_RETRIES = 3


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One published state of all marts; dates are business dates in `business_zone`, null before any fact."""

    id: str
    path: Path
    published_at: datetime
    high_mark: int
    business_zone: str
    base_currency: str | None
    first_date: date | None
    last_date: date | None


@dataclass(frozen=True, slots=True)
class _Opened:
    connection: duckdb.DuckDBPyConnection
    lease: IO[str]


_opened: OrderedDict[Path, _Opened] = OrderedDict()
_described: dict[Path, Snapshot] = {}
_guard = threading.Lock()


def marts_dir(home: Path) -> Path:
    """Where a home keeps its snapshots."""
    return home.absolute() / MARTS_DIR


def lease_path(path: Path) -> Path:
    """The lease file of a snapshot: readers lock it shared, retention needs it alone."""
    return path.with_suffix(".lease")


def current_id(home: Path) -> str | None:
    """Id of the newest published snapshot; none before the first build."""
    try:
        return (marts_dir(home) / POINTER).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def current_snapshot(home: Path) -> Snapshot | None:
    """The newest published snapshot; none before the first build."""
    for _ in range(_RETRIES):  # between pointer and file three publishes could pass
        snapshot_id = current_id(home)
        if snapshot_id is None:
            return None
        with contextlib.suppress(NoSnapshotError):
            return open_snapshot(home, snapshot_id)
    return open_snapshot(home, current_id(home))


def open_snapshot(home: Path, snapshot_id: str | None = None) -> Snapshot:
    """The asked snapshot, or the current one.

    Raises:
        NoSnapshotError: NO_SNAPSHOT.
    """
    wanted = snapshot_id or current_id(home)
    if wanted is None:
        raise NoSnapshotError("NO_SNAPSHOT", "nothing has been published yet", remedy="Run `oms build`.")
    path = marts_dir(home) / f"{wanted}.duckdb"
    if Path(wanted).name != wanted or not path.exists():
        raise NoSnapshotError(
            "NO_SNAPSHOT", f"snapshot {wanted} is not kept", remedy="Leave the snapshot out to read the current one."
        )
    with _guard:
        known = _described.get(path)
    if known is not None:
        return known
    described = _describe(path)
    with _guard:
        _described[path] = described
    return described


def snapshot_ids(home: Path) -> list[str]:
    """Ids of all snapshots kept, oldest first."""
    return sorted(path.stem for path in marts_dir(home).glob("*.duckdb"))


def read(snapshot: Snapshot, sql: str, **named_params: object) -> pa.Table:
    """Rows of a query on a snapshot as an Arrow table; parameters are named $name in the SQL."""
    with cursor(snapshot.path) as running:
        return running.sql(sql, params=named_params or None).to_arrow_table()


def fetch(snapshot: Snapshot, sql: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
    """Rows of a query as dictionaries of exact Python values."""
    with cursor(snapshot.path) as running:
        running.execute(sql, parameters or None)
        names = [column[0] for column in running.description or ()]
        return [dict(zip(names, row, strict=True)) for row in running.fetchall()]


@contextlib.contextmanager
def cursor(path: Path) -> Any:
    """A cursor of one's own on the cached connection of a snapshot file."""
    with _guard:
        opened = _opened.get(path) or _open(path)
        _opened[path] = opened
        _opened.move_to_end(path)
        while len(_opened) > _OPEN_AT_ONCE:
            _, oldest = _opened.popitem(last=False)
            oldest.connection.close()  # a cursor still running keeps the database open until it ends
            oldest.lease.close()
        running = opened.connection.cursor()
    try:
        yield running
    finally:
        running.close()


def release_all() -> None:
    """Close every cached connection and lease; the next read opens anew."""
    with _guard:
        for opened in _opened.values():
            opened.connection.close()
            opened.lease.close()
        _opened.clear()
        _described.clear()


def _open(path: Path) -> _Opened:
    atexit.unregister(release_all)
    atexit.register(release_all)
    try:
        lease = file_lock.acquire(lease_path(path), shared=True)
    except file_lock.LockTakenError as error:
        raise _gone(path) from error
    if not path.exists():
        lease.close()
        raise _gone(path)
    connection = duckdb.connect(str(path), read_only=True, config={"autoinstall_known_extensions": "false"})
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return _Opened(connection=connection, lease=lease)


def _gone(path: Path) -> NoSnapshotError:
    return NoSnapshotError(
        "NO_SNAPSHOT", f"snapshot {path.stem} was just removed", remedy="Ask again without naming a snapshot."
    )


def _describe(path: Path) -> Snapshot:
    with cursor(path) as running:
        found = running.execute("select document from meta.snapshot").fetchall()
    if not found:
        raise _gone(path)
    document = json.loads(found[0][0])
    return Snapshot(
        id=document["id"],
        path=path,
        published_at=datetime.fromisoformat(document["published_at"]).astimezone(UTC),
        high_mark=int(document["high_mark"]),
        business_zone=document["business_zone"],
        base_currency=document["base_currency"],
        first_date=_date_or_none(document["first_date"]),
        last_date=_date_or_none(document["last_date"]),
    )


def _date_or_none(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
