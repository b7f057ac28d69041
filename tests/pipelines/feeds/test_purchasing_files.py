"""Suppliers, their prices, purchase orders, lines and receipts by maps, in any order of arrival."""

import itertools

import pytest

from pipelines.feeds.errors import MapError
from tests.builders import facts_of, rows_of
from tests.pipelines.feeds.made_up import changed, load, write_file

_BASE = {
    "title": {"en": "Made up", "zh": "虚构"},
    "kind": "warehouse",
    "account": {"name": "buying", "channel": "purchasing"},
}
ORDERS = {
    **_BASE,
    "name": "made_up_purchases",
    "file": "purchase_orders",
    "currency": "EUR",
    "columns": {
        "purchase_order": "po",
        "supplier": "supplier",
        "ordered_at": {"column": "day", "date_only": "start_of_day"},
        "status": {"column": "state", "codes": {"new": "draft", "sent": "sent", "done": "closed"}},
        "version": "v",
        "source_total": "total",
    },
    "key": ["purchase_order"],
}
LINES = {
    **_BASE,
    "name": "made_up_purchase_lines",
    "file": "purchase_order_lines",
    "columns": {
        "purchase_order": "po",
        "line_id": "line",
        "sku": "sku",
        "quantity": "ordered",
        "unit_price": "price",
        "expected_at": {"column": "due", "date_only": "start_of_day"},
    },
    "key": ["purchase_order", "line_id"],
}
RECEIPTS = {
    **_BASE,
    "name": "made_up_receipts",
    "file": "receipts",
    "columns": {
        "receipt": {"column": "line", "prefix": "R-"},
        "purchase_order": "po",
        "line_id": "line",
        "quantity": "received",
        "rejected_quantity": "rejected",
        "received_at": {"column": "due", "date_only": "start_of_day"},
    },
    "key": ["receipt"],
}
SUPPLIERS = {
    **_BASE,
    "name": "made_up_suppliers",
    "file": "suppliers",
    "columns": {"supplier": "id", "name": "name", "is_active": {"column": "on", "codes": {"1": "yes", "0": "no"}}},
    "key": ["supplier"],
}
PRICES = {
    **_BASE,
    "name": "made_up_prices",
    "file": "supplier_prices",
    "currency": "EUR",
    "columns": {"supplier": "id", "sku": "sku", "unit_price": "price", "minimum_quantity": "least"},
    "key": ["supplier", "sku"],
}
DETAIL = [
    "po,line,sku,ordered,price,due,received,rejected",
    "7,1,MUG,10,1.25,2026-03-09,8,3",
    "7,2,POT,4,2,2026-03-09,0,0",
]
FILES = {
    "orders": (ORDERS, ["po,supplier,day,state,v,total", "7,ACME,2026-03-02,sent,2,20.50"]),
    "lines": (LINES, DETAIL),
    "receipts": (RECEIPTS, DETAIL),
    "suppliers": (SUPPLIERS, ["id,name,on", "ACME,Acme Ltd,0"]),
}


def arrive(core, settings, *names):
    for name in names:
        document, lines = FILES[name]
        load(core, settings, document, write_file(settings.home / f"{name}.csv", lines))


@pytest.mark.parametrize("names", list(itertools.permutations(FILES))[::3], ids="-".join)
def test_whichever_file_comes_first_the_purchase_order_is_the_same(core, core_settings, names):
    arrive(core, core_settings, *names)

    assert rows_of(core, "select number, supplier, state, source_total, total_scale from purchase_order") == [
        ("7", "ACME", "sent", 2050, 2)
    ]
    found = rows_of(
        core, "select line_key, quantity, received_quantity, rejected_quantity from purchase_order_line order by 1"
    )
    assert found == [("1", 10, 8, 3), ("2", 4, 0, 0)]
    assert rows_of(core, "select number from receipt") == [("R-1",)]
    assert [tuple(it) for it in rows_of(core, "select name, is_active from supplier")] == [("Acme Ltd", False)]
    assert rows_of(core, "select * from feed_parked") == rows_of(core, "select * from feed_quarantine") == []
    facts_of(core)


@pytest.mark.parametrize("versions", [(1, 2, 3), (3, 1, 2), (2, 3, 1)], ids=str)
def test_a_purchase_order_stands_at_its_newest_version(core, core_settings, versions):
    told = {1: "7,ACME,2026-03-02,new,1,10", 2: "7,ACME,2026-03-02,sent,2,11", 3: "7,ACME,2026-03-02,done,3,12"}
    for version in versions:
        path = write_file(core_settings.home / f"{version}.csv", [FILES["orders"][1][0], told[version]])
        load(core, core_settings, ORDERS, path)

    assert rows_of(core, "select state, source_total, source_version from purchase_order") == [("closed", 12, 3)]
    facts_of(core)


def test_prices_are_kept_and_another_one_of_the_same_instant_is_held_back(core, core_settings):
    for number, price in enumerate(["1.20", "1.30"]):
        path = write_file(core_settings.home / f"{number}.csv", ["id,sku,price,least", f"ACME,MUG,{price},12"])
        load(core, core_settings, PRICES, path)

    found = rows_of(core, "select supplier, sku, unit_price, price_scale, minimum_quantity from supplier_price")
    assert found == [("ACME", "MUG", 120, 2, 12)]
    assert rows_of(core, "select rule, value from feed_quarantine") == [("contradiction", "supplier_price/ACME/MUG/0")]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (changed(ORDERS, columns={"status": {"column": "state", "codes": {"x": "lost"}}}), "no state of an order"),
        (changed(ORDERS, currency=None), "say a code"),
        (changed(LINES, constants={"quantity": "many"}, columns={"quantity": None}), "no value of quantity"),
        (changed(LINES, columns={"colour": "colour"}), "unknown field 'colour'"),
    ],
)
def test_a_map_that_cannot_be_right_is_refused(core, core_settings, document, words):
    with pytest.raises(MapError, match=words):
        load(core, core_settings, document, write_file(core_settings.home / "x.csv", DETAIL))
