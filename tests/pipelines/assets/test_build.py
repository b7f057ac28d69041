"""`build` over time, on one home: nothing, facts, restatements, repeats, damage, repair; and a second builder."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipelines.assets.build import LOCK_FILE, BuildResult
from pipelines.marts import metrics, snapshots
from pipelines.marts.errors import BuildRunningError
from pipelines.resources import file_lock
from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home, rows, value, values

NUMBERS = ("orders", "net_sales", "stock_units", "inventory_turnover")


@dataclass(frozen=True, slots=True)
class Step:
    """One build, the snapshot that was current after it and what it answered."""

    built: BuildResult
    current: str | None
    numbers: dict[str, Decimal | int | None]


@dataclass(frozen=True, slots=True)
class History:
    """A home and the steps it went through, the last one still on disk."""

    home: Path
    empty: Step
    first: Step
    restated: Step
    again: Step
    damaged: Step
    repaired: Step


def open_shop(core: CoreRows) -> None:
    """Two orders, the second at half past eleven in the evening UTC, and 46 mugs that stay for a day and a half."""
    core.order(1, placed_at="2026-03-28")
    core.line(1, 1, amount="10.00", sku="MUG")
    core.order(2, placed_at="2026-03-29T23:30:00")
    core.line(2, 2, amount="3.00", sku="MUG")
    core.move(1, "MUG", 46, kind="receive", at="2026-03-28")
    core.move(2, "MUG", -46, kind="ship", at="2026-03-29T11:30:00")  # 12:30 in summer time
    core.observe(1, "MUG", 0, at="2026-03-30T22:59:59")


def lose_a_line(home: Path) -> None:
    """A row that was loaded and is gone before the models read it."""
    with duckdb.connect(str(home / "analytics.duckdb")) as connection:
        connection.execute("delete from raw_oms.order_line where line_id = 2")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    home, core = tmp_path_factory.mktemp("history"), CoreRows()

    def step(*, full: bool = False) -> Step:
        built = build_home(home, core, full=full)
        return Step(built, snapshots.current_id(home), {name: value(home, name) for name in NUMBERS})

    empty = step()
    open_shop(core)
    first = step()
    core.line(1, 1, amount="12.50", sku="MUG")
    core.company(time_zone="Europe/London")
    restated = step()
    again = step()
    lose_a_line(home)
    damaged = step()
    repaired = step(full=True)
    return History(home, empty, first, restated, again, damaged, repaired)


def test_an_empty_core_is_published_too(history: History) -> None:
    assert history.empty.built.tests_failed == 0
    assert history.empty.current == history.empty.built.snapshot is not None
    assert history.empty.numbers == {
        "orders": 0,
        "net_sales": None,
        "stock_units": None,
        "inventory_turnover": None,
    }


def test_a_build_appends_what_changed_and_the_newest_version_wins(history: History) -> None:
    assert history.first.numbers["net_sales"] == Decimal("13.00")
    assert history.restated.built.rows == 1 + 1  # the line and the company's settings
    assert history.restated.numbers["net_sales"] == Decimal("15.50")
    assert history.first.built.tests_failed == history.restated.built.tests_failed == 0
    assert history.first.built.tests_passed > 20


def test_a_build_without_changes_appends_nothing_and_agrees(history: History) -> None:
    assert history.again.built.rows == 0
    assert history.again.numbers == history.restated.numbers
    assert history.again.built.snapshot not in {None, history.restated.built.snapshot}


def test_a_lost_row_is_found_by_the_totals_of_the_core_and_nothing_is_published(history: History) -> None:
    built = history.damaged.built

    assert (built.snapshot, built.tests_failed, built.failed_tests) == (None, 1, ("assert_raw_equals_the_core",))
    assert history.damaged.current == history.again.current
    assert history.damaged.numbers == history.again.numbers


def test_a_full_build_repairs_and_agrees(history: History) -> None:
    superseded = 1  # of two versions of the restated line the core has one

    assert history.repaired.built.tests_failed == 0
    assert history.repaired.current == history.repaired.built.snapshot
    assert history.repaired.numbers == history.again.numbers
    appended = [step.built.rows for step in (history.empty, history.first, history.restated)]
    assert history.repaired.built.rows == sum(appended) - superseded


def test_a_new_zone_moves_the_business_dates(history: History) -> None:
    assert snapshots.open_snapshot(history.home).business_zone == "Europe/London"
    assert values(history.home, "net_sales", "day", grain="day", start="2026-03-28", end="2026-03-30") == {
        "2026-03-28": Decimal("12.50"),
        "2026-03-30": Decimal("3.00"),  # the clocks went forward: 00:30
    }


def test_the_day_the_clocks_go_forward_has_twenty_three_hours(history: History) -> None:
    three_days = {"start": "2026-03-28", "end": "2026-03-30"}

    days = rows(history.home, "inventory_turnover_units", grain="day", **three_days)
    rates = values(history.home, "out_of_stock_rate", "day", grain="day", **three_days)

    # 29 March: 46 units for 11.5 of 23 hours
    assert [(row["day"], row["denominator"]) for row in days] == [
        ("2026-03-28", 46),
        ("2026-03-29", 23),
        ("2026-03-30", 0),
    ]
    assert [row["value"] for row in days] == [0, 2, None]
    assert rates == {"2026-03-28": 0, "2026-03-29": Decimal("0.5"), "2026-03-30": 1}


def test_stock_without_a_known_cost_has_no_value_and_says_so(history: History) -> None:
    unvalued = metrics.ask(snapshots.open_snapshot(history.home), "stock_value", end=date(2026, 3, 28))

    assert (unvalued.rows[0]["value"], unvalued.note) == (None, metrics.UNVALUED)


def test_a_second_builder_is_told_at_once(tmp_path: Path) -> None:
    with file_lock.held(tmp_path / LOCK_FILE), pytest.raises(BuildRunningError, match="BUILD_RUNNING"):
        build_home(tmp_path, CoreRows())
