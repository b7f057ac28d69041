"""When allocation last looked at an order: what tells a missing unit from one that nobody has looked for yet."""

from collections.abc import Iterable

import sqlalchemy as sa

from oms_core.storage.bulk import select_where_in
from oms_core.storage.tables import allocation_decision


def tried_at(connection: sa.Connection, order_ids: Iterable[int | None]) -> dict[int, int]:
    """By order: when its last allocation decision was recorded (microseconds UTC); none for one never looked at."""
    decision = allocation_decision.c
    statement = sa.select(decision.order_id, decision.recorded_at)
    found: dict[int, int] = {}
    wanted = sorted({order_id for order_id in order_ids if order_id is not None})
    for row in select_where_in(connection, statement, decision.order_id, wanted):
        found[row.order_id] = max(row.recorded_at, found.get(row.order_id, row.recorded_at))
    return found
