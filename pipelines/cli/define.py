"""`oms define`: accounts, articles and locations."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.location import location_command


@click.group("define")
def define_group() -> None:
    """Accounts, articles and locations that orders are made of."""


define_group.add_command(location_command)


@define_group.command("account")
@click.argument("account")
@click.option("--channel", default="shop", show_default=True)
@click.option("--name", help="What people see; default: the account.")
@click.option("--fulfilled-here/--fulfilled-elsewhere", default=True, show_default=True)
@click.option("--priority", type=int, default=0, show_default=True, help="Of its orders; greater goes first.")
@acting
def account_command(
    *,
    account: str,
    channel: str,
    name: str | None,
    fulfilled_here: bool,
    priority: int,
    give: Callable[..., Any],
) -> None:
    """An account whose orders come in."""
    from oms_core.services.define import DefineAccount, define_account

    give(define_account, DefineAccount(account, channel, name or account, fulfilled_here, priority))


@define_group.command("sku")
@click.argument("sku")
@click.option("--title")
@click.option("--category")
@click.option("--tracking", type=click.Choice(["none", "lot", "serial"]), default="none", show_default=True)
@click.option("--weight-grams", type=int)
@click.option("--price", help="List price, such as 12.90.")
@click.option("--currency", help="Of the list price.")
@click.option("--returnable/--not-returnable", default=True, show_default=True)
@click.option("--component", "components", multiple=True, metavar="SKU:UNITS", help="It is a bundle of these.")
@acting
def sku_command(
    *,
    sku: str,
    title: str | None,
    category: str | None,
    tracking: str,
    weight_grams: int | None,
    price: str | None,
    currency: str | None,
    returnable: bool,
    components: tuple[str, ...],
    give: Callable[..., Any],
) -> None:
    """An article."""
    from oms_core.domain.money import parse_exact
    from oms_core.services.define import DefineSku, define_sku

    try:
        exact = parse_exact(price) if price else None
    except ValueError:
        raise click.BadParameter(f"{price!r} is no amount such as 12.90", param_hint="--price") from None
    give(
        define_sku,
        DefineSku(
            sku,
            title,
            category,
            tracking,
            weight_grams,
            exact.units if exact else None,
            exact.scale if exact else None,
            currency,
            returnable,
            tuple(_component(text) for text in components),
        ),
    )


def _component(text: str) -> Any:
    from oms_core.services.define import Component

    name, _, units = text.rpartition(":")
    if not name or not units.isdecimal():
        raise click.BadParameter(f"{text!r} is not SKU:UNITS", param_hint="--component")
    return Component(name, int(units))
