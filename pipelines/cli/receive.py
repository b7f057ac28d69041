"""`oms receive`: goods that came, against a purchase order or without one."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.stock_input import at_option, instant_in, split_line

_LINE = "MUG:12, and what is known: damaged=2, line=1, lot=L1, expires=INSTANT, cost=1.80, currency=EUR."


@click.command("receive")
@click.argument("location")
@click.option("--po", "purchase_order", metavar="NUMBER", help="The purchase order; without it: goods nobody ordered.")
@click.option("--line", "lines", multiple=True, required=True, help=_LINE)
@click.option("--number", help="Of the delivery note; the same delivery is received once.")
@click.option("--accept-over", is_flag=True, help="Take in more than the tolerance (operations lead).")
@at_option
@acting
def receive_command(
    *,
    location: str,
    purchase_order: str | None,
    lines: tuple[str, ...],
    number: str | None,
    accept_over: bool,
    at: int | None,
    give: Callable[..., Any],
) -> None:
    """Receive goods at LOCATION: sound ones are sellable, damaged ones lie apart."""
    from oms_core.services.receive_goods import ReceiveGoods, receive_goods

    received = tuple(_received(text) for text in lines)
    give(receive_goods, ReceiveGoods(location, received, purchase_order, number, at, accept_over))


def _received(text: str) -> Any:
    from oms_core.services.receive_goods import ReceivedLine

    sku, units, parts = split_line(text, "damaged", "line", "lot", "expires", "cost", "currency")
    damaged = parts.get("damaged", "0")
    if not damaged.isdecimal():
        raise click.BadParameter(f"damaged={damaged} is no number of units", param_hint="--line")
    expires = instant_in(parts, "expires")
    return ReceivedLine(
        sku, units, int(damaged), parts.get("line"), parts.get("lot"), expires, parts.get("cost"), parts.get("currency")
    )
