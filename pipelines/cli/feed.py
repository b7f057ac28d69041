"""`oms feed`: formats known, loading files, the quarantine, facts about a file."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from pipelines.cli.output import Exit, emit, json_option, say, table


@click.group("feed")
def feed_group() -> None:
    """Files of channels, warehouses and catalogues."""


@feed_group.command("formats")
@json_option
def formats_command(*, as_json: bool) -> None:
    """The formats known: those shipped, and the maps of this home."""
    from pipelines.feeds.column_map import all_maps

    maps = all_maps(Settings.from_environment().home)
    rows: list[dict[str, Any]] = [
        {"name": it.name, "kind": it.kind, "file": it.file, "title": it.title.model_dump(), "extensions": _EXTENSIONS}
        for it in maps
    ]
    rows.insert(0, {"name": "table", "kind": "any", "file": None, "title": _TABLE_TITLE, "extensions": _EXTENSIONS})
    emit({"formats": rows}, as_json=as_json, text=lambda it: table(it["formats"], ["name", "kind", "file"]))


_SHOWN = 50  # rows of the quarantine that fit a screen
_EXTENSIONS = [".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz"]
_TABLE_TITLE = {"en": "Any table, read by --map", "zh": "任意表格，由 --map 说明"}


@feed_group.command("load")
@click.argument("format_name", metavar="FORMAT")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--account", metavar="NAME", help="Load for this account instead of the map's.")
@click.option("--map", "map_path", metavar="FILE", type=click.Path(path_type=Path), help="The map of FORMAT `table`.")
@json_option
def load_command(
    *, format_name: str, paths: tuple[Path, ...], account: str | None, map_path: Path | None, as_json: bool
) -> int:
    """Load files. FORMAT is `table` with --map, or the name of a map."""
    from pipelines.feeds.load import load_files

    if (format_name == "table") != (map_path is not None):
        raise click.UsageError("FORMAT `table` goes with --map FILE, and --map with `table`.")
    settings = Settings.from_environment()
    started = time.monotonic()
    result = load_files(open_engine(settings), settings, format_name, paths, account=account, map_path=map_path)
    for refused in result.refused:
        say(f"{refused.path} refused: {refused.code}: {refused.reason}. {refused.remedy}")
    document = {
        **asdict(result.counts),
        "files": result.files,
        "refused": [asdict(refused) for refused in result.refused],
        "seconds": round(time.monotonic() - started, 3),
    }
    emit(document, as_json=as_json, text=_loaded)
    if len(result.refused) == result.files:
        return Exit.REFUSED
    return Exit.ATTENTION if result.refused or result.counts.quarantined_rows else Exit.DONE


def _loaded(it: dict[str, Any]) -> str:
    more = ["payments", "suppliers", "purchase_orders", "receipts"]
    written = "".join(f", {it[name]:,} {name.replace('_', ' ')}" for name in more if it.get(name))
    waiting = f"\n{it['parked']:,} facts wait for their document." if it.get("parked") else ""
    return (
        f"{it['received']:,} messages received: {it['applied']:,} applied, {it['duplicate']:,} duplicate, "
        f"{it['stale']:,} stale, {it['quarantined']:,} with {it['quarantined_rows']:,} rows held back.\n"
        f"Written: {it['orders']:,} orders, {it['returns']:,} returns, {it['lines']:,} lines, "
        f"{it['movements']:,} movements, {it['balances']:,} balances, {it['products']:,} products{written}; "
        f"{it['seconds']} s.{waiting}"
    )


@feed_group.command("quarantine")
@click.option("--replay", metavar="ID|all", help="Read a held row again by today's map and apply it.")
@click.option(
    "--map", "map_path", metavar="FILE", type=click.Path(path_type=Path), help="The map, where it was given by --map."
)
@json_option
def quarantine_command(*, replay: str | None, map_path: Path | None, as_json: bool) -> int:
    """The rows held back, with rule, reason and what to do."""
    from oms_core.services.quarantine import open_rows
    from oms_core.storage.engine import reading

    settings = Settings.from_environment()
    engine = open_engine(settings)
    replayed = None
    if replay is not None:
        from pipelines.feeds.replay import replay_rows

        replayed = replay_rows(engine, settings, replay, map_path=map_path)
    with reading(engine) as connection:
        rows = open_rows(connection)
    document: dict[str, Any] = {"rows": rows}
    if replayed is not None:
        document["replayed"] = replayed
    emit(document, as_json=as_json, text=_held_back)
    return Exit.ATTENTION if rows else Exit.DONE


def _held_back(it: dict[str, Any]) -> str:
    replayed = it.get("replayed")
    lines = [f"Replayed {replayed['tried']}: {replayed['applied']} applied."] if replayed else []
    rows = it["rows"]
    lines.append(f"{len(rows):,} rows held back." if rows else "Nothing is held back.")
    if rows:
        lines.append(table(rows[:_SHOWN], ["id", "source", "path", "row", "column", "rule", "value", "reason"]))
    if len(rows) > _SHOWN:
        lines.append(f"… and {len(rows) - _SHOWN:,} more; --json lists them all.")
    return "\n".join(lines)


@feed_group.command("profile")
@click.argument("format_name", metavar="FORMAT")
@click.argument("paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--map", "map_path", metavar="FILE", type=click.Path(path_type=Path), help="The map of FORMAT `table`.")
@json_option
def profile_command(*, format_name: str, paths: tuple[Path, ...], map_path: Path | None, as_json: bool) -> None:
    """Facts about files as they are, read without writing."""
    from pipelines.feeds.profile import profile_files

    document = profile_files(Settings.from_environment(), format_name, paths, map_path=map_path)
    emit(document, as_json=as_json, text=lambda it: "\n\n".join(_profiled(file) for file in it["files"]))


def _profiled(it: dict[str, Any]) -> str:
    head = (
        f"{it['path']}: {it['rows']:,} rows, {it['duplicate_rows']:,} exact repetitions, {it['documents']:,} documents"
    )
    columns = table(
        it["columns"], ["column", "empty", "distinct", "distinct_clean", "negative", "zero", "first", "last"]
    )
    parts = [head, columns]
    if "classes" in it:
        parts.append(table(it["classes"], ["class", "line_kind", "rows", "documents", "units", "amount"]))
    if "ledger" in it:
        parts.append(table([it["ledger"]], list(it["ledger"])))
    return "\n".join(parts)
