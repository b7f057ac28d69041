"""Holds as rows: raised and released, both for good; a hold without a release is open."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from oms_core.domain.orders import HoldKind
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import order_hold, order_hold_release

_HOLD = ["hold_id", "order_id", "kind", "reason", "rule", "actor", "occurred_at", "recorded_at", "change_id"]
_RELEASE = ["hold_id", "resolution", "actor", "occurred_at", "recorded_at", "change_id"]


class OpenHold(NamedTuple):
    """A hold that nobody released yet."""

    hold_id: int
    order_id: int
    kind: HoldKind
    reason: str
    rule: str | None
    actor: str
    occurred_at: int


def open_holds(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, list[OpenHold]]:
    """Open holds by order, the oldest first; orders without any are not listed."""
    hold = order_hold.c
    statement = (
        sa.select(order_hold)
        .outerjoin(order_hold_release, order_hold_release.c.hold_id == hold.hold_id)
        .where(order_hold_release.c.hold_id.is_(None))
        .order_by(hold.order_id, hold.hold_id)
    )
    found: dict[int, list[OpenHold]] = {}
    for row in select_where_in(connection, statement, hold.order_id, order_ids):
        it = OpenHold(row.hold_id, row.order_id, HoldKind(row.kind), row.reason, row.rule, row.actor, row.occurred_at)
        found.setdefault(row.order_id, []).append(it)
    return found


def add_hold(
    connection: sa.Connection, stamp: Stamp, order_id: int, kind: HoldKind, reason: str, *, rule: str | None
) -> int:
    """The id of a new hold. The caller moves the order's state."""
    (hold_id,) = take_ids(connection, "order_hold", 1)
    clocks = (stamp.recorded_at, stamp.recorded_at, stamp.change_id)
    row = (hold_id, order_id, kind.value, reason, rule, stamp.actor, *clocks)
    insert_rows(connection, order_hold, _HOLD, [row])
    return hold_id


def release_holds(connection: sa.Connection, stamp: Stamp, hold_ids: Sequence[int], resolution: str) -> None:
    """End these holds; the database refuses a second end."""
    clocks = (stamp.recorded_at, stamp.recorded_at, stamp.change_id)
    rows = [(hold_id, resolution, stamp.actor, *clocks) for hold_id in sorted(hold_ids)]
    insert_rows(connection, order_hold_release, _RELEASE, rows)
