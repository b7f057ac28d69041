"""The check behind publishing that SQL cannot make: what readers are pointed to opens and belongs to this build."""

import dagster as dg

from pipelines.assets.journal import BuildJournal
from pipelines.marts.metrics import list_metrics
from pipelines.marts.snapshots import current_snapshot
from pipelines.resources.analytics_file import AnalyticsFile


@dg.asset_check(asset=dg.AssetKey(["marts", "snapshot"]))
def readers_are_pointed_to_a_sound_snapshot(
    analytics: dg.ResourceParam[AnalyticsFile], journal: dg.ResourceParam[BuildJournal]
) -> dg.AssetCheckResult:
    """`CURRENT` names the snapshot this build published, and its metrics can be listed from the file."""
    snapshot = current_snapshot(analytics.home)
    metrics = list_metrics(snapshot) if snapshot else []
    return dg.AssetCheckResult(
        passed=snapshot is not None and bool(metrics) and snapshot.id == journal.snapshot_id,
        metadata={"snapshot": snapshot.id if snapshot else "", "metrics": len(metrics)},
    )
