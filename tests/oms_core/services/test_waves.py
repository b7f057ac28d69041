"""Waves: what is allocated and free to go is planned, grouped and released; what is held stays behind."""

from dataclasses import replace

import pytest

from oms_core.domain.permissions import Actor, Role
from oms_core.services.plan_shipments import CancelShipment, PlanShipments, cancel_shipment, plan_order
from oms_core.services.release_wave import ReleaseWave, release_wave
from tests.oms_core.services.fulfilment_world import CLERK, World


@pytest.fixture
def world(core) -> World:
    return World(core)


def test_a_wave_plans_what_is_allocated_at_its_location_and_nothing_else(world):
    order = world.order(lines={"MUG": 4, "CUP": 2})
    world.promise(order, {("MUG", "MAIN"): 3, ("MUG", "EAST"): 1, ("CUP", "MAIN"): 2})
    released = world.run(release_wave, ReleaseWave("MAIN"))
    (wave,) = released["waves"]
    assert wave["units"] == 5
    assert released["left"] == []
    (number,) = wave["shipments"]
    assert world.rows(f"select state, location from shipment where number = '{number}'") == [("released", "MAIN")]
    assert world.line(order) == (4, 0, 0)
    world.check()


def test_picks_of_a_wave_sum_to_the_allocations_it_releases(world):
    for number, mugs in (("A-1", 2), ("A-2", 3), ("A-3", 1)):
        world.promise(world.order(number, lines={"MUG": mugs, "CUP": 1}), {("MUG", "MAIN"): mugs, ("CUP", "MAIN"): 1})
    released = world.run(release_wave, ReleaseWave("MAIN", largest=2))
    assert [len(wave["shipments"]) for wave in released["waves"]] == [2, 1]
    assert sum(wave["units"] for wave in released["waves"]) == 9
    assert world.rows("select sum(allocated) from line_allocation where location = 'MAIN'") == [(9,)]


def test_orders_that_are_held_or_not_confirmed_stay_behind_with_the_reason(world):
    free, held = world.order("A-1"), world.order("A-2")
    for order in (free, held):
        world.promise(order, {("MUG", "MAIN"): 3})
    world.hold(held, "address")
    released = world.run(release_wave, ReleaseWave("MAIN"))
    assert [wave["units"] for wave in released["waves"]] == [3]
    assert [(left["order"], left["code"]) for left in released["left"]] == [("shop/A-2", "ORDER_HELD")]


def test_a_held_order_that_is_named_is_refused(world):
    order = world.order()
    world.promise(order, {("MUG", "MAIN"): 3})
    world.hold(order)
    assert world.refusal(release_wave, ReleaseWave("MAIN", orders=("A-1",))).code == "ORDER_HELD"


def test_an_order_that_is_not_confirmed_is_refused(world):
    world.order(state="pending")
    assert world.refusal(release_wave, ReleaseWave("MAIN", orders=("A-1",))).code == "ORDER_NOT_CONFIRMED"
    assert world.refusal(plan_order, PlanShipments("A-1")).code == "ORDER_NOT_CONFIRMED"


def test_an_order_that_its_channel_ships_is_refused(world):
    world.order(fulfilled_here=False)
    assert world.refusal(plan_order, PlanShipments("A-1")).code == "NOT_FULFILLED_HERE"


def test_a_wave_of_nothing_is_refused(world):
    assert world.refusal(release_wave, ReleaseWave("MAIN")).code == "NOTHING_TO_RELEASE"
    assert world.refusal(release_wave, ReleaseWave("ATTIC")).code == "LOCATION_UNKNOWN"


def test_a_second_wave_takes_only_what_was_allocated_since(world):
    order = world.order(lines={"MUG": 5})
    world.promise(order, {("MUG", "MAIN"): 3})
    world.run(release_wave, ReleaseWave("MAIN"))
    assert world.refusal(release_wave, ReleaseWave("MAIN")).code == "NOTHING_TO_RELEASE"
    world.promise(order, {("MUG", "MAIN"): 2})
    assert world.run(release_wave, ReleaseWave("MAIN"))["waves"][0]["units"] == 2


def test_waves_go_by_delivery_method_and_the_earliest_cut_off_leads(world):
    for number, method in (("A-1", "standard"), ("A-2", "express"), ("A-3", None)):
        world.promise(world.order(number, lines={"MUG": 1}, method=method), {("MUG", "MAIN"): 1})
    waves = world.run(release_wave, ReleaseWave("MAIN"))["waves"]
    assert [wave["delivery_method"] for wave in waves] == ["express", "standard", None]
    assert waves[0]["leaves_by"] < waves[1]["leaves_by"]


def test_a_wave_may_be_of_one_method_only(world):
    for number, method in (("A-1", "standard"), ("A-2", "express")):
        world.promise(world.order(number, lines={"MUG": 1}, method=method), {("MUG", "MAIN"): 1})
    (wave,) = world.run(release_wave, ReleaseWave("MAIN", delivery_method="express"))["waves"]
    assert len(wave["shipments"]) == 1


def test_a_plan_that_holds_more_than_is_allocated_by_now_is_made_anew_with_the_wave(world):
    order = world.order(lines={"MUG": 5})
    world.promise(order, {("MUG", "MAIN"): 5})
    world.run(plan_order, PlanShipments("A-1"))
    world.promise(order, {("MUG", "MAIN"): 2}, kind="release")
    assert world.run(release_wave, ReleaseWave("MAIN"))["waves"][0]["units"] == 3
    assert world.rows("select state from shipment order by shipment_id") == [("cancelled",), ("released",)]


def test_an_order_in_two_places_gets_a_shipment_in_each(world):
    order = world.order(lines={"MUG": 4})
    world.promise(order, {("MUG", "MAIN"): 3, ("MUG", "EAST"): 1})
    planned = world.run(plan_order, PlanShipments("A-1"))
    assert [(it["location"], it["units"]) for it in planned["shipments"]] == [("EAST", 1), ("MAIN", 3)]
    assert world.refusal(plan_order, PlanShipments("A-1")).code == "NOTHING_TO_PLAN"


def test_a_shipment_called_off_leaves_its_units_with_the_order(world):
    order = world.order()
    world.promise(order, {("MUG", "MAIN"): 3})
    number = world.run(plan_order, PlanShipments("A-1"))["shipments"][0]["shipment"]
    assert world.run(cancel_shipment, CancelShipment(number, "wrong box"))["state"] == "cancelled"
    assert world.line(order) == (3, 0, 0)
    assert world.run(plan_order, PlanShipments("A-1"))["shipments"][0]["units"] == 3
    assert world.refusal(cancel_shipment, CancelShipment(number, "again")).code == "EVENT_NOT_ALLOWED"
    world.check()


def test_a_clerk_works_at_his_own_site_only(world):
    world.promise(world.order(), {("MUG", "MAIN"): 3})
    elsewhere = replace(CLERK, locations=frozenset({"EAST"}))
    assert world.refusal(release_wave, ReleaseWave("MAIN"), actor=elsewhere).code == "NOT_PERMITTED"
    assert world.refusal(plan_order, PlanShipments("A-1"), actor=elsewhere).code == "NOT_PERMITTED"
    assert world.refusal(release_wave, ReleaseWave("MAIN"), actor=Actor("ann", Role.SUPPORT)).code == "NOT_PERMITTED"
    assert world.run(release_wave, ReleaseWave("MAIN"), actor=CLERK)["waves"]


def test_the_same_key_releases_one_wave(world):
    world.promise(world.order(), {("MUG", "MAIN"): 3})
    first = world.run(release_wave, ReleaseWave("MAIN"), key="once")
    assert world.run(release_wave, ReleaseWave("MAIN"), key="once") == first
    assert world.rows("select count(*) from wave") == [(1,)]
