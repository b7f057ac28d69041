"""The truth about the stock: balances, cost of what left, value over time, time without stock, planted gaps.

Counted from the movements alone. Money is whole euro cents, time whole seconds, value over time cent-seconds.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from pipelines.sample_company.company import Size, business_day, end_of_day, instant
from pipelines.sample_company.records import History

_DAY = 86_400
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Span:
    """Units of one SKU, site and condition from one instant to another."""

    key: Key
    start: int
    end: int
    units: int


def stock_truth(history: History, size: Size) -> dict[str, object]:
    """Everything the truth file says under "stock"."""
    spans = _spans(history, size)
    costs = _Costs(size)
    start, end = instant(size.first_day, minute=0), end_of_day(size.last_day)
    out = _out_of_stock(history, spans, start=start, end=end)
    return {
        "movements": _movements(history),
        "balances": _balances(spans, end),
        "units": sum(span.units for span in spans if span.end == end),
        "value_cents": sum(span.units * costs.at(span.key[1], end - 1) for span in spans if span.end == end),
        "cost_of_goods_shipped_cents": sum(
            one.units * costs.at(one.sku, one.at) for one in history.movements if one.kind == "ship"
        ),
        "value_cent_seconds": sum(span.units * costs.over(span) for span in spans),
        "seconds": end - start,
        **out,
        "planted_gaps": _planted_gaps(size, spans),
    }


class _Costs:
    """Unit cost by SKU: one price list, then another from the change day on."""

    def __init__(self, size: Size) -> None:
        self._change = instant(size.cost_change_day, minute=0)
        self._costs = {product.sku: (product.cost, product.later_cost) for product in size.products}

    def at(self, sku: str, when: int) -> int:
        return self._costs[sku][when >= self._change]

    def over(self, span: Span) -> int:
        """Cost × seconds of one unit over a span."""
        before, after = self._costs[span.key[1]]
        early = max(min(span.end, self._change) - span.start, 0)
        return before * early + after * (span.end - span.start - early)


def _spans(history: History, size: Size) -> list[Span]:
    start, end = instant(size.first_day, minute=0), end_of_day(size.last_day)
    changes: defaultdict[Key, list[tuple[int, int]]] = defaultdict(list)
    for opening in history.opening:
        changes[opening.location, opening.sku, opening.condition].append((start, opening.units))
    for movement in history.movements:
        changes[movement.location, movement.sku, movement.condition].append((movement.at, movement.signed))
    spans = []
    for key, steps in sorted(changes.items()):
        units = 0
        for (at, change), (until, _) in pairwise([*steps, (end, 0)]):
            units += change
            spans.append(Span(key, at, until, units))
    return spans


def _movements(history: History) -> dict[str, dict[str, int]]:
    rows: Counter[str] = Counter(one.kind for one in history.movements)
    units: Counter[str] = Counter()
    for movement in history.movements:
        units[movement.kind] += movement.units
    kinds = {kind: {"rows": rows[kind], "units": units[kind]} for kind in sorted(rows)}
    opened = [balance.units for balance in history.opening if balance.units > 0]
    return {"opening": {"rows": len(opened), "units": sum(opened)}, **kinds}


def _balances(spans: list[Span], end: int) -> dict[str, dict[str, dict[str, int]]]:
    """Site → SKU → condition → units on the last evening, zeros left out."""
    balances: dict[str, dict[str, dict[str, int]]] = {}
    for span in spans:
        location, sku, condition = span.key
        if span.end == end and span.units:
            balances.setdefault(location, {}).setdefault(sku, {})[condition] = span.units
    return balances


def _out_of_stock(history: History, spans: list[Span], *, start: int, end: int) -> dict[str, int]:
    """Seconds listed and seconds without a sellable unit, over SKUs that ever moved at a site."""
    moved = {(one.location, one.sku) for one in history.movements}
    return {
        "listed_sku_seconds": len(moved) * (end - start),
        "out_of_stock_seconds": sum(
            span.end - span.start
            for span in spans
            if span.units == 0 and span.key[2] == "sellable" and span.key[:2] in moved
        ),
    }


def _planted_gaps(size: Size, spans: list[Span]) -> list[dict[str, object]]:
    """For each planted gap, the days-long times each site had none while it lasted."""
    gaps: list[dict[str, object]] = []
    for gap in size.supply_gaps:
        first, last = instant(gap.first_day, minute=0), end_of_day(gap.last_day)
        empty = [
            {"location": span.key[0], "from": _iso(span.start), "to": _iso(span.end), "seconds": span.end - span.start}
            for span in spans
            if span.key[1:] == (gap.sku, "sellable")
            and span.units == 0
            and span.end - span.start >= _DAY
            and span.start < last
            and span.end > first
        ]
        days = {"first_day": gap.first_day.isoformat(), "last_day": gap.last_day.isoformat()}
        gaps.append({"sku": gap.sku, **days, "without_stock": empty})
    return gaps


def _iso(at: int) -> str:
    day: date = business_day(at)
    return day.isoformat()
