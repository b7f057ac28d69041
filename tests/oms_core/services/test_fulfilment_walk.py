"""Random days in the warehouse: whatever is picked short, sent, failed or brought back, every unit is accounted for."""

import random
from collections import Counter
from typing import Any

import pytest

from oms_core.domain.shipments import PickedUnits
from oms_core.services.commands import UseCase
from oms_core.services.deliver_shipment import (
    DeliverShipment,
    FailDelivery,
    RetryDelivery,
    deliver_shipment,
    fail_delivery,
    retry_delivery,
)
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.plan_shipments import CancelShipment, cancel_shipment
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.shipments_read import show_shipment, show_wave
from oms_core.services.take_back_shipment import TakeBackShipment, take_back_shipment
from oms_core.storage.engine import reading
from tests.oms_core.services.fulfilment_world import World

PLACES = ("MAIN", "EAST")
STEPS = 40
POSSIBLE = {"done", "EVENT_NOT_ALLOWED", "SHIPMENT_CANCELLED", "ORDER_HELD", "ORDER_NOT_CONFIRMED", "PICK_DONE"}


def promise_some(world: World, chance: random.Random, number: int) -> None:
    """One order more, with what is free of the goods it asks for."""
    wanted = {"MUG": chance.randint(1, 3), "CUP": chance.randint(1, 2)}
    order = world.order(f"A-{number}", lines=wanted, method=chance.choice([None, "standard", "express"]))
    for name, asked in wanted.items():
        left = asked
        for place in PLACES:
            if (name, place) == ("CUP", "EAST"):
                continue
            on_hand, committed = world.stock(name, place)
            part = min(left, on_hand - committed, chance.randint(0, 2))
            if part > 0:
                world.promise(order, {(name, place): part})
                left -= part


def step(world: World, chance: random.Random, number: str) -> None:
    """One thing that may happen to a shipment; what its state does not allow is refused and changes nothing."""
    with reading(world.core) as connection:
        lines = show_shipment(connection, number)["lines"]
    found = Counter[str]()
    for line in lines:
        found[line["sku"]] += chance.randint(0, line["quantity"]) if chance.random() < 0.3 else line["quantity"]
    ways: list[tuple[UseCase[Any], object]] = [
        (pick_shipment, PickShipment(number, tuple(PickedUnits(*pair) for pair in sorted(found.items())))),
        (pack_shipment, PackShipment(number)),
        (ship_shipment, ShipShipment(number)),
        (ship_shipment, ShipShipment(number)),
        (deliver_shipment, DeliverShipment(number)),
        (fail_delivery, FailDelivery(number, "nobody at home")),
        (retry_delivery, RetryDelivery(number)),
        (take_back_shipment, TakeBackShipment(number, "refused")),
        (cancel_shipment, CancelShipment(number, "a change of mind")),
    ]
    case, request = chance.choice(ways)
    assert world.attempt(case, request)[0] in POSSIBLE


def release(world: World, place: str) -> None:
    """Release what is free at a place: the picks of each wave are the units that its shipments plan."""
    end, released = world.attempt(release_wave, ReleaseWave(place, largest=3))
    assert end in {"done", "NOTHING_TO_RELEASE"}
    for wave in released["waves"] if released else []:
        with reading(world.core) as connection:
            shown = show_wave(connection, wave["wave"])
            planned = [show_shipment(connection, number)["lines"] for number in wave["shipments"]]
        assert sum(stop["quantity"] for stop in shown["picks"]) == wave["units"]
        assert sum(line["quantity"] for lines in planned for line in lines) == wave["units"]
    # What waits to be picked anywhere is never more than what is allocated there.
    assert not world.rows(
        "select a.line_id from line_allocation as a join (select l.line_id, s.location,"
        " sum(coalesce(l.picked_quantity, l.quantity)) as units from shipment_line as l"
        " join shipment as s on s.shipment_id = l.shipment_id"
        " where s.state in ('planned', 'released', 'picking', 'packed', 'ready_for_pickup')"
        " group by l.line_id, s.location) as p on p.line_id = a.line_id and p.location = a.location"
        " where p.units > a.allocated"
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_unit_is_accounted_for(core, seed):
    world, chance = World(core), random.Random(seed)
    start = sum(units for (units,) in world.rows("select quantity from stock_movement"))
    for number in range(1, 6):
        promise_some(world, chance, number)
    for _ in range(STEPS):
        numbers = [number for (number,) in world.rows("select number from shipment order by shipment_id")]
        if not numbers or chance.random() < 0.15:
            release(world, chance.choice(PLACES))
        else:
            step(world, chance, chance.choice(numbers))
    world.check()
    shipped, delivered = world.rows("select sum(shipped_quantity), sum(delivered_quantity) from order_line")[0]
    on_hand = world.rows("select sum(on_hand) from stock_balance")[0][0]
    assert on_hand + shipped == start
    assert delivered <= shipped
    moved = world.rows("select count(*) from document_event where document_kind = 'shipment'")[0][0]
    assert moved > 10  # the walk went somewhere
