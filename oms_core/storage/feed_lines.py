"""Order lines as feeds report them: each at its newest version, cancelled units by entries of the journal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import LineFact, OrderFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.tables import line_entry, order_line

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
    "discount_amount",
    "tax_amount",
    "source_version",
    "recorded_at",
    "change_id",
]
_REPLACED = ["line_kind", "sku", "title", "quantity", "unit_price", "line_amount", "money_scale", "content_sha256"]
_REPLACED += ["discount_amount", "tax_amount", "source_version"]
_GONE = ("moved_quantity", "shipped_quantity", "allocated_quantity", "reserved_quantity")
_SOURCE = "feed"

OrderLine = tuple[int, int, LineFact]  # order id, instant of the order, line


@dataclass(slots=True)
class LineChanges:
    """What a batch says of lines: new ones, newer versions of known ones, and what cannot be."""

    new: list[OrderLine] = field(default_factory=list)
    replaced: list[tuple[sa.Row[Any], int, LineFact]] = field(default_factory=list)
    confirmed: list[tuple[int, int]] = field(default_factory=list)  # line id, the newer version that says the same
    contradictions: list[Contradiction] = field(default_factory=list)


def is_newer(version: int | None, known: int | None) -> bool:
    """Whether a report is of a later version than the recorded one."""
    return version is not None and version > (known or 0)


def is_older(version: int | None, known: int | None) -> bool:
    """Whether a report is of an earlier version than the recorded one."""
    return version is not None and version < (known or 0)


def known_lines(connection: sa.Connection, order_ids: Iterable[int]) -> dict[tuple[int, str], sa.Row[Any]]:
    """The recorded lines of orders, by order and line key."""
    names = ("line_id", "order_id", "line_key", "content_sha256", "source_version", "cancelled_quantity", *_GONE)
    statement = sa.select(*(order_line.c[name] for name in names))
    rows = select_where_in(connection, statement, order_line.c.order_id, order_ids)
    return {(row.order_id, row.line_key): row for row in rows}


def sort_lines(
    changes: LineChanges, order: OrderFact, row: sa.Row[Any], recorded: Mapping[tuple[int, str], sa.Row[Any]]
) -> bool:
    """Add what an order's report says of its lines to `changes`; returns whether it said anything new."""
    said = False
    for line in order.lines:
        known = recorded.get((row.order_id, line.line_key))
        version = line.source_version if line.source_version is not None else order.source_version
        if known is None:
            changes.new.append((row.order_id, order.placed_at, line._replace(source_version=version)))
        elif is_older(version, known.source_version):
            continue
        elif is_newer(version, known.source_version):
            same = known.content_sha256 == line.content_sha256 and known.cancelled_quantity == line.cancelled_quantity
            if same:
                changes.confirmed.append((known.line_id, int(version or 0)))
            elif (gone := sum(getattr(known, name) for name in _GONE)) > abs(line.quantity) - line.cancelled_quantity:
                changes.contradictions.append(_too_few(order.external_id, line, gone))
                continue
            else:
                placed = (known, order.placed_at, line._replace(source_version=version))
                changes.replaced.append(placed)
        elif known.content_sha256 != line.content_sha256:
            changes.contradictions.append(Contradiction(order.external_id, line.line_key))
            continue
        else:
            continue
        said = True
    return said


def _too_few(document: str, line: LineFact, gone: int) -> Contradiction:
    left = abs(line.quantity) - line.cancelled_quantity
    reason = f"the newer version leaves {left} units, {gone} are promised, shipped or moved here already"
    return Contradiction(document, line.line_key, "below_shipped", reason)


def insert_lines(connection: sa.Connection, lines: Sequence[OrderLine], stamp: Stamp) -> None:
    """Write new lines; what is cancelled of them follows as an entry."""
    ids = take_ids(connection, "order_line", len(lines))
    recorded_at, change_id = stamp.recorded_at, stamp.change_id
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
            line.discount_amount,
            line.tax_amount,
            line.source_version,
            recorded_at,
            change_id,
        )
        for line_id, (order_id, _, line) in zip(ids, lines, strict=True)
    ]
    insert_rows(connection, order_line, _LINE_COLUMNS, rows)
    entries = [
        _cancelled(line_id, order_id, at, line, line.cancelled_quantity)
        for line_id, (order_id, at, line) in zip(ids, lines, strict=True)
        if line.cancelled_quantity
    ]
    add_line_entries(connection, stamp, entries)


def _cancelled(line_id: int, order_id: int, at: int, line: LineFact, units: int) -> LineEntry:
    return LineEntry(line_id, order_id, "cancel", units, _SOURCE, line.line_key, at, reason=line.reason)


def change_lines(connection: sa.Connection, changes: LineChanges, stamp: Stamp) -> None:
    """Bring known lines to their newer versions. What is cancelled falls before the units do, and rises after them."""
    told = _told_by_feeds(connection, [known.line_id for known, _, _ in changes.replaced if known.cancelled_quantity])
    deltas = [
        _cancelled(known.line_id, known.order_id, at, line, delta)
        for known, at, line in changes.replaced
        if (delta := line.cancelled_quantity - told.get(known.line_id, 0))
    ]
    add_line_entries(connection, stamp, [entry for entry in deltas if entry.quantity < 0])
    _update(
        connection,
        _REPLACED,
        [
            {"b_line_id": known.line_id, "change_id": stamp.change_id}
            | {name: getattr(line, name) for name in _REPLACED}
            for known, _, line in changes.replaced
        ],
    )
    _update(
        connection,
        ["source_version"],
        [
            {"b_line_id": line_id, "change_id": stamp.change_id, "source_version": version}
            for line_id, version in changes.confirmed
        ],
    )
    add_line_entries(connection, stamp, [entry for entry in deltas if entry.quantity > 0])


def _update(connection: sa.Connection, names: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        statement = order_line.update().where(order_line.c.line_id == sa.bindparam("b_line_id"))
        values: dict[str, Any] = {name: sa.bindparam(name) for name in (*names, "change_id")}
        connection.execute(statement.values(**values), rows)


def _told_by_feeds(connection: sa.Connection, line_ids: Sequence[int]) -> dict[int, int]:
    """Units that feeds cancelled, by line: what was cancelled here stays cancelled."""
    statement = sa.select(line_entry.c.line_id, sa.func.sum(line_entry.c.quantity).label("units")).where(
        line_entry.c.kind == "cancel", line_entry.c.source_kind == _SOURCE
    )
    rows = select_where_in(connection, statement.group_by(line_entry.c.line_id), line_entry.c.line_id, line_ids)
    return {row.line_id: int(row.units) for row in rows}
