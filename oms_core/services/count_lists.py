"""Counts to read: what to count first, how accurate records are, and what late facts did to counts that were booked."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from oms_core.domain.counts import Record, count_list, record_accuracy, residual
from oms_core.domain.instants import DAY
from oms_core.domain.money import from_scaled
from oms_core.services.stock_limits import base_costs, count_tolerance
from oms_core.storage import count_store
from oms_core.storage.stock_booking import on_hand_at


def ranked_records(connection: sa.Connection, place: str, now: int) -> list[Record]:
    """The sellable records of a location in the order they should be counted."""
    balances = count_store.sellable_balances(connection, place)
    missed: Counter[str] = Counter()
    for _, name, units in count_store.open_suspicions(connection, place):
        missed[name] += units
    sales = count_store.sales_until(connection, place, now)
    moved = count_store.movements_since_count(connection, place)
    costs = base_costs(connection, {(name, place) for name in balances}, now)
    records = []
    for name, units in balances.items():
        sold, first, last = sales.get(name, (0, now, now))
        cost = costs.get((name, place))
        selling_days = max(1, (last - first) // DAY + 1)
        records.append(
            Record(
                sku=name,
                location=place,
                on_hand=units,
                unit_cost_micro=None if cost is None else int(cost.scaleb(6)),
                missed_units=missed[name],
                sold_per_day_milli=sold * 1000 // selling_days,
                silent_days=(now - last) // DAY,
                movements_since_count=moved.get(name, 0),
            )
        )
    return count_list(records)


def count_rows(connection: sa.Connection, place: str, now: int) -> list[dict[str, Any]]:
    """The ranked records of a location as a list shows them; value at risk in the base currency."""
    return [
        {
            "sku": it.sku,
            "location": it.location,
            "on_hand": it.on_hand,
            "value_at_risk": from_scaled(it.at_risk_micro, 6),
            "suspicion_per_mille": it.suspicion_per_mille,
            "missed_units": it.missed_units,
            "silent_days": it.silent_days,
        }
        for it in ranked_records(connection, place, now)
    ]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Records counted and how many were right. `share` is blank where nothing was counted, never 1."""

    location: str
    counted: int
    exact: int
    within_tolerance: int
    share: Decimal | None


def accuracy(
    connection: sa.Connection, *, place: str | None = None, since: int | None = None, until: int | None = None
) -> list[Accuracy]:
    """Record accuracy by location over the counts approved for instants of a period, both ends included.

    `share`: records within the tolerance over records counted.
    """
    lines: dict[str, list[tuple[int, int]]] = {}
    for count in count_store.approved_counts(connection, place, since, until):
        found = count_store.last_lines(connection, count.count_id)
        lines.setdefault(count.location, []).extend((line.expected, line.counted) for line in found)
    if place is not None:
        lines.setdefault(place, [])
    tolerance = count_tolerance(connection)
    return [_accuracy(name, found, record_accuracy(found, tolerance)) for name, found in sorted(lines.items())]


def _accuracy(name: str, lines: list[tuple[int, int]], judged: tuple[int, int]) -> Accuracy:
    within, counted = judged
    exact = sum(expected == seen for expected, seen in lines)
    share = Decimal(within) / Decimal(counted) if counted else None
    return Accuracy(name, counted, exact, within, share)


def residuals(connection: sa.Connection, *, place: str | None = None) -> list[dict[str, Any]]:
    """Counted records about which the ledger says something else today, because a fact became known later.

    `residual`: units the ledger has at the count's instant beyond what was counted then. Nothing is booked for it.
    """
    found: list[dict[str, Any]] = []
    for count in count_store.approved_counts(connection, place, None, None):
        for line in count_store.last_lines(connection, count.count_id):
            key = (line.sku, count.location, line.condition)
            now = on_hand_at(connection, key, count.counted_at, lot_name=line.lot)
            if left := residual(counted=line.counted, ledger_now=now):
                named = {"count": count.number, "counted_at": count.counted_at, "location": count.location}
                found.append({**named, **line._asdict(), "ledger_now": now, "residual": left})
    return found
