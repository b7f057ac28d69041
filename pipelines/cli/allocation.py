"""`oms allocation`: promise stock to what waits, reserve it for a while, and say why an order got what it got."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from oms_core.domain.instants import to_micros
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.commanding import acting
from pipelines.cli.output import emit, json_option, table

_Give = Callable[..., Any]
_TERMS = ["location", "score", "coverage", "whole", "distance", "ships_today", "cost", "priority"]


def _instant(_context: click.Context, _option: click.Parameter, value: str) -> int:
    try:
        return to_micros(datetime.fromisoformat(value))
    except ValueError:
        raise click.BadParameter("an instant with its zone, such as 2026-03-10T09:30+01:00") from None


@click.group("allocation")
def allocation_group() -> None:
    """Stock promised to orders: run, reserve, settle, expire, why, repeg."""


@allocation_group.command("run")
@click.option("--most", metavar="N", type=click.IntRange(1), default=1_000, show_default=True)
@click.option("--sku", "skus", metavar="SKU", multiple=True, help="Only who waits for this article.")
@acting
def run_command(*, most: int, skus: tuple[str, ...], give: _Give) -> None:
    """Promise what is free to what waits, best rank first, until N orders got units."""
    from oms_core.services.allocate_order import RunAllocation, run_allocation

    give(run_allocation, RunAllocation(most, skus))


@allocation_group.command("reserve")
@click.argument("order")
@click.option("--until", metavar="INSTANT", callback=_instant, required=True, help="With its zone.")
@acting
def reserve_command(*, order: str, until: int, give: _Give) -> None:
    """Hold what ORDER still wants until an instant: all of it or nothing."""
    from oms_core.services.reserve_stock import ReserveStock, reserve_stock

    give(reserve_stock, ReserveStock(order, until))


@allocation_group.command("settle")
@click.argument("reservation", type=int)
@click.argument("how", type=click.Choice(["post", "void", "expire"]))
@acting
def settle_command(*, reservation: int, how: str, give: _Give) -> None:
    """End one reservation, by its number."""
    from oms_core.services.reserve_stock import SettleReservation, settle_reservation

    give(settle_reservation, SettleReservation(reservation, how))


@allocation_group.command("expire")
@click.option("--most", metavar="N", type=click.IntRange(1), default=1_000, show_default=True)
@acting
def expire_command(*, most: int, give: _Give) -> None:
    """End the reservations whose time is over."""
    from oms_core.services.reserve_stock import ExpireReservations, expire_reservations

    give(expire_reservations, ExpireReservations(most))


@allocation_group.command("repeg")
@click.option("--sku", "skus", metavar="SKU", multiple=True, help="Only this article; default: all.")
@click.option("--reason", metavar="TEXT", default="supply changed", show_default=True)
@acting
def repeg_command(*, skus: tuple[str, ...], reason: str, give: _Give) -> None:
    """Let what is missing wait anew for what is on order; promises follow."""
    from oms_core.services.backorders import Repeg, repeg

    give(repeg, Repeg(skus, reason))


@allocation_group.command("why")
@click.argument("order")
@json_option
def why_command(*, order: str, as_json: bool) -> None:
    """Why ORDER got what it got: the locations of each round with the terms of their scores."""
    from oms_core.services.reallocate_order import why_this_location

    with reading(open_engine(Settings.from_environment())) as connection:
        reasons = why_this_location(connection, order)
    emit(reasons, as_json=as_json, text=_reasons)


def _reasons(it: dict[str, Any]) -> str:
    if it["strategy"] is None:
        return f"{it['order']}: nobody decided on it yet."
    parts = [f"{it['order']}  {it['strategy']} of {it['policy']}  decided {it['decided_at']} by {it['actor']}"]
    parts += [f"Round {number}\n{table(found, _TERMS)}" for number, found in enumerate(it["rounds"], 1)]
    if it["allocated"]:
        parts.append(f"Promised\n{table(it['allocated'], ['line_id', 'sku', 'location', 'quantity'])}")
    parts += [f"Missing: {units} of line {line}" for line, units in it["missing"].items()]
    if not it["recomputed"]:
        parts.append("The scores do not follow from what was kept of them: look at the audit.")
    return "\n\n".join(parts)


@click.command("allocate")
@click.argument("order")
@click.option("--avoid", metavar="LOCATION", multiple=True, help="A location that is not asked.")
@acting
def allocate_command(*, order: str, avoid: tuple[str, ...], give: _Give) -> None:
    """Promise stock to ORDER now."""
    from oms_core.services.allocate_order import AllocateOrder, allocate_order

    give(allocate_order, AllocateOrder(order, avoid))


@click.command("reallocate")
@click.argument("order")
@click.option("--reason", metavar="TEXT", required=True)
@click.option("--avoid", metavar="LOCATION", multiple=True, help="A location that is not asked.")
@acting
def reallocate_command(*, order: str, reason: str, avoid: tuple[str, ...], give: _Give) -> None:
    """Take back what is promised to ORDER and promise it anew."""
    from oms_core.services.reallocate_order import ReallocateOrder, reallocate_order

    give(reallocate_order, ReallocateOrder(order, reason, avoid))


ORDER_COMMANDS = (allocate_command, reallocate_command)
