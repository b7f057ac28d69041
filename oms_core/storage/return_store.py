"""Returns as rows: documents with their lines, united from the parts that messages hold, whatever their order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import LineFact, ReturnFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp, Written, base_of, first_of
from oms_core.storage.feed_lines import is_newer, is_older
from oms_core.storage.tables import return_line, return_order

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
    "source_version",
    "recorded_at",
    "change_id",
]
_REPLACED = ["line_kind", "sku", "title", "quantity", "unit_price", "line_amount", "money_scale", "content_sha256"]
_REPLACED += ["reason", "source_version"]


def record_returns(
    connection: sa.Connection,
    account: str,
    returns: Sequence[ReturnFact],
    *,
    customer_ids: Mapping[str, int],
    base_currency: str | None,
    stamp: Stamp,
) -> Written:
    """Add new return documents and lines not seen yet, replace lines that a newer version describes.

    A known line with other content and no newer version is a contradiction.
    """
    parts: dict[str, list[ReturnFact]] = {}
    for fact in returns:
        parts.setdefault(fact.external_id, []).append(fact)
    names = ("external_id", "return_id", "returned_at", "order_external_id", "customer_id", "country")
    known = sa.select(*(return_order.c[name] for name in names)).where(return_order.c.account == account)
    known = known.order_by(return_order.c.return_id).with_for_update()
    rows = {row.external_id: row for row in select_where_in(connection, known, return_order.c.external_id, parts)}
    whole = {key: reduce(_united_returns, facts) for key, facts in parts.items()}
    fresh = [fact for key, fact in whole.items() if key not in rows]
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
    _move_returns(connection, whole, rows, customer_ids=customer_ids, stamp=stamp)
    lines, replaced, contradictions = _sorted_return_lines(connection, parts, rows, ids)
    _insert_return_lines(connection, lines, stamp)
    _replace_return_lines(connection, replaced, stamp)
    return Written(len(fresh), len(lines) + len(replaced), contradictions, [])


def _united_returns(first: ReturnFact, other: ReturnFact) -> ReturnFact:
    """The header that two parts of a return give, whichever comes first."""
    return replace(
        min(first, other, key=lambda part: part.returned_at),
        order_external_id=first_of(first.order_external_id, other.order_external_id),
        customer=first_of(first.customer, other.customer, key=lambda customer: customer.external_ref),
        country=first_of(first.country, other.country),
    )


def _move_returns(
    connection: sa.Connection,
    whole: Mapping[str, ReturnFact],
    rows: Mapping[str, sa.Row[Any]],
    *,
    customer_ids: Mapping[str, int],
    stamp: Stamp,
) -> None:
    for key, row in rows.items():
        fact = whole[key]
        customer_id = customer_ids[fact.customer.external_ref] if fact.customer else None
        found: dict[str, Any] = {
            "returned_at": min(fact.returned_at, row.returned_at),
            "order_external_id": first_of(row.order_external_id, fact.order_external_id),
            "customer_id": first_of(row.customer_id, customer_id),
            "country": first_of(row.country, fact.country),
        }
        values = {name: value for name, value in found.items() if value != getattr(row, name)}
        if values:
            same = return_order.c.return_id == row.return_id
            connection.execute(return_order.update().where(same).values(**values, change_id=stamp.change_id))


def _sorted_return_lines(
    connection: sa.Connection,
    parts: Mapping[str, list[ReturnFact]],
    rows: Mapping[str, sa.Row[Any]],
    ids: Mapping[str, int],
) -> tuple[list[tuple[int, LineFact]], list[tuple[int, LineFact]], list[Contradiction]]:
    """New lines by return, known lines by line in their newer version, and lines that contradict what is recorded."""
    names = ("return_line_id", "return_id", "line_key", "content_sha256", "source_version")
    statement = sa.select(*(return_line.c[name] for name in names))
    known = [row.return_id for row in rows.values()]
    found = select_where_in(connection, statement, return_line.c.return_id, known)
    recorded = {(row.return_id, row.line_key): row for row in found}
    newest: dict[tuple[int, str], tuple[str, int | None]] = {
        key: (row.content_sha256, row.source_version) for key, row in recorded.items()
    }
    told: dict[tuple[int, str], LineFact] = {}
    contradictions: list[Contradiction] = []
    for document, line, version in _versioned(parts):
        key = (ids[document], line.line_key)
        content, before = newest.get(key, (None, None))
        if content is None or is_newer(version, before):
            newest[key] = (line.content_sha256, version)
            told[key] = line._replace(source_version=version)
        elif content != line.content_sha256 and not is_older(version, before):
            contradictions.append(Contradiction(document, line.line_key))
    lines = [(key[0], line) for key, line in told.items() if key not in recorded]
    replaced = [(recorded[key].return_line_id, line) for key, line in told.items() if key in recorded]
    return lines, replaced, contradictions


def _versioned(parts: Mapping[str, list[ReturnFact]]) -> Iterator[tuple[str, LineFact, int | None]]:
    for document, facts in parts.items():
        for fact in facts:
            for line in fact.lines:
                yield document, line, fact.source_version if line.source_version is None else line.source_version


def _replace_return_lines(connection: sa.Connection, lines: Sequence[tuple[int, LineFact]], stamp: Stamp) -> None:
    if lines:
        statement = return_line.update().where(return_line.c.return_line_id == sa.bindparam("b_line_id"))
        rows = [
            {"b_line_id": line_id, "change_id": stamp.change_id} | {name: getattr(line, name) for name in _REPLACED}
            for line_id, line in lines
        ]
        values: dict[str, Any] = {name: sa.bindparam(name) for name in (*_REPLACED, "change_id")}
        connection.execute(statement.values(**values), rows)


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
            line.source_version,
            stamp.recorded_at,
            stamp.change_id,
        )
        for line_id, (return_id, line) in zip(ids, lines, strict=True)
    ]
    insert_rows(connection, return_line, _RETURN_LINE_COLUMNS, rows)
