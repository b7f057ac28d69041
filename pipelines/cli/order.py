"""`oms order`: orders as the core holds them."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

import click

from oms_core.domain.instants import start_of_day, to_text
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.allocation import ORDER_COMMANDS
from pipelines.cli.order_commands import COMMANDS
from pipelines.cli.output import emit, json_option, table

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("order")
def order_group() -> None:
    """Orders: list and show, and everything people do to them."""


for _command in (*COMMANDS, *ORDER_COMMANDS):
    order_group.add_command(_command)


@order_group.command("list")
@click.option("--status", metavar="STATE", help="pending, confirmed, on_hold, cancelled or closed.")
@click.option("--account", metavar="NAME", help="Orders of this account.")
@click.option("--text", metavar="TEXT", default="", help="The beginning of an order number or SKU.")
@click.option("--from", "start", metavar="D", type=_DAY, help="First business date.")
@click.option("--to", "end", metavar="D", type=_DAY, help="Last business date, included.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.option("--offset", metavar="N", type=click.IntRange(0), default=0)
@json_option
def list_command(
    *,
    status: str | None,
    account: str | None,
    text: str,
    start: datetime | None,
    end: datetime | None,
    limit: int,
    offset: int,
    as_json: bool,
) -> None:
    """Orders, newest first."""
    from oms_core.services.company import settings_of
    from oms_core.services.orders_read import find_orders

    with reading(open_engine(Settings.from_environment())) as connection:
        zone = settings_of(connection).zone

        def midnight(day: date | None) -> int | None:
            return None if day is None else start_of_day(day, zone)

        page = find_orders(
            connection,
            text=text,
            status=status,
            account=account,
            start=midnight(start.date() if start else None),
            end=midnight(end.date() + timedelta(days=1) if end else None),
            limit=limit,
            offset=offset,
        )
    rows = [{**asdict(row), "placed_at": to_text(row.placed_at)} for row in page.rows]
    emit({"rows": rows, "total": page.total}, as_json=as_json, text=_listed)


def _listed(it: dict[str, Any]) -> str:
    columns = ["external_id", "account", "placed_at", "lifecycle", "lines", "units", "amount", "currency", "country"]
    return f"{table(it['rows'], columns)}\n{len(it['rows']):,} of {it['total']:,} orders"


@order_group.command("show")
@click.argument("reference", metavar="ID")
@json_option
def show_command(*, reference: str, as_json: bool) -> None:
    """One order with lines, events, stock movements and returns. ID: number, ACCOUNT/number or order id."""
    from oms_core.services.order_detail import show_order

    with reading(open_engine(Settings.from_environment())) as connection:
        order = show_order(connection, reference)
    emit(order, as_json=as_json, text=_shown)


def _standing(it: dict[str, Any]) -> str:
    facets = [f"{name}: {it[f'{name}_status']}" for name in ("payment", "fulfilment", "return")]
    promised = [f"promised for {it['promised_at']}"] if it["promised_at"] else []
    return "  ".join(
        [it["headline"], *facets, f"total {it['total']} {it['currency']}", f"paid {it['paid']}", *promised]
    )


def _shown(it: dict[str, Any]) -> str:
    name = f"{it['account']}/{it['external_id']}"
    head = f"{name}  {it['status']}  placed {it['placed_at']}  {it['currency']}  {it['country'] or ''}"
    parts = [
        head.rstrip(),
        _standing(it),
        table(
            it["lines"],
            [
                *("line_key", "sku", "title", "line_kind", "quantity", "cancelled_quantity"),
                *("allocated_quantity", "shipped_quantity", "delivered_quantity", "returned_quantity"),
                *("unit_price", "line_amount"),
            ],
        ),
        table(it["events"], ["seq", "event", "from_state", "to_state", "occurred_at", "actor"]),
    ]
    sections: list[tuple[str, list[str]]] = [
        ("hold_history", ["kind", "reason", "actor", "occurred_at", "resolution", "released_by"]),
        ("promises", ["sku", "location", "reserved", "allocated"]),
        ("payments", ["tender", "method", "state", "authorized", "captured", "refunded"]),
        ("shipments", ["shipment", "location", "state", "wave", "carrier"]),
        ("return_requests", ["return", "kind", "state", "location", "requested_at"]),
    ]
    parts.extend(f"{name.replace('_', ' ')}\n{table(it[name], columns)}" for name, columns in sections if it[name])
    if it["movements"]:
        parts.append(table(it["movements"], ["kind", "sku", "location", "condition", "quantity", "occurred_at"]))
    columns = ["sku", "quantity", "line_amount", "reason"]
    parts.extend(
        f"Return {back['external_id']}, {back['returned_at']}\n{table(back['lines'], columns)}"
        for back in it["returns"]
    )
    return "\n\n".join(parts)
