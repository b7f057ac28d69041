"""The demo at its standard size, part by part: seconds, printed."""

import time
from itertools import pairwise

import pytest

from oms_core.settings import Settings
from pipelines.assets.build import build
from pipelines.cli.demo import load_company
from pipelines.sample_company.write import write_sample_company


@pytest.mark.bench
def test_how_long_the_demo_takes(tmp_path):
    settings = Settings.at(tmp_path / "home")
    marks = [time.monotonic()]

    company = write_sample_company(settings.home / "demo")
    marks.append(time.monotonic())
    loaded = load_company(settings, company)
    marks.append(time.monotonic())
    result = build(settings)
    marks.append(time.monotonic())

    written, load, built = (after - before for before, after in pairwise(marks))
    parts = f"written {written:.1f} s, loaded {load:.1f} s, built {built:.1f} s"
    print(f"\ndemo: {parts}, {loaded.total('lines'):,} lines")  # noqa: T201 - its output
    assert result.snapshot is not None
