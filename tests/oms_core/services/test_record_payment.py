"""Payments are events: each recorded once under its provider's reference, bounded by what happened before (I7)."""

import pytest

from oms_core.services.collect_cash import collect_on_delivery
from oms_core.services.commands import transact
from oms_core.services.payments_read import cover_of, payments_of
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.storage.engine import reading
from oms_core.storage.orders_found import find_order
from tests.builders import a_line, march, rows_of
from tests.money_cases import a_call, deliver, pay, refused, sold


def an_event(event: str = "capture", amount: str = "5.00", **more):
    fields = {"order": "shop/A-1", "method": "alipay", "provider": "alipay", "provider_ref": "T1"} | more
    return RecordPayment(event=event, amount=amount, **fields)


def shown(core, reference="shop/A-1"):
    with reading(core) as connection:
        return payments_of(connection, reference)


def test_an_order_is_paid_by_two_tenders(core):
    sold(core, "A-1", a_line(cents=5000))

    pay(core, "shop/A-1", "30.00", method="alipay")
    pay(core, "shop/A-1", "20.00", method="card")

    it = shown(core)
    assert (it["total"], it["paid"], it["missing"], it["payment_status"]) == ("50.00", "50.00", "0.00", "paid")
    assert [(row["method"], row["state"], row["paid"]) for row in it["tenders"]] == [
        ("alipay", "paid", "30.00"),
        ("card", "paid", "20.00"),
    ]


def test_two_payments_of_one_method_are_told_apart_by_name(core):
    sold(core, "A-1", a_line(cents=5000))

    pay(core, "shop/A-1", "30.00", method="card", tender="first")
    pay(core, "shop/A-1", "20.00", method="card", tender="second")

    assert [(row["tender"], row["captured"]) for row in shown(core)["tenders"]] == [
        ("first", "30.00"),
        ("second", "20.00"),
    ]


def test_a_repeated_webhook_changes_nothing(core):
    sold(core)
    record_payment(core, an_event(), a_call("feed_service"))
    before = shown(core)

    again = record_payment(core, an_event(), a_call("feed_service"))

    assert again.document["known"] is True
    assert shown(core) == before
    assert rows_of(core, "select count(*) from payment_event") == [(1,)]
    assert rows_of(core, "select count(*) from outbox_message where topic like 'payment.%'") == [(1,)]


@pytest.mark.parametrize("changed", [{"amount": "4.00"}, {"order": "shop/A-2"}, {"method": "wechat_pay"}])
def test_a_known_reference_with_another_content_is_refused(core, changed):
    sold(core)
    sold(core, "A-2")
    record_payment(core, an_event(), a_call())

    with refused(core, "REFERENCE_REUSED"):
        record_payment(core, an_event(**changed), a_call())


def test_one_reference_may_name_an_authorisation_and_its_capture(core):
    sold(core)

    pay(core, "shop/A-1", "5.00", method="card", ref="pi_1")

    assert [(it["event"], it["provider_ref"]) for it in shown(core)["events"]] == [
        ("authorize", "pi_1"),
        ("capture", "pi_1"),
    ]


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (an_event(method="card"), "CAPTURE_ABOVE_AUTHORISED"),
        (an_event("authorize"), "EVENT_NOT_OF_METHOD"),
        (an_event("charge_back", amount="5.01"), "CHARGE_BACK_ABOVE_PAID"),
        (an_event("refund"), "EVENT_UNKNOWN"),
        (an_event("pay"), "EVENT_UNKNOWN"),
        (an_event(method="cheque"), "METHOD_UNKNOWN"),
        (an_event(method="unknown"), "METHOD_UNKNOWN"),
        (an_event(method="gift_card"), "METHOD_UNKNOWN"),
        (an_event(amount="5.001"), "AMOUNT_INVALID"),
        (an_event(amount="0"), "AMOUNT_INVALID"),
        (an_event(currency="USD"), "CURRENCY_OTHER"),
        (an_event(order="shop/X"), "ORDER_UNKNOWN"),
        (an_event(provider_ref=""), "REFERENCE_MISSING"),
        (an_event(provider_ref="4111 1111 1111 1111"), "CARD_DATA_REFUSED"),
        (an_event(reason="card 4111111111111111"), "CARD_DATA_REFUSED"),
    ],
)
def test_what_may_not_be_recorded_is_refused_and_changes_nothing(core, request_, code):
    sold(core)

    with refused(core, code):
        record_payment(core, request_, a_call())


@pytest.mark.parametrize("role", ["viewer", "analyst", "warehouse", "planner", "admin", "auditor", "customer"])
def test_who_may_not_record_payments_is_refused(sqlite_core, role):
    sold(sqlite_core)

    with refused(sqlite_core, "NOT_PERMITTED"):
        record_payment(sqlite_core, an_event(), a_call(role))


def test_an_actor_confined_to_another_account_is_refused(sqlite_core):
    sold(sqlite_core)

    with refused(sqlite_core, "NOT_PERMITTED"):
        record_payment(sqlite_core, an_event(), a_call("finance", accounts=frozenset({"other"})))


def test_a_charge_back_takes_from_what_is_paid_and_may_be_reversed(core):
    sold(core)
    pay(core, "shop/A-1", "5.00", method="card")

    record_payment(core, an_event("charge_back", method="card", provider_ref="D1"), a_call())
    assert (shown(core)["paid"], shown(core)["payment_status"]) == ("0.00", "charged_back")

    record_payment(core, an_event("charge_back_reversed", method="card", provider_ref="D2"), a_call())
    assert (shown(core)["paid"], shown(core)["payment_status"]) == ("5.00", "paid")


def test_a_failed_attempt_is_recorded_and_moves_nothing(core):
    sold(core)

    record_payment(core, an_event("fail"), a_call())

    assert (shown(core)["paid"], shown(core)["payment_status"]) == ("0.00", "failed")


def test_yen_have_no_cents_and_dinars_have_three(core):
    sold(core, "J", a_line(cents=1200, money_scale=0), currency="JPY")
    sold(core, "K", a_line(cents=1234, money_scale=3), currency="KWD")

    pay(core, "shop/J", "1200")
    pay(core, "shop/K", "1.234")

    assert (shown(core, "shop/J")["total"], shown(core, "shop/J")["paid"]) == ("1200", "1200")
    assert (shown(core, "shop/K")["total"], shown(core, "shop/K")["missing"]) == ("1.234", "0.000")
    with refused(core, "AMOUNT_INVALID"):
        pay(core, "shop/J", "0.5")


def test_the_total_counts_tax_and_leaves_out_cancelled_units(core):
    sold(core, "A-1", a_line("1", cents=1000, tax_amount=190), a_line("2", cents=500), delivered=False)

    assert shown(core)["total"] == "16.90"


def test_cover_answers_by_order(core):
    sold(core)
    sold(core, "A-2")
    pay(core, "shop/A-1", "5.00")
    with reading(core) as connection:
        first, second = (find_order(connection, name, lock=False).order_id for name in ("A-1", "A-2"))

        assert cover_of(connection, first).is_covered
        assert cover_of(connection, second).missing == 500


# --- cash on delivery ------------------------------------------------------------------------------


def collect(core, number, shipment):
    def work(unit):
        order = find_order(unit.connection, f"shop/{number}")
        return collect_on_delivery(unit, order.order_id, shipment)

    return transact(core, a_call(), work)


def test_cash_is_captured_with_the_delivery(core):
    sold(core, "A-1", a_line(quantity=2, cents=1000), delivered=False)
    pay(core, "shop/A-1", "10.00", method="cash_on_delivery")
    assert (shown(core)["promised"], shown(core)["payment_status"]) == ("10.00", "authorized")

    deliver(core, "A-1")

    assert collect(core, "A-1", "S1") == 1000
    assert (shown(core)["paid"], shown(core)["payment_status"]) == ("10.00", "paid")
    assert collect(core, "A-1", "S1") == 0


def test_a_part_delivery_takes_what_its_goods_cost_and_the_last_one_the_rest(core):
    shipping = a_line("3", sku=None, cents=490, line_kind="shipping")
    sold(core, "A-1", a_line("1", quantity=3, cents=1000), a_line("2", cents=700), shipping, delivered=False)
    pay(core, "shop/A-1", "5.00", method="alipay")
    pay(core, "shop/A-1", "16.90", method="cash_on_delivery")

    deliver(core, "A-1", _1=2)
    assert collect(core, "A-1", "S1") == 167  # two of three mugs: 6.67, of which 5.00 is paid

    deliver(core, "A-1", _1=1, _2=1)
    assert collect(core, "A-1", "S2") == 1523
    assert (shown(core)["paid"], shown(core)["missing"]) == ("21.90", "0.00")


def test_cash_promised_above_the_total_is_voided_with_the_last_delivery(core):
    sold(core, "A-1", a_line(cents=1000), delivered=False)
    pay(core, "shop/A-1", "12.00", method="cash_on_delivery")
    deliver(core, "A-1")

    assert collect(core, "A-1", "S1") == 1000
    assert [(it["event"], it["amount"]) for it in shown(core)["events"]] == [
        ("authorize", "12.00"),
        ("capture", "10.00"),
        ("void", "2.00"),
    ]
    assert shown(core)["payment_status"] == "paid"


def test_an_order_without_cash_on_delivery_is_left_alone(core):
    sold(core)
    pay(core, "shop/A-1", "5.00")

    assert collect(core, "A-1", "S1") == 0


def test_a_payment_may_have_happened_before_it_is_recorded(core):
    sold(core)

    record_payment(core, an_event(occurred_at=march(3)), a_call())

    assert shown(core)["events"][0]["occurred_at"].startswith("2026-03-03T00:00")
