"""`oms order place|confirm|hold|release|cancel|change|split|merge|close|prioritise`: what people do to orders.

An order to place comes as a JSON object (a list of them is a batch) or by options. Money is written as text or whole
numbers; `LINE:UNITS` names a line by its key.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa

from oms_core.domain.orders import HoldKind
from pipelines.cli.commanding import acting
from pipelines.cli.output import Exit

_UNITS = "LINE:UNITS"
_reason = click.option("--reason", required=True, help="Why; it stays with the order.")


@click.command("place")
@click.argument("file", required=False, type=click.File("r", encoding="utf-8"))
@click.option("--account", help="The channel account; it and what follows in place of a file.")
@click.option("--number", help="The order's number at the channel.")
@click.option("--currency", help="ISO 4217, such as EUR.")
@click.option("--line", "lines", multiple=True, metavar="SKU:UNITS:PRICE", help="Goods; PRICE of one unit. Repeat it.")
@click.option("--placed-at", metavar="INSTANT", help="With its zone; default: now.")
@click.option("--terms", type=click.Choice(["prepaid", "cash_on_delivery", "on_account"]), default="prepaid")
@click.option("--delivery-method")
@click.option("--customer", metavar="REFERENCE", help="The buyer, as the channel names him.")
@click.option("--name", help="Who gets the goods.")
@click.option("--street")
@click.option("--city")
@click.option("--postcode")
@click.option("--country", help="ISO 3166, such as DE.")
@acting
def place_command(file: Any | None, *, give: Callable[..., Any], **options: Any) -> Exit:
    """Place an order of a JSON FILE (- for standard input; a list is a batch), or by options."""
    from oms_core.domain.order_text import parse_order
    from oms_core.services.place_orders import place_order

    document = _read(file.read()) if file is not None else _by_options(options)
    if not isinstance(document, list):
        give(place_order, parse_order(document))
        return Exit.DONE
    answer = give(_place_all, document)
    return Exit.ATTENTION if answer.document["refused"] else Exit.DONE


def _read(text: str) -> Any:
    """The JSON document; fractions stay text, a key twice in one object and NaN are refused."""
    from oms_core.domain.errors import InvalidRequestError

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _ in pairs}) < len(pairs):
            raise ValueError("an object names one entry twice")
        return dict(pairs)

    def no_number(text: str) -> None:
        raise ValueError(f"{text} is no number")

    try:
        return json.loads(text, parse_float=str, parse_constant=no_number, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(
            "JSON_INVALID", f"the file is no JSON document: {error}", remedy="Correct it and place the order again."
        ) from None


def _by_options(options: dict[str, Any]) -> dict[str, Any]:
    from oms_core.domain.instants import to_text
    from oms_core.services.company import now_micros

    if missing := [name for name in ("account", "number", "currency", "lines") if not options[name]]:
        raise click.UsageError(f"Give a FILE, or --{' --'.join(missing)}".replace("--lines", "--line"))
    parts = [(text, text.rsplit(":", 2)) for text in options["lines"]]
    if wrong := [text for text, split in parts if len(split) != 3 or not split[1].isdecimal()]:  # noqa: PLR2004
        raise click.BadParameter(f"{wrong[0]!r} is not SKU:UNITS:PRICE", param_hint="--line")
    address = {name: options[name] for name in ("name", "street", "city", "postcode", "country") if options[name]}
    customer = {"reference": options["customer"], "name": options["name"]} if options["customer"] else None
    return {
        "account": options["account"],
        "number": options["number"],
        "currency": options["currency"],
        "placed_at": options["placed_at"] or to_text(now_micros()),
        "lines": [{"sku": sku, "quantity": int(units), "unit_price": price} for _, (sku, units, price) in parts],
        "payment_terms": options["terms"],
        "delivery_method": options["delivery_method"],
        "customer": customer,
        "ship_to": address or None,
    }


def _place_all(engine: sa.Engine, documents: Sequence[Any], call: Any) -> Any:
    """Place a batch; each order under the key of the call and its own number."""
    from oms_core.domain.errors import OmsError
    from oms_core.domain.order_text import parse_order
    from oms_core.services.commands import Result
    from oms_core.services.place_orders import MOST_ORDERS, Placement, place_orders

    rows: list[dict[str, Any]] = []
    placements = []
    for at, document in enumerate(documents, start=1):
        try:
            request = parse_order(document)
        except OmsError as refusal:
            rows.append({"position": at, "error": refusal.code, "reason": refusal.reason, "remedy": refusal.remedy})
        else:
            placements.append((at, Placement(f"{call.key}/{request.account}/{request.number}", request)))
    for start in range(0, len(placements), MOST_ORDERS):
        batch = placements[start : start + MOST_ORDERS]
        answers = place_orders(engine, [placement for _, placement in batch], call.actor, call.now)
        for (at, _), answer in zip(batch, answers, strict=True):
            error = answer.error
            told = {"error": error.code, "reason": error.reason, "remedy": error.remedy} if error else answer.document
            rows.append({"position": at, **(told or {}), "repeated": answer.repeated})
    refused = sum("error" in row for row in rows)
    rows.sort(key=lambda row: row["position"])
    return Result({"placed": len(rows) - refused, "refused": refused, "orders": rows}, repeated=False)


@click.command("confirm")
@click.argument("order")
@click.option("--reason")
@acting
def confirm_command(*, order: str, reason: str | None, give: Callable[..., Any]) -> None:
    """Confirm an order: paid or promised, with an address, not held."""
    from oms_core.services.confirm_order import ConfirmOrder, confirm_order

    give(confirm_order, ConfirmOrder(order, reason))


@click.command("auto-confirm")
@click.option("--most", type=click.IntRange(1, 1000), default=100, show_default=True, help="Orders to ask about.")
@acting
def auto_confirm_command(*, most: int, give: Callable[..., Any]) -> None:
    """Ask the rules again about pending orders, oldest first."""
    from oms_core.services.auto_confirm_orders import RunAutoConfirm, run_auto_confirm

    give(run_auto_confirm, RunAutoConfirm(most))


@click.command("hold")
@click.argument("order")
@click.argument("kind", type=click.Choice([kind.value for kind in HoldKind]), metavar="KIND")
@_reason
@acting
def hold_command(*, order: str, kind: str, reason: str, give: Callable[..., Any]) -> None:
    """Stop an order.

    KIND: address, look_alike, price_outlier, quantity_outlier, payment, blocklist, fraud, stock, channel, change or
    manual.
    """
    from oms_core.services.order_holds import HoldOrder, hold_order

    give(hold_order, HoldOrder(order, kind, reason))


@click.command("release")
@click.argument("order")
@click.option("--kind", help="Only holds of this kind; default: all.")
@click.option("--resolution", required=True, help="How it was settled.")
@acting
def release_command(*, order: str, kind: str | None, resolution: str, give: Callable[..., Any]) -> None:
    """End holds of an order; with the last one it goes on from where it was."""
    from oms_core.services.order_holds import ReleaseOrder, release_order

    give(release_order, ReleaseOrder(order, resolution, kind))


@click.command("cancel")
@click.argument("order")
@click.option("--line", "lines", multiple=True, metavar=_UNITS, help="Units of a line; default: the whole order.")
@_reason
@acting
def cancel_command(*, order: str, lines: tuple[str, ...], reason: str, give: Callable[..., Any]) -> None:
    """Cancel an order, or units of its lines."""
    from oms_core.services.cancel_order import CancelOrder, cancel_order

    give(cancel_order, CancelOrder(order, reason, _line_units(lines)))


@click.command("change")
@click.argument("order")
@click.option("--version", type=int, required=True, help="The version you saw; `oms order show` tells it.")
@click.option("--line", "lines", multiple=True, metavar=_UNITS, help="Units wanted of a line from now on.")
@click.option("--file", "file", type=click.Path(path_type=Path, exists=True), help="JSON: add (lines), ship_to.")
@click.option("--delivery-method")
@click.option("--preview", is_flag=True, help="Show what would happen and change nothing.")
@_reason
@acting
def change_command(
    *,
    order: str,
    version: int,
    lines: tuple[str, ...],
    file: Path | None,
    delivery_method: str | None,
    preview: bool,
    reason: str,
    give: Callable[..., Any],
) -> None:
    """Change quantities, lines, address or delivery of an order that is not at the pickers yet."""
    from oms_core.domain.order_text import parse_added, parse_address
    from oms_core.services.change_order import ChangeOrder, change_order

    more = _read(file.read_text(encoding="utf-8")) if file else {}
    if not isinstance(more, dict) or set(more) - {"add", "ship_to"}:
        raise click.BadParameter("an object with `add` (a list of lines) and `ship_to`", param_hint="--file")
    scale, added = parse_added(more.get("add", []))
    address = parse_address(more["ship_to"]) if "ship_to" in more else None
    request = ChangeOrder(order, version, reason, _line_units(lines), added, scale, address, delivery_method)
    give(_previewed if preview else change_order, request)


def _previewed(engine: sa.Engine, request: Any, call: Any) -> Any:
    from oms_core.services.change_order import preview_change
    from oms_core.services.commands import Result

    return Result(preview_change(engine, request, call), repeated=False)


@click.command("split")
@click.argument("order")
@click.option("--line", "lines", multiple=True, required=True, metavar=_UNITS, help="Units for the new order.")
@_reason
@acting
def split_command(*, order: str, lines: tuple[str, ...], reason: str, give: Callable[..., Any]) -> None:
    """Give units of an order an order of their own."""
    from oms_core.services.split_order import SplitOrder, split_order

    give(split_order, SplitOrder(order, _line_units(lines), reason))


@click.command("merge")
@click.argument("orders", nargs=-1, required=True)
@_reason
@acting
def merge_command(*, orders: tuple[str, ...], reason: str, give: Callable[..., Any]) -> None:
    """Make one order of several of one buyer and address; the first stays."""
    from oms_core.services.merge_orders import MergeOrders, merge_orders

    give(merge_orders, MergeOrders(orders, reason))


@click.command("close")
@click.argument("order")
@click.option("--reason")
@acting
def close_command(*, order: str, reason: str | None, give: Callable[..., Any]) -> None:
    """Close an order that nothing is left to do about."""
    from oms_core.services.close_order import CloseOrder, close_order

    give(close_order, CloseOrder(order, reason))


@click.command("prioritise", context_settings={"ignore_unknown_options": True})
@click.argument("order")
@click.argument("priority", type=int)
@click.option("--reason")
@acting
def prioritise_command(*, order: str, priority: int, reason: str | None, give: Callable[..., Any]) -> None:
    """Set how urgent an order is: -100 to 100, greater goes first."""
    from oms_core.services.close_order import PrioritiseOrder, prioritise_order

    give(prioritise_order, PrioritiseOrder(order, priority, reason))


def _line_units(texts: Sequence[str]) -> tuple[Any, ...]:
    from oms_core.services.order_units import LineUnits

    found = []
    for text in texts:
        key, _, units = text.rpartition(":")
        if not key or not units.isdecimal():
            raise click.BadParameter(f"{text!r} is not {_UNITS}", param_hint="--line")
        found.append(LineUnits(key, int(units)))
    return tuple(found)


COMMANDS = (
    place_command,
    confirm_command,
    auto_confirm_command,
    hold_command,
    release_command,
    cancel_command,
    change_command,
    split_command,
    merge_command,
    close_command,
    prioritise_command,
)
