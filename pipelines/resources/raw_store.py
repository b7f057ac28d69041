"""The raw schema of the analytics file: every version of every exported row, and how far it was read.

Belongs here: creating the raw tables, appending changes, watermarks, the core's totals. Not here: what a column
means (dbt staging) and when to load (assets).

All tables of one load are written in one transaction together with their watermarks, so that a process killed at
any moment leaves either the whole load or nothing of it, and a rerun reads the same window again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import duckdb
import pyarrow as pa

from oms_core.storage.export import EXPORTED, ExportTable

_ARROW_TYPES = {"bigint": pa.int64(), "integer": pa.int32(), "text": pa.string(), "boolean": pa.bool_()}
_SQL_TYPES = {"bigint": "bigint", "integer": "integer", "text": "varchar", "boolean": "boolean"}

_BOOKKEEPING = """
create schema if not exists raw_oms;
create table if not exists raw_oms.watermark (
    table_name varchar primary key,
    next_low bigint not null,
    loaded_rows bigint not null,
    loaded_at timestamp not null
);
create table if not exists raw_oms.core_total (
    table_name varchar not null,
    measure varchar not null,
    total decimal(38, 0) not null
);
"""


class Changes(Protocol):
    """What a load reads from: the shape of the core's export session."""

    @property
    def high_mark(self) -> int:
        """Exclusive end of the window: every change below it is visible."""
        ...

    def changes(self, table: str, *, low: int, chunk: int = ...) -> Iterator[list[tuple[object, ...]]]:
        """Rows with low <= change_id < high_mark."""
        ...

    def totals(self, table: str) -> dict[str, int]:
        """Row count and exact sums of the current rows below the high mark."""
        ...


@dataclass(frozen=True, slots=True)
class TableLoad:
    """What one load did to one raw table: rows appended, and rows (versions) it holds now."""

    appended: int
    rows: int


def load_changes(
    analytics: duckdb.DuckDBPyConnection, session: Changes, *, full: bool, tables: Mapping[str, ExportTable] = EXPORTED
) -> dict[str, TableLoad]:
    """Append everything the core changed since the watermarks, in one transaction.

    `full` empties the raw tables and reads from zero. A core whose high mark lies below a watermark is not the core
    these rows came from (a restored backup, another database): the load then is a full one as well. So it is when the
    export hands over other columns than the raw tables have, after an upgrade.
    """
    analytics.execute(_BOOKKEEPING)
    analytics.begin()
    try:
        reshaped = [table for table in tables.values() if _prepare(analytics, table)]
        marks = {name: _watermark(analytics, name) for name in tables}
        if full or reshaped or any(mark > session.high_mark for mark in marks.values()):
            for name in tables:
                analytics.execute(f"delete from raw_oms.{name}")  # noqa: S608 - names are the export's own
            marks = dict.fromkeys(tables, 0)
        loads = {name: _load_table(analytics, session, table, low=marks[name]) for name, table in tables.items()}
        _record_totals(analytics, {name: session.totals(name) for name in tables})
        analytics.commit()
    except BaseException:
        analytics.rollback()
        raise
    return loads


def _prepare(analytics: duckdb.DuckDBPyConnection, table: ExportTable) -> bool:
    """Make the raw table as the export describes it; true if it replaced one of another shape."""
    wanted = [(column.name, _SQL_TYPES[column.type].upper()) for column in table.columns]
    found = analytics.execute(
        "select column_name, data_type from duckdb_columns()"
        " where schema_name = 'raw_oms' and table_name = $name order by column_index",
        {"name": table.name},
    ).fetchall()
    if found == wanted:
        return False
    columns = ", ".join(f'"{name}" {kind}' for name, kind in wanted)
    analytics.execute(f"create or replace table raw_oms.{table.name} ({columns})")
    return bool(found)


def _watermark(analytics: duckdb.DuckDBPyConnection, table: str) -> int:
    # fetchall, not fetchone: an unfinished result blocks the connection's next statement
    found = analytics.execute("select next_low from raw_oms.watermark where table_name = $name", {"name": table})
    return sum(int(next_low) for (next_low,) in found.fetchall())


def _load_table(analytics: duckdb.DuckDBPyConnection, session: Changes, table: ExportTable, *, low: int) -> TableLoad:
    appended = 0
    for rows in session.changes(table.name, low=low):
        changes_in_arrow = _to_arrow(table, rows)
        analytics.register("changes_in_arrow", changes_in_arrow)
        analytics.execute(f"insert into raw_oms.{table.name} select * from changes_in_arrow")  # noqa: S608 - the same
        analytics.unregister("changes_in_arrow")
        appended += len(rows)
    counted = analytics.execute(f"select count(*) from raw_oms.{table.name}")  # noqa: S608 - the same
    total = int(counted.fetchall()[0][0])
    analytics.execute(
        "insert or replace into raw_oms.watermark values ($name, $next_low, $rows, now() at time zone 'UTC')",
        {"name": table.name, "next_low": session.high_mark, "rows": total},
    )
    return TableLoad(appended=appended, rows=total)


def _to_arrow(table: ExportTable, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    values = zip(*rows, strict=True)
    arrays = {
        column.name: pa.array(value, type=_ARROW_TYPES[column.type])
        for column, value in zip(table.columns, values, strict=True)
    }
    return pa.table(arrays)


def _record_totals(analytics: duckdb.DuckDBPyConnection, totals: Mapping[str, Mapping[str, int]]) -> None:
    analytics.execute("delete from raw_oms.core_total")
    rows = [(table, measure, total) for table, measures in totals.items() for measure, total in measures.items()]
    if rows:
        analytics.executemany("insert into raw_oms.core_total values (?, ?, ?)", rows)
