"""A second home for the oracles: companies whose orders come in several files, and one's purchasing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real_feeds import PARTED_FEEDS, whole_files


@pytest.fixture(scope="session")
def parted_home(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Loaded through the command line, built and published; business days are those of UTC-3, as the stamps say."""
    home = tmp_path_factory.mktemp("parted") / "home"
    environment = {**os.environ, "OMS_HOME": str(home)}
    environment.pop("OMS_DATABASE_URL", None)
    files = [["feed", "load", it.format_name, str(it.path)] for it in whole_files(shared_data, PARTED_FEEDS)]
    for arguments in (["init", "--time-zone", "Etc/GMT+3"], *files, ["verify"], ["build"]):
        command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{arguments}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return home
