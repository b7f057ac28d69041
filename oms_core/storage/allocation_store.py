"""Entries of the allocation journal and the decisions behind them; what is promised to a line and where."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import allocation_decision, line_allocation, sales_order, stock_allocation

_COLUMNS = ["allocation_id", "kind", "order_id", "line_id", "sku", "location", "quantity", "pending_id", "expires_at"]
_COLUMNS += ["decision_id", "reason", "actor", "occurred_at", "recorded_at", "change_id"]
_DECISION = ["decision_id", "order_id", "strategy", "candidates", "chosen", "actor", "occurred_at", "recorded_at"]
_DECISION += ["change_id"]


class AllocationEntry(NamedTuple):
    """A promise, or the end of one."""

    kind: str
    order_id: int
    line_id: int
    sku: str
    location: str
    quantity: int
    pending_id: int | None = None
    expires_at: int | None = None
    decision_id: int | None = None
    reason: str | None = None


class Decision(NamedTuple):
    """Why an order got what it got: the candidates of each round, and what was chosen."""

    order_id: int
    strategy: str
    candidates: list[Any]
    chosen: dict[str, Any]


def add_allocations(
    connection: sa.Connection, stamp: Stamp, entries: Sequence[AllocationEntry], *, occurred_at: int
) -> list[int]:
    """Ids of the entries, in the order given; written by (sku, location, line), so that writers never deadlock."""
    numbered = sorted(enumerate(entries), key=lambda it: (it[1].sku, it[1].location, it[1].line_id, it[0]))
    ids = take_ids(connection, "stock_allocation", len(numbered))
    made: dict[int, int] = {}
    rows: list[tuple[Any, ...]] = []
    for allocation_id, (place, entry) in zip(ids, numbered, strict=True):
        made[place] = allocation_id
        who = (stamp.actor, occurred_at, stamp.recorded_at, stamp.change_id)
        rows.append((allocation_id, *entry, *who))
    insert_rows(connection, stock_allocation, _COLUMNS, rows)
    return [made[place] for place in range(len(entries))]


def add_decisions(
    connection: sa.Connection, stamp: Stamp, decisions: Sequence[Decision], *, occurred_at: int
) -> list[int]:
    """Ids of the kept decisions, in the order given."""
    ids = list(take_ids(connection, "allocation_decision", len(decisions)))
    rows = [
        (
            decision_id,
            it.order_id,
            it.strategy,
            _json(it.candidates),
            _json(it.chosen),
            stamp.actor,
            occurred_at,
            stamp.recorded_at,
            stamp.change_id,
        )
        for decision_id, it in zip(ids, decisions, strict=True)
    ]
    insert_rows(connection, allocation_decision, _DECISION, rows)
    return ids


def promised_places(connection: sa.Connection, line_ids: Iterable[int]) -> list[sa.Row[Any]]:
    """Rows of line_allocation with promised units, by line and location."""
    place = line_allocation.c
    statement = (
        sa.select(place.line_id, place.order_id, place.sku, place.location, place.reserved, place.allocated)
        .where(place.reserved + place.allocated > 0)
        .order_by(place.line_id, place.location)
    )
    return list(select_where_in(connection, statement, place.line_id, sorted(set(line_ids))))


def pending_reservations(
    connection: sa.Connection,
    *,
    order_ids: Iterable[int] | None = None,
    ids: Iterable[int] | None = None,
) -> list[sa.Row[Any]]:
    """Reservations of these orders, or with these numbers, that nobody ended; the first to expire first."""
    entry = stock_allocation.c
    statement = _pending(sa.select(stock_allocation))
    if order_ids is not None:
        statement = statement.where(entry.order_id.in_(sorted(set(order_ids))))
    if ids is not None:
        statement = statement.where(entry.allocation_id.in_(sorted(set(ids))))
    return list(connection.execute(statement))


def expired_reservations(
    connection: sa.Connection, by: int, *, accounts: Collection[str] | None, limit: int
) -> list[sa.Row[Any]]:
    """Reservations whose time was over at an instant and that nobody ended, of these accounts (null: of all)."""
    place, entry = line_allocation.c, stock_allocation.c
    # From the few lines that hold reserved units now, not from every reservation there ever was.
    held = sa.select(place.line_id).where(place.reserved > 0)
    if accounts is not None:
        held = held.join(sales_order, sales_order.c.order_id == place.order_id)
        held = held.where(sales_order.c.account.in_(sorted(accounts)))
    lines: list[int] = sorted(set(connection.execute(held).scalars()))
    due = _pending(sa.select(stock_allocation)).where(entry.expires_at + 0 <= by)  # + 0: by line, not by instant
    found = select_where_in(connection, due, entry.line_id, lines)
    return sorted(found, key=lambda row: (row.expires_at, row.allocation_id))[:limit]


def _pending(statement: sa.Select[Any]) -> sa.Select[Any]:
    entry = stock_allocation.c
    ending = stock_allocation.alias("ending")
    open_still = ~sa.exists().where(ending.c.pending_id == entry.allocation_id)
    return statement.where(entry.kind == "reserve", open_still).order_by(entry.expires_at, entry.allocation_id)


def last_missing(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, dict[int, int]]:
    """Missing units by line as the newest decision of each order left them; without those nobody decided on."""
    found: dict[int, dict[int, int]] = {}
    wanted = sorted(set(order_ids))
    if not wanted:
        return found
    it = allocation_decision.c
    newest = sa.select(sa.func.max(it.decision_id)).group_by(it.order_id)
    statement = sa.select(it.order_id, it.chosen)
    for row in select_where_in(
        connection, statement.where(it.decision_id.in_(newest.where(it.order_id.in_(wanted)))), it.order_id, wanted
    ):
        missing = json.loads(row.chosen)["missing"]
        found[row.order_id] = {int(line): units for line, units in missing.items()}
    return found


def last_decision(connection: sa.Connection, order_id: int) -> dict[str, Any] | None:
    """The newest decision about an order: strategy, candidates, chosen, actor, occurred_at; null where none is."""
    it = allocation_decision.c
    statement = sa.select(allocation_decision).where(it.order_id == order_id).order_by(it.decision_id.desc()).limit(1)
    row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    return {**row, "candidates": json.loads(row["candidates"]), "chosen": json.loads(row["chosen"])}


_json = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
