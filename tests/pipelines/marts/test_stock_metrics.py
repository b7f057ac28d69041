"""Stock metrics by hand arithmetic, on the stockroom of conftest.py.

MUG at main: 10 until 3 January noon, then 6 until the 8th, then 0. Cost 2.00, from the 6th 3.00.
POT at side: 5 from the 5th, 3 from the 6th to the 9th, then 5 again (the shipment was taken back). Cost 10.00.
IDLE at main: 7 throughout, cost 1.00, never moved but for its opening. BARE has no stock.
Stock records run from 1 January 00:00 to the end of 10 January.
"""

from decimal import Decimal
from pathlib import Path

from tests.pipelines.marts.homes import rows, value, values

TEN_DAYS = {"start": "2026-01-01", "end": "2026-01-10"}


def test_turnover_weighs_stock_by_time_and_takes_cost_at_event_time(stockroom: Path) -> None:
    (row,) = rows(stockroom, "inventory_turnover", where={"sku": ["MUG"]}, **TEN_DAYS)

    # value-days: 10 x 2 x 2.5 + 6 x 2 x 2.5 + 6 x 3 x 2 = 50 + 30 + 36 = 116, over ten days 11.60
    # cost shipped: 4 x 2.00 + 6 x 3.00 = 26.00
    assert (row["numerator"], row["denominator"]) == (Decimal("26.00"), Decimal("11.60"))
    assert row["value"] == Decimal("2.241379")


def test_a_reversal_nets_out(stockroom: Path) -> None:
    (row,) = rows(stockroom, "inventory_turnover", by=["location"], where={"sku": ["POT"]}, **TEN_DAYS)

    # value-days: 5 x 10 x 1 + 3 x 10 x 3 + 5 x 10 x 2 = 240
    assert row == {
        "location": "side",
        "value": Decimal(0),
        "numerator": Decimal("0.00"),
        "denominator": Decimal("24.00"),
        "sample_size": None,
    }


def test_turnover_of_all_is_sum_over_sum(stockroom: Path) -> None:
    (row,) = rows(stockroom, "inventory_turnover", **TEN_DAYS)

    assert row["numerator"] == Decimal("26.00")
    assert row["denominator"] == Decimal("42.60")  # 11.60 + 24.00 + 7.00
    assert row["value"] == Decimal("0.610329")


def test_turnover_by_units(stockroom: Path) -> None:
    (row,) = rows(stockroom, "inventory_turnover_units", where={"sku": ["MUG"]}, **TEN_DAYS)

    # unit-days: 10 x 2.5 + 6 x 4.5 = 52
    assert (row["numerator"], row["denominator"], row["value"]) == (10, Decimal("5.200000"), Decimal("1.923077"))


def test_turnover_times_days_of_inventory_is_the_days_of_the_period(stockroom: Path) -> None:
    (turns,) = rows(stockroom, "inventory_turnover", **TEN_DAYS)
    (days,) = rows(stockroom, "days_of_inventory", **TEN_DAYS)

    assert days["value"] == Decimal("16.384615")  # 42.6 x 10 / 26
    assert round(turns["value"] * days["value"], 4) == 10


def test_a_period_is_clipped_to_the_time_stock_is_known(stockroom: Path) -> None:
    (wide,) = rows(stockroom, "inventory_turnover", start="2025-01-01", end="2027-12-31")
    (exact,) = rows(stockroom, "inventory_turnover", **TEN_DAYS)

    assert wide == exact
    assert rows(stockroom, "inventory_turnover", start="2025-01-01", end="2025-12-31", by=["sku"]) == []
    assert value(stockroom, "inventory_turnover", start="2025-01-01", end="2025-12-31") is None


def test_each_bucket_stands_alone(stockroom: Path) -> None:
    found = rows(stockroom, "inventory_turnover", grain="week", where={"sku": ["MUG"]}, **TEN_DAYS)

    # 1-4 January: value-days 50 + 6 x 2 x 1.5 = 68 over 4 days; 5-10 January: 12 + 36 = 48 over 6 days
    assert [(row["week"], row["numerator"], row["denominator"]) for row in found] == [
        ("2025-12-29", Decimal("8.00"), Decimal("17.00")),
        ("2026-01-05", Decimal("18.00"), Decimal("8.00")),
    ]


def test_stock_at_the_end_of_the_period_is_what_lies_there_then(stockroom: Path) -> None:
    assert value(stockroom, "stock_units", end="2026-01-03") == 6 + 7
    assert value(stockroom, "stock_value", end="2026-01-05") == Decimal("69.00")  # 6 x 2 + 5 x 10 + 7
    assert value(stockroom, "stock_value", end="2026-01-06") == Decimal("55.00")  # 6 x 3 + 3 x 10 + 7
    assert values(stockroom, "stock_units", "sku", by=["sku"], **TEN_DAYS) == {"MUG": 0, "POT": 5, "IDLE": 7}


def test_balances_are_not_added_over_time(stockroom: Path) -> None:
    found = values(stockroom, "stock_units", "day", grain="day", start="2026-01-07", end="2026-01-09")

    assert found == {"2026-01-07": 16, "2026-01-08": 10, "2026-01-09": 12}


def test_out_of_stock_is_time_without_units_over_time_listed(stockroom: Path) -> None:
    (row,) = rows(stockroom, "out_of_stock_rate", **TEN_DAYS)

    # MUG: listed 10 days, out 3. POT: listed from the side's first record (end of 2 January), out until the 5th.
    assert row["denominator"] == Decimal("18.000000")  # 10 days and 8 days and one microsecond
    assert row["numerator"] == Decimal("5.000000")
    assert row["value"] == Decimal("0.277778")


def test_what_only_opened_is_not_listed(stockroom: Path) -> None:
    assert set(values(stockroom, "out_of_stock_rate", "sku", by=["sku"])) == {"MUG", "POT"}


def test_units_received_and_shipped_by_business_date(stockroom: Path) -> None:
    assert value(stockroom, "units_received") == 5
    assert values(stockroom, "units_shipped", "sku", by=["sku"]) == {"MUG": 10, "POT": 0}


def test_an_account_without_stock_has_blank_stock_metrics(shop: Path) -> None:
    for name in ("inventory_turnover", "out_of_stock_rate", "stock_units", "stock_value", "units_shipped"):
        assert value(shop, name) is None
