"""The self-test of the suite: faults planted in a copy of the shipped code, each of which must turn tests red.

Nothing is changed in the working tree: packages and tests are copied to a temporary folder, and the tests run there.
`make test` plants five; `make accept NAME=core` plants all.
"""

import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.mutants.catalogue import MUTANTS
from tests.mutants.planting import Mutant

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = {
    "no unique key of the ending",
    "REPLACE puts a fresh row in the place of a kept one",
    "more is refunded than was paid",
    "a key of another request is answered",
    "an event may skip a number",
}
PASSED, FAILED = 0, 1  # exit codes of pytest; every other one means that the tests did not run as they should


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the core and its tests."""
    target = tmp_path_factory.mktemp("mutants") / "copy"
    ignore = shutil.ignore_patterns(
        "__pycache__", "mutants", "accept", "bench", "soak", "dashboards", "pipelines", "dbt"
    )
    for package in ("oms_core", "tests"):
        shutil.copytree(ROOT / package, target / package, ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def run(copy: Path, *selections: tuple[str, str]) -> tuple[int, str]:
    """How pytest ended on a selection of the copy's tests, and its last line."""
    files = sorted({path for path, _ in selections})
    chosen = " or ".join(f"({expression})" for _, expression in selections)
    arguments = ["-q", "-x", "-p", "no:cacheprovider", "--basetemp", str(copy.parent / "base"), *files, "-k", chosen]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(done.stdout[-1_500:])  # noqa: T201 - what a failing self-test has to show
    return done.returncode, done.stdout.strip().splitlines()[-1]


def plant(copy: Path, mutant: Mutant) -> dict[Path, str]:
    """Plant a fault; returns the texts to put back."""
    before: dict[Path, str] = {}
    for edit in mutant.edits:
        path = copy / edit.path
        text = path.read_text(encoding="utf-8")
        assert edit.old in text, f"{mutant.name}: {edit.path} has no {edit.old!r} any more; plant the fault anew"
        before.setdefault(path, text)
        path.write_text(text.replace(edit.old, edit.new, 1), encoding="utf-8")
    return before


def turns_red(copy: Path, mutant: Mutant) -> bool:
    """Whether a test says so: a core that cannot be made at all would prove nothing."""
    before = plant(copy, mutant)
    try:
        code, summary = run(copy, mutant.tests)
        return code == FAILED and "failed" in summary and "error" not in summary
    finally:
        for path, text in before.items():
            path.write_text(text, encoding="utf-8")


def test_there_are_two_faults_or_more_for_each_invariant():
    invariants = Counter(mutant.invariant for mutant in MUTANTS)

    assert len(MUTANTS) >= 25
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert {f"I{number}" for number in range(1, 10)} <= {name for name, many in invariants.items() if many >= 2}
    assert len(SAMPLE) == 5


def test_the_tests_run_on_the_copy_and_not_on_the_working_tree(copy):
    where = [sys.executable, "-c", "import oms_core; print(oms_core.__file__)"]
    environment = {**os.environ, "PYTHONPATH": str(copy)}

    printed = subprocess.run(where, cwd=copy, env=environment, capture_output=True, text=True, check=True).stdout

    assert Path(printed.strip()) == copy / "oms_core" / "__init__.py"


def test_without_a_fault_the_selected_tests_pass(copy):
    """By file: one expression of several files would select what nobody named."""
    sampled = [mutant.tests for mutant in MUTANTS if mutant.name in SAMPLE]

    assert [path for path in sorted({path for path, _ in sampled}) if _of(copy, sampled, path) != PASSED] == []


@pytest.mark.accept
def test_without_a_fault_every_selected_test_passes(copy):
    selected = [mutant.tests for mutant in MUTANTS]

    assert [path for path in sorted({path for path, _ in selected}) if _of(copy, selected, path) != PASSED] == []


def _of(copy: Path, selections: list[tuple[str, str]], path: str) -> int:
    return run(copy, *(it for it in selections if it[0] == path))[0]


@pytest.mark.parametrize("mutant", [it for it in MUTANTS if it.name in SAMPLE], ids=lambda it: it.name)
def test_a_planted_fault_turns_the_suite_red(copy, mutant):
    assert turns_red(copy, mutant)


@pytest.mark.accept
@pytest.mark.parametrize("mutant", [it for it in MUTANTS if it.name not in SAMPLE], ids=lambda it: it.name)
def test_every_other_planted_fault_turns_the_suite_red(copy, mutant):
    assert turns_red(copy, mutant)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda it: it.name)
def test_a_fault_still_applies(mutant):
    texts = {edit.path: (ROOT / edit.path).read_text(encoding="utf-8") for edit in mutant.edits}

    for edit in mutant.edits:
        assert edit.old in texts[edit.path]
        texts[edit.path] = texts[edit.path].replace(edit.old, edit.new, 1)
