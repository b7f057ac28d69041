"""Orders as rows: set-based inserts and merges of what a batch of messages states.

An order arrives in one message or in parts; a line is known by its `line_key`, so the union of all parts is the order.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import OrderFact, OrderPartFact
from oms_core.domain.lifecycles import Step, first_steps, furthest, is_further, steps_between
from oms_core.domain.orders import Lifecycle
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp, Written, base_of, first_of
from oms_core.storage.feed_lines import (
    LineChanges,
    OrderLine,
    change_lines,
    insert_lines,
    is_newer,
    is_older,
    known_lines,
    sort_lines,
)
from oms_core.storage.milestone_store import record_milestones
from oms_core.storage.tables import order_event, sales_order

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
    lines: list[OrderLine] = [
        (ids[order.external_id], order.placed_at, line) for order in fresh for line in order.lines
    ]
    merged = _merge_known(connection, [o for o in whole if o.external_id in known], known)
    lines.extend(merged.lines.new)
    insert_lines(connection, lines, stamp)
    change_lines(connection, merged.lines, stamp)
    for order, row, newer in merged.headers:
        _move_header(connection, order, row, newer=newer, customer_ids=customer_ids, base=base_currency, stamp=stamp)
    told = [(ids[order.external_id], order, True) for order in fresh if order.milestones]
    told += [(row.order_id, order, newer) for order, row, newer in merged.headers if order.milestones]
    contradictions += merged.lines.contradictions + record_milestones(connection, told, stamp)
    return Written(len(fresh), len(lines) + len(merged.lines.replaced), contradictions, merged.stale)


def record_parts(
    connection: sa.Connection, account: str, parts: Sequence[OrderPartFact], stamp: Stamp
) -> tuple[Written, list[OrderPartFact]]:
    """Add lines to orders that are recorded; returns what was written, and the parts whose order has not come yet."""
    known = _known_orders(connection, account, {part.external_id for part in parts})
    waiting = [part for part in parts if part.external_id not in known]
    orders = [
        OrderFact(part.external_id, row.placed_at, part.currency, Lifecycle(row.lifecycle), part.lines)
        for part in parts
        if (row := known.get(part.external_id)) is not None
    ]
    whole, contradictions = _merged(orders)
    merged = _merge_known(connection, whole, known)
    insert_lines(connection, merged.lines.new, stamp)
    change_lines(connection, merged.lines, stamp)
    written = len(merged.lines.new) + len(merged.lines.replaced)
    return Written(0, written, contradictions + merged.lines.contradictions, []), waiting


def _merged(orders: Sequence[OrderFact]) -> tuple[list[OrderFact], list[Contradiction]]:
    """One fact per order, as if its parts had come one by one: older versions first, the union of their lines."""
    by_id: dict[str, OrderFact] = {}
    contradictions: list[Contradiction] = []
    for order in sorted(map(_with_line_versions, orders), key=lambda part: part.source_version or 0):
        first = by_id.setdefault(order.external_id, order)
        if first is order:
            continue
        newer = order.source_version != first.source_version
        if order.currency != first.currency and not newer:
            contradictions.extend(_other_currency(order, first.currency))
            continue
        lines = {line.line_key: line for line in first.lines}
        for line in order.lines:
            known = lines.setdefault(line.line_key, line)
            if known is line:
                continue
            if newer or is_newer(line.source_version, known.source_version):
                lines[line.line_key] = line
            elif known.content_sha256 != line.content_sha256:
                contradictions.append(Contradiction(order.external_id, line.line_key))
        milestones = {**first.milestones, **order.milestones} if newer else {**order.milestones, **first.milestones}
        header = order if newer else _united(first, order)
        by_id[order.external_id] = replace(header, lines=list(lines.values()), milestones=milestones)
    return list(by_id.values()), contradictions


def _with_line_versions(order: OrderFact) -> OrderFact:
    """The same order, its version on each line that has none of its own: lines outlive the report they came in."""
    version = order.source_version
    if version is None or all(line.source_version is not None for line in order.lines):
        return order
    return replace(
        order,
        lines=[
            line if line.source_version is not None else line._replace(source_version=version) for line in order.lines
        ],
    )


def _other_currency(order: OrderFact, currency: str) -> list[Contradiction]:
    reason = (
        f"the order is recorded in {currency}, this part of it says {order.currency}, and no newer version explains it"
    )
    return [Contradiction(order.external_id, line.line_key, "mixed_currencies", reason) for line in order.lines]


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
    columns += ["customer_id", "country", "currency"]
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


@dataclass(slots=True)
class _Merge:
    headers: list[tuple[OrderFact, sa.Row[Any], bool]] = field(default_factory=list)  # reported, recorded, newer?
    lines: LineChanges = field(default_factory=LineChanges)
    stale: list[str] = field(default_factory=list)


def _merge_known(connection: sa.Connection, orders: Sequence[OrderFact], known: Mapping[str, sa.Row[Any]]) -> _Merge:
    merge = _Merge()
    if not orders:
        return merge
    recorded = known_lines(connection, [known[order.external_id].order_id for order in orders])
    for order in orders:
        row = known[order.external_id]
        newer = is_newer(order.source_version, row.source_version)
        if order.currency != row.currency and not newer:
            merge.lines.contradictions.extend(_other_currency(order, row.currency))
            continue
        # An older version decides nothing of the order, but each of its lines is the newest one known of that line.
        said = sort_lines(merge.lines, order, row, recorded)
        if is_older(order.source_version, row.source_version):
            merge.stale.extend([] if said else [order.external_id])
            continue
        merge.headers.append((order, row, newer))
    return merge


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
