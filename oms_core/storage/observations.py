"""Balances that somebody observed: kept beside the ledger, never movements of it.

Where a location says so, the first one is booked as opening stock (`openings`).
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from oms_core.domain.facts import BalanceFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.stock_ledger import Booked, key_of
from oms_core.storage.tables import stock_snapshot

_SNAPSHOT_COLUMNS = [
    "snapshot_id",
    "account",
    "sku",
    "location",
    "condition",
    "observed_at",
    "quantity",
    "unit_cost",
    "cost_scale",
    "currency",
    "content_sha256",
    "recorded_at",
    "change_id",
]


def record_balances(connection: sa.Connection, account: str, balances: Sequence[BalanceFact], stamp: Stamp) -> Booked:
    """Keep observed balances not seen yet; one of the same instant with other content is a contradiction."""
    facts: dict[tuple[str, str, str, int], BalanceFact] = {}
    contradictions = [
        f"{fact.sku}/{fact.location}"
        for fact in balances
        if facts.setdefault((*key_of(fact), fact.observed_at), fact).content_sha256 != fact.content_sha256
    ]
    recorded = _observed(connection, account, facts)
    contradictions += [
        f"{key[0]}/{key[1]}"
        for key, fact in facts.items()
        if recorded.get(key, fact.content_sha256) != fact.content_sha256
    ]
    fresh = [fact for key, fact in facts.items() if key not in recorded]
    ids = take_ids(connection, "stock_snapshot", len(fresh))
    rows = [
        (
            snapshot_id,
            account,
            *key_of(fact),
            fact.observed_at,
            fact.quantity,
            fact.unit_cost,
            fact.cost_scale,
            fact.currency,
            fact.content_sha256,
            stamp.recorded_at,
            stamp.change_id,
        )
        for snapshot_id, fact in zip(ids, fresh, strict=True)
    ]
    insert_rows(connection, stock_snapshot, _SNAPSHOT_COLUMNS, rows)
    return Booked(len(fresh), contradictions)


def _observed(
    connection: sa.Connection, account: str, keys: Iterable[tuple[str, str, str, int]]
) -> dict[tuple[str, str, str, int], str]:
    """Content of the balances known in the span of `keys`: an index range a SKU, whatever the history before it."""
    spans: dict[tuple[str, str], tuple[set[str], list[int]]] = {}
    for sku, place, condition, observed_at in keys:
        names, instants = spans.setdefault((place, condition), (set(), []))
        names.add(sku)
        instants.append(observed_at)
    snapshot = stock_snapshot.c
    found: dict[tuple[str, str, str, int], str] = {}
    for (place, condition), (names, instants) in spans.items():
        statement = sa.select(snapshot.sku, snapshot.observed_at, snapshot.content_sha256).where(
            snapshot.account == account,
            snapshot.location == place,
            snapshot.condition == condition,
            snapshot.observed_at.between(min(instants), max(instants)),
        )
        for name, observed_at, content in select_where_in(connection, statement, snapshot.sku, names):
            found[name, place, condition, observed_at] = content
    return found
