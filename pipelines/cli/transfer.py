"""`oms transfer`: goods from one place to another, on their way in between."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.output import json_option
from pipelines.cli.stock_input import at_option, show, split_line

_LINE = "MUG:6 or MILK:6,lot=L1; again for each line."


@click.group("transfer")
def transfer_group() -> None:
    """Transfers between locations."""


@transfer_group.command("draft")
@click.argument("from_location")
@click.argument("to_location")
@click.option("--line", "lines", multiple=True, required=True, help=_LINE)
@click.option("--via", help="The place for goods on their way; default: the common one.")
@click.option("--number", help="Default: the next one.")
@acting
def draft_command(
    *,
    from_location: str,
    to_location: str,
    lines: tuple[str, ...],
    via: str | None,
    number: str | None,
    give: Callable[..., Any],
) -> None:
    """Say what is to go from where to where."""
    from oms_core.services.transfer_stock import DraftTransfer, draft_transfer

    give(draft_transfer, DraftTransfer(from_location, to_location, _lines(lines), via, number))


@transfer_group.command("ship")
@click.argument("transfer")
@at_option
@acting
def ship_command(*, transfer: str, at: int | None, give: Callable[..., Any]) -> None:
    """The goods have left and are on their way."""
    from oms_core.services.transfer_stock import TransferStep, ship_transfer

    give(ship_transfer, TransferStep(transfer, at))


@transfer_group.command("receive")
@click.argument("transfer")
@click.option("--line", "lines", multiple=True, help=f"{_LINE} Default: everything that is on its way.")
@at_option
@acting
def receive_command(
    *, transfer: str, lines: tuple[str, ...], at: int | None, give: Callable[..., Any], **_: Any
) -> None:
    """Goods of a transfer have arrived."""
    from oms_core.services.transfer_stock import TransferArrival, receive_transfer

    give(receive_transfer, TransferArrival(transfer, _lines(lines), at))


@transfer_group.command("lose")
@click.argument("transfer")
@click.option("--line", "lines", multiple=True, help=f"{_LINE} Default: everything that is on its way.")
@click.option("--reason", required=True)
@at_option
@acting
def lose_command(
    *, transfer: str, lines: tuple[str, ...], reason: str, at: int | None, give: Callable[..., Any], **_: Any
) -> None:
    """Goods of a transfer did not arrive; a dear loss waits for a second person."""
    from oms_core.services.transfer_stock import TransferArrival, lose_in_transit

    give(lose_in_transit, TransferArrival(transfer, _lines(lines), at, reason))


@transfer_group.command("cancel")
@click.argument("transfer")
@click.option("--reason", required=True)
@acting
def cancel_command(*, transfer: str, reason: str, give: Callable[..., Any]) -> None:
    """Give up a transfer that has not left."""
    from oms_core.services.transfer_stock import TransferStep, cancel_transfer

    give(cancel_transfer, TransferStep(transfer, reason=reason))


@transfer_group.command("show")
@click.argument("transfer")
@json_option
def show_command(*, transfer: str, as_json: bool) -> None:
    """One transfer: what is on its way, what arrived."""
    from oms_core.services.transfer_documents import transfer_document

    show(lambda connection: transfer_document(connection, transfer), as_json=as_json)


@transfer_group.command("list")
@click.option("--state", help="draft, shipped, partly_received, received or cancelled.")
@json_option
def list_command(*, state: str | None, as_json: bool) -> None:
    """Transfers, newest first."""
    from oms_core.services.transfer_documents import transfers

    columns = ["transfer", "state", "from", "via", "to", "drafted_at"]
    show(lambda connection: transfers(connection, state=state), as_json=as_json, columns=columns)


def _lines(texts: tuple[str, ...]) -> tuple[Any, ...]:
    from oms_core.services.transfer_stock import TransferLine

    split = (split_line(text, "lot") for text in texts)
    return tuple(TransferLine(sku, units, parts.get("lot")) for sku, units, parts in split)
