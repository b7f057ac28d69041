"""An exchange: the replacement is an order of its own, paid by what was paid for the goods that come back."""

import pytest

from oms_core.services.define import DefineAccount, DefineSku, define_account, define_sku
from oms_core.services.exchange_order import PlaceReplacement, ReplacementPrice, place_replacement
from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return
from oms_core.services.payments_read import payments_of
from oms_core.services.receive_return import ReceivedLine, ReceiveReturn, receive_return
from oms_core.services.refund_order import RefundOrder, refund_order
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.review_return import ApproveReturn, CancelReturn, approve_return, cancel_return
from oms_core.services.stored_value import (
    IssueStoredValue,
    RedeemStoredValue,
    issue_stored_value,
    redeem_stored_value,
    stored_value_of,
)
from oms_core.storage.engine import reading
from tests.builders import a_context, a_customer, a_line, a_movement, a_place, give, rows_of
from tests.money_cases import a_call, pay, refused, sold

CODE = "GIFT-2026-ABCD-EFGH"


@pytest.fixture
def shop(core):
    """Two red mugs for 10.00 with 1.90 tax on top, delivered; blue ones are there too."""
    with core.begin() as connection:
        connection.exec_driver_sql("update company_setting set base_currency = 'EUR'")
    give(core, a_movement(units=50), context=a_context(a_place("MAIN")))
    mugs = a_line("1", quantity=2, cents=1000, tax_amount=190)
    sold(core, "A-1", mugs, customer=a_customer())
    define_account(core, DefineAccount("shop", "web", "Shop", fulfilled_here=True, priority=0), a_call())
    define_sku(core, DefineSku("BLUE-MUG", "A blue mug"), a_call())
    return core


def exchanged(core, quantity=1, *, sku="BLUE-MUG", approve=True):
    lines = (ReturnLine("1", quantity, "changed_mind.wrong_size", sku),)
    number = request_return(core, RequestReturn("shop/A-1", lines, kind="exchange"), a_call("support")).document[
        "return"
    ]
    if approve:
        approve_return(core, ApproveReturn(number), a_call("support"))
    return number


def placed(core, number, *prices):
    request = PlaceReplacement(number, tuple(ReplacementPrice("1", price) for price in prices))
    return place_replacement(core, request, a_call("support")).document


def shown(core, reference):
    with reading(core) as connection:
        return payments_of(connection, reference)


def test_an_even_exchange_costs_nothing(shop):
    pay(shop, "shop/A-1", "11.90")
    number = exchanged(shop)

    it = placed(shop, number)

    assert (it["replacement_total"], it["carried_over"], it["to_pay"]) == ("5.95", "5.95", "0.00")
    assert it["replacement_order"] == f"shop/A-1-{number}"
    new = shown(shop, it["replacement_order"])
    assert (new["total"], new["paid"], new["payment_status"]) == ("5.95", "5.95", "paid")
    assert shown(shop, "shop/A-1")["paid"] == "5.95"
    line = "select sku, quantity, line_amount, tax_amount from order_line where sku = 'BLUE-MUG'"
    assert rows_of(shop, line) == [("BLUE-MUG", 1, 500, 95)]
    linked = "select relation, customer_id, parent_order_id from sales_order where relation is not null"
    assert rows_of(shop, linked) == rows_of(
        shop, "select 'exchange', customer_id, order_id from sales_order where external_id = 'A-1'"
    )


def test_the_difference_of_a_dearer_replacement_is_to_be_paid(shop):
    pay(shop, "shop/A-1", "11.90")

    it = placed(shop, exchanged(shop), "8.00")

    assert (it["replacement_total"], it["carried_over"], it["to_pay"]) == ("9.52", "5.95", "3.57")
    assert shown(shop, it["replacement_order"])["missing"] == "3.57"


def test_the_difference_of_a_cheaper_one_is_to_be_refunded_when_the_goods_are_back(shop):
    pay(shop, "shop/A-1", "11.90")
    number = exchanged(shop)

    it = placed(shop, number, "2.00")
    assert (it["replacement_total"], it["carried_over"]) == ("2.38", "2.38")

    receive_return(shop, ReceiveReturn(number, "MAIN", (ReceivedLine("1", 1),)), a_call("warehouse"))
    graded = grade_return(shop, GradeReturn(number, "MAIN", (GradedLine("1", "restock", 1),)), a_call("warehouse"))
    assert (graded.document["proposed_refund"], graded.document["to_refund"]) == ("5.95", "3.57")
    refund_order(shop, RefundOrder("shop/A-1", "3.57", "exchange", return_request=number), a_call("support"))
    assert shown(shop, "shop/A-1")["paid"] == "5.95"


def test_a_card_is_authorised_and_captured_anew_and_no_money_is_made(shop):
    pay(shop, "shop/A-1", "11.90", method="card")

    it = placed(shop, exchanged(shop))

    events = [(row["event"], row["provider"]) for row in shown(shop, it["replacement_order"])["events"]]
    assert events == [("authorize", "exchange"), ("capture", "exchange")]
    held = "select sum(captured_amount - refunded_amount - charged_back_amount) from payment"
    assert rows_of(shop, held) == [(1190,)]


def test_what_a_gift_card_paid_still_goes_back_to_the_card(shop):
    issue_stored_value(shop, IssueStoredValue("gift_card", "20.00", "x", currency="EUR", code=CODE), a_call("finance"))
    redeem_stored_value(shop, RedeemStoredValue("shop/A-1", "11.90", CODE), a_call("support"))
    it = placed(shop, exchanged(shop))

    refund_order(shop, RefundOrder(it["replacement_order"], "5.95", "broken too"), a_call("support"))

    with reading(shop) as connection:
        assert stored_value_of(connection, CODE)["balance"] == "14.05"


def test_what_was_not_paid_is_not_carried_over(shop):
    it = placed(shop, exchanged(shop))

    assert (it["carried_over"], it["to_pay"]) == ("0.00", "5.95")


@pytest.mark.parametrize(
    ("prepare", "prices", "code"),
    [
        (lambda core: exchanged(core, approve=False), (), "RETURN_STATE"),
        (lambda core: "RET-9", (), "RETURN_UNKNOWN"),
        (exchanged, ("free",), "AMOUNT_INVALID"),
    ],
)
def test_a_replacement_that_may_not_be_placed_is_refused_and_changes_nothing(shop, prepare, prices, code):
    number = prepare(shop)

    with refused(shop, code):
        placed(shop, number, *prices)


def test_a_plain_return_has_no_replacement(shop):
    request = RequestReturn("shop/A-1", (ReturnLine("1", 1, "other"),))
    number = request_return(shop, request, a_call("support")).document["return"]

    with refused(shop, "NO_EXCHANGE"):
        placed(shop, number)


def test_one_exchange_has_one_replacement_and_is_not_cancelled_under_it(shop):
    number = exchanged(shop)
    placed(shop, number)

    with refused(shop, "EXCHANGE_PLACED"):
        placed(shop, number)
    with refused(shop, "EXCHANGE_PLACED"):
        cancel_return(shop, CancelReturn(number, "keeps it"), a_call("support"))


def test_a_clerk_of_the_warehouse_places_no_replacement(shop):
    number = exchanged(shop)

    with refused(shop, "NOT_PERMITTED"):
        place_replacement(shop, PlaceReplacement(number), a_call("warehouse"))
