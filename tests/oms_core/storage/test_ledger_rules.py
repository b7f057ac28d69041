"""A balance moves only with a movement and never below what is promised, by raw SQL on both engines (I1, I4, I5)."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.domain.facts import SkuFact
from oms_core.storage.tables import stock_movement
from tests.builders import a_context, a_movement, a_place, contents, give, march, rows_of
from tests.core_rows import a_ledger_row, refuse, refuse_row


def refuse_movement(core: sa.Engine, **values: Any) -> str:
    """The refusal of a movement written straight into the ledger."""
    return refuse_row(core, "stock_movement", a_ledger_row(**values))


def movement_id(core: sa.Engine, source_key: str) -> int:
    found: int = rows_of(core, f"select movement_id from stock_movement where source_key = '{source_key}'")[0][0]
    return found


@pytest.mark.parametrize(
    "change",
    [
        "on_hand = 4",
        "on_hand = on_hand + 1, last_movement_id = last_movement_id + 1",
        "location = 'YARD', sku = 'CUP'",
        "condition = 'damaged'",
        "last_movement_id = 0",
    ],
)
def test_a_balance_is_not_edited_by_hand(filled, change):
    assert "BALANCE" in refuse(filled, f"update stock_balance set {change} where location = 'MAIN'")


def test_a_balance_does_not_count_an_older_movement_twice(filled):
    older = movement_id(filled, "in")  # 5 units: 3 + 5 = 8

    refuse(filled, f"update stock_balance set on_hand = 8, last_movement_id = {older} where location = 'MAIN'")


def test_a_balance_is_not_inserted_without_a_movement(filled):
    refuse(
        filled,
        "insert into stock_balance (sku, location, condition, on_hand, committed, shortage, allows_negative,"
        " last_movement_id, change_id) values ('CUP', 'MAIN', 'sellable', 5, 0, 0, false, 1, 1)",
    )


def test_promising_more_than_is_there_is_refused(filled):
    refuse(filled, "update stock_balance set committed = 4 where location = 'MAIN'")


def test_a_promise_below_zero_is_refused(filled):
    refuse(filled, "update stock_balance set committed = -1 where location = 'MAIN'")


def test_the_guard_is_not_widened_by_a_shortage_that_nobody_recorded(filled):
    refuse(filled, "update stock_balance set shortage = 100 where location = 'MAIN'")


def test_an_exception_is_not_edited(filled):
    refuse(filled, "update stock_exception set quantity = 0")


def test_a_strict_location_refuses_units_that_are_not_there(filled):
    refuse_movement(filled, quantity=-4)


def test_a_shipment_of_what_is_promised_is_refused(filled):
    # HUB holds 20 pens, 6 of them promised: 15 may not leave.
    assert "not_oversold" in refuse_movement(filled, sku="PEN", location="HUB", quantity=-15)


def test_an_adjustment_below_what_is_promised_is_refused(filled):
    loss = {"kind": "adjust_loss", "sku": "PEN", "location": "HUB", "quantity": -15}

    assert "not_oversold" in refuse_movement(filled, **loss)


def test_a_balance_is_not_let_below_zero_but_by_its_location(filled):
    assert "POLICY" in refuse(filled, "update stock_balance set allows_negative = true where location = 'MAIN'")


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"quantity": 1},  # a shipment takes units out
        {"kind": "receive", "quantity": -1},
        {"kind": "lost"},
        {"condition": "wet"},
        {"sku": "NOBODY KNOWS"},
        {"location": "NOWHERE"},
        {"source_key": "in"},
        {"movement_id": 500},
    ],
)
def test_a_movement_that_makes_no_sense_is_refused(filled, wrong):
    refuse_movement(filled, **wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 1},
        {"sku": "CUP"},
        {"location": "YARD"},
        {"condition": "damaged"},
        {"kind": "adjust_loss"},
        {"reverses_id": 999},
    ],
)
def test_a_reversal_mirrors_one_movement_or_is_refused(filled, wrong):
    mirror = {"kind": "ship", "quantity": 2, "reverses_id": movement_id(filled, "out")}

    assert "REVERSAL" in refuse_movement(filled, **{**mirror, **wrong})


def test_a_movement_is_reversed_once_and_its_reversal_never(core):
    give(core, a_movement("in", units=5), a_movement("out", kind="ship", units=2))
    out = movement_id(core, "out")
    with core.begin() as connection:
        reversal = a_ledger_row(kind="ship", quantity=2, reverses_id=out)
        connection.execute(stock_movement.insert().values(**reversal))

    again = {"movement_id": 1_001, "source_key": "again"}
    refuse_movement(core, kind="ship", quantity=2, reverses_id=out, **again)
    refuse_movement(core, kind="ship", quantity=-2, reverses_id=1_000, **again)

    assert rows_of(core, "select on_hand from stock_balance") == [(5,)]


def test_stock_below_zero_where_allowed_opens_one_exception_each_time_it_crosses(core):
    place = a_context(a_place(allows_negative_stock=True))

    give(core, a_movement("1", kind="ship", units=3, at=march(2)), context=place)
    give(core, a_movement("2", kind="ship", units=1, at=march(3)), context=place)
    give(core, a_movement("3", units=9, at=march(4)), context=place)
    give(core, a_movement("4", kind="ship", units=7, at=march(5)), context=place)

    exceptions = "select kind, source_key, quantity, occurred_at from stock_exception order by occurred_at"
    assert rows_of(core, "select on_hand from stock_balance") == [(-2,)]
    assert rows_of(core, exceptions) == [
        ("negative_stock", "shop/1", -3, march(2)),
        ("negative_stock", "shop/4", -2, march(5)),
    ]


def test_a_policy_switch_changes_no_balance(core):
    give(core, a_movement(units=5))

    with core.begin() as connection:
        connection.execute(sa.text("update location set allows_negative_stock = true, change_id = 77"))

    assert rows_of(core, "select on_hand, committed, shortage, allows_negative from stock_balance") == [(5, 0, 0, True)]


def test_a_policy_switch_reaches_the_export(core):
    give(core, a_movement(units=5))

    with core.begin() as connection:
        connection.execute(sa.text("update location set allows_negative_stock = true, change_id = 77"))

    assert rows_of(core, "select change_id from stock_balance") == [(77,)]


def test_a_location_does_not_turn_strict_while_stock_is_below_zero(filled):
    refuse(filled, "update location set allows_negative_stock = false where location = 'YARD'")


@pytest.mark.parametrize(
    "change",
    [
        "update order_line set cancelled_quantity = 2",
        "update order_line set cancelled_quantity = -1",
        "update order_line set line_kind = 'bribe'",
        "update order_line set money_scale = 7",
        "update order_line set sku = 'NOBODY KNOWS'",
        "update return_line set quantity = 0",
        "update unit_cost set unit_cost = -1",
        "update feed_quarantine set state = 'lost'",
    ],
)
def test_values_outside_their_range_are_refused(filled, change):
    if "unit_cost" in change:
        before = contents(filled)
        insert = "insert into unit_cost values ('MUG', '', 0, -1, 2, 'EUR', 0, 1)"
        with pytest.raises(sa.exc.DBAPIError), filled.begin() as connection:
            connection.execute(sa.text(insert))
        assert contents(filled) == before
    else:
        refuse(filled, change)


def test_the_same_delivery_is_stored_once(filled):
    refuse(
        filled,
        "insert into feed_message select source, account, kind, message_key, message_id + 1000, natural_key,"
        " source_version, payload, sha256, received_at from feed_message limit 1",
    )


def test_describing_goods_again_changes_them_in_place(core):
    give(core, SkuFact("MUG", "Mug"))
    give(core, SkuFact("MUG", "Large mug", "kitchen"))

    assert rows_of(core, "select sku, title, category from sku") == [("MUG", "Large mug", "kitchen")]


def test_the_database_lies_in_a_private_folder(sqlite_core):
    folder = Path(str(sqlite_core.url.database)).parent

    assert folder.stat().st_mode & 0o777 == 0o700
