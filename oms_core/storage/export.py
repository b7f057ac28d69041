"""The door for pipelines: the core's facts since a watermark, in one consistent read transaction.

Personal data never leaves here: no column of `customer_personal`, no payload of a message or a held-back row.
A changed row comes again with a greater change number; whoever keeps the rows keeps versions.
"""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from oms_core.storage import schema, tables
from oms_core.storage.changes import high_mark
from oms_core.storage.engine import reading


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column's name and its SQL type: bigint, integer, text or boolean."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class ExportTable:
    """One table as it is handed over; `sums` are the columns whose exact sums are compared between layers."""

    name: str
    columns: tuple[ExportColumn, ...]
    key: tuple[str, ...]
    sums: tuple[str, ...]


_HELD_BACK = {  # what people write about a person, or a person wrote
    "feed_quarantine": ("value", "payload"),
    "shipment": ("proof",),
    "return_request": ("note",),
    "return_entry": ("note",),
    "audit_entry": ("reason", "content_sha256"),
}
_SUMS = {
    "unit_cost": ("unit_cost",),
    "order_line": (
        "quantity",
        "cancelled_quantity",
        "moved_quantity",
        "line_amount",
        "discount_amount",
        "cancelled_amount",
        "moved_amount",
    ),
    "payment": ("captured_amount", "refunded_amount", "charged_back_amount"),
    "payment_event": ("amount",),
    "purchase_order_line": ("quantity", "cancelled_quantity", "received_quantity", "rejected_quantity"),
    "receipt_line": ("quantity", "rejected_quantity"),
    "return_line": ("quantity", "line_amount"),
    "stock_movement": ("quantity",),
    "stock_balance": ("on_hand", "committed", "shortage"),
    "stock_snapshot": ("quantity", "unit_cost"),
    "line_entry": (
        "quantity",
        "amount",
        "discount",
        "tax",
    ),
    "stock_allocation": ("quantity",),
    "backorder_peg": ("quantity",),
    "shipment_line": (
        "quantity",
        "picked_quantity",
    ),
    "order_adjustment": ("amount",),
    "order_adjustment_share": ("amount",),
    "return_request_line": (
        "quantity",
        "received_quantity",
        "restocked_quantity",
        "scrapped_quantity",
        "damaged_quantity",
        "sent_back_quantity",
        "given_up_quantity",
    ),
    "return_entry": ("quantity",),
    "transfer_line": ("quantity",),
    "stock_count_line": (
        "expected",
        "counted",
    ),
    "count_suspicion": ("quantity",),
    "supplier_price": ("unit_price",),
    "bundle_component": ("quantity",),
}
_NAMES = [
    "company_setting",
    "channel_account",
    "location",
    "sku",
    "unit_cost",
    "customer",
    "sales_order",
    "order_line",
    "order_event",
    "order_milestone",
    "payment",
    "payment_event",
    "supplier",
    "purchase_order",
    "purchase_order_line",
    "receipt",
    "receipt_line",
    "return_order",
    "return_line",
    "stock_movement",
    "stock_balance",
    "stock_snapshot",
    "stock_exception",
    "feed_quarantine",
    "feed_file",
    "order_hold",
    "order_hold_release",
    "line_entry",
    "stock_allocation",
    "allocation_decision",
    "backorder_peg",
    "shipment",
    "shipment_line",
    "tracking_event",
    "document_event",
    "order_adjustment",
    "order_adjustment_share",
    "return_request",
    "return_request_line",
    "return_entry",
    "transfer",
    "transfer_line",
    "stock_count",
    "stock_count_line",
    "count_suspicion",
    "lot",
    "supplier_price",
    "po_line_expectation",
    "exchange_rate",
    "bundle_component",
    "audit_entry",
]


def _described(name: str) -> ExportTable:
    table = tables.metadata.tables[name]
    hidden = _HELD_BACK.get(name, ())
    columns = tuple(
        ExportColumn(column.name, _type_name(column.type)) for column in table.columns if column.name not in hidden
    )
    key = tuple(column.name for column in table.primary_key.columns)
    return ExportTable(name, columns, key, _SUMS.get(name, ()))


def _type_name(kind: sa.types.TypeEngine[object]) -> str:
    if isinstance(kind, sa.Boolean):
        return "boolean"
    if isinstance(kind, sa.BigInteger):
        return "bigint"
    return "integer" if isinstance(kind, sa.Integer) else "text"


EXPORTED: Mapping[str, ExportTable] = {name: _described(name) for name in _NAMES}


class ExportSession:
    """Reads of one instant. `high_mark`: every change below it is visible, none below it will appear later."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self.high_mark = high_mark(connection)

    def changes(self, table: str, *, low: int, chunk: int = 50_000) -> Iterator[list[tuple[object, ...]]]:
        """Rows with low ≤ change_id < high_mark, at most `chunk` at a time, columns as in `EXPORTED[table]`."""
        source = tables.metadata.tables[table]
        columns = [source.c[column.name] for column in EXPORTED[table].columns]
        window = sa.and_(source.c.change_id >= low, source.c.change_id < self.high_mark)
        statement = sa.select(*columns).where(window)
        result = self._connection.execution_options(stream_results=True).execute(statement)
        for part in result.partitions(chunk):
            yield [tuple(row) for row in part]

    def totals(self, table: str) -> dict[str, int]:
        """`rows` and the exact integer sum of each `sums` column, over the rows below the high mark."""
        source = tables.metadata.tables[table]
        sums = EXPORTED[table].sums
        columns = [sa.func.coalesce(sa.func.sum(source.c[name]), 0).label(name) for name in sums]
        statement = sa.select(sa.func.count().label("rows"), *columns).where(source.c.change_id < self.high_mark)
        return {name: int(value) for name, value in self._connection.execute(statement).mappings().one().items()}


@contextlib.contextmanager
def export_session(engine: sa.Engine) -> Iterator[ExportSession]:
    """One consistent read transaction. Raises InvalidRequestError HOME_NOT_READY before `oms init`."""
    with reading(engine) as connection:
        schema.require(connection)
        yield ExportSession(connection)
