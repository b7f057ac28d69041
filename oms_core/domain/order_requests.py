"""An order as somebody asks for it: plain values, checked and priced in `order_pricing`.

Line prices, discounts and charges are integers at the order's `money_scale`; payments and the source's total are at
the currency's own digits. The parts of a request are named tuples: they come by the thousand.
"""

from dataclasses import dataclass
from typing import NamedTuple


class Address(NamedTuple):
    """Who gets the goods and where, as written; personal."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    street: str | None = None
    city: str | None = None
    postcode: str | None = None
    country: str | None = None


class NewCustomer(NamedTuple):
    """The buyer as the channel names him; personal but for the reference."""

    reference: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None


class NewLine(NamedTuple):
    """One line. `tax`: as the source says, for the whole line; else it is worked out from `tax_rate` (millionths)."""

    line_key: str
    sku: str | None
    quantity: int
    unit_price: int
    line_kind: str = "item"
    title: str | None = None
    discount: int = 0
    tax_rate: int | None = None
    tax: int | None = None


class NewCharge(NamedTuple):
    """An order-level row: a `discount` is shared out over the goods; `shipping`, `surcharge` and `tax` stay rows."""

    kind: str
    amount: int
    code: str | None = None


class NewPayment(NamedTuple):
    """Money that came with the order: `authorize` or `capture`, in minor units."""

    method: str
    kind: str
    amount: int
    provider: str
    provider_ref: str


@dataclass(frozen=True, slots=True)
class PlaceOrder:
    """An order to place. `number` is the channel's; (account, number) is one order for ever."""

    account: str
    number: str
    placed_at: int
    currency: str
    lines: tuple[NewLine, ...]
    money_scale: int = 2
    prices_include_tax: bool = False
    customer: NewCustomer | None = None
    ship_to: Address | None = None
    payment_terms: str = "prepaid"
    payments: tuple[NewPayment, ...] = ()
    charges: tuple[NewCharge, ...] = ()
    delivery_method: str | None = None
    priority: int | None = None  # null: the account's
    source_total: int | None = None  # minor units; compared, never repaired
    note: str | None = None
    parent_order_id: int | None = None
    relation: str | None = None  # how it comes from its parent: `exchange`
