"""Allocation as a use case: who gets what from where, what is kept of it, and who may ask."""

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.permissions import Actor, Role
from oms_core.services.allocate_order import AllocateOrder, RunAllocation, allocate_order, run_allocation
from oms_core.services.commands import transact
from oms_core.services.define import Component, DefineAccount, DefineSku, define_account, define_sku
from oms_core.services.locations import DefineLocation, define_location
from oms_core.services.order_holds import HoldOrder, hold_order
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.services.reallocate_order import ReallocateOrder, reallocate_order, why_this_location
from oms_core.services.release_promises import release_lines_within
from oms_core.storage.engine import reading
from tests.allocation_cases import (
    ADMIN,
    OTHER_ACCOUNT,
    a_stocked_shop,
    allocate,
    count,
    define_site,
    free,
    got,
    missing,
    place_many,
    promised,
    run,
    set_strategies,
    told,
)
from tests.builders import NOW, a_context, a_movement, a_place, contents, facts_of, give, march, rows_of
from tests.order_cases import LEAD, VIEWER, a_call, a_new_line, place, stock_up
from tests.stock_cases import refused


def why(core, order):
    with reading(core) as connection:
        return why_this_location(connection, order)


# --- one order ----------------------------------------------------------------------------------------


def test_an_order_gets_units_audited_told_and_explained(core):
    a_stocked_shop(core, MUG_MAIN=5, MUG_YARD=1)
    place(core, "1001", a_new_line(quantity=2))

    document = allocate(core, "shop/1001")

    assert got(document) == [("MUG", "MAIN", 2)]
    assert document["missing"] == []
    assert promised(core) == [("1001", "MUG", "MAIN", 0, 2)]
    assert free(core) == {"MAIN": 3, "YARD": 1}
    assert told(core, "order.allocated") == ["shop/1001"]
    assert rows_of(core, "select object_ref, actor from audit_entry where action = 'order.allocate'") == [
        ("shop/1001", "lea")
    ]
    reasons = why(core, "shop/1001")
    assert (reasons["strategy"], reasons["policy"], reasons["recomputed"]) == ("default", "allocation@0", True)
    assert [(it["location"], it["whole"], it["score"]) for it in reasons["rounds"][0]] == [
        # coverage 1000 x 10, whole 5000, 300 km within the country, ships today 500
        ("MAIN", 1, 10_000 + 5_000 - 300 + 500),
        ("YARD", 0, 5_000 - 300 + 500),
    ]
    assert rows_of(core, "select strategy from allocation_decision") == [("default:allocation@0",)]
    facts_of(core)


def test_a_decision_keeps_the_policy_it_was_made_by(core):
    a_stocked_shop(core, MUG_MAIN=5)
    place(core, "1001")
    allocate(core, "shop/1001")

    set_strategies(core, strategies={"default": {"weights": {"coverage": 3}}})

    assert why(core, "shop/1001")["policy"] == "allocation@0"
    assert why(core, "shop/1001")["recomputed"] is True


def test_the_same_key_answers_the_same_and_promises_nothing_more(core):
    a_stocked_shop(core, MUG_MAIN=5)
    place(core, "1001")
    call = a_call()

    first = allocate_order(core, AllocateOrder("shop/1001"), call)
    again = allocate_order(core, AllocateOrder("shop/1001"), call)

    assert again.repeated
    assert again.document == first.document
    assert free(core) == {"MAIN": 4}


def test_what_nobody_has_is_missing_and_comes_with_a_later_run(core):
    a_stocked_shop(core, MUG_MAIN=1)
    place(core, "1001", a_new_line(quantity=3))

    assert missing(allocate(core, "shop/1001")) == {"MUG": 2}
    assert told(core, "order.backordered") == ["shop/1001"]

    stock_up(core, units=5)
    assert run(core)["whole"] == 1
    assert promised(core) == [("1001", "MUG", "MAIN", 0, 3)]


def test_two_lines_of_one_article_are_summed_before_anything_is_promised(core):
    a_stocked_shop(core, MUG_MAIN=3, MUG_YARD=4)
    place(core, "1001", a_new_line("1", quantity=2), a_new_line("2", quantity=2))

    document = allocate(core, "shop/1001")

    assert got(document) == [("MUG", "YARD", 2), ("MUG", "YARD", 2)]
    assert free(core) == {"MAIN": 3, "YARD": 0}


def test_a_bundle_is_promised_by_whole_kits(core):
    a_stocked_shop(core, MUG_MAIN=3, CUP_MAIN=1, CUP_YARD=4)
    define_sku(core, DefineSku("SET", components=(Component("MUG", 2), Component("CUP", 1))), a_call())
    place(core, "1001", a_new_line(sku="SET", quantity=2))

    document = allocate(core, "shop/1001")

    assert got(document) == [("CUP", "MAIN", 1), ("MUG", "MAIN", 2)]
    assert missing(document) == {"CUP": 1, "MUG": 2}
    facts_of(core)


# --- which location -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("main", "yard", "chosen"),
    [
        ({"region": "north"}, {"region": "capital"}, "YARD"),  # the order goes to 101.., which is the capital
        ({"cutoff_minute": 13 * 60}, {"cutoff_minute": 15 * 60}, "YARD"),  # it is 14:00 in Berlin
        ({"handling_cost": 90}, {"handling_cost": 89}, "YARD"),
        ({}, {"priority": 1}, "YARD"),
        ({"priority": 1}, {"handling_cost": 999}, "MAIN"),
        ({}, {}, "MAIN"),
    ],
    ids=["nearer", "before its cut-off", "cheaper", "preferred", "preferred above cheap", "by name"],
)
def test_the_better_location_is_chosen(core, main, yard, chosen):
    a_stocked_shop(core, MUG_MAIN=5, MUG_YARD=5)
    define_site(core, "MAIN", time_zone="Europe/Berlin", **main)
    define_site(core, "YARD", time_zone="Europe/Berlin", **yard)
    set_strategies(core, regions={"DE": {"10": "capital"}})
    place(core, "1001")

    assert got(allocate(core, "shop/1001")) == [("MUG", chosen, 1)]


def test_a_location_that_is_no_site_serves_nobody(core):
    a_stocked_shop(core, MUG_MAIN=1)
    stock_up(core, units=5, location="TRUCK")
    define_site(core, "TRUCK", kind="in_transit")
    place(core, "1001", a_new_line(quantity=2))

    assert got(allocate(core, "shop/1001")) == [("MUG", "MAIN", 1)]


def test_units_below_zero_at_one_place_take_none_from_another(core):
    a_stocked_shop(core, MUG_MAIN=2)
    context = a_context(a_place("NEG", allows_negative_stock=True), account="shed")
    give(core, a_movement("sold", kind="ship", units=3, location="NEG"), context=context)
    place(core, "1001", a_new_line(quantity=4))

    document = allocate(core, "shop/1001")

    assert got(document) == [("MUG", "MAIN", 2)]
    assert missing(document) == {"MUG": 2}
    assert free(core) == {"MAIN": 0, "NEG": -3}
    give(core, a_movement("came", units=5, location="NEG"), context=context)
    assert got(allocate(core, "shop/1001")) == [("MUG", "NEG", 2)]


# --- strategies ---------------------------------------------------------------------------------------


def test_the_channel_decides_whether_an_order_is_split(core):
    a_stocked_shop(core, MUG_MAIN=2, MUG_YARD=2)
    place(core, "1001", a_new_line(quantity=3))
    set_strategies(core, channels={"web": "one_parcel"})

    assert missing(allocate(core, "shop/1001")) == {"MUG": 3}

    set_strategies(core, channels={"web": "one_parcel"}, accounts={"shop": "default"})
    assert got(allocate(core, "shop/1001")) == [("MUG", "MAIN", 2), ("MUG", "YARD", 1)]


def test_an_order_that_is_not_split_gets_its_rest_from_the_same_place(core):
    """Two mugs of MAIN; one is taken back and gone; YARD has plenty, but the order is one parcel."""
    a_stocked_shop(core, MUG_MAIN=2)
    set_strategies(core, channels={"web": "one_parcel"})
    place(core, "1001", a_new_line(quantity=2))
    allocate(core, "shop/1001")
    stock_up(core, units=9, location="YARD")
    ((line,),) = rows_of(core, "select line_id from order_line")
    transact(core, a_call(), lambda unit: release_lines_within(unit, {line: 1}, "broken"))
    give(core, a_movement("broken", kind="adjust_loss", units=1), context=a_context(account="shed"))

    document = allocate(core, "shop/1001")

    assert got(document) == []
    assert missing(document) == {"MUG": 1}
    stock_up(core, units=1)
    assert got(allocate(core, "shop/1001")) == [("MUG", "MAIN", 1)]


def test_a_wrong_policy_is_refused_with_the_place(core):
    document = "strategies: {default: {locations: main}}"

    with refused(core, "POLICY_INVALID") as caught:
        set_policy(core, SetPolicy("allocation", document, "a test"), a_call(ADMIN))
    assert "strategies.default.locations" in str(caught.value)


# --- rank ---------------------------------------------------------------------------------------------


def test_a_later_order_leaves_an_earlier_one_what_it_waits_for(core):
    a_stocked_shop(core, MUG_MAIN=3)
    place(core, "1001", a_new_line(quantity=2), placed_at=march(2))
    place(core, "1002", a_new_line(quantity=2), placed_at=march(3))

    later = allocate(core, "shop/1002")

    assert (got(later), missing(later)) == ([("MUG", "MAIN", 1)], {"MUG": 1})
    assert got(allocate(core, "shop/1001")) == [("MUG", "MAIN", 2)]


def test_a_better_order_that_cannot_use_a_unit_does_not_keep_it(core):
    """1001 is one parcel and lacks a cup that nobody has: its mug goes to 1002 (finding: whole rivals are read)."""
    a_stocked_shop(core, MUG_MAIN=1)
    set_strategies(core, channels={"web": "one_parcel"})
    place(core, "1001", a_new_line("1"), a_new_line("2", sku="CUP"), placed_at=march(2))
    place(core, "1002", placed_at=march(3))

    assert got(allocate(core, "shop/1002")) == [("MUG", "MAIN", 1)]


def test_a_location_that_is_avoided_is_avoided_for_this_order_only(core):
    """1001 would take the mug of MAIN; 1002 avoids MAIN and gets the one of YARD, which 1001 does not need."""
    a_stocked_shop(core, MUG_MAIN=1, MUG_YARD=1)
    place(core, "1001", placed_at=march(2))
    place(core, "1002", placed_at=march(3))

    assert got(allocate(core, "shop/1002", "MAIN")) == [("MUG", "YARD", 1)]
    assert got(allocate(core, "shop/1001")) == [("MUG", "MAIN", 1)]


def test_claims_hold_where_better_orders_are_too_many_to_plan(core):
    a_stocked_shop(core, MUG_MAIN=2, MUG_YARD=1, CUP_MAIN=205)
    place_many(core, [f"E{number}" for number in range(204)], a_new_line("1"), a_new_line("2", sku="CUP"))
    place(core, "1002", a_new_line("1"), a_new_line("2", sku="CUP"), placed_at=march(3))

    document = allocate(core, "shop/1002")

    assert got(document) == [("CUP", "MAIN", 1)]
    assert run(core) == {"orders": 204, "whole": 3, "short": 201, "units": 207, "promises_moved": 0}


def test_a_run_serves_by_priority_then_by_time(core):
    a_stocked_shop(core, MUG_MAIN=2)
    define_account(core, DefineAccount("vip", "web", "Vip", priority=5), a_call())
    place(core, "1001", placed_at=march(2))
    place(core, "1002", placed_at=march(3))
    place(core, "1003", account="vip", placed_at=march(4))

    assert run(core) == {"orders": 3, "whole": 2, "short": 1, "units": 2, "promises_moved": 0}
    assert [row[0] for row in promised(core)] == ["1001", "1003"]
    assert told(core, "order.allocated") == ["vip/1003", "shop/1001"]


def test_a_run_reaches_who_can_be_served_past_a_thousand_that_cannot(core):
    """1,001 better orders want a cup that nobody has, 1,001 others a mug too but only with the cup."""
    a_stocked_shop(core, MUG_MAIN=1)
    define_account(core, DefineAccount("outlet", "store", "Outlet"), a_call())
    set_strategies(core, accounts={"shop": "one_parcel"})
    place_many(core, [f"C{number}" for number in range(1001)], a_new_line(sku="CUP"))
    place_many(core, [f"B{number}" for number in range(1001)], a_new_line("1"), a_new_line("2", sku="CUP"))
    place(core, "LAST", account="outlet", placed_at=march(9))

    run(core)

    assert promised(core) == [("LAST", "MUG", "MAIN", 0, 1)]


def test_a_run_that_changes_nothing_writes_nothing(core):
    a_stocked_shop(core, MUG_MAIN=1)
    set_strategies(core, channels={"web": "one_parcel"})
    place(core, "1001", a_new_line(quantity=2))
    assert run(core)["short"] == 1
    before = {name: rows for name, rows in contents(core).items() if name not in ("command", "audit_entry")}

    assert run(core) == {"orders": 0, "whole": 0, "short": 0, "units": 0, "promises_moved": 0}
    again = allocate(core, "shop/1001")

    assert missing(again) == {"MUG": 2}
    assert {name: rows for name, rows in contents(core).items() if name in before} == before
    assert count(core, "allocation_decision") == 1


def test_a_run_serves_only_the_accounts_of_who_asks(core):
    a_stocked_shop(core, MUG_MAIN=1)
    define_account(core, DefineAccount("outlet", "store", "Outlet"), a_call())
    place(core, "1001", placed_at=march(3))
    place(core, "1002", account="outlet", placed_at=march(4))

    assert run(core, by=OTHER_ACCOUNT)["units"] == 0  # the better claim of the other account holds
    stock_up(core, units=1)
    assert run(core, by=OTHER_ACCOUNT)["units"] == 1
    assert promised(core) == [("1002", "MUG", "MAIN", 0, 1)]


def test_a_run_of_some_articles_leaves_the_others(core):
    a_stocked_shop(core, MUG_MAIN=1, CUP_MAIN=1)
    place(core, "1001")
    place(core, "1002", a_new_line(sku="CUP"))

    assert run(core, "CUP")["orders"] == 1
    assert promised(core) == [("1002", "CUP", "MAIN", 0, 1)]


def test_a_batch_of_orders_is_served_by_rank_whatever_their_order(core):
    from oms_core.services.allocate_order import allocate_within

    a_stocked_shop(core, MUG_MAIN=3)
    for number, day in (("1001", 4), ("1002", 2), ("1003", 3)):
        place(core, number, a_new_line(quantity=2), placed_at=march(day))
    ids = [row[0] for row in rows_of(core, "select order_id from sales_order order by external_id")]

    outcomes = transact(core, a_call(), lambda unit: allocate_within(unit, ids))

    assert [(it.ref, got(it.document)) for it in outcomes] == [
        ("shop/1002", [("MUG", "MAIN", 2)]),
        ("shop/1003", [("MUG", "MAIN", 1)]),
        ("shop/1001", []),
    ]


# --- again --------------------------------------------------------------------------------------------


def test_an_order_is_promised_anew_from_elsewhere(core):
    a_stocked_shop(core, MUG_MAIN=5, MUG_YARD=5)
    place(core, "1001", a_new_line(quantity=2))
    allocate(core, "shop/1001")

    request = ReallocateOrder("shop/1001", "MAIN is flooded", avoid=("MAIN",))
    document = reallocate_order(core, request, a_call()).document

    assert got(document) == [("MUG", "YARD", 2)]
    assert free(core) == {"MAIN": 5, "YARD": 3}
    assert promised(core) == [("1001", "MUG", "YARD", 0, 2)]
    assert told(core, "order.reallocated") == ["shop/1001"]
    assert rows_of(core, "select kind, quantity, reason from stock_allocation order by allocation_id") == [
        ("allocate", 2, None),
        ("release", 2, "MAIN is flooded"),
        ("allocate", 2, None),
    ]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (ReallocateOrder("shop/1001", " "), "REASON_MISSING"),
        (ReallocateOrder("shop/1001", "why not"), "NOTHING_PROMISED"),
        (ReallocateOrder("shop/1001", "why not", ("NOWHERE",)), "LOCATION_UNKNOWN"),
        (ReallocateOrder("shop/9", "why not"), "ORDER_UNKNOWN"),
    ],
)
def test_a_reallocation_that_makes_no_sense_is_refused(core, request_, code):
    a_stocked_shop(core)
    place(core, "1001")

    with refused(core, code):
        reallocate_order(core, request_, a_call())


# --- refusals -----------------------------------------------------------------------------------------


def test_what_cannot_be_allocated_is_refused_and_changes_nothing(core):
    a_stocked_shop(core, MUG_MAIN=5)
    define_account(core, DefineAccount("market", "market", "Market", fulfilled_here=False), a_call())
    place(core, "1001")
    place(core, "1002")
    place(core, "1003", account="market")
    allocate(core, "shop/1001")
    hold_order(core, HoldOrder("shop/1002", "manual", "ask first"), a_call())

    for order, code in (
        ("shop/1001", "NOTHING_TO_ALLOCATE"),
        ("shop/1002", "ORDER_NOT_CONFIRMED"),
        ("market/1003", "FULFILLED_ELSEWHERE"),
        ("shop/9", "ORDER_UNKNOWN"),
    ):
        with refused(core, code):
            allocate(core, order)
    with refused(core, "LOCATION_UNKNOWN"):
        allocate(core, "shop/1001", "NOWHERE")


@pytest.mark.parametrize("actor", [VIEWER, OTHER_ACCOUNT, Actor("wim", Role.WAREHOUSE)], ids=lambda it: it.name)
def test_who_may_not_allocate_this_order_is_refused(core, actor):
    a_stocked_shop(core, MUG_MAIN=5)
    place(core, "1001")

    with refused(core, "NOT_PERMITTED"):
        allocate(core, "shop/1001", by=actor)
    with refused(core, "NOT_PERMITTED"):
        reallocate_order(core, ReallocateOrder("shop/1001", "why"), a_call(actor))


def test_a_run_of_no_orders_makes_no_sense(core):
    with pytest.raises(InvalidRequestError, match="MOST_INVALID"):
        run_allocation(core, RunAllocation(most=0), a_call(LEAD))


def test_a_place_on_the_way_can_become_a_site(core):
    a_stocked_shop(core)
    stock_up(core, units=1, location="TRUCK")
    define_site(core, "TRUCK", kind="in_transit")
    place(core, "1001")
    assert run(core)["orders"] == 0

    define_location(core, DefineLocation("TRUCK", "Truck"), a_call(now=NOW))

    assert run(core)["orders"] == 1
