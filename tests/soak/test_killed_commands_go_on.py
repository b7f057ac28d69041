"""Mixed commands with new seeds, killed on and on until the time is up (OMS_SOAK_MINUTES, 10), on both databases."""

import os
import time

import pytest

from tests.cores import BOTH
from tests.oms_core.kills.test_killed_commands import killed, require_nothing_lost

_KILLS = 30


@pytest.mark.soak
@pytest.mark.parametrize("kind", BOTH)
def test_commands_survive_kills_with_any_seed(kind, request, tmp_path):
    until = time.monotonic() + 60 * float(os.environ.get("OMS_SOAK_MINUTES", "10")) / len(BOTH)
    seed = int(os.environ.get("OMS_SOAK_SEED", time.time_ns() % 1_000_000))
    rounds = 0

    while time.monotonic() < until:
        print(f"soak: {kind}, seed {seed + rounds}")  # noqa: T201 - a failure must be repeatable
        folder = tmp_path / str(rounds)
        folder.mkdir()
        require_nothing_lost(killed(kind, request, folder, kills=_KILLS, seed=seed + rounds), _KILLS)
        rounds += 1

    assert rounds
