"""Sales and returns by name, to the unit and the cent, on the shop of conftest.py.

Sale lines: 20.00, 10.00, 4.90 (EUR, order 1, 29 March), 30.01 USD = 15.005 EUR (order 2, 30 March in London),
1500 JPY without a rate (order 5, 4 May).
"""

from decimal import Decimal
from pathlib import Path

from pipelines.marts import metrics, snapshots
from tests.pipelines.marts.homes import rows, value, values

MARCH_AND_APRIL = {"start": "2026-03-01", "end": "2026-04-30"}


def test_net_sales_counts_sale_lines_of_live_orders_in_the_base_currency(shop: Path) -> None:
    (row,) = rows(shop, "net_sales", **MARCH_AND_APRIL)

    assert row["value"] == Decimal("49.91")  # 34.90 + 15.005 = 49.905, rounded once
    assert row["currency"] == "EUR"


def test_a_sum_over_currencies_without_a_rate_is_blank_with_a_note(shop: Path) -> None:
    answer = metrics.ask(snapshots.open_snapshot(shop), "net_sales")

    blank = {"value": None, "numerator": None, "denominator": None, "currency": None}
    assert answer.rows == [blank | {"sample_size": 5}]  # lines 11, 12, 13, 21 and 51
    assert answer.note == metrics.MIXED_CURRENCIES


def test_each_row_decides_its_own_currency(shop: Path) -> None:
    found = {row["channel"]: (row["value"], row["currency"]) for row in rows(shop, "net_sales", by=["channel"])}

    assert found == {"web": (Decimal("49.91"), "EUR"), "marketplace": (Decimal(1500), "JPY")}


def test_by_currency_gives_the_amounts_of_the_transactions(shop: Path) -> None:
    assert values(shop, "net_sales", "currency", by=["currency"]) == {
        "EUR": Decimal("34.90"),
        "JPY": Decimal(1500),
        "USD": Decimal("30.01"),
    }
    assert value(shop, "net_sales", where={"currency": ["USD"]}) == Decimal("30.01")


def test_yen_have_no_digits_after_the_point(shop: Path) -> None:
    (row,) = rows(shop, "net_sales", where={"account": ["market"]})

    assert str(row["value"]) == "1500"


def test_orders_are_distinct_at_every_level(shop: Path) -> None:
    assert value(shop, "orders") == 3
    assert values(shop, "orders", "sku", by=["sku"]) == {"MUG": 2, "POT": 2, None: 1}


def test_units_sold_takes_cancelled_units_off_and_leaves_free_lines_out(shop: Path) -> None:
    assert value(shop, "units_sold") == 3 + 1 + 3 + 2
    assert value(shop, "order_lines") == 5


def test_a_line_of_which_nothing_is_left_is_in_no_sales_metric(shop: Path) -> None:
    by_country = {
        name: values(shop, name, "country", by=["country"], **MARCH_AND_APRIL)
        for name in ("net_sales", "orders", "order_lines", "units_sold")
    }

    assert by_country == {
        "net_sales": {"DE": Decimal("34.90"), "US": Decimal("15.01")},
        "orders": {"DE": 1, "US": 1},
        "order_lines": {"DE": 3, "US": 1},
        "units_sold": {"DE": 4, "US": 3},
    }


def test_a_partly_cancelled_line_keeps_the_amount_its_source_gave(shop: Path) -> None:
    mugs = {"where": {"sku": ["MUG"], "country": ["DE"]}}

    assert value(shop, "net_sales", **mugs) == Decimal("20.00")
    assert value(shop, "units_sold", **mugs) == 4 - 1


def test_a_business_date_follows_the_companys_zone_over_midnight_and_clock_change(shop: Path) -> None:
    found = values(shop, "net_sales", "day", grain="day", **MARCH_AND_APRIL)

    assert found == {"2026-03-29": Decimal("34.90"), "2026-03-30": Decimal("15.01")}


def test_a_week_starts_on_monday(shop: Path) -> None:
    found = values(shop, "orders", "week", grain="week", **MARCH_AND_APRIL)

    assert found == {"2026-03-23": 1, "2026-03-30": 1}


def test_average_order_value_is_sum_over_sum(shop: Path) -> None:
    (row,) = rows(shop, "average_order_value", **MARCH_AND_APRIL)

    assert row == {
        "value": Decimal("24.95"),  # 49.905 / 2 = 24.9525
        "numerator": Decimal("49.91"),
        "denominator": 2,
        "sample_size": 2,
        "currency": "EUR",
    }


def test_filters_with_several_values_are_any_of_them(shop: Path) -> None:
    assert value(shop, "units_sold", where={"sku": ["MUG", "POT"], "country": ["DE"]}) == 4
    assert value(shop, "orders", where={"sku": [""]}) == 1


def test_returns_count_by_their_own_date_linked_or_not(shop: Path) -> None:
    april = {"start": "2026-04-01", "end": "2026-04-30"}
    may = {"start": "2026-05-01", "end": "2026-05-01"}

    assert value(shop, "units_returned", **april) == 3
    assert value(shop, "returned_value", **april) == Decimal("10.00")  # 5.00 EUR + 10.00 USD at 0.5
    assert value(shop, "returned_value", **may) == Decimal("2.00")  # 23:00 UTC is midnight in summer time
    assert value(shop, "units_returned", **may) is None


def test_return_rates_divide_by_the_sales_of_the_period(shop: Path) -> None:
    (by_units,) = rows(shop, "return_rate_units_period", **MARCH_AND_APRIL)
    (by_value,) = rows(shop, "return_rate_value_period", **MARCH_AND_APRIL)

    assert by_units == {"value": Decimal("0.428571"), "numerator": 3, "denominator": 7, "sample_size": 7}
    assert by_value["value"] == Decimal("0.200381")  # 10 / 49.905


def test_a_rate_without_sales_is_blank_and_one_without_returns_is_zero(shop: Path) -> None:
    found = values(shop, "return_rate_units_period", "month", grain="month")

    assert found == {"2026-03-01": 0, "2026-04-01": None, "2026-05-01": 0}


def test_sales_after_returns_deduct_by_return_date(shop: Path) -> None:
    assert value(shop, "net_sales_after_returns", **MARCH_AND_APRIL) == Decimal("39.91")  # 49.905 - 10
    assert value(shop, "units_sold_after_returns", **MARCH_AND_APRIL) == 4
    assert values(shop, "units_sold_after_returns", "sku", by=["sku"]) == {"MUG": 3, "POT": 3}


def test_a_period_without_facts_is_blank(shop: Path) -> None:
    assert value(shop, "net_sales", start="2020-01-01", end="2020-12-31") is None
    assert rows(shop, "net_sales", start="2020-01-01", end="2020-12-31", by=["channel"]) == []
