"""How units, packages, lots and instants are written in the options of `oms ship`."""

from collections.abc import Sequence
from datetime import datetime

import click

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import to_micros
from oms_core.services.lots_leaving import NamedLot


def _at(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        return to_micros(datetime.fromisoformat(value))
    except ValueError:
        raise click.BadParameter("an instant with its zone, such as 2026-03-10T09:30+01:00") from None


happened_option = click.option(
    "--at", "occurred_at", metavar="INSTANT", callback=_at, help="When it happened, with its zone; else now."
)


def sku_units(text: str) -> tuple[str, int]:
    """SKU and units of `SKU=N`."""
    sku, _, units = text.rpartition("=")
    if not sku or not units.isdecimal():
        raise _unreadable(text, "SKU=N, such as MUG=2")
    return sku, int(units)


def package_of(text: str) -> tuple[str | None, int | None]:
    """Tracking number and weight of `TRACKING:GRAMS`."""
    tracking, _, grams = text.partition(":")
    if grams and not grams.isdecimal():
        raise _unreadable(text, "TRACKING or TRACKING:GRAMS, such as 00340434:1200")
    return tracking or None, int(grams) if grams else None


def lots_of(texts: Sequence[str]) -> tuple[NamedLot, ...]:
    """The lots of `SKU=LOT:N` texts."""
    named = []
    for text in texts:
        sku, _, rest = text.partition("=")
        lot, _, units = rest.partition(":")
        if not sku or not lot or (units and not units.isdecimal()):
            raise _unreadable(text, "SKU=LOT or SKU=LOT:N, such as MILK=L7:3")
        named.append(NamedLot(sku, lot, int(units) if units else 1))
    return tuple(named)


def _unreadable(text: str, form: str) -> InvalidRequestError:
    return InvalidRequestError("OPTION_UNREADABLE", f"{text!r} cannot be read", remedy=f"Write {form}.")
