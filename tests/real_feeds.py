"""The public feeds as files a test may cut, shuffle and repeat. Nothing of them is kept.

A part is made of lines of the original, header included, so what a part says is what its publisher wrote.
"""

import contextlib
import gzip
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from oms_core.services.company import now_micros, prepare
from oms_core.services.verify import facts_digest, run_checks
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.feeds.load import LoadResult, load_files

FEEDS = {
    "online_retail_2009_2010": "online_retail_2009_2010/online_retail_II_*.csv.gz",
    "adventureworks_dw_products": "adventureworks_dw/DimProduct.csv.gz",
    "adventureworks_dw_reseller": "adventureworks_dw/FactResellerSales_*.csv.gz",
    "adventureworks_dw_internet": "adventureworks_dw/FactInternetSales_*.csv.gz",
    "adventureworks_dw_stock": "adventureworks_dw/FactProductInventory_*.csv.gz",
}

# Orders in several files, and purchasing: what belongs to an order comes before the order, on purpose.
PARTED_FEEDS = {
    "olist_items": "olist_sample/olist_order_items_dataset.csv.gz",
    "olist_payments": "olist_sample/olist_order_payments_dataset.csv.gz",
    "olist_orders": "olist_sample/olist_orders_dataset.csv.gz",
    "olist_products": "olist_sample/olist_products_dataset.csv.gz",
    "northwind_orders": "northwind/orders.csv",
    "northwind_order_details": "northwind/order_details.csv",
    "northwind_products": "northwind/products.csv",
    "northwind_stock": "northwind/products.csv",
    "northwind_suppliers": "northwind/suppliers.csv",
    "adventureworks_purchasing_receipts": "adventureworks_purchasing/PurchaseOrderDetail.csv.gz",
    "adventureworks_purchasing_lines": "adventureworks_purchasing/PurchaseOrderDetail.csv.gz",
    "adventureworks_purchasing_orders": "adventureworks_purchasing/PurchaseOrderHeader.csv.gz",
    "adventureworks_purchasing_vendors": "adventureworks_purchasing/Vendor.csv.gz",
    "adventureworks_purchasing_prices": "adventureworks_purchasing/ProductVendor.csv.gz",
    "adventureworks_purchasing_products": "adventureworks_purchasing/Product.csv.gz",
    "adventureworks_purchasing_stock": "adventureworks_purchasing/ProductInventory.csv.gz",
}


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A file and the format it is read by."""

    format_name: str
    path: Path


def whole_files(shared: Path, feeds: Mapping[str, str] = FEEDS) -> list[FeedFile]:
    """The files as published."""
    return [FeedFile(name, next((shared / "data").glob(pattern))) for name, pattern in feeds.items()]


def small_files(shared: Path, folder: Path, *, lines: int, feeds: Mapping[str, str] = FEEDS) -> list[FeedFile]:
    """The first `lines` data lines of each file; of the daily ledger, the days of a few articles."""
    made = []
    for file in whole_files(shared, feeds):
        header, rows = _lines(file.path)
        made.append(_written(file.format_name, folder / f"{file.format_name}.csv.gz", header, rows[:lines]))
    return made


def with_overlaps(files: Sequence[FeedFile], folder: Path, *, seed: int) -> list[FeedFile]:
    """Each file as it is, its rows shuffled, and cut into two parts that share a fifth of the rows."""
    made: list[FeedFile] = []
    for file in files:
        header, rows = _lines(file.path)
        shuffled = rows.copy()
        random.Random(seed).shuffle(shuffled)
        cuts = {"first": rows[: len(rows) * 3 // 5], "last": rows[len(rows) * 2 // 5 :], "shuffled": shuffled}
        made.append(file)
        for name, part in cuts.items():
            made.append(_written(file.format_name, folder / f"{file.format_name}.{name}.csv.gz", header, part))
    return made


def _lines(path: Path) -> tuple[str, list[str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        header, *rows = file.read().splitlines(keepends=True)
    return header, rows


def _written(format_name: str, path: Path, header: str, rows: Iterable[str]) -> FeedFile:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as file:
        file.write(header)
        file.writelines(rows)
    return FeedFile(format_name, path)


@contextlib.contextmanager
def prepared(settings: Settings) -> Iterator[sa.Engine]:
    """An empty core, business days in UTC; its connections are closed at the end."""
    prepare(settings, actor="test", now=now_micros())
    engine = open_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def facts_of(settings: Settings, files: Iterable[FeedFile]) -> dict[str, str]:
    """The digests of an empty core after these files."""
    with prepared(settings) as engine:
        load(engine, settings, files)
        return digests(engine)


def load(engine: sa.Engine, settings: Settings, files: Iterable[FeedFile]) -> list[LoadResult]:
    """Load the files one after another, each by its format."""
    return [load_files(engine, settings, file.format_name, [file.path]) for file in files]


def digests(engine: sa.Engine) -> dict[str, str]:
    """A digest by kind of fact, after every invariant was found to hold."""
    with reading(engine) as connection:
        broken = [check for check in run_checks(connection) if check.rows]
        assert not broken, broken
        return {name: f"{it['rows']} {it['sha256']}" for name, it in facts_digest(connection).items()}
