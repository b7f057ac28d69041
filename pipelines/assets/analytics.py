"""dbt models and tests as assets and checks: one asset per model, one check per test, one run of dbt in this process.

The translation is our own because importing dagster-dbt takes longer than the whole build, and its runner starts dbt
as a process of its own (docs/decisions, "dbt runs inside the build").
"""

import re
from collections.abc import Iterator
from typing import Any

import dagster as dg

from pipelines import freshness
from pipelines.assets.journal import BuildJournal
from pipelines.assets.raw_oms import raw_key
from pipelines.resources.analytics_file import AnalyticsFile
from pipelines.resources.dbt_project import DbtProject, NodeResult

_UNDONE = ("error", "skipped", "fail")


def model_key(node: Any) -> dg.AssetKey:
    """Asset key of a model: schema and name of its table."""
    return dg.AssetKey([node.schema, node.name])


def analytics_assets(manifest: Any) -> dg.AssetsDefinition:
    """Assets and checks of every model and test in the manifest."""
    models = {node.unique_id: node for node in manifest.nodes.values() if node.resource_type == "model"}
    checks = _checks(manifest, models)

    @dg.multi_asset(
        name="analytics",
        specs=[_spec(node, manifest, models) for node in models.values()],
        check_specs=list(checks.values()),
    )
    def build_models(
        dbt: dg.ResourceParam[DbtProject],
        analytics: dg.ResourceParam[AnalyticsFile],
        journal: dg.ResourceParam[BuildJournal],
    ) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
        """`dbt build` in this process; raises when a model breaks or a test finds a row."""
        journal.results = dbt.build(manifest, variables={"business_zone": _business_zone(analytics)})
        by_id = {result.unique_id: result for result in journal.results}
        rows = _row_counts(analytics, models)
        for result in journal.results:  # in the order dbt ran them, which is the order of the graph
            node = models.get(result.unique_id)
            if node is not None and result.status not in _UNDONE:
                yield dg.MaterializeResult(
                    asset_key=model_key(node),
                    metadata={"dagster/row_count": rows.get(result.unique_id, 0), "seconds": result.seconds},
                )
        for unique_id, check in checks.items():
            yield _check_result(check, by_id.get(unique_id))
        undone = [*journal.broken_models, *journal.failed_tests]
        if undone:
            raise dg.Failure(
                description="; ".join(f"{result.unique_id}: {result.message}" for result in undone),
                allow_retries=False,
            )

    return build_models


def _spec(node: Any, manifest: Any, models: dict[str, Any]) -> dg.AssetSpec:
    upstream = [
        model_key(models[parent]) if parent in models else raw_key(manifest.sources[parent].name)
        for parent in node.depends_on_nodes
        if parent in models or (parent in manifest.sources and manifest.sources[parent].name != "core_total")
    ]
    return dg.AssetSpec(
        model_key(node),
        deps=upstream,
        description=node.description,
        group_name=node.schema,
        freshness_policy=freshness.MODELS,
        skippable=True,
        kinds={"dbt", "duckdb"},
    )


def _checks(manifest: Any, models: dict[str, Any]) -> dict[str, dg.AssetCheckSpec]:
    tests = [node for node in manifest.nodes.values() if node.resource_type == "test"]
    checks: dict[str, dg.AssetCheckSpec] = {}
    for test in tests:
        parents = [parent for parent in test.depends_on_nodes if parent in models]
        attached = getattr(test, "attached_node", None)
        asset = models.get(attached or "") or (models[parents[0]] if parents else None)
        if asset is not None:
            checks[test.unique_id] = dg.AssetCheckSpec(
                name=re.sub(r"\W", "_", test.name), asset=model_key(asset), description=test.description or None
            )
    return checks


def _check_result(check: dg.AssetCheckSpec, result: NodeResult | None) -> dg.AssetCheckResult:
    status = result.status if result else "skipped"
    return dg.AssetCheckResult(
        asset_key=check.asset_key,
        check_name=check.name,
        passed=status not in _UNDONE,
        metadata={"status": status, "failing_rows": result.failures if result else 0},
    )


def _business_zone(analytics: AnalyticsFile) -> str:
    with analytics.opened() as connection:
        found = connection.execute(
            "select time_zone from raw_oms.company_setting order by version desc, change_id desc limit 1"
        ).fetchall()
    return str(found[0][0]) if found else "UTC"


def _row_counts(analytics: AnalyticsFile, models: dict[str, Any]) -> dict[str, int]:
    """Rows of every model's table; a view's rows are counted by the tables built from it."""
    with analytics.opened() as connection:
        sizes = {
            (str(schema), str(table)): int(size)
            for schema, table, size in connection.execute(
                "select schema_name, table_name, estimated_size from duckdb_tables()"
            ).fetchall()
        }
    return {unique_id: sizes.get((node.schema, node.name), 0) for unique_id, node in models.items()}
