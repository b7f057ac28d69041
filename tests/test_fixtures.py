"""The fixtures themselves: both databases answer, skips for data are no excuse."""

import sqlalchemy as sa

from oms_core.storage.engine import open_engine


def test_any_database_answers(any_database):
    any_database.home.mkdir()
    engine = open_engine(any_database)

    with engine.begin() as connection:
        answer = connection.execute(sa.text("select 1")).scalar()

    engine.dispose()
    assert answer == 1


def test_every_postgresql_test_gets_a_database_of_its_own(postgres_url):
    engine = sa.create_engine(postgres_url)

    with engine.connect() as connection:
        tables = connection.execute(
            sa.text("select count(*) from information_schema.tables where table_schema = 'public'")
        ).scalar()

    engine.dispose()
    assert tables == 0
