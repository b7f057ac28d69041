"""Look-alikes: two orders of one buyer (or address) with the same goods and amount, shortly after each other.

A retry under another number is the commonest way to ship twice. Same number is not a look-alike: that is the
idempotency key's work.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from oms_core.domain.holds import Finding
from oms_core.domain.orders import HoldKind

_HOUR = 3_600_000_000  # microseconds


class Trace(NamedTuple):
    """What of an order is compared. `goods`: digest of goods and amount."""

    account: str
    number: str
    goods: str
    buyer: str | None  # any stable key of the buyer within the company
    address: str | None  # digest of the address
    placed_at: int

    @property
    def key(self) -> str:
        """Goods and buyer in one text, to look orders of this buyer up by."""
        return f"{self.goods}.{hashlib.sha256(self.buyer.encode()).hexdigest() if self.buyer else ''}"


def goods_of(key: str) -> str:
    """The goods part of a key."""
    return key.partition(".")[0]


def goods_digest(goods: Iterable[tuple[str, int]], *, total: int, scale: int, currency: str) -> str:
    """The digest of what was ordered: units by SKU (however they are spread over lines), total and currency."""
    units: dict[str, int] = defaultdict(int)
    for sku, quantity in goods:
        units[sku] += quantity
    while scale > 0 and total % 10 == 0:
        total, scale = total // 10, scale - 1
    text = f"{sorted(units.items())!r}|{total}|{scale}|{currency}"
    return hashlib.sha256(text.encode()).hexdigest()


def are_alike(one: Trace, other: Trace, *, within_hours: int) -> bool:
    """Whether the two could be one order placed twice."""
    if (one.account, one.number) == (other.account, other.number) or one.goods != other.goods:
        return False
    if abs(one.placed_at - other.placed_at) > within_hours * _HOUR:
        return False
    same_buyer = one.buyer is not None and one.buyer == other.buyer
    same_address = one.address is not None and one.address == other.address
    return same_buyer or same_address


def find_look_alikes(
    arriving: Sequence[Trace], recorded: Iterable[Trace], *, within_hours: int
) -> dict[tuple[str, str], Finding]:
    """A finding by (account, number) for each arriving order that is like a recorded one or one before it.

    Of several arriving alike the first is not held: one of them is the order.
    """
    met: dict[tuple[str, str], list[Trace]] = defaultdict(list)  # by goods and buyer, by goods and address
    for trace in recorded:
        _meet(met, trace)
    found: dict[tuple[str, str], Finding] = {}
    for trace in arriving:
        twins = (twin for place in _places(trace) for twin in met.get(place, ()))
        if twin := next((it for it in twins if are_alike(trace, it, within_hours=within_hours)), None):
            reason = f"same goods, amount and buyer or address as {twin.account}/{twin.number}"
            found[trace.account, trace.number] = Finding(HoldKind.LOOK_ALIKE, reason)
        _meet(met, trace)
    return found


def _places(trace: Trace) -> list[tuple[str, str]]:
    return [(trace.goods, f"{name} {it}") for name, it in (("buyer", trace.buyer), ("address", trace.address)) if it]


def _meet(met: dict[tuple[str, str], list[Trace]], trace: Trace) -> None:
    for place in _places(trace):
        met[place].append(trace)
