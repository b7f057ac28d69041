"""Pegs: which missing unit waits for which purchase-order line, and what is promised."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.backorders import (
    Missing,
    Peg,
    Supply,
    plan_pegs,
    promise_of,
    promised_of_lines,
    promised_of_order,
)
from oms_core.domain.instants import DAY


def waits(line: int, units: int, *, sku: str = "MUG", at: int = 0) -> Missing:
    return Missing(line, sku, units, (0, at or line, line))


def test_a_promise_is_the_expected_receipt_and_the_usual_lateness() -> None:
    assert promise_of(Supply(1, "MUG", 5, 10 * DAY, late_days=3)) == 13 * DAY


def test_missing_units_wait_for_the_earliest_supply_by_rank() -> None:
    supply = [Supply(2, "MUG", 3, 20 * DAY, 2), Supply(1, "MUG", 2, 10 * DAY)]

    pegs = plan_pegs([waits(11, 2, at=5), waits(12, 2, at=1)], supply)

    assert pegs == [Peg(12, 1, 2, 10 * DAY), Peg(11, 2, 2, 22 * DAY)]


def test_units_beyond_all_supply_stay_unpegged_and_their_line_has_no_promise() -> None:
    pegs = plan_pegs([waits(11, 3), waits(12, 2)], [Supply(1, "MUG", 4, 10 * DAY), Supply(2, "CUP", 9, DAY)])

    assert pegs == [Peg(11, 1, 3, 10 * DAY), Peg(12, 1, 1, 10 * DAY)]
    assert promised_of_lines(pegs, {11: 3, 12: 2}) == {11: 10 * DAY, 12: None}


def test_a_line_and_an_order_are_promised_with_their_last_unit() -> None:
    pegs = [Peg(11, 1, 1, 10 * DAY), Peg(11, 2, 1, 12 * DAY), Peg(12, 1, 1, 10 * DAY)]

    assert promised_of_lines(pegs, {11: 2, 12: 1}) == {11: 12 * DAY, 12: 10 * DAY}
    assert promised_of_order(pegs, {11: 2, 12: 1}) == 12 * DAY
    assert promised_of_order(pegs, {11: 2, 12: 2}) is None
    assert promised_of_order(pegs, {}) is None


def test_a_slip_may_change_who_waits_for_what() -> None:
    """Line 1 of the purchase order slips behind line 2: the better-ranked order now waits for line 2."""
    missing = [waits(11, 1, at=1), waits(12, 1, at=2)]

    before = plan_pegs(missing, [Supply(1, "MUG", 1, 10 * DAY), Supply(2, "MUG", 1, 11 * DAY)])
    after = plan_pegs(missing, [Supply(1, "MUG", 1, 15 * DAY), Supply(2, "MUG", 1, 11 * DAY)])

    assert [(peg.line_id, peg.po_line_id) for peg in before] == [(11, 1), (12, 2)]
    assert [(peg.line_id, peg.po_line_id) for peg in after] == [(11, 2), (12, 1)]


_SKUS = st.sampled_from(["MUG", "CUP"])
_MISSING = st.lists(
    st.builds(
        Missing, st.integers(1, 99), _SKUS, st.integers(1, 5), st.tuples(st.just(0), st.integers(0, 3), st.just(0))
    ),
    max_size=8,
    unique_by=lambda it: it.line_id,
)
_SUPPLY = st.lists(
    st.builds(Supply, st.integers(1, 99), _SKUS, st.integers(0, 6), st.integers(0, 9), st.integers(0, 3)),
    max_size=6,
    unique_by=lambda it: it.po_line_id,
)


@given(_MISSING, _SUPPLY, st.randoms(use_true_random=False))
def test_pegs_stay_within_supply_and_demand_and_use_all_there_is(missing, supply, shuffler) -> None:
    pegs = plan_pegs(missing, supply)

    by_line, by_supply = Counter[int](), Counter[int]()
    for peg in pegs:
        by_line[peg.line_id] += peg.quantity
        by_supply[peg.po_line_id] += peg.quantity
    assert all(by_line[it.line_id] <= it.quantity for it in missing)
    assert all(by_supply[it.po_line_id] <= it.quantity for it in supply)
    for name in ("MUG", "CUP"):
        wanted = sum(it.quantity for it in missing if it.sku == name)
        coming = sum(it.quantity for it in supply if it.sku == name)
        assert sum(by_line[it.line_id] for it in missing if it.sku == name) == min(wanted, coming)
    assert plan_pegs(shuffler.sample(missing, len(missing)), shuffler.sample(supply, len(supply))) == pegs
