"""Gift cards and store credit: a journal each, a balance that never goes below 0, whoever redeems first."""

import threading

import pytest

from oms_core.domain.errors import OmsError
from oms_core.domain.orders import Lifecycle
from oms_core.services.payments_read import payments_of
from oms_core.services.stored_value import (
    IssueStoredValue,
    RedeemStoredValue,
    issue_stored_value,
    redeem_stored_value,
    stored_value_of,
)
from oms_core.storage.engine import reading
from tests.builders import a_customer, a_line, march, rows_of
from tests.money_cases import a_call, decided, refused, sold

CODE = "GIFT-2026-ABCD-EFGH"


def a_card(amount="50.00", **more):
    return IssueStoredValue("gift_card", amount, "sold at the till", **({"currency": "EUR", "code": CODE} | more))


@pytest.fixture
def wide(core):
    """A company that counts in euros: without a base currency every amount would be above the limits."""
    with core.begin() as connection:
        connection.exec_driver_sql("update company_setting set base_currency = 'EUR'")
    return core


def shown(core, reference="shop/A-1"):
    with reading(core) as connection:
        return payments_of(connection, reference)


def card(core, code=CODE):
    with reading(core) as connection:
        return stored_value_of(connection, code)


def test_a_gift_card_pays_a_part_and_keeps_the_rest(wide):
    sold(wide, "A-1", a_line(cents=8000))
    issue_stored_value(wide, a_card(), a_call("finance"))

    answer = redeem_stored_value(wide, RedeemStoredValue("shop/A-1", "30.00", CODE), a_call("support"))

    assert (answer.document["balance"], answer.document["paid"], answer.document["missing"]) == (
        "20.00",
        "30.00",
        "50.00",
    )
    assert [(it["kind"], it["amount"]) for it in card(wide)["entries"]] == [("issue", "50.00"), ("redeem", "-30.00")]


def test_the_code_is_found_however_it_is_written_and_is_kept_nowhere(wide):
    issue_stored_value(wide, a_card(), a_call("finance"))

    assert card(wide, "gift 2026 abcd efgh")["balance"] == "50.00"
    for table in ("stored_value", "stored_value_entry", "command", "audit_entry", "outbox_message"):
        assert "ABCD" not in str(rows_of(wide, f"select * from {table}"))


def test_store_credit_belongs_to_the_customer_of_an_order_and_grows(wide):
    sold(wide, "A-1", customer=a_customer())
    sold(wide, "A-2", customer=a_customer())
    for _ in range(2):
        credit = IssueStoredValue("store_credit", "3.00", "late parcel", customer_of="shop/A-1")
        issue_stored_value(wide, credit, a_call("finance"))

    answer = redeem_stored_value(wide, RedeemStoredValue("shop/A-2", "5.00"), a_call("support"))

    assert answer.document["balance"] == "1.00"
    assert shown(wide, "shop/A-2")["tenders"][0]["method"] == "store_credit"


@pytest.mark.parametrize(
    ("amount", "code", "refusal"),
    [
        ("50.01", CODE, "BALANCE_SHORT"),
        ("80.01", CODE, "ORDER_COVERED"),
        ("1.00", "GIFT-2026-XXXX-YYYY", "CODE_UNKNOWN"),
        ("1.00", None, "CUSTOMER_MISSING"),
        ("0.001", CODE, "AMOUNT_INVALID"),
    ],
)
def test_what_cannot_be_redeemed_is_refused_and_changes_nothing(wide, amount, code, refusal):
    sold(wide, "A-1", a_line(cents=8000))
    issue_stored_value(wide, a_card(), a_call("finance"))

    with refused(wide, refusal):
        redeem_stored_value(wide, RedeemStoredValue("shop/A-1", amount, code), a_call("support"))


def test_a_cancelled_order_is_not_paid_any_more(wide):
    sold(wide, "A-1", lifecycle=Lifecycle.CANCELLED, delivered=False)
    issue_stored_value(wide, a_card(), a_call("finance"))

    with refused(wide, "ORDER_ENDED"):
        redeem_stored_value(wide, RedeemStoredValue("shop/A-1", "1.00", CODE), a_call("support"))


def test_a_card_in_another_currency_or_past_its_day_is_refused(wide):
    sold(wide, "A-1", currency="USD")
    sold(wide, "A-2")
    issue_stored_value(wide, a_card(expires_at=march(5)), a_call("finance"))

    with refused(wide, "CURRENCY_OTHER"):
        redeem_stored_value(wide, RedeemStoredValue("shop/A-1", "1.00", CODE), a_call("support"))
    with refused(wide, "VALUE_EXPIRED"):
        redeem_stored_value(wide, RedeemStoredValue("shop/A-2", "1.00", CODE), a_call("support"))


@pytest.mark.parametrize(
    ("card_", "code"),
    [
        (a_card(code="short"), "CODE_INVALID"),
        (a_card(code=None), "CODE_INVALID"),
        (a_card(currency=None), "CURRENCY_UNKNOWN"),
        (IssueStoredValue("cheque", "1", "x"), "KIND_UNKNOWN"),
        (IssueStoredValue("store_credit", "1", "x", customer_of="shop/A-1"), "CUSTOMER_MISSING"),
        (a_card(), "CODE_TAKEN"),
    ],
)
def test_what_cannot_be_issued_is_refused(wide, card_, code):
    sold(wide)
    issue_stored_value(wide, a_card(), a_call("finance"))

    with refused(wide, code):
        issue_stored_value(wide, card_, a_call("finance"))


def test_above_the_limit_a_card_is_issued_by_two_people(wide):
    waiting = issue_stored_value(wide, a_card("200.01"), a_call("finance", name="Ann")).document

    assert "ABCD" not in str(rows_of(wide, "select * from approval"))
    with pytest.raises(OmsError, match="CODE_UNKNOWN"):
        card(wide)
    decided(wide, waiting["approval"])
    assert card(wide)["balance"] == "200.01"


def test_support_may_redeem_and_not_issue(wide):
    with refused(wide, "NOT_PERMITTED"):
        issue_stored_value(wide, a_card(), a_call("support"))


def test_one_of_many_who_redeem_the_same_card_at_once_wins(wide):
    issue_stored_value(wide, a_card("5.00"), a_call("finance"))
    orders = [sold(wide, f"A-{number}") for number in range(6)]
    answers: list[str] = []

    def redeem(order):
        try:
            redeem_stored_value(wide, RedeemStoredValue(order, "5.00", CODE), a_call("support"))
            answers.append("won")
        except OmsError as refusal:
            answers.append(refusal.code)

    threads = [threading.Thread(target=redeem, args=(order,)) for order in orders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["BALANCE_SHORT"] * 5 + ["won"]
    assert card(wide)["balance"] == "0.00"
    assert rows_of(wide, "select sum(captured_amount) from payment") == [(500,)]
