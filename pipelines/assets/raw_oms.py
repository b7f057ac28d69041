"""Raw tables: the core's changes since the watermark.

One step and one export session for all of them, so that they belong to the same instant; one transaction, so that a
killed load leaves nothing.
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from oms_core.storage.export import EXPORTED
from pipelines import freshness
from pipelines.assets.journal import BuildJournal
from pipelines.resources.analytics_file import AnalyticsFile
from pipelines.resources.core_export import CoreExport
from pipelines.resources.raw_store import load_changes

GROUP = "raw_oms"


def raw_key(table: str) -> dg.AssetKey:
    """Asset key of a raw table: its name in the analytics file."""
    return dg.AssetKey(["raw_oms", table])


def raw_assets(manifest: Any) -> dg.AssetsDefinition:
    """One asset per exported table, described as dbt describes the source, loaded together."""
    described = {source.name: source.description for source in manifest.sources.values()}

    @dg.multi_asset(
        name="raw_oms",
        specs=[
            dg.AssetSpec(
                raw_key(table),
                description=described[table],
                group_name=GROUP,
                freshness_policy=freshness.RAW,
                kinds={"python", "duckdb"},
            )
            for table in EXPORTED
        ],
    )
    def load_raw_tables(
        core: dg.ResourceParam[CoreExport],
        analytics: dg.ResourceParam[AnalyticsFile],
        journal: dg.ResourceParam[BuildJournal],
    ) -> Iterator[dg.MaterializeResult[None]]:
        """The core's changes since the watermark, every version of a row; a rerun adds nothing twice."""
        with core.session() as session, analytics.opened() as connection:
            loads = load_changes(connection, session, full=journal.full)
            high_mark = session.high_mark
        for table, load in loads.items():
            journal.rows[table] = load.appended
            yield dg.MaterializeResult(
                asset_key=raw_key(table),
                metadata={
                    "dagster/row_count": load.rows,
                    "appended_rows": load.appended,
                    "high_mark": high_mark,
                    "quarantined_rows": loads["feed_quarantine"].rows,
                },
            )

    return load_raw_tables
