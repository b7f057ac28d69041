"""Show 2 at full size: 64 processes, 300 rounds; no oversell, no deadlock, every loser with a clear answer."""

import pytest

from tests.cores import BOTH
from tests.oms_core.races.all_contests import RACES
from tests.oms_core.races.test_races import NAMED, race

pytestmark = pytest.mark.accept
_PROCESSES, _ROUNDS = 64, 300


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", RACES)
def test_of_64_who_want_one_thing_one_gets_it(name, kind, request):
    rounds = _ROUNDS if name in NAMED else _ROUNDS // 10

    summary = race(name, kind, request, processes=_PROCESSES, rounds=rounds)

    assert summary["wrong"] == []
    assert summary["rounds"] == rounds
