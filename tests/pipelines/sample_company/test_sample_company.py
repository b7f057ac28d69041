"""The sample company by itself: repeatable, never short of what it ships, and told truly by its truth file."""

import csv
import gzip
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import pytest

from pipelines.sample_company.catalogue import PRODUCTS
from pipelines.sample_company.company import SIZES, SMALL, business_day
from pipelines.sample_company.simulation import simulate
from pipelines.sample_company.write import TRUTH_FILE, write_sample_company

SEED = 7
FORMATS = {  # folder → encoding, delimiter
    "web": ("utf-8", ","),
    "marketplace": ("cp1252", ";"),
    "shop": ("gb18030", "\t"),
}


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    return folder, write_sample_company(folder, size="small", seed=SEED).truth


@pytest.fixture(scope="module")
def history():
    return simulate(SMALL, SEED)


def fingerprint(folder: Path) -> str:
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def rows_of(path: Path, encoding: str, delimiter: str) -> list[dict[str, str]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(content.decode(encoding).splitlines(), delimiter=delimiter))


def channel_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """All good rows of a channel, newest version of each order, without planted faults (their numbers begin with X)."""
    documents: dict[str, list[dict[str, str]]] = {}
    key = {"web": "order_no", "marketplace": "Bestellnummer", "shop": "单号"}[name]
    for path in sorted((folder / name).iterdir()):
        in_file: dict[str, list[dict[str, str]]] = {}
        for row in rows_of(path, *FORMATS[name]):
            in_file.setdefault(row[key], []).append(row)
        documents.update(in_file)
    return [row for number, rows in documents.items() if not number.startswith("X") for row in rows]


def test_the_same_seed_writes_the_same_bytes(company, tmp_path):
    folder, _ = company

    write_sample_company(tmp_path, size="small", seed=SEED)

    assert fingerprint(tmp_path) == fingerprint(folder)


def test_another_seed_writes_another_company(company, tmp_path):
    folder, _ = company

    write_sample_company(tmp_path, size="small", seed=SEED + 1)

    assert fingerprint(tmp_path) != fingerprint(folder)


def test_the_truth_names_every_file_with_its_content(company):
    folder, truth = company

    for file in truth["files"]:
        path = folder / file["path"]
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        assert sha256(content).hexdigest() == file["sha256"]
        assert content.count(b"\r\n") == file["rows"] + 1

    on_disk = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert on_disk == {file["path"] for file in truth["files"]} | {TRUTH_FILE}


def test_the_truth_file_is_the_truth_returned(company):
    folder, truth = company

    assert json.loads((folder / TRUTH_FILE).read_text("utf-8")) == truth


def test_web_sales_equal_a_count_of_the_files(company):
    folder, truth = company
    rows = [row for row in channel_rows(folder, "web") if row["type"] == "S" and row["state"] != "void"]
    paid = [row for row in rows if Decimal(row["net_amount"]) > 0]
    goods = [row for row in paid if row["article"].upper() not in {"POST", "WRAP"}]

    expected = truth["sales"]["by_account"]["sample-web"]
    assert len({row["order_no"] for row in rows}) == expected["orders"]
    assert sum(int(row["qty"]) for row in goods) == expected["units"]
    assert sum(Decimal(row["net_amount"]) for row in paid) * 100 == expected["net_sales_cents"]


def test_marketplace_sales_equal_a_count_of_the_files(company):
    folder, truth = company
    rows = [
        row for row in channel_rows(folder, "marketplace") if row["Vorgang"] == "Kauf" and row["Status"] != "storniert"
    ]
    goods = [row for row in rows if row["Artikel"] != "WRAP"]

    expected = truth["sales"]["by_account"]["sample-marketplace"]
    assert len({row["Bestellnummer"] for row in rows}) == expected["orders"]
    assert sum(int(row["Menge"]) - int(row["Storniert"]) for row in goods) == expected["units"]
    amounts = [Decimal(row["Betrag"].replace(".", "").replace(",", ".")) for row in rows]
    assert sum(amounts) * 100 == expected["net_sales_cents"]


def test_till_sales_and_returns_equal_a_count_of_the_files(company):
    folder, truth = company
    rows = channel_rows(folder, "shop")
    sold = [row for row in rows if row["类型"] == "销售"]
    back = [row for row in rows if row["类型"] == "退货"]

    expected = truth["sales"]["by_account"]["sample-shop"]
    returned = truth["returns"]["by_account"]["sample-shop"]
    assert len({row["单号"] for row in sold}) == expected["orders"]
    assert sum(int(row["数量"]) for row in sold) == expected["units"]
    assert sum(Decimal(row["金额"]) for row in sold) * 100 == expected["net_sales_cents"]
    assert sum(int(row["数量"]) for row in back) == returned["units"]
    assert sum(row["原单号"] == "" for row in back) == returned["unlinked"]


def test_every_faulty_row_stands_where_the_truth_says(company):
    folder, truth = company
    delimiters = {"sample_sites": ("utf-8", "\t"), **{f"sample_{name}": how for name, how in FORMATS.items()}}

    for faulty in truth["faulty_rows"]:
        rows = rows_of(folder / faulty["path"], *delimiters[faulty["format"]])
        assert rows[faulty["row_number"] - 2][faulty["column"]] == faulty["value"]

    assert {faulty["format"] for faulty in truth["faulty_rows"]} == set(delimiters)


def test_the_stock_never_falls_below_zero(history):
    on_hand = Counter({(one.location, one.sku, one.condition): one.units for one in history.opening})

    for movement in history.movements:
        key = (movement.location, movement.sku, movement.condition)
        on_hand[key] += movement.signed
        assert on_hand[key] >= 0

    counted = {
        (one.location, one.sku, one.condition): one.units for one in history.balances if one.day == SMALL.last_day
    }
    assert {key: units for key, units in on_hand.items() if units} == {
        key: units for key, units in counted.items() if units
    }


def test_movements_come_in_the_order_of_time(history):
    instants = [movement.at for movement in history.movements]

    assert instants == sorted(instants)


def test_every_shipment_of_an_order_is_of_goods_it_ordered(history):
    ordered: Counter[tuple[str, str, str]] = Counter()
    for order in history.orders:
        for line in order.lines:
            if order.cancelled_at is None and line.kind == "item":
                ordered[order.account, order.number, line.sku] += line.quantity - line.cancelled

    shipped: Counter[tuple[str, str, str]] = Counter()
    for movement in history.movements:
        if movement.kind == "ship":
            shipped[movement.order_account, movement.order_number, movement.sku] += movement.units

    assert all(units <= ordered[key] for key, units in shipped.items())


def test_nothing_is_sold_that_was_not_wanted_and_a_planted_gap_loses_sales(company):
    _, truth = company
    gap = truth["stock"]["planted_gaps"][0]
    first, last = (date.fromisoformat(gap[day]) for day in ("first_day", "last_day"))
    start = date.fromisoformat(truth["first_day"])
    demand = truth["demand"]["by_sku"][gap["sku"]]
    days = slice((first - start).days, (last - start).days + 1)

    assert {one["location"] for one in gap["without_stock"]} == {"NORTH", "SOUTH", "SHOP"}
    assert sum(demand["got"][days]) < sum(demand["wanted"][days])
    for series in truth["demand"]["by_sku"].values():
        assert all(got <= wanted for got, wanted in zip(series["got"], series["wanted"], strict=True))


def test_the_web_shop_repeats_orders_and_raises_their_version(company):
    folder, _ = company
    versions: dict[str, list[set[str]]] = {}
    for path in sorted((folder / "web").iterdir()):
        in_file: dict[str, set[str]] = {}
        for row in rows_of(path, *FORMATS["web"]):
            in_file.setdefault(row["order_no"], set()).add(row["version"])
        for number, seen in in_file.items():
            versions.setdefault(number, []).append(seen)

    repeated = [seen for seen in versions.values() if len(seen) > 1]

    assert [{"1"}, {"2"}] in repeated
    assert [{"2"}, {"2"}] in repeated


def test_some_shipments_are_reported_a_day_late(company):
    folder, truth = company
    late = 0
    for path in sorted((folder / "sites").glob("movements_*.gz")):
        reported = path.name.removeprefix("movements_").removesuffix(".tsv.gz")
        for row in rows_of(path, "utf-8", "\t"):
            late += row["type"] == "ISS" and not local_day(row["ts"]).startswith(reported)

    assert late == truth["late_rows"] > 0


def local_day(text: str) -> str:
    return business_day(int(datetime.fromisoformat(text).timestamp())).isoformat()


def test_the_sizes_keep_the_promises_of_their_description():
    assert len(PRODUCTS) == 60
    assert {size.last_day for size in SIZES.values()} == {date(2026, 10, 31)}
    for size in SIZES.values():
        assert size.first_day < size.cost_change_day < size.last_day
        skus = {product.sku for product in size.products}
        assert all(gap.sku in skus for gap in size.supply_gaps)


def test_a_business_day_is_a_day_in_berlin():
    late_evening_in_utc = datetime.fromisoformat("2026-08-31T22:30:00+00:00")

    assert business_day(int(late_evening_in_utc.timestamp())) == date(2026, 9, 1)
