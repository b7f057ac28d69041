"""Show 3 at full size: 200 `kill -9` during mixed commands; every answered command is there once."""

import pytest

from tests.cores import BOTH
from tests.oms_core.kills.test_killed_commands import killed, require_nothing_lost

pytestmark = pytest.mark.accept
_KILLS = 200


@pytest.mark.parametrize("kind", BOTH)
def test_after_200_kills_every_answered_command_is_there_once(kind, request, tmp_path):
    summary = killed(kind, request, tmp_path, kills=_KILLS, seed=11)

    require_nothing_lost(summary, _KILLS)
