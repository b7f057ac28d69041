"""Changing rows as somebody could who owns the database: with its rules switched off, and on again."""

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy import event


@contextlib.contextmanager
def tampered(core: sa.Engine, *statements: str, rules: bool = False) -> Iterator[sa.Connection]:
    """A connection that sees the core after these statements, which no rule stopped; nothing of it stays.

    `rules`: the statements are about the rules themselves, which stay as they are.
    """
    engine = _without_checks(core) if core.dialect.name == "sqlite" else core
    with engine.connect() as connection:
        transaction = connection.begin()
        try:
            switch_on = [] if rules else _switch_off(connection)
            for statement in statements:
                connection.execute(sa.text(statement))
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("pragma ignore_check_constraints = off")
            for statement in switch_on:
                connection.exec_driver_sql(statement)
            yield connection
        finally:
            transaction.rollback()
    if engine is not core:
        engine.dispose()


def _switch_off(connection: sa.Connection) -> list[str]:
    """Statements that switch the rules on again."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("set local session_replication_role = replica")
        return ["set local session_replication_role = origin"]
    rows = connection.exec_driver_sql("select name, sql from sqlite_master where type = 'trigger'").fetchall()
    # Rules are taken out of the catalogue and put back: a thousand times faster than dropping and creating them.
    connection.exec_driver_sql("pragma writable_schema = on")
    connection.exec_driver_sql("create temp table put_aside as select * from sqlite_master where type = 'trigger'")
    connection.exec_driver_sql("delete from sqlite_master where type = 'trigger'")
    connection.exec_driver_sql(f"pragma schema_version = {len(rows)}")
    return [
        "insert into sqlite_master select * from put_aside",
        "drop table put_aside",
        "pragma writable_schema = reset",
    ]


def _without_checks(core: sa.Engine) -> sa.Engine:
    engine = sa.create_engine(core.url, module=core.dialect.loaded_dbapi, poolclass=sa.NullPool)

    @event.listens_for(engine, "connect")
    def _configure(dbapi, _record):
        dbapi.isolation_level = None
        dbapi.execute("pragma foreign_keys = off")
        dbapi.execute("pragma ignore_check_constraints = on")

    @event.listens_for(engine, "begin")
    def _begin(connection):
        connection.exec_driver_sql("begin immediate")

    return engine
