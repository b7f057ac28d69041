"""Delivery options of orders: what fits is offered and may be chosen, what does not fit is neither."""

from typing import Any

import pytest

from oms_core.domain.permissions import Actor, Role
from oms_core.services.delivery_options import (
    ChooseDelivery,
    Wanted,
    choose_delivery,
    options_at,
    options_of_order,
)
from oms_core.services.plan_shipments import PlanShipments, plan_order
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.storage.engine import reading
from tests.builders import close_of
from tests.oms_core.services.fulfilment_world import NOON, World

SUPPORT = Actor("ann", Role.SUPPORT)


@pytest.fixture
def world(core) -> World:
    return World(core)


def offered(world: World, reference: str = "A-1", **how) -> dict[str, Any]:
    with reading(world.core) as connection:
        found = options_of_order(connection, reference, now=NOON, **how)
    return {option["method"]: option for option in found["options"]}


def an_order(world: World, **more) -> int:
    order = world.order(lines={"MUG": 3}, **more)
    world.promise(order, {("MUG", "MAIN"): 3})
    return order


def test_an_order_is_offered_what_fits_with_price_and_day(world):
    an_order(world)  # Tuesday, 10 March, noon
    options = offered(world)
    assert [name for name, option in options.items() if option["is_offered"]] == [
        "standard",
        "express",
        "freight",
        "pick_up",
    ]
    assert (options["express"]["price"], options["express"]["currency"]) == ("12.90", "EUR")
    assert (options["express"]["leaves_on"], options["express"]["arrives_on"]) == ("2026-03-10", "2026-03-11")
    assert options["freight"]["leaves_on"] == "2026-03-11"  # its cut-off, 11:00, is over
    assert options["pick_up"]["arrives_on"] == "2026-03-10"


def test_what_does_not_fit_says_why(world):
    an_order(world, country="PL", currency="PLN")
    options = offered(world)
    assert not any(option["is_offered"] for option in options.values())
    assert [why["code"] for why in options["express"]["why_not"]] == ["OUT_OF_ZONE", "NO_PRICE"]


def test_weights_of_articles_count_and_missing_ones_are_assumed(world):
    order = world.order(lines={"MUG": 3, "CUP": 1})
    world.promise(order, {("MUG", "MAIN"): 3})
    with reading(world.core) as connection:
        found = options_of_order(connection, "A-1", now=NOON)
    assert (found["weight_grams"], found["weight_is_assumed"], found["units"]) == (1600, False, 4)
    world.weigh("CUP", None)
    with reading(world.core) as connection:
        found = options_of_order(connection, "A-1", now=NOON)
    assert (found["weight_grams"], found["weight_is_assumed"]) == (1700, True)


def test_an_order_that_is_allocated_nowhere_leaves_from_the_preferred_site(world):
    world.order()
    world.prefer("MAIN")
    with reading(world.core) as connection:
        assert options_of_order(connection, "A-1", now=NOON)["location"] == "MAIN"
        assert options_of_order(connection, "A-1", location="EAST", now=NOON)["location"] == "EAST"
    assert offered(world, location="EAST")["standard"]["is_offered"]


ONLY_BY_CART = """
methods:
  - id: cart
    kind: standard
    names: {en: Cart, zh: 板车}
    zones: [{countries: [DE], postcodes: ["531"]}]
    cut_off: "15:00"
    lead_days: 1
    price: {EUR: 100}
"""


def test_methods_are_data_and_a_new_version_counts_at_once(world):
    an_order(world)
    administrator = Actor("root", Role.ADMIN)
    world.run(set_policy, SetPolicy("delivery_methods", ONLY_BY_CART, "carts only"), actor=administrator)
    assert list(offered(world)) == ["cart"]
    assert offered(world)["cart"]["is_offered"]  # the whole postcode is looked at, not its beginning only


def test_methods_that_make_no_sense_are_refused_with_the_place(world):
    wrong = SetPolicy("delivery_methods", ONLY_BY_CART.replace("15:00", "25:00"), "night shift")
    refusal = world.refusal(set_policy, wrong, actor=Actor("root", Role.ADMIN))
    assert refusal.code == "POLICY_INVALID"
    assert "methods[0].cut_off" in refusal.reason


def test_a_destination_can_be_asked_for_without_an_order(world):
    wanted = Wanted("MAIN", "DE", "53111", 25_000, 1, 1000, "EUR")
    with reading(world.core) as connection:
        options = options_at(connection, wanted, now=NOON)["options"]
    assert [option["method"] for option in options if option["is_offered"]] == ["standard", "freight", "pick_up"]


def test_a_choice_is_kept_with_the_day_it_promises_and_shipments_go_by_it(world):
    order = an_order(world)
    chosen = world.run(choose_delivery, ChooseDelivery("A-1", "express", reason="he asked"), actor=SUPPORT)
    assert (chosen["method"], chosen["arrives_on"]) == ("express", "2026-03-11")
    assert world.rows("select delivery_method, promised_at, edit_version from sales_order") == [
        ("express", close_of(11), 2)
    ]
    assert world.milestones(order) == [("promised", 1, close_of(11))]
    world.run(plan_order, PlanShipments("A-1"))
    assert world.rows("select delivery_method from shipment") == [("express",)]
    refusal = world.refusal(choose_delivery, ChooseDelivery("A-1", "standard"))
    assert refusal.code == "SHIPMENTS_MADE"
    world.check()


def test_a_method_that_does_not_fit_cannot_be_chosen(world):
    an_order(world, country="PL")
    refusal = world.refusal(choose_delivery, ChooseDelivery("A-1", "express"))
    assert refusal.code == "METHOD_NOT_ELIGIBLE"
    assert "it does not go to PL" in refusal.reason
    assert world.refusal(choose_delivery, ChooseDelivery("A-1", "drone")).code == "METHOD_UNKNOWN"


def test_an_order_that_has_ended_is_not_delivered_another_way(world):
    world.order(state="cancelled")
    assert world.refusal(choose_delivery, ChooseDelivery("A-1", "standard")).code == "ORDER_ENDED"


def test_who_may_not_change_orders_chooses_nothing(world):
    an_order(world)
    for role in (Role.ANALYST, Role.WAREHOUSE, Role.FINANCE):
        refusal = world.refusal(choose_delivery, ChooseDelivery("A-1", "standard"), actor=Actor("x", role))
        assert refusal.code == "NOT_PERMITTED"
