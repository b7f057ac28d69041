"""Maps and files that nobody ships: written by a test, loaded the ordinary way."""

import gzip
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from oms_core.settings import Settings
from pipelines.feeds.load import LoadResult, load_files

ORDERS: dict[str, Any] = {
    "name": "made_up",
    "title": {"en": "Made up", "zh": "虚构"},
    "kind": "channel",
    "file": "order_lines",
    "currency": "EUR",
    "account": {"name": "made-up", "channel": "web"},
    "columns": {
        "order_id": "order",
        "line_id": "line",
        "sku": "sku",
        "quantity": "qty",
        "unit_price": "price",
        "placed_at": "at",
    },
    "key": ["order_id", "line_id"],
}
HEADER = "order,line,sku,qty,price,at"
AT = "2026-03-02T10:00:00Z"

STOCK: dict[str, Any] = {
    "name": "made_up_stock",
    "title": {"en": "Made up stock", "zh": "虚构库存"},
    "kind": "warehouse",
    "file": "stock_movements",
    "account": {"name": "site", "channel": "warehouse"},
    "columns": {"document": "doc", "sku": "sku", "occurred_at": "at", "type": "type", "quantity": "qty"},
    "constants": {"location": "MAIN"},
    "key": ["document"],
    "movements": [
        {"kind": "receive", "quantity": "quantity", "when": {"type": "IN"}},
        {"kind": "ship", "quantity": "quantity", "when": {"type": "OUT"}},
    ],
    "locations": {"MAIN": {"name": "Main"}},
}
STOCK_HEADER = "doc,sku,at,type,qty"

PRODUCTS: dict[str, Any] = {
    "name": "made_up_products",
    "title": {"en": "Made up products", "zh": "虚构商品"},
    "kind": "catalogue",
    "file": "products",
    "currency": "EUR",
    "account": {"name": "catalogue", "channel": "catalogue"},
    "columns": {"sku": "sku", "title": "title", "category": "category", "unit_cost": "cost", "valid_from": "since"},
    "key": ["sku", "valid_from"],
}


def changed(document: Mapping[str, Any], /, **changes: Any) -> dict[str, Any]:
    """A map with some keys changed; a dictionary is laid over the one it changes, None removes a key."""
    made = dict(document)
    for key, value in changes.items():
        if value is None:
            made.pop(key, None)
        elif isinstance(value, dict) and isinstance(made.get(key), dict):
            made[key] = changed(made[key], **value)
        else:
            made[key] = value
    return made


def write_map(folder: Path, document: Mapping[str, Any]) -> Path:
    """The map as a YAML file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{document.get('name', 'unnamed')}.yml"
    path.write_text(yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path


def write_file(path: Path, lines: Iterable[str] | str, *, encoding: str = "utf-8", newline: str = "\n") -> Path:
    """A text file, compressed where its name says so."""
    text = lines if isinstance(lines, str) else newline.join(lines) + newline
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.encode(encoding)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def load(
    core: sa.Engine, settings: Settings, document: Mapping[str, Any], *paths: Path, account: str | None = None
) -> LoadResult:
    """Load files by a map of the test's own."""
    map_path = write_map(settings.home / "given", document)
    return load_files(core, settings, "table", paths, account=account, map_path=map_path)


def load_rows(
    core: sa.Engine, settings: Settings, document: Mapping[str, Any], rows: Sequence[str], *, header: str = HEADER
) -> LoadResult:
    """Load one file of these rows; the file's name is `rows.csv`."""
    return load(core, settings, document, write_file(settings.home / "in" / "rows.csv", [header, *rows]))
