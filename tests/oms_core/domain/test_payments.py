"""Payments: the state table of each method, the bounds of each event, several tenders of one order (I7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from oms_core.domain.payments import (
    AUTHORISING_METHODS,
    METHOD_EVENTS,
    PaymentEvent,
    PaymentMethod,
    Tender,
    allowed_events,
    apply_event,
    cover,
    order_payment_state,
    split_refund,
)

EVENTS = st.lists(st.tuples(st.sampled_from(PaymentEvent), st.integers(-5, 200)), max_size=30)
METHODS = st.sampled_from(PaymentMethod)


def after(method: str, *events: tuple[str, int]) -> Tender:
    tender = Tender(PaymentMethod(method))
    for event, amount in events:
        tender = apply_event(tender, PaymentEvent(event), amount)
    return tender


def holds(tender: Tender) -> bool:
    return (
        tender.paid >= 0
        and min(tender.authorized, tender.captured, tender.voided, tender.refunded, tender.charged_back) >= 0
        and (tender.captured + tender.voided <= tender.authorized or not tender.authorises_first)
    )


@given(method=METHODS, events=EVENTS)
def test_whatever_comes_the_sums_hold_and_a_refused_event_changes_nothing(method, events):
    tender = Tender(method)
    for event, amount in events:
        before = tender
        try:
            tender = apply_event(tender, event, amount)
        except OmsError:
            assert tender == before
        assert holds(tender)


@given(method=METHODS, events=EVENTS)
def test_an_event_is_allowed_exactly_where_one_unit_of_it_passes(method, events):
    tender = Tender(method)
    for event, amount in events:
        for each in PaymentEvent:
            if each in allowed_events(tender):
                apply_event(tender, each, 1)
            else:
                with pytest.raises(OmsError):
                    apply_event(tender, each, 1)
        try:
            tender = apply_event(tender, event, amount)
        except OmsError:
            continue


@pytest.mark.parametrize(
    ("method", "first"),
    [
        ("card", ["authorize", "fail"]),
        ("debit_card", ["authorize", "fail"]),
        ("paypal", ["authorize", "fail"]),
        ("cash_on_delivery", ["authorize", "fail"]),
        ("alipay", ["capture", "fail"]),
        ("wechat_pay", ["capture", "fail"]),
        ("bank_transfer", ["capture", "fail"]),
        ("store_credit", ["capture", "fail"]),
        ("gift_card", ["capture", "fail"]),
    ],
)
def test_what_a_new_tender_allows_by_method(method, first):
    assert allowed_events(Tender(PaymentMethod(method))) == first


@pytest.mark.parametrize(
    ("method", "events", "state", "then"),
    [
        ("card", [("authorize", 100)], "authorized", ["authorize", "capture", "void", "fail"]),
        ("card", [("authorize", 100), ("void", 100)], "voided", ["authorize", "fail"]),
        (
            "card",
            [("authorize", 100), ("capture", 60)],
            "partially_paid",
            ["authorize", "capture", "void", "refund", "fail", "charge_back"],
        ),
        (
            "card",
            [("authorize", 100), ("capture", 60), ("void", 40)],
            "paid",
            ["authorize", "refund", "fail", "charge_back"],
        ),
        ("card", [("fail", 100)], "failed", ["authorize", "fail"]),
        ("alipay", [("capture", 100)], "paid", ["capture", "refund", "fail", "charge_back"]),
        (
            "alipay",
            [("capture", 100), ("refund", 30)],
            "partially_refunded",
            ["capture", "refund", "fail", "charge_back"],
        ),
        ("wechat_pay", [("capture", 100), ("refund", 100)], "refunded", ["capture", "fail"]),
        (
            "paypal",
            [("authorize", 100), ("capture", 100), ("charge_back", 100)],
            "charged_back",
            ["authorize", "fail", "charge_back_reversed"],
        ),
        (
            "paypal",
            [("authorize", 100), ("capture", 100), ("charge_back", 100), ("charge_back_reversed", 100)],
            "paid",
            ["authorize", "refund", "fail", "charge_back"],
        ),
        ("bank_transfer", [("capture", 100)], "paid", ["capture", "refund", "fail"]),
        ("gift_card", [("capture", 100)], "paid", ["capture", "refund", "fail"]),
        ("cash_on_delivery", [("authorize", 100), ("capture", 100)], "paid", ["authorize", "refund", "fail"]),
    ],
)
def test_the_state_table_by_method(method, events, state, then):
    tender = after(method, *events)

    assert tender.state == state
    assert allowed_events(tender) == then


@pytest.mark.parametrize(
    ("method", "events", "event", "amount", "code"),
    [
        ("card", [], "capture", 1, "CAPTURE_ABOVE_AUTHORISED"),
        ("card", [("authorize", 100)], "capture", 101, "CAPTURE_ABOVE_AUTHORISED"),
        ("card", [("authorize", 100), ("void", 50)], "capture", 51, "CAPTURE_ABOVE_AUTHORISED"),
        ("card", [("authorize", 100), ("capture", 60)], "void", 41, "VOID_ABOVE_AUTHORISED"),
        ("alipay", [("capture", 100)], "refund", 101, "REFUND_ABOVE_PAID"),
        ("alipay", [("capture", 100), ("refund", 60)], "refund", 41, "REFUND_ABOVE_PAID"),
        ("alipay", [("capture", 100), ("charge_back", 60)], "refund", 41, "REFUND_ABOVE_PAID"),
        ("alipay", [("capture", 100), ("refund", 60)], "charge_back", 41, "CHARGE_BACK_ABOVE_PAID"),
        ("alipay", [("capture", 100), ("charge_back", 60)], "charge_back_reversed", 61, "REVERSAL_ABOVE_CHARGED_BACK"),
    ],
)
def test_what_the_sums_do_not_allow_is_refused(method, events, event, amount, code):
    with pytest.raises(RuleViolationError, match=code):
        after(method, *events, (event, amount))


@pytest.mark.parametrize(
    ("method", "event", "amount", "code"),
    [
        ("alipay", "authorize", 100, "EVENT_NOT_OF_METHOD"),
        ("bank_transfer", "charge_back", 100, "EVENT_NOT_OF_METHOD"),
        ("card", "authorize", 0, "AMOUNT_INVALID"),
        ("card", "authorize", -1, "AMOUNT_INVALID"),
    ],
)
def test_what_makes_no_sense_is_refused(method, event, amount, code):
    with pytest.raises(InvalidRequestError, match=code):
        after(method, (event, amount))


def test_every_method_has_its_events_and_the_authorising_ones_are_named():
    assert set(METHOD_EVENTS) == set(PaymentMethod)
    assert AUTHORISING_METHODS == ("card", "debit_card", "paypal", "cash_on_delivery")


def test_an_order_is_covered_by_a_gift_card_and_cash_at_the_door():
    tenders = [after("gift_card", ("capture", 3000)), after("cash_on_delivery", ("authorize", 2000))]

    assert cover(5000, tenders).is_covered
    assert cover(5001, tenders).missing == 1
    assert order_payment_state(5000, tenders, is_followed=True) == "partially_paid"


def test_what_is_paid_above_a_lowered_total_is_to_be_refunded():
    assert cover(4000, [after("alipay", ("capture", 5000))]).to_refund == 1000


@pytest.mark.parametrize(
    ("tenders", "state"),
    [
        ([], "unpaid"),
        ([after("alipay", ("fail", 100))], "failed"),
        ([after("card", ("authorize", 100))], "authorized"),
        ([after("card", ("authorize", 100), ("void", 100))], "voided"),
        ([after("alipay", ("capture", 60)), after("card", ("authorize", 40))], "partially_paid"),
        ([after("alipay", ("capture", 60)), after("bank_transfer", ("capture", 40))], "paid"),
        ([after("alipay", ("capture", 60), ("refund", 60)), after("gift_card", ("capture", 40))], "partially_refunded"),
        ([after("alipay", ("capture", 100), ("refund", 100))], "refunded"),
        ([after("alipay", ("capture", 100), ("charge_back", 100))], "charged_back"),
    ],
)
def test_the_payment_facet_of_an_order(tenders, state):
    assert order_payment_state(100, tenders, is_followed=True) == state


def test_an_order_whose_payments_nobody_reports_is_unknown():
    assert order_payment_state(100, [], is_followed=False) == "unknown"


def test_an_order_that_costs_nothing_is_covered():
    assert cover(0, []).is_covered


@given(paid=st.lists(st.integers(0, 1000), min_size=1, max_size=5), part=st.fractions(0, 1))
def test_a_refund_is_split_whole_and_no_tender_gives_back_more_than_it_holds(paid, part):
    amount = int(sum(paid) * part)

    parts = split_refund(amount, paid)

    assert sum(parts) == amount
    assert all(0 <= one <= most for one, most in zip(parts, paid, strict=True))


def test_the_first_tender_gives_back_first():
    assert split_refund(3500, [3000, 2000]) == [3000, 500]
    with pytest.raises(RuleViolationError, match="REFUND_ABOVE_PAID"):
        split_refund(5001, [3000, 2000])
