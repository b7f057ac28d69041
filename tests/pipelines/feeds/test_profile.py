"""Facts about a file as it is, by hand: signs and odd rows kept, nothing written."""

from decimal import Decimal

import pytest

from oms_core.settings import Settings
from pipelines.feeds.errors import FileRefusedError
from pipelines.feeds.profile import profile_files
from tests.pipelines.feeds.made_up import AT, HEADER, ORDERS, changed, write_file, write_map
from tests.pipelines.feeds.test_stock_files import DAILY, DAILY_HEADER

CLASSED = changed(
    ORDERS,
    columns={"customer_ref": "who", "sku": {"column": "sku", "clean": ["upper"]}},
    classes=[{"class": "return", "when": {"order_id": {"starts_with": "R"}}}, {"class": "sale"}],
    line_kinds=[{"kind": "shipping", "when": {"sku": "POST"}}],
)
ROWS = [
    f"O-1,1,mug,2,5.00,{AT},C-1",
    f"O-1,2,MUG,1,0,{AT},C-1",
    f"O-1,3,POST,1,4.95,{AT},C-1",
    "O-2,1,CUP,3,1.10,2026-03-04T10:00:00Z,",
    "O-2,1,CUP,3,1.10,2026-03-04T10:00:00Z,",
    "R-1,1,MUG,-1,5.00,2026-03-05T10:00:00Z,C-1",
    f"O-3,1,MUG,none,5.00,{AT},C-1",
    "O-4,1",
]


def profiled(tmp_path, document, lines):
    settings = Settings.at(tmp_path / "home")
    path = write_file(tmp_path / "in" / "file.csv", lines)
    found = profile_files(settings, "table", [path], map_path=write_map(tmp_path, document))
    assert found["format"] == document["name"]
    [file] = found["files"]
    return file


def test_an_order_file_by_hand(tmp_path):
    file = profiled(tmp_path, CLASSED, [f"{HEADER},who", *ROWS])

    assert {name: file[name] for name in ("path", "rows", "ragged_rows", "duplicate_rows", "documents")} == {
        "path": "file.csv",
        "rows": 8,
        "ragged_rows": 1,
        "duplicate_rows": 1,
        "documents": 4,  # O-1, O-2, O-3, R-1
    }
    assert file["held_back"] == {"not_a_whole_number": 1, "column_count": 1}
    columns = {column["field"]: column for column in file["columns"]}
    assert (columns["sku"]["distinct"], columns["sku"]["distinct_clean"]) == (4, 3)  # mug, MUG, POST, CUP
    assert (columns["customer_ref"]["empty"], columns["customer_ref"]["distinct"]) == (2, 1)
    quantity = columns["quantity"]
    assert (quantity["first"], quantity["last"], quantity["sum"], quantity["negative"]) == (-1, 3, 9, 1)
    price = columns["unit_price"]
    assert (price["sum"], price["zero"]) == (Decimal("17.15"), 1)  # 5 + 0 + 4.95 + 1.10 + 1.10 + 5
    placed = columns["placed_at"]
    assert (placed["first"], placed["last"]) == ("2026-03-02 10:00:00", "2026-03-05 10:00:00")


def test_classes_and_kinds_by_hand(tmp_path):
    file = profiled(tmp_path, CLASSED, [f"{HEADER},who", *ROWS])

    found = {(it["class"], it["line_kind"]): it for it in file["classes"]}
    assert {key: (it["rows"], it["documents"], it["units"], it["amount"]) for key, it in found.items()} == {
        ("sale", "item"): (4, 2, 9, Decimal("16.60")),  # 10.00 + 0 + 3.30 + 3.30
        ("sale", "shipping"): (1, 1, 1, Decimal("4.95")),
        ("return", "item"): (1, 1, -1, Decimal("-5.00")),
    }
    assert (found["sale", "item"]["free"], found["sale", "item"]["anonymous"]) == (1, 2)
    assert file["line_kinds"] == [
        {"line_kind": "item", "rows": 5, "skus": 2},
        {"line_kind": "shipping", "rows": 1, "skus": 1},
    ]
    assert file["priced_lines"] == {"lines": 4, "documents": 2, "median": 2.0, "mean": 2}


def test_a_ledger_by_hand(tmp_path):
    rows = [
        "MUG,2026-03-02,5,2,13,2.50",
        "MUG,2026-03-03,0,3,10,2.60",  # 13 - 3
        "MUG,2026-03-05,1,0,12,2.60",  # 10 + 1 is 11
        "CUP,2026-03-02,0,0,4,1.00",
    ]

    file = profiled(tmp_path, DAILY, [DAILY_HEADER, *rows])

    assert file["ledger"] == {
        "keys": 2,
        "balances": 4,
        "missing_days": 4,  # 2 keys x 4 days - 4
        "pairs": 2,
        "consistent_pairs": 1,
    }


def test_every_kind_of_movement_counts_with_its_sign_in_a_ledger(tmp_path):
    document = changed(DAILY, movements=[{"kind": "kit_consume", "quantity": "units_out"}])

    file = profiled(tmp_path, document, [DAILY_HEADER, "MUG,2026-03-02,0,0,13,1", "MUG,2026-03-03,0,3,10,1"])

    assert file["ledger"]["consistent_pairs"] == 1


def test_profiling_needs_no_core_and_makes_none(tmp_path):
    profiled(tmp_path, CLASSED, [f"{HEADER},who", *ROWS])

    assert not (tmp_path / "home" / "core.db").exists()


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(FileRefusedError) as caught:
        profiled(tmp_path, CLASSED, ["other,header"])

    assert caught.value.code == "FILE_HEADER"
