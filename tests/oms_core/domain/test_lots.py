"""Lots: first expired, first out; and what a SKU that asks for lots accepts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.lots import Lot, choose_lots, require_tracking


def test_the_lot_that_expires_first_leaves_first():
    lots = [Lot("late", 5, 300), Lot("soon", 2, 200), Lot("never", 9)]

    assert choose_lots(4, lots, 100).chosen == (("soon", 2), ("late", 2))


def test_lots_without_an_expiry_leave_last_and_equal_ones_by_name():
    lots = [Lot("never", 9), Lot("b", 1, 200), Lot("a", 1, 200)]

    assert choose_lots(3, lots, 100).chosen == (("a", 1), ("b", 1), ("never", 1))


def test_an_expired_lot_never_leaves():
    choice = choose_lots(3, [Lot("old", 5, 100), Lot("new", 2, 101)], 100)

    assert choice.chosen == (("new", 2),)
    assert choice.missing == 1


@given(
    st.integers(0, 30),
    st.lists(st.builds(Lot, st.text("abc", min_size=1), st.integers(0, 9), st.none() | st.integers(1, 9)), max_size=6),
)
def test_chosen_and_missing_units_are_what_was_wanted(wanted, lots):
    choice = choose_lots(wanted, lots, 5)

    assert sum(units for _, units in choice.chosen) + choice.missing == wanted
    assert all(units > 0 for _, units in choice.chosen)


def test_a_sku_without_lots_takes_none():
    require_tracking("MUG", "none", lot=None, units=5)

    with pytest.raises(InvalidRequestError) as refused:
        require_tracking("MUG", "none", lot="L1", units=5)

    assert refused.value.code == "LOT_NOT_ASKED"


@pytest.mark.parametrize("tracking", ["lot", "serial"])
def test_a_sku_with_lots_asks_for_one(tracking):
    with pytest.raises(InvalidRequestError) as refused:
        require_tracking("MILK", tracking, lot=None, units=1)

    assert refused.value.code == "LOT_MISSING"


def test_a_serial_number_is_one_unit():
    require_tracking("PHONE", "serial", lot="SN1", units=-1)

    with pytest.raises(RuleViolationError) as refused:
        require_tracking("PHONE", "serial", lot="SN1", units=2)

    assert refused.value.code == "SERIAL_ONE_UNIT"
