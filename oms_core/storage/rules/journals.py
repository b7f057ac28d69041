"""Journals are append-only, other rows are kept, and no second row of a key takes the place of the first (I4, I9).

On SQLite REPLACE deletes the row it replaces without firing a delete trigger (recursive_triggers is off by default),
so a second row of the same key is refused before that, in journals and in kept tables alike.
"""

from collections.abc import Iterator

from sqlalchemy import Table, UniqueConstraint

from oms_core.storage.rules.dialects import abort, function, refuse, sqlite_trigger, trigger
from oms_core.storage.tables import JOURNALS, KEPT


def _unique_keys(table: Table) -> list[tuple[str, ...]]:
    keys = [tuple(column.name for column in table.primary_key.columns)]
    keys.extend(
        tuple(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    )
    keys.extend((column.name,) for column in table.columns if column.unique)
    return sorted(keys)  # constraints are a set: every process must number its triggers alike


def sqlite() -> Iterator[str]:
    """The statements for SQLite."""
    for table in JOURNALS:
        yield from _sqlite_journal(table)
    for table in KEPT:
        name = table.name
        yield from sqlite_trigger(f"{name}_kept", f"before delete on {name}", "1", abort(f"KEPT: {name} rows are kept"))
        yield from _sqlite_same_key(table)
        yield from _sqlite_taken_key(table)


def _sqlite_journal(table: Table) -> Iterator[str]:
    message = f"IMMUTABLE: {table.name} is append-only, a correction is a new row"
    yield from sqlite_trigger(f"{table.name}_no_update", f"before update on {table.name}", "1", abort(message))
    yield from sqlite_trigger(f"{table.name}_no_delete", f"before delete on {table.name}", "1", abort(message))
    yield from _sqlite_same_key(table)


def _sqlite_same_key(table: Table) -> Iterator[str]:
    for number, key in enumerate(_unique_keys(table)):
        same = " and ".join(f'"{column}" = new."{column}"' for column in key)
        yield from sqlite_trigger(
            f"{table.name}_same_key_{number}",
            f"before insert on {table.name}",
            f"exists (select 1 from {table.name} where {same})",
            abort(f"DUPLICATE: {table.name} has this {', '.join(key)} already"),
        )


def _sqlite_taken_key(table: Table) -> Iterator[str]:
    """UPDATE OR REPLACE would delete the row whose key it takes, again without a delete trigger."""
    for number, key in enumerate(_unique_keys(table)):
        same = " and ".join(f'"{column}" = new."{column}"' for column in key)
        listed = ", ".join(f'"{column}"' for column in key)
        yield from sqlite_trigger(
            f"{table.name}_taken_key_{number}",
            f"before update of {listed} on {table.name}",
            f"exists (select 1 from {table.name} where {same} and rowid <> old.rowid)",
            abort(f"DUPLICATE: {table.name} has this {', '.join(key)} already"),
        )


def postgresql() -> Iterator[str]:
    """The statements for PostgreSQL."""
    yield function("oms_immutable", refuse("IMMUTABLE: this table is append-only, a correction is a new row"))
    yield function("oms_kept", refuse("KEPT: rows of this table are kept"))
    for table in JOURNALS:
        yield from trigger(f"{table.name}_no_update", f"before update on {table.name}", "oms_immutable")
        yield from trigger(f"{table.name}_no_delete", f"before delete on {table.name}", "oms_immutable")
        yield from trigger(f"{table.name}_no_truncate", f"before truncate on {table.name}", "oms_immutable")
    for table in KEPT:
        yield from trigger(f"{table.name}_kept", f"before delete on {table.name}", "oms_kept")
        yield from trigger(f"{table.name}_no_truncate", f"before truncate on {table.name}", "oms_kept")
