"""What all marts cost from raw tables that are loaded already: seconds and peak memory at 0.1, 1 and 10 million lines.

`python -m tests.bench.marts_bench [LINES …]` writes the raw tables of a shop of each size by SQL (an order has three
lines, a line one shipped movement, a tenth more are receipts), runs every model in a process of its own, then every
data test, then publishes, and asks metrics of the snapshot. Beside it, in the same run, the same four numbers by
pandas and by PostgreSQL from the same raw rows, up to a million lines. Prints one JSON document.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from pipelines.marts import metrics, snapshots
from pipelines.marts.compilation import compile_metrics
from pipelines.marts.publishing import publish
from pipelines.resources.dbt_project import DbtProject
from pipelines.resources.raw_store import load_changes
from tests.bench.marts_twins import by_pandas, by_postgresql, ours

SIZES = (100_000, 1_000_000, 10_000_000)
_SKUS, _LOCATIONS, _DAYS = 10_000, 3, 365
_START = 1_735_689_600_000_000  # 2025-01-01 UTC in microseconds
_DAY = 86_400_000_000
_COMPARED_UP_TO = 1_000_000
_FIFO = "fifo"  # the tag of the models that follow layers of goods; stated apart
_QUESTIONS: dict[str, dict[str, Any]] = {
    "net_sales": {},
    "net_sales by day": {"grain": "day"},
    "orders by country": {"by": ["country"]},
    "average_order_value by month": {"grain": "month"},
    "net_sales by category": {"by": ["category"]},
    "units_shipped by location": {"by": ["location"]},
    "inventory_turnover": {},
    "inventory_turnover by month": {"grain": "month"},
    "out_of_stock_rate": {},
    "stock_value by category": {"by": ["category"]},
}


class _Empty:
    """A core that has nothing: loading it makes the raw tables in their present shape."""

    high_mark = 1

    def changes(self, table: str, *, low: int, chunk: int = 0) -> Iterator[list[tuple[object, ...]]]:
        """No rows."""
        del table, low, chunk
        return iter(())

    def totals(self, table: str) -> dict[str, int]:
        """No totals."""
        del table
        return {}


def main(sizes: tuple[int, ...]) -> dict[str, Any]:
    """Measure every size; returns the document that is printed."""
    return {"marts": [_measured(size) for size in sizes]}


def _measured(lines: int) -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="ordersight-bench-"))
    try:
        write_raw(home, lines)
        found: dict[str, Any] = {"lines": lines, "movements": lines * 11 // 10}
        for step in ("parse", "seeds", "models", "layers", "tests", "publish"):
            found[step] = _in_a_process(home, step)
        found["asking_milliseconds"] = _asking(home)
        if lines <= _COMPARED_UP_TO:
            found["the_same_numbers"] = _compared(home)
        return found
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _in_a_process(home: Path, step: str) -> dict[str, float]:
    started = time.monotonic()
    child = subprocess.Popen([sys.executable, "-m", "tests.bench.marts_bench", "--step", step, str(home)])
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise subprocess.CalledProcessError(child.returncode, step)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "peak_memory_mib": usage.ru_maxrss // 1024,
    }


def _step(step: str, home: Path) -> None:
    dbt = DbtProject(home)
    manifest = dbt.parse()
    variables = {"business_zone": "Europe/Berlin"}
    if step == "publish":
        analyses = dbt.compile_analyses(manifest, variables=variables)
        compiled = compile_metrics(
            manifest, semantic_manifest=dbt.semantic_manifest(), analyses=analyses, project_dir=dbt.project_dir
        )
        publish(home, home / "analytics.duckdb", high_mark=2, compiled=compiled, now=datetime.now(UTC))
    elif step != "parse":
        chosen = {
            "seeds": ["seed"],
            "models": ["run", "--exclude", f"tag:{_FIFO}"],
            "layers": ["run", "--select", f"tag:{_FIFO}"],
            "tests": ["test", "--exclude-resource-type", "unit_test"],
        }
        for result in dbt.results_of(chosen[step], manifest, variables=variables):
            if result.status in ("error", "fail"):
                raise SystemExit(f"{result.unique_id}: {result.message}")


def _asking(home: Path) -> dict[str, dict[str, float]]:
    snapshot = snapshots.open_snapshot(home)
    found = {}
    for text, question in _QUESTIONS.items():
        taken = []
        for _ in range(20):
            started = time.perf_counter()
            metrics.ask(snapshot, text.split(" ", maxsplit=1)[0], **question)
            taken.append((time.perf_counter() - started) * 1000)
        found[text] = {"median": round(statistics.median(taken), 1), "p95": round(sorted(taken)[18], 1)}
    snapshots.release_all()
    return found


def _compared(home: Path) -> dict[str, Any]:
    answers = {}
    seconds = {}
    for name, ask in (("ours", ours), ("pandas", by_pandas), ("postgresql", by_postgresql)):
        started = time.perf_counter()
        answers[name], asking = ask(home)
        seconds[name] = {"all": round(time.perf_counter() - started, 2), "asking": round(asking, 3)}
    if not answers["ours"] == answers["pandas"] == answers["postgresql"]:
        raise SystemExit(f"the three do not agree: {answers}")
    return {"seconds": seconds, "numbers": len(answers["ours"])}


def write_raw(home: Path, lines: int) -> None:
    """The raw tables of a shop with so many order lines, as a load would have left them."""
    home.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(home / "analytics.duckdb")) as raw:
        load_changes(raw, _Empty(), full=True)
        numbers = {
            "lines": lines,
            "orders": lines // 3,
            "skus": _SKUS,
            "locations": _LOCATIONS,
            "start": _START,
            "day": _DAY,
            "step": _DAYS * _DAY // max(1, lines // 3),
            "receipts": lines // 10,
        }
        for table, columns in _TABLES.items():
            names = ", ".join(column.split(" as ")[-1] for column in columns["select"])
            texts = ", ".join(columns["select"]).format(**numbers)
            source = columns["from"].format(**numbers)
            raw.execute(f"insert into raw_oms.{table} ({names}) select {texts} from {source}")
        raw.execute("update raw_oms.watermark set next_low = 2")
        _total(raw)
        raw.execute("checkpoint")


def _total(raw: duckdb.DuckDBPyConnection) -> None:
    """The totals that a core with these rows would have told."""
    manifest_free = [
        (table, "rows", "count(*)")
        for (table,) in raw.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw_oms'"
            " and table_name not in ('watermark', 'core_total')"
        ).fetchall()
    ]
    from oms_core.storage.export import EXPORTED

    sums = [(name, column, f"coalesce(sum({column}), 0)") for name, table in EXPORTED.items() for column in table.sums]
    for table, measure, expression in manifest_free + sums:
        raw.execute(f"insert into raw_oms.core_total select '{table}', '{measure}', {expression} from raw_oms.{table}")


_SEEN = ["{start} as recorded_at", "1 as change_id"]
_PLACED = "{start} + (n % {orders}) * {step}"
_TABLES: dict[str, dict[str, Any]] = {
    "company_setting": {
        "select": ["1 as version", "'Europe/Berlin' as time_zone", "'EUR' as base_currency", "'x' as actor", *_SEEN],
        "from": "range(1) as one(n)",
    },
    "channel_account": {
        "select": [
            "'shop-' || n as account",
            "['web', 'market', 'till', 'app'][n + 1] as channel",
            "'Shop' as name",
            "true as moves_stock",
            "false as fulfilled_here",
            "0 as priority",
            *_SEEN,
        ],
        "from": "range(4) as one(n)",
    },
    "location": {
        "select": [
            "'L' || n as location",
            "'Place' as name",
            "'DE' as country",
            "true as allows_negative_stock",
            "false as opening_from_first_balance",
            "'dated' as valuation",
            "'ever_moved' as listing",
            *_SEEN,
        ],
        "from": "range({locations}) as one(n)",
    },
    "sku": {
        "select": ["'A' || n as sku", "'Article' as title", "'C' || (n % 20) as category", *_SEEN],
        "from": "range({skus}) as one(n)",
    },
    "unit_cost": {
        "select": [
            "'A' || n as sku",
            "'' as location",
            "{start} - {day} as valid_from",
            "100 + n % 900 as unit_cost",
            "2 as cost_scale",
            "'EUR' as currency",
            *_SEEN,
        ],
        "from": "range({skus}) as one(n)",
    },
    "sales_order": {
        "select": [
            "n + 1 as order_id",
            "'shop-' || (n % 4) as account",
            "'O' || n as external_id",
            _PLACED + " as placed_at",
            "'EUR' as currency",
            "'EUR' as base_currency",
            "1 as base_rate",
            "0 as base_rate_scale",
            "['DE', 'FR', 'NL', 'US'][n % 4 + 1] as country",
            "'confirmed' as lifecycle",
            "1 as last_event_seq",
            "false as fulfilled_here",
            "0 as priority",
            "1 as edit_version",
            *_SEEN,
        ],
        "from": "range({orders}) as one(n)",
    },
    "order_event": {
        "select": [
            "n + 1 as order_id",
            "1 as seq",
            "'place' as event",
            "'confirmed' as to_state",
            _PLACED + " as occurred_at",
            "'feed' as actor",
            *_SEEN,
        ],
        "from": "range({orders}) as one(n)",
    },
    "order_line": {
        "select": [
            "n + 1 as line_id",
            "n % {orders} + 1 as order_id",
            "cast(n // {orders} as varchar) as line_key",
            "'item' as line_kind",
            "'A' || (hash(n) % {skus}) as sku",
            "1 + n % 3 as quantity",
            "1000 + hash(n) % 9000 as unit_price",
            "(1 + n % 3) * (1000 + hash(n) % 9000) as line_amount",
            "2 as money_scale",
            "'x' as content_sha256",
            *[
                f"0 as {name}"
                for name in (
                    *("cancelled_quantity", "moved_quantity", "discount_amount", "tax_amount", "shipped_quantity"),
                    *("delivered_quantity", "return_requested_quantity", "returned_quantity", "restocked_quantity"),
                    *("written_off_quantity", "sent_back_quantity", "cancelled_amount", "cancelled_discount"),
                    *("cancelled_tax", "moved_amount", "moved_discount", "moved_tax", "reserved_quantity"),
                    "allocated_quantity",
                )
            ],
            "false as fulfilled_here",
            "false as is_bundle",
            *_SEEN,
        ],
        "from": "range({lines}) as one(n)",
    },
    "stock_movement": {
        "select": [
            "n + 1 as movement_id",
            "'shop-0' as account",
            "'M' || n as source_key",
            "'A' || case when n < {lines} then hash(n) % {skus} else n % {skus} end as sku",
            "'L' || (n % {locations}) as location",
            "'sellable' as condition",
            "case when n < {lines} then 'ship' else 'receive' end as kind",
            "case when n < {lines} then -(1 + n % 3) else 20 end as quantity",
            _PLACED + " + {day} // 2 as occurred_at",
            "case when n < {lines} then 'shop-' || (n % {orders} % 4) end as order_account",
            "case when n < {lines} then 'O' || (n % {orders}) end as order_external_id",
            "'x' as content_sha256",
            "'feed' as actor",
            *_SEEN,
        ],
        "from": "range({lines} + {receipts}) as one(n)",
    },
    "stock_balance": {
        "select": [
            "sku as sku",
            "location as location",
            "condition as condition",
            "cast(sum(quantity) as bigint) as on_hand",
            "0 as committed",
            "0 as shortage",
            "true as allows_negative",
            "1 as change_id",
        ],
        "from": "raw_oms.stock_movement group by sku, location, condition",
    },
}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        _step(sys.argv[2], Path(sys.argv[3]))
    else:
        document = main(tuple(int(text) for text in sys.argv[1:]) or SIZES)
        print(json.dumps(document, indent=2))  # noqa: T201 - its output
