"""Commands killed at any moment: what was answered is there once and unchanged, what was not is done again or never."""

import json
import subprocess
import sys

import pytest

from tests.conftest import REPOSITORY
from tests.cores import BOTH
from tests.oms_core.model.prepared import worlds_on


def killed(kind, request, folder, *, kills, seed):
    """Run mixed commands through so many kills; the summary, printed."""
    with worlds_on(kind, request)() as settings:
        command = [sys.executable, "-m", "tests.oms_core.kills.supervisor", str(settings.home), settings.database_url]
        command += [str(folder / "answers.jsonl"), str(kills), str(seed)]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-4_000:]
        summary = json.loads(done.stdout.splitlines()[-1])
    print(f"\n{kind}: {summary}\n{done.stderr[-2_000:]}")  # noqa: T201 - how often what came belongs to the answer
    return summary


def require_nothing_lost(summary, kills):
    """Every answer is in the core once, nothing else is, and stock and money are what the answers say."""
    assert summary["wrong"] == []
    assert summary["kills"] == kills
    assert summary["lost_or_extra"] == []
    assert summary["core"] == summary["answered"]
    assert summary["accepted"] > kills


@pytest.mark.parametrize("kind", BOTH)
def test_after_kills_every_answered_command_is_there_once_and_every_invariant_holds(kind, request, tmp_path):
    summary = killed(kind, request, tmp_path, kills=20, seed=7)

    require_nothing_lost(summary, 20)
