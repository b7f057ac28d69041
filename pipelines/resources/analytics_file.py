"""The private analytics file of a home: where it lies and how it is opened. Only a build opens it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb


@dataclass(frozen=True, slots=True)
class AnalyticsFile:
    """`$OMS_HOME/analytics.duckdb`."""

    home: Path

    @property
    def path(self) -> Path:
        """The file; it may not exist yet."""
        return self.home / "analytics.duckdb"

    @contextlib.contextmanager
    def opened(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A read-write connection, closed afterwards so that dbt can open the file."""
        self.home.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(self.path))
        try:
            yield connection
        finally:
            connection.close()
