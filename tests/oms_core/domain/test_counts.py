"""Counts: tolerance, approval, residuals, the count list and record accuracy."""

import random

from oms_core.domain.counts import (
    Difference,
    Record,
    Tolerance,
    count_list,
    needs_second_person,
    record_accuracy,
    residual,
)

EXACT = Tolerance(units=0, per_mille=0)


def test_a_count_within_the_units_or_within_the_share_is_tolerated():
    tolerance = Tolerance(units=2, per_mille=20)

    assert tolerance.allows(expected=10, counted=8)
    assert not tolerance.allows(expected=10, counted=7)
    assert tolerance.allows(expected=200, counted=204)
    assert not tolerance.allows(expected=200, counted=205)


def test_a_count_beyond_the_tolerance_waits_for_a_second_person():
    tolerance = Tolerance(units=2, per_mille=0)

    assert not needs_second_person([Difference(10, 9)], tolerance, value_limit_micro=None)
    assert needs_second_person([Difference(10, 9), Difference(10, 13)], tolerance, value_limit_micro=None)


def test_gains_and_losses_do_not_make_up_for_each_other():
    lost, found = Difference(10, 9, 60), Difference(10, 11, 60)

    assert not needs_second_person([lost], Tolerance(), value_limit_micro=100)
    assert needs_second_person([lost, found], Tolerance(), value_limit_micro=100)


def test_an_exact_limit_is_not_above_it():
    assert not needs_second_person([Difference(10, 9, 100)], Tolerance(), value_limit_micro=100)


def test_a_fact_that_came_late_leaves_a_residual():
    assert residual(counted=8, ledger_now=8) == 0
    assert residual(counted=8, ledger_now=6) == -2


def test_missed_units_and_stock_below_zero_are_suspected_most():
    assert Record("MUG", "MAIN", 5, 100, missed_units=1).suspicion_per_mille == 1000
    assert Record("MUG", "MAIN", -1, 100).suspicion_per_mille == 1000
    assert Record("MUG", "MAIN", 5, 100).suspicion_per_mille == 20


def test_silence_counts_by_the_sales_that_should_have_been():
    # 2 a day, 2 days silent: 4 expected sales, 4 / (1 + 4) = 0.8
    assert Record("MUG", "MAIN", 5, 100, sold_per_day_milli=2000, silent_days=2).suspicion_per_mille == 800
    assert Record("MUG", "MAIN", 0, 100, sold_per_day_milli=2000, silent_days=2).suspicion_per_mille == 20


def test_the_list_ranks_by_value_at_risk():
    cheap = Record("CHEAP", "MAIN", 10, 1, missed_units=1)
    dear = Record("DEAR", "MAIN", 10, 1000)  # 10 × 1000 × 0.02 = 200
    dear_missed = Record("DEAR", "YARD", 10, 1000, missed_units=1)

    assert count_list([cheap, dear, dear_missed]) == [dear_missed, dear, cheap]


def test_planted_phantom_stock_is_in_the_top_tenth():
    """Of 100 records five stopped selling, because the goods are not there; the others sold today."""
    chance = random.Random(7)
    records = [
        Record(
            f"S{number:03}",
            "MAIN",
            on_hand=chance.randint(5, 40),
            unit_cost_micro=chance.randint(1, 20) * 1_000_000,
            sold_per_day_milli=chance.randint(200, 3000),
            movements_since_count=chance.randint(5, 60),
        )
        for number in range(95)
    ]
    phantoms = [Record(f"P{number}", "MAIN", 25, 12_000_000, 0, 1500, 21, 10) for number in range(5)]

    first = count_list([*records, *phantoms])[:10]

    assert {it.sku for it in phantoms} <= {it.sku for it in first}


def test_record_accuracy_counts_records_within_the_tolerance():
    assert record_accuracy([(10, 10), (10, 9), (5, 5)], EXACT) == (2, 3)
    assert record_accuracy([(10, 10), (10, 9), (5, 5)], Tolerance(units=1, per_mille=0)) == (3, 3)
    assert record_accuracy([], EXACT) == (0, 0)
