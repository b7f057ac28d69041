"""Stock at any instant with its value, and orders to read: expected values by hand."""

from datetime import date
from decimal import Decimal

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.orders import Lifecycle
from oms_core.services.order_detail import show_order
from oms_core.services.orders_read import accounts, find_orders
from oms_core.services.quarantine import count_open, open_rows, to_replay
from oms_core.services.stock_read import stock_rows
from oms_core.storage.engine import reading
from oms_core.storage.stock_ledger import stock_at
from tests.builders import (
    NOW,
    a_balance,
    a_context,
    a_cost,
    a_customer,
    a_held_row,
    a_line,
    a_message,
    a_movement,
    a_place,
    a_return,
    an_order,
    close_of,
    give,
    march,
    ready_core,
)

# --- stock ----------------------------------------------------------------------------------------


def stock(core, **asked):
    with reading(core) as connection:
        return stock_rows(connection, **{"now": NOW, **asked})[1]


def units(rows):
    return {(row.sku, row.location, row.condition): row.on_hand for row in rows}


@pytest.fixture
def moved(core):
    give(
        core,
        a_movement("1", units=10, at=march(2, 9)),
        a_movement("2", kind="ship", units=3, at=march(4, 18)),
        a_movement("3", units=2, at=march(4, 18), location="YARD"),
        a_movement("4", units=1, at=march(3), sku="CUP"),
        a_movement("5", kind="ship", units=1, at=march(5), sku="CUP"),
        a_movement("6", units=4, at=march(4), condition="damaged"),
        context=a_context(a_place(), a_place("YARD")),
    )
    return core


def test_stock_now_is_the_sum_of_all_movements(moved):
    assert units(stock(moved)) == {
        ("CUP", "MAIN", "sellable"): 0,
        ("MUG", "MAIN", "damaged"): 4,
        ("MUG", "MAIN", "sellable"): 7,
        ("MUG", "YARD", "sellable"): 2,
    }


def test_stock_at_an_instant_counts_the_movements_up_to_it(moved):
    just_before = march(4, 18) - 1

    assert units(stock(moved, at=just_before, sku="MUG", place="MAIN")) == {
        ("MUG", "MAIN", "sellable"): 10,
        ("MUG", "MAIN", "damaged"): 4,
    }
    assert units(stock(moved, at=march(4, 18), sku="MUG"))["MUG", "MAIN", "sellable"] == 7
    assert stock(moved, at=march(2, 9) - 1) == []


def test_a_date_means_the_end_of_that_business_day(any_database):
    with ready_core(any_database, time_zone="America/New_York") as core:
        give(core, a_movement("1", units=5, at=march(2, 12)), a_movement("2", units=2, at=march(3, 4, 59)))
        give(core, a_movement("3", units=1, at=march(3, 5)))  # 5:00 UTC is midnight in New York

        assert units(stock(core, at=date(2026, 3, 2))) == {("MUG", "MAIN", "sellable"): 7}
        assert units(stock(core, at=date(2026, 3, 3))) == {("MUG", "MAIN", "sellable"): 8}


def test_stock_as_known_leaves_out_what_was_recorded_later(core):
    give(core, a_movement("1", units=5, at=march(2)), now=NOW)
    give(core, a_movement("2", units=3, at=march(1)), now=NOW + 10)

    assert units(stock(core, at=march(3), as_known=NOW)) == {("MUG", "MAIN", "sellable"): 5}
    assert units(stock(core, at=march(3))) == {("MUG", "MAIN", "sellable"): 8}


def test_many_instants_are_answered_in_one_pass(moved):
    marks = [march(2, 9) - 1, march(2, 9), close_of(4), close_of(9)]

    with reading(moved) as connection:
        together = {(row.at, row.on_hand) for row in stock_at(connection, [*reversed(marks), marks[0]], sku="CUP")}
        one_by_one = {(mark, row.on_hand) for mark in marks for row in stock_at(connection, [mark], sku="CUP")}

    assert together == one_by_one == {(close_of(4), 1), (close_of(9), 0)}


def test_no_instants_give_no_rows(moved):
    with reading(moved) as connection:
        assert stock_at(connection, []) == []


def test_only_sellable_units_are_available(moved):
    rows = {row.condition: row for row in stock(moved, sku="MUG", place="MAIN")}

    assert (rows["sellable"].allocated, rows["sellable"].available) == (0, 7)
    assert (rows["damaged"].allocated, rows["damaged"].available) == (0, 0)


def test_of_a_past_instant_promises_are_not_known(moved):
    assert {(row.allocated, row.available) for row in stock(moved, at=march(4))} == {(None, None)}


def value(core, at):
    [row] = stock(core, at=at)
    return row.value, row.currency


def test_value_is_units_times_the_cost_valid_then(core):
    give(
        core,
        a_movement(units=10, at=march(1)),
        a_cost(200, since=march(2)),
        a_cost(255, since=march(4), cost_scale=2),
        a_cost(3, since=march(6), cost_scale=0),
    )

    assert value(core, march(1, 12)) == (None, None)
    assert value(core, march(2)) == (Decimal("20.00"), "EUR")
    assert value(core, march(4) - 1) == (Decimal("20.00"), "EUR")
    assert value(core, march(4)) == (Decimal("25.50"), "EUR")
    assert value(core, march(6)) == (Decimal(30), "EUR")


def test_a_cost_of_the_place_and_one_for_everywhere_the_newer_counts(core):
    give(
        core,
        a_movement(units=10, at=march(1)),
        a_cost(100, since=march(2)),
        a_cost(150, since=march(3), location="MAIN"),
        a_cost(170, since=march(5)),
        a_cost(999, since=march(3), location="YARD"),
        context=a_context(a_place(), a_place("YARD")),
    )

    assert value(core, march(2)) == (Decimal("10.00"), "EUR")
    assert value(core, march(4)) == (Decimal("15.00"), "EUR")
    assert value(core, march(5)) == (Decimal("17.00"), "EUR")


def test_a_cost_observed_with_a_balance_is_valid_from_the_start_of_its_day(core):
    give(
        core,
        a_movement(units=10, at=march(1)),
        a_balance(10, at=close_of(3), unit_cost=120, cost_scale=2, currency="EUR"),
        a_balance(10, at=close_of(5), unit_cost=1500, cost_scale=3, currency="EUR"),
    )

    assert value(core, march(2)) == (None, None)
    assert value(core, march(3)) == (Decimal("12.00"), "EUR")
    assert value(core, close_of(4)) == (Decimal("12.00"), "EUR")
    assert value(core, march(5)) == (Decimal("15.000"), "EUR")


def test_an_observed_cost_goes_before_a_catalogue_cost_of_the_same_instant(core):
    give(
        core,
        a_movement(units=10, at=march(1)),
        a_cost(100, since=march(3)),
        a_balance(10, at=close_of(3), unit_cost=120, cost_scale=2, currency="EUR"),
        a_cost(130, since=march(4)),
    )

    assert value(core, march(3)) == (Decimal("12.00"), "EUR")
    assert value(core, march(4)) == (Decimal("13.00"), "EUR")


def test_a_cost_recorded_later_was_not_known(core):
    give(core, a_movement(units=10, at=march(1)), a_cost(100, since=march(1)), now=NOW)
    give(core, a_cost(130, since=march(2)), now=NOW + 10)

    [row] = stock(core, at=march(3), as_known=NOW)

    assert row.value == Decimal("10.00")


def test_reading_stock_of_an_unknown_article_gives_no_rows(moved):
    assert stock(moved, sku="NOBODY KNOWS") == []


# --- orders ---------------------------------------------------------------------------------------


@pytest.fixture
def sold(core):
    shipping = a_line("2", sku=None, quantity=1, cents=495, line_kind="shipping")
    lost = a_line("3", quantity=-2, cents=0, line_kind="write_off")
    give(
        core,
        an_order("A-1", a_line("1", quantity=3, cents=3000, cancelled_quantity=1), shipping, lost, country="DE"),
        an_order("A-2", a_line("1", sku="CUP"), placed_at=march(4), lifecycle=Lifecycle.CLOSED, country="AT"),
        an_order("B-1", placed_at=march(3), customer=a_customer(name="Ada Lovelace", email="ada@example.org")),
        a_return("R-1", a_line("1", quantity=1, cents=1000, reason="broken"), order_external_id="A-1"),
        a_movement("in", units=9, at=march(1)),
        a_movement("out", kind="ship", units=2, at=march(3), order_account="shop", order_external_id="A-1"),
    )
    give(core, an_order("A-1", placed_at=march(1)), context=a_context(account="market"))
    return core


def found(core, **asked):
    with reading(core) as connection:
        page = find_orders(connection, **asked)
    return [(row.account, row.external_id) for row in page.rows], page.total


def test_orders_come_newest_first(sold):
    assert found(sold) == ([("shop", "A-2"), ("shop", "B-1"), ("shop", "A-1"), ("market", "A-1")], 4)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"text": "A-"}, ["A-2", "A-1", "A-1"]),
        ({"text": " B-1 "}, ["B-1"]),
        ({"text": "cup"}, ["A-2"]),
        ({"text": "%"}, []),
        ({"status": "closed"}, ["A-2"]),
        ({"account": "market"}, ["A-1"]),
        ({"country": "DE"}, ["A-1"]),
        ({"channel": "web"}, ["A-2", "B-1", "A-1", "A-1"]),
        ({"start": march(2, 12), "end": march(4)}, ["B-1", "A-1"]),  # the end is not included
        ({"start": march(4)}, ["A-2"]),
        ({"text": "A-", "status": "confirmed", "account": "shop"}, ["A-1"]),
    ],
)
def test_orders_are_found_by(sold, asked, numbers):
    rows, total = found(sold, **asked)

    assert [number for _, number in rows] == numbers
    assert total == len(numbers)


def test_a_page_is_a_part_of_the_list_and_knows_the_whole(sold):
    assert found(sold, limit=2, offset=1) == ([("shop", "B-1"), ("shop", "A-1")], 4)
    assert found(sold, offset=9) == ([], 4)


def test_a_summary_counts_goods_and_sale_amounts(sold):
    with reading(sold) as connection:
        page = find_orders(connection, text="A-1", account="shop")

    [row] = page.rows
    assert (row.lines, row.units, row.amount) == (3, 2, Decimal("34.95"))  # 3 - 1 cancelled; 30.00 + 4.95


def test_a_status_that_does_not_exist_is_refused(sold):
    with pytest.raises(InvalidRequestError) as caught, reading(sold) as connection:
        find_orders(connection, status="shipped")

    assert caught.value.code == "STATUS_UNKNOWN"
    assert "none" not in caught.value.remedy


def test_an_order_is_shown_whole(sold):
    with reading(sold) as connection:
        order = show_order(connection, "shop/A-1")

    assert (order["account"], order["external_id"], order["status"]) == ("shop", "A-1", "confirmed")
    assert (order["placed_at"], order["country"]) == ("2026-03-02T12:00:00Z", "DE")
    assert (order["units"], order["amount"]) == (2, Decimal("34.95"))
    assert [(it["line_kind"], it["quantity"], it["line_amount"]) for it in order["lines"]] == [
        ("item", 3, Decimal("30.00")),
        ("shipping", 1, Decimal("4.95")),
        ("write_off", -2, Decimal("0.00")),
    ]
    assert [(it["seq"], it["event"], it["to_state"]) for it in order["events"]] == [
        (1, "place", "pending"),
        (2, "confirm", "confirmed"),
    ]
    assert [(it["kind"], it["quantity"], it["occurred_at"]) for it in order["movements"]] == [
        ("ship", -2, "2026-03-03T00:00:00Z")
    ]
    [back] = order["returns"]
    assert (back["external_id"], back["lines"][0]["quantity"], back["lines"][0]["reason"]) == ("R-1", 1, "broken")


def test_lines_are_shown_in_the_order_of_their_numbers(core):
    give(core, an_order("A-1", *(a_line(str(number)) for number in (10, 2, 1, 11))))

    with reading(core) as connection:
        order = show_order(connection, "A-1")

    assert [line["line_key"] for line in order["lines"]] == ["1", "2", "10", "11"]


def test_an_order_shows_no_person(sold):
    with reading(sold) as connection:
        assert "Ada" not in repr(show_order(connection, "B-1"))


def test_an_order_is_found_by_number_by_account_and_by_id(sold):
    with reading(sold) as connection:
        by_number = show_order(connection, "B-1")
        by_id = show_order(connection, str(by_number["order_id"]))

    assert by_id == by_number


def test_an_order_that_does_not_exist_is_refused_with_a_remedy(sold):
    with pytest.raises(InvalidRequestError) as caught, reading(sold) as connection:
        show_order(connection, "Z-9")

    assert caught.value.code == "ORDER_UNKNOWN"
    assert "oms order list" in caught.value.remedy


def test_an_ambiguous_number_names_the_choices(sold):
    with pytest.raises(InvalidRequestError) as caught, reading(sold) as connection:
        show_order(connection, "A-1")

    assert caught.value.code == "ORDER_AMBIGUOUS"
    assert "shop/A-1" in caught.value.remedy
    assert "market/A-1" in caught.value.remedy


def test_accounts_are_listed_by_name(sold):
    with reading(sold) as connection:
        assert [(it["account"], it["channel"], it["moves_stock"]) for it in accounts(connection)] == [
            ("market", "web", False),
            ("shop", "web", False),
        ]


# --- rows held back -------------------------------------------------------------------------------


def test_held_rows_are_listed_by_file_and_row(core):
    give(core, a_message(a_held_row(9)), a_message(a_held_row(3)), a_message(a_held_row(5, path="a.csv")))

    with reading(core) as connection:
        rows = open_rows(connection)

    assert [(row["path"], row["row"]) for row in rows] == [("a.csv", 5), ("orders.csv", 3), ("orders.csv", 9)]
    assert {name: rows[1][name] for name in ("column", "rule", "value", "reason", "fix")} == {
        "column": "qty",
        "rule": "not_a_whole_number",
        "value": "two",
        "reason": "'two' is no whole number",
        "fix": "Correct the cell.",
    }


@pytest.mark.parametrize("which", ["999", "first", "", "-1"])
def test_replaying_a_row_that_is_not_open_is_refused(core, which):
    give(core, a_message(a_held_row()))

    with pytest.raises(InvalidRequestError) as caught, reading(core) as connection:
        to_replay(connection, which)

    assert caught.value.code == "QUARANTINE_UNKNOWN"


def test_all_open_rows_are_replayed_and_counted(core):
    give(core, a_message(a_held_row(9)), a_message(a_held_row(3)))

    with reading(core) as connection:
        assert count_open(connection) == len(to_replay(connection, "all")) == 2
