"""Compiling: once per content of the project, and only formulas that asking can answer."""

from pathlib import Path

import pytest
import sqlglot

from pipelines.marts import compilation
from pipelines.marts.compilation import Compiled
from pipelines.marts.compiled_cache import compiled_once
from pipelines.marts.templates import Formula, Metric, Template, Term

COMPILED = Compiled(
    metrics=(
        Metric(
            name="margin",
            label={"en": "Margin", "zh": "毛利"},
            unit="money",
            definition={"en": "Sales less cost.", "zh": "销售减成本。"},
            dimensions=("channel",),
            better="up",
            formula=Formula(numerator=(Term(1, "sales"), Term(-1, "cost")), denominator=(Term(1, "orders"),)),
        ),
    ),
    templates=(Template("sales", "sum", True, ("channel",), "select 1 as value", "v1", ("raw_oms.a", "marts.b")),),
)


def test_an_unchanged_project_is_compiled_once(tmp_path: Path) -> None:
    compilings: list[int] = []

    def compile_now() -> Compiled:
        compilings.append(1)
        return COMPILED

    first = compiled_once(tmp_path, {"turnover": "select 1"}, compile_now)
    kept = compiled_once(tmp_path, {"turnover": "select 1"}, compile_now)
    after_a_change = compiled_once(tmp_path, {"turnover": "select 2"}, compile_now)

    assert first == kept == after_a_change == COMPILED
    assert len(compilings) == 2


def test_a_derived_metric_is_a_signed_sum() -> None:
    expression = sqlglot.parse_one("a - (b + c - d)", read="duckdb")

    assert compilation._signed_names(expression, 1) == [(1, "a"), (-1, "b"), (-1, "c"), (1, "d")]


def test_a_derived_metric_that_multiplies_is_refused() -> None:
    with pytest.raises(ValueError, match="sum or difference"):
        compilation._signed_names(sqlglot.parse_one("a * b", read="duckdb"), 1)
