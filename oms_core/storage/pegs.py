"""Pegs: which missing units of a line wait for which purchase-order line, as the last row of the pair says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.backorders import Peg
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import (
    WAITING,
    backorder_peg,
    order_line,
    order_milestone,
    purchase_order_line,
    sales_order,
)
from oms_core.storage.waiting_lines import OPEN_UNITS

_COLUMNS = ["peg_id", "line_id", "po_line_id", "quantity", "promised_at", "reason", "actor", "occurred_at"]
_COLUMNS += ["recorded_at", "change_id"]
_MILESTONE = ["order_id", "milestone", "seq", "occurred_at", "actor", "reason", "recorded_at", "change_id"]


def lock_supply(connection: sa.Connection, skus: Iterable[str]) -> None:
    """Whoever else pegs these articles waits (PostgreSQL): call it before reading supply and pegs.

    Rows are locked in one order everywhere, so that nobody waits for each other: orders, lines of purchase orders,
    balances. Who holds balances and needs an order takes it only if nobody else has it (`lock_idle_orders`).
    """
    if connection.dialect.name != "postgresql":
        return
    line = purchase_order_line.c
    statement = (
        sa.select(line.po_line_id)
        .where(line.quantity > line.cancelled_quantity + line.received_quantity)
        .order_by(line.po_line_id)
        .with_for_update()
    )
    for _ in select_where_in(connection, statement, line.sku, sorted(set(skus))):
        pass


def _current_pegs() -> sa.Select[Any]:
    peg, newer = backorder_peg.c, backorder_peg.alias("newer").c
    later = sa.exists().where(
        newer.line_id == peg.line_id, newer.po_line_id == peg.po_line_id, newer.peg_id > peg.peg_id
    )
    columns = (peg.line_id, peg.po_line_id, peg.quantity, peg.promised_at)
    return sa.select(*columns).where(peg.quantity > 0, ~later).order_by(peg.line_id, peg.po_line_id)


_PEGS = _current_pegs()
_PEGS_OF_SKUS = _PEGS.join(purchase_order_line, purchase_order_line.c.po_line_id == backorder_peg.c.po_line_id)


def pegs_of(
    connection: sa.Connection, *, skus: Iterable[str] | None = None, line_ids: Iterable[int] | None = None
) -> list[Peg]:
    """Pegs that hold units now, of these articles or lines, by line and purchase-order line."""
    if line_ids is not None:
        rows = select_where_in(connection, _PEGS, backorder_peg.c.line_id, sorted(set(line_ids)))
    else:
        rows = select_where_in(connection, _PEGS_OF_SKUS, purchase_order_line.c.sku, sorted(set(skus or ())))
    return [Peg(*row) for row in rows]


_ORDER = ("order_id", "account", "external_id", "lifecycle", "priority", "placed_at", "promised_at")
_WAITS = sa.text(WAITING.replace("fulfilled_here", "order_line.fulfilled_here"))
_LINES = sa.select(order_line.c.line_id, order_line.c.sku, OPEN_UNITS, *(sales_order.c[name] for name in _ORDER)).join(
    sales_order, sales_order.c.order_id == order_line.c.order_id
)


def waiting_lines(
    connection: sa.Connection, *, skus: Collection[str] = (), order_ids: Collection[int] = ()
) -> dict[int, sa.Row[Any]]:
    """Lines that wait in confirmed orders, of these articles or these orders: rank, promise and open units, by id."""
    statement = _LINES.where(_WAITS, sales_order.c.lifecycle == "confirmed")
    column, wanted = (order_line.c.order_id, order_ids) if order_ids else (order_line.c.sku, skus)
    return {row.line_id: row for row in select_where_in(connection, statement, column, sorted(set(wanted)))}


def orders_of_lines(connection: sa.Connection, line_ids: Iterable[int]) -> dict[int, int]:
    """Order ids by line id."""
    line = order_line.c
    statement = sa.select(line.line_id, line.order_id)
    rows = select_where_in(connection, statement, line.line_id, sorted(set(line_ids)))
    return {row.line_id: row.order_id for row in rows}


def skus_expected(connection: sa.Connection) -> list[str]:
    """Articles that orders wait for and that a purchase order still brings."""
    waiting = sa.select(order_line.c.sku).where(_WAITS).distinct().subquery()  # few lines wait, of all there ever were
    bought = purchase_order_line.c
    still_comes = sa.exists().where(
        bought.sku == waiting.c.sku, bought.quantity > bought.cancelled_quantity + bought.received_quantity
    )
    return sorted(connection.execute(sa.select(waiting.c.sku).where(still_comes)).scalars())


def skus_pegged(connection: sa.Connection) -> list[str]:
    """Articles that units were ever pegged for."""
    bought = purchase_order_line.c
    statement = sa.select(bought.sku).join(backorder_peg, backorder_peg.c.po_line_id == bought.po_line_id).distinct()
    return sorted(connection.execute(statement).scalars())


def add_pegs(connection: sa.Connection, stamp: Stamp, pegs: Sequence[Peg], *, reason: str, occurred_at: int) -> None:
    """Write pegs as they are from now on; one with 0 units ends the pair's wait."""
    ids = take_ids(connection, "backorder_peg", len(pegs))
    clocks = (stamp.actor, occurred_at, stamp.recorded_at, stamp.change_id)
    rows = [(peg_id, *peg, reason, *clocks) for peg_id, peg in zip(ids, pegs, strict=True)]
    insert_rows(connection, backorder_peg, _COLUMNS, rows)


def move_promises(connection: sa.Connection, stamp: Stamp, promised: Mapping[int, int], *, reason: str) -> None:
    """Promise orders for other instants: the newest milestone of each, and the headers that show it."""
    it = order_milestone.c
    counts: dict[int, int] = defaultdict(int)
    last = sa.select(it.order_id, sa.func.max(it.seq).label("seq")).where(it.milestone == "promised")
    for row in select_where_in(connection, last.group_by(it.order_id), it.order_id, sorted(promised)):
        counts[row.order_id] = row.seq
    clocks = (stamp.actor, reason, stamp.recorded_at, stamp.change_id)
    rows = [(order_id, "promised", counts[order_id] + 1, at, *clocks) for order_id, at in sorted(promised.items())]
    insert_rows(connection, order_milestone, _MILESTONE, rows)
    header = (
        sales_order.update()
        .where(sales_order.c.order_id == sa.bindparam("one"))
        .values(promised_at=sa.bindparam("at"), change_id=stamp.change_id)
    )
    if promised:
        connection.execute(header, [{"one": order_id, "at": at} for order_id, at in sorted(promised.items())])
