"""`oms define location`: a place that holds stock."""

import re
from collections.abc import Callable
from typing import Any

import click

from oms_core.domain.money import parse_exact
from pipelines.cli.commanding import acting

_MICRO = 6


def _degrees(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    try:
        exact = parse_exact(value)
    except ValueError:
        exact = None
    if exact is None or exact.scale > _MICRO:
        raise click.BadParameter("degrees with up to 6 digits, such as 52.520008")
    return exact.at(_MICRO)


def _minute(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d", value):
        raise click.BadParameter("a time of day such as 14:30")
    return int(value[:2]) * 60 + int(value[3:])


@click.command("location")
@click.argument("location")
@click.option("--name", help="What people see; default: the location.")
@click.option("--kind", type=click.Choice(["site", "in_transit"]), default="site", show_default=True)
@click.option("--country", metavar="CODE")
@click.option("--region", help="As the allocation policy names regions of postcodes.")
@click.option("--latitude", metavar="DEGREES", callback=_degrees)
@click.option("--longitude", metavar="DEGREES", callback=_degrees)
@click.option("--time-zone", metavar="ZONE", help="Default: the company's.")
@click.option("--cut-off", "cutoff_minute", metavar="HH:MM", callback=_minute, help="Until then orders leave today.")
@click.option("--handling-cost", type=int, default=0, show_default=True, help="Of one order, in minor units.")
@click.option("--priority", type=int, default=0, show_default=True, help="Greater is preferred.")
@click.option("--negative-stock/--no-negative-stock", "allows_negative_stock", default=False, show_default=True)
@click.option("--valuation", type=click.Choice(["dated", "fifo"]), default="dated", show_default=True)
@acting
def location_command(*, location: str, name: str | None, give: Callable[..., Any], **described: Any) -> None:
    """A place that holds stock."""
    from oms_core.services.locations import DefineLocation, define_location

    give(define_location, DefineLocation(location, name or location, **described))
