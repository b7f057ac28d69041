"""Purchasing as feeds report it: suppliers, their prices, orders to them, and what arrived.

A receipt says what arrived of a line; stock moves only where a stock feed says so.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.documents import events_from, next_state
from oms_core.domain.facts import PurchaseLineFact, PurchaseOrderFact, ReceiptFact, SupplierFact, SupplierPriceFact
from oms_core.domain.money import from_scaled
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp, Written, new_ones
from oms_core.storage.feed_lines import is_newer, is_older
from oms_core.storage.tables import (
    document_event,
    po_line_expectation,
    purchase_order,
    purchase_order_line,
    receipt,
    receipt_line,
    supplier,
    supplier_price,
)

_NONE = "none"
_EVENT_COLUMNS = ["document_kind", "document_id", "seq", "event", "from_state", "to_state", "occurred_at", "actor"]
_EVENT_COLUMNS += ["recorded_at", "change_id"]


def record_suppliers(
    connection: sa.Connection, facts: Sequence[SupplierFact], named: Iterable[str], stamp: Stamp
) -> int:
    """Describe suppliers, and add those only named, under their key until a feed describes them."""
    told = {fact.supplier: fact for fact in facts}
    names: tuple[str, ...] = SupplierFact._fields
    statement = sa.select(*(supplier.c[name] for name in names))
    wanted = {*told, *named}
    known = {row.supplier: row for row in select_where_in(connection, statement, supplier.c.supplier, wanted)}
    fresh = [told.get(key) or SupplierFact(key, key) for key in sorted(wanted - known.keys())]
    rows = [(*fact, stamp.recorded_at, stamp.change_id) for fact in fresh]
    insert_rows(connection, supplier, (*names, "recorded_at", "change_id"), rows)
    changed = [fact for key, fact in told.items() if key in known and tuple(known[key]) != tuple(fact)]
    for fact in changed:
        values = {**fact._asdict(), "change_id": stamp.change_id}
        connection.execute(supplier.update().where(supplier.c.supplier == fact.supplier).values(**values))
    return len(fresh) + len(changed)


def record_supplier_prices(
    connection: sa.Connection, facts: Sequence[SupplierPriceFact], stamp: Stamp
) -> list[Contradiction]:
    """Keep prices not known yet; another one of the same instant is a contradiction."""
    names: tuple[str, ...] = SupplierPriceFact._fields
    statement = sa.select(*(supplier_price.c[name] for name in names))
    found = select_where_in(connection, statement, supplier_price.c.supplier, {fact.supplier for fact in facts})
    known: dict[Any, Any] = {tuple(row[:3]): tuple(row) for row in found}
    fresh, contradicting = new_ones(facts, known, key=lambda fact: fact[:3], content=tuple)
    rows = [(*fact, stamp.recorded_at, stamp.change_id) for fact in fresh]
    insert_rows(connection, supplier_price, (*names, "recorded_at", "change_id"), rows)
    return [Contradiction("supplier_price", "/".join(map(str, fact[:3]))) for fact in contradicting]


def record_purchase_orders(
    connection: sa.Connection, account: str, facts: Sequence[PurchaseOrderFact], stamp: Stamp
) -> Written:
    """Add orders to suppliers, bring known ones to their newer versions, move states by events."""
    names: tuple[str, ...] = ("number", "po_id", "supplier", "ordered_at", "currency", "location")
    names += ("source_total", "total_scale")
    names += ("source_version", "state", "last_event_seq")
    statement = sa.select(*(purchase_order.c[name] for name in names)).where(purchase_order.c.account == account)
    statement = statement.order_by(purchase_order.c.po_id).with_for_update()
    numbers = {fact.number for fact in facts}
    known = {row.number: row for row in select_where_in(connection, statement, purchase_order.c.number, numbers)}
    newest: dict[str, PurchaseOrderFact] = {}
    contradictions: list[Contradiction] = []
    for fact in sorted(facts, key=lambda it: it.source_version or 0):
        first = newest.setdefault(fact.number, fact)
        if is_newer(fact.source_version, first.source_version):
            newest[fact.number] = fact
        elif first != fact and not is_older(fact.source_version, first.source_version):
            contradictions.append(Contradiction("purchase_order", fact.number))
    fresh = [fact for number, fact in newest.items() if number not in known]
    ids = dict(zip((f.number for f in fresh), take_ids(connection, "purchase_order", len(fresh)), strict=True))
    _insert_purchase_orders(connection, account, fresh, ids, stamp)
    moves = [(ids[fact.number], 0, _NONE, fact) for fact in fresh]
    stale: list[str] = []
    for number, row in known.items():
        fact = newest[number]
        if is_older(fact.source_version, row.source_version):
            stale.append(number)
            continue
        if _header(fact) != tuple(row[2:8]):
            if not is_newer(fact.source_version, row.source_version):
                contradictions.append(Contradiction("purchase_order", number))
                continue
            values = dict(zip(names[2:8], _header(fact), strict=True)) | {"source_version": fact.source_version}
            same = purchase_order.c.po_id == row.po_id
            connection.execute(purchase_order.update().where(same).values(**values, change_id=stamp.change_id))
        moves.append((row.po_id, row.last_event_seq, row.state, fact))
    _move(connection, moves, stamp)
    return Written(len(fresh), 0, contradictions, stale)


def _header(fact: PurchaseOrderFact) -> tuple[Any, ...]:
    return (fact.supplier, fact.ordered_at, fact.currency, fact.location, fact.source_total, fact.total_scale)


def _insert_purchase_orders(
    connection: sa.Connection, account: str, facts: Sequence[PurchaseOrderFact], ids: Mapping[str, int], stamp: Stamp
) -> None:
    columns = ["po_id", "account", "number", "supplier", "ordered_at", "currency", "location", "source_total"]
    columns += ["total_scale", "source_version", "state", "last_event_seq", "actor", "recorded_at", "change_id"]
    tail = (_NONE, 0, stamp.actor, stamp.recorded_at, stamp.change_id)
    rows = [(ids[it.number], account, it.number, *_header(it), it.source_version, *tail) for it in facts]
    insert_rows(connection, purchase_order, columns, rows)


def _move(connection: sa.Connection, moves: Iterable[tuple[int, int, str, PurchaseOrderFact]], stamp: Stamp) -> None:
    """One statement a step: the state moves when it ends, before the next event."""
    events: dict[int, list[tuple[Any, ...]]] = {}
    for po_id, last_seq, state, fact in moves:
        for seq, (event, before, after) in enumerate(_steps(state, fact.state), start=last_seq + 1):
            row = ("purchase_order", po_id, seq, event, before, after, fact.ordered_at, stamp.actor)
            events.setdefault(seq, []).append((*row, stamp.recorded_at, stamp.change_id))
    for seq in sorted(events):
        insert_rows(connection, document_event, _EVENT_COLUMNS, events[seq])


def _steps(start: str, target: str) -> list[tuple[str, str, str]]:
    """The shortest chain of events that leads there; none where the state table has no way."""
    chains: deque[tuple[str, list[tuple[str, str, str]]]] = deque([(start, [])])
    seen = {start}
    while chains:
        at, steps = chains.popleft()
        if at == target:
            return steps
        for event in events_from("purchase_order", at):
            after = next_state("purchase_order", at, event)
            if after is not None and after not in seen:
                seen.add(after)
                chains.append((after, [*steps, (event, at, after)]))
    return []


def record_purchase_lines(
    connection: sa.Connection, account: str, facts: Sequence[PurchaseLineFact], stamp: Stamp
) -> tuple[Written, list[PurchaseLineFact]]:
    """Add lines not known yet; returns what was written, and those whose order has not come."""
    statement = sa.select(purchase_order.c.number, purchase_order.c.po_id).where(purchase_order.c.account == account)
    found = select_where_in(connection, statement, purchase_order.c.number, {fact.number for fact in facts})
    orders = {row.number: row.po_id for row in found}
    names = ("po_id", "line_key", "sku", "quantity", "unit_price", "price_scale", "expected_at")
    lines = sa.select(*(purchase_order_line.c[name] for name in names))
    known: dict[Any, Any] = {
        (row.po_id, row.line_key): _ordered(*tuple(row)[2:])
        for row in select_where_in(connection, lines, purchase_order_line.c.po_id, set(orders.values()))
    }
    fresh, contradicting = new_ones(
        (fact for fact in facts if fact.number in orders),
        known,
        key=lambda fact: (orders[fact.number], fact.line_key),
        content=lambda fact: _ordered(*fact[2:]),
    )
    ids = take_ids(connection, "purchase_order_line", len(fresh))
    clocks = (stamp.recorded_at, stamp.change_id)
    rows = [(line_id, orders[it.number], *it[1:], *clocks) for line_id, it in zip(ids, fresh, strict=True)]
    insert_rows(connection, purchase_order_line, ["po_line_id", *names, "recorded_at", "change_id"], rows)
    dated = [
        (line_id, 1, it.expected_at, stamp.actor, *clocks)
        for line_id, it in zip(ids, fresh, strict=True)
        if it.expected_at is not None
    ]
    columns = ["po_line_id", "seq", "expected_at", "actor", "recorded_at", "change_id"]
    insert_rows(connection, po_line_expectation, columns, dated)
    told = [Contradiction("purchase_line", f"{it.number}/{it.line_key}") for it in contradicting]
    return Written(0, len(fresh), told, []), [fact for fact in facts if fact.number not in orders]


def _ordered(sku: str, quantity: int, price: int, scale: int, expected_at: int | None) -> tuple[Any, ...]:
    return (sku, quantity, from_scaled(price, scale), expected_at)


def record_receipts(
    connection: sa.Connection, account: str, facts: Sequence[ReceiptFact], stamp: Stamp
) -> tuple[Written, list[ReceiptFact]]:
    """Add what arrived of purchase-order lines; returns what was written, and receipts whose line has not come."""
    lines = _purchase_lines(connection, account, {fact.purchase_order for fact in facts})
    there = [fact for fact in facts if (fact.purchase_order, fact.line_key) in lines]
    statement = sa.select(receipt.c.number, receipt.c.receipt_id).where(receipt.c.account == account)
    found = select_where_in(connection, statement, receipt.c.number, {fact.number for fact in there})
    ids = {row.number: row.receipt_id for row in found}
    entries = sa.select(*(receipt_line.c[n] for n in ("receipt_id", "po_line_id", "quantity", "rejected_quantity")))
    numbers = {receipt_id: number for number, receipt_id in ids.items()}
    known: dict[Any, Any] = {
        (numbers[row.receipt_id], row.po_line_id): (row.quantity, row.rejected_quantity)
        for row in select_where_in(connection, entries, receipt_line.c.receipt_id, numbers)
    }
    fresh, contradicting = new_ones(
        there,
        known,
        key=lambda it: (it.number, lines[it.purchase_order, it.line_key].po_line_id),
        content=lambda it: (it.quantity, it.rejected_quantity),
    )
    new = {it.number: it for it in sorted(fresh, key=lambda it: -it.received_at) if it.number not in ids}
    ids |= dict(zip(new, take_ids(connection, "receipt", len(new)), strict=True))
    clocks = (stamp.recorded_at, stamp.change_id)
    headers = [
        (ids[it.number], account, it.number, lines[it.purchase_order, it.line_key].po_id, it.location, it.received_at)
        for it in new.values()
    ]
    columns = ["receipt_id", "account", "number", "po_id", "location", "received_at", "actor"]
    rows = [(*row, stamp.actor, *clocks) for row in headers]
    insert_rows(connection, receipt, [*columns, "recorded_at", "change_id"], rows)
    line_ids = take_ids(connection, "receipt_line", len(fresh))
    line_columns = ["receipt_line_id", "receipt_id", "po_line_id", "sku", "quantity", "rejected_quantity"]
    line_rows = [
        (line_id, ids[it.number], line.po_line_id, line.sku, it.quantity, it.rejected_quantity, *clocks)
        for line_id, it in zip(line_ids, fresh, strict=True)
        if (line := lines[it.purchase_order, it.line_key])
    ]
    insert_rows(connection, receipt_line, [*line_columns, "recorded_at", "change_id"], line_rows)
    told = [Contradiction("receipt", f"{it.number}/{it.line_key}") for it in contradicting]
    waiting = [fact for fact in facts if (fact.purchase_order, fact.line_key) not in lines]
    return Written(len(new), len(fresh), told, []), waiting


def _purchase_lines(
    connection: sa.Connection, account: str, numbers: Iterable[str]
) -> dict[tuple[str, str], sa.Row[Any]]:
    line = purchase_order_line.c
    statement = (
        sa.select(purchase_order.c.number, line.line_key, line.po_line_id, line.po_id, line.sku)
        .select_from(purchase_order_line.join(purchase_order, purchase_order.c.po_id == line.po_id))
        .where(purchase_order.c.account == account)
    )
    found = select_where_in(connection, statement, purchase_order.c.number, numbers)
    return {(row.number, row.line_key): row for row in found}
