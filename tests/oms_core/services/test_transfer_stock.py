"""Transfers: through transit in two legs, in parts, with losses explained; cost and age go along."""

import pytest

from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.approvals import DecideApproval, decide_stock_approval
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.stock_layers import layer_rows
from oms_core.services.transfer_stock import (
    DraftTransfer,
    TransferArrival,
    TransferLine,
    TransferStep,
    cancel_transfer,
    draft_transfer,
    lose_in_transit,
    receive_transfer,
    ship_transfer,
)
from oms_core.storage.engine import reading
from tests.builders import NOW, a_context, a_movement, a_place, facts_of, give, march, rows_of
from tests.stock_cases import CLERK, LEAD, OTHER_LEAD, YARD_CLERK, do, on_hand, open_company, refused, with_lots


@pytest.fixture
def company(core, core_settings):
    return open_company(core, core_settings)


def drafted(core, *lines, by=CLERK):
    request = DraftTransfer("MAIN", "YARD", lines or (TransferLine("MUG", 6),), number="TR-1")
    return do(core, draft_transfer, request, by=by)


def shipped(core, *lines):
    drafted(core, *lines)
    return do(core, ship_transfer, TransferStep("TR-1"), by=CLERK)


def arrived(core, *lines, **more):
    return do(core, receive_transfer, TransferArrival("TR-1", lines, **more), by=YARD_CLERK)


def places(core):
    return [on_hand(core, location=place) for place in ("MAIN", "IN-TRANSIT", "YARD")]


def test_goods_are_on_their_way_between_the_two_legs(company):
    assert drafted(company)["state"] == "draft"
    assert places(company) == [10, 0, 0]

    document = do(company, ship_transfer, TransferStep("TR-1"), by=CLERK)
    assert document["on_its_way"] == [{"sku": "MUG", "lot": None, "quantity": 6}]
    assert places(company) == [4, 6, 0]

    assert arrived(company)["state"] == "received"
    assert places(company) == [4, 0, 6]
    facts_of(company)


def test_a_part_may_arrive_first(company):
    shipped(company)

    assert arrived(company, TransferLine("MUG", 4))["state"] == "partly_received"
    assert places(company) == [4, 2, 4]
    assert arrived(company, TransferLine("MUG", 2))["state"] == "received"
    assert places(company) == [4, 0, 6]


def test_more_than_left_does_not_arrive(company):
    shipped(company)

    with refused(company, "NOT_ON_ITS_WAY"):
        arrived(company, TransferLine("MUG", 7))


def test_nothing_arrives_before_it_left_or_twice(company):
    drafted(company)
    with refused(company, "EVENT_NOT_ALLOWED"):
        arrived(company)

    do(company, ship_transfer, TransferStep("TR-1"), by=CLERK)
    arrived(company)
    with refused(company, "EVENT_NOT_ALLOWED"):
        arrived(company)


def test_a_loss_on_the_way_is_explained_and_ends_the_transfer(company):
    shipped(company)
    arrived(company, TransferLine("MUG", 5))

    with refused(company, "REASON_MISSING"):
        do(company, lose_in_transit, TransferArrival("TR-1"), by=YARD_CLERK)
    document = do(company, lose_in_transit, TransferArrival("TR-1", reason="fell off the cart"), by=YARD_CLERK)

    assert document["state"] == "received"
    assert places(company) == [4, 0, 5]
    lost = "select quantity, reason from stock_movement where kind = 'adjust_loss'"
    assert rows_of(company, lost) == [(-1, "fell off the cart")]


def test_a_dear_loss_waits_for_a_second_person(company):
    do(company, receive_goods, ReceiveGoods("MAIN", (ReceivedLine("MUG", 200),)), by=CLERK)
    shipped(company, TransferLine("MUG", 150))

    waiting = do(company, lose_in_transit, TransferArrival("TR-1", reason="stolen"), by=LEAD)  # 150 × 2.00 > 200
    assert waiting["state"] == "pending"
    assert places(company) == [60, 150, 0]

    with refused(company, "OWN_REQUEST"):
        do(company, decide_stock_approval, DecideApproval(waiting["approval"], approve=True, reason="ok"), by=LEAD)
    decision = DecideApproval(waiting["approval"], approve=True, reason="police report 7")
    assert do(company, decide_stock_approval, decision, by=OTHER_LEAD)["result"]["state"] == "received"
    assert places(company) == [60, 0, 0]


def test_cost_and_age_travel_along(company):
    for day, cost in ((10, "0.40"), (20, "0.45")):
        line = ReceivedLine("CUP", 3, unit_cost=cost, currency="EUR")
        do(company, receive_goods, ReceiveGoods("MAIN", (line,), at=march(day)), by=CLERK)
    shipped(company, TransferLine("CUP", 4))
    arrived(company, TransferLine("CUP", 4))

    with reading(company) as connection:
        rows = layer_rows(connection, at=NOW, sku="CUP")

    assert [(row.location, row.units, str(row.unit_cost), row.opened_at) for row in rows] == [
        ("MAIN", 2, "0.450000", march(20)),
        ("YARD", 1, "0.500000", march(1)),
        ("YARD", 3, "0.400000", march(10)),
        ("YARD", 1, "0.450000", march(20)),
    ]


def test_what_is_not_there_does_not_leave(company):
    drafted(company, TransferLine("MUG", 6), TransferLine("MUG", 5))  # each alone would fit

    with refused(company, "STOCK_SHORT") as caught:
        do(company, ship_transfer, TransferStep("TR-1"), by=CLERK)

    assert (caught.value.details["wanted"], caught.value.details["free"]) == (11, 10)


def test_goods_on_their_way_are_at_no_site(company):
    give(company, a_movement("desk", sku="MUG", location="DESK", units=1), context=a_context(a_place("DESK")))

    with refused(company, "NOT_IN_TRANSIT"):
        request = DraftTransfer("MAIN", "YARD", (TransferLine("MUG", 1),), via_location="DESK")
        do(company, draft_transfer, request, by=CLERK)
    with refused(company, "SAME_PLACE"):
        do(company, draft_transfer, DraftTransfer("MAIN", "MAIN", (TransferLine("MUG", 1),)), by=CLERK)


def test_each_end_is_worked_by_its_own_people(company):
    with refused(company, "NOT_PERMITTED"):
        drafted(company, by=YARD_CLERK)
    drafted(company)
    with refused(company, "NOT_PERMITTED"):
        do(company, ship_transfer, TransferStep("TR-1"), by=YARD_CLERK)
    do(company, ship_transfer, TransferStep("TR-1"), by=CLERK)
    with refused(company, "NOT_PERMITTED"):
        do(company, receive_transfer, TransferArrival("TR-1"), by=CLERK)


def test_a_transfer_that_has_not_left_can_be_cancelled(company):
    drafted(company)
    assert do(company, cancel_transfer, TransferStep("TR-1", reason="not needed"), by=CLERK)["state"] == "cancelled"

    with refused(company, "EVENT_NOT_ALLOWED"):
        do(company, ship_transfer, TransferStep("TR-1"), by=CLERK)


def test_the_lot_that_expires_first_travels_first(company):
    with_lots(company)
    lots = (
        ReceivedLine("MILK", 3, lot="LATE", expires_at=NOW + 9),
        ReceivedLine("MILK", 2, lot="SOON", expires_at=NOW + 5),
        ReceivedLine("MILK", 2, lot="OLD", expires_at=NOW),
    )
    do(company, receive_goods, ReceiveGoods("MAIN", lots), by=CLERK)

    document = shipped(company, TransferLine("MILK", 4))
    assert [(it["lot"], it["quantity"]) for it in document["on_its_way"]] == [("LATE", 2), ("SOON", 2)]
    arrived(company)

    held = rows_of(company, "select location, lot, on_hand from lot_balance where on_hand > 0 order by location, lot")
    assert held == [("MAIN", "LATE", 1), ("MAIN", "OLD", 2), ("YARD", "LATE", 2), ("YARD", "SOON", 2)]
    do(company, adjust_stock, AdjustStock("MUG", "MAIN", -1, "broken"), by=CLERK)
    facts_of(company)


def test_expired_lots_do_not_leave(company):
    with_lots(company)
    do(company, receive_goods, ReceiveGoods("MAIN", (ReceivedLine("MILK", 2, lot="OLD", expires_at=NOW),)), by=CLERK)
    drafted(company, TransferLine("MILK", 1))

    with refused(company, "LOT_SHORT"):
        do(company, ship_transfer, TransferStep("TR-1"), by=CLERK)
