"""Orders to place: a ready shop, an order that nothing is wrong with, and the people who act on it.

The shop `shop` fulfils its orders here; it sells MUG and CUP at a list price of 10.00 euros.
"""

from dataclasses import replace
from itertools import count
from typing import Any

import sqlalchemy as sa

from oms_core.domain.order_requests import Address, NewCustomer, NewLine, NewPayment, PlaceOrder
from oms_core.domain.permissions import Actor, Role
from oms_core.services.allocate_order import AllocateOrder, allocate_order, release_lines_within
from oms_core.services.commands import Call, Unit, transact
from oms_core.services.define import DefineAccount, DefineSku, define_account, define_sku
from oms_core.services.place_orders import place_order
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import order_line
from tests.builders import NOW, a_context, a_movement, a_place, give, march, rows_of

LEAD = Actor("lea", Role.OPS_LEAD)
CLERK = Actor("mei", Role.SUPPORT)
FEED = Actor("web shop", Role.FEED_SERVICE)
VIEWER = Actor("val", Role.VIEWER)
BERLIN = Address(name="Ada Byron", street="Hauptstr. 1", city="Berlin", postcode="10115", country="DE")
_keys = count(1)


def a_call(actor: Actor = LEAD, *, key: str | None = None, now: int = NOW) -> Call:
    """A call under a key of its own."""
    return Call(key or f"key-{next(_keys)}", actor, now)


def open_shop(core: sa.Engine) -> None:
    """The account `shop` and its goods."""
    define_account(core, DefineAccount("shop", "web", "Shop"), a_call())
    for name in ("MUG", "CUP"):
        define_sku(core, DefineSku(name, list_price=1000, list_price_scale=2, list_currency="EUR"), a_call())


def a_new_line(
    key: str = "1", *, sku: str | None = "MUG", quantity: int = 1, price: int = 1000, **more: Any
) -> NewLine:
    """One line of goods; `price` in cents for one unit."""
    return NewLine(key, sku, quantity, price)._replace(**more)


def a_payment(amount: int = 1000, **more: Any) -> NewPayment:
    """A card payment in cents that came with the order."""
    return NewPayment("card", "authorize", amount, "psp", f"ref-{next(_keys)}")._replace(**more)


def to_place(number: str = "1001", *lines: NewLine, **more: Any) -> PlaceOrder:
    """An order in euros that nothing is wrong with, to be paid on account, so that a rule confirms it."""
    order = PlaceOrder(
        account="shop",
        number=number,
        placed_at=march(2, 12),
        currency="EUR",
        lines=tuple(lines or [a_new_line()]),
        customer=NewCustomer(f"C-{number}", "Ada Byron", "ada@example.org"),
        ship_to=BERLIN._replace(street=f"Hauptstr. {number}"),
        payment_terms="on_account",
    )
    return replace(order, **more)


def place(core: sa.Engine, *args: Any, actor: Actor = FEED, **more: Any) -> dict[str, Any]:
    """Place an order made by `to_place`; the document that answers."""
    return place_order(core, to_place(*args, **more), a_call(actor)).document


def stock_up(core: sa.Engine, sku: str = "MUG", units: int = 10, *, location: str = "MAIN") -> None:
    """Units received at a location of the shop."""
    context = a_context(a_place(location), account="shed")
    give(core, a_movement(f"{sku}-{location}-{next(_keys)}", sku=sku, location=location, units=units), context=context)


def promise(core: sa.Engine, *orders: str) -> None:
    """Allocate what is there to these orders."""
    for order in orders:
        allocate_order(core, AllocateOrder(order), a_call())


def lines_of(core: sa.Engine, order: str) -> list[tuple[Any, ...]]:
    """(key, quantity, cancelled, moved, shipped, allocated) of an order's lines."""
    number = order.partition("/")[2]
    return rows_of(
        core,
        "select line_key, quantity, cancelled_quantity, moved_quantity, shipped_quantity, allocated_quantity"
        f" from order_line join sales_order using (order_id) where external_id = '{number}' order by line_id",
    )


def ship(core: sa.Engine, order: str, *, deliver: bool = False, at: int = NOW, **units: int) -> None:
    """Ship (and deliver) units by line key (`_1` for line 1), or all; promises of them end as in a shipment."""

    def work(unit: Unit) -> None:
        header = find_order(unit.connection, order)
        rows = unit.connection.execute(sa.select(order_line).where(order_line.c.order_id == header.order_id)).all()
        wanted = {
            row.line_id: units.get(f"_{row.line_key}", 0) if units else row.quantity - row.cancelled_quantity
            for row in rows
            if row.line_kind == "item" and not row.is_bundle
        }
        release_lines_within(unit, wanted, "shipped")
        for kind in ("ship", "deliver") if deliver else ("ship",):
            entries = [
                LineEntry(line_id, header.order_id, kind, count, "shipment", "S-1", at)
                for line_id, count in wanted.items()
                if count
            ]
            add_line_entries(unit.connection, unit.stamp, entries)

    transact(core, a_call(), work)
