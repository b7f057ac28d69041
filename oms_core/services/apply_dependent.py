"""Facts that belong to a document of another message: applied when it is there, parked until it comes.

Lines and payments need their order, purchase-order lines their purchase order, receipts their line; whichever file
is loaded first, the outcome is the same. Used by `apply_feed`, inside its transaction.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from oms_core.domain.facts import FeedMessage, HeldRow
from oms_core.storage import feed_inbox, feed_parking, order_store, payment_facts, purchase_facts
from oms_core.storage.documents import Contradiction, Stamp, Written
from oms_core.storage.feed_parking import Arrived, awaited

Contradicted = Mapping[str, Contradiction]
_FIX = "Ask the source which one is right; a correction needs a newer version or a key of its own."


@dataclass(slots=True)
class Dependent:
    """Rows written by what they are, stale documents, contradictions by key, rows of earlier messages held back now."""

    rows: Counter[str] = field(default_factory=Counter)
    stale: list[str] = field(default_factory=list)
    contradictions: dict[str, Contradiction] = field(default_factory=dict)
    held: list[tuple[str, int | None, HeldRow]] = field(default_factory=list)

    def add(self, written: Written) -> None:
        """Take over what a store says."""
        self.stale.extend(written.stale)
        self.contradictions |= {f"{it.document}/{it.line_key}": it for it in written.contradictions}


def record_dependent(
    connection: sa.Connection,
    account: str,
    fresh: Sequence[FeedMessage],
    ids: Sequence[int],
    *,
    base_currency: str | None,
    stamp: Stamp,
) -> Dependent:
    """Write what new messages say of documents that other messages bring, and what waited for documents of these."""
    outcome = Dependent()
    suppliers = [fact for message in fresh for fact in message.suppliers]
    prices = [fact for message in fresh for fact in message.supplier_prices]
    bought = [fact for message in fresh for fact in message.purchase_orders]
    if suppliers or prices or bought:
        named = {fact.supplier for fact in prices} | {fact.supplier for fact in bought}
        outcome.rows["suppliers"] += purchase_facts.record_suppliers(connection, suppliers, named, stamp)
        told = purchase_facts.record_supplier_prices(connection, prices, stamp)
        outcome.add(Written(0, 0, told, []))
    if bought:
        written = purchase_facts.record_purchase_orders(connection, account, bought, stamp)
        outcome.add(written)
        outcome.rows["purchase_orders"] += written.documents
    placed = [order.external_id for message in fresh for order in message.orders]
    waited = feed_parking.has_parked(connection, account) if placed or bought or _lines(fresh) else False
    came: list[Arrived] = []
    if waited:
        documents = [f"order/{key}" for key in placed] + [f"purchase_order/{fact.number}" for fact in bought]
        came = feed_parking.give_back(connection, account, documents)
    facts = [*came, *_arrived(fresh, ids)]
    if facts:
        _record_facts(
            connection, account, facts, outcome, came, waited=waited, base_currency=base_currency, stamp=stamp
        )
    return outcome


def _lines(fresh: Iterable[FeedMessage]) -> bool:
    return any(message.purchase_lines for message in fresh)


def _arrived(fresh: Iterable[FeedMessage], ids: Iterable[int]) -> list[Arrived]:
    return [
        Arrived(message_id, message.kind, fact)
        for message_id, message in zip(ids, fresh, strict=True)
        for fact in (*message.parts, *message.payments, *message.purchase_lines, *message.receipts)
    ]


def _record_facts(
    connection: sa.Connection,
    account: str,
    facts: list[Arrived],
    outcome: Dependent,
    came: list[Arrived],
    *,
    waited: bool,
    base_currency: str | None,
    stamp: Stamp,
) -> None:
    waiting_still: set[int] = set()

    def record(kind: str, store: Callable[[list[Any]], tuple[Written, list[Any]]]) -> Written:
        chosen = [it for it in facts if it.kind == kind]
        if not chosen:
            return Written(0, 0, [], [])
        written, waiting = store([it.fact for it in chosen])
        outcome.add(written)
        left = {id(fact) for fact in waiting}
        waiting_still.update(left)
        parked = [it for it in chosen if id(it.fact) in left]
        feed_parking.park(connection, account, parked, stamp)
        outcome.rows["parked"] += len(parked)
        return written

    parts = record("order_items", lambda given: order_store.record_parts(connection, account, given, stamp))
    outcome.rows["lines"] += parts.lines
    paid = record(
        "payments",
        lambda given: payment_facts.record_payments(
            connection, account, given, base_currency=base_currency, stamp=stamp
        ),
    )
    outcome.rows["payments"] += paid.documents
    lines = record(
        "purchase_order_lines", lambda given: purchase_facts.record_purchase_lines(connection, account, given, stamp)
    )
    outcome.rows["lines"] += lines.lines
    if waited:
        keys = [
            f"purchase_line/{it.fact.number}/{it.fact.line_key}"
            for it in facts
            if it.kind == "purchase_order_lines" and id(it.fact) not in waiting_still
        ]
        again = feed_parking.give_back(connection, account, keys)
        facts.extend(again)
        came.extend(again)
    received = record("receipts", lambda given: purchase_facts.record_receipts(connection, account, given, stamp))
    outcome.rows["receipts"] += received.lines
    outcome.held.extend(_held_now(connection, came, outcome.contradictions))


def _held_now(
    connection: sa.Connection, came: Sequence[Arrived], contradictions: Contradicted
) -> list[tuple[str, int | None, HeldRow]]:
    """Facts that waited, and turn out to contradict what is recorded."""
    found = [(it, key, content) for it in came for key, content in _keys(it.fact).items() if key in contradictions]
    payloads = feed_inbox.payloads(connection, {it.message_id for it, _, _ in found}) if found else {}
    return [
        (it.kind, it.message_id, held_row(key, content, contradictions[key], payloads[it.message_id]))
        for it, key, content in found
    ]


def _keys(fact: Any) -> dict[str, str]:
    """The keys a dependent fact may be held back under, with what tells one content from another."""
    kind, _, name = awaited(fact).partition("/")
    if kind == "order" and hasattr(fact, "lines"):
        return {f"{name}/{line.line_key}": line.content_sha256 for line in fact.lines}
    if kind == "order":
        return {f"payment/{fact.external_id}": f"{fact.method} {fact.amount} {fact.currency}"}
    if kind == "purchase_order":
        return {f"purchase_line/{name}/{fact.line_key}": f"{fact.sku} {fact.quantity} {fact.unit_price}"}
    return {f"receipt/{fact.number}/{fact.line_key}": f"{fact.quantity} {fact.rejected_quantity}"}


def keys_of(message: FeedMessage) -> dict[str, str]:
    """The keys that facts of a message may be held back under, with their content."""
    found: dict[str, str] = {}
    for fact in (*message.parts, *message.payments, *message.purchase_lines, *message.receipts):
        found |= _keys(fact)
    found |= {f"purchase_order/{it.number}": "/".join(map(str, it)) for it in message.purchase_orders}
    found |= {f"supplier_price/{'/'.join(map(str, it[:3]))}": f"{it.unit_price}" for it in message.supplier_prices}
    return found


def held_row(key: str, content: str, why: Contradiction, payload: str) -> HeldRow:
    """A row of a message that cannot be recorded as it came."""
    return HeldRow(
        row_key=f"{key}|{content}",
        path="",
        row_number=0,
        column="",
        rule=why.rule,
        value=key,
        reason=why.reason,
        fix=_FIX,
        payload=payload,
    )
