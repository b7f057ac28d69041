"""Stock at past instants against a ledger that somebody else kept: 445,410 balances, product by product, day by day."""

import csv
import gzip
import json
import os
import random
import subprocess
import sys
from collections import defaultdict
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from oms_core.domain.instants import end_of_day
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.stock_ledger import stock_at

_UTC = ZoneInfo("UTC")


@pytest.fixture(scope="module")
def balances(shared_data):
    """Day → SKU → units, as the publisher's file says."""
    found = defaultdict(dict)
    path = next((shared_data / "data" / "adventureworks_dw").glob("FactProductInventory*.csv.gz"))
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[date.fromisoformat(row["MovementDate"])][row["ProductKey"]] = int(row["UnitsBalance"])
    return found


def test_every_day_balance_equals_the_function_behind_stock_at_in_one_pass(real_home, balances):
    engine = open_engine(Settings.at(real_home))
    days = {end_of_day(day, _UTC): day for day in balances}
    with reading(engine) as connection:
        ledger = {(days[it.at], it.sku): it.on_hand for it in stock_at(connection, list(days))}
    engine.dispose()

    stated = {(day, sku): units for day, rows in balances.items() for sku, units in rows.items()}

    assert len(stated) == 445_410
    assert ledger == stated


def test_the_command_says_the_same_on_twenty_random_days(real_home, balances):
    for day in random.Random(20).sample(sorted(balances), 20):
        command = [sys.executable, "-m", "pipelines.cli.main", "stock", "--at", day.isoformat(), "--json"]
        environment = {**os.environ, "OMS_HOME": str(real_home)}
        done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)

        rows = json.loads(done.stdout)["rows"]

        assert {row["sku"]: row["on_hand"] for row in rows} == balances[day]
