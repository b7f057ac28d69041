"""Waves: every waiting shipment on exactly one, and pick lists that add up to what they hold."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.waves import Drop, PickLine, WaitingShipment, WaveLine, WavePlan, group_into_waves, pick_list

NOON, THREE = 12, 15


def test_a_wave_has_one_location_one_cut_off_and_one_method_and_the_earliest_leaves_first():
    waves = group_into_waves(
        [
            WaitingShipment(1, "MAIN", "standard", THREE),
            WaitingShipment(2, "MAIN", "express", NOON),
            WaitingShipment(3, "EAST", "standard", THREE),
            WaitingShipment(4, "MAIN", None, None),
            WaitingShipment(5, "MAIN", "standard", THREE),
        ]
    )
    assert waves == [
        WavePlan("EAST", THREE, "standard", (3,)),
        WavePlan("MAIN", NOON, "express", (2,)),
        WavePlan("MAIN", THREE, "standard", (1, 5)),
        WavePlan("MAIN", None, None, (4,)),
    ]


def test_a_large_wave_is_cut_and_the_urgent_and_the_old_come_first():
    waves = group_into_waves(
        [
            WaitingShipment(1, "MAIN", "standard", NOON, priority=0, placed_at=30),
            WaitingShipment(2, "MAIN", "standard", NOON, priority=0, placed_at=10),
            WaitingShipment(3, "MAIN", "standard", NOON, priority=5, placed_at=40),
        ],
        largest=2,
    )
    assert [wave.shipment_ids for wave in waves] == [(3, 2), (1,)]


def test_a_pick_list_goes_by_sku_and_says_where_the_units_belong():
    assert pick_list(
        [
            WaveLine("S-2", "MUG", 3, "Mug"),
            WaveLine("S-1", "MUG", 1, "Mug"),
            WaveLine("S-1", "CUP", 2),
            WaveLine("S-1", "MUG", 1, "Mug"),
        ]
    ) == [
        PickLine("CUP", None, None, 2, (Drop("S-1", 2),)),
        PickLine("MUG", None, "Mug", 5, (Drop("S-1", 2), Drop("S-2", 3))),
    ]


def test_lots_are_stops_of_their_own():
    stops = pick_list([WaveLine("S-1", "MILK", 1, lot="B"), WaveLine("S-1", "MILK", 2, lot="A")])
    assert [(stop.lot, stop.quantity) for stop in stops] == [("A", 2), ("B", 1)]


shipments = st.lists(
    st.builds(
        WaitingShipment,
        shipment_id=st.integers(1, 999),
        location=st.sampled_from(["MAIN", "EAST"]),
        delivery_method=st.sampled_from([None, "standard", "express"]),
        leaves_by=st.sampled_from([None, NOON, THREE]),
        priority=st.integers(0, 3),
        placed_at=st.integers(0, 9),
    ),
    unique_by=lambda one: one.shipment_id,
)


@given(shipments, st.sampled_from([None, 1, 2, 5]))
def test_every_shipment_is_on_exactly_one_wave_of_its_group(waiting, largest):
    waves = group_into_waves(waiting, largest=largest)
    assert Counter(number for wave in waves for number in wave.shipment_ids) == Counter(
        one.shipment_id for one in waiting
    )
    by_id = {one.shipment_id: one for one in waiting}
    for wave in waves:
        group = {
            (one.location, one.leaves_by, one.delivery_method) for one in map(by_id.__getitem__, wave.shipment_ids)
        }
        assert group == {(wave.location, wave.leaves_by, wave.delivery_method)}
        assert largest is None or len(wave.shipment_ids) <= largest


@given(
    st.lists(
        st.builds(
            WaveLine,
            shipment=st.sampled_from(["S-1", "S-2", "S-3"]),
            sku=st.sampled_from(["MUG", "CUP", "HAT"]),
            quantity=st.integers(1, 20),
            lot=st.sampled_from([None, "A", "B"]),
        )
    )
)
def test_picks_add_up_to_the_lines_of_the_wave(lines):
    stops = pick_list(lines)
    wanted, picked, dropped = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
    wanted_by_shipment = Counter[tuple[str, str]]()
    for line in lines:
        wanted[line.sku] += line.quantity
        wanted_by_shipment[line.sku, line.shipment] += line.quantity
    for stop in stops:
        picked[stop.sku] += stop.quantity
        for drop in stop.drops:
            dropped[stop.sku, drop.shipment] += drop.quantity
    assert picked == wanted
    assert dropped == wanted_by_shipment
