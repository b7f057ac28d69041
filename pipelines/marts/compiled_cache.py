"""Keeps what was compiled, so that an unchanged project is compiled once and not at every build.

The folder belongs to one content of the dbt project; the key adds what else the SQL depends on: the rendered macros
(they hold the business zone), this package's compiler and the versions of MetricFlow and sqlglot.
"""

import hashlib
import importlib.metadata
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from pipelines.marts import compilation, lineage, templates
from pipelines.marts.compilation import Compiled
from pipelines.marts.templates import Mart, Template, metric_document, metric_from

_VERSIONS_OF = ("metricflow", "dbt-metricflow", "sqlglot")


def compiled_once(folder: Path, analyses: Mapping[str, str], compile_now: Callable[[], Compiled]) -> Compiled:
    """What `compile_now` gives, from the folder if it was compiled before from the same texts."""
    path = folder / f"metrics-{_key(analyses)}.json"
    if path.exists():
        return _read(path)
    compiled = compile_now()
    beside = path.with_suffix(".new")
    beside.write_text(_document(compiled), encoding="utf-8")
    beside.replace(path)
    return compiled


def _key(analyses: Mapping[str, str]) -> str:
    versions = {name: importlib.metadata.version(name) for name in _VERSIONS_OF}
    code = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in (compilation, lineage, templates)]
    text = json.dumps([versions, code, dict(analyses)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _document(compiled: Compiled) -> str:
    metrics = [metric_document(metric) for metric in compiled.metrics]
    kept = {
        "metrics": metrics,
        "templates": [asdict(template) for template in compiled.templates],
        "marts": [asdict(mart) for mart in compiled.marts],
    }
    return json.dumps(kept, ensure_ascii=False)


def _read(path: Path) -> Compiled:
    document = json.loads(path.read_text(encoding="utf-8"))
    made = [
        Template(**{**kept, "dimensions": tuple(kept["dimensions"]), "lineage": tuple(kept["lineage"])})
        for kept in document["templates"]
    ]
    return Compiled(
        metrics=tuple(metric_from(kept) for kept in document["metrics"]),
        templates=tuple(made),
        marts=tuple(Mart(name=kept["name"], keys=tuple(kept["keys"])) for kept in document["marts"]),
    )
