"""Facets of an order and the one status people see, derived from sums and quantities; nothing here is stored truth.

State lives on lines and payments (the payment facet is in `payments`). A facet says how far they are together; the
headline says it in one word, in English and Chinese.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from oms_core.domain.orders import Lifecycle
from oms_core.domain.payments import PaymentState


class FulfilmentStatus(StrEnum):
    """How far the goods are."""

    UNFULFILLED = "unfulfilled"
    ALLOCATED = "allocated"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    PARTIALLY_DELIVERED = "partially_delivered"
    DELIVERED = "delivered"


class LineUnits(NamedTuple):
    """The counters of one line of goods. `wanted`: ordered less cancelled and moved."""

    wanted: int
    allocated: int = 0
    reserved: int = 0
    shipped: int = 0
    delivered: int = 0
    returned: int = 0


def fulfilment_status(lines: Sequence[LineUnits]) -> FulfilmentStatus:
    """The fulfilment facet over the lines that ship (bundles by their components)."""
    wanted = sum(line.wanted for line in lines)
    shipped = sum(line.shipped for line in lines)
    delivered = sum(line.delivered for line in lines)
    if delivered:
        done = all(line.delivered >= line.wanted for line in lines)
        return FulfilmentStatus.DELIVERED if done else FulfilmentStatus.PARTIALLY_DELIVERED
    if shipped:
        done = all(line.shipped >= line.wanted for line in lines)
        return FulfilmentStatus.SHIPPED if done else FulfilmentStatus.PARTIALLY_SHIPPED
    if wanted and all(line.allocated >= line.wanted for line in lines):
        return FulfilmentStatus.ALLOCATED
    return FulfilmentStatus.UNFULFILLED


def lacks_stock(lines: Sequence[LineUnits]) -> bool:
    """Whether a unit is wanted that is neither shipped, allocated nor reserved."""
    return any(line.wanted > line.shipped + line.allocated + line.reserved for line in lines)


class ReturnStatus(StrEnum):
    """How far goods are on their way back."""

    NONE = "none"
    REQUESTED = "requested"
    APPROVED = "approved"
    IN_TRANSIT = "in_transit"
    DECLINED = "declined"
    PARTIALLY_RETURNED = "partially_returned"
    RETURNED = "returned"
    CANCELLED = "cancelled"


_OPEN_REQUESTS = (ReturnStatus.IN_TRANSIT, ReturnStatus.APPROVED, ReturnStatus.REQUESTED)
_ENDED_REQUESTS = (ReturnStatus.DECLINED, ReturnStatus.CANCELLED)


def return_status(lines: Sequence[LineUnits], request_states: Sequence[str]) -> ReturnStatus:
    """The return facet: goods back first, else the request furthest on, else how the requests ended."""
    returned = sum(line.returned for line in lines)
    if returned:
        whole = returned >= sum(line.shipped for line in lines)
        return ReturnStatus.RETURNED if whole else ReturnStatus.PARTIALLY_RETURNED
    for state in (*_OPEN_REQUESTS, *_ENDED_REQUESTS):
        if state in request_states:
            return state
    return ReturnStatus.NONE


class Headline(StrEnum):
    """The one status people see."""

    AWAITING_PAYMENT = "awaiting_payment"
    AWAITING_REVIEW = "awaiting_review"
    OUT_OF_STOCK = "out_of_stock"
    AWAITING_SHIPMENT = "awaiting_shipment"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    REFUNDING = "refunding"
    REFUNDED = "refunded"


HEADLINE_ZH: dict[Headline, str] = {
    Headline.AWAITING_PAYMENT: "待付款",
    Headline.AWAITING_REVIEW: "待审核",
    Headline.OUT_OF_STOCK: "缺货",
    Headline.AWAITING_SHIPMENT: "待发货",
    Headline.PARTIALLY_SHIPPED: "部分发货",
    Headline.SHIPPED: "已发货",
    Headline.DELIVERED: "已签收",
    Headline.COMPLETED: "已完成",
    Headline.CANCELLED: "已取消",
    Headline.REFUNDING: "退款中",
    Headline.REFUNDED: "已退款",
}


class Facets(NamedTuple):
    """What the headline is made of. `to_refund`: money kept although the order or the goods are gone."""

    lifecycle: Lifecycle
    payment: PaymentState
    fulfilment: FulfilmentStatus
    back: ReturnStatus
    lacks_stock: bool = False
    to_refund: bool = False
    pays_later: bool = False  # cash on delivery or terms


_OWES_MONEY = {
    PaymentState.UNPAID,
    PaymentState.FAILED,
    PaymentState.PARTIALLY_PAID,
    PaymentState.VOIDED,
}


def headline(facets: Facets) -> Headline:
    """The first of these that holds: money going back, cancelled, done, how far the goods are, what it waits for."""
    if facets.to_refund or facets.back in _OPEN_REQUESTS:
        return Headline.REFUNDING
    if facets.lifecycle is Lifecycle.CANCELLED:
        return Headline.CANCELLED
    if facets.payment is PaymentState.REFUNDED:
        return Headline.REFUNDED
    if facets.lifecycle is Lifecycle.CLOSED:
        return Headline.COMPLETED
    return _on_its_way(facets)


def _on_its_way(facets: Facets) -> Headline:
    by_goods = {
        FulfilmentStatus.DELIVERED: Headline.DELIVERED,
        FulfilmentStatus.PARTIALLY_DELIVERED: Headline.PARTIALLY_SHIPPED,
        FulfilmentStatus.SHIPPED: Headline.SHIPPED,
        FulfilmentStatus.PARTIALLY_SHIPPED: Headline.PARTIALLY_SHIPPED,
    }
    if shown := by_goods.get(facets.fulfilment):
        return shown
    if facets.lifecycle is Lifecycle.ON_HOLD:
        return Headline.AWAITING_REVIEW
    if facets.lifecycle is Lifecycle.PENDING:
        owes = facets.payment in _OWES_MONEY and not facets.pays_later
        return Headline.AWAITING_PAYMENT if owes else Headline.AWAITING_REVIEW
    return Headline.OUT_OF_STOCK if facets.lacks_stock else Headline.AWAITING_SHIPMENT
