"""Reservations: made whole or not at all, ended exactly once, and cut where units of them are cancelled."""

import pytest

from oms_core.domain.errors import RuleViolationError
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.commands import transact
from oms_core.services.confirm_order import ConfirmOrder, confirm_order
from oms_core.services.order_units import LineUnits
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.release_promises import release_lines_within
from oms_core.services.reserve_stock import (
    ExpireReservations,
    ReserveStock,
    SettleReservation,
    expire_reservations,
    post_reservations_within,
    reserve_stock,
    settle_reservation,
)
from tests.allocation_cases import ADMIN, OTHER_ACCOUNT, a_stocked_shop, allocate, free, got, promised, told
from tests.builders import NOW, facts_of, march, rows_of
from tests.order_cases import CLERK, LEAD, VIEWER, a_call, a_new_line, place
from tests.stock_cases import refused

MINUTE = 60_000_000
UNTIL = NOW + 30 * MINUTE


def reserve(core, order, until=UNTIL, by=LEAD, now=NOW):
    return reserve_stock(core, ReserveStock(order, until), a_call(by, now=now)).document


def settle(core, number, how, now=NOW):
    return settle_reservation(core, SettleReservation(number, how), a_call(now=now)).document


@pytest.fixture
def shop(core):
    """Four mugs at MAIN, and the order 1001 of three."""
    a_stocked_shop(core, MUG_MAIN=4)
    place(core, "1001", a_new_line(quantity=3))
    return core


def test_reserved_units_are_not_free_and_not_allocated(shop):
    document = reserve(shop, "shop/1001")

    (made,) = document["reservations"]
    assert (made["sku"], made["location"], made["quantity"]) == ("MUG", "MAIN", 3)
    assert document["expires_at"] == "2026-03-31T12:30:00Z"
    assert free(shop) == {"MAIN": 1}
    assert promised(shop) == [("1001", "MUG", "MAIN", 3, 0)]
    assert told(shop, "stock.reserved") == ["shop/1001"]
    facts_of(shop)


@pytest.mark.parametrize(
    ("how", "at", "left", "reserved_allocated"),
    [
        ("post", UNTIL, 1, [("1001", "MUG", "MAIN", 0, 3)]),
        ("void", NOW, 4, []),
        ("void", UNTIL + 1, 4, []),
        ("expire", UNTIL, 4, []),
    ],
)
def test_a_reservation_ends_once(shop, how, at, left, reserved_allocated):
    (made,) = reserve(shop, "shop/1001")["reservations"]

    settle(shop, made["reservation"], how, now=at)

    assert free(shop) == {"MAIN": left}
    assert promised(shop) == reserved_allocated
    for again in ("post", "void", "expire"):
        with refused(shop, "RESERVATION_ENDED"):
            settle(shop, made["reservation"], again, now=UNTIL)
    facts_of(shop)


def test_it_cannot_be_posted_after_its_instant_nor_expired_before(shop):
    (made,) = reserve(shop, "shop/1001")["reservations"]

    with refused(shop, "RESERVATION_EXPIRED"):
        settle(shop, made["reservation"], "post", now=UNTIL + 1)
    with refused(shop, "RESERVATION_RUNNING"):
        settle(shop, made["reservation"], "expire", now=UNTIL - 1)


def test_the_sweep_ends_what_is_over_and_nothing_else(shop):
    place(shop, "1002")
    reserve(shop, "shop/1001")
    reserve(shop, "shop/1002", UNTIL + MINUTE)

    before = expire_reservations(shop, ExpireReservations(), a_call(now=UNTIL - 1)).document
    at = expire_reservations(shop, ExpireReservations(), a_call(now=UNTIL)).document
    again = expire_reservations(shop, ExpireReservations(), a_call(now=UNTIL)).document

    assert before == {"expired": 0, "units": 0}
    assert at == {"expired": 1, "units": 3}
    assert again == {"expired": 0, "units": 0}
    assert promised(shop) == [("1002", "MUG", "MAIN", 1, 0)]


def test_a_sweep_ends_only_what_belongs_to_the_accounts_of_who_asks(shop):
    reserve(shop, "shop/1001")

    swept = expire_reservations(shop, ExpireReservations(), a_call(OTHER_ACCOUNT, now=UNTIL)).document

    assert swept == {"expired": 0, "units": 0}
    assert promised(shop) == [("1001", "MUG", "MAIN", 3, 0)]


def test_the_reservations_of_an_order_are_posted_together_up_to_their_instant(shop):
    reserve(shop, "shop/1001")
    ((order_id,),) = rows_of(shop, "select order_id from sales_order")

    assert transact(shop, a_call(now=UNTIL + 1), lambda unit: post_reservations_within(unit, order_id)) == 0
    assert transact(shop, a_call(now=UNTIL), lambda unit: post_reservations_within(unit, order_id)) == 1
    assert transact(shop, a_call(now=UNTIL), lambda unit: post_reservations_within(unit, order_id)) == 0
    assert promised(shop) == [("1001", "MUG", "MAIN", 0, 3)]


def test_cancelling_a_unit_of_a_reservation_leaves_the_others_reserved(shop):
    """1 of 3 reserved mugs is cancelled: 2 stay reserved until the same instant."""
    reserve(shop, "shop/1001")

    cancel_order(shop, CancelOrder("shop/1001", "changed mind", (LineUnits("1", 1),)), a_call())

    assert promised(shop) == [("1001", "MUG", "MAIN", 2, 0)]
    assert free(shop) == {"MAIN": 2}
    assert rows_of(shop, "select kind, quantity, expires_at from stock_allocation order by allocation_id") == [
        ("reserve", 3, UNTIL),
        ("void", 3, None),
        ("reserve", 2, UNTIL),
    ]
    facts_of(shop)


def test_allocated_units_are_taken_back_before_reserved_ones_and_no_unit_more(shop):
    reserve(shop, "shop/1001")
    place(shop, "1002", a_new_line(quantity=1))
    allocate(shop, "shop/1002")
    lines = dict(rows_of(shop, "select external_id, line_id from order_line join sales_order using (order_id)"))

    wanted = {lines["1001"]: 2, lines["1002"]: 9}
    taken = transact(shop, a_call(), lambda unit: release_lines_within(unit, wanted, "test"))

    assert taken == {lines["1001"]: 2, lines["1002"]: 1}
    assert promised(shop) == [("1001", "MUG", "MAIN", 1, 0)]


def test_a_reservation_is_whole_or_refused_with_what_is_missing(shop):
    place(shop, "1002", a_new_line("1", quantity=3), a_new_line("2", quantity=2), a_new_line("3", sku="CUP"))

    with refused(shop, "STOCK_SHORT") as caught:
        reserve(shop, "shop/1002")
    assert caught.value.details["missing"] == {"CUP": 1, "MUG": 4}  # 3 of the 4 mugs are 1001's


def test_a_reservation_takes_nothing_that_a_better_order_waits_for(core):
    a_stocked_shop(core, MUG_MAIN=1)
    place(core, "1001", placed_at=march(2))
    place(core, "1002", placed_at=march(3))

    with refused(core, "STOCK_SHORT"):
        reserve(core, "shop/1002")
    assert got(allocate(core, "shop/1001")) == [("MUG", "MAIN", 1)]


def test_who_makes_no_sense_or_may_not_is_refused(shop):
    (made,) = reserve(shop, "shop/1001")["reservations"]

    with refused(shop, "EXPIRY_PAST"):
        reserve(shop, "shop/1001", NOW)
    with refused(shop, "NOTHING_TO_ALLOCATE"):
        reserve(shop, "shop/1001")
    with refused(shop, "ENDING_UNKNOWN"):
        settle(shop, made["reservation"], "forget")
    with refused(shop, "RESERVATION_UNKNOWN"):
        settle(shop, 999, "void")
    for actor in (VIEWER, OTHER_ACCOUNT):
        with refused(shop, "NOT_PERMITTED"):
            reserve(shop, "shop/1001", by=actor)
        with refused(shop, "NOT_PERMITTED"):
            settle_reservation(shop, SettleReservation(made["reservation"], "void"), a_call(actor))


def test_an_order_that_is_over_gets_no_reservation(shop):
    cancel_order(shop, CancelOrder("shop/1001", "changed mind"), a_call())

    with pytest.raises(RuleViolationError) as caught:
        reserve(shop, "shop/1001")
    assert caught.value.code == "ORDER_OVER"


@pytest.fixture
def basket(core):
    """Four mugs and two cups at MAIN, three at YARD; three mugs and a cup of the pending order 1001 are reserved."""
    a_stocked_shop(core, MUG_MAIN=4, CUP_MAIN=2, MUG_YARD=3)
    place(core, "1001", a_new_line(quantity=3), a_new_line("2", sku="CUP"), payment_terms="prepaid")
    reserve(core, "shop/1001")
    return core


def pay(core, order, amount, now=NOW):
    request = RecordPayment(order, "capture", "alipay", amount, "alipay", f"A-{order}")
    record_payment(core, request, a_call(now=now))


RESERVED = [("1001", "CUP", "MAIN", 1, 0), ("1001", "MUG", "MAIN", 3, 0)]
ALLOCATED = [("1001", "CUP", "MAIN", 0, 1), ("1001", "MUG", "MAIN", 0, 3)]


@pytest.mark.parametrize(("at", "left"), [(NOW, ALLOCATED), (UNTIL, ALLOCATED), (UNTIL + 1, RESERVED)])
def test_what_is_reserved_is_allocated_when_a_person_confirms_the_order_before_its_time_is_over(basket, at, left):
    rules = "rules: []"
    set_policy(basket, SetPolicy("auto_confirm", rules, "a person looks"), a_call(ADMIN))
    pay(basket, "shop/1001", "40.00")
    assert promised(basket) == RESERVED

    document = confirm_order(basket, ConfirmOrder("shop/1001"), a_call(CLERK, now=at)).document

    assert document["status"] == "confirmed"
    assert promised(basket) == left
    assert free(basket) == {"MAIN": 1, "YARD": 3}
    kinds = ["reserve", "reserve"] + (["post", "post"] if left is ALLOCATED else [])
    assert rows_of(basket, "select kind from stock_allocation order by allocation_id") == [(kind,) for kind in kinds]
    facts_of(basket)


def test_what_is_reserved_is_allocated_when_a_rule_confirms_the_order(basket):
    pay(basket, "shop/1001", "40.00")

    assert rows_of(basket, "select lifecycle, confirmed_by from sales_order") == [("confirmed", "paid@0")]
    assert promised(basket) == ALLOCATED
    facts_of(basket)


def test_a_reservation_that_was_voided_is_not_allocated_by_the_confirmation(basket):
    ((mugs,),) = rows_of(basket, "select allocation_id from stock_allocation where sku = 'MUG'")
    settle(basket, mugs, "void")

    pay(basket, "shop/1001", "40.00")

    assert promised(basket) == [("1001", "CUP", "MAIN", 0, 1)]
    facts_of(basket)


def test_a_refused_confirmation_leaves_the_reservation_as_it_is(basket):
    with refused(basket, "ORDER_NOT_COVERED"):
        confirm_order(basket, ConfirmOrder("shop/1001"), a_call(CLERK))

    assert promised(basket) == RESERVED
