"""`oms purchase`: suppliers, their prices, and purchase orders from draft to closed."""

from collections.abc import Callable
from typing import Any

import click

from pipelines.cli.commanding import acting
from pipelines.cli.output import json_option
from pipelines.cli.stock_input import Instant, instant_in, show, split_line

_LINE = "MUG:12, or MUG:12,price=1.80,expected=2026-04-01T12:00+02:00; again for each line."


@click.group("purchase")
def purchase_group() -> None:
    """Suppliers, prices and purchase orders."""


@purchase_group.command("supplier")
@click.argument("supplier")
@click.option("--name", help="What people see; default: the key.")
@click.option("--country", help="ISO 3166 code.")
@click.option("--currency", help="Of its orders.")
@click.option("--lead-days", type=int, help="From order to delivery.")
@click.option("--late-days", type=int, help="Nine in ten deliveries are at most so many days late.")
@click.option("--active/--inactive", default=True, show_default=True)
@acting
def supplier_command(
    *,
    supplier: str,
    name: str | None,
    country: str | None,
    currency: str | None,
    lead_days: int | None,
    late_days: int | None,
    active: bool,
    give: Callable[..., Any],
) -> None:
    """Define a supplier, or describe him anew."""
    from oms_core.services.suppliers import DefineSupplier, define_supplier

    described = DefineSupplier(supplier, name or supplier, country, currency, lead_days, late_days, active)
    give(define_supplier, described)


@purchase_group.command("price")
@click.argument("supplier")
@click.argument("sku")
@click.argument("unit_price")
@click.option("--currency", required=True)
@click.option("--from", "valid_from", type=Instant(), help="Valid from then on; default: now.")
@click.option("--minimum", type=int, default=1, show_default=True)
@click.option("--pack", type=int, default=1, show_default=True)
@click.option("--maximum", type=int)
@click.option("--lead-days", type=int)
@acting
def price_command(
    *,
    supplier: str,
    sku: str,
    unit_price: str,
    currency: str,
    valid_from: int | None,
    minimum: int,
    pack: int,
    maximum: int | None,
    lead_days: int | None,
    give: Callable[..., Any],
) -> None:
    """Record what a supplier asks for an article."""
    from oms_core.services.suppliers import SetSupplierPrice, set_supplier_price

    price = SetSupplierPrice(supplier, sku, unit_price, currency, valid_from, minimum, pack, maximum, lead_days)
    give(set_supplier_price, price)


@purchase_group.command("draft")
@click.argument("supplier")
@click.argument("location")
@click.option("--line", "lines", multiple=True, required=True, help=_LINE)
@click.option("--number", help="Default: the next one.")
@click.option("--currency", help="Where prices are given with the lines.")
@acting
def draft_command(
    *,
    supplier: str,
    location: str,
    lines: tuple[str, ...],
    number: str | None,
    currency: str | None,
    give: Callable[..., Any],
) -> None:
    """Draft an order; somebody else approves it."""
    from oms_core.services.purchase_orders import DraftPurchaseOrder, draft_purchase_order

    ordered = tuple(_ordered(text) for text in lines)
    give(draft_purchase_order, DraftPurchaseOrder(supplier, location, ordered, number, currency))


def _ordered(text: str) -> Any:
    from oms_core.services.purchase_orders import OrderedLine

    sku, units, parts = split_line(text, "price", "expected")
    return OrderedLine(sku, units, parts.get("price"), instant_in(parts, "expected"))


@purchase_group.command("approve")
@click.argument("purchase_order")
@click.option("--reason")
@acting
def approve_command(*, purchase_order: str, reason: str | None, give: Callable[..., Any]) -> None:
    """Approve an order that somebody else drafted."""
    from oms_core.services.purchase_orders import PurchaseOrderStep, approve_purchase_order

    give(approve_purchase_order, PurchaseOrderStep(purchase_order, reason))


@purchase_group.command("send")
@click.argument("purchase_order")
@acting
def send_command(*, purchase_order: str, give: Callable[..., Any]) -> None:
    """Say that an approved order went to the supplier."""
    from oms_core.services.purchase_orders import PurchaseOrderStep, send_purchase_order

    give(send_purchase_order, PurchaseOrderStep(purchase_order))


@purchase_group.command("expect")
@click.argument("purchase_order")
@click.argument("expected_at", type=Instant())
@click.option("--reason", required=True)
@click.option("--line", help="This line or article only.")
@acting
def expect_command(
    *, purchase_order: str, expected_at: int, reason: str, line: str | None, give: Callable[..., Any], **_: Any
) -> None:
    """Record that goods are expected at another time; earlier expectations are kept."""
    from oms_core.services.purchase_orders import ExpectPurchaseOrder, expect_purchase_order

    give(expect_purchase_order, ExpectPurchaseOrder(purchase_order, expected_at, reason, line))


@purchase_group.command("cancel")
@click.argument("purchase_order")
@click.option("--reason", required=True)
@acting
def cancel_command(*, purchase_order: str, reason: str, give: Callable[..., Any]) -> None:
    """Cancel what has not come."""
    from oms_core.services.purchase_orders import PurchaseOrderStep, cancel_purchase_order

    give(cancel_purchase_order, PurchaseOrderStep(purchase_order, reason))


@purchase_group.command("close")
@click.argument("purchase_order")
@click.option("--reason", help="Needed where units are still open.")
@acting
def close_command(*, purchase_order: str, reason: str | None, give: Callable[..., Any]) -> None:
    """Close an order; what did not come is cancelled."""
    from oms_core.services.purchase_orders import PurchaseOrderStep, close_purchase_order

    give(close_purchase_order, PurchaseOrderStep(purchase_order, reason))


@purchase_group.command("show")
@click.argument("purchase_order")
@json_option
def show_command(*, purchase_order: str, as_json: bool) -> None:
    """One order with its lines and every expected date they had."""
    from oms_core.services.purchase_documents import purchase_order_document

    show(lambda connection: purchase_order_document(connection, purchase_order), as_json=as_json)


@purchase_group.command("list")
@click.option("--state", help="draft, approved, sent, partly_received, received, closed or cancelled.")
@json_option
def list_command(*, state: str | None, as_json: bool) -> None:
    """Purchase orders, newest first."""
    from oms_core.services.purchase_documents import purchase_orders

    columns = ["number", "supplier", "location", "state", "currency", "ordered_at"]
    show(lambda connection: purchase_orders(connection, state=state), as_json=as_json, columns=columns)


@purchase_group.command("expected")
@click.argument("skus", nargs=-1, required=True)
@json_option
def expected_command(*, skus: tuple[str, ...], as_json: bool) -> None:
    """What sent orders still bring of these articles."""
    from oms_core.services.purchase_documents import expected_goods

    columns = ["sku", "location", "expected_at", "quantity", "number"]
    show(lambda connection: expected_goods(connection, skus), as_json=as_json, columns=columns)
