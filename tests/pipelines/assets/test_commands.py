"""`oms build` and `oms kpi` on a real core, as a person or a script uses them."""

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oms_core.services.company import prepare
from oms_core.settings import Settings
from pipelines.cli.build import build_command
from pipelines.cli.kpi import kpi_command
from pipelines.feeds.load import load_files
from pipelines.schedules import pending_mark
from tests.cores import BOTH, copied, opened

MAP = """
name: corner_shop
title: {en: Corner shop, zh: 街角小店}
kind: channel
file: order_lines
time_zone: UTC
currency: GBP
account: {name: corner, channel: web, title: Corner shop, moves_stock: true}
location: MAIN
locations: {MAIN: {name: Main, country: GB, allows_negative_stock: true}}
columns:
  order_id: order
  line_id: line
  sku: sku
  quantity: {column: qty, type: integer}
  unit_price: {column: price, type: decimal}
  placed_at: {column: at, format: "%Y-%m-%dT%H:%M:%S%z"}
  country: country
group: [order_id]
key: [order_id, line_id]
"""
ORDERS = """order,line,sku,qty,price,at,country
1,1,MUG,2,9.99,2026-03-01T10:00:00+00:00,GB
1,2,POT,1,20.00,2026-03-01T10:00:00+00:00,GB
2,1,MUG,1,10.00,2026-03-02T10:00:00+00:00,FR
"""


@dataclass(frozen=True, slots=True)
class Company:
    """A home with three lines of the corner shop, built by the command; what was pending before and what it said."""

    settings: Settings
    pending: int | None
    pending_after_a_try: int | None
    built: Result


def run(command: Any, *arguments: str) -> Result:
    """The command as a shell would call it; an exception is the test's."""
    return CliRunner().invoke(command, list(arguments), standalone_mode=False, catch_exceptions=False)


def name_home(settings: Settings, patch: pytest.MonkeyPatch) -> None:
    """Let the environment name a home and its database."""
    patch.setenv("OMS_HOME", str(settings.home))
    patch.setenv("OMS_DATABASE_URL", settings.database_url)


@contextlib.contextmanager
def built_company(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Company]:
    with copied(kind, request, folder / "home") as settings:
        prepare(settings, time_zone="Europe/London", base_currency=None, actor="test", now=0)
        (folder / "map.yml").write_text(MAP, encoding="utf-8")
        (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
        with opened(settings) as engine:
            load_files(engine, settings, "table", [folder / "orders.csv"], account=None, map_path=folder / "map.yml")
        pending = pending_mark(settings)
        after_a_try = pending_mark(settings, tried=pending)
        with pytest.MonkeyPatch.context() as patch:
            name_home(settings, patch)
            built = run(build_command, "--json")
        yield Company(settings, pending, after_a_try, built)


@pytest.fixture(scope="module")
def sqlite_company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with built_company("sqlite", request, tmp_path_factory.mktemp("sqlite")) as company:
        yield company


@pytest.fixture(scope="module")
def postgresql_company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with built_company("postgresql", request, tmp_path_factory.mktemp("postgresql")) as company:
        yield company


@pytest.fixture(params=BOTH)
def company(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Company:
    """The company on each database, only to be read, and named by the environment."""
    company: Company = request.getfixturevalue(f"{request.param}_company")
    name_home(company.settings, monkeypatch)
    return company


@pytest.fixture
def home_of_its_own(sqlite_company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the company on SQLite that a test may harm, named by the environment."""
    home = tmp_path / "home"
    shutil.copytree(sqlite_company.settings.home, home)
    name_home(Settings.at(home), monkeypatch)
    return home


def test_from_a_loaded_core_to_a_number(company: Company) -> None:
    document = json.loads(company.built.stdout)

    assert int(company.built.return_value) == 0
    assert set(document) == {"snapshot", "seconds", "rows", "tests_passed", "tests_failed"}
    assert document["tests_failed"] == 0

    asked = json.loads(
        run(kpi_command, "net_sales", "--by", "country,currency", "--from", "2026-03-01", "--json").stdout
    )
    assert asked["snapshot"] == document["snapshot"]
    assert [(row["country"], row["currency"], row["value"]) for row in asked["rows"]] == [
        ("FR", "GBP", 10.0),
        ("GB", "GBP", 39.98),
    ]
    assert "sql" not in asked

    explained = json.loads(
        run(kpi_command, "orders", "--where", "sku=MUG", "--grain", "day", "--explain", "--json").stdout
    )
    assert [(row["day"], row["value"]) for row in explained["rows"]] == [("2026-03-01", 1), ("2026-03-02", 1)]
    assert "marts.fct_order_lines" in explained["lineage"]
    assert "count" in explained["sql"].lower()

    listed = json.loads(run(kpi_command, "--list", "--json").stdout)["metrics"]
    assert {"name", "label", "unit", "definition", "dimensions"} <= set(listed[0])
    assert "net_sales (money)" in run(kpi_command, "net_sales").stdout


def test_a_wrong_balance_is_exit_1_and_the_last_snapshot_stays(home_of_its_own: Path, sqlite_company: Company) -> None:
    good = json.loads(sqlite_company.built.stdout)["snapshot"]
    with sqlite3.connect(home_of_its_own / "core.db") as connection:
        triggers = connection.execute(
            "select name from sqlite_master where type = 'trigger' and tbl_name = 'stock_balance'"
        ).fetchall()
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')
        connection.execute("update counter set value = value + 1 where name = 'change'")
        connection.execute(
            "update stock_balance set on_hand = on_hand + 1,"
            " change_id = (select value from counter where name = 'change') where sku = 'MUG'"
        )
    connection.close()

    failed = run(build_command, "--json")
    document = json.loads(failed.stdout)

    assert int(failed.return_value) == 1
    assert (document["snapshot"], document["tests_failed"]) == (None, 1)
    assert "failed: assert_stock_intervals_equal_the_core_balances" in failed.stderr
    assert json.loads(run(kpi_command, "orders", "--json").stdout)["snapshot"] == good


def test_the_scheduler_builds_only_what_changed(company: Company) -> None:
    assert company.pending is not None
    assert company.pending_after_a_try is None
    assert pending_mark(company.settings) is None


def test_nothing_is_pending_before_the_core_is_ready(tmp_path: Path) -> None:
    assert pending_mark(Settings.at(tmp_path / "nowhere")) is None
