"""The schema's version: create or upgrade the database, and refuse one from a newer release."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from oms_core.domain.documents import DOCUMENT_TRANSITIONS
from oms_core.domain.errors import StorageUnavailableError
from oms_core.domain.orders import TRANSITIONS
from oms_core.storage import rules
from oms_core.storage.changes import SEQUENCES
from oms_core.storage.engine import home_not_ready
from oms_core.storage.tables import document_transition, order_transition

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: sa.Connection) -> str:
    """Bring the database to this release's schema, inside the caller's transaction; returns the revision.

    Raises:
        StorageUnavailableError: SCHEMA_NEWER when a later release made it.
    """
    current = revision(connection)
    known = {script.revision for script in _scripts().walk_revisions()}
    if current is not None and current not in known:
        raise StorageUnavailableError(
            "SCHEMA_NEWER",
            f"the database is at schema {current}, this release knows {', '.join(sorted(known))}",
            remedy="Run the release that made it, or restore a backup from before the upgrade.",
        )
    if current != head():
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        _install(connection)
    return head()


def _install(connection: sa.Connection) -> None:
    """What goes with every release: the transition tables' rows, the id sequences, the rules."""
    _add_missing(connection, order_transition, TRANSITIONS)
    _add_missing(connection, document_transition, DOCUMENT_TRANSITIONS)
    dialect = connection.dialect.name
    if dialect == "postgresql":
        for name in SEQUENCES:
            connection.exec_driver_sql(f"create sequence if not exists {name}_id_seq")
    for statement in rules.statements(dialect):
        connection.exec_driver_sql(statement)


def _add_missing(connection: sa.Connection, table: sa.Table, wanted: Sequence[tuple[str, ...]]) -> None:
    names = [column.name for column in table.columns]
    known = {tuple(row) for row in connection.execute(sa.select(table))}
    rows = [dict(zip(names, step, strict=True)) for step in wanted if tuple(map(str, step)) not in known]
    if rows:
        connection.execute(table.insert(), rows)


def revision(connection: sa.Connection) -> str | None:
    """The schema revision of the database; null where there is none yet."""
    return MigrationContext.configure(connection).get_current_revision()


@cache  # the files do not change while a process runs, and reading them costs 11 ms
def head() -> str:
    """The schema revision of this release."""
    return str(_scripts().get_current_head())


def require(connection: sa.Connection) -> None:
    """Raise InvalidRequestError HOME_NOT_READY unless the schema is this release's."""
    found = revision(connection)
    if found != head():
        raise home_not_ready("there is no database here yet" if found is None else f"the database is at schema {found}")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
