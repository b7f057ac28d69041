"""The rules of the layout, asked of the files themselves.

What may import what stands in `pyproject.toml` ([tool.importlinter]); here it is run. The rest: nothing of a machine or
of a public data set in the code, modules that say what belongs in them, and a list of those that grew too long.
"""

import ast
import csv
import gzip
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("oms_core", "pipelines", "dashboards")
TOP_LEVEL = {".ci", "oms_core", "pipelines", "dbt_project", "dashboards", "docs", "tests"}
MAX_MODULE_LINES, MAX_FUNCTION_LINES = 300, 60  # most functions stay under 40; nothing passes 60

# A module may be longer than MAX_MODULE_LINES only while it stands here, with why. This list may only shrink.
LONG_MODULES: dict[str, str] = {}

# Words that would tie the repository to one machine: absolute homes and scratch folders, package indexes.
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:work|root|home/\w|Users/\w|tmp/\w)[/\w]*")
PACKAGE_HOSTS = re.compile(
    r"pypi\.org|pythonhosted|files\.pypi|conda\.anaconda|registry\.npmjs|index-url|--extra-index",
    re.IGNORECASE,
)
# Where such a word is what the text is about.
EXPLAINED = {
    "Makefile": "uv is told to write no index address",
    "tests/test_architecture.py": "the patterns themselves",
}


def _git(*arguments: str) -> list[str]:
    answer = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.split("\0") if line]


@cache
def tracked_files() -> tuple[str, ...]:
    """Every tracked file that is on disk."""
    return tuple(name for name in _git("ls-files", "-z") if (REPOSITORY / name).is_file())


def python_files(*folders: str) -> list[str]:
    """Tracked Python files below the folders; migrations are frozen once written and are left out."""
    return [
        name
        for name in tracked_files()
        if name.endswith(".py") and "/migrations/" not in name and name.startswith(tuple(f"{one}/" for one in folders))
    ]


def text_of(name: str) -> str:
    try:
        return (REPOSITORY / name).read_text("utf-8")
    except UnicodeDecodeError:
        return ""


def test_imports_point_one_way(monkeypatch):
    monkeypatch.chdir(REPOSITORY)

    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_top_level_folders_are_fixed():
    folders = {name.split("/")[0] for name in tracked_files() if "/" in name}

    assert folders <= TOP_LEVEL


def test_every_module_says_what_belongs_there():
    silent = [name for name in python_files(*PACKAGES, "tests") if not _docstring(name)]

    assert silent == []


def _docstring(name: str) -> str | None:
    source = text_of(name)
    return ast.get_docstring(ast.parse(source)) if source.strip() else "an empty package"


def test_no_tracked_file_names_a_machine_path():
    found = [
        f"{name}: {match.group()}"
        for name in tracked_files()
        if name not in EXPLAINED
        for match in MACHINE_PATHS.finditer(text_of(name))
    ]

    assert found == []


def test_no_tracked_file_names_a_package_index():
    found = [
        f"{name}:{number}"
        for name in tracked_files()
        if name not in EXPLAINED
        for number, line in enumerate(text_of(name).splitlines(), start=1)
        if PACKAGE_HOSTS.search(line)
    ]

    assert found == []


def test_long_modules_are_listed_with_their_reason():
    long = {name for name in python_files(*PACKAGES) if len(text_of(name).splitlines()) > MAX_MODULE_LINES}

    assert long == set(LONG_MODULES)


def test_functions_fit_on_a_screen():
    long = [
        f"{name}:{node.name} ({length} lines)"
        for name in python_files(*PACKAGES)
        for node in ast.walk(ast.parse(text_of(name)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _lines_of_code(node)) > MAX_FUNCTION_LINES
    ]

    assert long == []


def _lines_of_code(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body; the docstring and the signature do not count."""
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_nothing_happens_at_import():
    """Importing the command line writes nothing: asked of a fresh interpreter without OMS_HOME."""
    code = "import oms_core.settings, pipelines.cli.main; import os; print(os.path.exists('var'))"

    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY / "docs",
        env={"PYTHONPATH": str(REPOSITORY), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert answer.stdout.strip() == "False"


def test_no_python_file_names_a_public_data_set(shared_data):
    names = {folder.name for folder in (shared_data / "data").iterdir() if folder.is_dir()}
    short = {name.rsplit("_", 2)[0] for name in names if name.count("_") > 1}
    pattern = re.compile("|".join(sorted(names | {one for one in short if len(one) > len("northwind")})))

    found = [
        f"{name}: {match.group()}" for name in python_files(*PACKAGES) for match in pattern.finditer(text_of(name))
    ]

    assert found == []


def test_no_python_file_names_a_column_of_a_public_data_set(shared_data):
    columns = distinctive_columns(shared_data / "data")
    assert columns, "the shared data have files with headers"
    word = re.compile(r"[A-Za-z_]\w*")

    found = [
        f"{name}: {one}"
        for name in python_files(*PACKAGES)
        for one in sorted(set(word.findall(text_of(name))) & columns)
    ]

    assert found == []


def distinctive_columns(folder: Path) -> set[str]:
    """Column names in mixed case with two humps or more (`StockCode`): they cannot be there by chance."""
    columns: set[str] = set()
    for path in sorted(folder.rglob("*.csv*")):
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
            columns.update(next(csv.reader(file), []))
    return {column for column in columns if re.fullmatch(r"(?:[A-Z][a-z0-9]+){2,}(?:ID|Key)?", column)}


def test_the_licence_is_apache_2():
    text = text_of("LICENSE")

    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text


@pytest.mark.parametrize("target", ["setup", "run", "test", "check", "bench", "accept", "soak"])
def test_make_offers_the_doors_of_the_readme(target):
    assert re.search(rf"^{target}:.*## ", text_of("Makefile"), re.MULTILINE)
