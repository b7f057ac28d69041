"""The last asset: marts and metrics of a green build as one immutable snapshot."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from pipelines import freshness
from pipelines.assets.analytics import model_key
from pipelines.assets.journal import BuildJournal
from pipelines.marts.compilation import compile_metrics
from pipelines.marts.compiled_cache import compiled_once
from pipelines.marts.publishing import publish
from pipelines.resources.analytics_file import AnalyticsFile
from pipelines.resources.dbt_project import DbtProject


def published_assets(manifest: Any) -> dg.AssetsDefinition:
    """The snapshot asset, behind every mart."""
    marts = [
        model_key(node)
        for node in manifest.nodes.values()
        if node.resource_type == "model" and node.schema in ("marts", "reports")
    ]

    @dg.asset(
        key=["marts", "snapshot"],
        deps=marts,
        group_name="published",
        freshness_policy=freshness.PUBLISHED,
        kinds={"duckdb"},
    )
    def snapshot(
        dbt: dg.ResourceParam[DbtProject],
        analytics: dg.ResourceParam[AnalyticsFile],
        journal: dg.ResourceParam[BuildJournal],
    ) -> dg.MaterializeResult[None]:
        """Published snapshots. One file per green build; the pointer moves last, so readers never see a part."""
        with analytics.opened() as connection:
            zone, high_mark = connection.execute(
                "select (select business_zone from marts.dim_company), (select min(next_low) from raw_oms.watermark)"
            ).fetchall()[0]
        analyses = dbt.compile_analyses(manifest, variables={"business_zone": str(zone)})
        compiled = compiled_once(
            dbt.target_dir,
            analyses,
            lambda: compile_metrics(
                manifest,
                semantic_manifest=dbt.semantic_manifest(),
                analyses=analyses,
                project_dir=dbt.project_dir,
            ),
        )
        published = publish(
            analytics.home, analytics.path, high_mark=int(high_mark), compiled=compiled, now=datetime.now(UTC)
        )
        journal.snapshot_id = published.snapshot_id
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(published.rows.values()),
                "snapshot": published.snapshot_id,
                "high_mark": int(high_mark),
                "metrics": len(compiled.metrics),
            }
        )

    return snapshot
