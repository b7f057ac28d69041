"""A database of the first release, with its facts and rules, becomes one of this release and keeps what it knew.

`release_0001/` holds what that release wrote: the rows of a small core (`rows.json`) and its rules on both engines.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from oms_core.services.company import prepare
from oms_core.services.verify import run_checks
from oms_core.settings import Settings
from oms_core.storage import schema
from oms_core.storage.engine import open_engine, reading
from tests.builders import NOW, a_line, a_message, an_order, contents, give, rows_of

RELEASE = Path(__file__).parent / "release_0001"
OLD: dict[str, Any] = json.loads((RELEASE / "rows.json").read_text(encoding="utf-8"))
# Filled anew by every release, or counting on.
NOT_FACTS = {"order_transition", "counter"}


@pytest.fixture
def old_core(any_database: Settings) -> Iterator[tuple[Settings, sa.Engine]]:
    """A core as the first release left it."""
    any_database.home.mkdir()
    engine = open_engine(any_database)
    with engine.begin() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        tables = sa.MetaData()
        tables.reflect(connection)
        for table in tables.sorted_tables:
            if rows := OLD["rows"].get(table.name):
                connection.execute(table.insert(), rows)
        if connection.dialect.name == "postgresql":
            taken = {row["name"]: row["value"] for row in OLD["rows"]["counter"]}
            for name in OLD["sequences"]:
                connection.exec_driver_sql(f"create sequence {name}_id_seq start {taken.get(name, 0) + 1}")
        rules = (RELEASE / f"rules_{connection.dialect.name}.sql").read_text(encoding="utf-8")
        for statement in rules.split("\n;;\n"):
            connection.exec_driver_sql(statement)
    yield any_database, engine
    engine.dispose()


def facts(engine: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    """The rows of the first release's tables, by the columns it knew."""
    found = {}
    with reading(engine) as connection:
        for name, rows in OLD["rows"].items():
            if rows and name not in NOT_FACTS:
                columns = ", ".join(f'"{column}"' for column in rows[0])
                read = connection.execute(sa.text(f"select {columns} from {name}")).mappings()
                found[name] = sorted(map(dict, read), key=str)
    return found


def test_an_old_database_keeps_every_fact(old_core):
    settings, engine = old_core
    before = facts(engine)

    prepare(settings, actor="test", now=NOW)

    assert facts(engine) == before
    assert len(before["sales_order"]) == 5
    with reading(engine) as connection:
        assert [check for check in run_checks(connection) if check.rows] == []


def test_units_cancelled_before_have_the_entry_that_explains_them(old_core):
    settings, engine = old_core

    prepare(settings, actor="test", now=NOW)

    # Two of five mugs of A-1, all three of A-2.
    entries = "select line_id, kind, quantity, source_kind, actor from line_entry order by line_id"
    assert rows_of(engine, entries) == [(1, "cancel", 2, "upgrade", "upgrade"), (3, "cancel", 3, "upgrade", "upgrade")]
    assert rows_of(engine, "select sum(cancelled_quantity) from order_line") == [(5,)]


def test_an_upgraded_core_goes_on_where_it_was(old_core):
    settings, engine = old_core
    prepare(settings, actor="test", now=NOW)
    newer = an_order("A-1", a_line("1", quantity=5, cents=2500, cancelled_quantity=4), a_line("2", sku="CUP"))

    give(engine, a_message(newer, version=3), an_order("A-9"), now=NOW + 5)

    assert rows_of(engine, "select max(order_id) from sales_order") == [(6,)]
    with reading(engine) as connection:
        assert [check for check in run_checks(connection) if check.rows] == []


def test_upgrading_twice_changes_nothing_more(old_core):
    settings, engine = old_core
    prepare(settings, actor="test", now=NOW)
    before = contents(engine)

    prepare(settings, actor="test", now=NOW + 1)

    assert contents(engine) == before


def test_an_upgrade_that_breaks_off_leaves_the_old_database(old_core, monkeypatch):
    settings, engine = old_core
    before = facts(engine)

    def stop(_connection: sa.Connection) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "_install", stop)
    with pytest.raises(KeyboardInterrupt):
        prepare(settings, actor="test", now=NOW)
    monkeypatch.undo()

    assert facts(engine) == before
    with reading(engine) as connection:
        assert schema.revision(connection) == "0001"
    prepare(settings, actor="test", now=NOW)
    with reading(engine) as connection:
        assert [check for check in run_checks(connection) if check.rows] == []
