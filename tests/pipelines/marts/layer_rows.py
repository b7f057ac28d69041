"""The layer models on movements written as values: their compiled SQL on an empty DuckDB, without a core or a build.

Belongs here: how a script of movements becomes the layers the models say, at any instant. What they should be is in
the tests.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from pipelines.resources.dbt_project import DbtProject

_MODELS = ("movements", "costs", "matches", "ways", "steps", "sources", "pieces")
_STAGED = """create or replace table analytics.staging.stg_oms__stock_movements (
    movement_id bigint, reverses_movement_id bigint, account varchar, sku varchar, location varchar, condition varchar,
    movement_kind varchar, order_account varchar, order_external_id varchar, document_kind varchar,
    document_ref varchar, currency varchar, quantity bigint, unit_cost decimal(18, 6), occurred_at timestamp)"""
_COSTED = """create or replace view analytics.intermediate.int_stock_movements_costed as
    select movement_id, quantity, cast(null as varchar) as currency, cast(null as decimal(18, 6)) as unit_cost
    from analytics.staging.stg_oms__stock_movements"""
_AT = """select location, condition, origin_movement_id, quantity from analytics.marts.fct_stock_layers
    where valid_from <= ? and coalesce(valid_to, timestamp '9999-01-01') > ?"""


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement of the only SKU, `at` so many minutes after a fixed instant; `unit_cost` of goods that are new."""

    movement_id: int
    kind: str
    quantity: int
    at: int
    place: tuple[str, str] = ("A", "sellable")
    document: str | None = None
    order: str | None = None
    reverses: int | None = None
    unit_cost: int | None = None


Held = dict[tuple[str, str], Counter[int]]  # place → units by the movement their goods first came with


class LayerModels:
    """The compiled models; `layers` makes tables of a script, `held` reads what lies where at an instant."""

    def __init__(self, home: Path) -> None:
        dbt = DbtProject(home)
        dbt.results_of(["compile", "--select", "tag:fifo"], dbt.parse(), variables={"business_zone": "UTC"})
        folder = dbt.target_dir / "compiled" / "ordersight" / "models"
        names = [f"int_layer_{name}" for name in _MODELS]
        self._models = [
            *((f"intermediate.{name}", (folder / "intermediate/stock" / f"{name}.sql").read_text()) for name in names),
            ("marts.fct_stock_layers", (folder / "marts/stock/fct_stock_layers.sql").read_text()),
        ]

    @contextmanager
    def tables(self, script: Sequence[Moved]) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection in which the models are tables made of this script."""
        connection = duckdb.connect(":memory:")
        try:
            connection.execute("attach ':memory:' as analytics")
            for schema in ("staging", "intermediate", "marts"):
                connection.execute(f"create schema analytics.{schema}")
            connection.execute(_STAGED)
            connection.execute(_COSTED)
            connection.execute("create table analytics.marts.dim_sku as select 'MUG' as sku, 'cups' as category")
            connection.execute("create table analytics.marts.dim_company as select 'EUR' as base_currency")
            connection.executemany(
                "insert into analytics.staging.stg_oms__stock_movements values"
                " (?, ?, 'shop', 'MUG', ?, ?, ?, null, ?, 'test', ?, ?, ?, ?,"
                " timestamp '2026-01-01' + ? * interval '1 minute')",
                [_row(it) for it in script],
            )
            for name, sql in self._models:
                connection.execute(f"create table analytics.{name} as {sql}")
            yield connection
        finally:
            connection.close()


def held(connection: duckdb.DuckDBPyConnection, minute: int) -> Held:
    """Units by place and origin at the end of a minute; owed units below zero, under the origin 0."""
    instant = connection.execute("select timestamp '2026-01-01' + ? * interval '1 minute'", [minute]).fetchall()[0][0]
    found: Held = {}
    for location, condition, origin, quantity in connection.execute(_AT, [instant, instant]).fetchall():
        found.setdefault((location, condition), Counter())[origin if quantity > 0 else 0] += quantity
    return found


def pieces(connection: duckdb.DuckDBPyConnection, columns: str) -> list[tuple[Any, ...]]:
    """Columns of every piece of a layer, in their order."""
    return connection.execute(f"select {columns} from analytics.marts.fct_stock_layers order by all").fetchall()


def _row(it: Moved) -> list[Any]:
    cost = None if it.unit_cost is None else Decimal(it.unit_cost)
    names = (it.movement_id, it.reverses, *it.place, it.kind, it.order, it.document)
    return [*names, None if cost is None else "EUR", it.quantity, cost, it.at]
