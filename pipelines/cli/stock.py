"""`oms stock`: stock now, or at any past instant."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import click

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_micros, to_text
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.output import emit, json_option, table


@click.command("stock")
@click.option("--sku", metavar="S", help="This article only.")
@click.option("--location", metavar="L", help="This location only.")
@click.option("--at", metavar="T", help="An instant with zone, or a business date meaning its end (default: now).")
@click.option("--as-known", metavar="K", help="By what was recorded until then; instant or business date.")
@click.option("--layers", is_flag=True, help="FIFO layers instead: units by cost and age.")
@json_option
def stock_command(
    *, sku: str | None, location: str | None, at: str | None, as_known: str | None, layers: bool, as_json: bool
) -> None:
    """Units on hand by article, location and condition, and their value at cost."""
    from oms_core.services.company import now_micros
    from oms_core.services.stock_read import stock_rows

    if layers:
        _show_layers(sku, location, at, as_known, as_json=as_json)
        return

    with reading(open_engine(Settings.from_environment())) as connection:
        instant, rows = stock_rows(
            connection, sku=sku, place=location, at=_moment(at), as_known=_moment(as_known), now=now_micros()
        )
    document = {"at": to_text(instant), "rows": [asdict(row) for row in rows]}
    emit(document, as_json=as_json, text=_text)


def _show_layers(sku: str | None, location: str | None, at: str | None, as_known: str | None, *, as_json: bool) -> None:
    from oms_core.services.company import now_micros
    from oms_core.services.stock_layers import layer_rows
    from oms_core.services.stock_read import instant_of

    with reading(open_engine(Settings.from_environment())) as connection:
        now = now_micros()
        instant = instant_of(connection, _moment(at), now)
        known = None if as_known is None else instant_of(connection, _moment(as_known), now)
        rows = layer_rows(connection, at=instant, sku=sku, place=location, as_known=known)
    shown = [{**asdict(row), "opened_at": to_text(row.opened_at)} for row in rows]
    columns = ["sku", "location", "condition", "units", "unit_cost", "value", "currency", "age_days", "opened_at"]
    emit({"at": to_text(instant), "rows": shown}, as_json=as_json, text=lambda it: table(it["rows"], columns))


def _text(it: dict[str, Any]) -> str:
    columns = ["sku", "location", "condition", "on_hand", "allocated", "available", "value", "currency"]
    units = sum(row["on_hand"] for row in it["rows"])
    return f"{table(it['rows'], columns)}\n{len(it['rows']):,} rows, {units:,} units at {it['at']}"


def _moment(text: str | None) -> int | date | None:
    """An instant in microseconds, or a date. Raises InvalidRequestError INSTANT_UNREADABLE."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text)
        return to_micros(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidRequestError(
            "INSTANT_UNREADABLE",
            f"{text!r} is neither a date nor an instant with a zone",
            remedy="Write 2026-01-31, or 2026-01-31T18:00+01:00.",
        ) from None
