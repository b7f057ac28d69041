"""Holds and confirmation: what stops an order, who lets it go, and what a confirmation asks for."""

import pytest

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.holds import Step
from oms_core.domain.orders import HoldKind
from oms_core.domain.permissions import Actor, Role
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.commands import transact
from oms_core.services.confirm_order import ConfirmOrder, confirm_order
from oms_core.services.hold_work import raise_hold, require_step_free
from oms_core.services.order_holds import HoldOrder, ReleaseOrder, hold_order, release_order
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.storage.engine import reading
from oms_core.storage.orders_found import find_order
from tests.builders import contents, facts_of, rows_of
from tests.order_cases import BERLIN, CLERK, LEAD, VIEWER, a_call, a_new_line, a_payment, open_shop, place, ship

WAREHOUSE = Actor("wim", Role.WAREHOUSE)


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def test_a_confirmed_order_is_held_and_released_back_to_confirmed_with_its_story(shop):
    place(shop, "1001")

    held = hold_order(shop, HoldOrder("shop/1001", "fraud", "card from another country"), a_call(CLERK)).document
    free = release_order(shop, ReleaseOrder("shop/1001", "buyer called back"), a_call(LEAD)).document

    assert (held["status"], held["holds"]) == ("on_hold", [{"kind": "fraud", "reason": "card from another country"}])
    assert (free["status"], free["holds"]) == ("confirmed", [])
    assert rows_of(
        shop,
        "select h.kind, h.reason, h.rule, h.actor, r.resolution, r.actor from order_hold as h"
        " join order_hold_release as r using (hold_id)",
    ) == [("fraud", "card from another country", None, "mei", "buyer called back", "lea")]
    assert rows_of(shop, "select event, to_state, actor, reason from order_event where seq > 2 order by seq") == [
        ("hold", "on_hold", "mei", "fraud"),
        ("release", "confirmed", "lea", "buyer called back"),
    ]
    facts_of(shop)


def test_a_pending_order_goes_back_to_pending_with_its_last_hold(shop):
    place(shop, "1001", payment_terms="prepaid", ship_to=None)
    hold_order(shop, HoldOrder("shop/1001", "manual", "ask first"), a_call(CLERK))

    one = release_order(shop, ReleaseOrder("shop/1001", "asked", kind="manual"), a_call(CLERK)).document
    none = release_order(shop, ReleaseOrder("shop/1001", "known buyer", kind="address"), a_call(CLERK)).document

    assert (one["status"], [it["kind"] for it in one["holds"]]) == ("on_hold", ["address"])
    assert (none["status"], none["holds"]) == ("pending", [])


def test_a_second_hold_of_one_kind_changes_nothing(shop):
    place(shop, "1001")
    hold_order(shop, HoldOrder("shop/1001", "fraud", "first"), a_call(CLERK))

    hold_order(shop, HoldOrder("shop/1001", "fraud", "second"), a_call(CLERK))

    assert rows_of(shop, "select kind, reason from order_hold") == [("fraud", "first")]


FREE = {"address": ["allocate"], "price_outlier": ["allocate"], "payment": ["allocate"], "stock": ["confirm"]}
FREE["change"] = ["confirm"]


@pytest.mark.parametrize("kind", [kind.value for kind in HoldKind])
def test_an_open_hold_stops_the_steps_of_the_matrix_and_no_other(sqlite_core, kind):
    open_shop(sqlite_core)
    place(sqlite_core, "1001")
    hold_order(sqlite_core, HoldOrder("shop/1001", kind, "because"), a_call(CLERK))
    stopped = []

    for step in Step:
        with reading(sqlite_core) as connection:
            order = find_order(connection, "shop/1001", lock=False)
            try:
                require_step_free(connection, order, step)
            except RuleViolationError:
                stopped.append(step.value)

    assert stopped == [step.value for step in Step if step.value not in FREE.get(kind, [])]


def test_what_cannot_be_held_or_released_is_refused_and_nothing_changes(shop):
    place(shop, "1001")
    before = contents(shop)

    with pytest.raises(InvalidRequestError, match="HOLD_UNKNOWN"):
        hold_order(shop, HoldOrder("shop/1001", "mood", "because"), a_call(CLERK))
    with pytest.raises(InvalidRequestError, match="REASON_MISSING"):
        hold_order(shop, HoldOrder("shop/1001", "fraud", " "), a_call(CLERK))
    with pytest.raises(InvalidRequestError, match="ORDER_UNKNOWN"):
        hold_order(shop, HoldOrder("shop/9", "fraud", "because"), a_call(CLERK))
    with pytest.raises(RuleViolationError, match="NOT_HELD"):
        release_order(shop, ReleaseOrder("shop/1001", "settled"), a_call(CLERK))
    with pytest.raises(RuleViolationError, match="NOT_HELD"):
        release_order(shop, ReleaseOrder("shop/1001", "settled", kind="fraud"), a_call(CLERK))

    assert contents(shop) == before


@pytest.mark.parametrize("actor", [VIEWER, WAREHOUSE])
def test_support_and_the_lead_hold_and_confirm_and_nobody_else(shop, actor):
    place(shop, "1001", payment_terms="prepaid")
    before = contents(shop)

    for use_case, request in (
        (hold_order, HoldOrder("shop/1001", "fraud", "because")),
        (release_order, ReleaseOrder("shop/1001", "settled")),
        (confirm_order, ConfirmOrder("shop/1001")),
    ):
        with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
            use_case(shop, request, a_call(actor))

    assert contents(shop) == before


def test_a_fact_about_an_ended_order_leaves_a_hold_and_keeps_the_state(shop):
    order_id = place(shop, "1001")["order_id"]
    cancel_order(shop, CancelOrder("shop/1001", "no more"), a_call(CLERK))

    transact(shop, a_call(), lambda unit: raise_hold(unit, order_id, HoldKind.ADDRESS, "came back", rule="came_back"))

    assert rows_of(shop, "select lifecycle from sales_order") == [("cancelled",)]
    assert rows_of(shop, "select kind, rule from order_hold") == [("address", "came_back")]
    with pytest.raises(RuleViolationError, match="ORDER_ENDED"):
        hold_order(shop, HoldOrder("shop/1001", "fraud", "because"), a_call(CLERK))


def test_an_order_whose_last_goods_arrived_while_it_was_held_closes_with_its_release(shop):
    place(shop, "1001")
    hold_order(shop, HoldOrder("shop/1001", "fraud", "ask"), a_call(CLERK))
    ship(shop, "shop/1001", deliver=True)

    assert release_order(shop, ReleaseOrder("shop/1001", "fine"), a_call(CLERK)).document["status"] == "closed"


def test_a_person_confirms_a_paid_order_that_no_rule_confirmed(shop):
    large = place(
        shop,
        "1001",
        a_new_line(quantity=100, price=2000),
        payment_terms="prepaid",
        payments=(a_payment(200_000, method="alipay", kind="capture"),),
    )
    assert (large["status"], large["confirmed_by"]) == ("pending", None)

    done = confirm_order(shop, ConfirmOrder("shop/1001", "checked"), a_call(CLERK)).document

    assert (done["status"], done["confirmed_by"]) == ("confirmed", None)
    assert rows_of(shop, "select milestone, actor, reason from order_milestone") == [("approved", "mei", "checked")]
    with pytest.raises(RuleViolationError, match="EVENT_NOT_ALLOWED"):
        confirm_order(shop, ConfirmOrder("shop/1001"), a_call(CLERK))


def test_an_order_nobody_paid_is_confirmed_only_once_it_is_paid(shop):
    place(shop, "1001", payment_terms="prepaid")
    before = contents(shop)

    with pytest.raises(RuleViolationError) as refusal:
        confirm_order(shop, ConfirmOrder("shop/1001"), a_call(CLERK))

    assert refusal.value.code == "ORDER_NOT_COVERED"
    assert refusal.value.details == {"order": "shop/1001", "missing": "10.00", "currency": "EUR"}
    assert contents(shop) == before
    record_payment(shop, RecordPayment("shop/1001", "capture", "alipay", "10.00", "alipay", "A-1"), a_call())
    assert rows_of(shop, "select lifecycle, confirmed_by from sales_order") == [("confirmed", "paid@0")]


def test_a_held_order_is_not_confirmed_and_an_address_that_a_person_took_is_good(shop):
    large = a_new_line(quantity=100, price=2000)
    place(shop, "1001", large, ship_to=BERLIN._replace(postcode="1"))

    with pytest.raises(RuleViolationError, match="ORDER_HELD"):
        confirm_order(shop, ConfirmOrder("shop/1001"), a_call(CLERK))
    release_order(shop, ReleaseOrder("shop/1001", "the buyer says it is right"), a_call(CLERK))

    assert confirm_order(shop, ConfirmOrder("shop/1001"), a_call(CLERK)).document["status"] == "confirmed"


def test_a_repeated_confirmation_answers_with_the_first_result(shop):
    place(
        shop,
        "1001",
        payment_terms="prepaid",
        payments=(a_payment(200_000),),
        lines=(a_new_line(quantity=100, price=2000),),
    )
    call = a_call(CLERK)
    first = confirm_order(shop, ConfirmOrder("shop/1001"), call)

    again = confirm_order(shop, ConfirmOrder("shop/1001"), call)

    assert (again.document, again.repeated) == (first.document, True)
