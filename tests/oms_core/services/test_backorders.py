"""Backorders: what misses units waits for a purchase order, is promised by it, and is served when it comes."""

from dataclasses import replace

import pytest

from oms_core.domain.permissions import Actor, Role
from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.backorders import Repeg, repeg
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.change_condition import ChangeCondition, change_condition
from oms_core.services.company import prepare
from oms_core.services.count_stock import (
    CountedRecord,
    CountStep,
    EnterCount,
    OpenCount,
    approve_count,
    enter_count,
    open_count,
    reject_count,
)
from oms_core.services.merge_orders import MergeOrders, merge_orders
from oms_core.services.order_units import LineUnits
from oms_core.services.place_orders import place_order
from oms_core.services.purchase_orders import (
    ExpectPurchaseOrder,
    PurchaseOrderStep,
    cancel_purchase_order,
    expect_purchase_order,
)
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.split_order import SplitOrder, split_order
from oms_core.services.transfer_stock import (
    DraftTransfer,
    TransferArrival,
    TransferLine,
    TransferStep,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from tests.allocation_cases import (
    OTHER_ACCOUNT,
    PLANNER,
    a_stocked_shop,
    allocate,
    buy,
    count,
    missing,
    pegs,
    promised,
    run,
    told,
)
from tests.builders import NOW, a_context, a_cost, facts_of, give, march, rows_of
from tests.order_cases import VIEWER, a_call, a_new_line, place, to_place
from tests.stock_cases import refused

TENTH = march(31) + 10 * 86_400_000_000  # 10 April
LATE = 3 * 86_400_000_000
SAME_BUYER = {"customer": to_place("1001").customer, "ship_to": to_place("1001").ship_to}
CLAIRE = Actor("claire", Role.OPS_LEAD)


@pytest.fixture
def shop(core):
    """One mug at MAIN, and ten more on a purchase order for 10 April whose supplier is late by up to three days."""
    a_stocked_shop(core, MUG_MAIN=1)
    buy(core, "PO-1", TENTH, MUG=10)
    return core


def milestones(core, order="1001"):
    statement = f"""select m.seq, m.occurred_at, m.reason from order_milestone as m
        join sales_order as o on o.order_id = m.order_id
        where m.milestone = 'promised' and o.external_id = '{order}' order by m.seq"""
    return rows_of(core, statement)


def header(core, order="1001"):
    return rows_of(core, f"select promised_at from sales_order where external_id = '{order}'")[0][0]


def receive(core, units, purchase_order="PO-1", sku="MUG"):
    request = ReceiveGoods("MAIN", (ReceivedLine(sku, units),), purchase_order)
    return receive_goods(core, request, a_call()).document


def test_missing_units_wait_for_the_purchase_order_and_are_promised_by_it(shop):
    place(shop, "1001", a_new_line(quantity=3))

    document = allocate(shop, "shop/1001")

    assert missing(document) == {"MUG": 2}
    assert document["promised_at"] == "2026-04-13T00:00:00Z"
    assert pegs(shop) == [("1001", "MUG", "PO-1", 2)]
    assert milestones(shop) == [(1, TENTH + LATE, "allocated")]
    assert header(shop) == TENTH + LATE
    assert told(shop, "order.promise_moved") == ["shop/1001"]
    facts_of(shop)


def test_a_slip_moves_the_promise_and_both_are_kept(shop):
    place(shop, "1001", a_new_line(quantity=3))
    allocate(shop, "shop/1001")

    request = ExpectPurchaseOrder("PO-1", TENTH + LATE, "the kiln broke")
    expect_purchase_order(shop, request, a_call(PLANNER))

    assert milestones(shop) == [
        (1, TENTH + LATE, "allocated"),
        (2, TENTH + 2 * LATE, "PO-1: the kiln broke"),
    ]
    assert header(shop) == TENTH + 2 * LATE
    assert told(shop, "order.promise_moved") == ["shop/1001"] * 2
    facts_of(shop)


def test_the_better_order_waits_for_the_earlier_supply(shop):
    buy(shop, "PO-2", TENTH + LATE, MUG=5)
    place(shop, "1002", a_new_line(quantity=9), placed_at=march(3))
    allocate(shop, "shop/1002")
    assert pegs(shop) == [("1002", "MUG", "PO-1", 8)]

    place(shop, "1001", a_new_line(quantity=6), placed_at=march(2))
    allocate(shop, "shop/1001")

    assert pegs(shop) == [
        ("1001", "MUG", "PO-1", 6),
        ("1002", "MUG", "PO-1", 4),
        ("1002", "MUG", "PO-2", 4),
    ]
    assert header(shop, "1002") == TENTH + 2 * LATE
    facts_of(shop)


def test_units_beyond_what_is_on_order_are_promised_for_no_date(shop):
    place(shop, "1001", a_new_line(quantity=12))

    document = allocate(shop, "shop/1001")

    assert missing(document) == {"MUG": 11}
    assert document["promised_at"] is None
    assert pegs(shop) == [("1001", "MUG", "PO-1", 10)]
    assert milestones(shop) == []
    buy(shop, "PO-2", TENTH, MUG=1)
    assert header(shop) == TENTH + LATE


def test_an_order_is_promised_with_the_last_of_its_articles(shop):
    buy(shop, "PO-2", TENTH + LATE, CUP=5)
    place(shop, "1001", a_new_line("1", quantity=2), a_new_line("2", sku="CUP"))
    allocate(shop, "shop/1001")
    assert header(shop) == TENTH + 2 * LATE

    expect_purchase_order(shop, ExpectPurchaseOrder("PO-1", TENTH + 1, "a little later"), a_call(PLANNER))

    assert header(shop) == TENTH + 2 * LATE  # the cup is still the last
    assert len(milestones(shop)) == 1


def test_goods_that_come_serve_who_waits_by_rank_in_the_same_step(shop):
    place(shop, "1002", a_new_line(quantity=3), placed_at=march(3))
    place(shop, "1001", a_new_line(quantity=3), placed_at=march(2))
    run(shop)
    assert pegs(shop) == [("1001", "MUG", "PO-1", 2), ("1002", "MUG", "PO-1", 3)]

    receive(shop, 4)

    assert promised(shop) == [("1001", "MUG", "MAIN", 0, 3), ("1002", "MUG", "MAIN", 0, 2)]
    assert pegs(shop) == [("1002", "MUG", "PO-1", 1)]
    assert told(shop, "order.allocated") == ["shop/1001"]
    assert rows_of(shop, "select count(*) from audit_entry where action = 'order.allocate'") == [(4,)]
    facts_of(shop)


def test_goods_that_nobody_waits_for_change_no_promise(shop):
    receive(shop, 10)

    assert count(shop, "stock_allocation") == 0
    assert count(shop, "backorder_peg") == 0


def test_units_that_are_found_serve_who_waits(shop, core_settings):
    prepare(core_settings, base_currency="EUR", actor="test", now=NOW)
    give(shop, a_cost(200), context=a_context(account="shed"))
    place(shop, "1001", a_new_line(quantity=2))
    allocate(shop, "shop/1001")

    adjust_stock(shop, AdjustStock("MUG", "MAIN", 1, "found behind the shelf"), a_call())

    assert promised(shop) == [("1001", "MUG", "MAIN", 0, 2)]
    assert pegs(shop) == []


def test_cancelled_units_wait_no_more_and_the_next_order_takes_their_place(shop):
    place(shop, "1001", a_new_line(quantity=9), placed_at=march(2))
    place(shop, "1002", a_new_line(quantity=5), placed_at=march(3))
    run(shop)
    assert pegs(shop) == [("1001", "MUG", "PO-1", 8), ("1002", "MUG", "PO-1", 2)]
    assert header(shop, "1002") is None

    cancel_order(shop, CancelOrder("shop/1001", "changed mind", (LineUnits("1", 3),)), a_call())

    assert pegs(shop) == [("1001", "MUG", "PO-1", 5), ("1002", "MUG", "PO-1", 5)]
    assert header(shop, "1002") == TENTH + LATE
    cancel_order(shop, CancelOrder("shop/1001", "all of it"), a_call())
    assert pegs(shop) == [("1002", "MUG", "PO-1", 5)]
    facts_of(shop)


def test_a_cancelled_purchase_order_loses_the_promise_and_tells_so(shop):
    place(shop, "1001", a_new_line(quantity=3))
    allocate(shop, "shop/1001")

    cancel_purchase_order(shop, PurchaseOrderStep("PO-1", "bankrupt"), a_call(PLANNER))

    assert pegs(shop) == []
    assert told(shop, "order.promise_lost") == ["shop/1001"]
    assert header(shop) == TENTH + LATE  # what the customer was told last stays on record
    facts_of(shop)


def test_pegging_again_changes_nothing(shop):
    place(shop, "1001", a_new_line(quantity=3))
    allocate(shop, "shop/1001")
    before = count(shop, "backorder_peg")

    document = repeg(shop, Repeg(), a_call()).document

    assert document == {"moved": []}
    assert count(shop, "backorder_peg") == before
    assert told(shop, "stock.repegged") == []


def test_a_run_pegs_who_waits_for_goods_on_order(shop):
    """Nothing is free: the run promises no unit, and yet each order learns its date."""
    place(shop, "1000")
    allocate(shop, "shop/1000")
    place(shop, "1001", a_new_line(quantity=2))

    document = run(shop)

    assert document == {"orders": 0, "whole": 0, "short": 0, "units": 0, "promises_moved": 1}
    assert header(shop) == TENTH + LATE


@pytest.mark.parametrize("actor", [VIEWER, OTHER_ACCOUNT], ids=lambda it: it.name)
def test_who_may_not_peg_is_refused(shop, actor):
    with refused(shop, "NOT_PERMITTED"):
        repeg(shop, Repeg(("MUG",)), a_call(actor))


# --- goods that come by other ways than a receipt -----------------------------------------------------


@pytest.fixture
def waiting(core):
    """No mug at MAIN, four on their way there; 1001 waits for three, 1002, which goes first, for two."""
    a_stocked_shop(core, MUG_YARD=4)
    draft_transfer(core, DraftTransfer("YARD", "MAIN", (TransferLine("MUG", 4),), number="TR-1"), a_call())
    ship_transfer(core, TransferStep("TR-1"), a_call())
    place(core, "1001", a_new_line(quantity=3))
    place(core, "1002", a_new_line(quantity=2), priority=5)
    for order in ("shop/1001", "shop/1002"):
        assert allocate(core, order)["allocated"] == []
    return core


def arrive(core, units):
    return receive_transfer(core, TransferArrival("TR-1", (TransferLine("MUG", units),)), a_call()).document


def see(core, units, condition="sellable", number="CNT-1"):
    open_count(core, OpenCount("MAIN", ("MUG",), number=number), a_call())
    seen = CountedRecord("MUG", units, condition)
    return enter_count(core, EnterCount(number, (seen,)), a_call()).document["state"]


def test_a_transfer_that_arrives_serves_who_waits_best_rank_first(waiting):
    arrive(waiting, 3)

    assert promised(waiting) == [("1001", "MUG", "MAIN", 0, 1), ("1002", "MUG", "MAIN", 0, 2)]
    assert told(waiting, "order.allocated") == ["shop/1002"]
    facts_of(waiting)


def test_the_rest_of_a_transfer_serves_the_rest(waiting):
    arrive(waiting, 1)
    assert promised(waiting) == [("1002", "MUG", "MAIN", 0, 1)]

    arrive(waiting, 3)

    assert promised(waiting) == [("1001", "MUG", "MAIN", 0, 2), ("1002", "MUG", "MAIN", 0, 2)]
    facts_of(waiting)


def test_a_transfer_that_arrives_takes_the_pegs_of_what_it_serves(waiting):
    buy(waiting, "PO-1", TENTH, MUG=10)
    repeg(waiting, Repeg(), a_call())
    assert pegs(waiting) == [("1001", "MUG", "PO-1", 3), ("1002", "MUG", "PO-1", 2)]

    arrive(waiting, 4)

    assert pegs(waiting) == [("1001", "MUG", "PO-1", 1)]
    facts_of(waiting)


def test_a_count_that_finds_units_serves_who_waits_at_once(waiting):
    assert see(waiting, 2) == "approved"

    assert promised(waiting) == [("1002", "MUG", "MAIN", 0, 2)]
    assert told(waiting, "order.allocated") == ["shop/1002"]
    facts_of(waiting)


def test_a_count_beyond_tolerance_serves_nobody_until_a_second_person_agrees(waiting):
    assert see(waiting, 5) == "counted"
    assert promised(waiting) == []

    approve_count(waiting, CountStep("CNT-1", "counted twice"), a_call(CLAIRE))

    assert promised(waiting) == [("1001", "MUG", "MAIN", 0, 3), ("1002", "MUG", "MAIN", 0, 2)]
    facts_of(waiting)


def test_a_count_that_is_rejected_or_finds_damaged_units_serves_nobody(waiting):
    see(waiting, 5)
    reject_count(waiting, CountStep("CNT-1", "counted the neighbour"), a_call(CLAIRE))
    assert see(waiting, 2, "damaged", "CNT-2") == "approved"

    assert promised(waiting) == []


def test_units_that_turn_out_sound_serve_who_waits(waiting):
    see(waiting, 2, "damaged")

    change_condition(waiting, ChangeCondition("MUG", "MAIN", "damaged", "sellable", 1, "only dusty"), a_call())

    assert promised(waiting) == [("1002", "MUG", "MAIN", 0, 1)]
    facts_of(waiting)


# --- units that go to another order -----------------------------------------------------------------


@pytest.fixture
def short(shop):
    """One mug is free and ten come: 1001, which goes first, misses four of five; 1002 misses all of its seven."""
    place(shop, "1001", a_new_line(quantity=5), priority=5)
    place(shop, "1002", a_new_line(quantity=7))
    for order in ("shop/1001", "shop/1002"):
        allocate(shop, order)
    assert pegs(shop) == [("1001", "MUG", "PO-1", 4), ("1002", "MUG", "PO-1", 6)]
    return shop


def split(core, units, order="shop/1001"):
    request = SplitOrder(order, (LineUnits("1", units),), "two parcels")
    return split_order(core, request, a_call()).document["child"]["order"]


def test_units_that_are_split_off_wait_for_the_same_goods_on_order_at_once(short):
    assert split(short, 2) == "shop/1001-2"

    assert pegs(short) == [("1001", "MUG", "PO-1", 2), ("1001-2", "MUG", "PO-1", 2), ("1002", "MUG", "PO-1", 6)]
    assert (header(short), header(short, "1001-2")) == (TENTH + LATE, TENTH + LATE)  # the buyer keeps what was said
    assert told(short, "order.promise_lost") == []
    facts_of(short)


def test_a_part_that_is_whole_waits_for_nothing(short):
    receive(short, 4)

    split(short, 2)

    assert promised(short) == [("1001", "MUG", "MAIN", 0, 3), ("1001-2", "MUG", "MAIN", 0, 2)]
    assert pegs(short) == [("1002", "MUG", "PO-1", 6)]
    facts_of(short)


def test_what_an_order_takes_over_waits_for_goods_on_order_at_once(short):
    placed = replace(to_place("1003", a_new_line(quantity=2), priority=9), **SAME_BUYER)
    place_order(short, placed, a_call())
    allocate(short, "shop/1003")
    assert pegs(short) == [("1001", "MUG", "PO-1", 4), ("1002", "MUG", "PO-1", 4), ("1003", "MUG", "PO-1", 2)]

    merge_orders(short, MergeOrders(("shop/1001", "shop/1003"), "one parcel"), a_call())

    taken = "select l.line_key, b.quantity from backorder_peg as b join order_line as l on l.line_id = b.line_id"
    assert rows_of(short, taken + " where l.line_key = '1003:1'") == [("1003:1", 2)]
    assert sorted(pegs(short)) == [("1001", "MUG", "PO-1", 2), ("1001", "MUG", "PO-1", 4), ("1002", "MUG", "PO-1", 4)]
    assert told(short, "order.promise_lost") == []
    facts_of(short)
