"""`oms policy` and `oms define` at the keyboard: versions, refusals that say where, and the same key again."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path) -> Path:
    run(tmp_path / "home", "init")
    return tmp_path / "home"


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "OMS_HOME": str(home)}
    environment.pop("OMS_DATABASE_URL", None)
    command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_a_new_version_counts_from_then_on(home, tmp_path):
    file = tmp_path / "allocation.yml"
    file.write_text("strategies: {default: {may_split: false}}\n", encoding="utf-8")

    done = run(home, "policy", "set", "allocation", str(file), "--reason", "one parcel", "--role", "admin", "--json")

    assert json.loads(done.stdout) == {"kind": "allocation", "version": 1}
    shown = json.loads(run(home, "policy", "show", "allocation", "--json").stdout)
    assert shown == {
        "kind": "allocation",
        "version": 1,
        "document": {"strategies": {"default": {"may_split": False}}},
    }


def test_a_wrong_version_is_refused_with_its_place_and_nothing_changes(home, tmp_path):
    file = tmp_path / "allocation.yml"
    file.write_text("strategies: {default: {may_split: perhaps}}\n", encoding="utf-8")

    done = run(home, "policy", "set", "allocation", str(file), "--reason", "a slip", "--role", "admin")

    assert done.returncode == 2
    assert "POLICY_INVALID" in done.stderr
    assert "may_split" in done.stderr
    assert json.loads(run(home, "policy", "show", "allocation", "--json").stdout)["version"] == 0


def test_a_policy_that_does_not_exist_and_a_role_that_may_not_are_refused(home, tmp_path):
    file = tmp_path / "x.yml"
    file.write_text("a: 1\n", encoding="utf-8")

    assert "POLICY_UNKNOWN" in run(home, "policy", "show", "weather").stderr
    done = run(home, "policy", "set", "limits", str(file), "--reason", "no", "--role", "viewer")
    assert (done.returncode, "NOT_PERMITTED" in done.stderr) == (2, True)


def test_the_same_key_answers_the_same_and_another_request_under_it_is_refused(home):
    first = run(home, "define", "sku", "MUG", "--price", "12.90", "--currency", "EUR", "--key", "k-1", "--json")
    again = run(home, "define", "sku", "MUG", "--price", "12.90", "--currency", "EUR", "--key", "k-1", "--json")
    other = run(home, "define", "sku", "MUG", "--price", "13.90", "--currency", "EUR", "--key", "k-1", "--json")

    assert json.loads(first.stdout)["list_price"] == 1290
    assert again.stdout == first.stdout
    assert "used before" in again.stderr
    assert (other.returncode, other.stdout) == (2, "")
    assert "KEY_REUSED" in other.stderr
