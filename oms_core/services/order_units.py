"""Units cut from an order's lines: which they are, what they cost, and the promises they give back.

A bundle is cut by whole kits and its components follow; a component is never cut by itself.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.bundles import units_of_kits
from oms_core.domain.charges import amount_text
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.line_names import line_meant
from oms_core.domain.order_splits import Line, Part, cut
from oms_core.services.allocate_order import release_lines_within
from oms_core.services.commands import Unit
from oms_core.services.order_work import as_line, is_goods, name_of, waiting_of, wanted_of
from oms_core.services.plan_shipments import withdraw_shipments
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.order_families import family_money
from oms_core.storage.tables import line_allocation, order_adjustment, order_exception


class LineUnits(NamedTuple):
    """Units of one line, by its key."""

    line_key: str
    quantity: int


class Cut(NamedTuple):
    """A line as it was, and the part cut from it."""

    row: sa.Row[Any]
    part: Part


class Promise(NamedTuple):
    """Allocated units of a line that were given back."""

    line_id: int
    sku: str
    location: str
    units: int


def plan_cuts(rows: Sequence[sa.Row[Any]], asked: Sequence[LineUnits]) -> list[Cut]:
    """What the asked units come to, components included.

    Raises:
        InvalidRequestError: LINE_UNKNOWN, LINE_TWICE, LINE_AMBIGUOUS, QUANTITY_INVALID.
        RuleViolationError: LINE_NOT_OPEN, COMPONENT_OF_BUNDLE, KIT_NOT_WHOLE.
    """
    by_key = {row.line_key: row for row in rows}
    units = {_asked_line(by_key, it.line_key).line_id: it.quantity for it in lines_meant(rows, asked)}
    parts = cut([_line(row, rows) for row in rows if row.parent_line_id is None], units)
    by_id = {row.line_id: row for row in rows}
    cuts = [Cut(by_id[part.line_id], part) for part in parts]
    components = [
        Cut(row, _component_part(row, kits=it.part.quantity, ordered_kits=wanted_of(it.row)))
        for it in cuts
        for row in rows
        if row.parent_line_id == it.row.line_id
    ]
    return [*cuts, *components]


def lines_meant(rows: Sequence[sa.Row[Any]], asked: Sequence[LineUnits]) -> list[LineUnits]:
    """What was asked, each line by its key; people may name it by an article that no other line has.

    Raises:
        InvalidRequestError: LINE_AMBIGUOUS, LINE_TWICE.
    """
    names = [(row.line_key, row.sku if row.parent_line_id is None else None) for row in rows]
    found: dict[str, LineUnits] = {}
    for it in asked:
        key = line_meant(it.line_key, names)
        if key in found:
            raise InvalidRequestError(
                "LINE_TWICE", f"line {key} is named twice", remedy="Name each line once.", line=key
            )
        found[key] = LineUnits(key, it.quantity)
    return list(found.values())


def _asked_line(by_key: Mapping[str, sa.Row[Any]], key: str) -> sa.Row[Any]:
    row = by_key.get(key)
    if row is None:
        raise InvalidRequestError(
            "LINE_UNKNOWN", f"the order has no line {key!r}", remedy="`oms order show` lists its lines.", line=key
        )
    if row.parent_line_id is not None:
        raise RuleViolationError(
            "COMPONENT_OF_BUNDLE",
            f"line {key} is part of a bundle",
            remedy=f"Name the bundle's line {key.partition('.')[0]}; its components follow.",
            line=key,
        )
    return row


def _line(row: sa.Row[Any], rows: Sequence[sa.Row[Any]]) -> Line:
    """The line to cut from; of a bundle, kits are busy that a shipped component belongs to."""
    if not row.is_bundle:
        return as_line(row)
    kits = wanted_of(row)
    busy = 0
    for part in rows:
        if part.parent_line_id == row.line_id and part.shipped_quantity:
            each = max(wanted_of(part) // kits, 1)
            busy = max(busy, -(-part.shipped_quantity // each))
    return as_line(row, busy=min(busy, kits))


def _component_part(row: sa.Row[Any], *, kits: int, ordered_kits: int) -> Part:
    units = units_of_kits(kits, ordered_kits=ordered_kits, ordered_units=wanted_of(row))
    (part,) = cut([as_line(row)], {row.line_id: units})
    return part


def open_units(rows: Sequence[sa.Row[Any]]) -> list[LineUnits]:
    """Everything of the lines that can still be cut; components come with their bundles."""
    lines = ((row, _line(row, rows).open_units) for row in rows if row.parent_line_id is None)
    return [LineUnits(row.line_key, units) for row, units in lines if units > 0]


def leaves_goods(rows: Sequence[sa.Row[Any]], cuts: Sequence[Cut]) -> bool:
    """Whether a unit of goods is left of the order when these are cut."""
    gone = sum(it.part.quantity for it in cuts if is_goods(it.row))
    return sum(wanted_of(row) for row in rows if is_goods(row)) > gone


def free_promises(unit: Unit, order: sa.Row[Any], cuts: Sequence[Cut], *, reason: str) -> list[Promise]:
    """Give back what is promised to the units that go; units that nobody promised go first.

    Shipments that nobody picked yet are called off; they are planned anew from what stays.

    Raises:
        RuleViolationError: SHIPMENT_UNDER_WORK where one is being picked or is packed.
    """
    needed = {it.row.line_id: it.part.quantity - waiting_of(it.row) for it in cuts if is_goods(it.row)}
    needed = {line_id: units for line_id, units in needed.items() if units > 0}
    if not needed:
        return []
    withdraw_shipments(unit, order.order_id, reason=reason)
    before = _allocated(unit.connection, needed)
    release_lines_within(unit, needed, reason)
    after = _allocated(unit.connection, needed)
    return [
        Promise(line_id, sku, location, units - after.get((line_id, sku, location), 0))
        for (line_id, sku, location), units in sorted(before.items())
        if units > after.get((line_id, sku, location), 0)
    ]


def _allocated(connection: sa.Connection, line_ids: Mapping[int, int]) -> dict[tuple[int, str, str], int]:
    place = line_allocation.c
    statement = sa.select(place.line_id, place.sku, place.location, place.allocated)
    rows = select_where_in(connection, statement, place.line_id, line_ids)
    return {(row.line_id, row.sku, row.location): row.allocated for row in rows}


def write_cuts(unit: Unit, order: sa.Row[Any], cuts: Sequence[Cut], *, kind: str, ref: str, reason: str) -> None:
    """Write what was cut as `cancel` or `move` entries; the counters of the lines follow.

    What waited for the units is for the caller to settle (`supply_changed`), once they are where they go.
    """
    entries = [
        LineEntry(
            line_id=it.row.line_id,
            order_id=order.order_id,
            kind=kind,
            quantity=it.part.quantity,
            source_kind="order",
            source_ref=ref,
            occurred_at=unit.call.now,
            amount=it.part.money.amount,
            discount=it.part.money.discount,
            tax=it.part.money.tax or 0,
            reason=reason,
        )
        for it in cuts
    ]
    add_line_entries(unit.connection, unit.stamp, entries)


_ADJUSTMENT = [
    "adjustment_id",
    "order_id",
    "kind",
    "code",
    "amount",
    "money_scale",
    "method",
    "recorded_at",
    "change_id",
]


def open_charges(connection: sa.Connection, order_id: int) -> list[tuple[str, str | None, int, int]]:
    """Order-level rows that count in the total: kind, code, amount (what was taken back deducted), scale."""
    row = order_adjustment.c
    statement = (
        sa.select(row.kind, row.code, sa.func.sum(row.amount).label("amount"), row.money_scale)
        .where(row.order_id == order_id, row.method == "order")
        .group_by(row.kind, row.code, row.money_scale)
        .order_by(row.kind, row.code, row.money_scale)
    )
    return [(it.kind, it.code, int(it.amount), it.money_scale) for it in connection.execute(statement) if it.amount]


def add_charges(
    unit: Unit, order_id: int, charges: Sequence[tuple[str, str | None, int, int]], *, sign: int = 1
) -> None:
    """Add order-level rows; with `sign` −1 they are taken back by a row of the opposite amount."""
    ids = take_ids(unit.connection, "order_adjustment", len(charges))
    clocks = (unit.stamp.recorded_at, unit.stamp.change_id)
    rows = [
        (adjustment_id, order_id, kind, code, sign * amount, scale, "order", *clocks)
        for adjustment_id, (kind, code, amount, scale) in zip(ids, charges, strict=True)
    ]
    insert_rows(unit.connection, order_adjustment, _ADJUSTMENT, rows)


def flag_refund(unit: Unit, order: sa.Row[Any]) -> str | None:
    """What was paid above the order's total now, flagged for the people who refund; null where nothing was."""
    due = family_money(unit.connection, [order.order_id])[order.order_id].cover.to_refund
    if due <= 0:
        return None
    amount = amount_text(due, order.currency)
    unit.connection.execute(
        order_exception.insert().values(
            kind="to_refund",
            order_id=order.order_id,
            source_key=f"{name_of(order)}/{unit.call.key}",
            detail=json.dumps({"amount": amount, "currency": order.currency}),
            occurred_at=unit.call.now,
            recorded_at=unit.stamp.recorded_at,
            change_id=unit.stamp.change_id,
        )
    )
    return amount
