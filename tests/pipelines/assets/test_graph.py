"""The asset graph says of every asset what it is, where it belongs and how old it may grow."""

from pathlib import Path

import dagster as dg
import pytest

from oms_core.settings import Settings
from oms_core.storage.export import EXPORTED
from pipelines.assets.build import build
from pipelines.definitions import asset_graph, resources_for
from pipelines.resources.dbt_project import DbtProject
from tests.pipelines.marts.core_rows import CoreRows


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home, core = tmp_path_factory.mktemp("graph"), CoreRows()
    core.order(1, placed_at="2026-01-01")
    core.line(1, 1, amount="10.00")
    core.apply(Settings.at(home))
    return home


@pytest.fixture(scope="module")
def graph(home: Path) -> list[dg.AssetsDefinition]:
    return asset_graph(DbtProject(home))


def test_every_asset_has_a_description_a_group_and_a_freshness_policy(graph: list[dg.AssetsDefinition]) -> None:
    specs = [spec for assets in graph for spec in assets.specs]

    lacking = [
        spec.key.to_user_string()
        for spec in specs
        if not (spec.description and spec.group_name not in (None, "default") and spec.freshness_policy)
    ]

    assert lacking == []
    assert {spec.key for spec in specs} >= {dg.AssetKey(["raw_oms", table]) for table in EXPORTED}
    assert len(specs) == len({spec.key for spec in specs})


def test_the_graph_is_one_piece_from_raw_tables_to_the_snapshot(graph: list[dg.AssetsDefinition]) -> None:
    keys = {spec.key for assets in graph for spec in assets.specs}
    upstream = {dep.asset_key for assets in graph for spec in assets.specs for dep in spec.deps}
    marts = {key for key in keys if key.path[0] == "marts" and key.path[-1] != "snapshot"}

    assert upstream <= keys
    assert marts <= upstream


def test_every_materialization_tells_its_row_count(home: Path, graph: list[dg.AssetsDefinition]) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize(graph, instance=instance, resources=resources_for(Settings.at(home)))

    events = result.get_asset_materialization_events()
    told = {
        event.asset_key.to_user_string(): event.materialization.metadata.get("dagster/row_count")
        for event in events
        if event.asset_key
    }
    assert result.success
    assert len(told) == sum(len(list(assets.specs)) for assets in graph)
    assert [key for key, count in told.items() if count is None] == []
    assert told["raw_oms/order_line"] is not None
    assert told["raw_oms/order_line"].value == 1
    assert result.get_asset_check_evaluations()
    assert all(evaluation.passed for evaluation in result.get_asset_check_evaluations())


def test_a_build_needs_a_prepared_home(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="HOME_NOT_READY"):
        build(Settings.at(tmp_path))
