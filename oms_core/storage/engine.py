"""The one engine factory: every process reaches the core's database through it.

SQLite: the driver never begins by itself; a write transaction takes a file lock (bounded wait) and then
`BEGIN IMMEDIATE`, so read-modify-write cannot lose updates. PostgreSQL: READ COMMITTED, with constraints and
triggers as the guard. Measured grounds: docs/decisions/0006.
"""

import contextlib
import importlib
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy import event

from oms_core.domain.errors import InvalidRequestError, StorageUnavailableError
from oms_core.settings import Settings
from oms_core.storage.writer_lock import WriterLock

_Result = TypeVar("_Result")

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=30000",
    "foreign_keys=ON",
    "recursive_triggers=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "secure_delete=ON",
)
_ATTEMPTS = 6


def open_engine(settings: Settings, *, lock_wait_seconds: float = 30.0) -> sa.Engine:
    """An engine on the core's database. Nothing is created; `oms_core.services.company.prepare` does that.

    `lock_wait_seconds`: how long a writer on SQLite waits for the one before it, then DATABASE_BUSY.

    Raises:
        InvalidRequestError: DATABASE_URL_UNKNOWN for a scheme other than sqlite or postgresql.
    """
    scheme = urlsplit(settings.database_url).scheme.split("+")[0]
    if scheme == "sqlite":
        return _sqlite_engine(settings.database_url, lock_wait_seconds)
    if scheme in ("postgresql", "postgres"):
        url = sa.make_url("postgresql" + settings.database_url[len(scheme) :])
        return sa.create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    raise InvalidRequestError(
        "DATABASE_URL_UNKNOWN",
        f"OMS_DATABASE_URL begins with {scheme!r}",
        remedy="Use sqlite:///PATH or postgresql://USER@HOST/NAME.",
    )


@contextlib.contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection in one consistent read transaction; it never waits for a writer.

    Raises:
        InvalidRequestError: HOME_NOT_READY where there is no database yet.
    """
    path = engine.url.database
    if engine.dialect.name == "sqlite" and not (path and Path(path).is_file()):
        raise home_not_ready("there is no database here yet")
    options: dict[str, Any] = {"sqlite_begin": "DEFERRED"}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def home_not_ready(reason: str) -> InvalidRequestError:
    """The refusal of every command that comes before `oms init`."""
    return InvalidRequestError(
        "HOME_NOT_READY", reason, remedy="Run `oms init` (with the same OMS_HOME); it creates or upgrades the database."
    )


def write(engine: sa.Engine, work: Callable[[sa.Connection], _Result]) -> _Result:
    """Run `work` in one write transaction; the whole function again where another writer was in the way.

    Raises:
        StorageUnavailableError: DATABASE_BUSY after `_ATTEMPTS` tries; nothing was written.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with engine.begin() as connection:
                return work(connection)
        except sa.exc.DBAPIError as error:
            if not _is_passing(error):
                raise
            time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311 - jitter, not a secret
    raise StorageUnavailableError(
        "DATABASE_BUSY", f"other writers won {_ATTEMPTS} times", remedy="Try again when the load is lower."
    )


def _is_passing(error: sa.exc.DBAPIError) -> bool:
    """Whether a rerun can help: serialization, deadlock, lock not had, two writers making the same new row."""
    state = getattr(error.orig, "sqlstate", None)
    return state in {"40001", "40P01", "55P03", "23505"} or "database is locked" in str(error.orig)


def _sqlite_driver() -> Any:
    # 3.7.0–3.51.2 can corrupt a WAL under two writers; the bundled SQLite is newer than the system's.
    try:
        return importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        return importlib.import_module("sqlite3")


def _sqlite_engine(url: str, lock_wait_seconds: float) -> sa.Engine:
    path = sa.make_url(url).database
    if not path or path == ":memory:":
        raise InvalidRequestError("DATABASE_URL_UNKNOWN", "a core needs a database file", remedy="Use sqlite:///PATH.")
    engine = sa.create_engine(url, module=_sqlite_driver(), connect_args={"timeout": 30})
    writer_lock = WriterLock(Path(path + ".lock"), lock_wait_seconds)

    @event.listens_for(engine, "connect")
    def _configure(dbapi: Any, _record: Any) -> None:
        dbapi.isolation_level = None  # the driver never emits BEGIN
        for pragma in _PRAGMAS:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        if mode == "IMMEDIATE":
            writer_lock.acquire(connection.connection.dbapi_connection)
        connection.exec_driver_sql(f"BEGIN {mode}")

    @event.listens_for(engine, "checkin")
    def _checkin(dbapi: Any, _record: Any) -> None:
        writer_lock.release(dbapi)

    return engine


def make_private(folder: Path) -> None:
    """Create a folder that only its owner may enter."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.name == "posix":
        folder.chmod(0o700)
