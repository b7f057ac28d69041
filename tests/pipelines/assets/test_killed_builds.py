"""A build may be killed at any moment: readers see whole snapshots throughout, a plain rerun equals a clean run."""

import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.marts import metrics, snapshots
from tests.pipelines.assets.killed_build import core_with
from tests.pipelines.marts.homes import build_home, value

FIRST, STEP = 200, 50
BUILDER = "tests.pipelines.assets.killed_build"
ONE_NUMBER = ("orders", "net_sales", "units_shipped")


class ReadingLoop(threading.Thread):
    """Reads the current snapshot again and again; collects what a reader must never see."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home = home
        self.stop = threading.Event()
        self.reads = 0
        self.wrong: list[object] = []

    def run(self) -> None:
        """Read until told to stop."""
        last = 0
        while not self.stop.wait(0.02):
            try:
                snapshot = snapshots.open_snapshot(self.home)
                seen = [int(metrics.ask(snapshot, name).rows[0]["value"]) for name in ONE_NUMBER]
            except Exception as error:  # noqa: BLE001 - any failure of a read is a finding
                self.wrong.append(error)
                continue
            self.reads += 1
            if len(set(seen)) > 1 or seen[0] < last:
                self.wrong.append(seen)
            last = seen[0]


def facts(home: Path) -> dict[str, Any]:
    """Hash and count of every published table and of the newest raw rows."""
    snapshot = snapshots.open_snapshot(home)
    tables = snapshots.read(
        snapshot, "select schema_name || '.' || table_name as name from duckdb_tables() where schema_name = 'marts'"
    )["name"].to_pylist()
    found: dict[str, Any] = {
        name: snapshots.fetch(snapshot, f"select count(*) as n, sum(hash(t)) as h from {name} as t", {})
        for name in tables
    }
    with duckdb.connect(str(home / "analytics.duckdb"), read_only=True) as connection:
        found["raw lines"] = connection.execute(
            "select count(*), sum(hash(t)) from (select * exclude (recorded_at) from raw_oms.order_line) as t"
        ).fetchall()
    return found


@pytest.mark.parametrize("kills", [3, pytest.param(10, marks=pytest.mark.accept)])
def test_killed_builds_leave_readers_and_the_rerun_whole(tmp_path: Path, kills: int) -> None:
    home, clean = tmp_path / "killed", tmp_path / "clean"
    started = time.monotonic()
    subprocess.run([sys.executable, "-m", BUILDER, str(home), str(FIRST)], check=True)
    whole = time.monotonic() - started
    reader = ReadingLoop(home)
    reader.start()
    moments = random.Random(20261124)

    for number in range(1, kills + 1):
        orders = str(FIRST + number * STEP)
        child = subprocess.Popen([sys.executable, "-m", BUILDER, str(home), orders])
        try:
            child.wait(timeout=moments.uniform(0.1, 1) * whole)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    last = FIRST + kills * STEP
    build_home(home, core_with(last))
    reader.stop.set()
    reader.join()
    build_home(clean, core_with(last))

    assert reader.wrong == []
    assert reader.reads > 20
    assert value(home, "orders") == last
    assert facts(home) == facts(clean)
