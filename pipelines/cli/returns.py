"""`oms return`: returns and exchanges, from the request to graded goods."""

from collections.abc import Callable
from typing import Any

import click

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.commanding import acting
from pipelines.cli.output import emit, json_option, table

_PARTS_OF_AN_ASKED_LINE = 4


@click.group("return")
def return_group() -> None:
    """Returns and exchanges: request, review, receive, grade."""


def _split(text: str, least: int, most: int, form: str) -> list[str]:
    parts = text.split(":")
    if not least <= len(parts) <= most or not all(parts):
        raise click.BadParameter(f"{text!r} is not of the form {form}", param_hint="--line")
    return parts


def _units(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise click.BadParameter(f"{text!r} is no number of units", param_hint="--line")
    return int(text)


@return_group.command("request")
@click.argument("order", metavar="ORDER")
@click.option("--line", "lines", multiple=True, required=True, metavar="LINE:UNITS:REASON[:SKU]")
@click.option("--exchange", is_flag=True, help="For other goods (SKU) instead of money.")
@click.option("--location", metavar="PLACE", help="Where the goods are to come.")
@click.option("--note", metavar="TEXT")
@click.option("--goodwill", is_flag=True, help="Past the window, for who may review returns.")
@acting
def request_command(
    *,
    order: str,
    lines: tuple[str, ...],
    exchange: bool,
    location: str | None,
    note: str | None,
    goodwill: bool,
    give: Callable[..., Any],
) -> None:
    """Ask to send lines of ORDER back. REASON: a code of `oms return reasons`."""
    from oms_core.services.request_return import RequestReturn, ReturnLine, request_return

    asked = []
    for text in lines:
        line, units, reason, *sku = _split(text, 3, _PARTS_OF_AN_ASKED_LINE, "LINE:UNITS:REASON[:SKU]")
        asked.append(ReturnLine(line, _units(units), reason, sku[0] if sku else None))
    kind = "exchange" if exchange else "return"
    give(request_return, RequestReturn(order, tuple(asked), kind, location, note, goodwill))


@return_group.command("approve")
@click.argument("number", metavar="RETURN")
@click.option("--location", metavar="PLACE", help="Where the goods are to come.")
@click.option("--reason", metavar="TEXT")
@acting
def approve_command(
    *,
    number: str,
    location: str | None,
    reason: str | None,
    give: Callable[..., Any],
) -> None:
    """Let the goods of RETURN come."""
    from oms_core.services.review_return import ApproveReturn, approve_return

    give(approve_return, ApproveReturn(number, location, reason))


def _ending(name: str, summary: str, use_case: str, request: str) -> None:
    """Add a command that ends something of a return, with a reason."""

    @return_group.command(name, help=summary)
    @click.argument("number", metavar="RETURN")
    @click.option("--reason", metavar="TEXT", required=True)
    @acting
    def command(
        *,
        number: str,
        reason: str,
        give: Callable[..., Any],
    ) -> None:
        from oms_core.services import review_return

        give(getattr(review_return, use_case), getattr(review_return, request)(number, reason))


_ending("decline", "The goods of RETURN may not come.", "decline_return", "DeclineReturn")
_ending("cancel", "RETURN ends before anything has come.", "cancel_return", "CancelReturn")
_ending("stop-waiting", "What has not come of RETURN will not come.", "stop_waiting", "StopWaiting")


@return_group.command("sent")
@click.argument("number", metavar="RETURN")
@acting
def sent_command(
    *,
    number: str,
    give: Callable[..., Any],
) -> None:
    """The customer handed the parcel over."""
    from oms_core.services.review_return import SendReturn, send_return

    give(send_return, SendReturn(number))


@return_group.command("receive")
@click.argument("number", metavar="RETURN")
@click.argument("location", metavar="PLACE")
@click.option("--line", "lines", multiple=True, required=True, metavar="LINE:UNITS[:LOT]")
@click.option("--at", "occurred_at", metavar="INSTANT", help="When it happened, with its zone; default: now.")
@acting
def receive_command(
    *,
    number: str,
    location: str,
    lines: tuple[str, ...],
    occurred_at: str | None,
    give: Callable[..., Any],
) -> None:
    """Units of RETURN came to PLACE; they wait there for inspection."""
    from oms_core.services.receive_return import ReceivedLine, ReceiveReturn, receive_return
    from oms_core.services.stock_moments import read_instant

    came = []
    for text in lines:
        line, units, *lot = _split(text, 2, 3, "LINE:UNITS[:LOT]")
        came.append(ReceivedLine(line, _units(units), lot[0] if lot else None))
    at = read_instant(occurred_at) if occurred_at else None
    give(receive_return, ReceiveReturn(number, location, tuple(came), at))


@return_group.command("grade")
@click.argument("number", metavar="RETURN")
@click.argument("location", metavar="PLACE")
@click.option("--line", "lines", multiple=True, required=True, metavar="LINE:GRADE:UNITS[:LOT]")
@click.option("--note", metavar="TEXT")
@acting
def grade_command(
    *,
    number: str,
    location: str,
    lines: tuple[str, ...],
    note: str | None,
    give: Callable[..., Any],
) -> None:
    """Units of RETURN at PLACE were inspected. GRADE: restock, damaged, scrap or send_back."""
    from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return

    graded = []
    for text in lines:
        line, grade, units, *lot = _split(text, 3, 4, "LINE:GRADE:UNITS[:LOT]")
        graded.append(GradedLine(line, grade, _units(units), note, lot[0] if lot else None))
    give(grade_return, GradeReturn(number, location, tuple(graded)))


@return_group.command("replace")
@click.argument("number", metavar="RETURN")
@click.option("--price", "prices", multiple=True, metavar="LINE:PRICE", help="A unit, without tax; else what was paid.")
@acting
def replace_command(
    *,
    number: str,
    prices: tuple[str, ...],
    give: Callable[..., Any],
) -> None:
    """Place the order that replaces the goods of an exchange; says the difference to pay or refund."""
    from oms_core.services.exchange_order import PlaceReplacement, ReplacementPrice, place_replacement

    given = [ReplacementPrice(*_split(text, 2, 2, "LINE:PRICE")) for text in prices]
    give(place_replacement, PlaceReplacement(number, tuple(given)))


@return_group.command("show")
@click.argument("number", metavar="RETURN")
@json_option
def show_command(*, number: str, as_json: bool) -> None:
    """One return with its lines, grades and the refund it proposes."""
    from oms_core.services.returns_read import show_return

    with reading(open_engine(Settings.from_environment())) as connection:
        found = show_return(connection, number)
    emit(found, as_json=as_json, text=_shown)


def _shown(it: dict[str, Any]) -> str:
    head = (
        f"{it['return']}  {it['kind']} of {it['order']}  {it['state']}  proposed {it['proposed_refund']}"
        f"  refunded {it['refunded']}  {it['currency']}"
    )
    columns = ["line", "sku", "quantity", "reason", "received", "restocked", "damaged", "scrapped", "sent_back"]
    entries = table(it["entries"], ["occurred_at", "line", "kind", "quantity", "location", "actor", "note"])
    return "\n\n".join([head, table(it["lines"], [*columns, "given_up", "proposed_refund"]), entries])


@return_group.command("list")
@click.option("--state", metavar="STATE")
@click.option("--order", metavar="ORDER")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), default=50, show_default=True)
@json_option
def list_command(*, state: str | None, order: str | None, limit: int, as_json: bool) -> None:
    """Return requests, newest first."""
    from oms_core.services.returns_read import find_returns

    with reading(open_engine(Settings.from_environment())) as connection:
        rows = find_returns(connection, state=state, order=order, limit=limit)
    columns = ["return", "order", "kind", "state", "location", "requested_at"]
    emit({"rows": rows}, as_json=as_json, text=lambda it: table(it["rows"], columns))


@return_group.command("eligible")
@click.argument("order", metavar="ORDER")
@json_option
def eligible_command(*, order: str, as_json: bool) -> None:
    """What of ORDER may be sent back now, until when, or why not."""
    from oms_core.services.company import now_micros
    from oms_core.services.returns_read import eligibility

    with reading(open_engine(Settings.from_environment())) as connection:
        rows = eligibility(connection, order, now=now_micros())
    columns = ["line_key", "sku", "remaining", "until", "refusal", "reason"]
    emit({"rows": rows}, as_json=as_json, text=lambda it: table(it["rows"], columns))


@return_group.command("reasons")
@json_option
def reasons_command(*, as_json: bool) -> None:
    """The reasons a return may have, in both languages, and who pays the way back."""
    from oms_core.services.returns_read import reasons

    with reading(open_engine(Settings.from_environment())) as connection:
        rows = reasons(connection)
    emit({"rows": rows}, as_json=as_json, text=lambda it: table(it["rows"], ["code", "en", "zh", "paid_by"]))
