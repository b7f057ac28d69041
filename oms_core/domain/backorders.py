"""Units that nobody has: each waits for one line of a purchase order, and the promise follows from it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_DAY = 86_400_000_000


class Supply(NamedTuple):
    """Open units of a purchase-order line. `late_days`: nine in ten receipts of the supplier are no later than this."""

    po_line_id: int
    sku: str
    quantity: int
    expected_at: int
    late_days: int = 0


class Missing(NamedTuple):
    """Units of an order line that wait; `rank` says who is served first."""

    line_id: int
    sku: str
    quantity: int
    rank: tuple[int, int, int]


class Peg(NamedTuple):
    """Units of a line that wait for a purchase-order line, and when they are promised."""

    line_id: int
    po_line_id: int
    quantity: int
    promised_at: int


def plan_pegs(missing: Iterable[Missing], supply: Iterable[Supply]) -> list[Peg]:
    """Each missing unit pegged to the earliest supply that is left, by rank; units beyond all supply stay unpegged."""
    by_sku: dict[str, list[list[int]]] = defaultdict(list)
    for item in sorted(supply, key=lambda it: (it.expected_at, it.po_line_id)):
        if item.quantity > 0:
            by_sku[item.sku].append([item.po_line_id, item.quantity, promise_of(item)])
    pegs: list[Peg] = []
    for want in sorted(missing, key=lambda it: (it.rank, it.line_id)):
        rest = want.quantity
        for slot in by_sku[want.sku]:
            units = min(rest, slot[1])
            if units:
                pegs.append(Peg(want.line_id, slot[0], units, slot[2]))
                slot[1] -= units
                rest -= units
    return pegs


def promise_of(supply: Supply) -> int:
    """When its units can be promised: the expected receipt and the supplier's usual lateness."""
    return supply.expected_at + supply.late_days * _DAY


def promised_of_lines(pegs: Sequence[Peg], missing: Mapping[int, int]) -> dict[int, int | None]:
    """By line: when its last missing unit is promised; null where a unit waits for nothing that was ordered."""
    promised: dict[int, int | None] = {}
    for line_id, units in missing.items():
        own = [peg for peg in pegs if peg.line_id == line_id]
        whole = sum(peg.quantity for peg in own) >= units
        promised[line_id] = max(peg.promised_at for peg in own) if own and whole else None
    return promised
