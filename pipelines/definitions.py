"""Assembly only: assets, resources and schedule of the project for Dagster, and for `oms build` without it."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from oms_core.settings import Settings
from pipelines.assets.analytics import analytics_assets
from pipelines.assets.journal import BuildJournal
from pipelines.assets.published import published_assets
from pipelines.assets.raw_oms import raw_assets
from pipelines.checks.published import readers_are_pointed_to_a_sound_snapshot
from pipelines.resources.analytics_file import AnalyticsFile
from pipelines.resources.core_export import CoreExport
from pipelines.resources.dbt_project import DbtProject
from pipelines.schedules import build_job, build_schedule


def resources_for(settings: Settings) -> dict[str, Any]:
    """What the assets of one home work with."""
    return {
        "core": CoreExport(settings),
        "analytics": AnalyticsFile(settings.home),
        "dbt": DbtProject(settings.home),
        "journal": BuildJournal(),
    }


def asset_graph(dbt: DbtProject) -> list[dg.AssetsDefinition]:
    """The whole graph, as the dbt project describes its part."""
    manifest = dbt.parse()
    return [raw_assets(manifest), analytics_assets(manifest), published_assets(manifest)]


CHECKS = [readers_are_pointed_to_a_sound_snapshot]


def build_definitions(resource_overrides: Mapping[str, object] | None = None) -> dg.Definitions:
    """The definitions of the home the environment names; overrides replace resources by name."""
    settings = Settings.from_environment()
    resources = {**resources_for(settings), **(resource_overrides or {})}
    return dg.Definitions(
        assets=asset_graph(resources["dbt"]),
        asset_checks=CHECKS,
        jobs=[build_job],
        schedules=[build_schedule(settings)],
        resources=resources,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What `dg` and `dagster` load."""
    return build_definitions()
