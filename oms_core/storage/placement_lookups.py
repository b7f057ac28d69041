"""What must be known before a batch of orders is placed: one query a kind of question, whatever its size."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.bundles import Component
from oms_core.domain.look_alike import Trace, goods_of
from oms_core.domain.money import Exact
from oms_core.domain.orders import Lifecycle
from oms_core.storage.bulk import select_where_in
from oms_core.storage.tables import (
    bundle_component,
    channel_account,
    customer_personal,
    order_personal,
    payment_event,
    sales_order,
    sku,
)


class Goods(NamedTuple):
    """What the catalogue knows of a SKU that an order asks for."""

    list_price: Exact | None
    list_currency: str | None
    components: tuple[Component, ...]  # of a bundle; else none


class Account(NamedTuple):
    """What an account says about its orders."""

    account: str
    channel: str
    priority: int
    fulfilled_here: bool


def accounts_named(connection: sa.Connection, accounts: Iterable[str]) -> dict[str, Account]:
    """Accounts by name."""
    columns = [channel_account.c[name] for name in ("account", "channel", "priority", "fulfilled_here")]
    rows = select_where_in(connection, sa.select(*columns), channel_account.c.account, set(accounts))
    return {row.account: Account(*row) for row in rows}


def numbers_taken(connection: sa.Connection, account: str, numbers: Iterable[str]) -> dict[str, sa.Row[Any]]:
    """Orders of the account that have these numbers already: order_id, content_sha256, by number."""
    columns = [sales_order.c[name] for name in ("external_id", "order_id", "content_sha256")]
    statement = sa.select(*columns).where(sales_order.c.account == account)
    rows = select_where_in(connection, statement, sales_order.c.external_id, set(numbers))
    return {row.external_id: row for row in rows}


def goods_named(connection: sa.Connection, names: Iterable[str]) -> dict[str, Goods]:
    """What is known of these SKUs, by SKU; the components of bundles in the order of their SKUs."""
    wanted = set(names)
    parts: dict[str, list[Component]] = {}
    statement = sa.select(bundle_component.c.bundle_sku, bundle_component.c.component_sku, bundle_component.c.quantity)
    for row in select_where_in(
        connection, statement.order_by(bundle_component.c.component_sku), bundle_component.c.bundle_sku, wanted
    ):
        parts.setdefault(row.bundle_sku, []).append(Component(row.component_sku, row.quantity))
    columns = [sku.c[name] for name in ("sku", "list_price", "list_price_scale", "list_currency")]
    return {
        row.sku: Goods(
            None if row.list_price is None else Exact(row.list_price, row.list_price_scale),
            row.list_currency,
            tuple(parts.get(row.sku, ())),
        )
        for row in select_where_in(connection, sa.select(*columns), sku.c.sku, wanted)
    }


def customers_known(connection: sa.Connection, account: str, references: Iterable[str]) -> set[str]:
    """Those of the references that the account's buyers are known by: they bought before."""
    statement = sa.select(customer_personal.c.external_ref).where(customer_personal.c.account == account)
    rows = select_where_in(connection, statement, customer_personal.c.external_ref, set(references))
    return {row.external_ref for row in rows}


def traces_of(connection: sa.Connection, arriving: Sequence[Trace]) -> list[Trace]:
    """Orders that were not cancelled, of the same buyers with the same goods or to the same addresses."""
    order, person, buyer = sales_order.c, order_personal.c, customer_personal.c
    columns = [order.account, order.external_id, order.look_alike_key, order.placed_at, person.address_digest]
    statement = (
        sa.select(*columns, buyer.external_ref)
        .select_from(sales_order)
        .outerjoin(order_personal, person.order_id == order.order_id)
        .outerjoin(customer_personal, buyer.customer_id == order.customer_id)
        .where(order.lifecycle != Lifecycle.CANCELLED.value, order.look_alike_key.is_not(None))
    )
    keys = {trace.key for trace in arriving if trace.buyer is not None}
    addresses = {trace.address for trace in arriving if trace.address is not None}
    rows = set(select_where_in(connection, statement, order.look_alike_key, keys))
    rows.update(select_where_in(connection, statement, person.address_digest, addresses))
    found = [
        Trace(
            account=row.account,
            number=row.external_id,
            goods=goods_of(row.look_alike_key),
            buyer=buyer_key(row.account, row.external_ref),
            address=row.address_digest,
            placed_at=row.placed_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda trace: (trace.placed_at, trace.account, trace.number))


def buyer_key(account: str, reference: str | None) -> str | None:
    """How look-alikes name a buyer: within his account; null for a guest."""
    return None if reference is None else f"{account}|{reference}"


def references_taken(connection: sa.Connection, references: Iterable[str]) -> Mapping[tuple[str, str, str], int]:
    """Payments recorded already: the order's id by (provider, reference, kind)."""
    event = payment_event.c
    statement = sa.select(event.provider, event.provider_ref, event.kind, event.order_id)
    rows = select_where_in(connection, statement, event.provider_ref, set(references))
    return {(row.provider, row.provider_ref, row.kind): row.order_id for row in rows}
