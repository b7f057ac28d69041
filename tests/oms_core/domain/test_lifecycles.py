"""How a reported state is reached: only by chains of legal transitions."""

import itertools

import pytest

from oms_core.domain.lifecycles import first_steps, is_further, steps_between
from oms_core.domain.orders import IMPLIED_STEPS, TRANSITIONS, Lifecycle, OrderEvent

SEEN = [state for state in Lifecycle if state is not Lifecycle.NONE]


def assert_legal_chain(steps, start, target):
    at = start
    for event, before, after in steps:
        assert (before, event, after) in TRANSITIONS
        assert before is at
        at = after
    assert at is target


@pytest.mark.parametrize("state", SEEN)
def test_a_first_report_is_reached_by_legal_steps(state):
    steps = first_steps(state)

    assert_legal_chain(steps, Lifecycle.NONE, state)
    assert tuple(event for event, _, _ in steps) == IMPLIED_STEPS[state]


@pytest.mark.parametrize(("start", "target"), list(itertools.product(Lifecycle, Lifecycle)))
def test_a_way_between_states_is_legal_or_there_is_none(start, target):
    steps = steps_between(start, target)

    if steps is not None:
        assert_legal_chain(steps, start, target)
        assert len({before for _, before, _ in steps}) == len(steps)  # no state twice


@pytest.mark.parametrize(
    ("start", "target", "events"),
    [
        ("pending", "closed", ["confirm", "close"]),
        ("on_hold", "closed", ["release", "close"]),
        ("closed", "cancelled", ["reopen", "cancel"]),
        ("confirmed", "confirmed", []),
    ],
)
def test_known_ways(start, target, events):
    steps = steps_between(Lifecycle(start), Lifecycle(target))

    assert [event for event, _, _ in steps or []] == [OrderEvent(event) for event in events]


@pytest.mark.parametrize("target", [state for state in SEEN if state is not Lifecycle.CANCELLED])
def test_nothing_leads_out_of_cancelled(target):
    assert steps_between(Lifecycle.CANCELLED, target) is None


def test_of_two_reports_without_a_version_exactly_one_is_further():
    for first, second in itertools.combinations(Lifecycle, 2):
        assert is_further(first, second) != is_further(second, first)
    assert not any(is_further(state, state) for state in Lifecycle)


def test_cancelled_is_the_furthest_state():
    assert all(is_further(Lifecycle.CANCELLED, state) for state in Lifecycle if state is not Lifecycle.CANCELLED)
