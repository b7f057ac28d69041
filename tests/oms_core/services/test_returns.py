"""A return from request to graded: bounded by what was delivered, goods restocked only on their grade."""

import threading

import pytest

from oms_core.domain.errors import OmsError
from oms_core.services.define import DefineSku, define_sku
from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.services.receive_return import ReceivedLine, ReceiveReturn, receive_return
from oms_core.services.refund_order import RefundOrder, refund_order
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.returns_read import eligibility, find_returns, reasons, show_return
from oms_core.services.review_return import (
    ApproveReturn,
    CancelReturn,
    DeclineReturn,
    SendReturn,
    StopWaiting,
    approve_return,
    cancel_return,
    decline_return,
    send_return,
    stop_waiting,
)
from oms_core.services.verify import run_checks
from oms_core.storage.engine import reading
from tests.builders import NOW, a_context, a_line, a_movement, a_place, give, march, rows_of
from tests.money_cases import DELIVERED, a_call, deliver, pay, refused, sold

MUGS = a_line("1", quantity=3, cents=1000)
DAY = 86_400_000_000


@pytest.fixture
def shop(core):
    """Three mugs of 10.00 in all, delivered on 10 March; places MAIN and EAST."""
    give(core, a_movement(units=50), context=a_context(a_place("MAIN"), a_place("EAST")))
    sold(core, "A-1", MUGS)
    return core


def asked(quantity=1, *, line="1", reason="faulty.broken"):
    return ReturnLine(line, quantity, reason)


def requested(core, *lines, role="support", now=NOW, **more):
    request = RequestReturn("shop/A-1", lines or (asked(),), **more)
    return request_return(core, request, a_call(role, now=now)).document["return"]


def approved(core, *lines, **more):
    number = requested(core, *lines, **more)
    approve_return(core, ApproveReturn(number), a_call("support"))
    return number


def received(core, number, quantity, *, location="MAIN", line="1", **more):
    request = ReceiveReturn(number, location, (ReceivedLine(line, quantity),), **more)
    return receive_return(core, request, a_call("warehouse")).document


def graded(core, number, grade, quantity, *, location="MAIN", line="1", **more):
    request = GradeReturn(number, location, (GradedLine(line, grade, quantity),), **more)
    return grade_return(core, request, a_call("warehouse")).document


def counters(core):
    columns = (
        "return_requested_quantity, returned_quantity, restocked_quantity, written_off_quantity, sent_back_quantity"
    )
    return rows_of(core, f"select {columns} from order_line")[0]


def stock(core):
    statement = "select location, condition, on_hand from stock_balance where on_hand <> 0 order by 1, 2"
    return rows_of(core, statement)


def sound(core):
    with reading(core) as connection:
        assert [check for check in run_checks(connection) if check.rows] == []


def test_a_return_from_request_to_restocked(shop):
    number = requested(shop, asked(2))
    assert counters(shop) == (2, 0, 0, 0, 0)

    approve_return(shop, ApproveReturn(number, location="EAST"), a_call("support"))
    send_return(shop, SendReturn(number), a_call("support"))
    came = received(shop, number, 2, location="EAST")
    assert (came["state"], came["proposed_refund"]) == ("received", "6.67")
    assert counters(shop) == (0, 2, 0, 0, 0)
    assert stock(shop) == [("EAST", "inspection", 2), ("MAIN", "sellable", 50)]

    done = graded(shop, number, "restock", 2, location="EAST")
    assert done["state"] == "closed"
    assert counters(shop) == (0, 2, 2, 0, 0)
    assert stock(shop) == [("EAST", "sellable", 2), ("MAIN", "sellable", 50)]
    sound(shop)


def test_each_grade_has_its_effect(shop):
    number = approved(shop, asked(3))
    received(shop, number, 3)

    graded(shop, number, "restock", 1)
    graded(shop, number, "damaged", 1)
    done = graded(shop, number, "scrap", 1)

    assert (done["state"], done["proposed_refund"]) == ("closed", "10.00")
    assert counters(shop) == (0, 3, 1, 2, 0)
    assert stock(shop) == [("MAIN", "damaged", 1), ("MAIN", "sellable", 51)]
    sound(shop)


def test_goods_sent_back_propose_no_money_and_may_come_back_once_more(shop):
    first = approved(shop, asked(3))
    received(shop, first, 3)
    done = graded(shop, first, "send_back", 1)
    graded(shop, first, "restock", 2)
    assert done["proposed_refund"] == "6.67"
    assert counters(shop) == (0, 3, 2, 0, 1)

    again = approved(shop, asked(1))
    received(shop, again, 1)
    done = graded(shop, again, "restock", 1)

    assert (done["proposed_refund"], counters(shop)) == ("3.33", (0, 4, 3, 0, 1))
    assert stock(shop) == [("MAIN", "sellable", 53)]
    with refused(shop, "NOTHING_LEFT"):
        requested(shop, asked(1))
    sound(shop)


def test_parts_arrive_one_after_the_other_and_propose_the_line_to_the_cent(shop):
    number = approved(shop, asked(3))

    states = [received(shop, number, 1)["state"] for _ in range(3)]

    assert states == ["partially_received", "partially_received", "received"]
    with reading(shop) as connection:
        assert show_return(connection, number)["proposed_refund"] == "10.00"
    documents = rows_of(shop, "select line_amount, quantity from return_line order by return_line_id")
    assert documents == [(334, 1), (333, 1), (333, 1)]


def test_the_return_document_names_its_order_line_and_reason(shop):
    number = approved(shop, asked(2))
    received(shop, number, 2, occurred_at=march(20))

    statement = """select h.account, h.order_external_id, h.returned_at, l.quantity, l.line_amount, l.reason, o.line_key
        from return_line l join return_order h on h.return_id = l.return_id
        join order_line o on o.line_id = l.order_line_id"""
    assert rows_of(shop, statement) == [("shop", "A-1", march(20), 2, 667, "faulty.broken", "1")]


def test_more_than_delivered_minus_returned_cannot_be_asked_back(shop):
    number = approved(shop, asked(2))
    received(shop, number, 1)

    with refused(shop, "RETURN_TOO_MANY"):
        requested(shop, asked(2))
    requested(shop, asked(1))
    with refused(shop, "NOTHING_LEFT"):
        requested(shop, asked(1))


def test_what_was_shipped_and_not_delivered_does_not_come_back(core):
    sold(core, "A-1", MUGS, delivered=False)

    with refused(core, "NOT_DELIVERED"):
        requested(core)


@pytest.mark.parametrize(
    ("lines", "more", "code"),
    [
        ((asked(4),), {}, "RETURN_TOO_MANY"),
        ((asked(0),), {}, "QUANTITY_INVALID"),
        ((asked(line="9"),), {}, "LINE_UNKNOWN"),
        ((asked(reason="bored"),), {}, "REASON_UNKNOWN"),
        ((asked(), asked()), {}, "LINE_TWICE"),
        ((asked(),), {"kind": "swap"}, "KIND_UNKNOWN"),
        ((asked(),), {"location": "NOWHERE"}, "LOCATION_UNKNOWN"),
        ((ReturnLine("1", 1, "other", "NO-SUCH-MUG"),), {"kind": "exchange"}, "SKU_UNKNOWN"),
        ((asked(),), {"now": DELIVERED + 31 * DAY}, "WINDOW_OVER"),
        ((asked(),), {"role": "warehouse"}, "NOT_PERMITTED"),
        ((asked(),), {"role": "customer"}, "NOT_PERMITTED"),
    ],
)
def test_a_request_that_may_not_be_made_is_refused_and_changes_nothing(shop, lines, more, code):
    with refused(shop, code):
        requested(shop, *lines, **more)


def test_goodwill_reaches_past_the_window_for_who_may_review(shop):
    late = DELIVERED + 31 * DAY
    own = rows_of(shop, "select order_id from sales_order")[0][0]

    with refused(shop, "NOT_PERMITTED"):
        customer = a_call("customer", now=late, orders=frozenset({own}))
        request_return(shop, RequestReturn("shop/A-1", (asked(),), goodwill=True), customer)
    assert requested(shop, now=late, goodwill=True)


def test_a_customer_asks_for_his_own_order_only(shop):
    own = rows_of(shop, "select order_id from sales_order")[0][0]
    request = RequestReturn("shop/A-1", (asked(),))

    with refused(shop, "NOT_PERMITTED"):
        request_return(shop, request, a_call("customer", orders=frozenset({own + 1})))
    assert request_return(shop, request, a_call("customer", orders=frozenset({own}))).document["state"] == "requested"


@pytest.mark.parametrize("end", ["decline", "cancel"])
def test_a_request_that_ends_gives_its_units_free_again(shop, end):
    number = requested(shop, asked(3))

    if end == "decline":
        decline_return(shop, DeclineReturn(number, "worn"), a_call("support"))
    else:
        cancel_return(shop, CancelReturn(number, "keeps it"), a_call("support"))

    assert counters(shop) == (0, 0, 0, 0, 0)
    assert requested(shop, asked(3))


def test_what_will_not_come_is_given_up_and_may_be_asked_back_again(shop):
    number = approved(shop, asked(3))
    received(shop, number, 1)
    graded(shop, number, "restock", 1)

    done = stop_waiting(shop, StopWaiting(number, "only one was in the parcel"), a_call("support")).document

    assert (done["state"], done["lines"][0]["given_up"]) == ("closed", 2)
    assert counters(shop) == (0, 1, 1, 0, 0)
    assert requested(shop, asked(2))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda core, number: received(core, number, 1), "RETURN_STATE"),
        (lambda core, number: graded(core, number, "restock", 1), "RETURN_STATE"),
        (lambda core, number: send_return(core, SendReturn(number), a_call()), "RETURN_STATE"),
        (lambda core, number: stop_waiting(core, StopWaiting(number, "x"), a_call()), "RETURN_STATE"),
        (lambda core, number: decline_return(core, DeclineReturn(number, " "), a_call()), "REASON_MISSING"),
        (lambda core, number: approve_return(core, ApproveReturn(number), a_call("warehouse")), "NOT_PERMITTED"),
        (lambda core, number: approve_return(core, ApproveReturn("RET-9"), a_call()), "RETURN_UNKNOWN"),
        (lambda core, number: approve_return(core, ApproveReturn(number, "X"), a_call()), "LOCATION_UNKNOWN"),
    ],
)
def test_steps_out_of_turn_are_refused_and_change_nothing(shop, act, code):
    number = requested(shop)

    with refused(shop, code):
        act(shop, number)


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda core, number: received(core, number, 3), "RETURN_EXCEEDS_REQUEST"),
        (lambda core, number: received(core, number, 0), "QUANTITY_INVALID"),
        (lambda core, number: received(core, number, 1, line="7"), "LINE_UNKNOWN"),
        (lambda core, number: received(core, number, 1, location="X"), "LOCATION_UNKNOWN"),
        (lambda core, number: received(core, number, 1, occurred_at=NOW + 1), "IN_THE_FUTURE"),
        (lambda core, number: graded(core, number, "restock", 2), "GRADE_EXCEEDS_RECEIVED"),
        (lambda core, number: graded(core, number, "restock", 1, location="EAST"), "GRADE_EXCEEDS_RECEIVED"),
        (lambda core, number: graded(core, number, "sell", 1), "GRADE_UNKNOWN"),
        (lambda core, number: cancel_return(core, CancelReturn(number, "x"), a_call()), "RETURN_STATE"),
    ],
)
def test_what_does_not_fit_the_goods_that_came_is_refused(shop, act, code):
    number = approved(shop, asked(3))
    received(shop, number, 1)

    with refused(shop, code):
        act(shop, number)


def test_a_clerk_receives_and_grades_at_his_own_site_only(shop):
    number = approved(shop, asked(3))
    elsewhere = a_call("warehouse", locations=frozenset({"EAST"}))

    with refused(shop, "NOT_PERMITTED"):
        receive_return(shop, ReceiveReturn(number, "MAIN", (ReceivedLine("1", 1),)), elsewhere)
    received(shop, number, 1)
    with refused(shop, "NOT_PERMITTED"):
        grade_return(shop, GradeReturn(number, "MAIN", (GradedLine("1", "restock", 1),)), elsewhere)


def test_a_repeated_receipt_counts_once(shop):
    number = approved(shop, asked(3))
    request, call = ReceiveReturn(number, "MAIN", (ReceivedLine("1", 1),)), a_call("warehouse", key="scan-1")

    receive_return(shop, request, call)
    again = receive_return(shop, request, call)

    assert again.repeated
    assert counters(shop) == (2, 1, 0, 0, 0)


def test_money_and_goods_are_apart(shop):
    pay(shop, "shop/A-1", "10.00")
    with shop.begin() as connection:
        connection.exec_driver_sql("update company_setting set base_currency = 'EUR'")
    number = approved(shop, asked(2))

    refund_order(shop, RefundOrder("shop/A-1", "6.67", "return", return_request=number), a_call("support"))
    assert counters(shop) == (2, 0, 0, 0, 0)
    assert stock(shop) == [("MAIN", "sellable", 50)]

    received(shop, number, 2)
    done = graded(shop, number, "restock", 2)
    assert (done["proposed_refund"], done["refunded"], done["to_refund"]) == ("6.67", "6.67", "0.00")
    assert rows_of(shop, "select refunded_amount from payment") == [(667,)]
    assert stock(shop) == [("MAIN", "sellable", 52)]


def test_a_discounted_and_taxed_line_proposes_what_was_paid(core):
    give(core, a_movement(), context=a_context(a_place("MAIN")))
    sold(core, "A-1", a_line("1", quantity=3, cents=2269, discount_amount=297, tax_amount=431))
    number = approved(core, asked(1))

    assert received(core, number, 1)["proposed_refund"] == "9.00"


def test_of_many_who_ask_at_once_no_more_is_asked_back_than_was_delivered(shop):
    answers: list[str] = []

    def ask():
        try:
            requested(shop, asked(1))
            answers.append("asked")
        except OmsError as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=ask) for _ in range(7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["NOTHING_LEFT"] * 4 + ["asked"] * 3
    assert counters(shop) == (3, 0, 0, 0, 0)


def test_two_who_grade_the_same_units_at_once_grade_them_once(shop):
    number = approved(shop, asked(1))
    received(shop, number, 1)
    answers: list[str] = []

    def grade():
        try:
            graded(shop, number, "restock", 1)
            answers.append("restocked")
        except OmsError as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=grade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["RETURN_STATE"] * 3 + ["restocked"]
    assert stock(shop) == [("MAIN", "sellable", 51)]


def test_of_many_who_receive_the_same_parcel_at_once_it_is_counted_once(shop):
    number = approved(shop, asked(2))
    answers: list[str] = []

    def receive():
        try:
            received(shop, number, 2)
            answers.append("received")
        except OmsError as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=receive) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["RETURN_STATE"] * 3 + ["received"]
    assert (counters(shop), stock(shop)) == ((0, 2, 0, 0, 0), [("MAIN", "inspection", 2), ("MAIN", "sellable", 50)])


def test_an_article_kept_by_lot_comes_back_as_its_lot(core):
    give(core, a_movement(), context=a_context(a_place("MAIN")))
    define_sku(core, DefineSku("MILK", tracking="lot"), a_call())
    sold(core, "A-1", a_line("1", sku="MILK", quantity=3, cents=300))
    number = approved(core, asked(3))

    with refused(core, "LOT_MISSING"):
        received(core, number, 3)
    lines = (ReceivedLine("1", 2, lot="L1"), ReceivedLine("1", 1, lot="L2"))
    receive_return(core, ReceiveReturn(number, "MAIN", lines), a_call("warehouse"))
    grades = (GradedLine("1", "restock", 2, lot="L1"), GradedLine("1", "scrap", 1, lot="L2"))
    done = grade_return(core, GradeReturn(number, "MAIN", grades), a_call("warehouse"))

    assert done.document["state"] == "closed"
    assert rows_of(core, "select lot, condition, on_hand from lot_balance where on_hand <> 0") == [
        ("L1", "sellable", 2)
    ]
    sound(core)


def test_a_serial_number_is_restocked_as_itself(core):
    give(core, a_movement(), context=a_context(a_place("MAIN")))
    define_sku(core, DefineSku("CAM", tracking="serial"), a_call())
    sold(core, "A-1", a_line("1", sku="CAM", quantity=2, cents=300))
    number = approved(core, asked(2))
    with refused(core, "SERIAL_ONE_UNIT"):
        receive_return(core, ReceiveReturn(number, "MAIN", (ReceivedLine("1", 2, lot="S1"),)), a_call("warehouse"))

    lines = (ReceivedLine("1", 1, lot="S1"), ReceivedLine("1", 1, lot="S2"))
    receive_return(core, ReceiveReturn(number, "MAIN", lines), a_call("warehouse"))
    graded(core, number, "restock", 2)

    held = "select lot, condition, on_hand from lot_balance where on_hand <> 0 order by lot"
    assert rows_of(core, held) == [("S1", "sellable", 1), ("S2", "sellable", 1)]
    sound(core)


def test_what_came_today_was_not_inspected_yesterday(shop):
    number = approved(shop, asked(1))
    received(shop, number, 1, occurred_at=march(20))

    with refused(shop, "STOCK_SHORT_THEN"):
        graded(shop, number, "restock", 1, occurred_at=march(19))


def test_the_window_is_a_policy(shop):
    policy = "window_days: 1\nreasons: {faulty: {broken: x}}"
    with refused(shop, "POLICY_INVALID"):
        set_policy(shop, SetPolicy("returns", policy, "stricter"), a_call("admin"))

    stricter = "window_days: 1\nreasons: {faulty: {en: Faulty, zh: 质量问题, paid_by: shop}}"
    set_policy(shop, SetPolicy("returns", stricter, "stricter"), a_call("admin"))

    with refused(shop, "WINDOW_OVER"):
        requested(shop, asked(reason="faulty"))


def test_what_may_come_back_is_told_before_it_is_asked(shop):
    requested(shop, asked(1))

    with reading(shop) as connection:
        (line,) = eligibility(connection, "shop/A-1", now=NOW)
        late = eligibility(connection, "shop/A-1", now=DELIVERED + 31 * DAY)
        assert [it["state"] for it in find_returns(connection, order="shop/A-1")] == ["requested"]
        assert find_returns(connection, state="closed") == []
        assert {"code": "other", "en": "Another reason", "zh": "其他原因", "paid_by": "customer"} in reasons(connection)
    assert (line["remaining"], line["refusal"]) == (2, None)
    assert late[0]["refusal"] == "WINDOW_OVER"


def test_a_second_delivery_opens_the_window_again(core):
    give(core, a_movement(), context=a_context(a_place("MAIN")))
    sold(core, "A-1", MUGS, delivered=False)
    deliver(core, "A-1", at=march(1), _1=2)
    deliver(core, "A-1", at=march(30), _1=1)

    assert requested(core, asked(3), now=march(30) + 30 * DAY)
