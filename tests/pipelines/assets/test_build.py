"""`build` over time: restatements, repeats, failures and a second builder."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.assets.build import LOCK_FILE
from pipelines.marts import metrics, snapshots
from pipelines.marts.errors import BuildRunningError
from pipelines.resources import file_lock
from tests.pipelines.marts.fake_core import FakeCore
from tests.pipelines.marts.homes import build_home, value


def a_core() -> FakeCore:
    core = FakeCore()
    core.account()
    core.location()
    core.sku("MUG")
    core.order(1, placed_at="2026-01-01")
    core.line(1, 1, amount="10.00", sku="MUG")
    core.move(1, "MUG", 5, kind="receive", at="2026-01-01")
    return core


def test_the_newest_version_of_a_restated_row_wins_and_a_full_build_agrees(tmp_path: Path) -> None:
    core = a_core()
    first = build_home(tmp_path, core)
    core.line(1, 1, amount="12.50", sku="MUG")

    second = build_home(tmp_path, core)
    restated = value(tmp_path, "net_sales")
    again = build_home(tmp_path, core)
    full = build_home(tmp_path, core, full=True)

    assert (first.rows, second.rows, again.rows, full.rows) == (first.rows, 1, 0, first.rows)
    assert restated == value(tmp_path, "net_sales") == Decimal("12.50")
    assert first.tests_failed == second.tests_failed == full.tests_failed == 0
    assert first.tests_passed > 20
    unvalued = metrics.ask(snapshots.open_snapshot(tmp_path), "stock_value")
    assert (unvalued.rows[0]["value"], unvalued.note) == (None, metrics.UNVALUED)  # a MUG has no known cost
    assert len({first.snapshot, second.snapshot, again.snapshot, full.snapshot}) == 4


def test_a_failed_reconciliation_publishes_nothing(tmp_path: Path) -> None:
    core = a_core()
    good = build_home(tmp_path, core)
    core.put(
        "stock_balance",
        sku="MUG",
        location="main",
        condition="sellable",
        on_hand=6,
        committed=0,
        shortage=0,
        allows_negative=False,
    )

    bad = build_home(tmp_path, core)

    assert bad.snapshot is None
    assert bad.failed_tests == ("assert_stock_intervals_equal_the_core_balances",) or (
        "assert_stock_intervals_equal_the_core_balances" in bad.failed_tests[0]
    )
    assert snapshots.current_id(tmp_path) == good.snapshot


def test_a_lost_change_is_found_by_the_totals_of_the_core(tmp_path: Path) -> None:
    core = a_core()
    build_home(tmp_path, core)
    core.line(2, 1, amount="1.00", sku="MUG")
    build_home(tmp_path, core)
    with duckdb.connect(str(tmp_path / "analytics.duckdb")) as connection:
        connection.execute("delete from raw_oms.order_line where line_id = 2")

    result = build_home(tmp_path, core)
    repaired = build_home(tmp_path, core, full=True)

    assert result.snapshot is None
    assert "assert_raw_equals_the_core" in result.failed_tests[0]
    assert repaired.tests_failed == 0


def test_a_new_zone_moves_the_business_dates(tmp_path: Path) -> None:
    core = a_core()
    core.order(2, placed_at="2026-01-05T20:00:00")
    core.line(2, 2, amount="3.00", sku="MUG")
    build_home(tmp_path, core)
    core.put("company_setting", version=2, time_zone="Asia/Shanghai", base_currency=None, actor="test")

    build_home(tmp_path, core)

    assert value(tmp_path, "net_sales", start="2026-01-06", end="2026-01-06") == Decimal("3.00")
    assert snapshots.open_snapshot(tmp_path).business_zone == "Asia/Shanghai"


def test_a_second_builder_is_told_at_once(tmp_path: Path) -> None:
    with file_lock.held(tmp_path / LOCK_FILE), pytest.raises(BuildRunningError, match="BUILD_RUNNING"):
        build_home(tmp_path, a_core())


def test_an_empty_core_is_published_too(tmp_path: Path) -> None:
    result = build_home(tmp_path, FakeCore())

    assert result.tests_failed == 0
    assert value(tmp_path, "orders") == 0
    assert value(tmp_path, "net_sales") is None
    assert value(tmp_path, "inventory_turnover") is None
