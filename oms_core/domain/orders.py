"""Orders: line kinds, life cycle and its transition table."""

from enum import StrEnum


class LineKind(StrEnum):
    """What a line of an order or a return stands for. Only `item` lines are goods and count units."""

    ITEM = "item"
    SHIPPING = "shipping"
    FEE = "fee"
    DISCOUNT = "discount"
    GIFT_CARD = "gift_card"
    TIP = "tip"
    WRITE_OFF = "write_off"  # kept as the source sent it; in no sales metric
    ADJUSTMENT = "adjustment"  # money only; in no sales metric


LINE_KINDS = tuple(kind.value for kind in LineKind)


class Lifecycle(StrEnum):
    """Where an order stands; `none` is the moment before its first event, never seen by a reader."""

    NONE = "none"
    PENDING = "pending"
    CONFIRMED = "confirmed"
    ON_HOLD = "on_hold"
    CANCELLED = "cancelled"
    CLOSED = "closed"


class OrderEvent(StrEnum):
    """What can happen to an order's life cycle."""

    PLACE = "place"
    CONFIRM = "confirm"
    HOLD = "hold"
    RELEASE = "release"
    CANCEL = "cancel"
    CLOSE = "close"
    REOPEN = "reopen"


# (state, event, next state): the one table that decides; the database holds a copy and refuses the rest.
TRANSITIONS: tuple[tuple[Lifecycle, OrderEvent, Lifecycle], ...] = (
    (Lifecycle.NONE, OrderEvent.PLACE, Lifecycle.PENDING),
    (Lifecycle.PENDING, OrderEvent.CONFIRM, Lifecycle.CONFIRMED),
    (Lifecycle.PENDING, OrderEvent.HOLD, Lifecycle.ON_HOLD),
    (Lifecycle.PENDING, OrderEvent.CANCEL, Lifecycle.CANCELLED),
    (Lifecycle.CONFIRMED, OrderEvent.HOLD, Lifecycle.ON_HOLD),
    (Lifecycle.ON_HOLD, OrderEvent.RELEASE, Lifecycle.CONFIRMED),
    (Lifecycle.ON_HOLD, OrderEvent.RELEASE, Lifecycle.PENDING),
    (Lifecycle.CONFIRMED, OrderEvent.CANCEL, Lifecycle.CANCELLED),
    (Lifecycle.ON_HOLD, OrderEvent.CANCEL, Lifecycle.CANCELLED),
    (Lifecycle.CONFIRMED, OrderEvent.CLOSE, Lifecycle.CLOSED),
    (Lifecycle.CLOSED, OrderEvent.REOPEN, Lifecycle.CONFIRMED),
)

# The channel is authoritative for its orders: a state it reports is reached by these implied steps.
IMPLIED_STEPS: dict[Lifecycle, tuple[OrderEvent, ...]] = {
    Lifecycle.PENDING: (OrderEvent.PLACE,),
    Lifecycle.CONFIRMED: (OrderEvent.PLACE, OrderEvent.CONFIRM),
    Lifecycle.ON_HOLD: (OrderEvent.PLACE, OrderEvent.CONFIRM, OrderEvent.HOLD),
    Lifecycle.CANCELLED: (OrderEvent.PLACE, OrderEvent.CANCEL),
    Lifecycle.CLOSED: (OrderEvent.PLACE, OrderEvent.CONFIRM, OrderEvent.CLOSE),
}


class HoldKind(StrEnum):
    """Why an order is stopped."""

    ADDRESS = "address"
    LOOK_ALIKE = "look_alike"
    PRICE_OUTLIER = "price_outlier"
    QUANTITY_OUTLIER = "quantity_outlier"
    PAYMENT = "payment"
    BLOCKLIST = "blocklist"
    FRAUD = "fraud"
    STOCK = "stock"
    CHANNEL = "channel"
    CHANGE = "change"
    MANUAL = "manual"


HOLD_KINDS = tuple(kind.value for kind in HoldKind)
