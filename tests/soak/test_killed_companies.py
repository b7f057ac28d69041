"""Companies with new seeds, loaded and built while processes are killed, until the time is up (OMS_SOAK_MINUTES, 10).

After plain reruns each company must be what its truth says, and no invariant may be broken.
"""

import os
import random
import subprocess
import sys
import time
from datetime import date

import pytest

from oms_core.services.verify import facts_digest
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.demo import load_company
from pipelines.marts.metrics import ask
from pipelines.marts.snapshots import open_snapshot
from pipelines.sample_company.write import write_sample_company

REMARKABLE = 20  # kills in a row after which a command is let through


@pytest.mark.soak
def test_killed_companies_are_what_their_truth_says(tmp_path):
    until = time.monotonic() + 60 * float(os.environ.get("OMS_SOAK_MINUTES", "10"))
    first_seed = int(os.environ.get("OMS_SOAK_SEED", time.time_ns() % 1_000_000))
    rounds = 0

    while time.monotonic() < until:
        seed = first_seed + rounds
        print(f"soak: seed {seed}")  # noqa: T201 - a failure must be repeatable
        one_company(tmp_path / str(seed), seed)
        rounds += 1

    assert rounds


def one_company(folder, seed):
    chance = random.Random(seed)
    company = write_sample_company(folder / "files", size="small", seed=seed)
    whole, killed = Settings.at(folder / "whole"), Settings.at(folder / "killed")
    load_company(whole, company)

    run(killed, chance, "init", "--time-zone", "Europe/Berlin", "--currency", "EUR")
    for load in company.loads:
        paths = [str(path) for path in load.paths]
        chance.shuffle(paths)
        run(killed, chance, "feed", "load", load.format, *paths)
    run(killed, chance, "build")

    assert run(killed, None, "verify") == 0
    assert facts_of(killed) == facts_of(whole)
    snapshot = open_snapshot(killed.home)
    days = {
        "start": date.fromisoformat(company.truth["first_day"]),
        "end": date.fromisoformat(company.truth["last_day"]),
    }
    assert ask(snapshot, "orders", **days).rows[0]["value"] == company.truth["sales"]["total"]["orders"]
    assert ask(snapshot, "stock_units", **days).rows[0]["value"] == company.truth["stock"]["units"]


def run(settings, chance, *arguments):
    """Run `oms`, killing it at random moments and starting it again, until it is left to end: its exit code."""
    environment = {**os.environ, "OMS_HOME": str(settings.home), "OMS_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
    for _ in range(REMARKABLE):
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if chance is None or chance.random() < 0.5:
            break
        time.sleep(chance.uniform(0.2, 8.0))
        process.kill()
        process.wait()
    code = process.wait()
    assert code in (0, 1), arguments
    return code


def facts_of(settings):
    """Digest of all facts but the quarantine's: of two equal files either may be named."""
    engine = open_engine(settings)
    with reading(engine) as connection:
        facts = facts_digest(connection)
    engine.dispose()
    return {name: fact for name, fact in facts.items() if name != "quarantine"}
