"""Returns as rows: documents with their lines, united from the parts that messages hold, whatever their order."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import LineFact, ReturnFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Contradiction, Stamp, Written, base_of, first_of
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
    "recorded_at",
    "change_id",
]


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
    lines, contradictions = _unseen_return_lines(connection, parts, rows, ids)
    _insert_return_lines(connection, lines, stamp)
    return Written(len(fresh), len(lines), contradictions, [])


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


def _unseen_return_lines(
    connection: sa.Connection,
    parts: Mapping[str, list[ReturnFact]],
    rows: Mapping[str, sa.Row[Any]],
    ids: Mapping[str, int],
) -> tuple[list[tuple[int, LineFact]], list[Contradiction]]:
    columns = (return_line.c.return_id, return_line.c.line_key, return_line.c.content_sha256)
    statement = sa.select(*columns)
    known = [row.return_id for row in rows.values()]
    recorded: dict[tuple[int, str], str] = {
        (row.return_id, row.line_key): row.content_sha256
        for row in select_where_in(connection, statement, return_line.c.return_id, known)
    }
    lines: list[tuple[int, LineFact]] = []
    contradictions: list[Contradiction] = []
    for key, facts in parts.items():
        for line in (line for fact in facts for line in fact.lines):
            content = recorded.get((ids[key], line.line_key))
            if content is None:
                lines.append((ids[key], line))
                recorded[ids[key], line.line_key] = line.content_sha256
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
