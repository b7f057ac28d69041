"""`oms kpi`: one number by its name, from the published snapshot."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from oms_core.domain.errors import InvalidRequestError
from oms_core.settings import Settings
from pipelines.cli.output import emit, json_option, table


@click.command("kpi")
@click.argument("name", required=False)
@click.option("--list", "list_all", is_flag=True, help="Every metric with its unit, definition and dimensions.")
@click.option("--by", metavar="DIM,…", multiple=True, help="Dimensions to split by.")
@click.option("--from", "start", metavar="D", help="First business date, included.")
@click.option("--to", "end", metavar="D", help="Last business date, included.")
@click.option("--grain", type=click.Choice(["day", "week", "month"]), help="One row per day, week (Monday) or month.")
@click.option("--where", metavar="DIM=V", multiple=True, help="Keep rows with this value; repeat for more.")
@click.option("--explain", is_flag=True, help="Add the SQL and the tables behind the number.")
@click.option("--rows", type=click.IntRange(min=1), metavar="N", help="Add N source rows, and whether all re-add.")
@click.option("--page", type=click.IntRange(min=1), default=1, help="Which N of the source rows.")
@json_option
def kpi_command(
    *,
    name: str | None,
    list_all: bool,
    by: Sequence[str],
    start: str | None,
    end: str | None,
    grain: str | None,
    where: Sequence[str],
    explain: bool,
    rows: int | None,
    page: int,
    as_json: bool,
) -> None:
    """Ask a metric by name over business dates."""
    from pipelines.marts.explain import explain as explained
    from pipelines.marts.metrics import ask
    from pipelines.marts.snapshots import open_snapshot

    if list_all:
        _list(as_json=as_json)
        return
    if name is None:
        raise InvalidRequestError("METRIC_MISSING", "no metric was named", remedy="`oms kpi --list` names them all.")
    dimensions = [part.strip() for given in by for part in given.split(",") if part.strip()]
    snapshot = open_snapshot(Settings.from_environment().home)
    question: dict[str, Any] = {
        "by": dimensions,
        "start": _date(start, "--from"),
        "end": _date(end, "--to"),
        "grain": grain,
        "where": _filters(where),
    }
    if rows is None:
        document = asdict(ask(snapshot, name, **question, explain=explain))
    else:
        opened = asdict(explained(snapshot, name, **question, limit=rows, page=page))
        document = opened.pop("answer") | opened
    if not explain:
        del document["sql"], document["lineage"]
    emit(document, as_json=as_json, text=_answer_text)


def _list(*, as_json: bool) -> None:
    from pipelines.marts.metrics import list_metrics
    from pipelines.marts.snapshots import open_snapshot

    metrics = [asdict(metric) for metric in list_metrics(open_snapshot(Settings.from_environment().home))]
    for metric in metrics:
        del metric["formula"]
    emit(
        {"metrics": metrics},
        as_json=as_json,
        text=lambda it: table(
            [
                {**metric, "label": metric["label"]["en"], "dimensions": ", ".join(metric["dimensions"])}
                for metric in it["metrics"]
            ],
            ["name", "status", "unit", "label", "dimensions"],
        ),
    )


def _answer_text(document: dict[str, Any]) -> str:
    rows = document["rows"]
    columns = list(rows[0]) if rows else ["value"]
    lines = [table(rows, columns), "", f"{document['metric']} ({document['unit']}): {document['definition']['en']}"]
    if document["note"]:
        lines.append(f"Note: {document['note']}.")
    if "sql" in document:
        lines += ["", document["sql"], "", "From: " + ", ".join(document["lineage"])]
    for part in document.get("source_rows", ()):
        shown = part["rows"]
        lines += ["", f"{part['part']}, {len(shown)} of {part['total']} source rows:"]
        lines += [table(shown, list(shown[0]))] if shown else []
    if "adds_up" in document:
        verdict = "add up to the number" if document["adds_up"] else "do NOT add up to the number"
        lines += ["", f"All source rows {verdict}, in {len(document['checks'])} comparisons."]
    return "\n".join(lines)


def _date(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a business date has no zone
    except ValueError as error:
        raise InvalidRequestError(
            "DATE_UNREADABLE", f"{option} {text!r} is no date", remedy="Write it as 2026-01-31."
        ) from error


def _filters(given: Sequence[str]) -> dict[str, list[str]]:
    filters: dict[str, list[str]] = {}
    for pair in given:
        dimension, sign, value = pair.partition("=")
        if not sign:
            raise InvalidRequestError(
                "FILTER_UNREADABLE", f"--where {pair!r} has no '='", remedy="Write it as --where channel=web."
            )
        filters.setdefault(dimension.strip(), []).append(value)
    return filters
