"""`oms count`: what to count first, what was seen, who decides, and how accurate records are."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.output import json_option
from pipelines.cli.stock_input import Instant, at_option, show, split_line


@click.group("count")
def count_group() -> None:
    """Counts of stock."""


@count_group.command("open")
@click.argument("location")
@click.option("--sku", "skus", multiple=True, help="Count these; default: the first ones of the ranked list.")
@click.option("--first", type=click.IntRange(1, 1000), default=20, show_default=True, help="Of the ranked list.")
@click.option("--number", help="Default: the next one.")
@acting
def open_command(
    *, location: str, skus: tuple[str, ...], first: int, number: str | None, give: Callable[..., Any], **_: Any
) -> None:
    """Open a count; it names the articles and not what is recorded."""
    from oms_core.services.count_stock import OpenCount, open_count

    give(open_count, OpenCount(location, skus, first, number))


@count_group.command("enter")
@click.argument("count")
@click.option("--line", "lines", multiple=True, required=True, help="MUG:9, or MILK:2,lot=L1,condition=damaged.")
@at_option
@acting
def enter_command(*, count: str, lines: tuple[str, ...], at: int | None, give: Callable[..., Any]) -> None:
    """Enter what was seen; small differences are booked at once."""
    from oms_core.services.count_stock import EnterCount, enter_count

    give(enter_count, EnterCount(count, tuple(_seen(text) for text in lines), at))


def _seen(text: str) -> Any:
    from oms_core.services.count_stock import CountedRecord

    sku, units, parts = split_line(text, "lot", "condition")
    return CountedRecord(sku, units, parts.get("condition", "sellable"), parts.get("lot"))


@count_group.command("approve")
@click.argument("count")
@click.option("--reason", required=True)
@acting
def approve_command(*, count: str, reason: str, give: Callable[..., Any]) -> None:
    """Book the differences of a count that somebody else entered."""
    from oms_core.services.count_stock import CountStep, approve_count

    give(approve_count, CountStep(count, reason))


@count_group.command("reject")
@click.argument("count")
@click.option("--reason", required=True)
@acting
def reject_command(*, count: str, reason: str, give: Callable[..., Any]) -> None:
    """Book nothing of a count that somebody else entered."""
    from oms_core.services.count_stock import CountStep, reject_count

    give(reject_count, CountStep(count, reason))


@count_group.command("cancel")
@click.argument("count")
@click.option("--reason", required=True)
@acting
def cancel_command(*, count: str, reason: str, give: Callable[..., Any]) -> None:
    """Give up a count."""
    from oms_core.services.count_stock import CountStep, cancel_count

    give(cancel_count, CountStep(count, reason))


@count_group.command("list")
@click.argument("location")
@click.option("--first", type=click.IntRange(1), default=20, show_default=True)
@json_option
def list_command(*, location: str, first: int, as_json: bool) -> None:
    """What to count first: by value at risk and suspicion."""
    from oms_core.services.company import now_micros
    from oms_core.services.count_lists import count_rows

    columns = ["sku", "on_hand", "value_at_risk", "suspicion_per_mille", "missed_units", "silent_days"]
    show(lambda connection: count_rows(connection, location, now_micros())[:first], as_json=as_json, columns=columns)


@count_group.command("accuracy")
@click.option("--location")
@click.option("--from", "since", type=Instant(), help="Counts from this instant on.")
@click.option("--to", "until", type=Instant(), help="Counts until this instant.")
@json_option
def accuracy_command(*, location: str | None, since: int | None, until: int | None, as_json: bool) -> None:
    """Share of counted records that were right within the tolerance; blank where nothing was counted."""
    from oms_core.services.count_lists import accuracy

    columns = ["location", "counted", "exact", "within_tolerance", "share"]
    show(
        lambda connection: accuracy(connection, place=location, since=since, until=until),
        as_json=as_json,
        columns=columns,
    )


@count_group.command("residuals")
@click.option("--location")
@json_option
def residuals_command(*, location: str | None, as_json: bool) -> None:
    """Counts about which late facts have changed the ledger since."""
    from oms_core.services.count_lists import residuals

    columns = ["count", "location", "sku", "condition", "lot", "counted", "ledger_now", "residual", "counted_at"]
    show(lambda connection: residuals(connection, place=location), as_json=as_json, columns=columns)
