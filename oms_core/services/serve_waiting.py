"""Goods that came: whoever waits for them is served, best rank first, and the pegs of the others follow."""

from collections.abc import Iterable

from oms_core.services.allocate_order import allocate_waiting
from oms_core.services.backorders import supply_changed
from oms_core.services.commands import Outcome, Unit
from oms_core.storage.pegs import lock_supply
from oms_core.storage.waiting_lines import Served

_MOST = 1_000


def make_ready(unit: Unit, skus: Iterable[str]) -> None:
    """Lock the goods on order that `serve_waiting` will look at; call it before the goods that came are booked.

    Everybody locks them before balances, so that nobody waits for each other.
    """
    lock_supply(unit.connection, skus)


def serve_waiting(unit: Unit, skus: Iterable[str], *, reason: str) -> list[Outcome]:
    """Promise what is free of these articles to the orders that wait for them; what changed, audited and told.

    Call it in the transaction that books the goods, after they are booked: it is a consequence, so it asks for no
    permission of its own.
    """
    wanted = sorted(set(skus))
    if not wanted:
        return []
    served = allocate_waiting(unit, Served(wanted), most=_MOST, holds_stock=True)
    supply_changed(unit, wanted, reason=reason)
    return served
