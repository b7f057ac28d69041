"""`oms build`: from the core to a published snapshot."""

from dataclasses import asdict

import click

from oms_core.settings import Settings
from pipelines.assets.build import build
from pipelines.cli.output import Exit, emit, json_option, say


@click.command("build")
@click.option("--full", is_flag=True, help="Read the core from the beginning instead of since the last build.")
@json_option
def build_command(*, full: bool, as_json: bool) -> int:
    """Load changes, build and test the models, publish a snapshot. A failed test publishes nothing (exit 1)."""
    result = build(Settings.from_environment(), full=full)
    document = asdict(result)
    failed = document.pop("failed_tests")
    emit(
        document,
        as_json=as_json,
        text=lambda it: (
            f"Snapshot {it['snapshot'] or '(none published)'} in {it['seconds']:.1f} s: {it['rows']} rows loaded, "
            f"{it['tests_passed']} tests passed, {it['tests_failed']} failed."
        ),
    )
    for name in failed:
        say(f"failed: {name}")
    return Exit.ATTENTION if result.tests_failed or result.snapshot is None else Exit.DONE
