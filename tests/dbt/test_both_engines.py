"""The same models on DuckDB and on PostgreSQL: built from the same raw tables, compared cell by cell.

What only one engine understands, or understands otherwise, shows here: a function of its own, a division of integers,
where nulls sort, how a decimal is rounded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import duckdb
import psycopg
import pytest
import sqlalchemy as sa

from oms_core.settings import Settings
from pipelines.marts.compilation import Compiled, compile_metrics
from pipelines.resources.analytics_file import AnalyticsFile
from pipelines.resources.core_export import CoreExport
from pipelines.resources.dbt_project import DbtProject, NodeResult, PostgresTarget
from pipelines.resources.raw_store import load_changes
from tests.dbt.company import write_company
from tests.dbt.engines import Table, compared, copy_raw_tables, primary_keys, published_tables, same
from tests.dbt.questions import Asked, asked_of_every_metric

pytestmark = pytest.mark.postgres

ZONE = {"business_zone": "Europe/Berlin"}
LINES = "marts.fct_order_lines"
# The least faults there could be, in one row of PostgreSQL's copy, and what is told of each.
FAULTS = {
    "kept_amount = kept_amount + 0.000001": ".kept_amount: Decimal(",
    "ordered_quantity = ordered_quantity + 1": ".ordered_quantity: ",
    "placed_at = placed_at + interval '1 microsecond'": ".placed_at: datetime.datetime(",
    "category = null": ".category: '",
    "country = ''": ".country: '",
    "is_sale = not is_sale": ".is_sale: True is False",
    "order_line_id = -1": "(-1) only on the second",
}


# None of this company's orders was due and kept its promise: these are compared as zero with zero.
NOT_IN_THIS_COMPANY = {"orders_due_on_time", "orders_on_time_in_full", "perfect_orders", "lines_shipped_on_time"}


@dataclass(frozen=True)
class Both:
    """One company on both engines."""

    manifest: Any
    compiled: Compiled
    rendered: dict[str, str]
    results: dict[str, list[NodeResult]]
    duckdb: duckdb.DuckDBPyConnection
    postgres: psycopg.Connection

    def differences(self, table: str, key: tuple[str, ...]) -> list[str]:
        """What differs between a table here and there."""
        statement = f"select * from {table}"
        there = Table.of(self.duckdb.execute(statement))
        return compared(there, Table.of(self.postgres.execute(statement.encode())), key=key)

    def answers_differ(self, asked: Asked) -> list[str]:
        """What differs between the answers to a question."""
        there = Table.of(self.duckdb.execute(asked.duckdb, dict(asked.parameters)))
        return compared(there, Table.of(self.postgres.execute(asked.postgres.encode())))

    @contextmanager
    def planted(self, change: str) -> Iterator[None]:
        """One order line of PostgreSQL's copy is another one, for the length of a block."""
        chosen = f"select min(order_line_id) from {LINES} where is_sale and category is not null"
        with self.postgres.transaction(force_rollback=True):
            done = self.postgres.execute(f"update {LINES} set {change} where order_line_id = ({chosen})".encode())
            assert done.rowcount == 1
            yield

    def questions(self) -> list[Asked]:
        """A few questions to every metric, over all dates of the company."""
        ((start, end),) = self.duckdb.execute("select first_date, last_date from marts.dim_company").fetchall()
        assert isinstance(start, date)
        return list(asked_of_every_metric(self.compiled, rendered=self.rendered, start=start, end=end))


@pytest.fixture(scope="module")
def database(postgres_server: str) -> Iterator[str]:
    """The URL of a database that sorts text by its bytes, as DuckDB does."""
    maintenance = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    name = f"analytics_{uuid4().hex}"
    with maintenance.connect() as connection:
        connection.execute(sa.text(f"create database {name} template template0 encoding 'UTF8' locale 'C'"))
        # Fresh tables have no statistics; without them the planner takes every join for one of a few rows.
        connection.execute(sa.text(f"alter database {name} set enable_nestloop = off"))
    yield sa.make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with maintenance.connect() as connection:
        connection.execute(sa.text(f"drop database {name} with (force)"))
    maintenance.dispose()


@pytest.fixture(scope="module")
def both(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    settings = Settings.at(tmp_path_factory.mktemp("both") / "home")
    write_company(settings)
    file = AnalyticsFile(settings.home)
    postgres = psycopg.connect(database.replace("+psycopg", ""))
    with CoreExport(settings).session() as session, file.opened() as analytics:
        load_changes(analytics, session, full=False)
        copy_raw_tables(analytics, postgres)
    project, other = DbtProject(settings.home), DbtProject(settings.home, postgres=PostgresTarget(database))
    manifest, other_manifest = project.parse(), other.parse()
    results = {
        "duckdb": project.build(manifest, variables=ZONE),
        "postgres": other.build(other_manifest, variables=ZONE, unit_tests=True),
    }
    compiled = compile_metrics(
        manifest,
        semantic_manifest=project.semantic_manifest(),
        analyses=project.compile_analyses(manifest, variables=ZONE),
        project_dir=project.project_dir,
    )
    rendered = other.compile_analyses(other_manifest, variables=ZONE)
    postgres.execute("analyze")
    postgres.commit()
    with file.opened() as analytics:
        yield Both(manifest, compiled, rendered, results, analytics, postgres)
    postgres.close()


def test_the_company_has_facts_of_every_kind(both: Both) -> None:
    tables = both.duckdb.execute("select table_name from duckdb_tables() where schema_name = 'raw_oms'").fetchall()
    counted = {
        table: both.duckdb.execute(f'select count(*) from raw_oms."{table}"').fetchall()[0][0] for (table,) in tables
    }

    assert [table for table, rows in counted.items() if not rows] == []


def test_models_data_tests_and_unit_tests_pass_on_postgresql(both: Both) -> None:
    bad = [result for result in both.results["postgres"] if result.status not in ("success", "pass", "no-op")]
    ran = {result.unique_id for result in both.results["postgres"]}

    assert [f"{result.unique_id}: {result.status} {result.message}" for result in bad] == []
    assert {result.unique_id for result in both.results["duckdb"]} <= ran
    assert set(both.manifest.unit_tests) <= ran


def test_every_mart_and_report_is_the_same_cell_by_cell(both: Both) -> None:
    keys = primary_keys(both.manifest)

    assert published_tables(both.postgres) == published_tables(both.duckdb) == set(keys)
    assert {table: found for table, key in keys.items() if (found := both.differences(table, key))} == {}


def test_no_mart_is_compared_empty(both: Both) -> None:
    sizes = {
        table: both.duckdb.execute(f"select count(*) from {table}").fetchall()[0][0]
        for table in primary_keys(both.manifest)
    }

    assert [table for table, rows in sizes.items() if not rows] == []


def test_every_metric_gives_the_same_answers(both: Both) -> None:
    questions = both.questions()
    ready = {metric.name for metric in both.compiled.metrics if metric.status == "ready"}

    assert {asked.name.split(" by ")[0] for asked in questions} == ready
    assert {asked.name: found for asked in questions if (found := both.answers_differ(asked))} == {}


def test_no_metric_is_compared_blank(both: Both) -> None:
    totals = [asked for asked in both.questions() if asked.name.endswith("per period")]
    answers = {asked.name: both.duckdb.execute(asked.duckdb, dict(asked.parameters)).fetchall() for asked in totals}

    blank = {
        name.split(" by ")[0] for name, rows in answers.items() if not any(any(cell for cell in row) for row in rows)
    }
    assert blank == NOT_IN_THIS_COMPANY


@pytest.mark.parametrize(("fault", "told"), FAULTS.items())
def test_the_least_fault_in_one_cell_is_told(both: Both, fault: str, told: str) -> None:
    with both.planted(fault):
        found = both.differences(LINES, ("order_line_id",))

    assert len(found) in (1, 2)
    assert any(told in one for one in found), found
    assert both.differences(LINES, ("order_line_id",)) == []


def test_a_row_too_few_is_told(both: Both) -> None:
    with both.postgres.transaction(force_rollback=True):
        both.postgres.execute(
            f"delete from {LINES} where order_line_id = (select max(order_line_id) from {LINES})".encode()
        )

        assert ["only on the first" in one for one in both.differences(LINES, ("order_line_id",))] == [True]


def test_a_fault_in_one_cell_shows_in_the_answers_of_its_metrics(both: Both) -> None:
    with both.planted("kept_amount = kept_amount + 0.01"):
        wrong = {asked.name.split(" by ")[0] for asked in both.questions() if both.answers_differ(asked)}

    assert "net_sales" in wrong
    assert "orders" not in wrong


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1.0, 1.0 + 1e-10, True),
        (1.0, 1.0 + 1e-8, False),
        (Decimal("1.10"), Decimal("1.1"), True),
        (Decimal("1.10"), Decimal("1.100001"), False),
        (2, Decimal(2), True),
        (None, 0, False),
        (None, None, True),
        (True, 1, False),
        ("a", "A", False),
    ],
)
def test_cells_are_the_same_or_not(one: object, other: object, *, expected: bool) -> None:
    assert same(one, other) is expected
