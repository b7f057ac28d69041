"""How skips are told: counted by reason, and no excuse where the data are there or acceptance is asked."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
WANTS_DATA = "def test_that_reads_data(shared_data):\n    assert shared_data\n"
LACKS_A_TOOL = "import pytest\n\ndef test_that_lacks_a_tool():\n    pytest.skip('no such tool')\n"
PRETENDS = "import pytest\n\ndef test_that_pretends():\n    pytest.skip('shared data absent')\n"


@pytest.fixture
def run(tmp_path):
    """Run a test of its own with our hooks: (exit code, what was printed)."""

    def run_it(source, *options, shared):
        (tmp_path / "test_it.py").write_text(source, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "tests.conftest",
            f"--rootdir={tmp_path}",
            "-c",
            os.devnull,
        ]
        done = subprocess.run(
            [*command, *options, str(tmp_path / "test_it.py")],
            cwd=REPOSITORY,
            env={**os.environ, "OMS_SHARED": str(shared)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    return run_it


def test_a_test_skips_and_is_counted_when_the_shared_folder_is_absent(run, tmp_path):
    code, told = run(WANTS_DATA, shared=tmp_path / "nowhere")

    assert code == 0
    assert "skipped, by reason" in told
    assert "    1  shared data absent" in told


def test_a_skip_for_missing_data_fails_where_the_folder_is_there(run, tmp_path):
    code, told = run(PRETENDS, shared=tmp_path)

    assert code == 1
    assert "skipped (shared data absent) where a skip is no excuse" in told


def test_another_reason_to_skip_stays_a_skip(run, tmp_path):
    code, told = run(LACKS_A_TOOL, shared=tmp_path)

    assert code == 0
    assert "    1  no such tool" in told


def test_acceptance_takes_no_skip(run, tmp_path):
    code, told = run(LACKS_A_TOOL, "--no-skips", shared=tmp_path)

    assert code == 1
    assert "no such tool" in told
