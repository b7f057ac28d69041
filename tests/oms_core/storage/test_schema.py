"""The migration and the tables as described are the same; a database of a later release is refused."""

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from oms_core.domain.errors import InvalidRequestError, StorageUnavailableError
from oms_core.domain.orders import TRANSITIONS
from oms_core.services.company import prepare, settings_of
from oms_core.storage import schema
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.tables import metadata
from tests.builders import NOW, a_movement, contents, give, ready_core, rows_of


def test_the_migration_makes_the_tables_that_are_described(core):
    with reading(core) as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True}),
            metadata,
        )

    assert differences == []


def checks_of(connection: sa.Connection) -> dict[str, set[tuple[Any, ...]]]:
    inspector = sa.inspect(connection)
    return {
        name: {(check["name"], check["sqltext"]) for check in inspector.get_check_constraints(name)}
        for name in metadata.tables
    }


def test_the_migration_makes_the_checks_that_are_described(any_database):
    any_database.home.mkdir()
    engine = open_engine(any_database)
    with engine.begin() as connection:
        metadata.create_all(connection)
    with reading(engine) as connection:
        described = checks_of(connection)
    with engine.begin() as connection:
        metadata.drop_all(connection)
    engine.dispose()

    with ready_core(any_database) as core, reading(core) as connection:
        made = checks_of(connection)

    assert made == described
    assert made["stock_balance"]


def test_preparing_a_home_again_changes_nothing(any_database):
    with ready_core(any_database) as core:
        give(core, a_movement())
        before = contents(core)

        prepare(any_database, actor="test", now=NOW + 1)

        assert contents(core) == before


def test_other_settings_are_a_new_version_and_the_old_one_stays(any_database):
    with ready_core(any_database) as core:
        prepare(any_database, time_zone="Asia/Shanghai", base_currency="CNY", actor="test", now=NOW + 1)

        with reading(core) as connection:
            now = settings_of(connection)
        versions = rows_of(core, "select version, time_zone, base_currency from company_setting order by version")

    assert (now.version, now.time_zone, now.base_currency) == (2, "Asia/Shanghai", "CNY")
    assert versions == [(1, "UTC", None), (2, "Asia/Shanghai", "CNY")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"time_zone": "Europe/Atlantis"}, "TIME_ZONE_UNKNOWN"),
        ({"time_zone": "../etc"}, "TIME_ZONE_UNKNOWN"),
        ({"base_currency": "euro"}, "CURRENCY_UNKNOWN"),
    ],
)
def test_settings_that_make_no_sense_create_nothing(any_database, wrong, code):
    with pytest.raises(InvalidRequestError) as caught:
        prepare(any_database, **wrong, actor="test", now=NOW)

    assert caught.value.code == code
    assert not any_database.home.exists()


def test_a_database_of_a_later_release_is_refused_and_left_alone(any_database):
    with ready_core(any_database) as core:
        with core.begin() as connection:
            connection.execute(sa.text("update alembic_version set version_num = '9999'"))
        before = contents(core)

        with pytest.raises(StorageUnavailableError) as caught:
            prepare(any_database, actor="test", now=NOW)
        with pytest.raises(InvalidRequestError) as asked, reading(core) as connection:
            settings_of(connection)

        assert caught.value.code == "SCHEMA_NEWER"
        assert asked.value.code == "HOME_NOT_READY"
        assert contents(core) == before


def test_an_empty_database_is_told_apart_from_an_old_one(any_database):
    any_database.home.mkdir()
    engine = open_engine(any_database)
    with engine.begin() as connection:
        connection.execute(sa.text("create table unrelated (id integer)"))

    with pytest.raises(InvalidRequestError) as caught, reading(engine) as connection:
        schema.require(connection)

    engine.dispose()
    assert caught.value.code == "HOME_NOT_READY"
    assert "no database here yet" in caught.value.reason


def test_the_database_holds_the_transitions_of_the_domain(core):
    assert set(rows_of(core, "select * from order_transition")) == {tuple(map(str, step)) for step in TRANSITIONS}


def test_each_message_tells_its_state(core):
    give(core, a_movement())

    assert rows_of(core, "select state from feed_message_state") == [("applied",)]
