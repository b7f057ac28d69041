"""The shipping desk: what waits for a wave, by location, and which shipments are open."""

import pytest

from oms_core.domain.shipments import PickedUnits
from oms_core.services import shipping_board
from oms_core.services.live import reading
from oms_core.services.order_holds import HoldOrder, hold_order
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.release_wave import ReleaseWave, release_wave
from tests.oms_core.services.fulfilment_world import World


@pytest.fixture
def world(core) -> World:
    return World(core)


def waiting(world: World) -> dict[str, list[tuple[str, int]]]:
    with reading(world.core) as connection:
        found = shipping_board.waiting_for_a_wave(connection)
    return {place: [(row["order"], row["units"]) for row in rows] for place, rows in found.items()}


def test_promised_units_wait_by_location_until_a_wave_takes_them(world):
    first, second = world.order("A-1", lines={"MUG": 3}), world.order("A-2", lines={"MUG": 2})
    world.promise(first, {("MUG", "MAIN"): 2, ("MUG", "EAST"): 1})
    world.promise(second, {("MUG", "MAIN"): 2})

    assert waiting(world) == {"EAST": [("shop/A-1", 1)], "MAIN": [("shop/A-1", 2), ("shop/A-2", 2)]}

    world.run(release_wave, ReleaseWave("MAIN", orders=("A-1",)))

    assert waiting(world) == {"EAST": [("shop/A-1", 1)], "MAIN": [("shop/A-2", 2)]}


def test_a_held_order_waits_for_no_wave(world):
    order = world.order("A-1", lines={"MUG": 3})
    world.promise(order, {("MUG", "MAIN"): 3})
    world.run(hold_order, HoldOrder("A-1", "manual", "look at it"))

    assert waiting(world) == {}


def test_units_not_found_wait_for_stock_and_not_for_a_wave(world):
    world.promise(world.order("A-1", lines={"MUG": 3}), {("MUG", "MAIN"): 3})
    (wave,) = world.run(release_wave, ReleaseWave("MAIN"))["waves"]
    (number,) = wave["shipments"]

    world.run(pick_shipment, PickShipment(number, (PickedUnits("MUG", 2),)))

    assert waiting(world) == {}
    with reading(world.core) as connection:
        assert shipping_board.count_by_state(connection) == {"picking": 1}
        assert shipping_board.count_by_state(connection, location="EAST") == {}
        (row,) = shipping_board.shipments_in(connection, ("picking",), location="MAIN")
        assert row == {"shipment": number, "order": "shop/A-1", "location": "MAIN", "state": "picking"}
        assert shipping_board.shipments_in(connection, ("packed",)) == []


def test_sites_and_articles_have_their_names(world):
    with reading(world.core) as connection:
        assert {"MAIN", "EAST"} <= shipping_board.places(connection).keys()
        assert shipping_board.titles(connection, ["NOPE"]) == {}
