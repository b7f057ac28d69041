"""A load that is killed loses nothing and doubles nothing: a plain rerun ends where a clean run ends."""

import os
import random
import signal
import subprocess
import sys
import time

from oms_core.settings import Settings
from tests.real_feeds import digests, facts_of, prepared, small_files

_KILLS = 2


def test_a_load_killed_at_random_moments_and_run_again_equals_a_clean_one(shared_data, any_database, tmp_path):
    files = [
        file
        for file in small_files(shared_data, tmp_path / "files", lines=15_000)
        if "products" not in file.format_name
    ]
    started = time.monotonic()
    clean = facts_of(Settings.at(tmp_path / "clean"), files)
    seconds = (time.monotonic() - started) / len(files)
    chance = random.Random(11)

    with prepared(any_database) as engine:
        killed = 0
        for file in files:
            for _ in range(_KILLS):
                killed += killed_after(chance.uniform(0.4, 0.6 + seconds), any_database, file)
            assert run_load(any_database, file).wait() in (0, 1)
        found = digests(engine)

    assert killed
    assert found == clean


def run_load(settings, file):
    """A load in a process of its own."""
    environment = {**os.environ, "OMS_HOME": str(settings.home), "OMS_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "pipelines.cli.main", "feed", "load", file.format_name, str(file.path), "--json"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_after(seconds, settings, file):
    """Whether a load was still running after so many seconds, when it was killed."""
    process = run_load(settings, file)
    time.sleep(seconds)
    was_running = process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    return was_running
