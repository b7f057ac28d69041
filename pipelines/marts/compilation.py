"""Compiles every metric of the dbt project once per build: MetricFlow for sums over rows, macros for the rest.

Labels, definitions and units are read from the dbt project, the one place that has them. Nothing here knows a
formula. MetricFlow is imported inside the functions: it takes a second, and readers never need it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlglot
import yaml
from sqlglot import exp

from pipelines.marts.lineage import lineage_of, marts_of
from pipelines.marts.templates import (
    DIMENSIONS,
    INTERVAL_COLUMNS,
    MONEY_COLUMNS,
    SUM_COLUMNS,
    Formula,
    Mart,
    Metric,
    Template,
    Term,
)

_DIALECT = "duckdb"
DUE_FILE = "due_metrics.yml"


@dataclass(frozen=True, slots=True)
class Compiled:
    """All metrics of the project, ready and due, the templates the ready ones are asked with, and the marts' keys."""

    metrics: tuple[Metric, ...]
    templates: tuple[Template, ...]
    marts: tuple[Mart, ...] = ()


def compile_metrics(
    manifest: Any, *, semantic_manifest: str, analyses: Mapping[str, str], project_dir: Path
) -> Compiled:
    """Compile what the manifest defines.

    Args:
        manifest: dbt's manifest object.
        semantic_manifest: dbt's semantic manifest, JSON text.
        analyses: compiled SQL of the metric macros, by analysis name.
        project_dir: holds `due_metrics.yml`, the names that come with a later issue.
    """
    simple = {metric.name: metric for metric in manifest.metrics.values() if str(_value(metric.type)) == "simple"}
    shown = {name: metric for name, metric in simple.items() if "part_of" not in _meta(metric)}
    engine = _MetricFlow(semantic_manifest)
    templates = [
        _sum_template(engine, metric, base=_meta(metric).get("base_metric"), lineage=lineage_of(manifest, metric))
        for metric in shown.values()
    ]
    interval_nodes = [node for node in manifest.nodes.values() if node.unique_id.startswith("analysis.")]
    templates += [
        _interval_template(node, analyses[node.name], lineage=lineage_of(manifest, node)) for node in interval_nodes
    ]
    by_name = {template.name: template for template in templates}
    metrics = [
        _metric(metric, _formula(metric, manifest), by_name)
        for metric in manifest.metrics.values()
        if "part_of" not in _meta(metric)
    ]
    metrics += [_metric(node, Formula(interval=node.name), by_name) for node in interval_nodes]
    ready = {metric.name for metric in metrics}
    metrics += [due for due in _due_metrics(project_dir / DUE_FILE) if due.name not in ready]
    return Compiled(metrics=tuple(metrics), templates=tuple(templates), marts=marts_of(manifest))


class _MetricFlow:
    """MetricFlow with a renderer and no database: it only explains."""

    def __init__(self, semantic_manifest: str) -> None:
        from metricflow.engine.metricflow_engine import MetricFlowEngine  # noqa: PLC0415 - see above
        from metricflow_semantics.model.dbt_manifest_parser import parse_manifest_from_dbt_generated_manifest  # noqa: PLC0415 - see above
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup  # noqa: PLC0415 - see above

        self.manifest = parse_manifest_from_dbt_generated_manifest(semantic_manifest)
        client: Any = _RenderOnly()
        self._engine = MetricFlowEngine(
            semantic_manifest_lookup=SemanticManifestLookup(self.manifest), sql_client=client
        )

    def dimensions(self, measure: str) -> tuple[str, tuple[str, ...]]:
        """Primary entity and plain dimension names of the semantic model that has a measure."""
        for model in self.manifest.semantic_models:
            if any(candidate.name == measure for candidate in model.measures):
                entity = next(entity.name for entity in model.entities if _value(entity.type) == "primary")
                names = {dimension.name for dimension in model.dimensions}
                return entity, tuple(name for name in (*DIMENSIONS, "base_currency") if name in names)
        raise LookupError(measure)

    def sql(self, metrics: Sequence[str], *, entity: str, dimensions: Iterable[str]) -> str:
        """One statement that groups the metrics by day and every dimension."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest  # noqa: PLC0415 - see above

        grouped = ["metric_time__day", *(f"{entity}__{name}" for name in dimensions)]
        request = MetricFlowQueryRequest.create(metric_names=list(metrics), group_by_names=grouped)
        return str(self._engine.explain(request).sql_statement.sql)


class _RenderOnly:
    """The part of MetricFlow's client that compiling needs."""

    def __init__(self) -> None:
        from metricflow.protocols.sql_client import SqlEngine  # noqa: PLC0415 - see above
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer  # noqa: PLC0415 - see above

        self.sql_engine_type = SqlEngine.DUCKDB
        self.sql_plan_renderer = DuckDbSqlPlanRenderer()

    def render_bind_parameter_key(self, bind_parameter_key: str) -> str:
        """DuckDB's way to name a parameter."""
        return f"${bind_parameter_key}"


def _sum_template(engine: _MetricFlow, metric: Any, *, base: str | None, lineage: tuple[str, ...]) -> Template:
    entity, dimensions = engine.dimensions(metric.type_params.measure.name)
    is_money = _meta(metric)["unit"] == "money"
    grouped = tuple(name for name in dimensions if name in DIMENSIONS or is_money)
    names = [metric.name, *([base] if base else [])]
    statement = sqlglot.parse_one(engine.sql(names, entity=entity, dimensions=grouped), read=_DIALECT)
    renamed = {f"{entity}__{name}": name for name in (*dimensions, *_flags(engine, entity))}
    renamed |= {"metric_time__day": "business_date", **dict(zip(names, SUM_COLUMNS, strict=False))}
    statement = statement.transform(_without_day_truncation).transform(_renaming(renamed))
    if not isinstance(statement, exp.Select):
        raise TypeError(metric.name)
    _bucket_the_date(statement)
    return _template(metric.name, "sum", is_money=is_money, statement=statement, dimensions=grouped, lineage=lineage)


def _flags(engine: _MetricFlow, entity: str) -> set[str]:
    models = [model for model in engine.manifest.semantic_models if any(one.name == entity for one in model.entities)]
    return {dimension.name for model in models for dimension in model.dimensions}


def _renaming(names: Mapping[str, str]) -> Any:
    def rename(node: exp.Expression) -> exp.Expression:
        if isinstance(node, exp.Column) and node.name in names:
            return exp.column(names[node.name], table=node.table or None)
        if isinstance(node, exp.Alias) and node.alias in names:
            node.set("alias", exp.to_identifier(names[node.alias]))
        return node

    return rename


def _without_day_truncation(node: exp.Expression) -> exp.Expression:
    """A mart's date column is a day already, its contract says so; bare, it lets DuckDB skip what a filter excludes."""
    is_day = isinstance(node, exp.DateTrunc | exp.TimestampTrunc) and node.text("unit").lower() == "day"
    return node.this if is_day else node


def _bucket_the_date(statement: exp.Select) -> None:
    """Call the outer day `bucket_date`, so that a filter on `business_date` is never taken for the bucket."""
    projections = [
        exp.alias_(exp.cast(projection.unalias().copy(), "date"), "bucket_date")
        if projection.alias_or_name == "business_date"
        else projection
        for projection in statement.expressions
    ]
    statement.set("expressions", projections)


def _interval_template(node: Any, sql: str, *, lineage: tuple[str, ...]) -> Template:
    statement = sqlglot.parse_one(sql, read=_DIALECT)
    if not isinstance(statement, exp.Select):
        raise TypeError(node.name)
    names = [projection.alias_or_name for projection in statement.expressions]
    dimensions = tuple(name for name in names if name not in ("bucket_date", *INTERVAL_COLUMNS))
    is_money = set(MONEY_COLUMNS) <= set(names)
    return _template(
        node.name, "interval", is_money=is_money, statement=statement, dimensions=dimensions, lineage=lineage
    )


def _template(
    name: str,
    kind: str,
    *,
    is_money: bool,
    statement: exp.Select,
    dimensions: Iterable[str],
    lineage: tuple[str, ...],
) -> Template:
    for table in statement.find_all(exp.Table):
        table.set("catalog", None)  # the private file's name means nothing inside a snapshot
    sql = statement.sql(dialect=_DIALECT, pretty=True, comments=False, identify=False)
    return Template(
        name=name,
        kind=kind,
        is_money=is_money,
        dimensions=tuple(dimension for dimension in dimensions if dimension in DIMENSIONS),
        sql=sql,
        version=hashlib.sha256(sql.encode()).hexdigest()[:12],
        lineage=lineage,
    )


def _formula(metric: Any, manifest: Any) -> Formula:
    kind = str(_value(metric.type))
    if kind == "simple":
        return Formula(numerator=(Term(1, metric.name),))
    others = {other.name: other for other in manifest.metrics.values()}
    if kind == "ratio":
        sides = (metric.type_params.numerator.name, metric.type_params.denominator.name)
        numerator, denominator = (_formula(others[name], manifest).numerator for name in sides)
        return Formula(numerator=numerator, denominator=denominator)
    if kind == "derived":
        terms = _signed_names(sqlglot.parse_one(metric.type_params.expr, read=_DIALECT), 1)
        spread = [
            Term(sign * term.sign, term.template)
            for sign, name in terms
            for term in _formula(others[name], manifest).numerator
        ]
        return Formula(numerator=tuple(spread))
    raise ValueError(f"{metric.name}: metrics of type {kind} are not asked")


def _signed_names(expression: Any, sign: int) -> list[tuple[int, str]]:
    if isinstance(expression, exp.Column):
        return [(sign, expression.name)]
    if isinstance(expression, exp.Paren):
        return _signed_names(expression.this, sign)
    if isinstance(expression, exp.Add):
        return _signed_names(expression.this, sign) + _signed_names(expression.expression, sign)
    if isinstance(expression, exp.Sub):
        return _signed_names(expression.this, sign) + _signed_names(expression.expression, -sign)
    raise ValueError(f"a derived metric is a sum or difference of metrics: {expression.sql()}")


def _metric(node: Any, formula: Formula, templates: Mapping[str, Template]) -> Metric:
    meta = _meta(node)
    used = [term.template for term in (*formula.numerator, *formula.denominator)] or [str(formula.interval)]
    shared = [name for name in DIMENSIONS if all(name in templates[part].dimensions for part in used)]
    return Metric(
        name=node.name,
        label={"en": str(meta.get("label") or node.label), "zh": str(meta["label_zh"])},
        unit=str(meta["unit"]),
        definition={"en": node.description.strip(), "zh": str(meta["definition_zh"])},
        dimensions=tuple(shared),
        better=meta.get("better"),
        formula=formula,
        asked_by=tuple(meta.get("asked_by", ())),
        owner=meta.get("owner"),
        cohort=meta.get("cohort"),
        maturity_days=meta.get("maturity_days"),
    )


def _due_metrics(path: Path) -> list[Metric]:
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))["metrics"]
    return [
        Metric(
            name=entry["name"],
            label=entry["label"],
            unit=entry["unit"],
            definition=entry["definition"],
            dimensions=(),
            better=entry.get("better"),
            status="due",
            reason=entry["reason"],
            owner=entry.get("owner"),
            cohort=entry.get("cohort"),
            maturity_days=entry.get("maturity_days"),
        )
        for entry in entries
    ]


def _meta(node: Any) -> dict[str, Any]:
    return dict(node.config.meta or {})


def _value(kind: Any) -> Any:
    return getattr(kind, "value", kind)
