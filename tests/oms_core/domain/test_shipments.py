"""Shipments: their states, how promised units become shipments, and what a short pick leaves missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.shipments import (
    BEFORE_LEAVING,
    SHIPMENT_TRANSITIONS,
    LineToPick,
    PickedLine,
    PickedUnits,
    PromisedUnits,
    ShipmentEvent,
    ShipmentLine,
    ShipmentPlan,
    ShipmentState,
    plan_shipments,
    resolve_pick,
)

MUGS = LineToPick(11, 1, "MUG", 3)
MORE_MUGS = LineToPick(12, 2, "MUG", 2)
CUPS = LineToPick(13, 3, "CUP", 1)


def test_the_first_row_of_the_table_starts_from_nothing_and_no_step_is_listed_twice():
    assert SHIPMENT_TRANSITIONS[0] == ("none", "plan", "planned")
    steps = [(state, event) for state, event, _ in SHIPMENT_TRANSITIONS]
    assert len(set(steps)) == len(steps)


def test_every_state_can_be_reached_and_only_delivered_and_returned_are_final():
    assert {after for _, _, after in SHIPMENT_TRANSITIONS} == set(ShipmentState) - {ShipmentState.NONE}
    starts = {before for before, _, _ in SHIPMENT_TRANSITIONS}
    assert set(ShipmentState) - starts == {ShipmentState.DELIVERED, ShipmentState.RETURNED}


def test_a_shipment_that_left_can_never_be_cancelled():
    cancellable = {before for before, event, _ in SHIPMENT_TRANSITIONS if event is ShipmentEvent.CANCEL}
    assert cancellable == set(BEFORE_LEAVING)


def test_an_order_gets_one_shipment_a_location():
    planned = plan_shipments(
        [
            PromisedUnits(2, "CUP", "NORTH", 1),
            PromisedUnits(1, "MUG", "NORTH", 2),
            PromisedUnits(1, "MUG", "EAST", 4),
        ]
    )
    assert planned == [
        ShipmentPlan("EAST", (ShipmentLine(1, "MUG", 4),)),
        ShipmentPlan("NORTH", (ShipmentLine(1, "MUG", 2), ShipmentLine(2, "CUP", 1))),
    ]


def test_units_that_another_shipment_holds_are_not_planned_again():
    assert plan_shipments([PromisedUnits(1, "MUG", "EAST", 4, planned=3), PromisedUnits(2, "CUP", "EAST", 1, 1)]) == [
        ShipmentPlan("EAST", (ShipmentLine(1, "MUG", 1),))
    ]
    assert plan_shipments([PromisedUnits(1, "MUG", "EAST", 1, planned=3)]) == []


promised_units = st.builds(
    PromisedUnits,
    line_id=st.integers(1, 5),
    sku=st.sampled_from(["MUG", "CUP"]),
    location=st.sampled_from(["EAST", "NORTH", "WEST"]),
    allocated=st.integers(0, 9),
    planned=st.integers(0, 9),
)


@given(st.lists(promised_units, unique_by=lambda units: (units.line_id, units.location)))
def test_planned_units_are_exactly_the_allocated_ones_that_no_shipment_holds(promised):
    plans = plan_shipments(promised)
    got = {(line.line_id, plan.location): line.quantity for plan in plans for line in plan.lines}
    free = {(units.line_id, units.location): units.allocated - units.planned for units in promised}
    assert got == {key: units for key, units in free.items() if units > 0}
    assert len({plan.location for plan in plans}) == len(plans)


def test_a_picker_who_says_nothing_found_everything():
    assert resolve_pick([MUGS, CUPS], None, shipment="S-1") == [
        PickedLine(13, 3, "CUP", 1, 0),
        PickedLine(11, 1, "MUG", 3, 0),
    ]


def test_a_short_pick_leaves_the_rest_missing_and_the_last_line_goes_short():
    assert resolve_pick([MORE_MUGS, MUGS], [PickedUnits("MUG", 4)], shipment="S-1") == [
        PickedLine(11, 1, "MUG", 3, 0),
        PickedLine(12, 2, "MUG", 1, 1),
    ]


def test_nothing_found_is_a_pick_too():
    assert resolve_pick([CUPS], [PickedUnits("CUP", 0)], shipment="S-1") == [PickedLine(13, 3, "CUP", 0, 1)]


def test_skus_the_picker_does_not_name_stay_open():
    assert resolve_pick([MUGS, CUPS], [PickedUnits("CUP", 1)], shipment="S-1") == [PickedLine(13, 3, "CUP", 1, 0)]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ([PickedUnits("HAT", 1)], "PICK_NOT_PLANNED"),
        ([PickedUnits("CUP", 1), PickedUnits("CUP", 0)], "PICK_TWICE"),
        ([PickedUnits("CUP", 2)], "PICK_QUANTITY"),
        ([PickedUnits("CUP", -1)], "PICK_QUANTITY"),
    ],
)
def test_what_does_not_fit_the_shipment_is_refused(said, code):
    with pytest.raises(InvalidRequestError) as refused:
        resolve_pick([MUGS, CUPS], said, shipment="S-1")
    assert refused.value.code == code


@pytest.mark.parametrize("said", [None, [PickedUnits("MUG", 3)]])
def test_what_is_picked_is_not_picked_again(said):
    picked = LineToPick(11, 1, "MUG", 3, picked=3)
    with pytest.raises(RuleViolationError) as refused:
        resolve_pick([picked], said, shipment="S-1")
    assert refused.value.code == "PICK_DONE"


lines_to_pick = st.lists(
    st.builds(
        LineToPick,
        shipment_line_id=st.integers(1, 99),
        line_id=st.integers(1, 99),
        sku=st.sampled_from(["MUG", "CUP"]),
        quantity=st.integers(1, 9),
    ),
    min_size=1,
    unique_by=(lambda line: line.shipment_line_id, lambda line: line.line_id),
)


@given(lines_to_pick, st.data())
def test_picked_and_missing_make_the_planned_quantity_of_every_line(lines, data):
    planned = {sku: sum(line.quantity for line in lines if line.sku == sku) for sku in {line.sku for line in lines}}
    said = [PickedUnits(sku, data.draw(st.integers(0, units))) for sku, units in sorted(planned.items())]
    found = resolve_pick(lines, said, shipment="S-1")
    by_line = {line.shipment_line_id: line for line in found}
    assert {line.shipment_line_id: line.quantity for line in lines} == {
        key: line.picked + line.missing for key, line in by_line.items()
    }
    for units in said:
        assert sum(line.picked for line in found if line.sku == units.sku) == units.quantity
