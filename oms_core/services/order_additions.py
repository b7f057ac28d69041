"""What a change adds to an order: more units of a line, lines of its own; and the checks that new goods go through."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.bundles import explode
from oms_core.domain.charges import LineCharge, line_totals
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.hold_checks import CheckedLine, price_findings, quantity_findings
from oms_core.domain.holds import parse_limits
from oms_core.domain.money import Exact
from oms_core.domain.order_pricing import price_order
from oms_core.domain.order_requests import NewLine, PlaceOrder
from oms_core.domain.orders import LineKind
from oms_core.services.commands import Unit
from oms_core.services.hold_work import raise_hold
from oms_core.services.order_work import lines_of, wanted_of
from oms_core.services.policies import policy_of
from oms_core.storage.order_placement import append_lines
from oms_core.storage.placement_lookups import goods_named
from oms_core.storage.tables import order_line


def raise_quantity(unit: Unit, order: sa.Row[Any], row: sa.Row[Any], rows: Sequence[sa.Row[Any]], more: int) -> None:
    """Add units to a line at its unit price and tax rate, without discount; the components of a bundle follow.

    Raises:
        RuleViolationError: PRICE_UNKNOWN, TAX_UNKNOWN, COMPONENT_OF_BUNDLE: such a line cannot grow.
    """
    if row.parent_line_id is not None:
        raise RuleViolationError(
            "COMPONENT_OF_BUNDLE",
            f"line {row.line_key} is part of a bundle",
            remedy="Change the bundle's line; its components follow.",
            line=row.line_key,
        )
    if row.unit_price is None or (row.tax_rate is None and row.tax_amount):
        what = "PRICE_UNKNOWN" if row.unit_price is None else "TAX_UNKNOWN"
        raise RuleViolationError(
            what,
            f"line {row.line_key} does not say what one more unit costs",
            remedy="Add a line of its own with price and tax.",
            line=row.line_key,
        )
    charge = LineCharge(more, row.unit_price, row.money_scale, 0, row.tax_rate or 0)
    totals = line_totals(charge, prices_include_tax=bool(order.prices_include_tax))
    tax = None if row.tax_amount is None else row.tax_amount + totals.tax
    _set(unit, row, quantity=row.quantity + more, line_amount=row.line_amount + totals.amount, tax_amount=tax)
    kits = wanted_of(row)
    for part in rows:
        if part.parent_line_id == row.line_id:
            each = wanted_of(part) // kits if kits else part.quantity // row.quantity
            _set(unit, part, quantity=part.quantity + each * more)


def _set(unit: Unit, row: sa.Row[Any], **values: Any) -> None:
    same = order_line.c.line_id == row.line_id
    unit.connection.execute(order_line.update().where(same).values(**values, change_id=unit.stamp.change_id))


def add_lines(unit: Unit, order: sa.Row[Any], added: Sequence[NewLine], *, scale: int) -> None:
    """Add lines to an order, priced as when it is placed.

    Raises:
        InvalidRequestError: ORDER_INVALID, SKU_UNKNOWN, LINE_TWICE where the key is taken.
    """
    if not added:
        return
    taken = {row.line_key for row in lines_of(unit.connection, order.order_id)}
    if twice := sorted(taken & {line.line_key for line in added}):
        raise InvalidRequestError(
            "LINE_TWICE", f"the order has a line {', '.join(twice)} already", remedy="Give the new line another key."
        )
    request = PlaceOrder(
        account=order.account,
        number=order.external_id,
        placed_at=order.placed_at,
        currency=order.currency,
        lines=tuple(added),
        money_scale=scale,
        prices_include_tax=bool(order.prices_include_tax),
    )
    priced = price_order(request)
    goods = goods_named(unit.connection, {line.sku for line in added if line.sku is not None})
    if unknown := sorted({line.sku for line in added if line.sku is not None} - goods.keys()):
        raise InvalidRequestError(
            "SKU_UNKNOWN",
            f"nobody knows the SKU {', '.join(unknown)}",
            remedy="Correct it, or add the article to the catalogue first.",
            skus=unknown,
        )
    components = {
        at: explode(line.line_key, line.quantity, parts)
        for at, line in enumerate(added)
        if line.sku is not None and line.line_kind == LineKind.ITEM.value and (parts := goods[line.sku].components)
    }
    append_lines(unit.connection, order, priced.lines, components, scale=scale, stamp=unit.stamp)


def check_goods(unit: Unit, order: sa.Row[Any], line_keys: Collection[str]) -> None:
    """Hold an order whose changed or added lines (`line_keys`) have unusual prices or quantities."""
    if not line_keys:
        return
    connection = unit.connection
    rows = [
        row
        for row in lines_of(connection, order.order_id)
        if row.line_kind == LineKind.ITEM.value and row.line_key in line_keys and wanted_of(row)
    ]
    goods = goods_named(connection, {row.sku for row in rows})
    lines = [
        CheckedLine(
            row.sku,
            wanted_of(row),
            None if row.unit_price is None else Exact(row.unit_price, row.money_scale),
            goods[row.sku].list_price if goods[row.sku].list_currency == order.currency else None,
        )
        for row in rows
    ]
    limits = parse_limits(policy_of(connection, "holds").document)
    for finding in (*price_findings(lines, limits), *quantity_findings(lines, limits)):
        raise_hold(unit, order.order_id, finding.kind, finding.reason, rule="change")
