"""Show 2 at full size: 64 processes, 300 rounds on the last unit; no oversell, no deadlock, every loser is told."""

import pytest

from tests.cores import BOTH
from tests.oms_core.races.all_contests import RACES
from tests.oms_core.races.test_races import NAMED, race

pytestmark = pytest.mark.accept
_PROCESSES = 64


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", RACES)
def test_of_64_who_want_one_thing_one_gets_it(name, kind, request):
    rounds = 300 if name in NAMED else 15

    summary = race(name, kind, request, processes=_PROCESSES, rounds=rounds)

    assert summary["wrong"] == []
    assert summary["rounds"] == rounds
