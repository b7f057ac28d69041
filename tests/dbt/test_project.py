"""The dbt project as such: unit tests pass, descriptions and units are there, sources are what the core exports."""

import re
from pathlib import Path
from typing import Any

import pytest

from oms_core.settings import Settings
from oms_core.storage.export import EXPORTED
from pipelines.resources.analytics_file import AnalyticsFile
from pipelines.resources.core_export import CoreExport
from pipelines.resources.dbt_project import PROJECT_DIR, DbtProject
from pipelines.resources.raw_store import load_changes
from tests.pipelines.marts.core_rows import CoreRows

UNIT = re.compile(r"\((no unit|units|date|UTC|ISO 4217|true or false|money in `\w+`)\)\.$")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> DbtProject:
    return DbtProject(tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def manifest(project: DbtProject) -> Any:
    return project.parse()


def models(manifest: Any, folder: str = "") -> list[Any]:
    found = [node for node in manifest.nodes.values() if node.resource_type == "model"]
    return [node for node in found if folder in str(node.original_file_path)]


def test_unit_tests_and_data_tests_pass_on_an_empty_company(project: DbtProject, manifest: Any) -> None:
    settings = Settings.at(project.home)
    CoreRows().apply(settings)
    with CoreExport(settings).session() as session, AnalyticsFile(project.home).opened() as connection:
        load_changes(connection, session, full=False)

    results = project.build(manifest, variables={"business_zone": "UTC"}, unit_tests=True)

    assert [result for result in results if result.status not in ("success", "pass", "no-op")] == []
    assert sum(result.unique_id.startswith("unit_test.") for result in results) == len(manifest.unit_tests) > 5


def test_every_model_says_what_a_row_is(manifest: Any) -> None:
    assert [node.name for node in models(manifest) if not node.description.strip().startswith("One row per")] == []


def test_every_mart_has_a_contract_a_primary_key_and_units_in_every_column(manifest: Any) -> None:
    marts = models(manifest, "models/marts/")

    assert [node.name for node in marts if not node.contract.enforced] == []
    assert [node.name for node in marts if "primary_key" not in {str(one.type.value) for one in node.constraints}] == []
    lacking = [
        f"{node.name}.{column.name}: {column.description}"
        for node in marts
        for column in node.columns.values()
        if not UNIT.search(column.description)
    ]
    assert lacking == []


def test_sources_are_exactly_what_the_core_exports(manifest: Any) -> None:
    sources = {source.name: source.config.meta for source in manifest.sources.values() if source.name != "core_total"}

    assert {name: (tuple(meta["key"]), tuple(meta["sums"])) for name, meta in sources.items()} == {
        table.name: (table.key, table.sums) for table in EXPORTED.values()
    }


def test_only_staging_reads_sources_and_layers_point_one_way(manifest: Any) -> None:
    reading = {
        node.name for node in models(manifest) if any(parent.startswith("source.") for parent in node.depends_on_nodes)
    }
    backwards = [
        (node.name, parent)
        for node in models(manifest, "models/staging/") + models(manifest, "models/intermediate/")
        for parent in node.depends_on_nodes
        if parent.startswith("model.") and manifest.nodes[parent].schema == "marts"
    ]

    assert {name for name in reading if not name.startswith("stg_")} == set()
    assert backwards == []


DUCKDB_ONLY = re.compile(r"group by all\b|order by all\b|\bfilter\s*\(\s*where|::|\bqualify\b|\basof\b", re.IGNORECASE)


def test_models_stay_within_what_other_engines_understand() -> None:
    found = {
        path.name: match.group(0)
        for path in (PROJECT_DIR / "models").rglob("*.sql")
        if (match := DUCKDB_ONLY.search(path.read_text(encoding="utf-8")))
    }

    assert found == {}


def test_a_build_writes_nothing_into_the_project(project: DbtProject, manifest: Any) -> None:
    before = files_of(project.project_dir)

    project.compile_analyses(project.parse(), variables={"business_zone": "UTC"})

    assert files_of(project.project_dir) == before


def files_of(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
