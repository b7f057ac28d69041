"""Units that nobody has: each waits for one line of a purchase order, and the promise follows from it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from oms_core.domain.instants import DAY


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
    return supply.expected_at + supply.late_days * DAY


def promised_of_lines(pegs: Iterable[Peg], missing: Mapping[int, int]) -> dict[int, int | None]:
    """By line: when its last missing unit is promised; null where a unit waits for nothing that was ordered."""
    units: dict[int, int] = defaultdict(int)
    last: dict[int, int] = {}
    for peg in pegs:
        units[peg.line_id] += peg.quantity
        last[peg.line_id] = max(last.get(peg.line_id, peg.promised_at), peg.promised_at)
    return {line: last.get(line) if units[line] >= wanted else None for line, wanted in missing.items()}


def promised_of_order(pegs: Iterable[Peg], missing: Mapping[int, int]) -> int | None:
    """When the whole order is promised: its last line's promise; null where nothing is missing or a unit has none."""
    dates = list(promised_of_lines(pegs, missing).values())
    known = [it for it in dates if it is not None]
    return max(known) if known and len(known) == len(dates) else None
