"""Show 2 at full size: 64 processes, 300 rounds; no oversell, no deadlock, every loser with a clear answer."""

import pytest

from tests.cores import BOTH
from tests.oms_core.races.all_contests import RACES
from tests.oms_core.races.test_races import race

pytestmark = pytest.mark.accept
_PROCESSES, _ROUNDS = 64, 300
_NAMED = ("LastUnitReserved", "LastUnitAllocated", "ManyLines", "ThreeEnders", "LossAgainstReserve")


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("name", RACES)
def test_of_64_who_want_one_thing_one_gets_it(name, kind, request, tmp_path):
    rounds = _ROUNDS if name in _NAMED else _ROUNDS // 10

    summary = race(name, kind, request, tmp_path, processes=_PROCESSES, rounds=rounds)

    assert summary["wrong"] == []
    assert summary["rounds"] == rounds
