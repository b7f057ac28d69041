"""Margins, cohorts of returns, sell-through and lost sales by hand arithmetic, in one home of January 2026, UTC.

MUG at main, cost 2.00: 10 from the 1st, 6 from the 5th noon (order O-1, 40.00), 4 from the 6th noon (O-2, 20.00).
One mug of O-1 came back on the 20th for 10.00; another one, of no known order, on the 21st. POT was sold for 15.00
(O-3) and has no cost. TEA at tea: one unit left at noon of every day from the 1st to the 20th, then none was there for
ten days, then five came.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home, rows, value, values

JANUARY = {"start": "2026-01-02", "end": "2026-01-31"}
WHOLE = {"start": "2026-01-01", "end": "2026-01-31"}
MUGS = {"sku": ["MUG"]}


@pytest.fixture(scope="session")
def trade(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of this module."""
    core = CoreRows(time_zone="UTC", base_currency="EUR")
    core.account("shop")
    for sku in ("MUG", "POT", "TEA"):
        core.sku(sku, category="goods")
    core.cost("MUG", "2.00", valid_from="2026-01-01")
    core.move(1, "MUG", 10, kind="opening", at="2026-01-01")
    core.move(2, "TEA", 20, kind="opening", at="2026-01-01", location="tea")
    for day in range(1, 21):
        core.move(10 + day, "TEA", -1, kind="ship", at=f"2026-01-{day:02d}T12:00:00", location="tea")
    core.move(40, "TEA", 5, kind="receive", at="2026-01-30T12:00:00", location="tea")
    euros = ("EUR", "1")
    core.order(1, placed_at="2026-01-05T10:00:00", base=euros, customer_id=7)
    core.line(11, 1, amount="40.00", quantity=4, sku="MUG")
    core.move(50, "MUG", -4, kind="ship", at="2026-01-05T12:00:00", order="O-1")
    core.order(2, placed_at="2026-01-06T10:00:00", base=euros, customer_id=7)
    core.line(21, 2, amount="20.00", quantity=2, sku="MUG")
    core.move(51, "MUG", -2, kind="ship", at="2026-01-06T12:00:00", order="O-2")
    core.order(3, placed_at="2026-01-07T10:00:00", base=euros)
    core.line(31, 3, amount="15.00", quantity=1, sku="POT")
    core.returned(1, at="2026-01-20T10:00:00", amount="10.00", sku="MUG", order="O-1", base=euros)
    core.returned(2, at="2026-01-21T10:00:00", amount="10.00", sku="MUG", base=euros)
    core.observe(1, "MUG", 4, at="2026-01-31T12:00:00")
    home = tmp_path_factory.mktemp("trade")
    assert build_home(home, core).tests_failed == 0
    return home


def test_the_margin_is_sales_less_cost_where_a_cost_is_known(trade: Path) -> None:
    assert value(trade, "gross_margin", where=MUGS) == Decimal("48.00")  # 60.00 - 6 x 2.00
    assert value(trade, "gross_margin") == Decimal("48.00")
    assert value(trade, "gross_margin", where={"sku": ["POT"]}) is None
    assert value(trade, "gross_margin_share") == Decimal("0.800000")  # 48 of 60: what has a cost
    assert value(trade, "margin_covered_share") == Decimal("0.800000")  # 60 of 75


def test_the_margin_after_returns_takes_back_what_came_back(trade: Path) -> None:
    assert value(trade, "gross_margin_after_returns") == Decimal("32.00")  # 48 - 2 x (10 - 2)


def test_stock_earns_its_margin_over_its_mean_value(trade: Path) -> None:
    (row,) = rows(trade, "gmroi", where=MUGS, **JANUARY)

    # 2.00 x (10 x 3.5 + 6 x 1 + 4 x 25.5) = 286 value-days, over 30 days 9.53
    assert (row["numerator"], row["denominator"]) == (Decimal("32.00"), Decimal("9.53"))
    assert row["value"] == Decimal("3.356643")


def test_sell_through_by_four_definitions(trade: Path) -> None:
    asked = {"where": MUGS, **JANUARY}

    assert value(trade, "sell_through", **asked) == Decimal("0.600000")  # 6 of 10 + 0
    assert value(trade, "sell_through_per_start", **asked) == Decimal("0.600000")
    assert value(trade, "sell_through_per_received", **asked) is None  # nothing was received
    assert value(trade, "sell_through_per_left_and_sold", **asked) == Decimal("0.600000")  # 6 of 4 + 6


def test_a_cohort_is_what_was_shipped_and_what_of_it_came_back_whenever(trade: Path) -> None:
    assert value(trade, "return_rate_units", where=MUGS) == Decimal("0.166667")  # 1 of 6
    assert value(trade, "return_rate_value", where=MUGS) == Decimal("0.166667")  # 10 of 60
    first_days = values(trade, "return_rate_units", "day", grain="day", where=MUGS)
    assert {str(day): it for day, it in first_days.items()} == {
        "2026-01-05": Decimal("0.250000"),
        "2026-01-06": Decimal("0.000000"),
    }
    assert value(trade, "returns_without_cohort") == 1
    assert value(trade, "return_rate_projected", where={"category": ["goods"]}) is None  # 6 units, 30 are asked


def test_who_bought_before_is_a_returning_customer(trade: Path) -> None:
    assert values(trade, "orders", "customer_group", by=["customer_group"]) == {None: 1, "new": 1, "returning": 1}


def test_lost_sales_are_the_rate_while_available_times_the_time_out(trade: Path) -> None:
    tea = {"where": {"sku": ["TEA"]}, **WHOLE}

    # 20 units in 21 days with goods; 10 days without; a quarter buys later
    assert value(trade, "out_of_stock_hours", **tea) == Decimal("240.000000")
    assert value(trade, "out_of_stock_rate", **tea) == Decimal("0.322581")  # 10 of 31 days
    assert value(trade, "out_of_stock_rate_demand", **tea) == Decimal("0.322581")
    lost = value(trade, "lost_sales_units", **tea)
    assert lost is not None
    assert round(lost, 4) == Decimal("7.1429")  # 10 x 20/21 x 0.75


def test_the_range_of_lost_sales_is_byars_range_of_twenty(trade: Path) -> None:
    tea = {"where": {"sku": ["TEA"]}, **WHOLE}

    # Byar for 20 events: 20 (1 - 1/180 - 1.96/(3 sqrt 20))^3 = 12.2113; 21 (1 - 1/189 + 1.96/(3 sqrt 21))^3 = 30.8901
    low, high = value(trade, "lost_sales_units_low", **tea), value(trade, "lost_sales_units_high", **tea)
    assert low is not None
    assert high is not None
    assert (round(low, 2), round(high, 2)) == (Decimal("2.91"), Decimal("14.71"))  # x 10/21, x 0.5 and x 1
    assert value(trade, "lost_sales", **tea) is None  # no cost is known, so no margin
