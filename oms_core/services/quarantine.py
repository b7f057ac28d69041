"""Rows held back: what is open, and the end of one."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.storage import schema
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import feed_quarantine


def open_rows(connection: sa.Connection) -> list[dict[str, Any]]:
    """Open rows by source, file and row: id, source, account, path, row, column, rule, value, reason, fix."""
    schema.require(connection)
    held = feed_quarantine.c
    statement = (
        sa.select(
            held.quarantine_id.label("id"),
            held.source,
            held.account,
            held.path,
            held.row_number.label("row"),
            held.column,
            held.rule,
            held.value,
            held.reason,
            held.fix,
            held.times_seen,
        )
        .where(held.state == "open")
        .order_by(held.source, held.account, held.path, held.row_number, held.quarantine_id)
    )
    return [dict(row) for row in connection.execute(statement).mappings()]


def count_open(connection: sa.Connection) -> int:
    """How many rows are held back now."""
    statement = sa.select(sa.func.count()).where(feed_quarantine.c.state == "open")
    return int(connection.execute(statement).scalar_one())


def to_replay(connection: sa.Connection, which: str) -> Sequence[sa.RowMapping]:
    """The open rows that `which` names: an id or `all`.

    Raises:
        InvalidRequestError: QUARANTINE_UNKNOWN.
    """
    statement = sa.select(feed_quarantine).where(feed_quarantine.c.state == "open")
    if which != "all":
        wanted = int(which) if which.isdecimal() else -1
        statement = statement.where(feed_quarantine.c.quarantine_id == wanted)
    rows = connection.execute(statement.order_by(feed_quarantine.c.quarantine_id)).mappings().all()
    if which != "all" and not rows:
        raise InvalidRequestError(
            "QUARANTINE_UNKNOWN", f"no open row has the id {which}", remedy="`oms feed quarantine` lists the open rows."
        )
    return rows


def resolve(connection: sa.Connection, quarantine_id: int, stamp: Stamp) -> None:
    """Mark a row as applied, in the transaction of its effect."""
    same = feed_quarantine.c.quarantine_id == quarantine_id
    connection.execute(feed_quarantine.update().where(same).values(state="applied", change_id=stamp.change_id))
