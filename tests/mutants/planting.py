"""What a planted fault is: replacements in shipped files, and the tests that must turn red for it.

A fault that no longer applies is an error: whoever changes the code plants it anew.
"""

from dataclasses import dataclass

STORAGE = "tests/oms_core/storage"
SERVICES = "tests/oms_core/services"
RULES = "oms_core/storage/rules"
FIRST = "oms_core/storage/migrations/versions/v0001_first_release.py"
SECOND = "oms_core/storage/migrations/versions/v0002_full_core.py"


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` becomes `new`, at its first place in the file."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted fault. `tests`: files with an expression that selects (pytest -k) what must fail."""

    name: str
    invariant: str
    edits: tuple[Edit, ...]
    tests: tuple[str, str]


def a_mutant(name: str, invariant: str, tests: tuple[str, str], *edits: tuple[str, str, str]) -> Mutant:
    return Mutant(name, invariant, tuple(Edit(*edit) for edit in edits), tests)


LEDGER = f"{STORAGE}/test_ledger_rules.py"
COUNTER = f"{STORAGE}/test_counter_rules.py"
STATE = f"{STORAGE}/test_state_rules.py"
JOURNAL = f"{STORAGE}/test_journal_rules.py"
COMMANDS = f"{SERVICES}/test_commands.py"
FEED = f"{SERVICES}/test_apply_feed.py"
