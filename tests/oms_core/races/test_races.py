"""Many processes want one thing at one moment: one gets it, the others are told why not. In accept at full size."""

import pytest

from tests.oms_core.model.prepared import worlds_on
from tests.oms_core.races.all_contests import RACES
from tests.oms_core.races.crew import run_crew

NAMED = ("LastUnitReserved", "LastUnitAllocated", "ManyLines", "ThreeEnders", "LossAgainstReserve")


def race(name, kind, request, *, processes, rounds):
    """Run a race in a world of its own; its summary, printed."""
    with worlds_on(kind, request)() as settings:
        summary = run_crew(name, settings, processes=processes, rounds=rounds)
    print(f"\n{kind} x {processes}: {summary}")  # noqa: T201 - how often what came belongs to the answer
    return summary


def at_once(name):
    """The named races run on both databases, the others where transactions really overlap."""
    postgres = ("postgresql", [pytest.mark.postgres])
    return [("sqlite", []), postgres] if name in NAMED else [postgres]


CASES = [pytest.param(name, kind, marks=marks) for name in RACES for kind, marks in at_once(name)]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_of_many_who_want_one_thing_one_gets_it(name, kind, request):
    rounds = 30 if name in NAMED else 2  # a tenth of the full size

    summary = race(name, kind, request, processes=6, rounds=rounds)

    assert summary["wrong"] == []
    assert summary["rounds"] == rounds
