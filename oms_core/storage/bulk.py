"""Many rows at a time: inserts past the statement compiler, look-ups by long key lists.

Measured: SQLAlchemy's parameter handling costs more than the insert itself at 500,000 rows, and psycopg's
COPY is several times faster than its executemany; triggers and constraints act on both the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

_LOOKUP = 5_000


def insert_rows(
    connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert tuples in the order of `columns`. The rules of the database apply to each row."""
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    if connection.dialect.name == "postgresql":
        _copy(connection, f"copy {table.name} ({names}) from stdin", rows)
        return
    marks = ", ".join("?" * len(columns))
    statement = f"insert into {table.name} ({names}) values ({marks})"  # noqa: S608 - names come from our tables
    connection.exec_driver_sql(statement, list(rows))


def _copy(connection: sa.Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    driver_error: type[Exception] = connection.dialect.loaded_dbapi.Error
    try:
        with connection.connection.cursor().copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except driver_error as error:  # past SQLAlchemy, so told in its words here: retries depend on it
        raise sa.exc.DBAPIError.instance(statement, None, error, driver_error) from error


def select_where_in(
    connection: sa.Connection, statement: sa.Select[Any], column: sa.ColumnElement[Any], values: Iterable[Any]
) -> Iterator[Any]:
    """Rows of `statement` whose `column` is one of `values`, asked for a slice of the values at a time."""
    wanted = list(values)
    for start in range(0, len(wanted), _LOOKUP):
        yield from connection.execute(statement.where(column.in_(wanted[start : start + _LOOKUP])))
