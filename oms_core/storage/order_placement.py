"""Orders that somebody places, as rows: one insert a table for a whole batch."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.bundles import ComponentLine
from oms_core.domain.charges import Rate
from oms_core.domain.holds import Finding
from oms_core.domain.look_alike import Trace
from oms_core.domain.order_pricing import PricedLine, PricedOrder
from oms_core.domain.order_requests import Address, PlaceOrder
from oms_core.domain.orders import Lifecycle, OrderEvent
from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.placed_payments import write_payments
from oms_core.storage.tables import (
    order_adjustment,
    order_adjustment_share,
    order_event,
    order_hold,
    order_line,
    order_milestone,
    order_personal,
    sales_order,
)

POSTCODE_PREFIX = 3  # what of a postcode leaves the personal table
_CLOCKS = ("recorded_at", "change_id")
_ORDER = (
    *("order_id", "account", "external_id", "placed_at", "currency", "base_currency", "base_rate"),
    *("base_rate_scale", "customer_id", "country", "fulfilled_here", "priority", "parent_order_id", "relation"),
    *("payment_terms", "prices_include_tax", "total_amount", "source_total", "delivery_method", "ship_postcode"),
    *("confirmed_by", "look_alike_key", "content_sha256", "lifecycle", "last_event_seq", *_CLOCKS),
)
_PERSON = (*("order_id", "name", "email", "phone", "street", "city", "postcode", "country"), "note", "address_digest")
_LINE = (
    *("line_id", "order_id", "line_key", "line_kind", "sku", "title", "quantity", "unit_price", "line_amount"),
    *("money_scale", "content_sha256", "discount_amount", "tax_amount", "tax_rate", "fulfilled_here"),
    *("is_bundle", "parent_line_id", "origin_order_id", *_CLOCKS),
)
_ADJUSTMENT = ("adjustment_id", "order_id", "kind", "code", "amount", "money_scale", "method", *_CLOCKS)
_SHARE = ("adjustment_id", "line_id", "amount", *_CLOCKS)
_EVENT = ("order_id", "seq", "event", "from_state", "to_state", "occurred_at", "actor", "reason", *_CLOCKS)
_HOLD = ("hold_id", "order_id", "kind", "reason", "rule", "actor", "occurred_at", *_CLOCKS)
_MILESTONE = ("order_id", "milestone", "seq", "occurred_at", "actor", "reason", *_CLOCKS)
_Rows = list[tuple[Any, ...]]


@dataclass(slots=True)
class NewOrder:
    """An order that was accepted, with everything decided about it."""

    request: PlaceOrder
    priced: PricedOrder
    content_sha256: str
    trace: Trace
    components: Mapping[int, Sequence[ComponentLine]]  # of bundles, by position of their line
    fulfilled_here: bool
    priority: int
    base_currency: str | None
    rate: Rate | None
    holds: list[tuple[Finding, str]]  # what was found, and the rule that found it
    confirmed_by: str | None

    @property
    def state(self) -> Lifecycle:
        """Where it stands once it is placed."""
        if self.holds:
            return Lifecycle.ON_HOLD
        return Lifecycle.CONFIRMED if self.confirmed_by else Lifecycle.PENDING


def write_orders(
    connection: sa.Connection, orders: Sequence[NewOrder], customers: Mapping[tuple[str, str], int], stamp: Stamp
) -> list[int]:
    """Ids of the orders, in the order given. `customers`: ids by (account, reference)."""
    clocks = (stamp.recorded_at, stamp.change_id)
    ids = list(take_ids(connection, "sales_order", len(orders)))
    listed = list(zip(ids, orders, strict=True))
    insert_rows(connection, sales_order, _ORDER, [_order(at, it, customers, clocks) for at, it in listed])
    people = [row for order_id, it in listed if (row := _person(order_id, it))]
    insert_rows(connection, order_personal, _PERSON, people)
    _write_lines(connection, listed, clocks)
    _write_events(connection, listed, stamp)
    _write_holds(connection, listed, stamp)
    write_payments(connection, [(at, it.request, it.base_currency, it.rate) for at, it in listed], stamp)
    return ids


def _order(
    order_id: int, it: NewOrder, customers: Mapping[tuple[str, str], int], clocks: tuple[int, int]
) -> tuple[Any, ...]:
    asked = it.request
    base = (it.base_currency, it.rate.units, it.rate.scale) if it.rate else (None, None, None)
    address = asked.ship_to
    return (
        order_id,
        asked.account,
        asked.number,
        asked.placed_at,
        asked.currency,
        *base,
        customers[asked.account, asked.customer.reference] if asked.customer else None,
        address.country if address else None,
        it.fulfilled_here,
        it.priority,
        asked.parent_order_id,
        asked.relation,
        asked.payment_terms,
        asked.prices_include_tax,
        it.priced.total,
        asked.source_total,
        asked.delivery_method,
        address.postcode[:POSTCODE_PREFIX] if address and address.postcode else None,
        it.confirmed_by,
        it.trace.key,
        it.content_sha256,
        Lifecycle.NONE.value,
        0,
        *clocks,
    )


def _person(order_id: int, it: NewOrder) -> tuple[Any, ...] | None:
    asked = it.request
    if asked.ship_to is None and asked.note is None:
        return None
    return (order_id, *(asked.ship_to or Address()), asked.note, it.trace.address)


class _Place(NamedTuple):
    """What every line of one order carries."""

    order_id: int
    money_scale: int
    content_sha256: str
    fulfilled_here: bool
    clocks: tuple[int, int]


def _write_lines(connection: sa.Connection, orders: Sequence[tuple[int, NewOrder]], clocks: tuple[int, int]) -> None:
    count = sum(len(it.priced.lines) + sum(map(len, it.components.values())) for _, it in orders)
    ids = iter(take_ids(connection, "order_line", count))
    lines: _Rows = []
    charges: list[tuple[int, NewOrder, list[int]]] = []
    for order_id, it in orders:
        place = _Place(order_id, it.request.money_scale, it.content_sha256, it.fulfilled_here, clocks)
        line_ids = _add_lines(lines, place, it.priced.lines, it.components, ids)
        if it.priced.charges:
            charges.append((order_id, it, line_ids))
    insert_rows(connection, order_line, _LINE, lines)
    _write_charges(connection, charges, clocks)


def append_lines(
    connection: sa.Connection,
    order: sa.Row[Any],
    priced: Sequence[PricedLine],
    components: Mapping[int, Sequence[ComponentLine]],
    *,
    scale: int,
    stamp: Stamp,
) -> None:
    """Add priced lines to an order that is there; `components` of bundles by position."""
    ids = take_ids(connection, "order_line", len(priced) + sum(map(len, components.values())))
    clocks = (stamp.recorded_at, stamp.change_id)
    place = _Place(order.order_id, scale, order.content_sha256 or "", order.fulfilled_here, clocks)
    lines: _Rows = []
    _add_lines(lines, place, priced, components, iter(ids))
    insert_rows(connection, order_line, _LINE, lines)


def _add_lines(
    rows: _Rows,
    place: _Place,
    lines: Sequence[PricedLine],
    components: Mapping[int, Sequence[ComponentLine]],
    ids: Iterator[int],
) -> list[int]:
    """Append the rows of an order's lines, components after their bundle; the ids of the lines themselves."""
    made = []
    for at, line in enumerate(lines):
        line_id = next(ids)
        made.append(line_id)
        parts = components.get(at, ())
        rows.append(_line_row(line_id, place, line, is_bundle=bool(parts)))
        rows.extend(_component_row(next(ids), place, line_id, line, part) for part in parts)
    return made


def _line_row(line_id: int, place: _Place, line: PricedLine, *, is_bundle: bool) -> tuple[Any, ...]:
    return (
        line_id,
        place.order_id,
        line.line_key,
        line.line_kind,
        line.sku,
        line.title,
        line.quantity,
        line.unit_price,
        line.amount,
        place.money_scale,
        place.content_sha256,
        line.discount,
        line.tax,
        line.tax_rate,
        place.fulfilled_here,
        is_bundle,
        None,
        None,
        *place.clocks,
    )


def _component_row(
    line_id: int, place: _Place, parent_id: int, parent: PricedLine, part: ComponentLine
) -> tuple[Any, ...]:
    what = (part.line_key, parent.line_kind, part.sku, None, part.quantity, 0)
    free = (0, place.money_scale, place.content_sha256, 0, None if parent.tax is None else 0, None)
    return (line_id, place.order_id, *what, *free, place.fulfilled_here, False, parent_id, None, *place.clocks)


def _write_charges(
    connection: sa.Connection, orders: Sequence[tuple[int, NewOrder, list[int]]], clocks: tuple[int, int]
) -> None:
    ids = iter(take_ids(connection, "order_adjustment", sum(len(it.priced.charges) for _, it, _ in orders)))
    rows: _Rows = []
    shares: _Rows = []
    for order_id, it, line_ids in orders:
        for charge in it.priced.charges:
            adjustment_id = next(ids)
            method = "largest_remainder" if charge.is_shared else "order"
            what = (charge.kind, charge.code, charge.amount, it.request.money_scale, method)
            rows.append((adjustment_id, order_id, *what, *clocks))
            shares.extend((adjustment_id, line_ids[at], share, *clocks) for at, share in charge.shares)
    insert_rows(connection, order_adjustment, _ADJUSTMENT, rows)
    insert_rows(connection, order_adjustment_share, _SHARE, shares)


def _write_events(connection: sa.Connection, orders: Sequence[tuple[int, NewOrder]], stamp: Stamp) -> None:
    """One statement a step: PostgreSQL moves an order's state when the statement ends, before its next event."""
    clocks = (stamp.recorded_at, stamp.change_id)
    first = (OrderEvent.PLACE.value, Lifecycle.NONE.value, Lifecycle.PENDING.value)
    placed = [(at, 1, *first, it.request.placed_at, stamp.actor, None, *clocks) for at, it in orders]
    insert_rows(connection, order_event, _EVENT, placed)
    insert_rows(connection, order_event, _EVENT, list(_second_steps(orders, stamp)))
    approved = [
        (at, "approved", 1, stamp.recorded_at, stamp.actor, it.confirmed_by, *clocks)
        for at, it in orders
        if it.state is Lifecycle.CONFIRMED
    ]
    insert_rows(connection, order_milestone, _MILESTONE, approved)


def _second_steps(orders: Sequence[tuple[int, NewOrder]], stamp: Stamp) -> Iterator[tuple[Any, ...]]:
    steps = {Lifecycle.ON_HOLD: OrderEvent.HOLD.value, Lifecycle.CONFIRMED: OrderEvent.CONFIRM.value}
    for order_id, it in orders:
        if (event := steps.get(it.state)) is None:
            continue
        kinds = ", ".join(finding.kind for finding, _ in it.holds)
        what = (event, Lifecycle.PENDING.value, it.state.value, stamp.recorded_at, stamp.actor)
        yield (order_id, 2, *what, it.confirmed_by or kinds, stamp.recorded_at, stamp.change_id)


def _write_holds(connection: sa.Connection, orders: Sequence[tuple[int, NewOrder]], stamp: Stamp) -> None:
    found = [(order_id, finding, rule) for order_id, it in orders for finding, rule in it.holds]
    ids = take_ids(connection, "order_hold", len(found))
    clocks = (stamp.recorded_at, stamp.change_id)
    rows = [
        (hold_id, order_id, finding.kind.value, finding.reason, rule, stamp.actor, stamp.recorded_at, *clocks)
        for hold_id, (order_id, finding, rule) in zip(ids, found, strict=True)
    ]
    insert_rows(connection, order_hold, _HOLD, rows)
