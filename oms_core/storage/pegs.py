"""Pegs: which missing units of a line wait for which purchase-order line, as the last row of the pair says."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.backorders import Peg
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import backorder_peg, order_line, order_milestone, purchase_order_line, sales_order

_COLUMNS = ["peg_id", "line_id", "po_line_id", "quantity", "promised_at", "reason", "actor", "occurred_at"]
_COLUMNS += ["recorded_at", "change_id"]


def pegs_of(
    connection: sa.Connection, *, skus: Iterable[str] | None = None, line_ids: Iterable[int] | None = None
) -> list[Peg]:
    """Pegs that hold units now, of these articles or lines, by line and purchase-order line."""
    peg = backorder_peg.c
    newer = backorder_peg.alias("newer")
    later = sa.exists().where(
        newer.c.line_id == peg.line_id, newer.c.po_line_id == peg.po_line_id, newer.c.peg_id > peg.peg_id
    )
    statement = (
        sa.select(peg.line_id, peg.po_line_id, peg.quantity, peg.promised_at)
        .where(peg.quantity > 0, ~later)
        .order_by(peg.line_id, peg.po_line_id)
    )
    if line_ids is not None:
        return [Peg(*row) for row in select_where_in(connection, statement, peg.line_id, sorted(set(line_ids)))]
    joined = statement.join(purchase_order_line, purchase_order_line.c.po_line_id == peg.po_line_id)
    return [
        Peg(*row) for row in select_where_in(connection, joined, purchase_order_line.c.sku, sorted(set(skus or ())))
    ]


def lines_waiting(connection: sa.Connection, line_ids: Iterable[int]) -> dict[int, sa.Row[Any]]:
    """Rank and open units of order lines, by line id; nothing waits on an order that is not confirmed."""
    line, order = order_line.c, sales_order.c
    open_units = sa.case(
        (
            order.lifecycle == "confirmed",
            line.quantity
            - line.cancelled_quantity
            - line.moved_quantity
            - line.shipped_quantity
            - line.allocated_quantity
            - line.reserved_quantity,
        ),
        else_=0,
    ).label("open_units")
    columns = (line.line_id, line.sku, order.order_id, order.priority, order.placed_at, order.promised_at, open_units)
    statement = sa.select(*columns).join(sales_order, order.order_id == line.order_id)
    rows = select_where_in(connection, statement, line.line_id, sorted(set(line_ids)))
    return {row.line_id: row for row in rows}


def add_pegs(connection: sa.Connection, stamp: Stamp, pegs: Sequence[Peg], *, reason: str, occurred_at: int) -> None:
    """Write pegs as they are from now on; one with 0 units ends the pair's wait."""
    ids = take_ids(connection, "backorder_peg", len(pegs))
    clocks = (stamp.actor, occurred_at, stamp.recorded_at, stamp.change_id)
    rows = [(peg_id, *peg, reason, *clocks) for peg_id, peg in zip(ids, pegs, strict=True)]
    insert_rows(connection, backorder_peg, _COLUMNS, rows)


def move_promise(connection: sa.Connection, stamp: Stamp, order_id: int, promised_at: int, *, reason: str) -> None:
    """Promise the order for another instant: the newest milestone, and the header that shows it."""
    it = order_milestone.c
    last = sa.select(sa.func.coalesce(sa.func.max(it.seq), 0)).where(
        it.order_id == order_id, it.milestone == "promised"
    )
    connection.execute(
        order_milestone.insert().values(
            order_id=order_id,
            milestone="promised",
            seq=connection.execute(last).scalar_one() + 1,
            occurred_at=promised_at,
            actor=stamp.actor,
            reason=reason,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    same = sales_order.c.order_id == order_id
    connection.execute(sales_order.update().where(same).values(promised_at=promised_at, change_id=stamp.change_id))
