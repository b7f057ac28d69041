"""A map is checked whole when it is read: what is wrong is named with its place."""

import pytest
import yaml

from pipelines.feeds.column_map import SHIPPED, all_maps, find_map, read_map
from pipelines.feeds.errors import MapError
from tests.pipelines.feeds.made_up import ORDERS, PRODUCTS, STOCK, changed, write_map

FAULTS = [
    # what is written, what the message says
    (changed(ORDERS, colour="blue"), "colour: Extra inputs"),
    (changed(ORDERS, columns={"quantity": {"column": "qty", "colour": "blue"}}), "columns.quantity.colour: Extra"),
    (
        changed(ORDERS, columns={"shoe_size": "size"}),
        "columns: unknown field 'shoe_size'; known are cancelled_quantity",
    ),
    (changed(ORDERS, columns={"order_id": None}), "columns: a map of order_lines needs the field 'order_id'"),
    (changed(ORDERS, columns={"placed_at": None}), "needs the field 'placed_at'"),
    (changed(ORDERS, columns={"unit_price": None}), "columns: an order_lines map needs unit_price or line_amount"),
    (changed(ORDERS, currency=None), "currency: say a code, or map a column"),
    (changed(ORDERS, currency="euro"), "currency: 'euro' is no currency code"),
    (changed(ORDERS, constants={"sku": "MUG"}), "constants: 'sku' is a column already"),
    (changed(ORDERS, key=["order_id", "position"]), "key: there is no field 'position'"),
    (changed(ORDERS, group=["invoice"]), "group: there is no field 'invoice'"),
    (changed(ORDERS, classes=[{"class": "sale", "when": {"flag": "S"}}]), "classes.when: there is no field 'flag'"),
    (changed(ORDERS, classes=[{"class": "gift"}]), "classes.0.class: Input should be 'sale'"),
    (changed(ORDERS, line_kinds=[{"kind": "bribe"}]), "line_kinds.0.kind: Input should be 'item'"),
    (
        changed(ORDERS, classes=[{"class": "sale", "when": {"sku": {"matches": "["}}}]),
        "classes.0.when.sku: matches: unterminated character set",
    ),
    (changed(ORDERS, classes=[{"class": "sale", "when": {"sku": {"like": "M"}}}]), "classes.0.when.sku.like: Extra"),
    (changed(ORDERS, classes=[{"class": "sale", "when": {"sku": {}}}]), "classes.0.when.sku: a condition says"),
    (changed(ORDERS, account={"moves_stock": True}), "account.moves_stock: say `location:`"),
    (changed(ORDERS, account={"moves_stock": True}, location="MAIN"), "describe it under `locations:`"),
    (
        changed(ORDERS, columns={"status": {"column": "state", "codes": {"open": "opened"}}}),
        "status: 'opened' is no state of an order; they are",
    ),
    (changed(ORDERS, constants={"status": "opened"}), "status: 'opened' is no state"),
    (changed(ORDERS, delimiter=";;"), "delimiter: ';;' cannot stand between cells"),
    (changed(ORDERS, delimiter="\n"), "delimiter: '\\n' cannot stand"),
    (changed(ORDERS, decimal=";"), "decimal: Input should be '.' or ','"),
    (changed(ORDERS, decimal=",", thousands=","), "thousands: ',' stands before"),
    (changed(ORDERS, encoding="utf-9"), "encoding: there is no encoding 'utf-9'"),
    (changed(ORDERS, encoding="base64"), "encoding: there is no encoding 'base64'"),
    (changed(ORDERS, time_zone="Europe/Atlantis"), "time_zone: 'Europe/Atlantis' is no time zone"),
    (
        changed(ORDERS, columns={"placed_at": {"column": "at", "format": "%d.%m.%Y %H:%M %Z"}}),
        "columns.placed_at.format",
    ),
    (changed(ORDERS, columns={"placed_at": {"column": "at", "date_only": "noon"}}), "columns.placed_at.date_only"),
    (changed(ORDERS, name="Made Up"), "name: String should match pattern"),
    (changed(ORDERS, title={"zh": None}), "title.zh: Field required"),
    (changed(ORDERS, file="spreadsheet"), "file: Input should be 'order_lines'"),
    (changed(STOCK, locations=None), "locations: describe each place"),
    (changed(STOCK, movements=None), "movements: say which field"),
    (changed(STOCK, movements=[{"kind": "steal", "quantity": "quantity"}]), "movements.0.kind: Input should be"),
    (
        changed(STOCK, movements=[{"kind": "ship", "quantity": "units"}]),
        "movements.quantity: there is no field 'units'",
    ),
    (changed(STOCK, file="stock_snapshot", movements=None), "snapshot: say which field holds the balance"),
    (changed(STOCK, snapshot={"quantity": "counted"}), "snapshot: there is no field 'counted'"),
    (
        changed(STOCK, columns={"cost": "cost", "count": "count"}, snapshot={"quantity": "count", "unit_cost": "cost"}),
        "currency: a unit cost needs a currency code",
    ),
    (changed(STOCK, constants=None), "columns: a map of stock_movements needs the field 'location'"),
    (changed(PRODUCTS, columns={"sku": None}), "columns: a map of products needs the field 'sku'"),
    (changed(PRODUCTS, currency=None), "currency: a unit cost needs"),
]


@pytest.mark.parametrize(("document", "said"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_named_with_its_place(tmp_path, document, said):
    with pytest.raises(MapError) as caught:
        read_map(write_map(tmp_path, document))

    assert caught.value.code == "MAP_INVALID"
    assert said in caught.value.reason
    assert caught.value.reason.startswith(f"{document['name']}.yml: ")
    assert caught.value.remedy


@pytest.mark.parametrize("document", [ORDERS, STOCK, PRODUCTS], ids=["orders", "stock", "products"])
def test_the_maps_that_the_faults_start_from_are_sound(tmp_path, document):
    assert read_map(write_map(tmp_path, document)).name == document["name"]


@pytest.mark.parametrize(
    "content",
    [b"name: [made", b"- a list", b"just text", b"", b"\xff\xfe\x00"],
    ids=["yaml", "list", "text", "empty", "bytes"],
)
def test_what_is_no_map_is_refused(tmp_path, content):
    path = tmp_path / "map.yml"
    path.write_bytes(content)

    with pytest.raises(MapError) as caught:
        read_map(path)

    assert caught.value.code in ("MAP_UNREADABLE", "MAP_INVALID")
    assert "map.yml" in caught.value.reason


def test_a_map_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(MapError) as caught:
        read_map(tmp_path / "nowhere.yml")

    assert caught.value.code == "MAP_UNREADABLE"


def test_every_shipped_map_reads_and_is_called_as_its_file():
    for path in SHIPPED.glob("*.yml"):
        assert read_map(path).name == path.stem


def test_a_map_of_the_home_goes_before_a_shipped_one(tmp_path):
    write_map(tmp_path / "maps", changed(ORDERS, name="sample_web", account={"name": "mine"}))
    write_map(tmp_path / "maps", changed(ORDERS, name="made_up"))

    names = [column_map.name for column_map in all_maps(tmp_path)]

    assert find_map("sample_web", tmp_path).account.name == "mine"
    assert find_map("made_up", tmp_path).account.name == "made-up"
    assert names == sorted({*names})
    assert {"sample_web", "made_up", "online_retail_2009_2010"} <= set(names)


def test_an_unknown_format_names_the_known_ones(tmp_path):
    with pytest.raises(MapError) as caught:
        find_map("carrier_pigeon", tmp_path)

    assert caught.value.code == "FORMAT_UNKNOWN"
    assert "online_retail_2009_2010" in caught.value.remedy


def test_a_faulty_map_of_the_home_does_not_hide_that_a_format_is_unknown(tmp_path):
    write_map(tmp_path / "maps", changed(ORDERS, colour="blue"))

    with pytest.raises(MapError) as caught:
        find_map("carrier_pigeon", tmp_path)

    assert caught.value.code == "FORMAT_UNKNOWN"


def test_the_digest_of_a_map_is_of_what_it_says_not_of_its_layout(tmp_path):
    first = read_map(write_map(tmp_path / "a", ORDERS))
    path = write_map(tmp_path / "b", ORDERS)
    path.write_text(
        "# a comment\n" + yaml.safe_dump(ORDERS, default_flow_style=True, allow_unicode=True, sort_keys=False),
        encoding="utf-8",
    )
    other = changed(ORDERS, decimal=",")

    assert read_map(path).sha256 == first.sha256
    assert read_map(write_map(tmp_path / "c", other)).sha256 != first.sha256
