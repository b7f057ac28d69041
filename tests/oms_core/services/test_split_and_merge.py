"""Splitting and merging: units, money, tax and promises are conserved; customer's number and buyer stay."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from oms_core.domain.order_requests import NewCharge
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.define import Component, DefineSku, define_sku
from oms_core.services.merge_orders import MergeOrders, merge_orders
from oms_core.services.order_holds import HoldOrder, hold_order
from oms_core.services.order_units import LineUnits
from oms_core.services.place_orders import place_order
from oms_core.services.split_order import SplitOrder, split_order
from tests.builders import a_context, a_line, an_order, contents, facts_of, give, rows_of
from tests.order_cases import (
    BERLIN,
    CLERK,
    FEED,
    VIEWER,
    a_call,
    a_new_line,
    lines_of,
    open_shop,
    place,
    promise,
    ship,
    stock_up,
    to_place,
)

# What the orders hold together: open units, amount, discount and tax of their lines.
HELD = """select sum(quantity - cancelled_quantity - moved_quantity),
    sum(line_amount - cancelled_amount - moved_amount),
    sum(discount_amount - cancelled_discount - moved_discount),
    sum(coalesce(tax_amount, 0) - cancelled_tax - moved_tax) from order_line"""


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def split(core, order="shop/1001", actor=CLERK, **lines):
    asked = tuple(LineUnits(key.removeprefix("_"), units) for key, units in lines.items())
    return split_order(core, SplitOrder(order, asked, "two parcels"), a_call(actor)).document


def merge(core, *orders, actor=CLERK):
    return merge_orders(core, MergeOrders(orders, "one parcel"), a_call(actor)).document


def same_buyer(number, *lines, **more):
    first = to_place("1001")
    return replace(to_place(number, *lines, **more), customer=first.customer, ship_to=first.ship_to)


def place_for_one_buyer(core, number, *lines, **more):
    return place_order(core, same_buyer(number, *lines, **more), a_call(FEED)).document


def test_units_go_to_an_order_of_their_own_with_their_money_and_their_stock(shop):
    stock_up(shop, "MUG", 10)
    line = a_new_line(quantity=3, price=1000, discount=100, tax_rate=190_000)
    place(shop, "1001", line, a_new_line("2", sku="CUP"), charges=(NewCharge("shipping", 490),), note="Ring twice")
    promise(shop, "shop/1001")
    before = rows_of(shop, HELD)

    document = split(shop, _1=1)

    # 29.00 + 5.51 tax in three parts: 9.67 + 1.84 for the first; shipping stays
    assert (document["total"], document["child"]["total"]) == ("37.90", "11.51")
    assert (document["status"], document["child"]["status"]) == ("confirmed", "confirmed")
    assert document["child"]["order"] == "shop/1001-2"
    assert lines_of(shop, "shop/1001") == [("1", 3, 0, 1, 0, 2), ("2", 1, 0, 0, 0, 0)]
    assert lines_of(shop, "shop/1001-2") == [("1", 1, 0, 0, 0, 1)]
    assert rows_of(shop, "select on_hand, committed from stock_balance") == [(10, 3)]
    assert rows_of(shop, HELD) == before
    assert rows_of(
        shop,
        "select c.customer_number, c.relation, p.external_id, c.customer_id = p.customer_id, c.payment_terms"
        " from sales_order as c join sales_order as p on p.order_id = c.parent_order_id",
    ) == [("1001", "split", "1001", True, "on_account")]
    assert len(rows_of(shop, "select distinct name, street, note from order_personal")) == 1
    facts_of(shop)


def test_a_part_can_be_split_again_and_keeps_the_number_the_customer_knows(shop):
    place(shop, "1001", a_new_line(quantity=4))
    split(shop, _1=3)

    again = split(shop, "shop/1001-2", _1=1)

    assert again["child"]["order"] == "shop/1001-3"
    assert rows_of(shop, "select customer_number from sales_order order by order_id") == [(None,), ("1001",), ("1001",)]
    assert rows_of(
        shop, "select external_id from sales_order where order_id in (select origin_order_id from order_line)"
    ) == [("1001",)]


def test_a_bundle_is_split_by_whole_kits(shop):
    define_sku(shop, DefineSku("SET", components=(Component("MUG", 1), Component("CUP", 4))), a_call())
    place(shop, "1001", a_new_line("7", sku="SET", quantity=3, price=5000))

    split(shop, _7=1)

    assert lines_of(shop, "shop/1001-2") == [("7", 1, 0, 0, 0, 0), ("7.1", 4, 0, 0, 0, 0), ("7.2", 1, 0, 0, 0, 0)]
    assert rows_of(
        shop,
        "select p.line_key, c.line_key from order_line as c join order_line as p on p.line_id = c.parent_line_id"
        " and p.order_id = c.order_id order by c.line_id",
    ) == [("7", "7.1"), ("7", "7.2"), ("7", "7.1"), ("7", "7.2")]
    facts_of(shop)


def test_a_split_is_a_version_of_the_order(shop):
    place(shop, "1001", a_new_line(quantity=3))

    assert split(shop, _1=1)["version"] == 2
    assert rows_of(shop, "select version, after, reason, actor from order_change") == [
        (2, '{"moved": {"1": 1}, "to": "shop/1001-2"}', "two parcels", "mei")
    ]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ({"_1": 3, "_2": 1}, "SPLIT_TAKES_ALL"),
        ({"_1": 4}, "LINE_NOT_OPEN"),
        ({"_1": 0}, "QUANTITY_INVALID"),
        ({}, "QUANTITY_INVALID"),
        ({"_9": 1}, "LINE_UNKNOWN"),
    ],
)
def test_a_split_that_makes_no_two_orders_is_refused_and_nothing_changes(shop, lines, code):
    place(shop, "1001", a_new_line(quantity=3), a_new_line("2", sku="CUP"))
    before = contents(shop)

    with pytest.raises(OmsError) as refusal:
        split(shop, **lines)

    assert refusal.value.code == code
    assert contents(shop) == before


def test_held_and_ended_orders_are_not_split_and_nobody_without_the_permission_splits(shop):
    place(shop, "1001", a_new_line(quantity=3))
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        split(shop, actor=VIEWER, _1=1)
    hold_order(shop, HoldOrder("shop/1001", "fraud", "because"), a_call(CLERK))
    with pytest.raises(RuleViolationError, match="ORDER_HELD"):
        split(shop, _1=1)
    cancel_order(shop, CancelOrder("shop/1001", "no more"), a_call(CLERK))
    before = contents(shop)

    with pytest.raises(RuleViolationError, match="SPLIT_REFUSED"):
        split(shop, _1=1)

    assert contents(shop) == before


def test_orders_of_one_buyer_and_address_become_one_to_the_cent(shop):
    stock_up(shop, "MUG", 10)
    place_for_one_buyer(shop, "1001", a_new_line(quantity=2), charges=(NewCharge("shipping", 490),))
    place_for_one_buyer(
        shop,
        "1002",
        a_new_line(quantity=3, discount=100, tax_rate=190_000),
        a_new_line("2", sku="CUP"),
        charges=(NewCharge("shipping", 290, "LATE"),),
    )
    promise(shop, "shop/1001", "shop/1002")
    before = rows_of(shop, HELD)

    document = merge(shop, "shop/1001", "shop/1002")

    # 20.00 + 4.90, and 29.00 + 5.51 + 10.00 + 2.90
    assert (document["order"], document["total"], document["merged"]) == ("shop/1001", "72.31", ["shop/1002"])
    assert lines_of(shop, "shop/1001") == [("1", 2, 0, 0, 0, 2), ("1002:1", 3, 0, 0, 0, 3), ("1002:2", 1, 0, 0, 0, 0)]
    assert lines_of(shop, "shop/1002") == [("1", 3, 0, 3, 0, 0), ("2", 1, 0, 1, 0, 0)]
    assert rows_of(
        shop, "select external_id, lifecycle, total_amount, merged_into_id is null from sales_order order by order_id"
    ) == [("1001", "confirmed", 7231, True), ("1002", "cancelled", 0, False)]
    assert rows_of(shop, HELD) == before
    assert rows_of(shop, "select on_hand, committed from stock_balance") == [(10, 5)]
    facts_of(shop)


def test_of_two_merges_that_cross_one_wins_and_neither_hangs(shop):
    for number, units in (("1001", 1), ("1002", 2)):
        place_for_one_buyer(shop, number, a_new_line(quantity=units))

    def try_to_merge(orders):
        try:
            return merge(shop, *orders)["total"]
        except RuleViolationError as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as clerks:
        answers = list(clerks.map(try_to_merge, [("shop/1001", "shop/1002"), ("shop/1002", "shop/1001")]))

    assert sorted(answers) == ["30.00", "MERGE_REFUSED"]
    assert rows_of(shop, HELD) == [(3, 3000, 0, 0)]
    facts_of(shop)


def test_what_was_split_can_be_merged_again(shop):
    place(shop, "1001", a_new_line(quantity=3, discount=100, tax_rate=190_000))
    total = rows_of(shop, "select total_amount from sales_order")
    split(shop, _1=1)

    merge(shop, "shop/1001", "shop/1001-2")

    assert rows_of(shop, "select total_amount from sales_order where merged_into_id is null") == total
    facts_of(shop)


def test_orders_that_differ_are_not_merged_and_nothing_changes(shop):
    place_for_one_buyer(shop, "1001")
    place(shop, "1002")
    place_order(shop, replace(same_buyer("1003", a_new_line(quantity=2)), ship_to=BERLIN), a_call(FEED))
    place_for_one_buyer(shop, "1004", a_new_line(quantity=3))
    ship(shop, "shop/1004", _1=1)
    place_for_one_buyer(shop, "1005", a_new_line(quantity=4), payment_terms="prepaid")
    before = contents(shop)

    problems = {}
    for other in ("1002", "1003", "1004", "1005"):
        with pytest.raises(RuleViolationError) as refusal:
            merge(shop, "shop/1001", f"shop/{other}")
        problems[other] = refusal.value.details["problems"]

    assert problems == {
        "1002": ["another buyer", "another address"],
        "1003": ["another address"],
        "1004": ["shop/1004 has shipped goods"],
        "1005": ["shop/1001 is confirmed and shop/1005 pending"],
    }
    assert contents(shop) == before


def test_orders_that_their_channel_fulfils_are_changed_there(shop):
    give(shop, an_order("A-1", a_line(quantity=2)), an_order("A-2"), context=a_context(account="market"))
    before = contents(shop)

    with pytest.raises(RuleViolationError, match="FULFILLED_ELSEWHERE"):
        split(shop, "market/A-1", _1=1)
    with pytest.raises(RuleViolationError, match="FULFILLED_ELSEWHERE"):
        merge(shop, "market/A-1", "market/A-2")

    assert contents(shop) == before


def test_a_merge_names_two_orders_that_exist_and_an_actor_who_may(shop):
    place_for_one_buyer(shop, "1001")
    place_for_one_buyer(shop, "1002", a_new_line(quantity=2))
    before = contents(shop)

    for orders in (("shop/1001",), ("shop/1001", "shop/1001"), ("shop/1001", "1001")):
        with pytest.raises(InvalidRequestError, match="MERGE_NEEDS_TWO"):
            merge(shop, *orders)
    with pytest.raises(InvalidRequestError, match="ORDER_UNKNOWN"):
        merge(shop, "shop/1001", "shop/9")
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        merge(shop, "shop/1001", "shop/1002", actor=VIEWER)

    assert contents(shop) == before


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    lines=st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 99_999), st.sampled_from([None, 0, 70_000, 190_000])),
        min_size=1,
        max_size=4,
    ),
    discount=st.integers(0, 50),
    inside=st.booleans(),
    taken=st.data(),
)
def test_any_split_conserves_units_amounts_and_tax(sqlite_core, lines, discount, inside, taken):
    if not rows_of(sqlite_core, "select 1 from channel_account where account = 'shop'"):
        open_shop(sqlite_core)
    number = f"N{rows_of(sqlite_core, 'select count(*) from sales_order')[0][0]}"
    asked = [
        a_new_line(str(at), quantity=quantity, price=price + 100, tax_rate=rate)
        for at, (quantity, price, rate) in enumerate(lines)
    ]
    ship_to = BERLIN._replace(street=number)
    request = to_place(
        number, *asked, charges=(NewCharge("discount", discount),), prices_include_tax=inside, ship_to=ship_to
    )
    status = place_order(sqlite_core, request, a_call(FEED)).document["status"]
    units = {line.line_key: taken.draw(st.integers(0, line.quantity)) for line in asked}
    moved = {f"_{key}": count for key, count in units.items() if count}
    if status != "confirmed" or not moved or sum(units.values()) == sum(line.quantity for line in asked):
        return
    before = rows_of(sqlite_core, HELD)
    total = rows_of(sqlite_core, f"select total_amount from sales_order where external_id = '{number}'")[0][0]

    split(sqlite_core, f"shop/{number}", **moved)

    assert rows_of(sqlite_core, HELD) == before
    assert rows_of(
        sqlite_core,
        f"select sum(total_amount) from sales_order where external_id = '{number}' or customer_number = '{number}'",
    ) == [(total,)]
