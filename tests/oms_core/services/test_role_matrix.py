"""Every use case by every role, by direct call: who may not is refused and has changed nothing (docs/decisions/0010).

What each role may do is written here by hand, from the roles of the design; nothing of it is read from `GRANTS`.
"""

import dataclasses
import importlib
import pkgutil
import types
import typing
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core import services
from oms_core.domain.errors import OmsError, RuleViolationError
from oms_core.domain.permissions import Actor, Permission, Role
from oms_core.services.commands import USE_CASES, Call, UseCase
from oms_core.services.place_orders import Placement, place_orders
from tests.builders import NOW, contents
from tests.core_rows import fill_every_table

for _module in pkgutil.iter_modules(services.__path__):
    importlib.import_module(f"oms_core.services.{_module.name}")

# Use cases by who may do them, besides the lead of operations, who may do all of these.
SUPPORT = {  # orders, holds, allocation, returns, refunds up to the limit
    *("order.place", "order.confirm", "order.hold", "order.release", "order.change", "order.split", "order.merge"),
    *(
        "order.cancel",
        "order.run_auto_confirm",
        "delivery.choose",
        "order.allocate",
        "order.reallocate",
        "stock.reserve",
        "stock.settle",
    ),
    *("stock.expire_reservations", "stock.repeg", "stock.run_allocation", "payment.record", "payment.refund"),
    *("payment.redeem_stored_value", "return.request", "return.cancel", "return.send", "return.approve"),
    *("return.decline", "return.stop_waiting", "return.place_replacement"),
}
WAREHOUSE = {  # pick, pack, ship, receive, count, grade, at the own site; stock adjustments up to the limit
    *("shipment.plan", "shipment.cancel", "shipment.renew_code", "wave.release", "shipment.pick", "shipment.pack"),
    *("shipment.make_ready", "shipment.ship", "shipment.deliver", "shipment.fail", "shipment.hand_over"),
    *("shipment.retry", "shipment.track", "shipment.take_back", "stock.receive", "stock.adjust", "stock.scrap"),
    *("stock.change_condition", "transfer.draft", "transfer.ship", "transfer.receive", "transfer.lose"),
    *("transfer.cancel", "count.open", "count.enter", "count.cancel", "return.receive", "return.grade"),
}
PLANNER = {  # purchasing up to the approval
    *("purchase.draft", "purchase.send", "purchase.expect", "purchase.cancel", "purchase.close"),
    *("supplier.define", "supplier.set_price", "sku.define"),
}
FINANCE = {  # money and approvals of it
    *("payment.record", "payment.refund", "payment.redeem_stored_value", "payment.issue_stored_value"),
    *("payment.decide_approval", "payment.set_rate", "purchase.approve"),
}
ADMIN = {  # settings, no business
    *("policy.set", "account.define", "location.define", "location.set_negative_stock", "stock.rebuild"),
    "payment.set_rate",
}
FEED_SERVICE = {  # what channels, carriers and payment providers tell
    *("order.place", "payment.record", "payment.redeem_stored_value"),
    *("shipment.deliver", "shipment.fail", "shipment.hand_over", "shipment.retry", "shipment.track"),
}
CUSTOMER = {"return.request", "return.cancel", "return.send"}  # of an order of his own
LEAD_ALONE = {"order.close", "order.prioritise", "count.approve", "count.reject", "stock.decide_approval"}
NOT_THE_LEAD = {"policy.set", "stock.rebuild", "payment.set_rate"}

MAY = {
    Role.VIEWER: set(),
    Role.ANALYST: set(),
    Role.AUDITOR: set(),
    Role.SUPPORT: SUPPORT,
    Role.WAREHOUSE: WAREHOUSE,
    Role.PLANNER: PLANNER,
    Role.FINANCE: FINANCE,
    Role.ADMIN: ADMIN,
    Role.FEED_SERVICE: FEED_SERVICE,
    Role.CUSTOMER: CUSTOMER,
    Role.OPS_LEAD: (SUPPORT | WAREHOUSE | PLANNER | FINANCE | ADMIN | LEAD_ALONE) - NOT_THE_LEAD,
}
# What the fields of requests are called in the world of `tests/core_rows.py`.
NAMED: dict[str, Any] = {
    "order": "shop/H-1",
    "shipment": "SH-1",
    "count": "CT-1",
    "transfer": "TR-1",
    "request": "RR-1",
    "purchase_order": "PO-1",
    "approval": "AP-1",
    "location": "HUB",
    "from_location": "HUB",
    "to_location": "MAIN",
    "sku": "PEN",
    "account": "shop",
    "supplier": "MILL",
    "currency": "EUR",
    "reservation": 503,
    "line_key": "1",
    "to_condition": "damaged",
    "from_condition": "sellable",
    "condition": "sellable",
    "reason": "a test",
    "status": "in_transit",
    "salt": "00" * 16,
    "code_hash": "00" * 32,
}


def a_request(case: UseCase[Any]) -> Any:
    """A request of the use case's own type; its fields hold what the world calls them."""
    return _made(typing.get_type_hints(case._function)["request"])


def _made(kind: Any, name: str = "") -> Any:
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        fields = dataclasses.fields(kind)
        asked = [it for it in fields if it.name == "reason" or it.default is it.default_factory is dataclasses.MISSING]
        return kind(**{it.name: _made(hints[it.name], it.name) for it in asked})
    if isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields"):
        hints = typing.get_type_hints(kind)
        return kind(**{it: _made(hints[it], it) for it in hints if it not in getattr(kind, "_field_defaults", {})})
    if typing.get_origin(kind) is tuple:
        return (_made(typing.get_args(kind)[0], name.removesuffix("s")),)
    if name in NAMED and not dataclasses.is_dataclass(kind):
        return NAMED[name]
    if typing.get_origin(kind) in {typing.Union, types.UnionType}:
        return None
    return {str: "x", int: 1, bool: True}[kind]


@pytest.fixture(scope="module")
def filled(module_core):
    fill_every_table(module_core)
    return module_core


def code_of(core: sa.Engine, case: UseCase[Any], actor: Actor) -> str:
    """How the call ended: the refusal's code, or "done"."""
    try:
        case(core, a_request(case), Call(f"{actor.name}/{case.name}", actor, NOW))
    except OmsError as error:
        return error.code
    return "done"


def test_every_use_case_is_in_this_table_and_nothing_else_is():
    assert set(USE_CASES) == set().union(*MAY.values())


@pytest.mark.parametrize("role", Role)
def test_who_may_not_is_refused_and_has_changed_nothing(filled, role):
    actor = Actor("somebody", role)
    refused = sorted(set(USE_CASES) - MAY[role])
    before = contents(filled)

    codes = {name: code_of(filled, USE_CASES[name], actor) for name in refused}

    assert codes == dict.fromkeys(refused, "NOT_PERMITTED")
    assert contents(filled) == before


@pytest.mark.parametrize("role", Role)
def test_who_may_is_asked_for_nothing_more_than_that_it_makes_sense(core, role):
    fill_every_table(core)
    actor = Actor("somebody", role, orders=frozenset({500}))

    codes = {name: code_of(core, USE_CASES[name], actor) for name in sorted(MAY[role])}

    assert [name for name, code in codes.items() if code == "NOT_PERMITTED"] == []


def test_each_use_case_names_a_permission_and_each_permission_a_use_case():
    assert {case.permission for case in USE_CASES.values()} == set(Permission)
    assert {name for name, case in USE_CASES.items() if case.name != name} == set()


def test_each_permission_is_granted_to_somebody():
    assert [it for it in Permission if not any(Actor("x", role).may(it) for role in Role)] == []


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SUPPORT, Role.OPS_LEAD, Role.FEED_SERVICE}))
def test_the_batch_of_orders_asks_the_same_permission(filled, role):
    before = contents(filled)

    with pytest.raises(RuleViolationError) as caught:
        place_orders(filled, [Placement("k", a_request(USE_CASES["order.place"]))], Actor("x", role), NOW)

    assert caught.value.code == "NOT_PERMITTED"
    assert contents(filled) == before


def test_a_use_case_inside_another_asks_its_own_permission(filled):
    case = USE_CASES["order.close"]
    before = contents(filled)

    def outer(unit, request):
        return case.within(unit, a_request(case))

    with pytest.raises(RuleViolationError) as caught:
        UseCase("test.outer", Permission.ORDER_CONFIRM, outer)(filled, None, Call("k", Actor("x", Role.SUPPORT), NOW))

    assert caught.value.code == "NOT_PERMITTED"
    assert contents(filled) == before


# --- confined to a site, to an account, to an order -----------------------------------------------

# A transfer arrives at MAIN; where it comes from is not the business of who receives it.
ELSEWHERE = {"transfer.receive": "YARD", "transfer.lose": "YARD"}
# Asked by order, at no site: what is planned is confined by its locations, and here nothing is left to plan.
NOT_AT_A_SITE = {"shipment.plan"}


@pytest.mark.parametrize("name", sorted(WAREHOUSE - NOT_AT_A_SITE))
def test_a_clerk_of_another_site_is_refused(filled, name):
    clerk = Actor("clerk", Role.WAREHOUSE, locations=frozenset({ELSEWHERE.get(name, "MAIN")}))
    if name == "transfer.draft":
        clerk = Actor("clerk", Role.WAREHOUSE, locations=frozenset({"YARD"}))
    before = contents(filled)

    assert code_of(filled, USE_CASES[name], clerk) == "NOT_PERMITTED"
    assert contents(filled) == before


@pytest.mark.parametrize("name", sorted(CUSTOMER))
def test_a_customer_reaches_no_order_but_his_own(filled, name):
    stranger = Actor("stranger", Role.CUSTOMER, orders=frozenset({1}))
    before = contents(filled)

    assert code_of(filled, USE_CASES[name], stranger) == "NOT_PERMITTED"
    assert code_of(filled, USE_CASES[name], Actor("nobody", Role.CUSTOMER)) == "NOT_PERMITTED"
    assert contents(filled) == before


def test_a_feed_places_orders_for_its_own_account_only(filled):
    feed = Actor("feed", Role.FEED_SERVICE, accounts=frozenset({"market"}))
    before = contents(filled)

    assert code_of(filled, USE_CASES["order.place"], feed) == "NOT_PERMITTED"
    assert contents(filled) == before
