"""`oms build` and `oms kpi` on a real core, as a person or a script uses them."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from oms_core.services.company import prepare
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from pipelines.cli.build import build_command
from pipelines.cli.kpi import kpi_command
from pipelines.feeds.load import load_files
from pipelines.schedules import pending_mark

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


def prepared(settings: Settings, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with three lines of the corner shop loaded, named by the environment."""
    monkeypatch.setenv("OMS_HOME", str(settings.home))
    monkeypatch.setenv("OMS_DATABASE_URL", settings.database_url)
    prepare(settings, time_zone="Europe/London", base_currency=None, actor="test", now=0)
    (folder / "map.yml").write_text(MAP, encoding="utf-8")
    (folder / "orders.csv").write_text(ORDERS, encoding="utf-8")
    engine = open_engine(settings)
    load_files(engine, settings, "table", [folder / "orders.csv"], account=None, map_path=folder / "map.yml")
    engine.dispose()
    return settings.home


@pytest.fixture
def home_on_any_database(any_database: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepared(any_database, tmp_path, monkeypatch)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return prepared(Settings.at(tmp_path / "home"), tmp_path, monkeypatch)


@pytest.fixture
def run() -> Callable[..., Result]:
    def invoke(command: Any, *arguments: str) -> Result:
        return CliRunner().invoke(command, list(arguments), standalone_mode=False, catch_exceptions=False)

    return invoke


def test_from_a_loaded_core_to_a_number(home_on_any_database: Path, run: Callable[..., Result]) -> None:
    built = run(build_command, "--json")
    document = json.loads(built.stdout)

    assert int(built.return_value) == 0
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


def test_a_failed_check_is_exit_1_and_the_last_snapshot_stays(home: Path, run: Callable[..., Result]) -> None:
    good = json.loads(run(build_command, "--json").stdout)["snapshot"]
    with sqlite3.connect(home / "core.db") as connection:
        triggers = connection.execute(
            "select name from sqlite_master where type = 'trigger' and tbl_name = 'stock_balance'"
        ).fetchall()
        for (name,) in triggers:
            connection.execute(f'drop trigger "{name}"')
        connection.execute(
            "update stock_balance set on_hand = on_hand + 1,"
            " change_id = (select max(change_id) + 1 from stock_balance) where sku = 'MUG'"
        )
        connection.execute("update counter set value = value + 10")
    connection.close()

    failed = run(build_command, "--json")
    document = json.loads(failed.stdout)

    assert int(failed.return_value) == 1
    assert (document["snapshot"], document["tests_failed"]) == (None, 1)
    assert json.loads(run(kpi_command, "orders", "--json").stdout)["snapshot"] == good


def test_the_scheduler_builds_only_what_changed(home_on_any_database: Path, run: Callable[..., Result]) -> None:
    settings = Settings.from_environment()
    before = pending_mark(settings)
    after_a_try = pending_mark(settings, tried=before)
    run(build_command)

    assert before is not None
    assert after_a_try is None
    assert pending_mark(settings) is None


def test_nothing_is_pending_before_the_core_is_ready(tmp_path: Path) -> None:
    assert pending_mark(Settings.at(tmp_path / "nowhere")) is None
