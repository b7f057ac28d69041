"""Returns: who may send back what and until when, and the states of a request."""

from dataclasses import replace
from importlib import resources

import pytest
import yaml

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.return_policies import Reason, ReturnPolicy, parse_policy
from oms_core.domain.returns import (
    DAY_MICROS,
    RETURN_TRANSITIONS,
    AskedLine,
    ReturnableLine,
    ReturnEvent,
    ReturnState,
    check_request,
    eligibility_of,
    next_state,
)

DELIVERED_AT = 100 * DAY_MICROS
POLICY = ReturnPolicy(
    window_days=30,
    reasons={"faulty.broken": Reason("faulty.broken", "Broken", "破损", "shop")},
    no_return_skus=frozenset({"SOAP"}),
    no_return_categories=frozenset({"gift_card"}),
    window_days_by_category={"shoes": 60},
)
MUGS = ReturnableLine(
    line_id=1,
    line_key="1",
    line_kind="item",
    sku="MUG",
    category=None,
    delivered=3,
    sent_back=0,
    requested=0,
    returned=0,
    last_delivered_at=DELIVERED_AT,
)


def asked(quantity: int = 1, *, line: str = "1", reason: str = "faulty.broken") -> AskedLine:
    return AskedLine(line, quantity, reason)


def check(line: ReturnableLine, *wanted: AskedLine, days: int = 1, waived: tuple[str, ...] = ()) -> None:
    now = DELIVERED_AT + days * DAY_MICROS
    check_request(wanted or [asked()], {line.line_key: line}, POLICY, now=now, waived=waived)


@pytest.mark.parametrize(("days", "is_eligible"), [(0, True), (30, True)])
def test_the_window_counts_from_delivery_and_its_last_instant_is_in_it(days, is_eligible):
    found = eligibility_of(MUGS, POLICY, now=DELIVERED_AT + days * DAY_MICROS)

    assert (found.is_eligible, found.remaining) == (is_eligible, 3)


def test_one_microsecond_after_the_window_is_too_late():
    found = eligibility_of(MUGS, POLICY, now=DELIVERED_AT + 30 * DAY_MICROS + 1)

    assert found.refusal == "WINDOW_OVER"
    assert found.until == DELIVERED_AT + 30 * DAY_MICROS


def test_a_category_has_a_window_of_its_own():
    assert eligibility_of(replace(MUGS, category="shoes"), POLICY, now=DELIVERED_AT + 60 * DAY_MICROS).is_eligible


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        (replace(MUGS, line_kind="shipping", sku=None), "NOT_GOODS"),
        (replace(MUGS, sku="SOAP"), "NOT_RETURNABLE"),
        (replace(MUGS, is_returnable=False), "NOT_RETURNABLE"),
        (replace(MUGS, category="gift_card"), "NOT_RETURNABLE"),
        (replace(MUGS, delivered=0, last_delivered_at=None), "NOT_DELIVERED"),
        (replace(MUGS, returned=3), "NOTHING_LEFT"),
        (replace(MUGS, returned=1, requested=2), "NOTHING_LEFT"),
    ],
)
def test_a_line_that_may_not_come_back_says_why(line, refusal):
    assert eligibility_of(line, POLICY, now=DELIVERED_AT).refusal == refusal
    with pytest.raises(RuleViolationError, match=refusal):
        check(line)


def test_remaining_is_delivered_and_sent_back_less_open_and_received():
    assert replace(MUGS, delivered=5, sent_back=2, requested=1, returned=3).remaining == 3


def test_goods_sent_back_to_the_customer_may_come_back_again():
    check(replace(MUGS, returned=3, sent_back=1), asked(1))
    with pytest.raises(RuleViolationError, match="RETURN_TOO_MANY"):
        check(replace(MUGS, returned=3, sent_back=1), asked(2))


def test_more_than_was_delivered_cannot_come_back():
    check(MUGS, asked(3))
    with pytest.raises(RuleViolationError) as refused:
        check(MUGS, asked(4))

    assert refused.value.code == "RETURN_TOO_MANY"
    assert refused.value.details == {"line": "1", "remaining": 3}


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ([asked(0)], "QUANTITY_INVALID"),
        ([asked(-1)], "QUANTITY_INVALID"),
        ([asked(line="9")], "LINE_UNKNOWN"),
        ([asked(reason="because")], "REASON_UNKNOWN"),
        ([asked(1), asked(1)], "LINE_TWICE"),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(wanted, code):
    with pytest.raises(InvalidRequestError, match=code):
        check(MUGS, *wanted)


def test_a_request_for_nothing_is_refused():
    with pytest.raises(InvalidRequestError, match="RETURN_EMPTY"):
        check_request([], {"1": MUGS}, POLICY, now=DELIVERED_AT)


def test_goodwill_waives_the_window_but_not_the_delivery():
    check(MUGS, days=90, waived=("WINDOW_OVER",))
    with pytest.raises(RuleViolationError, match="NOT_DELIVERED"):
        check(replace(MUGS, delivered=0, last_delivered_at=None), waived=("WINDOW_OVER", "NOT_DELIVERED"))
    with pytest.raises(RuleViolationError, match="RETURN_TOO_MANY"):
        check(MUGS, asked(4), days=90, waived=("WINDOW_OVER", "RETURN_TOO_MANY"))


# --- states ----------------------------------------------------------------------------------------


def test_a_request_goes_from_asked_to_closed():
    state = ReturnState.NONE
    for event in ("request", "approve", "send", "receive_part", "receive_part", "stop_waiting", "close"):
        state = next_state(state, ReturnEvent(event))

    assert state is ReturnState.CLOSED


@pytest.mark.parametrize(
    ("state", "event"),
    [("requested", "receive"), ("declined", "approve"), ("closed", "receive"), ("received", "cancel")],
)
def test_an_event_out_of_turn_is_refused(state, event):
    with pytest.raises(RuleViolationError, match="RETURN_STATE"):
        next_state(ReturnState(state), ReturnEvent(event))


def test_each_state_is_reached_and_each_event_leads_to_one_state():
    pairs = [(before, event) for before, event, _ in RETURN_TRANSITIONS]

    assert len(set(pairs)) == len(pairs)
    assert {after for _, _, after in RETURN_TRANSITIONS} == set(ReturnState) - {ReturnState.NONE}
    assert {event for _, event, _ in RETURN_TRANSITIONS} == set(ReturnEvent)


# --- the policy ------------------------------------------------------------------------------------


def shipped() -> dict[str, object]:
    text = resources.files("oms_core").joinpath("policies/returns.yml").read_text(encoding="utf-8")
    document: dict[str, object] = yaml.safe_load(text)
    return document


def test_the_policy_that_is_shipped_can_be_read():
    policy = parse_policy(shipped())

    assert policy.window_days == 30
    assert policy.no_return_categories == {"gift_card"}
    assert policy.reasons["faulty.broken"] == Reason("faulty.broken", "Arrived broken", "收到商品破损", "shop")
    assert policy.reasons["changed_mind.not_needed"].paid_by == "customer"
    assert policy.reasons["other"].zh == "其他原因"


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"window_days": -1}, "window_days"),
        ({"window_days": True}, "window_days"),
        ({"window_days_by_category": {"shoes": "long"}}, "window_days_by_category.shoes"),
        ({"not_returnable": {"skus": "SOAP"}}, "not_returnable.skus"),
        ({"reasons": {"other": {"en": "Other", "zh": "其他"}}}, "reasons.other"),
        ({"reasons": {"other": {"en": "Other", "paid_by": "shop"}}}, "reasons.other"),
        ({"reasons": None}, "reasons"),
    ],
)
def test_a_policy_that_does_not_fit_is_refused_with_its_place(changed, where):
    with pytest.raises(InvalidRequestError, match=f"POLICY_INVALID: {where}:"):
        parse_policy(shipped() | changed)
