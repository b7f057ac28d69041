"""Margins at the edges, by hand: a cost that changes at midnight, currencies, unknown costs, what was cancelled.

Mugs cost 2.00 EUR, from 10 January 3.00; pots 4.00 USD; NEW has a cost from February on only. Boxes have no cost and
move: 10 from the start, 8 in, 12 out, 2 lost, so 4 are left.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.marts import metrics, snapshots
from tests.pipelines.marts.homes import build_home, rows, value, values
from tests.pipelines.marts.return_rows import ReturnRows

SHOP = {"account": ["shop"]}
BOXES = {"where": {"sku": ["BOX"]}, "start": "2026-01-02", "end": "2026-01-31"}
EUROS = ("EUR", "1")


@pytest.fixture(scope="module")
def margins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    core = ReturnRows(time_zone="UTC", base_currency="EUR")
    core.account("shop")
    core.account("market", channel="marketplace")
    core.cost("MUG", "2.00", valid_from="2026-01-01")
    core.cost("MUG", "3.00", valid_from="2026-01-10")
    core.cost("POT", "4.00", valid_from="2026-01-01", currency="USD")
    core.cost("NEW", "1.00", valid_from="2026-02-01")
    core.order(1, placed_at="2026-01-09T23:59:59", base=EUROS, customer_id=7)
    core.sent_to(1, "BY")
    core.line(11, 1, amount="40.00", quantity=5, cancelled=1, sku="MUG")
    core.discounted(11, "10.00")
    core.line(12, 1, amount="4.90", kind="shipping")
    core.line(13, 1, amount="0.00", quantity=1, sku="MUG")
    core.order(2, placed_at="2026-01-10", base=EUROS, customer_id=7)
    core.line(21, 2, amount="10.00", quantity=1, sku="MUG")
    core.order(3, placed_at="2026-01-11", base=("EUR", "0.5"), currency="USD", customer_id=8)
    core.line(31, 3, amount="20.00", quantity=2, sku="MUG")
    core.order(4, placed_at="2026-01-11", currency="USD", account="market")
    core.line(41, 4, amount="9.00", quantity=1, sku="MUG")
    core.order(5, placed_at="2026-01-11", currency="USD", account="market")
    core.line(51, 5, amount="9.00", quantity=1, sku="POT")
    core.order(6, placed_at="2026-01-12", base=EUROS, customer_id=9)
    core.line(61, 6, amount="30.00", quantity=1, sku="NEW")
    core.order(7, placed_at="2026-01-05", base=EUROS, customer_id=9, lifecycle="cancelled")
    core.line(71, 7, amount="99.00", quantity=1, sku="MUG")
    core.order(8, placed_at="2026-01-12", base=EUROS)
    core.line(81, 8, amount="10.00", quantity=1, sku="POT")
    core.returned(1, at="2026-01-20T10:00:00", amount="10.00", sku="MUG", base=EUROS)  # costs 3.00 by now
    core.returned(2, at="2026-01-20T10:00:00", amount="30.00", sku="NEW", base=EUROS)  # has no cost yet
    core.move(1, "BOX", 10, kind="opening", at="2026-01-01")
    core.move(2, "BOX", 8, kind="receive", at="2026-01-05")
    core.move(3, "BOX", -13, kind="ship", at="2026-01-08")
    core.move(4, "BOX", -2, kind="adjust_loss", at="2026-01-09")
    core.move(5, "BOX", 13, kind="ship", at="2026-01-10", reverses=3)
    core.move(6, "BOX", -12, kind="ship", at="2026-01-11")
    core.observe(1, "BOX", 4, at="2026-01-31T23:59:59")
    home = tmp_path_factory.mktemp("margins")
    assert build_home(home, core).failed_tests == ()
    return home


def test_the_cost_is_the_one_of_the_instant_of_placing(margins: Path) -> None:
    assert values(margins, "gross_margin", "day", grain="day", where=SHOP) == {
        "2026-01-09": Decimal("32.00"),  # 40 for four kept mugs at 2.00
        "2026-01-10": Decimal("7.00"),  # 10 less 3.00
        "2026-01-11": Decimal("4.00"),  # 20 USD are 10 EUR, less two mugs at 3.00
    }  # neither line of the 12th has a cost that is known in euros


def test_a_margin_covers_only_what_has_a_cost_and_says_how_much(margins: Path) -> None:
    (margin,) = rows(margins, "gross_margin", where=SHOP)
    (share,) = rows(margins, "gross_margin_share", where=SHOP)
    (covered,) = rows(margins, "margin_covered_share", where=SHOP)

    assert (margin["value"], margin["currency"]) == (Decimal("43.00"), "EUR")
    assert (share["numerator"], share["denominator"]) == (Decimal("43.00"), Decimal("60.00"))
    assert share["value"] == Decimal("0.716667")
    assert (covered["numerator"], covered["denominator"]) == (Decimal("60.00"), Decimal("100.00"))
    assert value(margins, "cost_of_sales", where=SHOP) == Decimal("17.00")  # 8 + 3 + 6


def test_nothing_with_a_known_cost_is_a_blank_margin(margins: Path) -> None:
    assert value(margins, "gross_margin", where={"sku": ["NEW"]}) is None
    assert value(margins, "gross_margin_share", where={"sku": ["NEW"]}) is None
    assert value(margins, "margin_covered_share", where={"sku": ["NEW"]}) == 0


def test_costs_follow_the_orders_currency_by_its_rate(margins: Path) -> None:
    assert values(margins, "gross_margin", "currency", by=["currency"], where=SHOP) == {
        "EUR": Decimal("39.00"),
        "USD": Decimal("8.00"),  # a mug at 3.00 EUR is 6.00 USD
    }
    # Without a rate a cost in euros says nothing of dollars; one in dollars does.
    assert value(margins, "gross_margin", where={"account": ["market"]}) == Decimal("5.00")
    assert value(margins, "margin_covered_share", where={"account": ["market"]}) == Decimal("0.5")


def test_mixed_currencies_have_no_margin(margins: Path) -> None:
    answer = metrics.ask(snapshots.open_snapshot(margins), "gross_margin")

    assert (answer.rows[0]["value"], answer.note) == (None, metrics.MIXED_CURRENCIES)


def test_returns_take_their_margin_back_at_the_cost_of_their_day(margins: Path) -> None:
    assert value(margins, "margin_returned", where=SHOP) == Decimal("7.00")  # 10 less 3.00; NEW has no cost
    assert value(margins, "gross_margin_after_returns", where=SHOP) == Decimal("36.00")


def test_gross_sales_are_before_discount(margins: Path) -> None:
    goods = {"where": {**SHOP, "line_kind": ["item"]}}

    assert value(margins, "gross_sales", **goods) == Decimal("110.00")  # 100 and the 10 taken off
    assert value(margins, "net_sales", **goods) == Decimal("100.00")
    assert value(margins, "gross_sales", where=SHOP) == Decimal("114.90")


def test_sales_by_region_and_by_new_and_returning_customers(margins: Path) -> None:
    asked = {"where": {**SHOP, "line_kind": ["item"]}}

    assert values(margins, "net_sales", "region", by=["region"], **asked) == {
        "BY": Decimal("40.00"),
        None: Decimal("60.00"),
    }
    assert values(margins, "net_sales", "customer_group", by=["customer_group"], **asked) == {
        "new": Decimal("80.00"),  # 40, 10 and 30: a cancelled order before makes nobody known
        "returning": Decimal("10.00"),
        None: Decimal("10.00"),
    }


def test_four_definitions_of_sell_through_differ(margins: Path) -> None:
    assert value(margins, "sell_through", **BOXES) == Decimal("0.666667")  # 12 of 10 + 8
    assert value(margins, "sell_through_per_received", **BOXES) == Decimal("1.5")  # 12 of 8
    assert value(margins, "sell_through_per_start", **BOXES) == Decimal("1.2")  # 12 of 10
    assert value(margins, "sell_through_per_left_and_sold", **BOXES) == Decimal("0.75")  # 12 of 4 + 12


def test_an_opening_within_the_period_lay_there_at_its_start(margins: Path) -> None:
    whole = BOXES | {"start": "2026-01-01"}

    assert value(margins, "sell_through", **whole) == Decimal("0.666667")


def test_sell_through_of_a_later_part_starts_with_what_lay_there_then(margins: Path) -> None:
    later = BOXES | {"start": "2026-01-09"}

    # 5 lay there on the 9th, 2 were lost, 13 came back to the shelf, 12 left: the reversal counts below zero.
    assert value(margins, "sell_through_per_start", **later) == Decimal("-0.2")
    assert value(margins, "sell_through_per_received", **later) is None


def test_stock_without_a_cost_has_no_return_on_it_and_says_so(margins: Path) -> None:
    answer = metrics.ask(snapshots.open_snapshot(margins), "gmroi", where={"sku": ["BOX"]})

    assert (answer.rows[0]["value"], answer.note) == (None, metrics.UNVALUED)
