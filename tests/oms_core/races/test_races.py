"""Many processes want one thing at one moment: one gets it, the others are told why not. In accept at full size."""

import pytest

from tests.cores import BOTH
from tests.oms_core.model.prepared import copies
from tests.oms_core.races.all_contests import RACES
from tests.oms_core.races.crew import run_crew


def race(name, kind, request, folder, *, processes, rounds):
    """Run a race in a world of its own; its summary, printed."""
    with copies(kind, request, folder) as worlds, worlds() as settings:
        summary = run_crew(name, settings, processes=processes, rounds=rounds)
    print(f"\n{kind} x {processes}: {summary}")  # noqa: T201 - how often what came belongs to the answer
    return summary


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", RACES)
def test_of_many_who_want_one_thing_one_gets_it(name, kind, request, tmp_path):
    rounds = 10 if name in ("LastUnitReserved", "ManyLines", "ThreeEnders", "LossAgainstReserve") else 4

    summary = race(name, kind, request, tmp_path, processes=8, rounds=rounds)

    assert summary["wrong"] == []
    assert summary["rounds"] == rounds
