"""Refunds: bounded by what is paid, apart from goods, above a limit not by one person alone (I7)."""

import threading

import pytest

from oms_core.domain.errors import OmsError
from oms_core.services.payments_read import payments_of
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.services.refund_order import RefundOrder, refund_order
from oms_core.services.stored_value import (
    IssueStoredValue,
    RedeemStoredValue,
    issue_stored_value,
    redeem_stored_value,
    stored_value_of,
)
from oms_core.storage.engine import reading
from tests.builders import a_customer, a_line, rows_of
from tests.money_cases import a_call, decided, pay, refused, sold

CODE = "GIFT-2026-ABCD-EFGH"


@pytest.fixture
def shop(core):
    """A company that counts in euros."""
    with core.begin() as connection:
        connection.exec_driver_sql("update company_setting set base_currency = 'EUR'")
    return core


def a_refund(amount="2.00", **more):
    return RefundOrder(**({"order": "shop/A-1", "amount": amount, "reason": "a scratch"} | more))


def shown(core, reference="shop/A-1"):
    with reading(core) as connection:
        return payments_of(connection, reference)


def test_a_part_is_paid_back_to_where_it_came_from_and_no_goods_move(shop):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")

    answer = refund_order(shop, a_refund(), a_call("support"))

    assert (answer.document["paid"], answer.document["payment_status"]) == ("3.00", "partially_refunded")
    assert rows_of(shop, "select count(*) from stock_movement") == [(0,)]
    assert rows_of(shop, "select returned_quantity, restocked_quantity from order_line") == [(0, 0)]


def test_a_refund_goes_back_tender_by_tender_in_their_order(shop):
    sold(shop, "A-1", a_line(cents=5000))
    pay(shop, "shop/A-1", "30.00", method="alipay")
    pay(shop, "shop/A-1", "20.00", method="card")

    answer = refund_order(shop, a_refund("35.00"), a_call("support"))

    assert answer.document["parts"] == [
        {"tender": "alipay", "amount": "30.00"},
        {"tender": "card", "amount": "5.00"},
    ]
    assert [row["paid"] for row in shown(shop)["tenders"]] == ["0.00", "15.00"]


def test_one_tender_may_be_named_and_its_provider_reference_kept(shop):
    sold(shop, "A-1", a_line(cents=5000))
    pay(shop, "shop/A-1", "30.00", method="alipay")
    pay(shop, "shop/A-1", "20.00", method="card")

    refund_order(shop, a_refund("5.00", tender="card", reference="re_1"), a_call("support"))

    last = shown(shop)["events"][-1]
    assert (last["tender"], last["provider"], last["provider_ref"]) == ("card", "card", "re_1")
    with refused(shop, "REFERENCE_REUSED"):
        refund_order(shop, a_refund("5.00", tender="card", reference="re_1"), a_call("support"))


@pytest.mark.parametrize(
    ("refund", "code"),
    [
        (a_refund("5.01"), "REFUND_ABOVE_PAID"),
        (a_refund("0"), "AMOUNT_INVALID"),
        (a_refund(reason=" "), "REASON_MISSING"),
        (a_refund(to="cash"), "TARGET_UNKNOWN"),
        (a_refund(tender="card"), "TENDER_UNKNOWN"),
        (a_refund(to="store_credit"), "CUSTOMER_MISSING"),
        (a_refund(return_request="RET-9"), "RETURN_UNKNOWN"),
        (a_refund(reason="to card 4111111111111111"), "CARD_DATA_REFUSED"),
    ],
)
def test_what_cannot_be_paid_back_is_refused_and_changes_nothing(shop, refund, code):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")

    with refused(shop, code):
        refund_order(shop, refund, a_call("support"))


def test_a_refusal_says_amounts_as_people_write_them(shop):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")

    with refused(shop, "REFUND_ABOVE_PAID") as raised:
        refund_order(shop, a_refund("5.01"), a_call("support"))
    assert raised.value.reason == "a refund of 5.01 EUR where 5.00 EUR is paid"


def test_one_reference_does_not_serve_two_tenders(shop):
    sold(shop, "A-1", a_line(cents=5000))
    pay(shop, "shop/A-1", "30.00", method="alipay")
    pay(shop, "shop/A-1", "20.00", method="card")

    with refused(shop, "REFERENCE_AMBIGUOUS"):
        refund_order(shop, a_refund("35.00", reference="re_1"), a_call("support"))


def test_refunds_together_never_exceed_what_is_paid(shop):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")
    refund_order(shop, a_refund("3.00"), a_call("support"))

    with refused(shop, "REFUND_ABOVE_PAID"):
        refund_order(shop, a_refund("2.01"), a_call("support"))


def test_a_repeated_command_pays_back_once(shop):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")
    call = a_call("support", key="one")

    first = refund_order(shop, a_refund(), call)
    again = refund_order(shop, a_refund(), call)

    assert (again.repeated, again.document) == (True, first.document)
    assert shown(shop)["paid"] == "3.00"


def test_money_may_become_store_credit_of_the_customer(shop):
    sold(shop, "A-1", customer=a_customer())
    sold(shop, "A-2", customer=a_customer())
    pay(shop, "shop/A-1", "5.00")

    refund_order(shop, a_refund("5.00", to="store_credit"), a_call("support"))
    redeem_stored_value(shop, RedeemStoredValue("shop/A-2", "4.00"), a_call("support"))

    assert (shown(shop)["paid"], shown(shop, "shop/A-2")["paid"]) == ("0.00", "4.00")
    assert rows_of(shop, "select kind, balance from stored_value") == [("store_credit", 100)]


def test_what_a_gift_card_paid_goes_back_to_the_card(shop):
    sold(shop)
    issue_stored_value(shop, IssueStoredValue("gift_card", "5.00", "x", currency="EUR", code=CODE), a_call("finance"))
    redeem_stored_value(shop, RedeemStoredValue("shop/A-1", "5.00", CODE), a_call("support"))

    refund_order(shop, a_refund("2.00"), a_call("support"))

    with reading(shop) as connection:
        assert stored_value_of(connection, CODE)["balance"] == "2.00"


def test_above_the_limit_a_refund_waits_for_a_second_person(shop):
    sold(shop, "A-1", a_line(cents=50000))
    pay(shop, "shop/A-1", "500.00")

    waiting = refund_order(shop, a_refund("200.01"), a_call("support")).document

    assert (waiting["state"], shown(shop)["paid"]) == ("pending", "500.00")
    answer = decided(shop, waiting["approval"])
    assert (answer.document["state"], answer.document["result"]["refunded"]) == ("approved", "200.01")
    assert shown(shop)["paid"] == "299.99"


def test_a_refund_that_is_turned_down_pays_nothing_back(shop):
    sold(shop, "A-1", a_line(cents=50000))
    pay(shop, "shop/A-1", "500.00")
    waiting = refund_order(shop, a_refund("500.00"), a_call("support")).document

    decided(shop, waiting["approval"], approve=False)

    assert shown(shop)["paid"] == "500.00"
    with refused(shop, "EVENT_NOT_ALLOWED"):
        decided(shop, waiting["approval"])


def test_nobody_decides_on_his_own_refund_nor_without_the_right(shop):
    sold(shop, "A-1", a_line(cents=50000))
    pay(shop, "shop/A-1", "500.00")
    waiting = refund_order(shop, a_refund("500.00"), a_call("finance", name="Ann")).document

    with refused(shop, "OWN_REQUEST"):
        decided(shop, waiting["approval"], call=a_call("finance", name="Ann"))
    with refused(shop, "NOT_PERMITTED"):
        decided(shop, waiting["approval"], call=a_call("support", name="Sue"))


def test_what_was_paid_back_meanwhile_is_not_paid_back_again(shop):
    sold(shop, "A-1", a_line(cents=50000))
    pay(shop, "shop/A-1", "500.00")
    waiting = [refund_order(shop, a_refund("400.00"), a_call("support")).document["approval"] for _ in range(2)]
    decided(shop, waiting[0])

    with refused(shop, "REFUND_ABOVE_PAID"):
        decided(shop, waiting[1])


def test_the_refunds_of_an_order_count_together_towards_the_limit(shop):
    sold(shop, "A-1", a_line(cents=50000))
    pay(shop, "shop/A-1", "500.00")
    refund_order(shop, a_refund("150.00"), a_call("support"))

    assert "approval" in refund_order(shop, a_refund("50.01"), a_call("support")).document
    assert refund_order(shop, a_refund("50.00"), a_call("support")).document["paid"] == "300.00"


def test_without_a_base_currency_every_refund_waits(core):
    sold(core)
    pay(core, "shop/A-1", "5.00")

    assert "approval" in refund_order(core, a_refund("0.01"), a_call("support")).document


def test_the_limit_is_a_policy(shop):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")
    limits = 'refund: "1.50"\nstore_credit: "1"\nwrite_off: "1"\nprice_change: "1"'
    set_policy(shop, SetPolicy("limits", limits, "careful"), a_call("admin"))

    assert "approval" in refund_order(shop, a_refund("1.51"), a_call("support")).document
    with refused(shop, "POLICY_INVALID"):
        set_policy(shop, SetPolicy("limits", "refund: much", "careless"), a_call("admin"))


@pytest.mark.parametrize("role", ["viewer", "warehouse", "planner", "auditor", "feed_service", "customer"])
def test_who_may_not_refund_is_refused(sqlite_core, role):
    sold(sqlite_core)
    pay(sqlite_core, "shop/A-1", "5.00")

    with refused(sqlite_core, "NOT_PERMITTED"):
        refund_order(sqlite_core, a_refund(), a_call(role))


def test_of_many_who_refund_at_once_no_more_is_paid_back_than_was_paid(shop):
    sold(shop)
    pay(shop, "shop/A-1", "5.00")
    answers: list[str] = []

    def refund():
        try:
            refund_order(shop, a_refund("2.00"), a_call("support"))
            answers.append("paid back")
        except OmsError as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=refund) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["REFUND_ABOVE_PAID"] * 4 + ["paid back"] * 2
    assert shown(shop)["paid"] == "1.00"
