"""Adjustments, scrap and conditions: with reasons, four eyes above the limit, and never below what is promised."""

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.permissions import Actor, Role
from oms_core.services.adjust_stock import AdjustStock, ScrapStock, adjust_stock, scrap_stock
from oms_core.services.approvals import DecideApproval, approvals, decide_stock_approval
from oms_core.services.change_condition import ChangeCondition, change_condition
from oms_core.services.location_policy import SetNegativeStock, set_negative_stock
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.stock_moments import read_instant
from oms_core.services.stock_read import stock_rows
from oms_core.storage.engine import reading
from tests.builders import NOW, a_movement, contents, facts_of, give, march, rows_of
from tests.stock_cases import (
    ADMIN,
    CLERK,
    LEAD,
    OTHER_LEAD,
    PLACES,
    YARD_CLERK,
    a_call,
    do,
    on_hand,
    open_company,
    refused,
    with_lots,
)


@pytest.fixture
def company(core, core_settings):
    """200 mugs at 2.00 at MAIN, so that an adjustment of more than 100 is above the limit of 200.00."""
    open_company(core, core_settings)
    give(core, a_movement("more", units=190, at=march(1)), context=PLACES)
    return core


def adjusted(core, units, *, by=CLERK, **more):
    return do(core, adjust_stock, AdjustStock("MUG", "MAIN", units, **({"reason": "broken"} | more)), by=by)


def decided(core, waiting, *, approve=True, by=OTHER_LEAD):
    return do(core, decide_stock_approval, DecideApproval(waiting["approval"], approve, "looked into"), by=by)


# --- adjustments ------------------------------------------------------------------------------------


def test_units_are_lost_and_found_with_a_reason(company):
    lost = adjusted(company, -3)
    adjusted(company, 1, reason="found behind the shelf")

    assert on_hand(company) == 198
    assert (lost["kind"], lost["quantity"], lost["reason"]) == ("adjust_loss", -3, "broken")
    booked = "select kind, quantity, reason, actor from stock_movement where document_kind = 'adjustment' order by 2"
    assert rows_of(company, booked) == [
        ("adjust_loss", -3, "broken", "Carl"),
        ("adjust_gain", 1, "found behind the shelf", "Carl"),
    ]
    facts_of(company)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"reason": " "}, "REASON_MISSING"),
        ({"condition": "lovely"}, "CONDITION_UNKNOWN"),
        ({"lot": "L1"}, "LOT_NOT_ASKED"),
        ({"at": NOW + 1}, "IN_THE_FUTURE"),
    ],
)
def test_what_makes_no_sense_is_refused(company, change, code):
    with refused(company, code):
        adjusted(company, -1, **change)


def test_zero_units_unknown_articles_and_unknown_places_are_refused(company):
    with refused(company, "QUANTITY_WRONG"):
        adjusted(company, 0)
    with refused(company, "SKU_UNKNOWN"):
        do(company, adjust_stock, AdjustStock("NOPE", "MAIN", 1, "x"), by=CLERK)
    with refused(company, "LOCATION_UNKNOWN"):
        do(company, adjust_stock, AdjustStock("MUG", "NOWHERE", 1, "x"), by=LEAD)


def test_more_than_is_there_cannot_be_lost(company):
    with refused(company, "STOCK_SHORT") as caught:
        do(company, adjust_stock, AdjustStock("CUP", "YARD", -2, "broken"), by=YARD_CLERK)

    assert caught.value.details["free"] == 1


def test_a_clerk_adjusts_at_his_own_site_only_and_support_nowhere(company):
    with refused(company, "NOT_PERMITTED"):
        adjusted(company, -1, by=YARD_CLERK)
    with refused(company, "NOT_PERMITTED"):
        adjusted(company, -1, by=Actor("Sue", Role.SUPPORT))


def test_a_late_adjustment_keeps_both_clocks_and_moves_the_past(company):
    adjusted(company, -2, at=march(5, 9))

    clocks = "select occurred_at, recorded_at from stock_movement where document_kind = 'adjustment'"
    assert rows_of(company, clocks) == [(march(5, 9), NOW)]
    with reading(company) as connection:
        now = stock_rows(connection, sku="MUG", at=march(6), now=NOW)[1]
        then = stock_rows(connection, sku="MUG", at=march(6), as_known=NOW - 1, now=NOW)[1]
    assert [row.on_hand for row in now] == [198]
    assert [row.on_hand for row in then] == []  # the first facts were recorded at noon of 31 March too


def test_a_late_loss_does_not_take_what_had_not_come_or_left_since(company):
    give(company, a_movement("sale", kind="ship", units=195, at=march(10)), context=PLACES)
    give(company, a_movement("again", units=50, at=march(20)), context=PLACES)

    with refused(company, "STOCK_SHORT_THEN") as caught:
        adjusted(company, -6, at=march(5))

    assert caught.value.details["free"] == 5
    adjusted(company, -5, at=march(5))
    adjusted(company, -6)


def test_a_date_alone_is_refused():
    assert read_instant("2026-03-05T10:00+01:00") == march(5, 9)
    for text, code in (
        ("2026-03-05", "DATE_ONLY"),
        ("2026-03-05T10:00", "INSTANT_UNREADABLE"),
        ("x", "INSTANT_UNREADABLE"),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            read_instant(text)
        assert caught.value.code == code


def test_a_repeated_key_changes_nothing(company):
    call = a_call(CLERK)
    request = AdjustStock("MUG", "MAIN", -3, "broken")
    first = adjust_stock(company, request, call)
    before = contents(company)

    assert adjust_stock(company, request, call).document == first.document
    assert contents(company) == before


# --- four eyes --------------------------------------------------------------------------------------


def test_an_adjustment_at_the_limit_is_booked_at_once(company):
    assert adjusted(company, -100)["kind"] == "adjust_loss"  # 100 × 2.00 = 200.00


def test_above_the_limit_it_waits_and_a_second_person_lets_it_happen(company):
    waiting = adjusted(company, -101, by=LEAD)

    assert (waiting["state"], on_hand(company)) == ("pending", 200)
    with reading(company) as connection:
        (listed,) = approvals(connection)
    assert (listed.approval, listed.requested_by, listed.request["quantity"]) == (waiting["approval"], "Lee", -101)

    done = decided(company, waiting)
    assert (done["state"], done["result"]["quantity"], on_hand(company)) == ("approved", -101, 99)
    actions = "select action, actor from audit_entry where action like 'stock.%' order by entry_id"
    assert rows_of(company, actions) == [
        ("stock.adjust", "Lee"),
        ("stock.adjust", "Olga"),
        ("stock.decide_approval", "Olga"),
    ]


def test_nobody_approves_his_own_request_and_a_clerk_approves_none(company):
    waiting = adjusted(company, -101, by=LEAD)

    with refused(company, "OWN_REQUEST"):
        decided(company, waiting, by=LEAD)
    with refused(company, "NOT_PERMITTED"):
        decided(company, waiting, by=CLERK)


def test_a_rejected_request_never_happens(company):
    waiting = adjusted(company, -101, by=LEAD)
    assert decided(company, waiting, approve=False)["state"] == "rejected"

    with refused(company, "EVENT_NOT_ALLOWED"):
        decided(company, waiting)
    assert on_hand(company) == 200


def test_a_request_is_carried_out_once(company):
    waiting = adjusted(company, -101, by=LEAD)
    decided(company, waiting)

    with refused(company, "EVENT_NOT_ALLOWED"):
        decided(company, waiting)


def test_what_cannot_happen_any_more_goes_on_waiting(company):
    waiting = adjusted(company, -150, by=LEAD)
    adjusted(company, -99)

    with refused(company, "STOCK_SHORT"):
        decided(company, waiting)


def test_what_is_worth_nobody_knows_how_much_waits(company):
    do(company, receive_goods, ReceiveGoods("MAIN", (ReceivedLine("CUP", 5),)), by=CLERK)
    with_lots(company, "none", "ODDITY")
    do(company, receive_goods, ReceiveGoods("MAIN", (ReceivedLine("ODDITY", 5),)), by=CLERK)

    assert do(company, adjust_stock, AdjustStock("ODDITY", "MAIN", -1, "broken"), by=CLERK)["state"] == "pending"
    assert "state" not in do(company, adjust_stock, AdjustStock("CUP", "MAIN", -1, "broken"), by=CLERK)


# --- scrap and conditions ---------------------------------------------------------------------------


def test_damaged_goods_are_put_apart_and_scrapped(company):
    damage = ChangeCondition("MUG", "MAIN", "sellable", "damaged", 4, "dropped")
    do(company, change_condition, damage, by=CLERK)
    assert (on_hand(company), on_hand(company, condition="damaged")) == (196, 4)

    do(company, scrap_stock, ScrapStock("MUG", "MAIN", 3, "beyond repair"), by=CLERK)
    assert on_hand(company, condition="damaged") == 1
    with refused(company, "STOCK_SHORT"):
        do(company, scrap_stock, ScrapStock("MUG", "MAIN", 2, "beyond repair"), by=CLERK)
    facts_of(company)


def test_scrap_above_the_limit_waits(company):
    do(company, change_condition, ChangeCondition("MUG", "MAIN", "sellable", "damaged", 150, "flood"), by=CLERK)

    waiting = do(company, scrap_stock, ScrapStock("MUG", "MAIN", 150, "flood"), by=CLERK)
    assert (waiting["state"], on_hand(company, condition="damaged")) == ("pending", 150)
    decided(company, waiting, by=LEAD)
    assert on_hand(company, condition="damaged") == 0


def test_a_condition_changes_to_another_one_of_the_list(company):
    for to in ("sellable", "lovely"):
        with refused(company, "CONDITION_UNKNOWN"):
            do(company, change_condition, ChangeCondition("MUG", "MAIN", "sellable", to, 1, "x"), by=CLERK)
    with refused(company, "STOCK_SHORT"):
        do(company, change_condition, ChangeCondition("MUG", "MAIN", "sellable", "damaged", 201, "x"), by=CLERK)


def test_an_expired_lot_can_be_put_apart(company):
    with_lots(company)
    lots = (ReceivedLine("MILK", 2, lot="OLD", expires_at=NOW), ReceivedLine("MILK", 2, lot="NEW", expires_at=NOW + 9))
    do(company, receive_goods, ReceiveGoods("MAIN", lots), by=CLERK)

    do(company, change_condition, ChangeCondition("MILK", "MAIN", "sellable", "expired", 2, "date passed"), by=CLERK)

    held = "select condition, lot, on_hand from lot_balance where on_hand > 0 order by condition"
    assert rows_of(company, held) == [("expired", "OLD", 2), ("sellable", "NEW", 2)]


# --- stock below zero -------------------------------------------------------------------------------


def test_switching_the_policy_changes_no_balance(company):
    before = rows_of(company, "select sku, location, condition, on_hand, committed from stock_balance order by 1, 2, 3")

    do(company, set_negative_stock, SetNegativeStock("YARD", allowed=True, reason="front shop"), by=ADMIN)
    do(company, set_negative_stock, SetNegativeStock("YARD", allowed=False, reason="counted"), by=ADMIN)

    after = rows_of(company, "select sku, location, condition, on_hand, committed from stock_balance order by 1, 2, 3")
    assert after == before


def test_a_place_below_zero_shows_it_and_does_not_turn_strict(company):
    do(company, set_negative_stock, SetNegativeStock("YARD", allowed=True, reason="front shop"), by=ADMIN)
    do(company, adjust_stock, AdjustStock("CUP", "YARD", -3, "broken"), by=YARD_CLERK)

    assert on_hand(company, "CUP", "YARD") == -2
    assert rows_of(company, "select kind, sku, quantity from stock_exception") == [("negative_stock", "CUP", -2)]
    with refused(company, "STOCK_BELOW_ZERO"):
        do(company, set_negative_stock, SetNegativeStock("YARD", allowed=False, reason="x"), by=ADMIN)

    do(company, receive_goods, ReceiveGoods("YARD", (ReceivedLine("CUP", 2),)), by=YARD_CLERK)
    do(company, set_negative_stock, SetNegativeStock("YARD", allowed=False, reason="counted"), by=ADMIN)


def test_a_clerk_does_not_set_the_policy(company):
    with refused(company, "NOT_PERMITTED"):
        do(company, set_negative_stock, SetNegativeStock("MAIN", allowed=True, reason="x"), by=CLERK)
