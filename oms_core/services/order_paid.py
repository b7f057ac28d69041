"""What follows from a payment: orders that waited for it are asked about again, so that a rule may confirm them."""

from collections.abc import Iterable

from oms_core.services.auto_confirm_orders import ask_rules
from oms_core.services.commands import Unit


def note_paid(unit: Unit, order_ids: Iterable[int]) -> None:
    """Let the rules look at the orders that were paid for; what they confirm is audited and told by itself."""
    ask_rules(unit, list(order_ids))
