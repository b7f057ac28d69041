"""What is kept, for how long, and what a reader may rely on. Snapshots here are tiny files with the real layout."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from pipelines.marts import publishing, snapshots
from pipelines.marts.compilation import Compiled
from pipelines.marts.errors import NoSnapshotError, SnapshotUnsoundError
from pipelines.marts.templates import Template


@pytest.fixture
def analytics(tmp_path: Path) -> Path:
    path = tmp_path / "analytics.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.dim_company as select 'UTC' as business_zone, cast(null as varchar) as base_currency,"
            " date '2026-01-01' as first_date, date '2026-01-31' as last_date"
        )
        connection.execute("create table marts.fct_order_lines as select range as order_line_id from range(10)")
    return path


def publish_at(home: Path, analytics: Path, moment: str, compiled: Compiled | None = None) -> str:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    empty = compiled or Compiled(metrics=(), templates=())
    return publishing.publish(home, analytics, high_mark=7, compiled=empty, now=now).snapshot_id


def test_a_published_snapshot_is_current_and_described(tmp_path: Path, analytics: Path) -> None:
    snapshot_id = publish_at(tmp_path, analytics, "2026-02-01")

    snapshot = snapshots.current_snapshot(tmp_path)

    assert snapshot is not None
    assert (snapshot.id, snapshot.high_mark, snapshot.business_zone) == (snapshot_id, 7, "UTC")
    assert str(snapshot.last_date) == "2026-01-31"


def test_the_newest_three_and_the_last_of_each_month_are_kept(tmp_path: Path, analytics: Path) -> None:
    moments = ["2026-01-03", "2026-01-30", "2026-02-01", "2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05"]
    ids = [publish_at(tmp_path, analytics, moment) for moment in moments]

    assert snapshots.snapshot_ids(tmp_path) == [ids[1], *ids[-3:]]


def test_a_pinned_snapshot_is_kept(tmp_path: Path, analytics: Path) -> None:
    first = publish_at(tmp_path, analytics, "2026-02-01")
    pins = snapshots.marts_dir(tmp_path) / "pins"
    pins.mkdir()
    (pins / first).touch()

    for day in range(2, 8):
        publish_at(tmp_path, analytics, f"2026-02-0{day}")

    assert first in snapshots.snapshot_ids(tmp_path)


def test_a_snapshot_is_not_removed_under_a_reader(tmp_path: Path, analytics: Path) -> None:
    first = publish_at(tmp_path, analytics, "2026-02-01")
    snapshot = snapshots.open_snapshot(tmp_path, first)
    snapshots.read(snapshot, "select 1")

    for day in range(2, 8):
        publish_at(tmp_path, analytics, f"2026-02-0{day}")
    while_read = snapshots.snapshot_ids(tmp_path)
    snapshots.release_all()
    publishing.remove_expired(tmp_path)

    assert first in while_read
    assert first not in snapshots.snapshot_ids(tmp_path)
    with pytest.raises(NoSnapshotError):
        snapshots.open_snapshot(tmp_path, first)


def test_a_template_that_cannot_be_asked_stops_publishing(tmp_path: Path, analytics: Path) -> None:
    good = publish_at(tmp_path, analytics, "2026-02-01")
    broken = Template("broken", "sum", False, (), "select sum(nothing) as value from marts.fct_order_lines", "v", ())

    with pytest.raises(SnapshotUnsoundError):
        publish_at(tmp_path, analytics, "2026-02-02", Compiled(metrics=(), templates=(broken,)))

    assert snapshots.current_id(tmp_path) == good
    assert snapshots.snapshot_ids(tmp_path) == [good]


def test_files_of_a_killed_build_are_cleared_by_the_next(tmp_path: Path, analytics: Path) -> None:
    folder = snapshots.marts_dir(tmp_path)
    folder.mkdir()
    (folder / "20260101T000000000000Z.partial").write_bytes(b"half")
    (folder / "CURRENT.new").write_text("half")

    publish_at(tmp_path, analytics, "2026-02-01")

    assert not list(folder.glob("*.partial"))
    assert not (folder / "CURRENT.new").exists()


def test_two_snapshots_of_one_instant_have_two_ids(tmp_path: Path, analytics: Path) -> None:
    first = publish_at(tmp_path, analytics, "2026-02-01")
    second = publish_at(tmp_path, analytics, "2026-02-01")

    assert first < second
    assert snapshots.current_id(tmp_path) == second


def test_a_snapshot_id_never_leaves_the_folder(tmp_path: Path, analytics: Path) -> None:
    publish_at(tmp_path, analytics, "2026-02-01")

    with pytest.raises(NoSnapshotError):
        snapshots.open_snapshot(tmp_path, "../../analytics")


def test_readers_of_many_snapshots_do_not_disturb_each_other(tmp_path: Path, analytics: Path) -> None:
    ids = [publish_at(tmp_path, analytics, f"2026-0{month}-01") for month in range(1, 6)]
    opened = [snapshots.open_snapshot(tmp_path, snapshot_id) for snapshot_id in ids]

    def count(number: int) -> int:
        table = snapshots.read(opened[number % len(opened)], "select count(*) as n from marts.fct_order_lines")
        return int(table["n"][0].as_py())

    with ThreadPoolExecutor(max_workers=6) as readers:
        counts = list(readers.map(count, range(120)))

    assert counts == [10] * 120
