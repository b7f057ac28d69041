"""Stock-outs by demand and what they cost, by hand arithmetic, in Berlin in the month its clocks go forward.

MUG at main: 30 from 1 March 00:00, gone with the third sale of ten on Saturday 28 March at 22:00, 40 again on Sunday
at 10:00; between the two lie 11 hours, for the night is an hour short. March has 743 hours, 732 of them with stock,
in which 62 units were sold; a shipment that was taken back is no sale. NONE was never available. RARE sold once.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home, rows, value, values

MARCH = {"start": "2026-03-01", "end": "2026-03-31"}
MUG = {"sku": ["MUG"]}


@pytest.fixture(scope="module")
def berlin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    core = CoreRows(time_zone="Europe/Berlin", base_currency="EUR")
    core.account("shop")
    core.location("main")
    for sku in ("MUG", "NONE", "RARE"):
        core.sku(sku, category="cups")
    core.cost("MUG", "2.00", valid_from="2026-02-01")
    core.order(1, placed_at="2026-03-02T10:00:00", base=("EUR", "1"))
    core.line(11, 1, amount="50.00", quantity=10, sku="MUG")
    core.move(1, "MUG", 30, kind="opening", at="2026-02-28T23:00:00")
    core.move(2, "RARE", 5, kind="opening", at="2026-02-28T23:00:00")
    core.move(3, "MUG", -10, kind="ship", at="2026-03-05T12:00:00")
    core.move(4, "RARE", -5, kind="ship", at="2026-03-16T12:00:00")
    core.move(5, "MUG", -10, kind="ship", at="2026-03-10T12:00:00")
    core.move(6, "NONE", 3, kind="receive", at="2026-03-10T12:00:00", condition="damaged")
    core.move(7, "MUG", -10, kind="ship", at="2026-03-28T22:00:00+01:00")
    core.move(8, "MUG", 40, kind="receive", at="2026-03-29T10:00:00+02:00")
    core.move(9, "MUG", -15, kind="ship", at="2026-03-30T12:00:00")
    core.move(10, "MUG", -17, kind="ship", at="2026-03-31T12:00:00")
    core.move(12, "MUG", -1, kind="ship", at="2026-03-31T13:00:00")
    core.move(13, "MUG", 1, kind="ship", at="2026-03-31T14:00:00", reverses=12)
    home = tmp_path_factory.mktemp("berlin")
    build_home(home, core)
    return home


def test_hours_out_of_stock_cross_midnight_and_the_short_night(berlin: Path) -> None:
    assert value(berlin, "out_of_stock_hours", where=MUG, **MARCH) == 11
    found = values(berlin, "out_of_stock_hours", "day", grain="day", where=MUG, start="2026-03-27", end="2026-03-30")
    assert found == {"2026-03-27": 0, "2026-03-28": 2, "2026-03-29": 9, "2026-03-30": 0}
    assert values(berlin, "out_of_stock_hours", "sku", by=["sku"], **MARCH)["NONE"] == 743


def test_demand_is_what_sold_while_available_over_the_time_it_was(berlin: Path) -> None:
    (row,) = rows(berlin, "out_of_stock_rate_demand", where=MUG, **MARCH)

    # the rate is one and the same all month, so it cancels out: 11 of 743 hours
    assert row["value"] == Decimal("0.014805")
    assert row["denominator"] == Decimal("62.931694")  # 62 / 732 x 743


def test_an_article_never_available_is_blank_not_zero(berlin: Path) -> None:
    for name in ("out_of_stock_rate_demand", "lost_sales_units", "lost_sales"):
        assert value(berlin, name, where={"sku": ["NONE"]}, **MARCH) is None


def test_an_article_that_sells_too_rarely_has_no_lost_sales(berlin: Path) -> None:
    assert value(berlin, "lost_sales_units", where={"sku": ["RARE"]}, **MARCH) is None


def test_lost_sales_are_the_rate_times_the_time_out_less_what_is_recaptured(berlin: Path) -> None:
    # 62 / 732 x 11 x 0.75 = 0.698770, at a margin of 50.00 / 10 - 2.00
    assert value(berlin, "lost_sales_units", where=MUG, **MARCH) == Decimal("0.698770")
    assert value(berlin, "lost_sales", where=MUG, **MARCH) == Decimal("2.10")


def test_the_range_holds_the_estimate(berlin: Path) -> None:
    for name in ("lost_sales_units", "lost_sales"):
        low, middle, high = (value(berlin, name + end, where=MUG, **MARCH) for end in ("_low", "", "_high"))
        assert 0 < low < middle < high  # type: ignore[operator]


def test_nothing_is_lost_while_everything_is_there(berlin: Path) -> None:
    assert value(berlin, "lost_sales_units", where=MUG, start="2026-03-02", end="2026-03-20") == 0
