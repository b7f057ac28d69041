"""Show 5 at full size: loads and builds killed at ten random moments each; a plain rerun equals a clean run."""

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from oms_core.settings import Settings
from pipelines.marts import metrics, snapshots
from tests.pipelines.feeds.test_killed_loads import killed_after, run_load
from tests.real_feeds import digests, facts_of, prepared, whole_files

pytestmark = pytest.mark.accept
_KILLS = 10


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_load_killed_ten_times_and_run_again_equals_a_clean_one(database, shared_data, request, tmp_path):
    url = request.getfixturevalue("postgres_url") if database == "postgresql" else None
    settings = Settings.at(tmp_path / "killed", database_url=url)
    files = [
        file
        for file in whole_files(shared_data)
        if file.format_name in ("online_retail_2009_2010", "adventureworks_dw_stock")
    ]
    chance = random.Random(5)
    killed = 0
    with prepared(settings) as engine:
        for file in files:
            for _ in range(_KILLS):
                killed += killed_after(chance.uniform(1.0, 9.0), settings, file)
            assert run_load(settings, file).wait() in (0, 1)
        found = digests(engine)

    assert killed >= _KILLS
    assert found == facts_of(Settings.at(tmp_path / "clean"), files)


class Reader(threading.Thread):
    """Asks the current snapshot again and again; keeps what a reader must never see."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home, self.stop = home, threading.Event()
        self.seen: list[tuple[str, object]] = []
        self.failed: list[BaseException] = []

    def run(self) -> None:
        """Read until told to stop."""
        while not self.stop.wait(0.1):
            try:
                snapshot = snapshots.open_snapshot(self.home)
                rows = metrics.ask(snapshot, "net_sales", by=["account"]).rows
                self.seen.append((snapshot.id, tuple((row["account"], row["value"]) for row in rows)))
            except Exception as error:  # noqa: BLE001 - any failure of a read is a finding
                self.failed.append(error)


def test_a_build_killed_ten_times_and_run_again_equals_a_clean_one(real_home, shared_data, tmp_path):
    home, clean = tmp_path / "killed", tmp_path / "clean"
    shop = next(file for file in whole_files(shared_data) if file.format_name == "adventureworks_dw_reseller")
    clean.mkdir()
    shutil.copy(real_home / "core.db", clean / "core.db")
    started = time.monotonic()
    assert run_build(clean).wait() == 0
    seconds = time.monotonic() - started
    first = Settings.at(home)
    with prepared(first):
        assert run_load(first, shop).wait() == 0
    assert run_build(home).wait() == 0
    shutil.copy(real_home / "core.db", home / "core.db")  # a greater core: every build now has much to do
    reader = Reader(home)
    reader.start()
    chance = random.Random(6)
    killed = 0

    for _ in range(3 * _KILLS):
        process = run_build(home, "--full")
        time.sleep(chance.uniform(0.5, 0.9 * seconds))
        killed += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        if killed == _KILLS:
            break
    assert run_build(home).wait() == 0
    reader.stop.set()
    reader.join()

    assert killed == _KILLS
    assert not reader.failed
    assert len(reader.seen) > 20
    assert all(len({rows for name, rows in reader.seen if name == snapshot}) == 1 for snapshot, _ in reader.seen)
    assert marts_of(home) == marts_of(clean)


def run_build(home: Path, *options: str) -> subprocess.Popen[bytes]:
    """`oms build` in a process of its own."""
    environment = {**os.environ, "OMS_HOME": str(home)}
    environment.pop("OMS_DATABASE_URL", None)
    command = [sys.executable, "-m", "pipelines.cli.main", "build", *options]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def marts_of(home: Path) -> dict[str, object]:
    """Rows and hash of every published mart, read through the door from the file that the pointer names."""
    snapshot = snapshots.open_snapshot(home)
    names = snapshots.read(
        snapshot, "select schema_name || '.' || table_name as name from duckdb_tables() where schema_name = 'marts'"
    )["name"].to_pylist()
    statement = "select count(*) as n, coalesce(sum(hash(t)), 0) as h from {} as t"
    return {name: snapshots.fetch(snapshot, statement.format(name), {}) for name in names}
