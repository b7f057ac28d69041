"""Orders as rows: set-based inserts and merges of what a batch of messages states.

An order arrives in one message or in parts; a line is known by its `line_key`, so the union of all parts is the order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import LineFact, OrderFact
from oms_core.domain.lifecycles import Step, first_steps, furthest, is_further, steps_between
from oms_core.domain.orders import Lifecycle
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp, Written, base_of, first_of
from oms_core.storage.tables import order_event, order_line, sales_order

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
    whole, contradictions = _merged(orders)
    fresh = [order for order in whole if order.external_id not in known]
    ids = dict(zip((o.external_id for o in fresh), take_ids(connection, "sales_order", len(fresh)), strict=True))
    _insert_orders(connection, account, fresh, ids, customer_ids=customer_ids, base_currency=base_currency, stamp=stamp)
    events = [
        row for order in fresh for row in _events(ids[order.external_id], 0, first_steps(order.lifecycle), order, stamp)
    ]
    _insert_events(connection, events)
    lines = [(ids[order.external_id], line) for order in fresh for line in order.lines]
    merged = _merge_known(connection, [o for o in whole if o.external_id in known], known, stamp)
    lines.extend(merged.new_lines)
    _insert_lines(connection, lines, stamp)
    for order, row, newer in merged.headers:
        _move_header(connection, order, row, newer=newer, customer_ids=customer_ids, base=base_currency, stamp=stamp)
    contradictions += merged.contradictions
    return Written(len(fresh), len(lines) + merged.replaced, contradictions, merged.stale)


def _merged(orders: Sequence[OrderFact]) -> tuple[list[OrderFact], list[Contradiction]]:
    """One fact per order, as if its parts had come one by one: older versions first, the union of their lines."""
    by_id: dict[str, OrderFact] = {}
    contradictions: list[Contradiction] = []
    for order in sorted(orders, key=lambda part: part.source_version or 0):
        first = by_id.setdefault(order.external_id, order)
        if first is order:
            continue
        newer = order.source_version != first.source_version
        lines = {line.line_key: line for line in first.lines}
        for line in order.lines:
            if newer or line.line_key not in lines:
                lines[line.line_key] = line
            elif lines[line.line_key].content_sha256 != line.content_sha256:
                contradictions.append(Contradiction(order.external_id, line.line_key))
        header = order if newer else _united(first, order)
        by_id[order.external_id] = replace(header, lines=list(lines.values()))
    return list(by_id.values()), contradictions


def _united(first: OrderFact, other: OrderFact) -> OrderFact:
    """The header that two parts of one version give, whichever comes first."""
    return replace(
        min(first, other, key=lambda part: part.placed_at),
        lifecycle=_united_state(first, other),
        state_is_implied=first.state_is_implied and other.state_is_implied,
        customer=first_of(first.customer, other.customer, key=lambda customer: customer.external_ref),
        country=first_of(first.country, other.country),
    )


def _united_state(first: OrderFact, other: OrderFact) -> Lifecycle:
    """The state further on; a state that lines imply counts where none is reported, and cancels no other lines."""
    if first.state_is_implied and other.state_is_implied:
        return furthest({first.lifecycle, other.lifecycle} - {Lifecycle.CANCELLED} or {Lifecycle.CANCELLED})
    return furthest(part.lifecycle for part in (first, other) if not part.state_is_implied)


def _known_orders(connection: sa.Connection, account: str, external_ids: Iterable[str]) -> dict[str, sa.Row[Any]]:
    columns = ["external_id", "order_id", "placed_at", "lifecycle", "last_event_seq", "source_version"]
    columns += ["customer_id", "country"]
    statement = sa.select(*(sales_order.c[name] for name in columns)).where(sales_order.c.account == account)
    # On PostgreSQL another writer may be moving them: read what it leaves.
    statement = statement.order_by(sales_order.c.order_id).with_for_update()
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
    headers: list[tuple[OrderFact, sa.Row[Any], bool]]  # what is reported, what is recorded, whether it is newer
    new_lines: list[tuple[int, LineFact]]
    replaced: int
    contradictions: list[Contradiction]
    stale: list[str]


def _merge_known(
    connection: sa.Connection, orders: Sequence[OrderFact], known: Mapping[str, sa.Row[Any]], stamp: Stamp
) -> _Merge:
    merge = _Merge([], [], 0, [], [])
    if not orders:
        return merge
    ids = [known[order.external_id].order_id for order in orders]
    columns = (order_line.c.order_id, order_line.c.line_key, order_line.c.content_sha256)
    rows = select_where_in(connection, sa.select(*columns), order_line.c.order_id, ids)
    recorded = {(row.order_id, row.line_key): row.content_sha256 for row in rows}
    for order in orders:
        row = known[order.external_id]
        newer = order.source_version is not None and order.source_version > (row.source_version or 0)
        older = order.source_version is not None and order.source_version < (row.source_version or 0)
        # An older version decides nothing, but a line that no newer one named is not lost.
        unseen = [line for line in order.lines if (row.order_id, line.line_key) not in recorded]
        merge.new_lines.extend((row.order_id, line) for line in unseen)
        if older:
            merge.stale.extend([] if unseen else [order.external_id])
            continue
        for line in order.lines:
            content = recorded.get((row.order_id, line.line_key), line.content_sha256)
            if content != line.content_sha256 and newer:
                _replace_line(connection, row.order_id, line, stamp)
                merge.replaced += 1
            elif content != line.content_sha256:
                merge.contradictions.append(Contradiction(order.external_id, line.line_key))
        merge.headers.append((order, row, newer))
    return merge


def _replace_line(connection: sa.Connection, order_id: int, line: LineFact, stamp: Stamp) -> None:
    same = sa.and_(order_line.c.order_id == order_id, order_line.c.line_key == line.line_key)
    names = ["line_kind", "sku", "title", "quantity", "unit_price", "line_amount", "money_scale", "content_sha256"]
    names += ["cancelled_quantity", "discount_amount", "tax_amount"]
    values = {name: getattr(line, name) for name in names}
    connection.execute(order_line.update().where(same).values(**values, change_id=stamp.change_id))


def _move_header(
    connection: sa.Connection,
    order: OrderFact,
    row: sa.Row[Any],
    *,
    newer: bool,
    customer_ids: Mapping[str, int],
    base: str | None,
    stamp: Stamp,
) -> None:
    customer_id = customer_ids[order.customer.external_ref] if order.customer else None
    if newer:
        names = ("base_currency", "base_rate", "base_rate_scale")
        values: dict[str, Any] = dict(zip(names, base_of(order.currency, base), strict=True))
        values |= {"source_version": order.source_version, "placed_at": order.placed_at, "currency": order.currency}
        values |= {"customer_id": customer_id, "country": order.country}
    else:
        found = {
            "placed_at": min(order.placed_at, row.placed_at),  # a part with an earlier line came later
            "customer_id": first_of(row.customer_id, customer_id),
            "country": first_of(row.country, order.country),
        }
        values = {name: value for name, value in found.items() if value != getattr(row, name)}
    if values:
        same = sales_order.c.order_id == row.order_id
        connection.execute(sales_order.update().where(same).values(**values, change_id=stamp.change_id))
    current = Lifecycle(row.lifecycle)
    cancels_others = order.state_is_implied and order.lifecycle is Lifecycle.CANCELLED
    if order.lifecycle is not current and not cancels_others and (newer or is_further(order.lifecycle, current)):
        steps = steps_between(current, order.lifecycle) or []
        events = list(_events(row.order_id, row.last_event_seq, steps, order, stamp))
        _insert_events(connection, events)
