"""Apply a batch of feed messages: stored, deduplicated and recorded in one transaction, exactly once.

A message already in the inbox changes nothing. A row that contradicts what is recorded is held back with its
reason; everything else of the batch goes on.
"""

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.domain.facts import AccountFact, FeedMessage, HeldRow, LocationFact, OrderFact, ReturnFact
from oms_core.services.apply_dependent import Contradicted, held_row, keys_of, record_dependent
from oms_core.services.company import settings_of
from oms_core.storage import (
    catalogue,
    customer_store,
    feed_inbox,
    feed_parking,
    observations,
    openings,
    order_store,
    return_store,
    stock_ledger,
)
from oms_core.storage.changes import next_change_id
from oms_core.storage.documents import Contradiction, Stamp
from oms_core.storage.engine import write
from oms_core.storage.feed_inbox import Sender

Held = tuple[str, int | None, HeldRow]  # kind of file, message, row
_PLAIN = Contradiction("", "")


@dataclass(slots=True)
class FeedCounts:
    """Messages by what became of them, and the rows they wrote."""

    received: int = 0
    applied: int = 0
    duplicate: int = 0
    stale: int = 0
    quarantined: int = 0  # messages with a row held back, the rest of them applied
    quarantined_rows: int = 0
    orders: int = 0
    lines: int = 0
    movements: int = 0
    payments: int = 0
    returns: int = 0
    balances: int = 0
    products: int = 0
    suppliers: int = 0
    purchase_orders: int = 0
    receipts: int = 0
    parked: int = 0  # facts that wait for the document they belong to

    def add(self, other: "FeedCounts") -> None:
        """Add another batch's counts to these."""
        for part in dataclasses.fields(self):
            setattr(self, part.name, getattr(self, part.name) + getattr(other, part.name))


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What a map says once for all messages of a file."""

    source: str
    account: AccountFact
    locations: Sequence[LocationFact]
    zone: ZoneInfo  # whose days the balances close
    actor: str

    @property
    def sender(self) -> Sender:
        """Who the messages come from."""
        return Sender(self.source, self.account.account)


def apply_messages(
    engine: sa.Engine,
    context: FeedContext,
    messages: Sequence[FeedMessage],
    *,
    now: int,
    also: Callable[[sa.Connection, Stamp], None] | None = None,
) -> FeedCounts:
    """Apply a batch in one transaction. `also` runs inside it, after the effects (replay marks its rows there)."""

    def work(connection: sa.Connection) -> FeedCounts:
        stamp = Stamp(next_change_id(connection), now, context.actor)
        counts = _apply(connection, context, messages, stamp)
        if also is not None:
            also(connection, stamp)
        return counts

    return write(engine, work)


def _apply(
    connection: sa.Connection, context: FeedContext, messages: Sequence[FeedMessage], stamp: Stamp
) -> FeedCounts:
    catalogue.ensure_account(connection, context.account, stamp)
    feed_parking.guard(connection, context.account.account, may_park=any(map(_may_park, messages)))
    for place in context.locations:
        catalogue.ensure_location(connection, place, stamp)
    batch = feed_inbox.sort_out(connection, context.sender, messages)
    ids = feed_inbox.store(connection, context.sender, batch.fresh, stamp)
    counts = FeedCounts(received=len(messages), duplicate=len(batch.repeated))
    stale, contradictions, waited = _record(connection, context, batch.fresh, ids, counts, stamp)
    outcomes = [
        (message_id, "stale" if message.natural_key in stale else "applied")
        for message_id, message in zip(ids, batch.fresh, strict=True)
    ]
    feed_inbox.mark_applied(connection, outcomes, stamp)
    held = [*_held(batch, ids, contradictions), *waited]
    counts.quarantined_rows = feed_inbox.hold(connection, context.sender, held, stamp)
    held_ids = {message_id for _, message_id, _ in held}
    counts.quarantined = len(batch.conflicting) + sum(message_id in held_ids for message_id in ids)
    counts.stale = sum(outcome == "stale" and message_id not in held_ids for message_id, outcome in outcomes)
    counts.applied = len(messages) - counts.duplicate - counts.quarantined - counts.stale
    return counts


def _may_park(message: FeedMessage) -> bool:
    return bool(message.parts or message.payments or message.purchase_lines or message.receipts)


def _record(
    connection: sa.Connection,
    context: FeedContext,
    fresh: Sequence[FeedMessage],
    ids: Sequence[int],
    counts: FeedCounts,
    stamp: Stamp,
) -> tuple[set[str], Contradicted, list[Held]]:
    """Write the effects of new messages.

    Returns stale documents, the keys that contradict what is recorded, and rows of earlier messages that cannot be
    what they said now that their document has come.
    """
    account = context.account.account
    orders = [order for message in fresh for order in message.orders]
    returns = [fact for message in fresh for fact in message.returns]
    movements = [fact for message in fresh for fact in message.movements]
    balances = [fact for message in fresh for fact in message.balances]
    counts.products = catalogue.describe_skus(connection, [f for m in fresh for f in m.skus], stamp)
    documents: list[OrderFact | ReturnFact] = [*orders, *returns]
    named = {line.sku for document in documents for line in document.lines if line.sku is not None}
    named |= {fact.sku for fact in movements} | {fact.sku for fact in balances}
    named |= {fact.sku for message in fresh for fact in message.costs}
    named |= {line.sku for m in fresh for part in m.parts for line in part.lines if line.sku is not None}
    named |= {fact.sku for m in fresh for fact in m.supplier_prices} | {
        it.sku for m in fresh for it in m.purchase_lines
    }
    catalogue.ensure_skus(connection, named, stamp)
    costs = catalogue.record_costs(connection, [f for m in fresh for f in m.costs], stamp)
    people = [document.customer for document in documents if document.customer]
    customer_ids = customer_store.record_customers(connection, account, people, stamp)
    base = settings_of(connection).base_currency
    placed = order_store.record_orders(
        connection, account, orders, customer_ids=customer_ids, base_currency=base, stamp=stamp
    )
    returned = return_store.record_returns(
        connection, account, returns, customer_ids=customer_ids, base_currency=base, stamp=stamp
    )
    stock_ledger.lock_places(connection, {it.location for it in movements} | {it.location for it in balances})
    moved = stock_ledger.record_movements(connection, account, movements, stamp)
    observed = observations.record_balances(connection, account, balances, stamp)
    opened = openings.book_openings(
        connection, account, movements=movements, balances=balances, zone=context.zone, stamp=stamp
    )
    touched = {(it.sku, it.location, it.condition) for it in movements}
    touched |= {(it.sku, it.location, it.condition) for it in balances}
    stock_ledger.settle_shortages(connection, touched, stamp)
    counts.orders, counts.lines = placed.documents, placed.lines + returned.lines
    counts.returns, counts.movements, counts.balances = returned.documents, moved.rows + opened, observed.rows
    dependent = record_dependent(connection, account, fresh, ids, base_currency=base, stamp=stamp)
    for name, rows in dependent.rows.items():
        setattr(counts, name, getattr(counts, name) + rows)
    contradictions = _by_key(chain(placed.contradictions, returned.contradictions))
    contradictions |= dict.fromkeys((*moved.contradictions, *observed.contradictions, *costs), _PLAIN)
    return {*placed.stale, *dependent.stale}, contradictions | dependent.contradictions, dependent.held


def _by_key(contradictions: Iterable[Contradiction]) -> dict[str, Contradiction]:
    return {f"{it.document}/{it.line_key}": it for it in contradictions}


def _held(batch: feed_inbox.Sorted, ids: Sequence[int], contradictions: Contradicted) -> list[Held]:
    held: list[Held] = []
    for message_id, message in zip(ids, batch.fresh, strict=True):
        held.extend((message.kind, message_id, row) for row in message.held)
    for message in batch.repeated:
        held.extend((message.kind, None, row) for row in message.held)
    held.extend((message.kind, None, _conflict(message)) for message in batch.conflicting)
    if contradictions:
        for message_id, message in zip(ids, batch.fresh, strict=True):
            held.extend((message.kind, message_id, row) for row in _contradicting(message, contradictions))
    return held


def _conflict(message: FeedMessage) -> HeldRow:
    return HeldRow(
        row_key=f"{message.message_key}|{message.sha256}",
        path="",
        row_number=0,
        column="",
        rule="conflict",
        value=message.message_key,
        reason="a message of this key was received before with other content",
        fix="Ask the source which one is right; a correction needs a newer version or a key of its own.",
        payload=message.payload,
    )


def _contradicting(message: FeedMessage, contradictions: Contradicted) -> list[HeldRow]:
    documents: list[OrderFact | ReturnFact] = [*message.orders, *message.returns]
    found = {
        f"{document.external_id}/{line.line_key}": line.content_sha256
        for document in documents
        for line in document.lines
    }
    found |= {f"{it.external_id}/{name}": str(at) for it in message.orders for name, at in it.milestones.items()}
    found |= {fact.source_key: fact.content_sha256 for fact in message.movements}
    found |= {f"{fact.sku}/{fact.location}": fact.content_sha256 for fact in message.balances}
    found |= {f"{fact.sku}/{fact.location}/{fact.valid_from}": str(fact.unit_cost) for fact in message.costs}
    found |= keys_of(message)
    return [
        held_row(key, content, contradictions[key], message.payload)
        for key, content in found.items()
        if key in contradictions
    ]
