"""What a feed reports, typed: orders, returns, payments, purchases, movements, balances, goods, rows that do not fit.

Built by `pipelines.feeds`, recorded by `oms_core.services.apply_feed`. Instants are microseconds UTC, money is
an integer at the fact's own scale. `content_sha256` tells a repetition from a contradiction. Facts that come by the
hundred thousand are named tuples, which cost half of a frozen dataclass to make.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from oms_core.domain.orders import Lifecycle


@dataclass(frozen=True, slots=True)
class CustomerFact:
    """The buyer as the source names him; personal, kept apart."""

    external_ref: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None


class LineFact(NamedTuple):
    """One line of an order or a return. `line_amount`: whole line, after discount, without tax."""

    line_key: str
    line_kind: str
    sku: str | None
    title: str | None
    quantity: int
    unit_price: int | None
    line_amount: int
    money_scale: int
    content_sha256: str
    cancelled_quantity: int = 0
    discount_amount: int = 0
    tax_amount: int | None = None
    reason: str | None = None
    source_version: int | None = None


@dataclass(frozen=True, slots=True)
class OrderFact:
    """An order, or the part of it that one message holds.

    `state_is_implied`: the source reports no state, the lines of this part imply it; they cannot cancel other lines.
    `milestones`: instants by the name of what happened (approved, shipped, delivered) or is promised.
    """

    external_id: str
    placed_at: int
    currency: str
    lifecycle: Lifecycle
    lines: list[LineFact]
    customer: CustomerFact | None = None
    country: str | None = None
    source_version: int | None = None
    state_is_implied: bool = False
    milestones: Mapping[str, int] = field(default_factory=dict)


class OrderPartFact(NamedTuple):
    """Lines of an order that another message describes; they wait until it has come."""

    external_id: str
    lines: list[LineFact]
    currency: str


class PaymentFact(NamedTuple):
    """Money paid for an order, in minor units; without `paid_at` it counts as paid when the order was placed."""

    external_id: str
    order_external_id: str
    method: str
    amount: int
    currency: str
    paid_at: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnFact:
    """A return document; it may name the order it belongs to, or none. Quantities and amounts are positive."""

    external_id: str
    returned_at: int
    currency: str
    lines: list[LineFact]
    order_external_id: str | None = None
    customer: CustomerFact | None = None
    country: str | None = None
    source_version: int | None = None


class MovementFact(NamedTuple):
    """Units that came or went; `quantity` is signed."""

    source_key: str
    sku: str
    location: str
    condition: str
    kind: str
    quantity: int
    occurred_at: int
    content_sha256: str
    order_account: str | None = None
    order_external_id: str | None = None
    reason: str | None = None


class BalanceFact(NamedTuple):
    """A balance somebody observed, and the unit cost they put on it: an observation, never a movement."""

    sku: str
    location: str
    condition: str
    observed_at: int
    quantity: int
    content_sha256: str
    unit_cost: int | None = None
    cost_scale: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class SkuFact:
    """Goods as a catalogue describes them."""

    sku: str
    title: str | None = None
    category: str | None = None
    list_price: int | None = None
    list_price_scale: int | None = None
    list_currency: str | None = None
    reorder_point: int | None = None


@dataclass(frozen=True, slots=True)
class CostFact:
    """A unit cost from an instant on; `location` '' means everywhere."""

    sku: str
    location: str
    valid_from: int
    unit_cost: int
    cost_scale: int
    currency: str


class SupplierFact(NamedTuple):
    """Somebody goods are bought from."""

    supplier: str
    name: str
    country: str | None = None
    currency: str | None = None
    lead_time_days: int | None = None
    is_active: bool = True


class SupplierPriceFact(NamedTuple):
    """What a supplier asks for one unit of an article from an instant on (0: since ever), and how he sells it."""

    supplier: str
    sku: str
    valid_from: int
    unit_price: int
    price_scale: int
    currency: str
    minimum_quantity: int = 1
    maximum_quantity: int | None = None
    pack_size: int = 1
    lead_time_days: int | None = None


class PurchaseOrderFact(NamedTuple):
    """An order to a supplier, without its lines."""

    number: str
    supplier: str
    ordered_at: int
    currency: str
    state: str
    location: str | None = None
    source_total: int | None = None
    total_scale: int | None = None
    source_version: int | None = None


class PurchaseLineFact(NamedTuple):
    """A line of an order to a supplier; it waits until the order has come."""

    number: str
    line_key: str
    sku: str
    quantity: int
    unit_price: int
    price_scale: int
    expected_at: int | None = None


class ReceiptFact(NamedTuple):
    """Units of a purchase-order line that arrived, rejected ones among them; it waits until the line has come."""

    number: str
    purchase_order: str
    line_key: str
    quantity: int
    rejected_quantity: int
    received_at: int
    location: str | None = None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that does not fit, with where it stood, which rule it breaks and what to do."""

    row_key: str
    path: str
    row_number: int
    column: str
    rule: str
    value: str | None
    reason: str
    fix: str
    payload: str


@dataclass(frozen=True, slots=True)
class FeedMessage:
    """One message of a feed as received (`payload`), and the facts it states."""

    kind: str
    message_key: str
    natural_key: str
    payload: str
    sha256: str
    source_version: int | None = None
    orders: list[OrderFact] = field(default_factory=list)
    returns: list[ReturnFact] = field(default_factory=list)
    movements: list[MovementFact] = field(default_factory=list)
    balances: list[BalanceFact] = field(default_factory=list)
    skus: list[SkuFact] = field(default_factory=list)
    costs: list[CostFact] = field(default_factory=list)
    parts: list[OrderPartFact] = field(default_factory=list)
    payments: list[PaymentFact] = field(default_factory=list)
    suppliers: list[SupplierFact] = field(default_factory=list)
    supplier_prices: list[SupplierPriceFact] = field(default_factory=list)
    purchase_orders: list[PurchaseOrderFact] = field(default_factory=list)
    purchase_lines: list[PurchaseLineFact] = field(default_factory=list)
    receipts: list[ReceiptFact] = field(default_factory=list)
    held: list[HeldRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LocationFact:
    """A place that holds stock, and its policies."""

    location: str
    name: str
    country: str | None = None
    allows_negative_stock: bool = False
    opening_from_first_balance: bool = False
    valuation: str = "dated"
    listing: str = "ever_moved"


@dataclass(frozen=True, slots=True)
class AccountFact:
    """A channel or warehouse account: who sends, and whether its orders move stock themselves."""

    account: str
    channel: str
    name: str
    moves_stock: bool = False
