"""Splits and merges: units, amount, discount and tax are conserved exactly, however often a line is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.order_splits import (
    Line,
    Mergeable,
    Money,
    Part,
    child_number,
    cut,
    require_mergeable,
    require_split,
    without,
    worth_of,
)

AMOUNTS = st.integers(0, 10**12)
MONEY = st.builds(Money, AMOUNTS, AMOUNTS, st.none() | AMOUNTS)
ONE = Mergeable("1001", "shop", "C-1", "a", "EUR", True, "confirmed", shipped=False, picking=False)


@given(money=MONEY, cuts=st.lists(st.integers(1, 20), min_size=1, max_size=8), rest=st.integers(0, 20))
def test_the_parts_of_a_line_cut_again_and_again_add_up_to_the_line(money, cuts, rest):
    line = Line(1, sum(cuts) + rest, money)
    parts = []

    for units in cuts:
        (part,) = cut([line], {1: units})
        parts.append(part.money)
        line = without(line, part)

    assert sum(part.amount for part in parts) + line.money.amount == money.amount
    assert sum(part.discount for part in parts) + line.money.discount == money.discount
    assert money.tax is None or sum(part.tax for part in parts) + line.money.tax == money.tax
    assert line.quantity == rest
    assert rest or (line.money.amount, line.money.discount, line.money.tax or 0) == (0, 0, 0)


@given(money=MONEY, sizes=st.lists(st.integers(1, 9), min_size=2, max_size=4), inner=st.data())
def test_a_part_that_is_split_again_still_adds_up(money, sizes, inner):
    line = Line(1, sum(sizes), money)
    (part,) = cut([line], {1: sizes[0]})
    child = Line(2, part.quantity, part.money)
    (grandchild,) = cut([child], {2: inner.draw(st.integers(1, child.quantity))})

    whole = without(line, part).money.plus(without(child, grandchild).money).plus(grandchild.money)

    assert whole == money


@given(
    lines=st.lists(st.tuples(st.integers(1, 30), MONEY), min_size=1, max_size=5),
    picked=st.data(),
)
def test_a_split_conserves_units_and_money_over_all_lines(lines, picked):
    before = [Line(at, quantity, money) for at, (quantity, money) in enumerate(lines)]
    units = {line.line_id: picked.draw(st.integers(0, line.quantity)) for line in before}
    units = {line_id: count for line_id, count in units.items() if count}
    if not units or sum(units.values()) == sum(line.quantity for line in before):
        return

    parts = require_split(before, units)

    for line in before:
        part = next((it for it in parts if it.line_id == line.line_id), Part(line.line_id, 0, Money(0, 0, None)))
        kept = without(line, part)
        assert kept.quantity + part.quantity == line.quantity
        assert kept.money.plus(part.money) == line.money


def test_ten_euros_of_three_units_are_cut_into_334_333_333():
    line = Line(1, 3, Money(1000, 100, 190))

    assert worth_of(line, 1) == Money(334, 34, 64)
    assert worth_of(line, 2) == Money(667, 67, 127)
    assert without(line, Part(1, 1, worth_of(line, 1))) == Line(1, 2, Money(666, 66, 126))


def test_tax_that_is_not_known_stays_unknown():
    assert worth_of(Line(1, 2, Money(1000, 0, None)), 1) == Money(500, 0, None)


def test_more_than_what_is_open_is_refused_with_what_is_open():
    line = Line(1, 8, Money(1000, 0, None), busy=3)

    with pytest.raises(RuleViolationError) as refusal:
        cut([line], {1: 6})

    assert (refusal.value.code, refusal.value.details) == ("LINE_NOT_OPEN", {"line": "1", "open": 5, "asked": 6})
    assert [part.quantity for part in cut([line], {1: 5})] == [5]


@pytest.mark.parametrize(
    ("units", "code"), [({}, "QUANTITY_INVALID"), ({1: 0}, "QUANTITY_INVALID"), ({2: 1}, "LINE_UNKNOWN")]
)
def test_units_that_make_no_sense_are_refused(units, code):
    with pytest.raises(InvalidRequestError) as refusal:
        cut([Line(1, 3, Money(300, 0, None))], units)

    assert refusal.value.code == code


def test_a_split_leaves_at_least_one_unit_behind():
    lines = [Line(1, 3, Money(300, 0, None)), Line(2, 0, Money(0, 0, None))]

    with pytest.raises(RuleViolationError) as refusal:
        require_split(lines, {1: 3})

    assert refusal.value.code == "SPLIT_TAKES_ALL"


def test_orders_of_one_buyer_address_and_currency_can_be_merged():
    require_mergeable(ONE, ONE._replace(number="1002"))


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (ONE._replace(account="market"), "another account"),
        (ONE._replace(buyer="C-2"), "another buyer"),
        (ONE._replace(address="b"), "another address"),
        (ONE._replace(currency="USD"), "another currency"),
        (ONE._replace(prices_include_tax=False), "another prices with or without tax"),
        (ONE._replace(lifecycle="pending"), "1001 is confirmed and 1002 pending"),
        (ONE._replace(shipped=True), "1002 has shipped goods"),
        (ONE._replace(picking=True), "1002 is being picked"),
    ],
)
def test_orders_that_differ_are_not_merged(other, problem):
    with pytest.raises(RuleViolationError) as refusal:
        require_mergeable(ONE, other._replace(number="1002"))

    assert (refusal.value.code, refusal.value.details["problems"]) == ("MERGE_REFUSED", [problem])


def test_orders_that_are_held_or_ended_are_not_merged():
    held = ONE._replace(lifecycle="on_hold")

    with pytest.raises(RuleViolationError) as refusal:
        require_mergeable(held, held._replace(number="1002"))

    assert refusal.value.details["problems"] == ["1001 is on_hold", "1002 is on_hold"]


def test_parts_of_an_order_are_numbered_from_two_on():
    assert child_number("1001", set()) == "1001-2"
    assert child_number("1001", {"1001-2", "1001-3"}) == "1001-4"
    with pytest.raises(RuleViolationError, match="SPLIT_TOO_OFTEN"):
        child_number("1001", {f"1001-{at}" for at in range(2, 22)})
