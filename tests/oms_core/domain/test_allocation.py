"""The planner: by hand where a number matters, by laws where every number must hold."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.allocation import OrderPlan, OrderWant, Promise, Want, plan_orders
from oms_core.domain.allocation_scores import Site, Strategy
from oms_core.domain.distance import Point

DEFAULT = Strategy("default")
WHOLE = Strategy("one_parcel", may_split=False)
SITES = {name: Site(name) for name in ("EAST", "WEST", "YARD")}


def an_order(number: int, *wants: Want, priority: int = 0, at: int = 0, strategy: Strategy = DEFAULT) -> OrderWant:
    return OrderWant(number, priority, at or number, wants, Point(), strategy)


def plan_one(order: OrderWant, free: dict[tuple[str, str], int]) -> OrderPlan:
    return plan_orders([order], free, SITES)[order.order_id]


def test_one_location_that_has_everything_serves_the_order() -> None:
    order = an_order(1, Want(11, "MUG", 2), Want(12, "CUP", 1))

    plan = plan_one(order, {("MUG", "EAST"): 9, ("MUG", "WEST"): 2, ("CUP", "WEST"): 1})

    assert plan.promises == [Promise(12, "CUP", "WEST", 1), Promise(11, "MUG", "WEST", 2)]
    assert plan.missing == {}
    assert [[(it.location, it.coverage, it.whole) for it in found] for found in plan.rounds] == [
        [("EAST", 666, 0), ("WEST", 1000, 1)]
    ]


def test_an_order_is_split_where_no_location_has_everything() -> None:
    order = an_order(1, Want(11, "MUG", 3), Want(12, "CUP", 1))

    plan = plan_one(order, {("MUG", "EAST"): 2, ("MUG", "WEST"): 5, ("CUP", "EAST"): 1})

    # EAST covers 3 of 4 units (2 mugs, 1 cup), WEST 3 of 4 (3 mugs): equal scores, the name decides.
    assert plan.promises == [
        Promise(12, "CUP", "EAST", 1),
        Promise(11, "MUG", "EAST", 2),
        Promise(11, "MUG", "WEST", 1),
    ]
    assert plan.missing == {}


def test_an_order_that_is_not_split_waits_until_one_location_has_everything() -> None:
    order = an_order(1, Want(11, "MUG", 3), strategy=WHOLE)

    assert plan_one(order, {("MUG", "EAST"): 2, ("MUG", "WEST"): 2}).missing == {11: 3}
    assert plan_one(order, {("MUG", "EAST"): 2, ("MUG", "WEST"): 3}).promises == [Promise(11, "MUG", "WEST", 3)]


def test_an_order_that_is_not_split_gets_the_rest_from_where_it_was_promised_before() -> None:
    order = replace(an_order(1, Want(11, "MUG", 1), strategy=WHOLE), held=frozenset({"WEST"}))

    assert plan_one(order, {("MUG", "EAST"): 5}).missing == {11: 1}
    assert plan_one(order, {("MUG", "EAST"): 5, ("MUG", "WEST"): 1}).promises == [Promise(11, "MUG", "WEST", 1)]


def test_no_more_locations_than_the_strategy_allows_those_used_before_included() -> None:
    two = Strategy("two", most_locations=2)
    free = {("MUG", "EAST"): 1, ("MUG", "WEST"): 1, ("MUG", "YARD"): 1}

    assert plan_one(an_order(1, Want(11, "MUG", 3), strategy=two), free).missing == {11: 1}
    held = replace(an_order(1, Want(11, "MUG", 3), strategy=two), held=frozenset({"YARD"}))
    assert {it.location for it in plan_one(held, free).promises} == {"YARD", "EAST"}
    full = replace(held, held=frozenset({"YARD", "WEST"}))
    assert {it.location for it in plan_one(full, free).promises} == {"YARD", "WEST"}


def test_avoided_locations_and_those_of_no_site_are_not_asked() -> None:
    order = replace(an_order(1, Want(11, "MUG", 2)), avoid=frozenset({"EAST"}))

    plan = plan_one(order, {("MUG", "EAST"): 9, ("MUG", "WEST"): 1, ("MUG", "TRUCK"): 9})

    assert plan.promises == [Promise(11, "MUG", "WEST", 1)]
    assert plan.missing == {11: 1}


def test_only_the_locations_of_the_strategy_serve() -> None:
    order = an_order(1, Want(11, "MUG", 1), strategy=Strategy("yard", locations=("YARD",)))

    assert plan_one(order, {("MUG", "EAST"): 9}).missing == {11: 1}
    assert plan_one(order, {("MUG", "EAST"): 9, ("MUG", "YARD"): 1}).promises == [Promise(11, "MUG", "YARD", 1)]


def test_two_lines_of_one_article_share_what_there_is() -> None:
    plan = plan_one(an_order(1, Want(12, "MUG", 2), Want(11, "MUG", 2)), {("MUG", "EAST"): 3})

    assert plan.promises == [Promise(11, "MUG", "EAST", 2), Promise(12, "MUG", "EAST", 1)]
    assert plan.missing == {12: 1}


def test_a_kit_comes_whole_from_one_location_or_not_at_all() -> None:
    kit = (Want(11, "MUG", 4, kit=10, per_kit=2), Want(12, "CUP", 2, kit=10))

    split = plan_one(an_order(1, *kit), {("MUG", "EAST"): 4, ("CUP", "WEST"): 2})
    one = plan_one(an_order(1, *kit), {("MUG", "EAST"): 3, ("CUP", "EAST"): 2})

    assert split.promises == []
    assert split.missing == {11: 4, 12: 2}
    assert one.promises == [Promise(11, "MUG", "EAST", 2), Promise(12, "CUP", "EAST", 1)]
    assert one.missing == {11: 2, 12: 1}


def test_a_component_completes_a_kit_whose_other_parts_are_promised_already() -> None:
    """Two kits wait for cups, one of them for a mug as well: the other mug is promised."""
    order = an_order(1, Want(11, "MUG", 1, kit=10), Want(12, "CUP", 2, kit=10))

    plan = plan_one(order, {("CUP", "EAST"): 1})
    whole = plan_one(order, {("CUP", "EAST"): 2, ("MUG", "EAST"): 1})

    assert plan.promises == [Promise(12, "CUP", "EAST", 1)]
    assert plan.missing == {11: 1, 12: 1}
    assert whole.missing == {}


def test_the_greater_priority_is_served_first_then_the_earlier_order() -> None:
    early, late = an_order(1, Want(11, "MUG", 1), at=10), an_order(2, Want(21, "MUG", 1), at=20)
    urgent = an_order(3, Want(31, "MUG", 1), at=30, priority=1)

    plans = plan_orders([late, early, urgent], {("MUG", "EAST"): 2}, SITES)

    assert {number: bool(plan.promises) for number, plan in plans.items()} == {3: True, 1: True, 2: False}


def test_an_order_that_cannot_use_a_unit_leaves_it_to_the_next() -> None:
    """The first is not split and lacks a cup: its claim on the mug is none."""
    first = an_order(1, Want(11, "MUG", 1), Want(12, "CUP", 1), strategy=WHOLE)
    second = an_order(2, Want(21, "MUG", 1))

    plans = plan_orders([first, second], {("MUG", "EAST"): 1}, SITES)

    assert plans[1].promises == []
    assert plans[2].promises == [Promise(21, "MUG", "EAST", 1)]


_SKUS = ("MUG", "CUP", "POT")


@st.composite
def _an_order(draw: st.DrawFn, number: int) -> OrderWant:
    wants = [
        Want(number * 100 + at, draw(st.sampled_from(_SKUS)), draw(st.integers(1, 4)))
        for at in range(draw(st.integers(1, 3)))
    ]
    if draw(st.booleans()):
        kits = draw(st.integers(1, 2))
        for at in range(2):
            per_kit = draw(st.integers(1, 2))
            wants.append(
                Want(number * 100 + 50 + at, draw(st.sampled_from(_SKUS)), kits * per_kit, number * 100 + 99, per_kit)
            )
    strategy = Strategy(
        "any",
        may_split=draw(st.booleans()),
        most_locations=draw(st.integers(1, 3)),
        locations=tuple(draw(st.lists(st.sampled_from(sorted(SITES)), max_size=2, unique=True))),
    )
    held = frozenset(draw(st.lists(st.sampled_from(sorted(SITES)), max_size=2)))
    return OrderWant(number, draw(st.integers(0, 1)), draw(st.integers(0, 2)), wants, Point(), strategy, held)


@st.composite
def _a_world(draw: st.DrawFn) -> tuple[list[OrderWant], dict[tuple[str, str], int]]:
    orders = [draw(_an_order(number)) for number in range(1, draw(st.integers(1, 5)) + 1)]
    keys = st.tuples(st.sampled_from(_SKUS), st.sampled_from([*sorted(SITES), "TRUCK"]))
    return orders, draw(st.dictionaries(keys, st.integers(-2, 6), max_size=12))


@given(_a_world())
def test_nothing_is_promised_twice_and_nothing_is_dropped(world) -> None:
    orders, free = world

    plans = plan_orders(orders, free, SITES)

    used: Counter[tuple[str, str]] = Counter()
    for order in orders:
        plan = plans[order.order_id]
        got = Counter[int]()
        for it in plan.promises:
            assert it.quantity > 0
            assert it.location in (order.strategy.locations or SITES)
            used[it.sku, it.location] += it.quantity
            got[it.line_id] += it.quantity
        assert {want.line_id: want.quantity for want in order.wants} == got + Counter(plan.missing)
        assert all(it.sku == {w.line_id: w.sku for w in order.wants}[it.line_id] for it in plan.promises)
    assert all(units <= free[key] and key[1] in SITES for key, units in used.items())


@given(_a_world())
def test_kits_are_whole_at_every_location(world) -> None:
    orders, free = world

    plans = plan_orders(orders, free, SITES)

    for order in orders:
        parts = [want for want in order.wants if want.kit is not None]
        for place in SITES:
            units = Counter[int]()
            for it in plans[order.order_id].promises:
                if it.location == place:
                    units[it.line_id] += it.quantity
            assert len({units[want.line_id] / want.per_kit for want in parts}) <= 1


@given(_a_world())
def test_locations_are_no_more_than_allowed_and_unsplit_orders_come_whole(world) -> None:
    orders, free = world

    plans = plan_orders(orders, free, SITES)

    for order in orders:
        plan = plans[order.order_id]
        places = {it.location for it in plan.promises}
        most = order.strategy.most_locations if order.strategy.may_split else 1
        assert len(places | order.held) <= max(most, len(order.held))
        if not order.strategy.may_split and places:
            assert len(places) == 1
            assert plan.missing == {}


@given(_a_world(), st.randoms(use_true_random=False))
def test_the_order_of_the_question_changes_nothing(world, shuffler) -> None:
    orders, free = world
    mixed, stock = list(orders), list(free.items())
    shuffler.shuffle(mixed)
    shuffler.shuffle(stock)
    mixed = [replace(it, wants=shuffler.sample(list(it.wants), len(it.wants))) for it in mixed]

    assert plan_orders(mixed, dict(stock), dict(reversed(SITES.items()))) == plan_orders(orders, free, SITES)


@given(_a_world(), st.integers(1, 5))
def test_later_orders_take_nothing_from_better_ones(world, count) -> None:
    orders, free = world
    ranked = sorted(orders, key=lambda it: it.rank)

    alone = plan_orders(ranked[:count], free, SITES)
    together = plan_orders(ranked, free, SITES)

    assert {it.order_id: together[it.order_id] for it in ranked[:count]} == alone


@given(_a_world())
def test_what_is_left_could_not_serve_who_waits(world) -> None:
    """Planning again what is missing from what is left promises nothing more."""
    orders, free = world
    plans = plan_orders(orders, free, SITES)
    left = dict(free)
    for plan in plans.values():
        for it in plan.promises:
            left[it.sku, it.location] -= it.quantity
    again = [
        replace(
            order,
            wants=[
                want._replace(quantity=missing)
                for want in order.wants
                if (missing := plans[order.order_id].missing.get(want.line_id))
            ],
            held=order.held | {it.location for it in plans[order.order_id].promises},
        )
        for order in orders
    ]

    assert not any(plan.promises for plan in plan_orders(again, left, SITES).values())


@pytest.mark.parametrize("quantity", [0, -3])
def test_stock_below_zero_promises_nothing(quantity) -> None:
    plan = plan_one(an_order(1, Want(11, "MUG", 2)), {("MUG", "EAST"): quantity, ("MUG", "WEST"): 1})

    assert plan.promises == [Promise(11, "MUG", "WEST", 1)]
    assert plan.missing == {11: 1}
