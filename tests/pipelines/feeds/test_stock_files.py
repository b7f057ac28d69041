"""Files of warehouses and catalogues: movements, counted balances, goods and what they cost."""

from decimal import Decimal

import pytest

from oms_core.domain.errors import RuleViolationError
from oms_core.services.quarantine import open_rows
from oms_core.services.stock_read import stock_rows
from oms_core.services.verify import reconciliation
from oms_core.storage.engine import reading
from tests.builders import NOW, close_of, facts_of, march, rows_of
from tests.pipelines.feeds.made_up import (
    AT,
    ORDERS,
    PRODUCTS,
    STOCK,
    STOCK_HEADER,
    changed,
    load,
    load_rows,
    write_file,
)

NOON = "2026-03-02T12:00:00Z"
DAILY = changed(
    STOCK,
    columns={
        "document": None,
        "type": None,
        "quantity": None,
        "occurred_at": {"column": "day", "date_only": "start_of_day"},
        "units_in": "in",
        "units_out": "out",
        "balance": "left",
        "unit_cost": "cost",
    },
    currency="EUR",
    key=["sku", "occurred_at"],
    movements=[{"kind": "receive", "quantity": "units_in"}, {"kind": "ship", "quantity": "units_out"}],
    snapshot={"quantity": "balance", "unit_cost": "unit_cost"},
    locations={"MAIN": {"name": "Main", "opening_from_first_balance": True}},
)
DAILY_HEADER = "sku,day,in,out,left,cost"


def held(core):
    with reading(core) as connection:
        return {row["row"]: (row["column"], row["rule"], row["value"]) for row in open_rows(connection)}


def test_the_kind_gives_the_sign(core, core_settings):
    load_rows(core, core_settings, STOCK, [f"D-1,MUG,{NOON},IN,5", f"D-2,MUG,{NOON},OUT,2"], header=STOCK_HEADER)

    assert rows_of(core, "select kind, quantity, occurred_at from stock_movement order by movement_id") == [
        ("receive", 5, march(2, 12)),
        ("ship", -2, march(2, 12)),
    ]
    assert rows_of(core, "select on_hand from stock_balance") == [(3,)]


def test_rows_that_state_no_movement_of_the_map_are_held_back(sqlite_core, sqlite_settings):
    rows = [
        f"D-1,MUG,{NOON},LOST,5",
        f"D-2,MUG,{NOON},IN,-5",
        f"D-3,,{NOON},IN,5",
        f"D-4,MUG,{NOON},IN,0",
        f"D-5,MUG,{NOON},IN,many",
    ]

    result = load_rows(sqlite_core, sqlite_settings, STOCK, rows, header=STOCK_HEADER)

    assert held(sqlite_core) == {
        2: ("type", "unclassified", "LOST"),
        3: ("qty", "quantity_sign", "-5"),
        4: ("sku", "required", ""),
        6: ("qty", "not_a_whole_number", "many"),
    }
    assert (result.counts.movements, result.counts.quarantined_rows) == (0, 4)


def test_places_and_conditions_that_nobody_described_are_held_back(sqlite_core, sqlite_settings):
    document = changed(
        STOCK, constants=None, columns={"location": "place", "condition": {"column": "state", "clean": ["lower"]}}
    )
    rows = [
        f"D-1,MUG,{NOON},IN,5,MAIN,Damaged",
        f"D-2,MUG,{NOON},IN,5,MAIN,",
        f"D-3,MUG,{NOON},IN,5,MOON,sellable",
        f"D-4,MUG,{NOON},IN,5,MAIN,wet",
    ]

    load_rows(sqlite_core, sqlite_settings, document, rows, header=f"{STOCK_HEADER},place,state")

    assert rows_of(sqlite_core, "select condition, on_hand from stock_balance order by condition") == [
        ("damaged", 5),
        ("sellable", 5),
    ]
    assert held(sqlite_core) == {4: ("place", "unknown_location", "MOON"), 5: ("state", "unknown_code", "wet")}


def test_a_row_may_state_two_movements_of_one_kind(sqlite_core, sqlite_settings):
    document = changed(
        STOCK,
        columns={"type": None, "quantity": None, "bought": "bought", "found": "found"},
        movements=[{"kind": "receive", "quantity": "bought"}, {"kind": "receive", "quantity": "found"}],
    )

    load_rows(sqlite_core, sqlite_settings, document, [f"D-1,MUG,{NOON},5,2"], header="doc,sku,at,bought,found")

    assert rows_of(sqlite_core, "select quantity from stock_movement order by quantity") == [(2,), (5,)]
    assert rows_of(sqlite_core, "select on_hand from stock_balance") == [(7,)]


def test_movements_name_the_order_they_serve(sqlite_core, sqlite_settings):
    document = changed(STOCK, columns={"order_id": "order", "order_account": "shop"})

    load_rows(
        sqlite_core,
        sqlite_settings,
        document,
        [f"D-1,MUG,{NOON},IN,5,O-1,made-up"],
        header=f"{STOCK_HEADER},order,shop",
    )

    assert rows_of(sqlite_core, "select order_account, order_external_id from stock_movement") == [("made-up", "O-1")]


def test_rows_without_a_key_of_their_own_count_each(sqlite_core, sqlite_settings):
    document = changed(STOCK, columns={"document": None}, key=None)
    row = f"MUG,{NOON},IN,5"

    load_rows(sqlite_core, sqlite_settings, document, [row, row, f"CUP,{NOON},IN,1"], header="sku,at,type,qty")
    before = facts_of(sqlite_core)
    load(
        sqlite_core,
        sqlite_settings,
        document,
        write_file(sqlite_settings.home / "again.csv", ["sku,at,type,qty", row, row, f"POT,{NOON},IN,1"]),
    )

    assert rows_of(sqlite_core, "select sku, on_hand from stock_balance order by sku") == [
        ("CUP", 1),
        ("MUG", 10),
        ("POT", 1),
    ]
    assert facts_of(sqlite_core) != before


def test_days_with_balances_give_movements_an_opening_and_observations(core, core_settings):
    rows = [
        "MUG,2026-03-02,5,2,13,2.50",  # opening 13 - 5 + 2 = 10
        "MUG,2026-03-03,0,3,10,2.60",
        "MUG,2026-03-04,1,0,12,2.60",  # the ledger says 11
    ]

    result = load_rows(core, core_settings, DAILY, rows, header=DAILY_HEADER)

    ledger = "select kind, quantity, occurred_at from stock_movement order by occurred_at, quantity desc"
    assert rows_of(core, ledger) == [
        ("opening", 10, march(2)),
        ("receive", 5, march(2)),
        ("ship", -2, march(2)),
        ("ship", -3, march(3)),
        ("receive", 1, march(4)),
    ]
    assert (result.counts.movements, result.counts.balances) == (5, 3)
    with reading(core) as connection:
        found = reconciliation(connection)
        value = [stock_rows(connection, at=close_of(day), now=NOW)[1][0].value for day in (2, 3)]
    assert (found["compared"], found["different"]) == (3, 1)
    assert (found["rows"][0]["observed_at"], found["rows"][0]["quantity"], found["rows"][0]["on_hand"]) == (
        close_of(4),
        12,
        11,
    )
    assert value == [Decimal("32.50"), Decimal("26.00")]  # 13 x 2.50, 10 x 2.60


def test_two_balances_of_one_instant_that_differ_are_told(sqlite_core, sqlite_settings):
    document = changed(DAILY, key=None, movements=None, file="stock_snapshot")
    rows = ["MUG,2026-03-02,0,0,13,2.50", "MUG,2026-03-02,0,0,14,2.50"]

    load_rows(sqlite_core, sqlite_settings, document, rows, header=DAILY_HEADER)

    assert rows_of(sqlite_core, "select count(*) from stock_snapshot") == [(1,)]
    assert {rule for _, rule, _ in held(sqlite_core).values()} == {"contradiction"}


def test_a_cost_below_zero_is_held_back(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, DAILY, ["MUG,2026-03-02,5,2,13,-2.50"], header=DAILY_HEADER)

    assert held(sqlite_core) == {2: ("cost", "cost_sign", "-2.50")}
    assert rows_of(sqlite_core, "select count(*) from stock_movement") == [(0,)]


def test_a_policy_that_turns_strict_while_stock_is_below_zero_refuses_the_load(core, core_settings):
    loose = changed(STOCK, locations={"MAIN": {"name": "Main", "allows_negative_stock": True}})
    load_rows(core, core_settings, loose, [f"D-1,MUG,{NOON},OUT,5"], header=STOCK_HEADER)
    before = facts_of(core)

    with pytest.raises(RuleViolationError) as caught:
        load_rows(core, core_settings, STOCK, [f"D-2,MUG,{NOON},IN,1"], header=STOCK_HEADER)

    assert caught.value.code == "STOCK_BELOW_ZERO"
    assert "MAIN" in caught.value.reason
    assert facts_of(core) == before


def test_orders_that_move_stock_ship_goods_and_take_returns_back(core, core_settings):
    document = changed(
        ORDERS,
        account={"moves_stock": True},
        location="SHOP",
        locations={"SHOP": {"name": "Shop", "allows_negative_stock": True}},
        columns={"status": "state", "type": "type", "cancelled_quantity": "gone"},
        classes=[{"class": "return", "when": {"type": "R"}}, {"class": "sale", "when": {"type": "S"}}],
        line_kinds=[{"kind": "shipping", "when": {"sku": "POST"}}],
    )
    rows = [
        f"O-1,1,MUG,5,1,{AT},confirmed,S,2",
        f"O-1,2,POST,1,4,{AT},confirmed,S,0",
        f"O-2,1,MUG,7,1,{AT},pending,S,0",
        f"O-3,1,MUG,7,1,{AT},cancelled,S,0",
        f"O-4,1,MUG,2,1,{AT},closed,S,0",
        "R-1,1,MUG,1,1,2026-03-05T10:00:00Z,,R,0",
    ]

    load_rows(core, core_settings, document, rows, header="order,line,sku,qty,price,at,state,type,gone")

    moved = "select kind, quantity, order_external_id from stock_movement order by occurred_at, order_external_id"
    assert rows_of(core, moved) == [("ship", -3, "O-1"), ("ship", -2, "O-4"), ("return_in", 1, "R-1")]
    assert rows_of(core, "select on_hand from stock_balance") == [(-4,)]


def test_an_account_without_stock_truth_moves_nothing(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,5,1,{AT}"])

    assert rows_of(sqlite_core, "select count(*) from stock_movement") == [(0,)]


CATALOGUE_HEADER = "sku,title,category,cost,since"


def test_a_catalogue_describes_goods_and_what_they_cost_from_when_on(core, core_settings):
    rows = ["MUG,Mug,kitchen,2.50,2026-03-01T00:00:00Z", "MUG,Mug,kitchen,2.75,2026-04-01T00:00:00Z", "CUP,Cup,,,"]
    document = changed(PRODUCTS, key=None)

    result = load_rows(core, core_settings, document, rows, header=CATALOGUE_HEADER)

    assert result.counts.products == 2
    assert rows_of(core, "select sku, title, category from sku order by sku") == [
        ("CUP", "Cup", None),
        ("MUG", "Mug", "kitchen"),
    ]
    costs = "select unit_cost, cost_scale, currency, valid_from from unit_cost order by valid_from"
    assert [row[:3] for row in rows_of(core, costs)] == [(250, 2, "EUR"), (275, 2, "EUR")]
    assert rows_of(core, costs)[0][3] == march(1)


def test_two_costs_of_one_instant_that_differ_are_told(sqlite_core, sqlite_settings):
    rows = ["MUG,Mug,,2.50,2026-03-01T00:00:00Z", "MUG,Mug,,2.75,2026-03-01T00:00:00Z"]

    load_rows(sqlite_core, sqlite_settings, changed(PRODUCTS, key=None), rows, header=CATALOGUE_HEADER)

    assert rows_of(sqlite_core, "select count(*) from unit_cost") == [(1,)]
    assert {rule for _, rule, _ in held(sqlite_core).values()} == {"contradiction"}


def test_a_catalogue_currency_that_is_none_is_held_back(sqlite_core, sqlite_settings):
    document = changed(PRODUCTS, currency=None, columns={"currency": "cur"}, key=["sku"])
    rows = ["MUG,Mug,,2.50,,EUR", "CUP,Cup,,2.50,,", "POT,Pot,,2.50,,Euro"]

    load_rows(sqlite_core, sqlite_settings, document, rows, header=f"{CATALOGUE_HEADER},cur")

    assert {row: fault[:2] for row, fault in held(sqlite_core).items()} == {
        3: ("cur", "required"),
        4: ("cur", "not_a_currency"),
    }
