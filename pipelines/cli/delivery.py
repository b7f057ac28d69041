"""`oms delivery`: what a destination or an order is offered, and the choice of a method."""

from typing import Any

import click

from oms_core.domain.errors import InvalidRequestError
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.commanding import acting
from pipelines.cli.output import emit, json_option, table


@click.group("delivery")
def delivery_group() -> None:
    """Delivery methods: what fits, what it costs, when it arrives."""


@delivery_group.command("options")
@click.argument("order", required=False)
@click.option("--from", "location", metavar="LOCATION", help="From where; else where most of ORDER is allocated.")
@click.option("--country", metavar="CC", help="Without ORDER: the country it goes to.")
@click.option("--postcode", metavar="TEXT", help="Without ORDER: its postcode.")
@click.option("--weight", metavar="GRAMS", type=click.IntRange(0), help="Without ORDER: the weight.")
@click.option("--units", metavar="N", type=click.IntRange(1), default=1, help="Without ORDER: how many units.")
@click.option("--amount", metavar="AMOUNT", default=None, help="Without ORDER: what the order comes to, as 19.90.")
@click.option("--currency", metavar="C", default="EUR", show_default=True, help="Without ORDER.")
@json_option
def options_command(*, order: str | None, location: str | None, as_json: bool, **asked: Any) -> None:
    """Every delivery method for ORDER or a destination: price and dates, or why not."""
    from oms_core.domain.charges import parse_amount
    from oms_core.services.company import now_micros
    from oms_core.services.delivery_options import Wanted, options_at, options_of_order

    with reading(open_engine(Settings.from_environment())) as connection:
        if order is not None:
            found = options_of_order(connection, order, location=location, now=now_micros())
        elif location is None:
            raise InvalidRequestError(
                "LOCATION_MISSING", "it leaves from somewhere", remedy="Name an ORDER, or a location with --from."
            )
        else:
            currency = asked["currency"]
            wanted = Wanted(
                location=location,
                country=asked["country"],
                postcode=asked["postcode"],
                weight_grams=asked["weight"],
                units=asked["units"],
                amount=parse_amount(asked["amount"], currency) if asked["amount"] else 0,
                currency=currency,
            )
            found = options_at(connection, wanted, now=now_micros())
    emit(found, as_json=as_json, text=_shown)


def _shown(it: dict[str, Any]) -> str:
    rows = [
        {
            **option,
            "price": f"{option['price']} {option['currency']}" if option["is_offered"] else "",
            "why_not": "; ".join(why["reason"] for why in option.get("why_not", [])),
        }
        for option in it["options"]
    ]
    return table(rows, ["method", "name", "name_zh", "price", "leaves_on", "arrives_on", "why_not"])


@delivery_group.command("choose")
@click.argument("order")
@click.argument("method")
@click.option("--from", "location", metavar="LOCATION", help="From where; else where most of ORDER is allocated.")
@click.option("--reason", metavar="TEXT", help="Why.")
@acting
def choose_command(*, order: str, method: str, location: str | None, reason: str | None, **how: Any) -> None:
    """Let ORDER go by METHOD; one that does not fit is refused with every reason."""
    from oms_core.services.delivery_options import ChooseDelivery, choose_delivery

    how["give"](choose_delivery, ChooseDelivery(order, method, location, reason))
