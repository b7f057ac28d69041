"""The dbt project of one home on two engines: raw tables copied, models built, tables and metrics read from both.

Belongs here: how both are filled and read, and what counts as a difference. Which tables and questions: the tests.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

import duckdb
import psycopg

TOLERANCE = 1e-9  # relative, of doubles; everything else is exact
PUBLISHED = ("marts", "reports")


class Cursor(Protocol):
    """What both engines' cursors have in common."""

    @property
    def description(self) -> Any: ...

    def fetchall(self) -> list[Any]: ...


@dataclass(frozen=True)
class Table:
    """Rows of a table or of an answer."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]

    @classmethod
    def of(cls, cursor: Cursor | None) -> "Table":
        """What a statement gave."""
        assert cursor is not None
        assert cursor.description is not None
        return cls(tuple(column[0] for column in cursor.description), [tuple(row) for row in cursor.fetchall()])


def copy_raw_tables(analytics: duckdb.DuckDBPyConnection, postgres: psycopg.Connection) -> None:
    """Every raw table with its rows and types; both engines know the names of the types."""
    columns = analytics.execute(
        "select table_name, column_name, data_type from duckdb_columns() where schema_name = 'raw_oms'"
        " order by table_name, column_index"
    ).fetchall()
    postgres.execute("create schema raw_oms")
    for table in dict.fromkeys(table for table, _, _ in columns):
        typed = ", ".join(f'"{name}" {kind}' for owner, name, kind in columns if owner == table)
        postgres.execute(f'create table raw_oms."{table}" ({typed})'.encode())
        rows = analytics.execute(f'select * from raw_oms."{table}"').fetchall()
        with postgres.cursor() as cursor, cursor.copy(f'copy raw_oms."{table}" from stdin'.encode()) as copy:
            for row in rows:
                copy.write_row(row)
    postgres.commit()


def published_tables(connection: Any) -> set[str]:
    """`schema.table` of everything readers are given; both engines have the standard's catalogue."""
    found = connection.execute("select table_schema, table_name from information_schema.tables").fetchall()
    return {f"{schema}.{table}" for schema, table in found if schema in PUBLISHED}


def compared(one: Table, other: Table, *, key: Sequence[str] = ()) -> list[str]:
    """What differs, told by key and column; rows are paired by the key, or by all that is no double."""
    if one.columns != other.columns:
        return [f"columns {one.columns} are {other.columns}"]
    positions = [one.columns.index(name) for name in key] or list(range(len(one.columns)))
    if not key:
        doubles = {at for row in (*one.rows, *other.rows) for at, cell in enumerate(row) if isinstance(cell, float)}
        positions = [at for at in positions if at not in doubles]
    there, here = (_by_key(table.rows, positions) for table in (one, other))
    differences = [f"{_name(row)} only on the first" for row in _keys(there) - _keys(here)]
    differences += [f"{_name(row)} only on the second" for row in _keys(here) - _keys(there)]
    if differences:
        return sorted(differences)
    return [
        f"{_name(name)}.{column}: {a!r} is {b!r}"
        for (name, left), (_, right) in zip(there, here, strict=True)
        for column, a, b in zip(one.columns, left, right, strict=True)
        if not same(a, b)
    ]


def same(one: object, other: object) -> bool:
    """Whether two cells are the same: doubles nearly, everything else exactly, and nothing equals no value."""
    if one is None or other is None:
        return one is other
    if _is_number(one) and _is_number(other):
        if isinstance(one, float) or isinstance(other, float):
            return math.isclose(float(str(one)), float(str(other)), rel_tol=TOLERANCE)
        return one == other
    return type(one) is type(other) and one == other


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float | Decimal) and not isinstance(cell, bool)


_Row = tuple[tuple[Any, ...], tuple[Any, ...]]


def _by_key(rows: Iterable[tuple[Any, ...]], positions: Sequence[int]) -> list[_Row]:
    keyed = [(tuple(row[at] for at in positions), row) for row in rows]
    return sorted(keyed, key=lambda one: [_sortable(cell) for cell in (*one[0], *one[1])])


def _sortable(cell: object) -> tuple[bool, Any]:
    return (cell is not None, cell if _is_number(cell) else str(cell))


def _keys(rows: Iterable[_Row]) -> Counter[tuple[Any, ...]]:
    return Counter(key for key, _ in rows)


def _name(key: Sequence[object]) -> str:
    return "(" + ", ".join(str(cell) for cell in key) + ")"


def primary_keys(manifest: Any) -> Mapping[str, tuple[str, ...]]:
    """The key of every published model by `schema.table`, as its contract says."""
    models = [node for node in manifest.nodes.values() if node.resource_type == "model" and node.schema in PUBLISHED]
    return {f"{node.schema}.{node.name}": _primary_key(node) for node in models}


def _primary_key(node: Any) -> tuple[str, ...]:
    named = [tuple(one.columns) for one in node.constraints if str(one.type.value) == "primary_key"]
    named += [
        (column.name,)
        for column in node.columns.values()
        for one in column.constraints
        if str(one.type.value) == "primary_key"
    ]
    return named[0] if named else ()
