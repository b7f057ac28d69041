"""Facts that came before the document they belong to: kept as they are, given back when it comes."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.facts import LineFact, OrderPartFact, PaymentFact, PurchaseLineFact, ReceiptFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import channel_account, feed_parked

DependentFact = OrderPartFact | PaymentFact | PurchaseLineFact | ReceiptFact

_COLUMNS = ["parked_id", "account", "waits_for", "kind", "message_id", "fact", "recorded_at", "change_id"]
_KINDS: dict[str, type[DependentFact]] = {
    "order_items": OrderPartFact,
    "payments": PaymentFact,
    "purchase_order_lines": PurchaseLineFact,
    "receipts": ReceiptFact,
}
_NAMES = {fact: kind for kind, fact in _KINDS.items()}


class Arrived(NamedTuple):
    """A fact that needs a document, and the message it came in."""

    message_id: int
    kind: str
    fact: Any


def awaited(fact: DependentFact) -> str:
    """The document that a fact needs."""
    if isinstance(fact, OrderPartFact):
        return f"order/{fact.external_id}"
    if isinstance(fact, PaymentFact):
        return f"order/{fact.order_external_id}"
    if isinstance(fact, PurchaseLineFact):
        return f"purchase_order/{fact.number}"
    return f"purchase_line/{fact.purchase_order}/{fact.line_key}"


def guard(connection: sa.Connection, account: str, *, may_park: bool) -> None:
    """Let no document of the account come while a fact of it is being parked, nor the other way round."""
    statement = sa.select(channel_account.c.account).where(channel_account.c.account == account)
    connection.execute(statement.with_for_update(read=not may_park))


def park(connection: sa.Connection, account: str, waiting: Sequence[Arrived], stamp: Stamp) -> None:
    """Keep facts until their documents come."""
    ids = take_ids(connection, "feed_parked", len(waiting))
    rows = [
        (
            parked_id,
            account,
            awaited(it.fact),
            _NAMES[type(it.fact)],
            it.message_id,
            json.dumps(it.fact, ensure_ascii=False),
            stamp.recorded_at,
            stamp.change_id,
        )
        for parked_id, it in zip(ids, waiting, strict=True)
    ]
    insert_rows(connection, feed_parked, _COLUMNS, rows)


def has_parked(connection: sa.Connection, account: str) -> bool:
    """Whether anything of the account waits."""
    statement = sa.select(feed_parked.c.parked_id).where(feed_parked.c.account == account).limit(1)
    return connection.execute(statement).first() is not None


def give_back(connection: sa.Connection, account: str, documents: Iterable[str]) -> list[Arrived]:
    """The facts that waited for these documents, in the order they came; they wait no more."""
    columns = (feed_parked.c.parked_id, feed_parked.c.kind, feed_parked.c.message_id, feed_parked.c.fact)
    statement = sa.select(*columns).where(feed_parked.c.account == account)
    rows = sorted(select_where_in(connection, statement, feed_parked.c.waits_for, sorted(set(documents))))
    if rows:
        gone = feed_parked.delete().where(feed_parked.c.parked_id == sa.bindparam("b_id"))
        connection.execute(gone, [{"b_id": row.parked_id} for row in rows])
    return [Arrived(row.message_id, row.kind, _read(row.kind, row.fact)) for row in rows]


def _read(kind: str, text: str) -> DependentFact:
    fields = json.loads(text)
    if kind == "order_items":
        external_id, lines, currency = fields
        return OrderPartFact(external_id, [LineFact(*line) for line in lines], currency)
    return _KINDS[kind](*fields)
