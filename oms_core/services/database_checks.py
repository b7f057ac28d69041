"""Whether the database still has the rules, constraints and references of this release; asked of its own catalogue.

A rule counts as in place only when its text is this release's: one that was replaced by an empty one of the same
name guards nothing.
"""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from oms_core.storage import rules
from oms_core.storage.tables import metadata

_Rows = list[dict[str, Any]]
_MOST = 100


def changed_rules(connection: sa.Connection) -> _Rows:
    """Triggers that are missing, switched off, other than this release's, or not its own."""
    dialect = connection.dialect.name
    wanted = _wanted_rules(dialect)
    present = _sqlite_rules(connection) if dialect == "sqlite" else _postgresql_rules(connection)
    return [{"trigger": name} for name in sorted(wanted.keys() | present) if wanted.get(name) != present.get(name)]


def _wanted_rules(dialect: str) -> dict[str, str]:
    statements = rules.statements(dialect)
    bodies = {
        statement.split()[4].removesuffix("()"): statement.split("$body$")[1]
        for statement in statements
        if statement.startswith("create or replace function")
    }
    found = {}
    for statement in statements:
        if statement.startswith("create trigger"):
            called = statement.rsplit(" ", 1)[1].removesuffix("()") if dialect == "postgresql" else ""
            found[statement.split()[2]] = _told(statement) + bodies.get(called, "")
    return found


def _told(statement: str) -> str:
    return re.sub(r"\s+", " ", statement.removeprefix("create trigger ").removeprefix("CREATE TRIGGER ")).strip()


def _sqlite_rules(connection: sa.Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql("select name, sql from sqlite_master where type = 'trigger'")
    return {str(name): _told(str(text)) for name, text in rows}


def _postgresql_rules(connection: sa.Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql(
        """select t.tgname, pg_get_triggerdef(t.oid, true), p.prosrc, t.tgenabled in ('O', 'A')
        from pg_trigger as t join pg_proc as p on p.oid = t.tgfoid join pg_class as c on c.oid = t.tgrelid
        where not t.tgisinternal and c.relnamespace = current_schema()::regnamespace"""
    )
    return {
        str(name): _told(str(text)).lower() + str(body) if works else "switched off" for name, text, body, works in rows
    }


def missing_constraints(connection: sa.Connection) -> _Rows:
    """Checks (on SQLite with their text), keys, references and unique indexes that the database has not."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("select name, sql from sqlite_master where type in ('table', 'index')")
        return list(_missing_on_sqlite({str(name): _told(str(text)) for name, text in rows}))
    valid = connection.exec_driver_sql(
        """select conrelid::regclass::text, conname from pg_constraint where convalidated
            and connamespace = current_schema()::regnamespace
        union all select i.indrelid::regclass::text, c.relname from pg_index as i
        join pg_class as c on c.oid = i.indexrelid
        where i.indisvalid and i.indisunique and c.relnamespace = current_schema()::regnamespace"""
    )
    present = {(str(table).strip('"'), str(name)) for table, name in valid}
    return [{"table": table, "constraint": name} for table, name, _ in _constraints() if (table, name) not in present]


def _missing_on_sqlite(present: dict[str, str]) -> Iterator[dict[str, Any]]:
    for table, name, text in _constraints():
        ours = present.get(table, "")
        named = re.search(rf"\bconstraint \"?{name}\"?[\s(]", ours, re.IGNORECASE) or name in present
        if not named or (text and text not in ours):
            yield {"table": table, "constraint": name}


def _constraints() -> Iterator[tuple[str, str, str]]:
    """(table, constraint, text of a check)."""
    for table in metadata.sorted_tables:
        for constraint in table.constraints:
            text = str(constraint.sqltext) if isinstance(constraint, sa.CheckConstraint) else ""
            yield table.name, str(constraint.name), _told(text)
        yield from ((table.name, str(index.name), "") for index in table.indexes if index.unique)


def orphans(connection: sa.Connection) -> _Rows:
    """Rows whose reference leads nowhere."""
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql("pragma foreign_key_check")
        return [{"table": row[0], "rowid": row[1], "parent": row[2]} for row in found][:_MOST]
    rows: _Rows = []
    for table in metadata.sorted_tables:
        for reference in table.foreign_key_constraints:
            rows += _without_parent(connection, table, reference)
    return rows[:_MOST]


def _without_parent(connection: sa.Connection, table: sa.Table, reference: sa.ForeignKeyConstraint) -> _Rows:
    parent = reference.referred_table.alias("parent")
    pairs = [(element.parent, parent.c[element.column.name]) for element in reference.elements]
    statement = (
        sa.select(*table.primary_key.columns)
        .select_from(table.outerjoin(parent, sa.and_(*(child == known for child, known in pairs))))
        .where(pairs[0][1].is_(None), *(child.is_not(None) for child, _ in pairs))
        .limit(_MOST)
    )
    named = {"table": table.name, "parent": reference.referred_table.name}
    return [{**named, **row} for row in connection.execute(statement).mappings()]
