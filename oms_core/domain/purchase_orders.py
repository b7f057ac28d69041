"""Purchase orders: what may be ordered from a supplier, and what is still open. States: `domain.documents`."""

from dataclasses import dataclass

from oms_core.domain.errors import RuleViolationError

OPEN_STATES = ("sent", "partly_received")  # goods are on order


@dataclass(frozen=True, slots=True)
class OrderSizes:
    """What a supplier sells of an article at once."""

    minimum: int = 1
    pack_size: int = 1
    maximum: int | None = None

    def next_orderable(self, quantity: int) -> int:
        """The smallest quantity not below `quantity` that the supplier sells; the maximum is not looked at."""
        wanted = max(quantity, self.minimum)
        return -(-wanted // self.pack_size) * self.pack_size


def require_orderable(sku: str, quantity: int, sizes: OrderSizes) -> None:
    """Check a quantity against minimum, pack size and maximum.

    Raises:
        RuleViolationError: QUANTITY_NOT_ORDERABLE with the nearest quantity that is.
    """
    nearest = sizes.next_orderable(quantity)
    too_much = sizes.maximum is not None and quantity > sizes.maximum
    if nearest == quantity and not too_much:
        return
    if too_much and sizes.maximum is not None:
        nearest = sizes.maximum // sizes.pack_size * sizes.pack_size
    parts = [f"at least {sizes.minimum}", f"in packs of {sizes.pack_size}"]
    if sizes.maximum is not None:
        parts.append(f"at most {sizes.maximum}")
    raise RuleViolationError(
        "QUANTITY_NOT_ORDERABLE",
        f"{quantity} of {sku}: the supplier sells {', '.join(parts)}",
        remedy=f"Order {nearest}.",
        sku=sku,
        quantity=quantity,
        nearest=nearest,
    )


def open_quantity(*, quantity: int, cancelled: int, received: int) -> int:
    """Units that are still to come; an over-delivery leaves none, never less."""
    return max(0, quantity - cancelled - received)
