"""Movements that the core itself decides: never a shortage, the check of the balance refuses instead."""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.own_account import ensure_own_account
from oms_core.storage.stock_ledger import MOVEMENT_COLUMNS, lock_places
from oms_core.storage.tables import stock_movement

_MORE = ["lot", "unit_cost", "cost_scale", "currency", "document_kind", "document_ref"]


class OwnMovement(NamedTuple):
    """Signed units and the document they move with. `ordinal` tells movements of one document apart."""

    sku: str
    location: str
    condition: str
    kind: str
    quantity: int
    occurred_at: int
    document_kind: str
    document_ref: str
    ordinal: int
    order_account: str | None = None
    order_external_id: str | None = None
    reason: str | None = None
    lot: str | None = None
    unit_cost: int | None = None
    cost_scale: int | None = None
    currency: str | None = None
    reverses_id: int | None = None

    @property
    def source_key(self) -> str:
        """Unique under the core's own account."""
        return f"{self.document_kind}/{self.document_ref}/{self.ordinal}"


def book_movements(connection: sa.Connection, stamp: Stamp, movements: Sequence[OwnMovement]) -> list[int]:
    """Ids of the booked movements, in the order given. Written by (sku, location, condition), units in before out."""
    account = ensure_own_account(connection, stamp)
    lock_places(connection, {movement.location for movement in movements})
    numbered = list(enumerate(movements))
    numbered.sort(key=lambda it: (it[1].sku, it[1].location, it[1].condition, it[1].quantity < 0, it[0]))
    ids = take_ids(connection, "stock_movement", len(numbered))
    made: dict[int, int] = {}
    rows = []
    for movement_id, (place, movement) in zip(ids, numbered, strict=True):
        made[place] = movement_id
        rows.append(_row(movement_id, account, movement, stamp))
    insert_rows(connection, stock_movement, [*MOVEMENT_COLUMNS, *_MORE], rows)
    return [made[place] for place in range(len(movements))]


def _row(movement_id: int, account: str, movement: OwnMovement, stamp: Stamp) -> tuple[object, ...]:
    return (
        movement_id,
        account,
        movement.source_key,
        movement.sku,
        movement.location,
        movement.condition,
        movement.kind,
        movement.quantity,
        movement.occurred_at,
        movement.order_account,
        movement.order_external_id,
        movement.reason,
        movement.reverses_id,
        hashlib.sha256(repr(movement).encode()).hexdigest(),
        stamp.actor,
        stamp.recorded_at,
        stamp.change_id,
        movement.lot,
        movement.unit_cost,
        movement.cost_scale,
        movement.currency,
        movement.document_kind,
        movement.document_ref,
    )
