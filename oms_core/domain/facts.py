"""What a feed reports, typed: orders, returns, movements, balances, goods, and rows that do not fit.

Built by `pipelines.feeds`, recorded by `oms_core.services.apply_feed`. Instants are microseconds UTC, money is
an integer at the fact's own scale. `content_sha256` tells a repetition from a contradiction. Facts that come by the
hundred thousand are named tuples, which cost half of a frozen dataclass to make.
"""

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


@dataclass(frozen=True, slots=True)
class OrderFact:
    """An order, or the part of it that one message holds.

    `state_is_implied`: the source reports no state, the lines of this part imply it; they cannot cancel other lines.
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


@dataclass(frozen=True, slots=True)
class CostFact:
    """A unit cost from an instant on; `location` '' means everywhere."""

    sku: str
    location: str
    valid_from: int
    unit_cost: int
    cost_scale: int
    currency: str


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
