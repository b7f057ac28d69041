"""Cores for tests: copies of one empty core that is prepared once a session, on SQLite and on PostgreSQL.

A conftest takes the fixtures by importing them; tests of preparing itself use `any_database` of tests/conftest.py.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from tests.builders import ready_core

BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with an empty core on SQLite, to copy."""
    home = tmp_path_factory.mktemp("empty") / "home"
    with ready_core(Settings.at(home)):
        pass
    return home


@pytest.fixture(scope="session")
def empty_database(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with an empty core, to copy."""
    name = f"empty_{uuid4().hex}"
    _ask_server(postgres_server, f"create database {name}")
    with ready_core(Settings.at(tmp_path_factory.mktemp("empty"), database_url=_url(postgres_server, name))):
        pass
    return name


def _url(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def _ask_server(server: str, statement: str) -> None:
    maintenance = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(sa.text(statement))
    maintenance.dispose()


@contextlib.contextmanager
def copied(kind: str, request: pytest.FixtureRequest, home: Path) -> Iterator[Settings]:
    """The settings of an empty core of its own; the PostgreSQL database is dropped afterwards."""
    if kind == "sqlite":
        shutil.copytree(request.getfixturevalue("empty_home"), home)
        yield Settings.at(home)
        return
    server: str = request.getfixturevalue("postgres_server")
    template: str = request.getfixturevalue("empty_database")
    name = f"core_{uuid4().hex}"
    _ask_server(server, f"create database {name} template {template}")
    yield Settings.at(home, database_url=_url(server, name))
    _ask_server(server, f"drop database {name} with (force)")


@contextlib.contextmanager
def opened(settings: Settings) -> Iterator[sa.Engine]:
    """An engine whose connections are closed at the end."""
    engine = open_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@pytest.fixture(params=BOTH)
def core_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The settings of an empty core, once on SQLite and once on PostgreSQL."""
    with copied(request.param, request, tmp_path / "home") as settings:
        yield settings


@pytest.fixture
def core(core_settings: Settings) -> Iterator[sa.Engine]:
    """An empty core, once on SQLite and once on PostgreSQL."""
    with opened(core_settings) as engine:
        yield engine


@pytest.fixture
def sqlite_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """The settings of an empty core on SQLite, for what does not depend on the database."""
    with copied("sqlite", request, tmp_path / "home") as settings:
        yield settings


@pytest.fixture
def sqlite_core(sqlite_settings: Settings) -> Iterator[sa.Engine]:
    """An empty core on SQLite."""
    with opened(sqlite_settings) as engine:
        yield engine


@pytest.fixture
def postgres_core(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty core on PostgreSQL, for what only PostgreSQL has."""
    with copied("postgresql", request, tmp_path / "home") as settings, opened(settings) as engine:
        yield engine


@pytest.fixture(scope="module", params=BOTH)
def module_core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sa.Engine]:
    """A core that the tests of a module share: only for tests after which nothing has changed."""
    home = tmp_path_factory.mktemp("module") / "home"
    with copied(request.param, request, home) as settings, opened(settings) as engine:
        yield engine
