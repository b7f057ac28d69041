"""Milestones of orders: when an order was approved, shipped, delivered, or is promised. The last row of each counts."""

from collections.abc import Sequence

import sqlalchemy as sa

from oms_core.domain.facts import OrderFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.documents import Contradiction, Stamp
from oms_core.storage.tables import order_milestone

_COLUMNS = ["order_id", "milestone", "seq", "occurred_at", "actor", "reason", "recorded_at", "change_id"]


def record_milestones(
    connection: sa.Connection, told: Sequence[tuple[int, OrderFact, bool]], stamp: Stamp
) -> list[Contradiction]:
    """Add what orders report, as (order id, report, whether it is newer than what is recorded).

    Another instant in a newer version is a new row; without one it is a contradiction, returned and not written.
    """
    columns = (
        order_milestone.c.order_id,
        order_milestone.c.milestone,
        order_milestone.c.seq,
        order_milestone.c.occurred_at,
    )
    statement = sa.select(*columns).order_by(order_milestone.c.seq)
    ids = [order_id for order_id, _, _ in told]
    found = select_where_in(connection, statement, order_milestone.c.order_id, ids)
    last = {(row.order_id, row.milestone): (row.seq, row.occurred_at) for row in found}
    rows, contradictions = [], []
    for order_id, order, newer in told:
        for milestone, at in sorted(order.milestones.items()):
            seq, before = last.get((order_id, milestone), (0, None))
            if at == before:
                continue
            if before is not None and not newer:
                contradictions.append(Contradiction(order.external_id, milestone))
                continue
            rows.append((order_id, milestone, seq + 1, at, stamp.actor, None, stamp.recorded_at, stamp.change_id))
    insert_rows(connection, order_milestone, _COLUMNS, rows)
    return contradictions
