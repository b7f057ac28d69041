"""The state tables of every document but the order: the database holds a copy of them and refuses the rest."""

from oms_core.domain.returns import RETURN_TRANSITIONS
from oms_core.domain.shipments import SHIPMENT_TRANSITIONS

Transition = tuple[str, str, str]  # state, event, next state; the first starts from 'none'

PURCHASE_ORDER_TRANSITIONS: tuple[Transition, ...] = (
    ("none", "draft", "draft"),
    ("draft", "approve", "approved"),
    ("draft", "cancel", "cancelled"),
    ("approved", "send", "sent"),
    ("approved", "cancel", "cancelled"),
    ("sent", "receive_part", "partly_received"),
    ("sent", "receive", "received"),
    ("sent", "cancel", "cancelled"),
    ("sent", "close", "closed"),
    ("partly_received", "receive_part", "partly_received"),
    ("partly_received", "receive", "received"),
    ("partly_received", "close", "closed"),
    ("received", "receive", "received"),
    ("received", "close", "closed"),
)

TRANSFER_TRANSITIONS: tuple[Transition, ...] = (
    ("none", "draft", "draft"),
    ("draft", "ship", "shipped"),
    ("draft", "cancel", "cancelled"),
    ("shipped", "receive_part", "partly_received"),
    ("shipped", "receive", "received"),
    ("partly_received", "receive_part", "partly_received"),
    ("partly_received", "receive", "received"),
)

COUNT_TRANSITIONS: tuple[Transition, ...] = (
    ("none", "open", "open"),
    ("open", "count", "counted"),
    ("open", "cancel", "cancelled"),
    ("counted", "count", "counted"),
    ("counted", "approve", "approved"),
    ("counted", "reject", "rejected"),
    ("counted", "cancel", "cancelled"),
)

APPROVAL_TRANSITIONS: tuple[Transition, ...] = (
    ("none", "request", "pending"),
    ("pending", "approve", "approved"),
    ("pending", "reject", "rejected"),
)

_BY_DOCUMENT: dict[str, tuple[Transition, ...]] = {
    "shipment": tuple((str(a), str(b), str(c)) for a, b, c in SHIPMENT_TRANSITIONS),
    "return_request": tuple((str(a), str(b), str(c)) for a, b, c in RETURN_TRANSITIONS),
    "purchase_order": PURCHASE_ORDER_TRANSITIONS,
    "transfer": TRANSFER_TRANSITIONS,
    "stock_count": COUNT_TRANSITIONS,
    "approval": APPROVAL_TRANSITIONS,
}

# (kind of document, state, event, next state)
DOCUMENT_TRANSITIONS: tuple[tuple[str, str, str, str], ...] = tuple(
    (kind, *step) for kind, steps in _BY_DOCUMENT.items() for step in steps
)


def next_state(kind: str, state: str, event: str) -> str | None:
    """The state that the event leads to; null where the table has no such step."""
    return next((after for before, name, after in _BY_DOCUMENT[kind] if (before, name) == (state, event)), None)


def events_from(kind: str, state: str) -> list[str]:
    """What may happen to a document in this state."""
    return [event for before, event, _ in _BY_DOCUMENT[kind] if before == state]
