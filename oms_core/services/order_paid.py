"""What follows from a payment: orders that waited for it are asked about again, so that a rule may confirm them."""

from collections.abc import Iterable

from oms_core.services.auto_confirm_orders import reconsider
from oms_core.services.commands import Unit, record_effects


def note_paid(unit: Unit, order_ids: Iterable[int]) -> None:
    """Let the rules look at the orders that were paid for; what they confirm is audited and told by itself."""
    moved = [outcome for order_id in order_ids if (outcome := reconsider(unit, order_id)) is not None]
    if moved:
        record_effects(unit, [(unit.call.key, "order.auto_confirm", outcome) for outcome in moved])
