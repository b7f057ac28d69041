"""Commit-ordered change numbers, and ids handed out in blocks.

SQLite: one counter, moved inside the write lock, so number order is commit order. PostgreSQL: the
transaction id; a reader takes only numbers below `pg_snapshot_xmin`, where nothing is still running.
"""

from collections.abc import Sequence

import sqlalchemy as sa

SEQUENCES: tuple[str, ...] = (
    "customer",
    "sales_order",
    "order_line",
    "line_entry",
    "order_hold",
    "order_adjustment",
    "return_order",
    "return_line",
    "return_request",
    "return_request_line",
    "return_entry",
    "stock_movement",
    "stock_snapshot",
    "stock_allocation",
    "allocation_decision",
    "backorder_peg",
    "wave",
    "shipment",
    "shipment_line",
    "package",
    "tracking_event",
    "payment",
    "payment_event",
    "stored_value",
    "stored_value_entry",
    "transfer",
    "transfer_line",
    "stock_count",
    "stock_count_line",
    "count_suspicion",
    "purchase_order",
    "purchase_order_line",
    "receipt",
    "receipt_line",
    "approval",
    "audit_entry",
    "outbox_message",
    "document_number",
    "feed_message",
    "feed_quarantine",
    "feed_parked",
)


def next_change_id(connection: sa.Connection) -> int:
    """The change number of this write transaction: ask once per transaction, give it to every row written."""
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql("select pg_current_xact_id()::text::bigint").scalar_one())
    return _advance(connection, "change", 1)


def high_mark(connection: sa.Connection) -> int:
    """Exclusive bound: every change below it is visible to this read transaction, and none will be added."""
    if connection.dialect.name == "postgresql":
        statement = "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        return int(connection.exec_driver_sql(statement).scalar_one())
    value: int | None = connection.execute(sa.text("select value from counter where name = 'change'")).scalar()
    return int(value or 0) + 1


def take_ids(connection: sa.Connection, sequence: str, count: int) -> Sequence[int]:
    """`count` unused ids of a table, ascending. `sequence` is one of `SEQUENCES`."""
    if count == 0:
        return ()
    if connection.dialect.name == "postgresql":
        statement = sa.text("select nextval(:sequence) from generate_series(1, :count)")
        named = {"sequence": f"{sequence}_id_seq", "count": count}
        return [int(row[0]) for row in connection.execute(statement, named)]
    last = _advance(connection, sequence, count)
    return range(last - count + 1, last + 1)


def _advance(connection: sa.Connection, name: str, step: int) -> int:
    statement = sa.text(
        "insert into counter (name, value) values (:name, :step) "
        "on conflict (name) do update set value = counter.value + excluded.value returning value"
    )
    return int(connection.execute(statement, {"name": name, "step": step}).scalar_one())
