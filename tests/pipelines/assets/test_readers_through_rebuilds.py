"""Readers in processes of their own go on through rebuilds: no error, no mix of snapshots, no half publish."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pipelines.assets.killed_build import core_with
from tests.pipelines.marts.homes import build_home

READER = "tests.pipelines.assets.reading_process"


@pytest.mark.parametrize(
    ("readers", "rebuilds"), [(4, 2), pytest.param(20, 5, marks=pytest.mark.accept)], ids=["reduced", "whole"]
)
def test_readers_see_whole_snapshots_through_rebuilds(tmp_path: Path, readers: int, rebuilds: int) -> None:
    home, stop = tmp_path / "home", tmp_path / "stop"
    build_home(home, core_with(100))
    command = [sys.executable, "-m", READER, str(home), str(stop)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(readers)]
    try:
        for number in range(1, rebuilds + 1):
            assert build_home(home, core_with(100 + 10 * number)).tests_failed == 0
    finally:
        stop.touch()
        told = [json.loads(child.communicate(timeout=120)[0]) for child in running]

    assert [one["wrong"] for one in told] == [[]] * readers
    assert all(one["reads"] > 0 for one in told)
    numbers = {number for one in told for number in one["snapshots"].values()}
    assert numbers <= {100 + 10 * number for number in range(rebuilds + 1)}
    assert 100 + 10 * rebuilds in numbers
