"""Orders and returns as rows: set-based inserts and merges of what a batch of messages states.

A document arrives in one message or in several parts; lines are identified by `line_key` within their document,
so the union of all parts is the document, whatever the order of arrival.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import CustomerFact, LineFact, OrderFact, ReturnFact
from oms_core.domain.lifecycles import Step, first_steps, is_further, steps_between
from oms_core.domain.orders import Lifecycle
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.tables import (
    customer,
    customer_personal,
    order_event,
    order_line,
    return_line,
    return_order,
    sales_order,
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every row of one write transaction carries."""

    change_id: int
    recorded_at: int
    actor: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A line that is recorded already, with other content and no newer version to explain it."""

    document: str
    line_key: str


@dataclass(slots=True)
class Written:
    """Rows written, and what contradicts what was recorded."""

    documents: int
    lines: int
    contradictions: list[Contradiction]
    stale: list[str]  # documents that came in an older version than the recorded one


_ORDER_COLUMNS = [
    "order_id",
    "account",
    "external_id",
    "placed_at",
    "currency",
    "base_currency",
    "base_rate",
    "base_rate_scale",
    "customer_id",
    "country",
    "lifecycle",
    "last_event_seq",
    "source_version",
    "recorded_at",
    "change_id",
]
_LINE_COLUMNS = [
    "line_id",
    "order_id",
    "line_key",
    "line_kind",
    "sku",
    "title",
    "quantity",
    "unit_price",
    "line_amount",
    "money_scale",
    "content_sha256",
    "cancelled_quantity",
    "discount_amount",
    "tax_amount",
    "recorded_at",
    "change_id",
]
_EVENT_COLUMNS = [
    "order_id",
    "seq",
    "event",
    "from_state",
    "to_state",
    "occurred_at",
    "actor",
    "reason",
    "recorded_at",
    "change_id",
]
_RETURN_COLUMNS = [
    "return_id",
    "account",
    "external_id",
    "order_external_id",
    "returned_at",
    "currency",
    "base_currency",
    "base_rate",
    "base_rate_scale",
    "customer_id",
    "country",
    "source_version",
    "recorded_at",
    "change_id",
]
_RETURN_LINE_COLUMNS = [
    "return_line_id",
    "return_id",
    "line_key",
    "line_kind",
    "sku",
    "title",
    "quantity",
    "unit_price",
    "line_amount",
    "money_scale",
    "content_sha256",
    "reason",
    "recorded_at",
    "change_id",
]


def record_customers(
    connection: sa.Connection, account: str, customers: Iterable[CustomerFact], stamp: Stamp
) -> dict[str, int]:
    """Ids by external reference; unknown customers are added."""
    facts = {fact.external_ref: fact for fact in customers}
    columns = (customer_personal.c.external_ref, customer_personal.c.customer_id)
    known = sa.select(*columns).where(customer_personal.c.account == account)
    found = select_where_in(connection, known, customer_personal.c.external_ref, facts)
    ids: dict[str, int] = {row.external_ref: row.customer_id for row in found}
    fresh = sorted(facts.keys() - ids.keys())
    ids.update(zip(fresh, take_ids(connection, "customer", len(fresh)), strict=True))
    insert_rows(
        connection,
        customer,
        ("customer_id", "account", "recorded_at", "change_id"),
        [(ids[ref], account, stamp.recorded_at, stamp.change_id) for ref in fresh],
    )
    people = [(ids[ref], account, ref, *_person(facts[ref])) for ref in fresh]
    names = ("customer_id", "account", "external_ref", "name", "email", "phone", "address")
    insert_rows(connection, customer_personal, names, people)
    return ids


def _person(fact: CustomerFact) -> tuple[str | None, ...]:
    return (fact.name, fact.email, fact.phone, fact.address)


def record_orders(
    connection: sa.Connection,
    account: str,
    orders: Sequence[OrderFact],
    *,
    customer_ids: Mapping[str, int],
    base_currency: str | None,
    stamp: Stamp,
) -> Written:
    """Add new orders, merge parts of known ones, move states by events.

    A newer `source_version` replaces lines of the same key; without versions an equal line is a repetition and
    another content a contradiction, which is returned and not written.
    """
    known = _known_orders(connection, account, [order.external_id for order in orders])
    fresh = [order for order in _merged(orders) if order.external_id not in known]
    ids = dict(zip((o.external_id for o in fresh), take_ids(connection, "sales_order", len(fresh)), strict=True))
    _insert_orders(connection, account, fresh, ids, customer_ids=customer_ids, base_currency=base_currency, stamp=stamp)
    events = [
        row for order in fresh for row in _events(ids[order.external_id], 0, first_steps(order.lifecycle), order, stamp)
    ]
    _insert_events(connection, events)
    lines = [(ids[order.external_id], line) for order in fresh for line in order.lines]
    merged = _merge_known(connection, [o for o in _merged(orders) if o.external_id in known], known, stamp)
    lines.extend(merged.new_lines)
    _insert_lines(connection, lines, stamp)
    return Written(len(fresh), len(lines) + merged.replaced, merged.contradictions, merged.stale)


def _merged(orders: Sequence[OrderFact]) -> list[OrderFact]:
    """One fact per order: the newest version, and the union of the lines of its parts."""
    by_id: dict[str, OrderFact] = {}
    for order in orders:
        first = by_id.get(order.external_id)
        if first is None or (order.source_version or 0) > (first.source_version or 0):
            by_id[order.external_id] = order
        elif order.source_version == first.source_version:
            lines = {line.line_key: line for line in (*first.lines, *order.lines)}
            earliest = min(first, order, key=lambda part: part.placed_at)
            state = order.lifecycle if is_further(order.lifecycle, first.lifecycle) else first.lifecycle
            by_id[order.external_id] = _with(earliest, list(lines.values()), state)
    return list(by_id.values())


def _with(order: OrderFact, lines: list[LineFact], state: Lifecycle) -> OrderFact:
    return OrderFact(
        external_id=order.external_id,
        placed_at=order.placed_at,
        currency=order.currency,
        lifecycle=state,
        lines=lines,
        customer=order.customer,
        country=order.country,
        source_version=order.source_version,
    )


def _known_orders(connection: sa.Connection, account: str, external_ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    columns = ("external_id", "order_id", "placed_at", "lifecycle", "last_event_seq", "source_version")
    statement = sa.select(*(sales_order.c[name] for name in columns)).where(sales_order.c.account == account)
    rows = select_where_in(connection, statement, sales_order.c.external_id, set(external_ids))
    return {row.external_id: row for row in rows}


def _insert_orders(
    connection: sa.Connection,
    account: str,
    orders: Sequence[OrderFact],
    ids: Mapping[str, int],
    *,
    customer_ids: Mapping[str, int],
    base_currency: str | None,
    stamp: Stamp,
) -> None:
    rows = [
        (
            ids[order.external_id],
            account,
            order.external_id,
            order.placed_at,
            order.currency,
            *base_of(order.currency, base_currency),
            customer_ids[order.customer.external_ref] if order.customer else None,
            order.country,
            Lifecycle.NONE.value,
            0,
            order.source_version,
            stamp.recorded_at,
            stamp.change_id,
        )
        for order in orders
    ]
    insert_rows(connection, sales_order, _ORDER_COLUMNS, rows)


def base_of(currency: str, base_currency: str | None) -> tuple[str | None, int | None, int | None]:
    """(base currency, rate, rate scale), fixed when it happens: 1 for the base currency, null without a rate."""
    return (base_currency, 1, 0) if currency == base_currency else (None, None, None)


def _insert_events(connection: sa.Connection, events: Sequence[tuple[Any, ...]]) -> None:
    """One statement a step: PostgreSQL moves an order's state when the statement ends, before its next event."""
    for seq in sorted({event[1] for event in events}):
        insert_rows(connection, order_event, _EVENT_COLUMNS, [event for event in events if event[1] == seq])


def _events(
    order_id: int, last_seq: int, steps: Sequence[Step], order: OrderFact, stamp: Stamp
) -> Iterator[tuple[Any, ...]]:
    for seq, (event, before, after) in enumerate(steps, start=last_seq + 1):
        state = (event.value, before.value, after.value)
        yield (order_id, seq, *state, order.placed_at, stamp.actor, None, stamp.recorded_at, stamp.change_id)


def _insert_lines(connection: sa.Connection, lines: Sequence[tuple[int, LineFact]], stamp: Stamp) -> None:
    ids = take_ids(connection, "order_line", len(lines))
    rows = [
        (
            line_id,
            order_id,
            line.line_key,
            line.line_kind,
            line.sku,
            line.title,
            line.quantity,
            line.unit_price,
            line.line_amount,
            line.money_scale,
            line.content_sha256,
            line.cancelled_quantity,
            line.discount_amount,
            line.tax_amount,
            stamp.recorded_at,
            stamp.change_id,
        )
        for line_id, (order_id, line) in zip(ids, lines, strict=True)
    ]
    insert_rows(connection, order_line, _LINE_COLUMNS, rows)


@dataclass(slots=True)
class _Merge:
    new_lines: list[tuple[int, LineFact]]
    replaced: int
    contradictions: list[Contradiction]
    stale: list[str]


def _merge_known(
    connection: sa.Connection, orders: Sequence[OrderFact], known: Mapping[str, sa.Row[Any]], stamp: Stamp
) -> _Merge:
    merge = _Merge([], 0, [], [])
    if not orders:
        return merge
    ids = [known[order.external_id].order_id for order in orders]
    columns = (order_line.c.order_id, order_line.c.line_key, order_line.c.content_sha256)
    rows = select_where_in(connection, sa.select(*columns), order_line.c.order_id, ids)
    recorded = {(row.order_id, row.line_key): row.content_sha256 for row in rows}
    for order in orders:
        row = known[order.external_id]
        newer = order.source_version is not None and order.source_version > (row.source_version or 0)
        if order.source_version is not None and order.source_version < (row.source_version or 0):
            merge.stale.append(order.external_id)
            continue
        for line in order.lines:
            content = recorded.get((row.order_id, line.line_key))
            if content is None:
                merge.new_lines.append((row.order_id, line))
            elif content != line.content_sha256 and newer:
                _replace_line(connection, row.order_id, line, stamp)
                merge.replaced += 1
            elif content != line.content_sha256:
                merge.contradictions.append(Contradiction(order.external_id, line.line_key))
        _move_header(connection, order, row, newer=newer, stamp=stamp)
    return merge


def _replace_line(connection: sa.Connection, order_id: int, line: LineFact, stamp: Stamp) -> None:
    same = sa.and_(order_line.c.order_id == order_id, order_line.c.line_key == line.line_key)
    names = ["line_kind", "sku", "title", "quantity", "unit_price", "line_amount", "money_scale", "content_sha256"]
    names += ["cancelled_quantity", "discount_amount", "tax_amount"]
    values = {name: getattr(line, name) for name in names}
    connection.execute(order_line.update().where(same).values(**values, change_id=stamp.change_id))


def _move_header(connection: sa.Connection, order: OrderFact, row: sa.Row[Any], *, newer: bool, stamp: Stamp) -> None:
    values: dict[str, Any] = {}
    if newer:
        values["source_version"] = order.source_version
    if order.placed_at < row.placed_at:
        values["placed_at"] = order.placed_at  # a part with an earlier line came later
    if values:
        same = sales_order.c.order_id == row.order_id
        connection.execute(sales_order.update().where(same).values(**values, change_id=stamp.change_id))
    current = Lifecycle(row.lifecycle)
    if order.lifecycle is not current and (newer or is_further(order.lifecycle, current)):
        steps = steps_between(current, order.lifecycle) or []
        events = list(_events(row.order_id, row.last_event_seq, steps, order, stamp))
        _insert_events(connection, events)


def record_returns(
    connection: sa.Connection,
    account: str,
    returns: Sequence[ReturnFact],
    *,
    customer_ids: Mapping[str, int],
    base_currency: str | None,
    stamp: Stamp,
) -> Written:
    """Add new return documents and lines not seen yet; a known line with other content is a contradiction."""
    parts: dict[str, list[ReturnFact]] = {}
    for fact in returns:
        parts.setdefault(fact.external_id, []).append(fact)
    known = sa.select(return_order.c.external_id, return_order.c.return_id, return_order.c.returned_at).where(
        return_order.c.account == account
    )
    rows = {row.external_id: row for row in select_where_in(connection, known, return_order.c.external_id, parts)}
    fresh = [min(facts, key=lambda fact: fact.returned_at) for key, facts in parts.items() if key not in rows]
    ids = {key: row.return_id for key, row in rows.items()}
    ids.update(zip((f.external_id for f in fresh), take_ids(connection, "return_order", len(fresh)), strict=True))
    headers = [
        (
            ids[fact.external_id],
            account,
            fact.external_id,
            fact.order_external_id,
            fact.returned_at,
            fact.currency,
            *base_of(fact.currency, base_currency),
            customer_ids[fact.customer.external_ref] if fact.customer else None,
            fact.country,
            fact.source_version,
            stamp.recorded_at,
            stamp.change_id,
        )
        for fact in fresh
    ]
    insert_rows(connection, return_order, _RETURN_COLUMNS, headers)
    _earlier_returns(connection, parts, rows, stamp)
    lines, contradictions = _unseen_return_lines(connection, parts, rows, ids)
    _insert_return_lines(connection, lines, stamp)
    return Written(len(fresh), len(lines), contradictions, [])


def _earlier_returns(
    connection: sa.Connection, parts: Mapping[str, list[ReturnFact]], rows: Mapping[str, sa.Row[Any]], stamp: Stamp
) -> None:
    for key, row in rows.items():
        earliest = min(fact.returned_at for fact in parts[key])
        if earliest < row.returned_at:
            same = return_order.c.return_id == row.return_id
            values = {"returned_at": earliest, "change_id": stamp.change_id}
            connection.execute(return_order.update().where(same).values(**values))


def _unseen_return_lines(
    connection: sa.Connection,
    parts: Mapping[str, list[ReturnFact]],
    rows: Mapping[str, sa.Row[Any]],
    ids: Mapping[str, int],
) -> tuple[list[tuple[int, LineFact]], list[Contradiction]]:
    columns = (return_line.c.return_id, return_line.c.line_key, return_line.c.content_sha256)
    statement = sa.select(*columns)
    known = [row.return_id for row in rows.values()]
    recorded = {
        (row.return_id, row.line_key): row.content_sha256
        for row in select_where_in(connection, statement, return_line.c.return_id, known)
    }
    lines: list[tuple[int, LineFact]] = []
    contradictions: list[Contradiction] = []
    for key, facts in parts.items():
        for line in {line.line_key: line for fact in facts for line in fact.lines}.values():
            content = recorded.get((ids[key], line.line_key))
            if content is None:
                lines.append((ids[key], line))
            elif content != line.content_sha256:
                contradictions.append(Contradiction(key, line.line_key))
    return lines, contradictions


def _insert_return_lines(connection: sa.Connection, lines: Sequence[tuple[int, LineFact]], stamp: Stamp) -> None:
    ids = take_ids(connection, "return_line", len(lines))
    rows = [
        (
            line_id,
            return_id,
            line.line_key,
            line.line_kind,
            line.sku,
            line.title,
            line.quantity,
            line.unit_price,
            line.line_amount,
            line.money_scale,
            line.content_sha256,
            line.reason,
            stamp.recorded_at,
            stamp.change_id,
        )
        for line_id, (return_id, line) in zip(ids, lines, strict=True)
    ]
    insert_rows(connection, return_line, _RETURN_LINE_COLUMNS, rows)
