"""Homes built from a script of facts: a real core on SQLite, the real graph, real DuckDB files, no feed."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from oms_core.settings import Settings
from pipelines.assets.build import BuildResult, build
from pipelines.marts import metrics, snapshots
from tests.pipelines.marts.core_rows import CoreRows


def build_home(home: Path, core: CoreRows, *, full: bool = False) -> BuildResult:
    """Write what the home's core does not have yet, then run the whole graph on it."""
    settings = Settings.at(home)
    core.apply(settings)
    return build(settings, full=full)


def rows(home: Path, name: str, **question: Any) -> list[dict[str, Any]]:
    """Rows of a metric on the current snapshot; dates may be ISO text."""
    for bound in ("start", "end"):
        if isinstance(question.get(bound), str):
            question[bound] = date.fromisoformat(question[bound])
    return metrics.ask(snapshots.open_snapshot(home), name, **question).rows


def value(home: Path, name: str, **question: Any) -> Decimal | int | None:
    """The one value of a metric."""
    (row,) = rows(home, name, **question)
    found: Decimal | int | None = row["value"]
    return found


def values(home: Path, name: str, *keys: str, **question: Any) -> dict[Any, Any]:
    """Values by key columns of the rows."""
    found = rows(home, name, **question)
    return {tuple(row[key] for key in keys) if len(keys) > 1 else row[keys[0]]: row["value"] for row in found}
