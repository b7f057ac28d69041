"""Several processes that load at the same time end where one after another would have, on both databases."""

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from oms_core.settings import Settings
from tests.builders import facts_of, rows_of
from tests.cores import opened
from tests.pipelines.feeds.made_up import AT, HEADER, ORDERS, STOCK, STOCK_HEADER, changed, load, write_file, write_map

ROOT = Path(__file__).resolve().parents[3]
COUNTED = changed(
    STOCK,
    columns={"balance": "left"},
    snapshot={"quantity": "balance"},
    locations={"MAIN": {"name": "Main", "opening_from_first_balance": True}},
)


def loading(settings, format_name, path):
    environment = {**os.environ, "OMS_HOME": str(settings.home), "OMS_DATABASE_URL": settings.database_url}
    command = [sys.executable, "-m", "pipelines.cli.main", "feed", "load", format_name, str(path), "--json"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def test_loaders_of_overlapping_files_at_once_end_where_one_after_another_would_have(
    core, core_settings, empty_home, tmp_path
):
    orders = [f"O-{n % 60},{n},SKU-{n % 9},{n % 4 + 1},{n}.50,{AT}" for n in range(600)]
    stock = [
        f"D-{n},SKU-{n % 9},2026-03-{n % 20 + 1:02}T10:00:00Z,{'IN' if n % 3 else 'OUT'},{n % 7 + 1},"
        for n in range(300)
    ]
    counts = [f"C-{n},SKU-{n % 9},2026-03-{n % 20 + 1:02}T20:00:00Z,IN,0,{n + 50}" for n in range(180)]
    chance = random.Random(3)
    files = []
    for name, header, rows in [
        ("made_up", HEADER, orders),
        ("made_up_stock", f"{STOCK_HEADER},left", [*stock, *counts]),
    ]:
        for part in range(3):
            some = rows if part == 0 else chance.sample(rows, len(rows) * 2 // 3)
            files.append((name, write_file(tmp_path / f"{name}-{part}.csv", [header, *some])))
    documents = {"made_up": ORDERS, "made_up_stock": COUNTED}
    for document in documents.values():
        write_map(core_settings.home / "maps", document)
    clean = tmp_path / "clean"
    shutil.copytree(empty_home, clean)
    with opened(Settings.at(clean)) as one:
        for name, path in files:
            load(one, Settings.at(clean), documents[name], path)
        expected = facts_of(one, without=["quarantine"])

    running = [loading(core_settings, name, path) for name, path in files]
    printed = [process.communicate(timeout=300)[0] for process in running]

    assert {process.returncode for process in running} <= {0, 1}
    assert facts_of(core, without=["quarantine"]) == expected
    assert rows_of(core, "select count(*) from order_line") == [(600,)]
    assert sum(json.loads(text)["lines"] for text in printed) == 600
