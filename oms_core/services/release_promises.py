"""Take promises back: units of lines that are allocated or reserved, and no unit more."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.services.commands import Unit
from oms_core.storage.allocation_store import AllocationEntry, add_allocations, pending_reservations, promised_places
from oms_core.storage.pegs import lock_supply


def release_lines_within(unit: Unit, quantities: Mapping[int, int], reason: str) -> dict[int, int]:
    """Take back promises of these lines, up to the given units each; returns the units taken back by line.

    Allocated units first, by location; then reserved ones, the first to expire first. A reservation that holds more
    than is taken is voided and what is left of it reserved again, until the same instant.
    """
    connection = unit.connection
    left = {line: units for line, units in quantities.items() if units > 0}
    entries: list[AllocationEntry] = []
    taken: dict[int, int] = defaultdict(int)
    places = promised_places(connection, left)
    lock_supply(connection, {row.sku for row in places})
    for row in places:
        units = min(row.allocated, left[row.line_id])
        if units:
            place = (row.order_id, row.line_id, row.sku, row.location)
            entries.append(AllocationEntry("release", *place, units, reason=reason))
            left[row.line_id] -= units
            taken[row.line_id] += units
    reserved = {row.order_id for row in places if row.reserved and left[row.line_id]}
    for row in pending_reservations(connection, order_ids=reserved) if reserved else []:
        units = min(row.quantity, left.get(row.line_id, 0))
        if units:
            entries += _cut(row, units, reason)
            left[row.line_id] -= units
            taken[row.line_id] += units
    add_allocations(connection, unit.stamp, entries, occurred_at=unit.call.now)
    return dict(taken)


def _cut(row: sa.Row[Any], units: int, reason: str) -> Sequence[AllocationEntry]:
    """The end of a reservation, and the reservation of what stays."""
    place = (row.order_id, row.line_id, row.sku, row.location)
    void = AllocationEntry("void", *place, row.quantity, pending_id=row.allocation_id, reason=reason)
    if units == row.quantity:
        return [void]
    rest = AllocationEntry("reserve", *place, row.quantity - units, expires_at=row.expires_at, reason=reason)
    return [void, rest]
