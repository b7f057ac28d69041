"""The documents say what the programs do: every key, rule and code is described, and the examples work."""

import re
from pathlib import Path

import pytest
import yaml

from oms_core.services.company import prepare
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine
from pipelines.feeds import column_map
from pipelines.feeds.conditions import ConditionSpec
from pipelines.feeds.load import load_files

REPOSITORY = Path(__file__).resolve().parents[1]
FEEDS_GUIDE = (REPOSITORY / "docs/guide/feeds.md").read_text("utf-8")
CODE = re.compile(r'"((?:MAP|FILE|FORMAT)_[A-Z]+)"')
HELD_RULE = re.compile(
    r'(?:CellFault|_CellError|_fault|HeldRow)\(\s*(?:[^,()"]+(?:\([^()]*\))?,\s*|"",?\s*)*"([a-z_]+)"'
)


def feed_sources() -> str:
    folders = (REPOSITORY / "pipelines/feeds", REPOSITORY / "oms_core/services")
    return "\n".join(path.read_text("utf-8") for folder in folders for path in sorted(folder.glob("*.py")))


def code_blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", FEEDS_GUIDE, re.DOTALL)


@pytest.mark.parametrize(
    "model",
    [
        "ColumnMap",
        "ColumnSpec",
        "AccountSpec",
        "LocationSpec",
        "ClassRule",
        "LineKindRule",
        "MovementRule",
        "SnapshotRule",
    ],
)
def test_every_key_of_a_map_is_described(model):
    fields = getattr(column_map, model).model_fields
    keys = {field.alias or name for name, field in fields.items()}

    assert {key for key in keys if not re.search(rf"[`{{ ]{key}\b", FEEDS_GUIDE)} == set()


def test_every_condition_is_described():
    names = {"in" if name == "one_of" else name for name in ConditionSpec.model_fields} - {"equals"}

    assert {name for name in names if f"{name}:" not in FEEDS_GUIDE} == set()


def test_every_code_and_rule_of_feeds_is_described():
    told = set(CODE.findall(feed_sources())) | set(HELD_RULE.findall(feed_sources()))

    assert {"MAP_INVALID", "unknown_code", "required"} <= told
    assert {name for name in told if f"`{name}`" not in FEEDS_GUIDE} == set()


def test_every_sample_map_is_named():
    maps = {path.stem for path in column_map.SHIPPED.glob("sample_*.yml")}

    assert {name for name in maps if f"`{name}`" not in FEEDS_GUIDE} == set()


def test_the_first_map_of_the_guide_loads_its_example(tmp_path):
    example = next(block for block in code_blocks("") if block.startswith("Bestellung;"))
    (tmp_path / "orders.csv").write_text(example, encoding="utf-8")
    (tmp_path / "map.yml").write_text(code_blocks("yaml")[0], encoding="utf-8")
    settings = Settings.at(tmp_path / "home")
    prepare(settings, time_zone="Europe/Berlin", base_currency="EUR", actor="test", now=0)
    engine = open_engine(settings)

    result = load_files(engine, settings, "table", [tmp_path / "orders.csv"], map_path=tmp_path / "map.yml")

    engine.dispose()
    assert (result.counts.orders, result.counts.lines, result.counts.quarantined_rows) == (2, 3, 0)


@pytest.mark.parametrize("block", code_blocks("yaml")[1:])
def test_every_fragment_of_the_guide_is_part_of_a_map(block):
    fragment = yaml.safe_load(block)

    assert set(fragment) <= set(column_map.ColumnMap.model_fields)


@pytest.mark.parametrize("path", sorted((REPOSITORY / "docs/decisions").glob("0*.md")), ids=lambda path: path.stem[:4])
def test_a_decision_is_a_sentence_and_short(path):
    text = path.read_text("utf-8")
    title = text.splitlines()[0]

    assert title.startswith(f"# {path.stem[:4]} ")
    assert [heading for heading in ("## Context", "## Decision", "## Consequences") if heading not in text] == []
    assert len(text.split()) < 400


def test_links_between_documents_lead_somewhere():
    pages = [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]

    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not target.startswith("http") and not (page.parent / target).exists()
    ]

    assert broken == []


def test_every_module_that_the_architecture_names_exists():
    page = (REPOSITORY / "ARCHITECTURE.md").read_text("utf-8")
    named = re.findall(r"`((?:oms_core|pipelines|dashboards|dbt_project)/[^`]*)`", page)
    models = {path.stem for path in (REPOSITORY / "dbt_project/models").rglob("*.sql")}

    assert [path for path in named if not (REPOSITORY / path).exists()] == []
    assert [name for name in re.findall(r"`((?:int|fct|dim)_[a-z_]+)`", page) if name not in models] == []
