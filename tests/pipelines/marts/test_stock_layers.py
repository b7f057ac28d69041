"""FIFO layers: by hand, and for any history against a queue of single units written here."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.pipelines.marts.layer_rows import Held, LayerModels, Moved, held, pieces

YARD = ("B", "sellable")
INSPECTION = ("A", "inspection")
MAIN = ("A", "sellable")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> LayerModels:
    return LayerModels(tmp_path_factory.mktemp("layer_models"))


# --- by hand ---------------------------------------------------------------------------------------


def test_the_first_goods_in_leave_first(models: LayerModels) -> None:
    script = [
        Moved(1, "receive", 5, 0, unit_cost=10),
        Moved(2, "receive", 5, 10, unit_cost=12),
        Moved(3, "ship", -7, 20),
    ]

    with models.tables(script) as tables:
        assert held(tables, 15) == {MAIN: {1: 5, 2: 5}}
        assert held(tables, 20) == {MAIN: {2: 3}}
        assert pieces(tables, "origin_movement_id, quantity, layer_value") == [
            (1, 5, Decimal(50)),
            (2, 2, Decimal(24)),
            (2, 3, Decimal(36)),
        ]


def test_a_transfer_takes_cost_and_age_through_transit(models: LayerModels) -> None:
    script = [
        Moved(1, "receive", 4, 0, unit_cost=10),
        Moved(2, "receive", 4, 10, unit_cost=12),
        Moved(3, "transfer_out", -6, 20, document="T"),
        Moved(4, "transfer_in", 6, 20, ("WAY", "sellable"), document="T"),
        Moved(5, "transfer_out", -5, 30, ("WAY", "sellable"), document="T"),
        Moved(6, "transfer_in", 5, 30, YARD, document="T"),
    ]

    with models.tables(script) as tables:
        assert held(tables, 25) == {MAIN: {2: 2}, ("WAY", "sellable"): {1: 4, 2: 2}}
        assert held(tables, 30) == {MAIN: {2: 2}, ("WAY", "sellable"): {2: 1}, YARD: {1: 4, 2: 1}}
        ages = pieces(tables, "originated_at, layer_value, location")
        assert (datetime(2026, 1, 1), Decimal(40), "B") in ages  # noqa: DTZ001 - a UTC timestamp has no zone


def test_legs_of_one_instant_may_be_recorded_in_any_order(models: LayerModels) -> None:
    script = [
        Moved(1, "receive", 4, 0),
        Moved(2, "transfer_in", 4, 5, YARD, document="T"),
        Moved(3, "transfer_out", -4, 5, document="T"),
    ]

    with models.tables(script) as tables:
        assert held(tables, 5) == {YARD: {1: 4}}


def test_goods_that_come_back_have_the_age_and_cost_they_left_with(models: LayerModels) -> None:
    script = [
        Moved(1, "receive", 2, 0, unit_cost=10),
        Moved(2, "receive", 2, 10, unit_cost=12),
        Moved(3, "ship", -3, 20, order="O-1"),
        Moved(4, "return_in", 2, 30, INSPECTION, order="O-1"),
        Moved(5, "condition_out", -2, 40, INSPECTION, document="R"),
        Moved(6, "condition_in", 2, 40, MAIN, document="R"),
        Moved(7, "return_in", 3, 50, INSPECTION, order="O-1"),
    ]

    with models.tables(script) as tables:
        assert held(tables, 30) == {MAIN: {2: 1}, INSPECTION: {1: 2}}
        assert held(tables, 40) == {MAIN: {2: 1, 1: 2}}
        # one unit of the order is left to come back; two more come from nowhere known
        assert held(tables, 50) == {MAIN: {2: 1, 1: 2}, INSPECTION: {2: 1, 7: 2}}
        costs = dict(pieces(tables, "origin_movement_id, unit_cost"))
        assert costs[7] == 12  # the newest cost known of the SKU


def test_units_that_left_before_they_came_are_owed_until_then(models: LayerModels) -> None:
    script = [Moved(1, "ship", -3, 10), Moved(2, "receive", 2, 20, unit_cost=7), Moved(3, "adjust_loss", -1, 30)]

    with models.tables(script) as tables:
        assert held(tables, 10) == {MAIN: {0: -3}}
        assert held(tables, 20) == {MAIN: {0: -1}}
        assert held(tables, 30) == {MAIN: {0: -2}}
        assert pieces(tables, "incoming_movement_id, quantity, unit_cost") == [
            (0, -1, None),
            (0, -1, None),
            (2, -2, Decimal(7)),
        ]


def test_owed_goods_travel_without_a_past(models: LayerModels) -> None:
    script = [
        Moved(1, "transfer_out", -2, 10, document="T"),
        Moved(2, "transfer_in", 2, 10, YARD, document="T"),
        Moved(3, "transfer_out", -2, 20, YARD, document="U"),
        Moved(4, "transfer_in", 2, 20, MAIN, document="U"),
    ]

    with models.tables(script) as tables:
        assert held(tables, 10) == {MAIN: {0: -2}, YARD: {2: 2}}
        assert held(tables, 20) == {}


def test_moves_of_one_instant_that_feed_each_other_end(models: LayerModels) -> None:
    script = [
        Moved(1, "transfer_out", -2, 10, document="T"),
        Moved(2, "transfer_in", 2, 10, YARD, document="T"),
        Moved(3, "transfer_out", -2, 10, YARD, document="U"),
        Moved(4, "transfer_in", 2, 10, MAIN, document="U"),
        Moved(5, "receive", 1, 20),
    ]

    with models.tables(script) as tables:
        assert held(tables, 20) == {MAIN: {5: 1}}


def test_a_shipment_taken_back_brings_its_own_goods_back(models: LayerModels) -> None:
    script = [
        Moved(1, "receive", 2, 0),
        Moved(2, "ship", -1, 10, order="O-1"),
        Moved(3, "receive", 2, 20),
        Moved(4, "ship", 1, 30, order="O-1", reverses=2),
        Moved(5, "ship", -1, 40),
    ]

    with models.tables(script) as tables:
        assert held(tables, 30) == {MAIN: {1: 2, 3: 2}}
        assert held(tables, 40) == {MAIN: {1: 1, 3: 2}}


def test_a_receipt_taken_back_takes_its_own_goods(models: LayerModels) -> None:
    script = [
        Moved(1, "receive", 2, 0),
        Moved(2, "receive", 5, 10),
        Moved(3, "receive", -5, 20, reverses=2),
        Moved(4, "opening", 9, 0),
        Moved(5, "opening", -9, 0, reverses=4),
    ]

    with models.tables(script) as tables:
        assert held(tables, 10) == {MAIN: {1: 2, 2: 5}}
        assert held(tables, 20) == {MAIN: {1: 2}}
        assert len(pieces(tables, "origin_movement_id")) == 2  # an opening re-booked at its instant never was


# --- any history -----------------------------------------------------------------------------------


@dataclass
class Unit:
    """One unit that left or lies somewhere; `origin` is none while it is owed."""

    origin: int | None


@dataclass
class PlainStock:
    """Single units in queues, one movement after the other."""

    there: dict[tuple[str, str], deque[Unit]] = field(default_factory=lambda: defaultdict(deque))
    owed: dict[tuple[str, str], deque[Unit]] = field(default_factory=lambda: defaultdict(deque))
    away: dict[tuple[str, str], deque[Unit]] = field(default_factory=lambda: defaultdict(deque))
    aside: dict[int, list[Unit]] = field(default_factory=dict)
    taken: dict[int, list[Unit]] = field(default_factory=dict)

    def happens(self, it: Moved, undone: set[int]) -> None:
        if it.quantity < 0:
            self._leaves(it, undone)
        else:
            self._comes(it, undone)

    def _leaves(self, it: Moved, undone: set[int]) -> None:
        if it.reverses is not None:
            self.aside.pop(it.reverses)
            return
        units = [self._taken_at(it.place) for _ in range(-it.quantity)]
        self.taken[it.movement_id] = units
        if it.movement_id not in undone and (way := _way(it)):
            self.away[way].extend(units)

    def _taken_at(self, place: tuple[str, str]) -> Unit:
        if self.there[place]:
            return self.there[place].popleft()
        debt = Unit(None)
        self.owed[place].append(debt)
        return debt

    def _comes(self, it: Moved, undone: set[int]) -> None:
        if it.reverses is not None:
            sources = deque(self.taken[it.reverses])
        else:
            sources = self.away[way] if (way := _way(it)) else deque()
        units = []
        for _ in range(it.quantity):
            source = sources.popleft() if sources else Unit(None)
            units.append(Unit(it.movement_id if source.origin is None else source.origin))
        if it.movement_id in undone:
            self.aside[it.movement_id] = units
            return
        for unit in units:
            if self.owed[it.place]:
                self.owed[it.place].popleft().origin = unit.origin
            else:
                self.there[it.place].append(unit)

    def held(self, script: Sequence[Moved]) -> Held:
        found: Held = defaultdict(Counter)
        for place, units in self.there.items():
            found[place].update(unit.origin or 0 for unit in units)
        for place, units in self.owed.items():
            found[place][0] -= len(units)
        for it in script:
            found[it.place].update(unit.origin or 0 for unit in self.aside.get(it.movement_id, []))
        kept = {place: Counter({key: count for key, count in units.items() if count}) for place, units in found.items()}
        return {place: units for place, units in kept.items() if units}


def _way(it: Moved) -> tuple[str, str] | None:
    if it.kind in ("transfer_out", "transfer_in"):
        return ("transfer", it.document or "")
    if it.kind in ("condition_out", "condition_in"):
        return ("condition", it.document or "")
    return ("order", it.order) if it.kind in ("ship", "return_in") and it.order else None


_PLACES = st.sampled_from([MAIN, YARD, INSPECTION])
_KINDS = st.sampled_from(
    ["receive", "receive", "ship", "ship", "transfer", "transfer", "regrade", "return_in", "adjust_gain", "undo"]
)
_WHOLE = ("receive", "ship", "return_in", "adjust_gain")
_STEPS = st.lists(
    st.tuples(_KINDS, _PLACES, _PLACES, st.integers(1, 4), st.sampled_from(["1", "2", None]), st.integers(0, 5)),
    min_size=1,
    max_size=25,
)


def _script(steps: Sequence[tuple[str, tuple[str, str], tuple[str, str], int, str | None, int]]) -> list[Moved]:
    """Movements a minute apart; the arrival of a move comes some minutes after its departure."""
    planned: list[tuple[int, int, Moved]] = []
    undone: set[int] = set()
    for number, (kind, place, target, units, name, delay) in enumerate(steps):
        at = number * 10
        if kind == "undo":
            # One leg of a move taken back alone is left out: until then its goods count as new at the other place.
            known = [
                it
                for _, _, it in planned
                if it.at < at and it.movement_id not in undone and it.reverses is None and it.kind in _WHOLE
            ]
            if known:
                it = known[units % len(known)]
                undone.add(it.movement_id)
                undo = Moved(
                    number * 2 + 1, it.kind, -it.quantity, at, it.place, it.document, it.order, reverses=it.movement_id
                )
                planned.append((at, 0, undo))
        elif kind in ("transfer", "regrade"):
            legs = ("transfer_out", "transfer_in") if kind == "transfer" else ("condition_out", "condition_in")
            planned.append((at, 0, Moved(number * 2 + 1, legs[0], -units, at, place, name)))
            later = at + delay * 17 + 1
            planned.append((later, 1, Moved(number * 2 + 2, legs[1], units, later, target, name)))
        else:
            signed = -units if kind == "ship" else units
            planned.append((at, 0, Moved(number * 2 + 1, kind, signed, at, place, order=name)))
    return [it for _, _, it in sorted(planned, key=lambda entry: (entry[0], entry[2].movement_id))]


def _instants(script: Sequence[Moved]) -> Iterator[tuple[int, list[Moved]]]:
    for at in sorted({it.at for it in script}):
        yield at, [it for it in script if it.at == at]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_layers_of_any_history_are_those_of_a_queue_of_units(
    models: LayerModels, steps: Sequence[tuple[str, tuple[str, str], tuple[str, str], int, str | None, int]]
) -> None:
    script = _script(steps)
    assume(script)
    undone = {it.reverses for it in script if it.reverses is not None}
    plain = PlainStock()

    with models.tables(script) as tables:
        units: Counter[tuple[str, str]] = Counter()
        for at, movements in _instants(script):
            for it in movements:
                plain.happens(it, undone)
                units[it.place] += it.quantity
            layers = held(tables, at)
            assert layers == plain.held(script)
            assert {place: sum(found.values()) for place, found in layers.items()} == {
                place: count for place, count in units.items() if count or place in layers
            }
