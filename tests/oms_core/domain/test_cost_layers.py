"""FIFO layers by hand, and the laws they keep for any history."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.cost_layers import Layer, Moved, replay, spread
from oms_core.domain.stock import MOVEMENT_SIGN, MovementKind


@dataclass
class History:
    """Movements of one SKU, an hour apart unless an instant is given; ids in the order they are recorded."""

    movements: list[Moved] = field(default_factory=list)

    def add(self, kind, units, place="A", *, at=None, cost=None, condition="sellable", **more):
        number = len(self.movements) + 1
        sign = MOVEMENT_SIGN.get(MovementKind(kind), 1)
        movement = Moved(
            movement_id=number,
            key=f"m{number:03}",
            location=place,
            condition=condition,
            kind=kind,
            quantity=sign * units if more.get("reverses_id") is None else -sign * units,
            occurred_at=number if at is None else at,
            unit_cost=cost,
            currency=None if cost is None else "EUR",
            **more,
        )
        self.movements.append(movement)
        return movement

    def transfer(self, units, source, target, *, at=None, document="T"):
        self.add("transfer_out", units, source, at=at, document=document)
        self.add("transfer_in", units, target, at=at, document=document)

    def held(self, place="A", condition="sellable"):
        layers = replay(self.movements).held.get((place, condition), [])
        return [(layer.units, layer.unit_cost, layer.opened_at) for layer in layers]

    def taken(self, movement):
        return [(layer.units, layer.unit_cost) for layer in replay(self.movements).taken[movement.movement_id]]


@pytest.fixture
def history():
    return History()


def test_the_oldest_goods_leave_first(history):
    history.add("receive", 5, cost=100)
    history.add("receive", 5, cost=120)
    sale = history.add("ship", 7)

    assert history.taken(sale) == [(5, 100), (2, 120)]
    assert history.held() == [(3, 120, 2)]


def test_a_receipt_that_becomes_known_late_takes_its_place(history):
    history.add("receive", 5, cost=120, at=20)
    sale = history.add("ship", 4, at=30)
    history.add("receive", 3, cost=100, at=10)

    assert history.taken(sale) == [(3, 100), (1, 120)]
    assert history.held() == [(4, 120, 20)]


def test_a_transfer_takes_cost_and_age_through_transit(history):
    history.add("receive", 4, cost=100, at=1)
    history.add("receive", 4, cost=120, at=2)
    history.transfer(6, "A", "WAY", at=10)
    history.transfer(5, "WAY", "B", at=20)

    assert history.held("A") == [(2, 120, 2)]
    assert history.held("WAY") == [(1, 120, 2)]
    assert history.held("B") == [(4, 100, 1), (1, 120, 2)]


def test_both_legs_of_a_transfer_may_carry_one_instant(history):
    history.add("receive", 4, cost=100, at=1)
    history.add("transfer_in", 4, "B", at=5, document="T")  # recorded before the leg it needs
    history.add("transfer_out", 4, "A", at=5, document="T")

    assert history.held("A") == []
    assert history.held("B") == [(4, 100, 1)]


def test_transferred_goods_are_older_than_those_that_came_later_and_leave_first(history):
    history.add("receive", 2, "A", cost=100, at=1)
    history.add("receive", 2, "B", cost=120, at=5)
    history.transfer(2, "A", "B", at=10)
    sale = history.add("ship", 3, "B", at=11)

    assert history.taken(sale) == [(2, 100), (1, 120)]


def test_a_change_of_condition_keeps_layers(history):
    history.add("receive", 2, cost=100, at=1)
    history.add("receive", 2, cost=120, at=2)
    history.add("condition_out", 3, at=9, document="C")
    history.add("condition_in", 3, at=9, document="C", condition="damaged")

    assert history.held("A", "damaged") == [(2, 100, 1), (1, 120, 2)]
    assert history.held() == [(1, 120, 2)]


def test_goods_come_back_at_the_cost_and_age_they_left_with(history):
    history.add("receive", 2, cost=100, at=1)
    history.add("receive", 2, cost=120, at=2)
    history.add("ship", 3, order=("shop", "1001"))
    history.add("return_in", 1, order=("shop", "1001"), condition="inspection")
    history.add("return_in", 2, order=("shop", "1001"), condition="inspection")

    assert history.held("A", "inspection") == [(2, 100, 1), (1, 120, 2)]


def test_goods_may_come_back_and_be_restocked_at_one_instant(history):
    history.add("receive", 2, cost=100, at=1)
    history.add("ship", 2, at=5, order=("shop", "1001"))
    history.add("condition_out", 2, at=9, condition="inspection", document="R")
    history.add("condition_in", 2, at=9, document="R")
    history.add("return_in", 2, at=9, condition="inspection", order=("shop", "1001"))

    assert history.held() == [(2, 100, 1)]
    assert history.held("A", "inspection") == []


def test_goods_may_leave_and_come_back_at_one_instant(history):
    history.add("receive", 2, cost=100, at=1)
    history.add("receive", 2, cost=120, at=2)
    history.add("return_in", 3, at=5, order=("shop", "1001"))
    history.add("ship", 3, at=5, order=("shop", "1001"))

    assert history.held() == [(2, 100, 1), (2, 120, 2)]


def test_goods_that_come_back_from_nowhere_are_worth_the_newest_cost(history):
    history.add("receive", 2, cost=100)
    history.add("return_in", 1, at=9)

    assert history.held() == [(2, 100, 1), (1, 100, 9)]


def test_units_that_left_before_they_came_cost_what_covers_them(history):
    sale = history.add("ship", 3, at=1)
    assert history.held() == [(-3, None, 1)]

    history.add("receive", 2, cost=100, at=2)
    assert history.held() == [(-1, None, 1)]

    history.add("receive", 5, cost=120, at=3)
    assert history.held() == [(4, 120, 3)]
    assert history.taken(sale) == [(2, 100), (1, 120)]


def test_found_units_without_a_cost_are_worth_the_newest_one(history):
    history.add("receive", 1, cost=100)
    history.add("receive", 1, cost=120)
    history.add("adjust_gain", 2, at=9)

    assert history.held() == [(1, 100, 1), (1, 120, 2), (2, 120, 9)]


def test_a_reversed_receipt_never_happened(history):
    first = history.add("receive", 5, cost=100, at=1)
    history.add("receive", 5, cost=120, at=2)
    sale = history.add("ship", 2, at=3)
    history.add("receive", 5, at=1, reverses_id=first.movement_id)

    assert history.taken(sale) == [(2, 120)]
    assert history.held() == [(3, 120, 2)]


def test_a_reversed_sale_gives_the_goods_back_as_they_were(history):
    history.add("receive", 5, cost=100, at=1)
    sale = history.add("ship", 2, at=3)
    history.add("ship", 2, at=4, reverses_id=sale.movement_id)

    assert history.held() == [(5, 100, 1)]


def test_a_total_that_does_not_divide_makes_the_first_units_one_step_dearer():
    assert spread(100, 3) == [(1, 34), (2, 33)]
    assert spread(99, 3) == [(3, 33)]
    assert spread(0, 2) == [(2, 0)]


@given(st.integers(0, 10**12), st.integers(1, 10_000))
def test_a_spread_total_adds_up_to_the_total(total, units):
    parts = spread(total, units)

    assert sum(count for count, _ in parts) == units
    assert sum(count * cost for count, cost in parts) == total


# --- laws: any history, also one that runs below zero -----------------------------------------------

PLACES = st.sampled_from(["A", "B", "WAY"])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "ship", "move", "scrap", "adjust_gain", "adjust_loss", "damage", "return_in"]),
        st.integers(1, 9),
        PLACES,
        PLACES,
        st.integers(0, 500),
    ),
    max_size=25,
)


def history_of(steps) -> History:
    history = History()
    for number, (step, units, place, target, cost) in enumerate(steps, 1):
        at = number * 10
        if step == "move" and place != target:
            history.transfer(units, place, target, at=at, document=f"T{number}")
        elif step == "damage":
            history.add("condition_out", units, place, at=at, document=f"C{number}")
            history.add("condition_in", units, place, at=at, document=f"C{number}", condition="damaged")
        elif step == "receive":
            history.add(step, units, place, at=at, cost=cost)
        elif step != "move":
            history.add(step, units, place, at=at, order=("shop", "1"))
    return history


def on_hand_of(movements) -> dict[tuple[object, ...], int]:
    sums: dict[tuple[object, ...], int] = {}
    for it in movements:
        sums[it.location, it.condition] = sums.get((it.location, it.condition), 0) + it.quantity
    return {place: units for place, units in sums.items() if units}


@given(STEPS)
def test_layers_add_up_to_the_units_on_hand_of_every_place(steps):
    movements = history_of(steps).movements

    held = replay(movements).held

    assert {place: sum(layer.units for layer in layers) for place, layers in held.items()} == on_hand_of(movements)
    for layers in held.values():
        assert all(layer.units > 0 for layer in layers) or all(layer.units < 0 for layer in layers)
        assert [layer.opened_at for layer in layers] == sorted(layer.opened_at for layer in layers)


@given(STEPS, st.randoms(use_true_random=False))
def test_the_order_of_recording_plays_no_part(steps, random):
    movements = history_of(steps).movements
    mixed = list(movements)
    random.shuffle(mixed)
    numbered = [it._replace(movement_id=number) for number, it in enumerate(mixed, 1)]

    def told(found):
        return {place: [layer[:4] for layer in layers] for place, layers in found.held.items()}

    assert told(replay(numbered)) == told(replay(movements))


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 500)), min_size=1, max_size=8), st.data())
def test_moving_goods_changes_neither_their_value_nor_their_age(receipts, data):
    history = History()
    for number, (units, cost) in enumerate(receipts, 1):
        history.add("receive", units, "A", at=number, cost=cost)
    before = whole(replay(history.movements).held)
    there = {"A": sum(units for units, _ in receipts), "B": 0, "WAY": 0}
    for step in range(data.draw(st.integers(0, 6))):
        source = data.draw(st.sampled_from([place for place, units in there.items() if units]))
        target = data.draw(st.sampled_from([place for place in there if place != source]))
        units = data.draw(st.integers(1, there[source]))
        history.transfer(units, source, target, at=100 + step, document=f"T{step}")
        there[source] -= units
        there[target] += units

    assert whole(replay(history.movements).held) == before


def whole(held) -> dict[tuple[object, ...], int]:
    """Units by cost and age over all places."""
    sums: dict[tuple[object, ...], int] = {}
    for layers in held.values():
        for layer in layers:
            sums[layer[1:4]] = sums.get(layer[1:4], 0) + layer.units
    return sums


def test_the_value_of_a_layer_is_units_times_cost_and_unknown_without_one():
    assert Layer(3, 120, "EUR", 1, 1).value == 360
    assert Layer(-3, None, None, 1, 1).value is None
