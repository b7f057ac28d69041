"""Cores for the tests of the core: fresh for each test, or one for a whole module where every change is refused."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oms_core.settings import Settings
from tests.builders import ready_core


@pytest.fixture
def core(any_database: Settings) -> Iterator[sa.Engine]:
    """An empty core, once on SQLite and once on PostgreSQL."""
    with ready_core(any_database) as engine:
        yield engine


@pytest.fixture
def sqlite_core(tmp_path) -> Iterator[sa.Engine]:
    """An empty core on SQLite, for what only SQLite has."""
    with ready_core(Settings.at(tmp_path / "home")) as engine:
        yield engine


@pytest.fixture
def postgres_core(tmp_path, postgres_url) -> Iterator[sa.Engine]:
    """An empty core on PostgreSQL, for what only PostgreSQL has."""
    with ready_core(Settings.at(tmp_path / "home", database_url=postgres_url)) as engine:
        yield engine


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def module_core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A core that the tests of a module share: only for tests after which nothing has changed."""
    home = tmp_path_factory.mktemp("home")
    if request.param == "sqlite":
        with ready_core(Settings.at(home)) as engine:
            yield engine
        return
    server: str = request.getfixturevalue("postgres_server")
    maintenance = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    name = f"module_{uuid4().hex}"
    with maintenance.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    url = sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    with ready_core(Settings.at(home, database_url=url)) as engine:
        yield engine
    with maintenance.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    maintenance.dispose()
