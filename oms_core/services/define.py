"""Define what orders are made of: accounts that sell, and articles with their tracking, prices and components."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.catalogue import ensure_skus
from oms_core.storage.tables import bundle_component, channel_account, sku, stock_balance

_TRACKING = ("none", "lot", "serial")


@dataclass(frozen=True, slots=True)
class DefineAccount:
    """An account whose orders come in. `fulfilled_here`: this core allocates and ships them."""

    account: str
    channel: str
    name: str
    fulfilled_here: bool = True
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """Units of an article in one bundle."""

    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class DefineSku:
    """An article. `list_price` at `list_price_scale` digits; `components`: it is a bundle of these."""

    sku: str
    title: str | None = None
    category: str | None = None
    tracking: str = "none"
    weight_grams: int | None = None
    list_price: int | None = None
    list_price_scale: int | None = None
    list_currency: str | None = None
    is_returnable: bool = True
    components: tuple[Component, ...] = ()


@use_case("account.define", Permission.LOCATION_DEFINE)
def define_account(unit: Unit, request: DefineAccount) -> Outcome:
    """The account as it is now described; orders that came before keep what they were placed with."""
    if not request.account.strip():
        raise InvalidRequestError("ACCOUNT_UNNAMED", "an account has a name", remedy="Give one, such as webshop.")
    values = {
        "channel": request.channel,
        "name": request.name,
        "fulfilled_here": request.fulfilled_here,
        "priority": request.priority,
        "change_id": unit.stamp.change_id,
    }
    same = channel_account.c.account == request.account
    if unit.connection.execute(sa.select(channel_account.c.account).where(same)).first() is None:
        fresh = {"account": request.account, "moves_stock": False, "recorded_at": unit.stamp.recorded_at}
        unit.connection.execute(channel_account.insert().values(**fresh, **values))
    else:
        unit.connection.execute(channel_account.update().where(same).values(**values))
    document: dict[str, Any] = {"account": request.account, "channel": request.channel, "name": request.name}
    document |= {"fulfilled_here": request.fulfilled_here, "priority": request.priority}
    return Outcome("account", request.account, document, topic="account.defined")


@use_case("sku.define", Permission.SKU_DEFINE)
def define_sku(unit: Unit, request: DefineSku) -> Outcome:
    """The article as it is now described.

    Raises:
        InvalidRequestError: SKU_UNNAMED, TRACKING_UNKNOWN, PRICE_INCOMPLETE, COMPONENT_INVALID.
        RuleViolationError: TRACKING_IN_USE where stock of it is on hand under another tracking.
    """
    _check(request)
    ensure_skus(unit.connection, [request.sku, *(part.sku for part in request.components)], unit.stamp)
    row = unit.connection.execute(sa.select(sku).where(sku.c.sku == request.sku)).one()
    if row.tracking != request.tracking:
        _require_no_stock(unit.connection, request.sku)
    names = ["title", "category", "tracking", "weight_grams", "list_price", "list_price_scale", "list_currency"]
    values = {name: getattr(request, name) for name in [*names, "is_returnable"]}
    unit.connection.execute(
        sku.update().where(sku.c.sku == request.sku).values(**values, change_id=unit.stamp.change_id)
    )
    _set_components(unit, request)
    document = {"sku": request.sku, **values}
    document["components"] = [{"sku": part.sku, "quantity": part.quantity} for part in request.components]
    return Outcome("sku", request.sku, document, topic="sku.defined")


def _check(request: DefineSku) -> None:
    if not request.sku.strip():
        raise InvalidRequestError("SKU_UNNAMED", "an article has a SKU", remedy="Give one.")
    if request.tracking not in _TRACKING:
        raise InvalidRequestError(
            "TRACKING_UNKNOWN", f"{request.tracking!r} is no tracking", remedy=f"Use one of {', '.join(_TRACKING)}."
        )
    price = (request.list_price, request.list_price_scale, request.list_currency)
    if any(part is None for part in price) != all(part is None for part in price):
        raise InvalidRequestError(
            "PRICE_INCOMPLETE", "a list price has an amount, its scale and a currency", remedy="Give all three or none."
        )
    for part in request.components:
        if part.quantity < 1 or part.sku == request.sku:
            raise InvalidRequestError(
                "COMPONENT_INVALID",
                f"{part.quantity} x {part.sku} cannot be part of {request.sku}",
                remedy="Name other articles with one unit or more.",
            )


def _require_no_stock(connection: sa.Connection, name: str) -> None:
    held = sa.select(stock_balance.c.sku).where(stock_balance.c.sku == name, stock_balance.c.on_hand != 0)
    if connection.execute(held.limit(1)).first() is not None:
        raise RuleViolationError(
            "TRACKING_IN_USE",
            f"{name} has stock, whose lots or serial numbers would be unknown",
            remedy="Count it out, change the tracking, and count it in with its lots.",
        )


def _set_components(unit: Unit, request: DefineSku) -> None:
    unit.connection.execute(bundle_component.delete().where(bundle_component.c.bundle_sku == request.sku))
    rows = [
        {
            "bundle_sku": request.sku,
            "component_sku": part.sku,
            "quantity": part.quantity,
            "recorded_at": unit.stamp.recorded_at,
            "change_id": unit.stamp.change_id,
        }
        for part in request.components
    ]
    if rows:
        unit.connection.execute(bundle_component.insert(), rows)
