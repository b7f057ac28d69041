"""Rules asked again: an order that was not ready is confirmed once it is, and keeps the rule that did it."""

import pytest

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Actor, Role
from oms_core.services.auto_confirm_orders import RunAutoConfirm, reconsider, run_auto_confirm
from oms_core.services.commands import transact
from oms_core.services.confirm_order import ConfirmOrder, confirm_order
from oms_core.services.order_holds import ReleaseOrder, release_order
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.services.record_payment import RecordPayment, record_payment
from tests.builders import contents, facts_of, rows_of
from tests.order_cases import BERLIN, CLERK, VIEWER, a_call, a_new_line, open_shop, place

BERTA = Actor("berta", Role.ADMIN)


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def pay(core, order, amount):
    record_payment(core, RecordPayment(order, "capture", "alipay", amount, "alipay", f"A-{order}"), a_call())


def run(core, **more):
    return run_auto_confirm(core, RunAutoConfirm(**more), a_call(CLERK)).document


def release(core, order, kind):
    return release_order(core, ReleaseOrder(order, "looked at", kind), a_call(CLERK)).document


def state_of(core, number):
    return rows_of(core, f"select lifecycle, confirmed_by from sales_order where external_id = '{number}'")


def test_an_order_is_confirmed_by_its_rule_once_it_is_paid(shop):
    for number, units in (("1001", 1), ("1002", 2)):
        place(shop, number, a_new_line(quantity=units), payment_terms="prepaid")
    transact(shop, a_call(), lambda unit: reconsider(unit, 1))
    pay(shop, "shop/1001", "10.00")

    run(shop)

    assert state_of(shop, "1001") == [("confirmed", "paid@0")]
    assert state_of(shop, "1002") == [("pending", None)]
    assert rows_of(shop, "select event, reason from order_event where seq = 2") == [("confirm", "paid@0")]
    assert rows_of(shop, "select milestone from order_milestone") == [("approved",)]
    facts_of(shop)


def test_asking_again_changes_nothing(shop):
    place(shop, "1001", payment_terms="prepaid")
    run(shop)
    pay(shop, "shop/1001", "10.00")
    run(shop)
    before = contents(shop)

    assert run(shop) == {"asked": 0, "moved": []}
    changed = {name for name, rows in contents(shop).items() if rows != before[name]}
    assert changed <= {"command", "audit_entry"}


def test_an_order_is_confirmed_by_its_rule_in_the_command_that_releases_its_last_hold(shop):
    place(shop, "1001", a_new_line(price=100), ship_to=BERLIN._replace(postcode="1"))
    assert run(shop) == {"asked": 0, "moved": []}

    first = release(shop, "shop/1001", "address")
    assert (first["status"], first["confirmed_by"]) == ("on_hold", None)
    last = release(shop, "shop/1001", "price_outlier")

    assert (last["status"], last["confirmed_by"], last["holds"]) == ("confirmed", "on_account@0", [])
    assert state_of(shop, "1001") == [("confirmed", "on_account@0")]
    assert rows_of(shop, "select event, to_state, actor, reason from order_event where seq > 2 order by seq") == [
        ("release", "pending", "mei", "looked at"),
        ("confirm", "confirmed", "mei", "on_account@0"),
    ]
    assert rows_of(shop, "select milestone from order_milestone") == [("approved",)]
    assert rows_of(shop, "select actor, role from audit_entry where action = 'order.auto_confirm'") == [
        ("mei", "support")
    ]
    assert run(shop) == {"asked": 0, "moved": []}
    facts_of(shop)


@pytest.mark.parametrize(
    ("lines", "more"),
    [
        ([a_new_line(price=100)], {"payment_terms": "prepaid"}),
        ([a_new_line(quantity=101, price=2000)], {}),
    ],
    ids=["nobody paid", "too large for any rule"],
)
def test_a_released_order_that_no_rule_accepts_stays_pending(shop, lines, more):
    place(shop, "1001", *lines, **more)

    answer = release_order(shop, ReleaseOrder("shop/1001", "looked at"), a_call(CLERK)).document

    assert (answer["status"], answer["confirmed_by"]) == ("pending", None)
    assert state_of(shop, "1001") == [("pending", None)]
    assert rows_of(shop, "select milestone from order_milestone") == []


def test_a_rule_holds_an_order_once_and_what_a_person_released_a_person_confirms(shop):
    rules = "rules: [{id: mugs, when: {any_sku: MUG}, then: 'hold:manual'}, {id: everything, then: confirm}]"
    set_policy(shop, SetPolicy("auto_confirm", rules, "test"), a_call(BERTA))
    held = place(shop, "1001")
    assert [it["kind"] for it in held["holds"]] == ["manual"]

    answer = release(shop, "shop/1001", "manual")
    set_policy(shop, SetPolicy("auto_confirm", rules + " # as before", "test"), a_call(BERTA))

    assert (answer["status"], answer["holds"]) == ("pending", [])
    assert run(shop) == {"asked": 1, "moved": []}
    assert confirm_order(shop, ConfirmOrder("shop/1001"), a_call(CLERK)).document["status"] == "confirmed"


def test_a_rule_never_confirms_what_a_person_could_not(shop):
    place(shop, "1001", payment_terms="prepaid")
    rules = "rules: [{id: everything, then: confirm}]"
    set_policy(shop, SetPolicy("auto_confirm", rules, "test"), a_call(BERTA))

    assert run(shop) == {"asked": 1, "moved": []}
    pay(shop, "shop/1001", "10.00")
    run(shop)
    assert state_of(shop, "1001")[0][0] == "confirmed"


def test_a_rule_can_hold_a_pending_order(shop):
    place(shop, "1001", payment_terms="prepaid")
    rules = "rules: [{id: mugs, when: {any_sku: MUG, customer_is_known: false}, then: 'hold:manual'}]"
    set_policy(shop, SetPolicy("auto_confirm", rules, "test"), a_call(BERTA))

    assert run(shop) == {"asked": 1, "moved": ["shop/1001"]}
    assert rows_of(shop, "select kind, rule from order_hold") == [("manual", "mugs@1")]


def test_who_may_not_confirm_may_not_let_the_rules_do_it(shop):
    place(shop, "1001", payment_terms="prepaid")
    before = contents(shop)

    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        run_auto_confirm(shop, RunAutoConfirm(), a_call(VIEWER))
    with pytest.raises(InvalidRequestError, match="BATCH_TOO_LARGE"):
        run(shop, most=1001)

    assert contents(shop) == before
