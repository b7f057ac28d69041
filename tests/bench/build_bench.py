"""What a build costs: seconds and peak memory at 0.1 and 0.5 million order lines, and the price of asking.

`python -m tests.bench.build_bench [LINES …]` makes a shop of each size, loads it through the feeds, builds it in a
process of its own (first build, then one with nothing new) and prints one JSON document. Times are wall seconds; on
a busy machine the processor seconds are the steadier figure.
"""

import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.marts import metrics, snapshots

SIZES = (100_000, 500_000)
_LINES_AN_ORDER = 3
_SKUS = 5_000
_DAYS = 400
_START = datetime.fromisoformat("2025-01-01T00:00:00+00:00")
_MAP = """
name: bench_{name}
title: {{en: Bench, zh: 测试}}
file: {file}
time_zone: UTC
currency: EUR
"""
_ORDERS_MAP = (
    _MAP.format(name="orders", file="order_lines")
    + """
kind: channel
account: {name: bench-shop, channel: web, title: Bench, moves_stock: true}
location: MAIN
locations: {MAIN: {name: Main, country: DE, allows_negative_stock: true}}
columns:
  order_id: order_no
  line_id: line_no
  sku: article
  quantity: {column: qty, type: integer}
  unit_price: {column: price, type: decimal}
  placed_at: {column: ordered_at, format: "%Y-%m-%dT%H:%M:%S%z"}
  country: country
  customer_ref: customer
group: [order_id]
key: [order_id, line_id]
"""
)
_STOCK_MAP = (
    _MAP.format(name="stock", file="stock_movements")
    + """
kind: warehouse
account: {name: bench-warehouse, channel: warehouse, title: Bench, moves_stock: false}
locations: {MAIN: {name: Main, country: DE, allows_negative_stock: true}}
columns:
  sku: article
  occurred_at: {column: ts, format: "%Y-%m-%dT%H:%M:%S%z"}
  document: doc
  line_id: pos
  quantity: {column: qty, type: integer}
constants: {location: MAIN}
key: [document, line_id]
movements:
  - {kind: receive, quantity: quantity}
"""
)
_PRODUCTS_MAP = (
    _MAP.format(name="products", file="products")
    + """
kind: catalogue
account: {name: bench-catalogue, channel: catalogue, title: Bench, moves_stock: false}
columns:
  sku: article
  category: category
  unit_cost: {column: cost, type: decimal}
  valid_from: {column: since, format: "%Y-%m-%dT%H:%M:%S%z"}
"""
)


def main(sizes: tuple[int, ...]) -> dict[str, Any]:
    """Measure every size; returns the document that is printed."""
    measured = [_measured(size) for size in sizes]
    document: dict[str, Any] = {"builds": measured}
    if len(measured) > 1:
        first, last = measured[0], measured[-1]
        grown = {name: round(last["first_build"][name] / first["first_build"][name], 2) for name in last["first_build"]}
        document["growth"] = {"lines": last["lines"] / first["lines"], **grown}
    return document


def _measured(lines: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="ordersight-bench-") as folder:
        home = Path(folder) / "home"
        _oms(home, "init")
        for name, text in (("products", _PRODUCTS_MAP), ("stock", _STOCK_MAP), ("orders", _ORDERS_MAP)):
            written = _write(Path(folder), name, lines)
            (Path(folder) / f"{name}.yml").write_text(text, encoding="utf-8")
            _oms(home, "feed", "load", "table", str(written), "--map", str(Path(folder) / f"{name}.yml"))
        return {
            "lines": lines,
            "first_build": _build(home),
            "build_with_nothing_new": _build(home),
            "asking_milliseconds": _asking(home),
        }


def _oms(home: Path, *arguments: str) -> tuple[float, int]:
    """Run a command in a process of its own; returns its processor seconds and its peak memory in MiB."""
    command = [sys.executable, "-m", "pipelines.cli.main", *arguments]
    child = subprocess.Popen(command, env={**os.environ, "OMS_HOME": str(home)}, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, command)
    return round(usage.ru_utime + usage.ru_stime, 2), usage.ru_maxrss // 1024


def _build(home: Path) -> dict[str, float]:
    started = time.monotonic()
    processor, peak = _oms(home, "build")
    return {
        "seconds": round(time.monotonic() - started, 2),
        "processor_seconds": processor,
        "peak_memory_mib": peak,
    }


def _asking(home: Path) -> dict[str, dict[str, float]]:
    snapshot = snapshots.open_snapshot(home)
    questions: dict[str, dict[str, Any]] = {
        "net_sales": {},
        "net_sales by day": {"grain": "day"},
        "orders by country": {"by": ["country"]},
        "average_order_value by month": {"grain": "month"},
        "return_rate_value_period by category": {"by": ["category"]},
        "inventory_turnover": {},
        "inventory_turnover by month": {"grain": "month"},
        "out_of_stock_rate": {},
        "stock_value by category": {"by": ["category"]},
    }
    found = {}
    for text, question in questions.items():
        taken = []
        for _ in range(20):
            started = time.perf_counter()
            metrics.ask(snapshot, text.split(" ", maxsplit=1)[0], **question)
            taken.append((time.perf_counter() - started) * 1000)
        found[text] = {"median": round(statistics.median(taken), 1), "p95": round(sorted(taken)[18], 1)}
    snapshots.release_all()
    return found


def _write(folder: Path, name: str, lines: int) -> Path:
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        {"products": _products, "stock": _stock, "orders": _orders}[name](writer, lines)
    return path


def _products(writer: Any, _: int) -> None:
    writer.writerow(["article", "category", "cost", "since"])
    for number in range(_SKUS):
        writer.writerow([f"A{number:05d}", f"C{number % 20:02d}", f"{1 + number % 90}.50", _START.isoformat()])


def _stock(writer: Any, lines: int) -> None:
    writer.writerow(["article", "ts", "doc", "pos", "qty"])
    received = max(1, lines * 2 // _SKUS)
    for number in range(_SKUS):
        writer.writerow([f"A{number:05d}", _START.isoformat(), "R1", number, received])


def _orders(writer: Any, lines: int) -> None:
    dice = random.Random(lines)
    writer.writerow(["order_no", "line_no", "article", "qty", "price", "ordered_at", "country", "customer"])
    for number in range(lines):
        order = number // _LINES_AN_ORDER
        placed_at = _START + timedelta(seconds=order * _DAYS * 86_400 * _LINES_AN_ORDER // lines)
        article = f"A{int(_SKUS * dice.random() ** 2):05d}"
        price = f"{dice.randrange(100, 9900) / 100:.2f}"
        country = ("DE", "FR", "NL", "US")[order % 4]
        row = [f"O{order}", number % _LINES_AN_ORDER, article, dice.randrange(1, 4), price, placed_at.isoformat()]
        writer.writerow([*row, country, f"K{order % 9973}"])


if __name__ == "__main__":
    print(json.dumps(main(tuple(int(text) for text in sys.argv[1:]) or SIZES), indent=2))  # noqa: T201 - its output
