"""Pick-up: goods wait for who knows the code; and parcels that come back undelivered."""

import pytest

from oms_core.domain.handover import KeptCode, keep
from oms_core.domain.permissions import Actor, Role
from oms_core.services.deliver_shipment import DeliverShipment, FailDelivery, deliver_shipment, fail_delivery
from oms_core.services.hand_over import HandOver, MakeReady, RenewCode, hand_over, make_ready, renew_code
from oms_core.services.order_holds import ReleaseOrder, release_order
from oms_core.services.plan_shipments import CancelShipment, cancel_shipment
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.take_back_shipment import TakeBackShipment, take_back_shipment
from tests.builders import march
from tests.oms_core.services.fulfilment_world import CLERK, NOON, World

CODE = keep("004217", bytes(range(16)))
OTHER = keep("111111", bytes(range(16, 32)))


@pytest.fixture
def world(core) -> World:
    return World(core)


def an_order(world: World, *, mugs: int = 3, method: str | None = "pick_up") -> int:
    order = world.order(lines={"MUG": mugs}, method=method)
    world.promise(order, {("MUG", "MAIN"): mugs})
    return order


def waiting(world: World) -> str:
    number = world.packed()
    world.run(make_ready, MakeReady(number, CODE))
    return number


def test_goods_stay_in_stock_until_who_knows_the_code_takes_them(world):
    order = an_order(world)
    number = waiting(world)
    assert world.stock() == (10, 3)
    handed = world.run(hand_over, HandOver(number, "004 217", occurred_at=march(10, 11)), actor=CLERK)
    assert handed["handed_over"] is True
    assert (handed["state"], handed["order_state"], handed["handed"]) == ("delivered", "closed", {"MUG": 3})
    assert world.stock() == (7, 0)
    assert world.line(order) == (0, 3, 3)
    assert world.milestones(order) == [("delivered", 1, march(10, 11)), ("shipped", 1, march(10, 11))]
    assert world.rows("select proof from shipment") == [("hand-over code",)]
    assert world.rows("select count(*) from handover_code") == [(0,)]
    world.check()


def test_the_code_stands_nowhere(world):
    an_order(world)
    number = waiting(world)
    world.run(hand_over, HandOver(number, "004217"))
    for table in ("command", "audit_entry", "outbox_message", "document_event", "shipment"):
        assert not [row for row in world.rows(f"select * from {table}") if "004217" in str(row)]


def test_a_wrong_code_costs_a_try_and_moves_nothing(world):
    order = an_order(world)
    number = waiting(world)
    answer = world.run(hand_over, HandOver(number, "000000"))
    assert (answer["handed_over"], answer["tries_left"], answer["state"]) == (False, 4, "ready_for_pickup")
    assert world.line(order) == (3, 0, 0)
    assert world.run(hand_over, HandOver(number, "004217"))["handed_over"] is True


def test_after_five_wrong_codes_only_a_new_one_opens(world):
    an_order(world)
    number = waiting(world)
    for left in (4, 3, 2, 1, 0):
        assert world.run(hand_over, HandOver(number, "000000"))["tries_left"] == left
    assert world.refusal(hand_over, HandOver(number, "004217")).code == "HANDOVER_LOCKED"
    world.run(renew_code, RenewCode(number, OTHER, "he showed his passport"))
    assert world.run(hand_over, HandOver(number, "004217"))["handed_over"] is False  # the old code opens nothing
    assert world.run(hand_over, HandOver(number, "111111"))["handed_over"] is True


def test_the_same_key_costs_one_try(world):
    an_order(world)
    number = waiting(world)
    for _ in range(2):
        assert world.run(hand_over, HandOver(number, "000000"), key="typed once")["tries_left"] == 4


def test_what_is_no_code_costs_no_try(world):
    an_order(world)
    number = waiting(world)
    assert world.refusal(hand_over, HandOver(number, "12345")).code == "CODE_MALFORMED"
    assert world.refusal(renew_code, RenewCode(number, KeptCode("", ""), "lost")).code == "CODE_MALFORMED"


def test_pick_up_and_sending_are_not_mixed_up(world):
    an_order(world)
    number = world.packed()
    assert world.refusal(ship_shipment, ShipShipment(number)).code == "PICK_UP_ONLY"
    assert world.refusal(hand_over, HandOver(number, "004217")).code == "NOT_WAITING"
    assert world.refusal(renew_code, RenewCode(number, OTHER, "lost")).code == "NOT_WAITING"


def test_what_is_to_be_sent_does_not_wait_for_a_customer(world):
    an_order(world, method="standard")
    assert world.refusal(make_ready, MakeReady(world.packed(), CODE)).code == "NOT_PICK_UP"


def test_a_held_order_is_not_handed_over(world):
    order = an_order(world)
    number = waiting(world)
    world.hold(order)
    assert world.refusal(hand_over, HandOver(number, "004217")).code == "ORDER_HELD"


def test_who_works_elsewhere_hands_nothing_over(world):
    an_order(world)
    number = waiting(world)
    elsewhere = Actor("eva", Role.WAREHOUSE, locations=frozenset({"EAST"}))
    for case, request in (
        (hand_over, HandOver(number, "004217")),
        (renew_code, RenewCode(number, OTHER, "lost")),
        (take_back_shipment, TakeBackShipment(number, "refused")),
    ):
        assert world.refusal(case, request, actor=elsewhere).code == "NOT_PERMITTED"
        assert world.refusal(case, request, actor=Actor("ann", Role.ANALYST)).code == "NOT_PERMITTED"


def test_goods_nobody_came_for_go_back_to_the_shelf(world):
    order = an_order(world)
    number = waiting(world)
    assert world.run(cancel_shipment, CancelShipment(number, "nobody came"))["state"] == "cancelled"
    assert world.line(order) == (3, 0, 0)
    assert world.rows("select count(*) from handover_code") == [(0,)]
    assert world.refusal(hand_over, HandOver(number, "004217")).code == "NOT_WAITING"
    world.check()


# --- back at the sender ----------------------------------------------------------------------------


def test_a_parcel_that_comes_back_is_in_stock_again_and_its_order_waits_for_somebody(world):
    order = an_order(world, method="standard")
    number = world.shipped()
    world.run(fail_delivery, FailDelivery(number, "no such street"))
    back = world.run(take_back_shipment, TakeBackShipment(number, "no such street"), actor=CLERK)
    assert (back["state"], back["back"], back["condition"]) == ("returned", {"MUG": 3}, "inspection")
    assert world.stock() == (7, 0)
    assert world.rows("select on_hand from stock_balance where condition = 'inspection'") == [(3,)]
    assert world.line(order) == (0, 0, 0)  # the units wait again
    assert world.order_state(order) == "on_hold"
    assert world.rows("select kind, rule from order_hold") == [("address", "came_back")]
    assert world.refusal(deliver_shipment, DeliverShipment(number)).code == "EVENT_NOT_ALLOWED"
    world.check()


def test_a_parcel_may_be_sent_again_and_the_last_sending_counts(world):
    order = an_order(world, method="standard")
    first = world.shipped()
    world.run(take_back_shipment, TakeBackShipment(first, "no such street", condition="sellable"))
    world.run(release_order, ReleaseOrder("A-1", "the street is known now"))
    world.promise(order, {("MUG", "MAIN"): 3})
    second = world.packed()
    later = march(11)
    world.run(ship_shipment, ShipShipment(second), now=later)
    world.run(deliver_shipment, DeliverShipment(second), now=later)
    assert world.milestones(order) == [("delivered", 1, later), ("shipped", 1, NOON), ("shipped", 2, later)]
    assert world.order_state(order) == "closed"
    assert world.stock() == (7, 0)
    world.check()


def test_the_lots_that_left_come_back(world):
    world.track_by_lot("MILK", "lot", {"OLD": march(12), "NEW": march(20)})
    world.receive_lots("MILK", {"OLD": 2, "NEW": 4})
    world.promise(world.order(lines={"MILK": 3}), {("MILK", "MAIN"): 3})
    number = world.shipped()
    world.run(take_back_shipment, TakeBackShipment(number, "refused", condition="sellable"))
    assert world.rows("select lot, on_hand from lot_balance order by lot") == [("NEW", 4), ("OLD", 2)]


def test_goods_that_left_after_the_cancellation_may_come_back_too(world):
    order = an_order(world, method="standard")
    number = world.packed()
    world.cancel(order)
    world.run(ship_shipment, ShipShipment(number))
    world.run(take_back_shipment, TakeBackShipment(number, "stopped on its way", condition="sellable"))
    assert world.stock() == (10, 0)
    assert world.order_state(order) == "cancelled"
    world.check()


@pytest.mark.parametrize(
    ("request_of", "code"),
    [
        (lambda number: TakeBackShipment(number, " "), "REASON_MISSING"),
        (lambda number: TakeBackShipment(number, "refused", condition="eaten"), "CONDITION_UNKNOWN"),
    ],
)
def test_a_parcel_comes_back_with_a_reason_and_a_condition(world, request_of, code):
    an_order(world, method="standard")
    assert world.refusal(take_back_shipment, request_of(world.shipped())).code == code


def test_what_has_not_left_cannot_come_back(world):
    an_order(world, method="standard")
    assert world.refusal(take_back_shipment, TakeBackShipment(world.packed(), "refused")).code == "EVENT_NOT_ALLOWED"
