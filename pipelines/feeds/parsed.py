"""The hand-over between reading rows and making facts of them."""

from dataclasses import dataclass, field
from typing import NamedTuple

from oms_core.domain.facts import (
    BalanceFact,
    CostFact,
    MovementFact,
    OrderFact,
    OrderPartFact,
    PaymentFact,
    PurchaseLineFact,
    PurchaseOrderFact,
    ReceiptFact,
    ReturnFact,
    SkuFact,
    SupplierFact,
    SupplierPriceFact,
)
from pipelines.feeds.cells import CellFault, Record
from pipelines.feeds.map_values import is_currency


class Parsed(NamedTuple):
    """A row whose cells read. `key` identifies it within its document, `content` tells a repetition from a change."""

    key: str
    content: str
    record: Record


@dataclass(slots=True)
class Facts:
    """What the rows of one message state, and the rows that do not fit."""

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
    held: list[tuple[Parsed, CellFault]] = field(default_factory=list)
    ignored: int = 0


def currency_fault(currency: str, column: str) -> CellFault | None:
    """What is wrong with a currency as the source names it."""
    if not currency:
        return CellFault(column, "required", None, "the row names no currency", "Fill the cell at the source.")
    if not is_currency(currency):
        why = f"{currency!r} is no currency code of three capital letters"
        return CellFault(column, "not_a_currency", currency, why, "Map it by `codes:`, then replay the row.")
    return None
