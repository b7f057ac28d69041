"""Movements that orders and returns imply, for accounts whose documents move stock themselves."""

from collections.abc import Iterator

from oms_core.domain.facts import LineFact, MovementFact
from oms_core.domain.orders import Lifecycle, LineKind
from oms_core.domain.stock import Condition, MovementKind
from pipelines.feeds.parsed import Facts

_MOVING = (Lifecycle.CONFIRMED, Lifecycle.CLOSED)


def implied_movements(facts: Facts, account: str, location: str) -> Iterator[MovementFact]:
    """A shipment for each line of goods of an order that is under way or done, a receipt for each returned one."""
    for order in facts.orders:
        if order.lifecycle not in _MOVING:
            continue
        for line in order.lines:
            if line.line_kind == LineKind.ITEM.value and line.quantity > line.cancelled_quantity:
                units = line.cancelled_quantity - line.quantity
                source = f"order/{order.external_id}/{line.line_key}"
                moved = (source, MovementKind.SHIP, order.external_id, order.placed_at)
                yield _movement(moved, line, units, account=account, location=location)
    for document in facts.returns:
        for line in document.lines:
            if line.line_kind == LineKind.ITEM.value:
                source = f"return/{document.external_id}/{line.line_key}"
                served = document.order_external_id or document.external_id
                moved = (source, MovementKind.RETURN_IN, served, document.returned_at)
                yield _movement(moved, line, line.quantity, account=account, location=location)


def _movement(
    moved: tuple[str, MovementKind, str, int], line: LineFact, units: int, *, account: str, location: str
) -> MovementFact:
    source, kind, external_id, at = moved
    return MovementFact(
        source_key=source,
        sku=line.sku or "",
        location=location,
        condition=Condition.SELLABLE.value,
        kind=kind.value,
        quantity=units,
        occurred_at=at,
        content_sha256=line.content_sha256,
        order_account=account,
        order_external_id=external_id,
    )
