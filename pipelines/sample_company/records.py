"""What happened at the sample company, as values: orders, returns, movements, balances.

Money is whole euro cents without tax; `at` is whole seconds since 1970 UTC; quantities are positive units.
"""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order or return; `amount` is after discount, for the units that were not cancelled."""

    number: int
    kind: str  # item | shipping | fee
    sku: str
    title: str
    quantity: int
    unit_price: int
    discount: int
    amount: int
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class Order:
    """An order as placed; `cancelled_at` when it was called off as a whole before anything left."""

    account: str
    number: str
    placed_at: int
    country: str
    customer: str
    lines: tuple[Line, ...]
    cancelled_at: int | None = None


@dataclass(frozen=True, slots=True)
class Return:
    """Goods that came back; `order_number` is None when the customer named no order."""

    account: str
    number: str
    order_number: str | None
    returned_at: int
    country: str
    customer: str
    line: Line
    reason: str


@dataclass(frozen=True, slots=True)
class Movement:
    """Units that entered or left a site; `by_till` when the shop's own orders say so and no warehouse feed does."""

    location: str
    at: int
    document: str
    position: int
    sku: str
    kind: str
    units: int
    condition: str = "sellable"
    order_account: str = ""
    order_number: str = ""
    by_till: bool = False

    @property
    def signed(self) -> int:
        """The units with the sign they have in the stock."""
        return -self.units if self.kind in OUTWARD else self.units


OUTWARD = frozenset({"ship", "transfer_out", "adjust_loss", "scrap"})


@dataclass(frozen=True, slots=True)
class Balance:
    """What a site counted at the end of a business day."""

    location: str
    day: date
    sku: str
    condition: str
    units: int


@dataclass(frozen=True, slots=True)
class SupplierReceipt:
    """A supplier's delivery: what was ordered when, and when it came."""

    location: str
    sku: str
    supplier: str
    ordered_on: date
    received_on: date
    units: int


@dataclass(slots=True)
class History:
    """Everything that happened, in the order in which it did."""

    opening: list[Balance] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)
    movements: list[Movement] = field(default_factory=list)
    balances: list[Balance] = field(default_factory=list)
    receipts: list[SupplierReceipt] = field(default_factory=list)
    wanted: list[tuple[int, str, str, int, int]] = field(default_factory=list)  # at, account, sku, wanted, got
