"""`oms wave`: release waves to the pickers, and their pick lists."""

import csv
import io
from typing import Any

import click

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.commanding import acting
from pipelines.cli.output import emit, json_option, table


@click.group("wave")
def wave_group() -> None:
    """Waves: shipments that are picked together."""


@wave_group.command("release")
@click.argument("location")
@click.option("--method", metavar="ID", help="Only orders that go by this delivery method.")
@click.option("--order", "orders", metavar="ORDER", multiple=True, help="Only this order; refused if it is held.")
@click.option("--largest", metavar="N", type=click.IntRange(1), default=50, show_default=True, help="Shipments a wave.")
@acting
def release_command(*, location: str, method: str | None, orders: tuple[str, ...], largest: int, **how: Any) -> None:
    """Plan what is allocated at LOCATION and hand it to the pickers, by cut-off and delivery method."""
    from oms_core.services.release_wave import ReleaseWave, release_wave

    how["give"](release_wave, ReleaseWave(location, method, orders, largest))


@wave_group.command("list")
@click.option("--location", metavar="NAME", help="Waves of this location.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_command(*, location: str | None, limit: int, as_json: bool) -> None:
    """The newest waves."""
    from oms_core.services.shipments_read import list_waves

    with reading(open_engine(Settings.from_environment())) as connection:
        rows = list_waves(connection, location=location, limit=limit)
    columns = ["wave", "location", "delivery_method", "released_at", "shipments", "to_pick"]
    emit({"rows": rows}, as_json=as_json, text=lambda it: table(it["rows"], columns))


@wave_group.command("show")
@click.argument("number", metavar="WAVE")
@click.option("--csv", "as_csv", is_flag=True, help="The pick list as CSV, one row a SKU and shipment.")
@json_option
def show_command(*, number: str, as_csv: bool, as_json: bool) -> None:
    """A wave: its shipments and its pick list."""
    from oms_core.services.shipments_read import show_wave

    with reading(open_engine(Settings.from_environment())) as connection:
        found = show_wave(connection, number)
    if as_csv:
        click.echo(_as_csv(found), nl=False)
        return
    emit(found, as_json=as_json, text=_shown)


def _as_csv(it: dict[str, Any]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["wave", "location", "sku", "lot", "title", "shipment", "quantity"])
    for stop in it["picks"]:
        for drop in stop["drops"]:
            cells = [it["wave"], it["location"], stop["sku"], stop["lot"], stop["title"], drop["shipment"]]
            writer.writerow([*map(_harmless, cells), drop["quantity"]])
    return text.getvalue()


def _harmless(cell: str | None) -> str | None:
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell and cell[0] in "=+-@\t\r\n＝＋－＠" else cell


def _shown(it: dict[str, Any]) -> str:
    picks = [
        {**stop, "for": ", ".join(f"{drop['shipment']} × {drop['quantity']}" for drop in stop["drops"])}
        for stop in it["picks"]
    ]
    head = f"{it['wave']}  {it['location']}  {it['delivery_method'] or ''}  released {it['released_at']}"
    return "\n\n".join(
        [
            f"{head}\n{it['units']} units",
            table(picks, ["sku", "lot", "title", "quantity", "for"]),
            table(it["shipments"], ["shipment", "order", "state", "priority"]),
        ]
    )
