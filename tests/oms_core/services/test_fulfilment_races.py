"""Several people at one shipment or one place: each unit is planned once and leaves once, every loser hears why."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.handover import keep
from oms_core.domain.shipments import PickedUnits
from oms_core.services.hand_over import HandOver, MakeReady, hand_over, make_ready
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.plan_shipments import CancelShipment, PlanShipments, cancel_shipment, plan_order
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from tests.oms_core.services.fulfilment_world import World

AT_ONCE = 6


@pytest.fixture
def world(core) -> World:
    return World(core)


def at_once(*works: Callable[[], object]) -> Sequence[str]:
    """How works that begin together end, sorted: "done", or the code of the refusal."""
    start = Barrier(len(works))

    def ended(work: Callable[[], object]) -> str:
        start.wait()
        try:
            work()
        except RuleViolationError as refusal:
            return refusal.code
        return "done"

    with ThreadPoolExecutor(len(works)) as pool:
        return sorted(pool.map(ended, works))


def an_order(world: World, number: str = "A-1", mugs: int = 3, method: str | None = None) -> int:
    order = world.order(number, lines={"MUG": mugs}, method=method)
    world.promise(order, {("MUG", "MAIN"): mugs})
    return order


def test_a_shipment_sent_by_many_leaves_once(world):
    order = an_order(world)
    number = world.packed()
    ends = at_once(*[lambda: world.run(ship_shipment, ShipShipment(number))] * AT_ONCE)
    assert ends == ["EVENT_NOT_ALLOWED"] * (AT_ONCE - 1) + ["done"]
    assert world.line(order) == (0, 3, 0)
    assert world.stock() == (7, 0)
    world.check()


def test_what_is_sent_and_called_off_at_once_is_one_of_both(world):
    order = an_order(world)
    number = world.packed()
    ends = at_once(
        lambda: world.run(ship_shipment, ShipShipment(number)),
        lambda: world.run(cancel_shipment, CancelShipment(number, "changed my mind")),
    )
    assert ends in (["EVENT_NOT_ALLOWED", "done"], ["SHIPMENT_CANCELLED", "done"])
    assert world.line(order) in ((0, 3, 0), (3, 0, 0))
    world.check()


def test_waves_released_and_orders_planned_at_once_plan_each_unit_once(world):
    for number in ("A-1", "A-2", "A-3"):
        an_order(world, number)
    at_once(
        *[lambda: world.run(release_wave, ReleaseWave("MAIN"))] * 3,
        *[lambda number=number: world.run(plan_order, PlanShipments(number)) for number in ("A-1", "A-2", "A-3")],
    )
    assert world.rows(
        "select l.line_id, sum(l.quantity) from shipment_line as l join shipment as s on s.shipment_id = l.shipment_id"
        " where s.state <> 'cancelled' group by l.line_id order by l.line_id"
    ) == [(1, 3), (2, 3), (3, 3)]
    world.check()


def test_short_picks_of_one_sku_at_once_take_from_nobody_else(world):
    orders = [an_order(world, number) for number in ("A-1", "A-2", "A-3")]
    (wave,) = world.run(release_wave, ReleaseWave("MAIN"))["waves"]
    picks = [
        lambda number=number: world.run(pick_shipment, PickShipment(number, (PickedUnits("MUG", 2),)))
        for number in wave["shipments"]
    ]
    assert at_once(*picks) == ["done", "done", "done"]
    assert [world.line(order) for order in orders] == [(2, 0, 0)] * 3
    assert world.stock() == (7, 6)
    world.check()


def test_a_code_said_by_many_hands_over_once(world):
    order = an_order(world, method="pick_up")
    number = world.packed()
    world.run(make_ready, MakeReady(number, keep("004217", bytes(range(16)))))
    ends = at_once(*[lambda: world.run(hand_over, HandOver(number, "004217"))] * AT_ONCE)
    assert ends == ["NOT_WAITING"] * (AT_ONCE - 1) + ["done"]
    assert world.line(order) == (0, 3, 3)
    world.check()
