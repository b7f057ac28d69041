"""The core against the plain model, on both databases, at reduced size; `make accept NAME=core` runs it large."""

import ast
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test

from tests.cores import BOTH
from tests.oms_core.model.machine import CompanyMachine
from tests.oms_core.model.machine_base import MachineBase
from tests.oms_core.model.prepared import worlds_on

_HERE = Path(__file__).parent
_PLAIN = sorted(_HERE.glob("plain_*.py"))


def run_machine(kind, request, *, examples, steps, shrinks=False):
    """Run the machine on one database and tell what it did; the number of its rules."""
    MachineBase.steps.clear()
    MachineBase.refusals.clear()
    MachineBase.crashes = 0
    machine = type("Machine", (CompanyMachine,), {"worlds": staticmethod(worlds_on(kind, request))})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink] if shrinks else [Phase.generate],
            report_multiple_bugs=False,
        ),
    )
    rules = sum(hasattr(getattr(machine, name), RULE_MARKER) for name in dir(machine))
    done, refused = sum(MachineBase.steps.values()), sum(MachineBase.refusals.values())
    print(  # noqa: T201 - how much was tried belongs to the answer
        f"\n{kind}: {rules} rules, {done} commands ({len(MachineBase.steps)} kinds), {refused} refused"
        f" ({len(MachineBase.refusals)} codes), {MachineBase.crashes} broken off in the middle"
    )
    return rules


@pytest.mark.parametrize("kind", BOTH)
def test_the_core_does_what_the_plain_model_does(kind, request):
    rules = run_machine(kind, request, examples=8, steps=25)

    assert rules >= 25


def test_the_plain_model_imports_nothing_of_the_core():
    imported = set()
    for path in _PLAIN:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name for name in node.names}
            if isinstance(node, ast.ImportFrom):
                imported.add(str(node.module))

    assert len(_PLAIN) >= 6
    assert {name for name in imported if not name.startswith("tests.oms_core.model.plain_")} == {
        "dataclasses",
        "typing",
    }
