"""Returns by the date on which the goods left, by hand.

Shipped, in units: 10 on 5 January (6 mugs of line 11, 4 pots of line 12), 3 on the 9th (order 2, after a parcel of 5
came back), 3 on the 12th and 2 on the 13th (order 3, two lines of mugs served in turn), 4 on the 14th (the rest of
line 11), 2 on the 15th (order 4, one of three mugs cancelled), 1 on the 16th (order 7): 25. Nothing says that order 6
left; the pot of order 3 left and was put back.
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.marts import snapshots
from tests.pipelines.marts.homes import build_home, rows, value, values
from tests.pipelines.marts.return_rows import ReturnRows

EUROS = ("EUR", "1")


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    core = ReturnRows(time_zone="UTC", base_currency="EUR")
    core.account("shop")
    core.sku("MUG", category="cups")
    core.sku("POT", category="pots")
    _sell(core)
    _take_back(core)
    _handle_requests(core)
    core.observe(1, "MUG", 0, at="2026-07-31T12:00:00")
    home = tmp_path_factory.mktemp("cohorts")
    assert build_home(home, core).failed_tests == ()
    return home


def _sell(core: ReturnRows) -> None:
    placed: dict[str, Any] = {"placed_at": "2026-01-04T10:00:00", "base": EUROS, "country": "DE"}
    core.order(1, **placed)
    core.sent_to(1, "BY")
    core.line(11, 1, amount="100.00", quantity=10, sku="MUG")
    core.line(12, 1, amount="4000.00", quantity=4, sku="POT")
    core.left(11, 6, parcel="S1", at="2026-01-05T12:00:00")
    core.left(12, 4, parcel="S1", at="2026-01-05T12:00:00")
    core.left(11, 4, parcel="S2", at="2026-01-14T12:00:00")
    core.order(2, placed_at="2026-01-04T10:00:00", base=("EUR", "0.5"), currency="USD")
    core.line(21, 2, amount="50.00", quantity=5, sku="MUG")
    core.left(21, 5, parcel="S4", at="2026-01-07T12:00:00")
    core.left(21, -5, parcel="S4", at="2026-01-08T12:00:00")
    core.left(21, 3, parcel="S5", at="2026-01-09T12:00:00")
    core.order(3, **placed)
    core.line(31, 3, amount="20.00", quantity=2, sku="MUG")
    core.line(32, 3, amount="30.00", quantity=3, sku="MUG")
    core.line(33, 3, amount="90.00", quantity=1, sku="POT")
    core.move(1, "MUG", -3, kind="ship", at="2026-01-12T12:00:00", order="O-3")
    core.move(2, "POT", -1, kind="ship", at="2026-01-12T12:00:00", order="O-3")
    core.move(3, "POT", 1, kind="ship", at="2026-01-12T13:00:00", order="O-3", reverses=2)
    core.move(4, "MUG", -2, kind="ship", at="2026-01-13T12:00:00", order="O-3")
    core.order(4, **placed)
    core.line(41, 4, amount="30.00", quantity=3, cancelled=1, sku="MUG")
    core.line(42, 4, amount="4.90", kind="shipping")
    core.line(43, 4, amount="0.00", quantity=1, sku="POT")
    core.reached(4, "shipped", at="2026-01-15T12:00:00")
    core.order(5, **placed, lifecycle="cancelled")
    core.line(51, 5, amount="30.00", quantity=3, sku="MUG")
    core.reached(5, "shipped", at="2026-01-15T12:00:00")
    core.order(6, **placed)
    core.line(61, 6, amount="30.00", quantity=3, sku="MUG")
    core.order(7, **placed)
    core.line(71, 7, amount="90.00", quantity=1, sku="POT")
    core.reached(7, "shipped", at="2026-01-16T12:00:00")
    core.order(8, **placed)


def _take_back(core: ReturnRows) -> None:
    core.came_back(101, line=11, at="2026-01-20T12:00:00", quantity=7, amount="70.00", reason="broken")
    core.came_back(102, line=12, at="2026-02-10T12:00:00", amount="950.00", sku="POT")  # not its whole price
    dollars: dict[str, Any] = {"currency": "USD", "base": ("EUR", "0.6"), "sku": "MUG", "order": "O-2"}
    core.returned(103, at="2026-01-26T12:00:00", amount="10.00", **dollars)
    core.returned(104, at="2026-02-03T12:00:00", amount="50.00", quantity=5, **dollars)  # 2 are left of 3
    core.returned(105, at="2026-02-04T12:00:00", amount="10.00", sku="MUG", order="O-3", base=EUROS)
    core.returned(106, at="2026-02-04T12:00:00", amount="90.00", sku="POT", order="O-3", base=EUROS)
    core.returned(107, at="2026-02-04T12:00:00", amount="10.00", sku="MUG", order="O-6", base=EUROS)
    core.returned(108, at="2026-02-04T12:00:00", amount="20.00", quantity=2, sku="MUG", base=EUROS)
    core.returned(109, at="2026-02-01T12:00:00", amount="7.00", kind="adjustment", order="O-4", base=EUROS)
    core.paid_back(1, 7, paid="90.00", back="20.00", at="2026-02-02T12:00:00")
    core.paid_back(2, 8, paid="90.00", back="5.00", at="2026-02-02T12:00:00")  # nothing of order 8 was shipped
    core.paid_back(3, 3, paid="90.00", back="6.00", at="2026-02-02T12:00:00")  # goods of order 3 came back


def _handle_requests(core: ReturnRows) -> None:
    core.asked_back(1, 11, quantity=3, at="2026-01-18T10:00:00")
    core.graded(1, "receive", 2, at="2026-01-20T10:00:00")
    core.graded(1, "receive", 1, at="2026-01-22T10:00:00")
    core.graded(1, "restock", 1, at="2026-01-23T10:00:00")
    core.graded(1, "scrap", 1, at="2026-01-23T10:00:00")
    core.paid_back(4, 1, paid="100.00", back="15.00", at="2026-01-25T22:00:00", request=1)
    core.asked_back(2, 41, quantity=2, at="2026-01-28T10:00:00", reason="too small")
    core.graded(2, "receive", 1, at="2026-02-01T10:00:00")
    core.graded(2, "restock", 1, at="2026-02-02T10:00:00")  # the money has not gone back yet
    core.asked_back(3, 32, quantity=1, at="2026-02-01T10:00:00", kind="exchange")
    core.graded(3, "receive", 1, at="2026-02-03T10:00:00")
    core.asked_back(4, 31, quantity=1, at="2026-02-01T10:00:00")
    core.graded(4, "receive", 1, at="2026-02-03T10:00:00")
    core.graded(4, "send_back", 1, at="2026-02-04T10:00:00")  # was not accepted: no money is due
    core.asked_back(5, 71, quantity=1, at="2026-02-01T10:00:00")  # never came


def test_a_cohort_is_what_left_on_its_days(cohorts: Path) -> None:
    assert value(cohorts, "cohort_units_shipped") == 25
    assert values(cohorts, "cohort_units_shipped", "day", grain="day") == {
        "2026-01-05": 10,
        "2026-01-09": 3,
        "2026-01-12": 3,
        "2026-01-13": 2,
        "2026-01-14": 4,
        "2026-01-15": 2,
        "2026-01-16": 1,
    }


def test_units_come_back_to_the_cohort_they_left_with_first_to_the_oldest(cohorts: Path) -> None:
    found = rows(cohorts, "return_rate_units")[0]
    by_day = values(cohorts, "return_rate_units", "day", grain="day", end="2026-01-14")

    assert (found["numerator"], found["denominator"], found["value"]) == (11, 25, Decimal("0.44"))
    assert by_day == {
        "2026-01-05": Decimal("0.7"),  # 6 mugs of seven, and a pot
        "2026-01-09": Decimal(1),  # 1 and 2 of 5: no more came back than had left
        "2026-01-12": 0,
        "2026-01-13": 0,
        "2026-01-14": Decimal("0.25"),  # the seventh mug
    }


def test_both_sides_of_the_rate_by_value_have_the_rate_of_the_order(cohorts: Path) -> None:
    (row,) = rows(cohorts, "return_rate_value")

    # Shipped: 4100 + 30 USD at 0.5 + 50 + 30 + 90. Returned: 70 + 950 + 30 USD at 0.5, not at the return's 0.6.
    assert (row["numerator"], row["denominator"]) == (Decimal("1035.00"), Decimal("4285.00"))
    assert row["value"] == Decimal("0.24154")
    assert values(cohorts, "return_rate_value", "currency", by=["currency"]) == {
        "EUR": Decimal("0.238876"),  # 1020 / 4270
        "USD": Decimal(1),
    }


def test_a_part_of_a_line_has_its_part_of_the_amount(cohorts: Path) -> None:
    assert value(cohorts, "cohort_value_shipped", start="2026-01-05", end="2026-01-05") == Decimal("4060.00")
    assert value(cohorts, "cohort_value_returned", start="2026-01-14", end="2026-01-14") == Decimal("10.00")


def test_rates_by_region_category_and_article(cohorts: Path) -> None:
    assert values(cohorts, "return_rate_units", "region", by=["region"]) == {
        "BY": Decimal("0.571429"),  # 8 / 14
        None: Decimal("0.272727"),  # 3 / 11
    }
    assert values(cohorts, "return_rate_units", "category", by=["category"]) == {
        "cups": Decimal("0.5"),  # 10 / 20
        "pots": Decimal("0.2"),  # 1 / 5
    }
    assert values(cohorts, "cohort_units_returned", "reason", by=["reason"]) == {"broken": 7, None: 4}


def test_units_whose_shipment_is_not_known_are_counted_with_the_cause(cohorts: Path) -> None:
    assert values(cohorts, "returns_without_cohort", "cause", by=["cause"]) == {
        "more_than_shipped": 3,
        "no_order": 2,
        "not_shipped": 2,
        "several_lines": 1,
    }
    assert value(cohorts, "units_returned") == 11 + 3 + 2 + 2 + 1


def test_money_without_goods_is_shown_apart_by_the_orders_ship_date(cohorts: Path) -> None:
    assert value(cohorts, "refunded_without_return") == Decimal("27.00")
    assert values(cohorts, "refunded_without_return", "day", grain="day") == {
        "2026-01-15": Decimal("7.00"),
        "2026-01-16": Decimal("20.00"),
    }


def test_reasons_count_returned_lines_of_goods(cohorts: Path) -> None:
    assert values(cohorts, "return_reasons", "reason", by=["reason"]) == {"broken": 1, None: 7}


def test_the_restocked_share_is_of_what_was_received(cohorts: Path) -> None:
    (row,) = rows(cohorts, "restocked_share")

    assert (row["numerator"], row["denominator"], row["value"]) == (2, 6, Decimal("0.333333"))
    assert values(cohorts, "restocked_share", "reason", by=["reason"]) == {
        "broken": Decimal("0.2"),
        "too small": Decimal(1),
    }


def test_days_to_refund_are_blank_while_the_slow_one_is_open(cohorts: Path) -> None:
    assert value(cohorts, "days_to_refund", end="2026-01-31") == Decimal("5.5")  # arrived on the 20th at ten
    (row,) = rows(cohorts, "days_to_refund")
    assert (row["value"], row["sample_size"]) == (None, 2)  # an exchange and what went back are due no money


def test_a_curve_has_a_point_where_units_came_back(cohorts: Path) -> None:
    found = snapshots.fetch(
        snapshots.open_snapshot(cohorts),
        "select age_week, shipped_quantity, returned_quantity, returned_to_age_quantity, is_fully_observed"
        " from reports.rpt_returns_cohort_curves where ship_week = date '2026-01-05' order by age_week",
        {},
    )

    assert [tuple(row.values()) for row in found] == [
        (0, 13, 0, 0, True),
        (2, 13, 7, 7, True),  # after 15 and 17 days
        (3, 13, 2, 9, True),  # after 25
        (5, 13, 1, 10, True),  # after 36
    ]
