"""Facets and headline of orders as they are read."""

import pytest

from oms_core.domain.permissions import Actor, Role
from oms_core.services.allocate_order import AllocateOrder, allocate_order
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.change_order import ChangeOrder, change_order
from oms_core.services.merge_orders import MergeOrders, merge_orders
from oms_core.services.order_facets import facets_of
from oms_core.services.order_holds import HoldOrder, hold_order
from oms_core.services.order_units import LineUnits
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.split_order import SplitOrder, split_order
from oms_core.storage.engine import reading
from tests.builders import NOW, an_order, give, rows_of
from tests.order_cases import CLERK, a_call, a_new_line, a_payment, open_shop, place, promise, ship, stock_up


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def shown(core, number="1001"):
    ((order_id,),) = rows_of(core, f"select order_id from sales_order where external_id = '{number}'")
    with reading(core) as connection:
        return facets_of(connection, [order_id])[order_id]


def words(core, number="1001"):
    it = shown(core, number)
    return it["headline_zh"], it["payment_status"], it["fulfilment_status"]


def test_a_prepaid_order_awaits_its_payment_and_is_confirmed_by_it(shop):
    place(shop, "1001", a_new_line(quantity=3), payment_terms="prepaid")
    assert words(shop) == ("待付款", "unpaid", "unfulfilled")

    record_payment(shop, RecordPayment("shop/1001", "capture", "alipay", "30.00", "alipay", "A-1"), a_call())
    assert words(shop) == ("待发货", "paid", "unfulfilled")


def test_a_confirmed_order_is_to_be_shipped_until_an_allocation_finds_that_it_lacks_stock(shop):
    paid = a_payment(3000, method="alipay", kind="capture")
    place(shop, "1001", a_new_line(quantity=3), payment_terms="prepaid", payments=(paid,))
    assert words(shop) == ("待发货", "paid", "unfulfilled")

    promise(shop, "shop/1001")
    assert words(shop) == ("缺货", "paid", "unfulfilled")

    stock_up(shop, "MUG", 10)
    promise(shop, "shop/1001")
    assert words(shop) == ("待发货", "paid", "allocated")

    ship(shop, "shop/1001", _1=1)
    assert words(shop) == ("部分发货", "paid", "partially_shipped")

    ship(shop, "shop/1001", deliver=True, _1=2)
    assert words(shop) == ("部分发货", "paid", "partially_delivered")


def test_a_held_order_awaits_review_with_its_holds(shop):
    place(shop, "1001")
    hold_order(shop, HoldOrder("shop/1001", "fraud", "stolen card"), a_call(CLERK))

    it = shown(shop)

    assert (it["headline"], it["headline_zh"]) == ("awaiting_review", "待审核")
    assert [(hold["kind"], hold["reason"], hold["actor"]) for hold in it["holds"]] == [("fraud", "stolen card", "mei")]


def test_a_cancelled_order_that_was_paid_is_being_refunded(shop):
    paid = a_payment(1000, method="alipay", kind="capture")
    place(shop, "1001", payment_terms="prepaid", payments=(paid,))
    cancel_order(shop, CancelOrder("shop/1001", "no more"), a_call(CLERK))

    it = shown(shop)

    assert (it["headline_zh"], it["to_refund"]) == ("退款中", "10.00")


def test_parts_of_a_paid_order_are_paid_and_nothing_is_to_be_refunded(shop):
    paid = a_payment(3000, method="alipay", kind="capture")
    place(shop, "1001", a_new_line(quantity=3), payment_terms="prepaid", payments=(paid,))
    split_order(shop, SplitOrder("shop/1001", (LineUnits("1", 1),), "two parcels"), a_call(CLERK))

    assert [
        (shown(shop, number)["payment_status"], shown(shop, number)["to_refund"]) for number in ("1001", "1001-2")
    ] == [
        ("paid", None),
        ("paid", None),
    ]


def test_an_order_is_touchless_until_a_person_does_something_to_it(shop):
    place(shop, "1001", actor=Actor("web shop", Role.FEED_SERVICE))
    place(shop, "1002", a_new_line(quantity=2), actor=CLERK)
    assert (shown(shop)["touchless"], shown(shop, "1002")["touchless"]) == (True, False)

    hold_order(shop, HoldOrder("shop/1001", "manual", "ask"), a_call(CLERK))

    assert shown(shop)["touchless"] is False


def test_an_order_of_a_feed_says_what_is_known_and_no_more(core):
    give(core, an_order("A-1"))

    it = shown(core, "A-1")

    assert (it["headline_zh"], it["payment_status"], it["return_status"]) == ("待发货", "unknown", "none")


def test_a_line_that_was_added_since_the_last_allocation_was_not_tried_yet(shop):
    stock_up(shop, "MUG", 3)
    place(shop, "1001", a_new_line(quantity=3))
    promise(shop, "shop/1001")
    more = ChangeOrder("shop/1001", 1, "and a cup", added=(a_new_line("2", sku="CUP"),))
    change_order(shop, more, a_call(CLERK, now=NOW + 1))
    assert words(shop)[0] == "待发货"

    allocate_order(shop, AllocateOrder("shop/1001"), a_call(now=NOW + 2))

    assert words(shop)[0] == "缺货"


def test_missing_units_are_missing_in_the_order_that_they_went_to(shop):
    stock_up(shop, "MUG", 2)
    place(shop, "1001", a_new_line(quantity=5))
    promise(shop, "shop/1001")

    split_order(shop, SplitOrder("shop/1001", (LineUnits("1", 2),), "in two parcels"), a_call(CLERK))
    assert (words(shop)[0], words(shop, "1001-2")[0]) == ("缺货", "缺货")

    cancel_order(shop, CancelOrder("shop/1001", "fewer", (LineUnits("1", 1),)), a_call(CLERK))
    assert (words(shop)[0], words(shop, "1001-2")[0]) == ("待发货", "缺货")

    merge_orders(shop, MergeOrders(("shop/1001", "shop/1001-2"), "one parcel"), a_call(CLERK))
    assert words(shop)[0] == "缺货"


def test_parts_of_an_order_that_no_allocation_looked_at_are_to_be_shipped(shop):
    place(shop, "1001", a_new_line(quantity=5))

    split_order(shop, SplitOrder("shop/1001", (LineUnits("1", 2),), "in two parcels"), a_call(CLERK))

    assert (words(shop)[0], words(shop, "1001-2")[0]) == ("待发货", "待发货")
    assert rows_of(shop, "select count(*) from allocation_decision") == [(0,)]
