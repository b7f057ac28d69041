"""From the pick to the door: promises are used up, stock moves, lines count, and the order follows from them."""

import pytest

from oms_core.domain.permissions import Actor, Role
from oms_core.domain.shipments import PickedUnits
from oms_core.services.crashpoints import armed
from oms_core.services.deliver_shipment import (
    DeliverShipment,
    FailDelivery,
    RetryDelivery,
    TrackShipment,
    deliver_shipment,
    fail_delivery,
    retry_delivery,
    track_shipment,
)
from oms_core.services.lots_leaving import NamedLot
from oms_core.services.pack_shipment import Package, PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.plan_shipments import CancelShipment, cancel_shipment
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from tests.builders import a_movement, contents, give, march
from tests.oms_core.services.fulfilment_world import CLERK, NOON, World


@pytest.fixture
def world(core) -> World:
    return World(core)


def an_order(world: World, mugs: int = 3, number: str = "A-1") -> int:
    order = world.order(number, lines={"MUG": mugs})
    world.promise(order, {("MUG", "MAIN"): mugs})
    return order


# --- the straight way --------------------------------------------------------------------------------


def test_an_order_goes_from_the_shelf_to_the_door_and_closes(world):
    order = an_order(world)
    number = world.released()
    assert world.run(pick_shipment, PickShipment(number), actor=CLERK)["picked"] == {"MUG": 3}
    assert world.stock() == (10, 3)  # a pick moves nothing
    pack = PackShipment(number, (Package(1300, "T-1"),), carrier="post")
    assert world.run(pack_shipment, pack, actor=CLERK)["state"] == "packed"
    left = world.run(ship_shipment, ShipShipment(number, occurred_at=march(10, 9)), actor=CLERK)
    assert (left["state"], left["shipped"], left["order_state"]) == ("shipped", {"MUG": 3}, "confirmed")
    assert world.stock() == (7, 0)
    assert world.line(order) == (0, 3, 0)
    kinds = world.rows("select kind, quantity from stock_allocation order by allocation_id")
    assert kinds == [("allocate", 3), ("ship", 3)]  # the promise was kept, not given back
    arrived = world.run(deliver_shipment, DeliverShipment(number, proof="photo 17", occurred_at=march(10, 11)))
    assert (arrived["state"], arrived["order_state"]) == ("delivered", "closed")
    assert world.line(order) == (0, 3, 3)
    assert world.order_state(order) == "closed"
    assert world.milestones(order) == [("delivered", 1, march(10, 11)), ("shipped", 1, march(10, 9))]
    assert world.rows(
        "select kind, quantity, order_account, order_external_id, document_ref from stock_movement"
        " where document_kind = 'shipment'"
    ) == [("ship", -3, "shop", "A-1", number)]
    assert world.rows("select proof, shipped_at, delivered_at from shipment") == [
        ("photo 17", march(10, 9), march(10, 11))
    ]
    assert world.rows("select tracking_number, weight_grams from package") == [("T-1", 1300)]
    world.check()


def test_every_step_leaves_an_audit_entry_and_a_message_without_personal_data(world):
    an_order(world)
    number = world.shipped()
    topics = [topic for (topic,) in world.rows("select topic from outbox_message order by message_id")]
    assert topics == ["wave.released", "shipment.picked", "shipment.packed", "shipment.shipped"]
    assert world.rows(f"select count(*) from audit_entry where object_ref = '{number}'") == [(3,)]
    assert not [row for row in world.rows("select payload from outbox_message") if "Ada" in row[0] or "53111" in row[0]]


def test_the_same_key_ships_once(world):
    order = an_order(world)
    number = world.packed()
    first = world.run(ship_shipment, ShipShipment(number), key="ship")
    assert world.run(ship_shipment, ShipShipment(number), key="ship") == first
    assert world.line(order) == (0, 3, 0)
    assert world.stock() == (7, 0)


def test_an_order_in_two_places_is_shipped_partly_then_wholly(world):
    order = world.order(lines={"MUG": 5, "CUP": 1})
    world.promise(order, {("MUG", "MAIN"): 3, ("MUG", "EAST"): 2, ("CUP", "MAIN"): 1})
    main, east = world.packed("MAIN"), world.packed("EAST")
    world.run(ship_shipment, ShipShipment(main))
    assert world.line(order) == (2, 3, 0)
    assert world.milestones(order) == []
    world.run(deliver_shipment, DeliverShipment(main))
    assert world.order_state(order) == "confirmed"
    world.run(ship_shipment, ShipShipment(east))
    assert world.milestones(order) == [("shipped", 1, NOON)]
    world.run(deliver_shipment, DeliverShipment(east))
    assert world.order_state(order) == "closed"
    assert world.stock("MUG", "MAIN") == (7, 0)
    assert world.stock("MUG", "EAST") == (8, 0)
    world.check()


def test_an_order_stays_open_while_units_still_wait(world):
    order = world.order(lines={"MUG": 5})
    world.promise(order, {("MUG", "MAIN"): 3})
    world.run(deliver_shipment, DeliverShipment(world.shipped()))
    assert world.order_state(order) == "confirmed"
    assert world.milestones(order) == []


def test_an_order_with_an_open_hold_does_not_close_with_its_delivery(world):
    order = an_order(world)
    number = world.shipped()
    world.hold(order, "manual")
    assert world.run(deliver_shipment, DeliverShipment(number))["order_state"] == "confirmed"
    assert [name for name, _, _ in world.milestones(order)] == ["delivered", "shipped"]


def test_its_own_promise_never_stands_in_the_way_of_a_shipment(world):
    order, rival = an_order(world, mugs=10), world.order("A-2")
    number = world.packed()
    assert world.stock() == (10, 10)  # nothing is free, all of it is this order's
    world.run(ship_shipment, ShipShipment(number))
    assert world.stock() == (0, 0)
    assert world.line(order) == (0, 10, 0)
    assert world.line(rival) == (0, 0, 0)


# --- short picks -----------------------------------------------------------------------------------


def test_a_short_pick_gives_the_units_back_sets_them_apart_and_suspects_the_place(world):
    order = an_order(world)
    number = world.released()
    picked = world.run(pick_shipment, PickShipment(number, (PickedUnits("MUG", 2),)), actor=CLERK)
    assert (picked["picked"], picked["missing"]) == ({"MUG": 2}, {"MUG": 1})
    assert world.line(order) == (2, 0, 0)  # one unit waits again
    assert world.stock() == (9, 2)  # and is no longer offered
    assert world.rows("select on_hand from stock_balance where condition = 'inspection'") == [(1,)]
    assert world.rows("select sku, location, quantity, source_ref from count_suspicion") == [("MUG", "MAIN", 1, number)]
    world.run(pack_shipment, PackShipment(number))
    world.run(ship_shipment, ShipShipment(number))
    assert world.line(order) == (0, 2, 0)
    assert world.milestones(order) == []
    world.check()


def test_a_short_pick_of_the_last_units_takes_nothing_from_others(world):
    first, second = an_order(world, mugs=6), an_order(world, mugs=4, number="A-2")
    (wave,) = world.run(release_wave, ReleaseWave("MAIN"))["waves"]
    world.run(pick_shipment, PickShipment(wave["shipments"][0], (PickedUnits("MUG", 5),)))
    assert world.line(first) == (5, 0, 0)
    assert world.line(second) == (4, 0, 0)
    assert world.stock() == (9, 9)
    world.check()


def test_a_shipment_of_which_nothing_is_found_is_called_off(world):
    order = an_order(world)
    picked = world.run(pick_shipment, PickShipment(world.released(), (PickedUnits("MUG", 0),)))
    assert picked["state"] == "cancelled"
    assert world.line(order) == (0, 0, 0)
    assert world.stock() == (7, 0)
    world.check()


def test_skus_may_be_picked_one_after_the_other_and_packing_waits_for_all(world):
    order = world.order(lines={"MUG": 1, "CUP": 1})
    world.promise(order, {("MUG", "MAIN"): 1, ("CUP", "MAIN"): 1})
    number = world.released()
    assert world.run(pick_shipment, PickShipment(number, (PickedUnits("CUP", 1),)))["to_pick"] == {"MUG": 1}
    assert world.refusal(pack_shipment, PackShipment(number)).code == "PICK_OPEN"
    assert world.refusal(pick_shipment, PickShipment(number, (PickedUnits("CUP", 1),))).code == "PICK_DONE"
    assert world.refusal(pick_shipment, PickShipment(number, (PickedUnits("MUG", 2),))).code == "PICK_QUANTITY"
    assert world.run(pick_shipment, PickShipment(number))["to_pick"] == {}
    assert world.run(pack_shipment, PackShipment(number))["packed"] == {"CUP": 1, "MUG": 1}


# --- refusals --------------------------------------------------------------------------------------


def test_steps_out_of_turn_are_refused(world):
    an_order(world)
    number = world.released()
    assert world.refusal(ship_shipment, ShipShipment(number)).code == "EVENT_NOT_ALLOWED"
    assert world.refusal(deliver_shipment, DeliverShipment(number)).code == "EVENT_NOT_ALLOWED"
    world.run(pick_shipment, PickShipment(number))
    world.run(pack_shipment, PackShipment(number))
    world.run(ship_shipment, ShipShipment(number))
    assert world.refusal(ship_shipment, ShipShipment(number)).code == "EVENT_NOT_ALLOWED"
    assert world.refusal(cancel_shipment, CancelShipment(number, "too late")).code == "EVENT_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("case", "request_of"),
    [
        (pick_shipment, PickShipment),
        (pack_shipment, PackShipment),
        (ship_shipment, ShipShipment),
        (deliver_shipment, DeliverShipment),
    ],
)
def test_an_unknown_shipment_is_refused(world, case, request_of):
    assert world.refusal(case, request_of("S-77")).code == "SHIPMENT_UNKNOWN"


@pytest.mark.parametrize(
    ("case", "request_of"),
    [
        (pick_shipment, PickShipment),
        (pack_shipment, PackShipment),
        (ship_shipment, ShipShipment),
        (deliver_shipment, DeliverShipment),
    ],
)
def test_who_may_not_or_works_elsewhere_is_refused(world, case, request_of):
    an_order(world)
    number = world.released()
    elsewhere = Actor("eva", Role.WAREHOUSE, locations=frozenset({"EAST"}))
    for actor in (elsewhere, Actor("ann", Role.ANALYST), Actor("ben", Role.FINANCE)):
        assert world.refusal(case, request_of(number), actor=actor).code == "NOT_PERMITTED"


def test_a_hold_that_comes_after_the_release_stops_every_step_that_follows(world):
    order = an_order(world)
    number = world.packed()
    world.hold(order)
    assert world.refusal(ship_shipment, ShipShipment(number)).code == "ORDER_HELD"


def test_units_whose_allocation_is_gone_do_not_leave(world):
    order = an_order(world)
    number = world.packed()
    world.promise(order, {("MUG", "MAIN"): 1}, kind="release")
    refusal = world.refusal(ship_shipment, ShipShipment(number))
    assert refusal.code == "ALLOCATION_GONE"
    assert number in refusal.remedy


def test_what_has_not_happened_yet_is_not_recorded(world):
    an_order(world)
    number = world.packed()
    assert world.refusal(ship_shipment, ShipShipment(number, occurred_at=NOON + 1)).code == "IN_THE_FUTURE"


def test_a_package_without_a_possible_weight_is_refused(world):
    an_order(world)
    number = world.released()
    world.run(pick_shipment, PickShipment(number))
    assert world.refusal(pack_shipment, PackShipment(number, (Package(0),))).code == "WEIGHT_INVALID"
    assert world.refusal(pack_shipment, PackShipment(number, ())).code == "PACKAGES_MISSING"


@pytest.mark.parametrize("place", ["promise_used", "goods_left", "before_commit"])
def test_a_break_between_the_parts_of_a_shipping_leaves_none_of_them(world, place):
    order = an_order(world)
    number = world.packed()
    before = contents(world.core)

    def broken() -> None:
        raise RuntimeError(place)

    armed[place] = broken
    try:
        with pytest.raises(RuntimeError, match=place):
            world.run(ship_shipment, ShipShipment(number), key="again")
    finally:
        del armed[place]
    assert contents(world.core) == before
    world.run(ship_shipment, ShipShipment(number), key="again")
    assert world.line(order) == (0, 3, 0)
    world.check()


# --- after it left ---------------------------------------------------------------------------------


def test_a_failed_delivery_is_tried_again(world):
    an_order(world)
    number = world.shipped()
    scan = TrackShipment(number, "out_for_delivery", "post", "scan-9", place="Bonn")
    assert world.run(track_shipment, scan)["state"] == "out_for_delivery"
    assert world.run(fail_delivery, FailDelivery(number, "nobody at home"))["state"] == "failed"
    assert world.run(retry_delivery, RetryDelivery(number))["state"] == "out_for_delivery"
    assert world.run(deliver_shipment, DeliverShipment(number))["state"] == "delivered"
    assert world.rows("select status, place, source from tracking_event order by tracking_id") == [
        ("out_for_delivery", "Bonn", "post"),
        ("failed", None, "oms"),
        ("out_for_delivery", None, "oms"),
    ]
    assert world.refusal(fail_delivery, FailDelivery(number, "too late")).code == "EVENT_NOT_ALLOWED"


def test_a_scan_that_is_known_changes_nothing_and_tells_nobody(world):
    an_order(world)
    number = world.shipped()
    scan = TrackShipment(number, "in_transit", "post", "scan-1")
    world.run(track_shipment, scan)
    before = contents(world.core)
    assert world.run(track_shipment, scan)["is_known"]
    after = contents(world.core)
    assert {name for name in after if after[name] != before[name]} == {"audit_entry", "command"}


def test_what_a_carrier_cannot_mean_is_refused(world):
    an_order(world)
    number = world.shipped()
    assert world.refusal(track_shipment, TrackShipment(number, "lost", "post", "x")).code == "STATUS_UNKNOWN"
    assert world.refusal(fail_delivery, FailDelivery(number, " ")).code == "REASON_MISSING"


# --- a cancelled order -----------------------------------------------------------------------------


def test_a_shipment_of_a_cancelled_order_is_recorded_and_raises_an_exception(world):
    order = an_order(world)
    number = world.packed()
    world.cancel(order)
    sent = world.run(ship_shipment, ShipShipment(number))
    assert (sent["state"], sent["exception"]) == ("shipped", "shipped_after_cancel")
    assert world.stock() == (7, 0)  # the goods are gone, whatever the order says
    assert world.line(order) == (0, 0, 0)
    assert world.order_state(order) == "cancelled"
    assert world.rows("select kind, order_id, source_key from order_exception") == [
        ("shipped_after_cancel", order, number)
    ]
    world.run(deliver_shipment, DeliverShipment(number))
    assert world.line(order) == (0, 0, 0)
    assert world.milestones(order) == []
    world.check()


def test_a_shipment_that_was_called_off_and_left_all_the_same_is_recorded(world):
    order = an_order(world)
    number = world.released()
    world.run(cancel_shipment, CancelShipment(number, "the order is cancelled"))
    world.cancel(order)
    assert world.run(ship_shipment, ShipShipment(number))["state"] == "shipped"
    assert world.stock() == (7, 0)
    assert world.refusal(ship_shipment, ShipShipment(number)).code == "EVENT_NOT_ALLOWED"
    world.check()


def test_what_left_after_the_cancellation_though_promised_to_others_is_a_shortage(world):
    order = an_order(world)
    number = world.packed()
    world.cancel(order)
    rival = an_order(world, mugs=9, number="A-2")
    world.run(ship_shipment, ShipShipment(number))
    assert world.stock() == (7, 9)
    assert world.line(rival) == (9, 0, 0)
    assert world.rows("select kind, quantity from stock_exception") == [("shortage", 2)]
    world.check()


def test_a_shipment_called_off_while_its_order_goes_on_does_not_leave(world):
    an_order(world)
    number = world.released()
    world.run(cancel_shipment, CancelShipment(number, "wrong box"))
    assert world.refusal(ship_shipment, ShipShipment(number)).code == "SHIPMENT_CANCELLED"


# --- lots and serials ------------------------------------------------------------------------------


@pytest.fixture
def milk(world):
    """Milk in two lots at MAIN, 2 units that expire on 12 March and 4 that expire on the 20th, 5 of them promised."""
    world.track_by_lot("MILK", "lot", {"OLD": march(12), "NEW": march(20)})
    world.receive_lots("MILK", {"OLD": 2, "NEW": 4})
    world.promise(world.order(lines={"MILK": 3}), {("MILK", "MAIN"): 3})
    return world.packed()


def lots_left(world: World) -> list[tuple[str, int]]:
    return [(name, n) for name, n in world.rows("select lot, on_hand from lot_balance order by lot")]


def test_the_lot_that_expires_first_leaves_first(world, milk):
    world.run(ship_shipment, ShipShipment(milk))
    assert lots_left(world) == [("NEW", 3), ("OLD", 0)]


def test_an_expired_lot_does_not_leave(world, milk):
    world.run(ship_shipment, ShipShipment(milk), now=march(13))
    assert lots_left(world) == [("NEW", 1), ("OLD", 2)]


def test_named_lots_leave_as_named(world, milk):
    world.run(ship_shipment, ShipShipment(milk, lots=(NamedLot("MILK", "NEW", 3),)))
    assert lots_left(world) == [("NEW", 1), ("OLD", 2)]


@pytest.mark.parametrize(
    ("lots", "code"),
    [
        ((NamedLot("MILK", "NEW", 2),), "LOTS_INVALID"),
        ((NamedLot("MILK", "OLD", 3),), "LOT_SHORT"),
        ((NamedLot("MUG", "OLD", 3),), "LOTS_INVALID"),
    ],
)
def test_lots_that_do_not_fit_are_refused(world, milk, lots, code):
    assert world.refusal(ship_shipment, ShipShipment(milk, lots=lots)).code == code


def test_a_serial_number_nobody_finds_is_set_apart(world):
    world.track_by_lot("MILK", "serial", {"N1": None, "N2": None})
    world.receive_lots("MILK", {"N1": 1, "N2": 1})
    world.promise(world.order(lines={"MILK": 2}), {("MILK", "MAIN"): 2})
    number = world.released()
    world.run(pick_shipment, PickShipment(number, (PickedUnits("MILK", 1),)))
    world.run(pack_shipment, PackShipment(number))
    world.run(ship_shipment, ShipShipment(number))
    assert world.rows("select lot, condition, on_hand from lot_balance order by lot, condition") == [
        ("N1", "inspection", 1),
        ("N1", "sellable", 0),
        ("N2", "sellable", 0),
    ]
    world.check()


def test_more_goods_that_come_in_later_do_not_change_what_left(world):
    order = an_order(world)
    world.shipped()
    give(world.core, a_movement("late", units=5, at=march(1)))
    assert world.stock() == (12, 0)
    assert world.line(order) == (0, 3, 0)
    world.check()
