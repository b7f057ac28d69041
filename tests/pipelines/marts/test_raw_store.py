"""Raw tables: versions are appended once, whatever ends a load."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.resources.raw_store import load_changes
from tests.pipelines.marts.fake_core import FakeCore


@pytest.fixture
def core() -> FakeCore:
    core = FakeCore()
    core.account()
    core.order(1, placed_at="2026-01-01")
    core.line(1, 1, amount="10.00")
    return core


@pytest.fixture
def analytics(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(tmp_path / "analytics.duckdb")) as connection:
        yield connection


def lines(analytics: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    found = analytics.execute("select line_id, line_amount from raw_oms.order_line order by change_id").fetchall()
    return [(int(line), int(amount)) for line, amount in found]


def test_a_second_load_adds_nothing(core: FakeCore, analytics: duckdb.DuckDBPyConnection) -> None:
    load_changes(analytics, core, full=False)
    again = load_changes(analytics, core, full=False)

    assert lines(analytics) == [(1, 1000)]
    assert sum(load.appended for load in again.values()) == 0


def test_a_changed_row_is_one_more_version(core: FakeCore, analytics: duckdb.DuckDBPyConnection) -> None:
    load_changes(analytics, core, full=False)
    core.line(1, 1, amount="12.00")
    load_changes(analytics, core, full=False)

    assert lines(analytics) == [(1, 1000), (1, 1200)]


def test_a_full_load_has_the_current_rows_alone(core: FakeCore, analytics: duckdb.DuckDBPyConnection) -> None:
    load_changes(analytics, core, full=False)
    core.line(1, 1, amount="12.00")
    load_changes(analytics, core, full=False)

    load_changes(analytics, core, full=True)

    assert lines(analytics) == [(1, 1200)]


def test_a_load_that_breaks_leaves_nothing(core: FakeCore, analytics: duckdb.DuckDBPyConnection) -> None:
    class Breaking(FakeCore):
        def totals(self, table: str) -> dict[str, int]:
            raise OSError(table)

    load_changes(analytics, core, full=False)
    core.line(2, 1, amount="5.00")
    breaking = Breaking()
    breaking.rows, breaking.high_mark = core.rows, core.high_mark

    with pytest.raises(OSError, match="company_setting"):
        load_changes(analytics, breaking, full=False)

    assert lines(analytics) == [(1, 1000)]
    load_changes(analytics, core, full=False)
    assert lines(analytics) == [(1, 1000), (2, 500)]


def test_a_core_behind_the_watermark_is_read_from_the_beginning(
    core: FakeCore, analytics: duckdb.DuckDBPyConnection
) -> None:
    for amount in ("11.00", "12.00", "13.00"):
        core.line(1, 1, amount=amount)
    load_changes(analytics, core, full=False)
    restored = FakeCore()
    restored.order(9, placed_at="2026-01-01")
    restored.line(9, 9, amount="1.00")

    load_changes(analytics, restored, full=False)

    assert lines(analytics) == [(9, 100)]


def test_a_raw_table_of_another_shape_is_made_anew_and_everything_read_again(
    core: FakeCore, analytics: duckdb.DuckDBPyConnection
) -> None:
    load_changes(analytics, core, full=False)
    analytics.execute("alter table raw_oms.sales_order drop column country")

    load_changes(analytics, core, full=False)

    assert lines(analytics) == [(1, 1000)]
    assert analytics.execute("select country from raw_oms.sales_order").fetchall() == [(None,)]
