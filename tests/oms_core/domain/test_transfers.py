"""What is on its way, and how a receipt takes it."""

import pytest

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.transfers import Arrived, is_complete, take_from_transit


def test_arrived_units_are_taken_from_what_is_on_its_way():
    on_way = {("MUG", None): 5, ("CUP", None): 2}

    taken = take_from_transit(on_way, [Arrived("MUG", 3), Arrived("CUP", 2)])

    assert taken == [(("MUG", None), 3), (("CUP", None), 2)]
    assert not is_complete(on_way, taken)
    assert is_complete({("MUG", None): 3}, taken[:1])


def test_without_a_lot_any_lot_on_its_way_is_taken_by_name():
    on_way = {("MILK", "L2"): 2, ("MILK", "L1"): 2}

    assert take_from_transit(on_way, [Arrived("MILK", 3)]) == [(("MILK", "L1"), 2), (("MILK", "L2"), 1)]
    assert take_from_transit(on_way, [Arrived("MILK", 1, "L2")]) == [(("MILK", "L2"), 1)]


def test_more_than_left_cannot_arrive():
    with pytest.raises(RuleViolationError) as refused:
        take_from_transit({("MUG", None): 5}, [Arrived("MUG", 3), Arrived("MUG", 3)])

    assert refused.value.code == "NOT_ON_ITS_WAY"
