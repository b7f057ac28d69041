"""Raw tables: versions are appended once, whatever ends a load."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from oms_core.settings import Settings
from pipelines.resources.core_export import CoreExport
from pipelines.resources.raw_store import TableLoad, load_changes
from tests.pipelines.marts.core_rows import CoreRows


class Store:
    """A home of its own: a core with one order line of 10.00, and the file its changes are loaded into."""

    def __init__(self, home: Path, analytics: duckdb.DuckDBPyConnection) -> None:
        self.settings = Settings.at(home)
        self.analytics = analytics
        self.core = CoreRows()
        self.core.order(1, placed_at="2026-01-01")
        self.core.line(1, 1, amount="10.00")
        self.core.apply(self.settings)

    def load(self, *, full: bool = False) -> dict[str, TableLoad]:
        """Write what was said since, then load what the core exports."""
        self.core.apply(self.settings)
        return self.load_as_it_is(full=full)

    def load_as_it_is(self, *, full: bool = False) -> dict[str, TableLoad]:
        """Load what the core exports."""
        with CoreExport(self.settings).session() as session:
            return load_changes(self.analytics, session, full=full)

    def lines(self) -> list[tuple[int, int]]:
        """Id and amount in cents of every version of a line, oldest first."""
        found = self.analytics.execute("select line_id, line_amount from raw_oms.order_line order by change_id")
        return [(int(line), int(amount)) for line, amount in found.fetchall()]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with duckdb.connect(str(tmp_path / "analytics.duckdb")) as analytics:
        yield Store(tmp_path / "home", analytics)


def test_a_second_load_adds_nothing(store: Store) -> None:
    store.load()
    again = store.load()

    assert store.lines() == [(1, 1000)]
    assert sum(load.appended for load in again.values()) == 0


def test_a_changed_row_is_one_more_version(store: Store) -> None:
    store.load()
    store.core.line(1, 1, amount="12.00")
    again = store.load()

    assert store.lines() == [(1, 1000), (1, 1200)]
    assert again["order_line"] == TableLoad(appended=1, rows=2)


def test_changes_between_two_loads_are_one_version(store: Store) -> None:
    store.load()
    store.core.line(1, 1, amount="11.00")
    store.core.line(1, 1, amount="12.00")
    store.load()

    assert store.lines() == [(1, 1000), (1, 1200)]


def test_a_full_load_has_the_current_rows_alone(store: Store) -> None:
    store.load()
    store.core.line(1, 1, amount="12.00")
    store.load()

    store.load(full=True)

    assert store.lines() == [(1, 1200)]


def test_a_load_that_breaks_leaves_nothing(store: Store) -> None:
    store.load()
    store.core.line(2, 1, amount="5.00")
    store.analytics.execute(  # totals are written last: everything else is in the transaction by then
        "create or replace table raw_oms.core_total (table_name varchar, measure varchar, total decimal(38, 0)"
        " check (table_name <> 'order_line' or measure <> 'line_amount' or total <= 1000))"
    )

    with pytest.raises(duckdb.ConstraintException):
        store.load()

    assert store.lines() == [(1, 1000)]
    store.analytics.execute("drop table raw_oms.core_total")
    store.load()
    assert store.lines() == [(1, 1000), (2, 500)]


def test_an_older_core_restored_is_read_from_the_beginning(store: Store) -> None:
    database = store.settings.home / "core.db"
    backup = shutil.copy(database, store.settings.home / "backup.db")
    store.core.line(1, 1, amount="11.00")
    store.core.line(2, 1, amount="5.00")
    store.load()
    assert store.lines() == [(1, 1100), (2, 500)]
    shutil.copy(backup, database)

    store.load_as_it_is()

    assert store.lines() == [(1, 1000)]


def test_a_raw_table_of_another_shape_is_made_anew_and_everything_read_again(store: Store) -> None:
    store.load()
    store.analytics.execute("alter table raw_oms.sales_order drop column country")

    store.load()

    assert store.lines() == [(1, 1000)]
    assert store.analytics.execute("select country from raw_oms.sales_order").fetchall() == [(None,)]
