"""`oms demo`: the sample company into an empty home, through the ordinary way, then the screens."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from oms_core.domain.errors import RuleViolationError
from oms_core.settings import Settings
from pipelines.cli.output import emit, json_option, say
from pipelines.sample_company.company import CURRENCY, SIZES, TIME_ZONE
from pipelines.sample_company.write import DEFAULT_SEED, SampleCompany, write_sample_company

_COUNTS = ("orders", "lines", "movements", "returns", "quarantined_rows")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the sample company's files gave: rows written and messages seen, by format and in all."""

    by_format: dict[str, dict[str, int]]
    seconds: float

    def total(self, count: str) -> int:
        """One count over all formats."""
        return sum(counts.get(count, 0) for counts in self.by_format.values())


@click.command("demo")
@click.option("--no-serve", is_flag=True, help="Stop when the numbers are published; do not start the screens.")
@click.option("--size", type=click.Choice(sorted(SIZES)), default="standard", show_default=True)
@click.option("--seed", type=int, default=DEFAULT_SEED, show_default=True, help="The same seed gives the same company.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Port of the screens.")
@json_option
@click.pass_context
def demo_command(ctx: click.Context, *, no_serve: bool, size: str, seed: int, port: int, as_json: bool) -> None:
    """Load an invented company into an empty home, build its numbers and show them.

    The files and the truth about them (truth.json) stay under demo/ in the home.
    """
    settings = Settings.from_environment()
    _refuse_used_home(settings)
    say(f"Writing the sample company ({size}, seed {seed}) …")
    company = write_sample_company(settings.home / "demo", size=size, seed=seed)
    loaded = load_company(settings, company)
    say("Building the numbers …")
    document = {"home": str(settings.home), "size": size, "seed": seed, **_answer(loaded), "build": _build(settings)}
    emit(document, as_json=as_json, text=_text)
    if not no_serve:
        from pipelines.cli.serve import serve_command

        ctx.invoke(serve_command, port=port)


def load_company(settings: Settings, company: SampleCompany) -> Loaded:
    """Prepare the home and load every file of the company in its order."""
    from oms_core.services.company import now_micros, prepare
    from oms_core.storage.engine import open_engine
    from pipelines.feeds.load import load_files

    started = time.monotonic()
    prepare(settings, time_zone=TIME_ZONE, base_currency=CURRENCY, actor="demo", now=now_micros())
    engine = open_engine(settings)
    by_format: dict[str, Counter[str]] = defaultdict(Counter)
    try:
        for load in company.loads:
            say(f"Loading {len(load.paths)} files as {load.format} …")
            result = load_files(engine, settings, load.format, load.paths)
            if result.refused:
                first = result.refused[0]
                raise RuleViolationError(first.code, f"{first.path}: {first.reason}", remedy=first.remedy)
            by_format[load.format].update({count: getattr(result.counts, count) for count in ("received", *_COUNTS)})
    finally:
        engine.dispose()
    return Loaded({name: dict(counts) for name, counts in by_format.items()}, round(time.monotonic() - started, 1))


def _refuse_used_home(settings: Settings) -> None:
    home = settings.home
    if home.exists() and any(home.iterdir()):
        raise RuleViolationError(
            "HOME_NOT_EMPTY",
            f"{home} already holds something",
            remedy="Set OMS_HOME to a new folder, or run `oms serve` to show what is there.",
        )


def _build(settings: Settings) -> dict[str, Any]:
    from pipelines.assets.build import build

    result = build(settings)
    return {
        "snapshot": result.snapshot,
        "seconds": result.seconds,
        "tests_passed": result.tests_passed,
        "tests_failed": result.tests_failed,
    }


def _answer(loaded: Loaded) -> dict[str, Any]:
    return {
        **{count: loaded.total(count) for count in _COUNTS},
        "load_seconds": loaded.seconds,
        "formats": [{"format": name, **counts} for name, counts in loaded.by_format.items()],
    }


def _text(document: dict[str, Any]) -> str:
    build = document["build"]
    lines = [
        f"The sample company is in {document['home']}.",
        f"  {document['orders']:,} orders with {document['lines']:,} lines and {document['returns']:,} returns",
        f"  {document['movements']:,} stock movements; everything loaded in {document['load_seconds']} s",
        f"  {document['quarantined_rows']:,} faulty rows in quarantine, planted there: `oms feed quarantine`",
        f"  snapshot {build['snapshot']} published after {build['seconds']} s",
        f"  {build['tests_passed']} tests of the models passed, {build['tests_failed']} failed",
        f"  files and the truth about them: {Path(document['home']) / 'demo'}",
    ]
    return "\n".join(lines)
