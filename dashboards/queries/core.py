"""The core of this home, opened for reading: once per process, consistent within a read."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

from dashboards.queries.snapshot import settings
from oms_core.services import live
from oms_core.settings import Settings


@lru_cache(maxsize=4)
def _engine(home: Settings) -> sa.Engine:
    return live.open_core(home)


def has_core() -> bool:
    """Whether this home has a core yet: opening a missing SQLite file would create an empty one."""
    url = sa.make_url(settings().database_url)
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


def engine() -> sa.Engine:
    """The engine of this home's core; commands go through `dashboards.actions` only."""
    return _engine(settings())


@contextmanager
def read_core() -> Iterator[sa.Connection]:
    """A connection in one consistent read transaction."""
    with live.reading(engine()) as connection:
        yield connection


def is_ahead_of(high_mark: int) -> bool:
    """Whether the core recorded anything the snapshot of that mark does not hold; False without a core."""
    if not has_core():
        return False
    with read_core() as connection:
        return live.has_changes_since(connection, high_mark)
