"""What the database itself refuses, by raw SQL and on both engines; after each refusal nothing has changed."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.domain.facts import SkuFact
from oms_core.storage.tables import JOURNALS, stock_movement
from tests.builders import (
    NOW,
    a_balance,
    a_context,
    a_held_row,
    a_line,
    a_message,
    a_movement,
    a_place,
    a_return,
    an_order,
    contents,
    give,
    march,
    rows_of,
)

PLACES = a_context(a_place(), a_place("YARD", allows_negative_stock=True))
KEPT = ("sales_order", "order_line", "return_order", "return_line", "stock_balance", "stock_exception")


@pytest.fixture(scope="module")
def filled(module_core):
    """Every kept table has a row: MAIN holds 3 mugs (5 received, 2 shipped), YARD is 3 below zero."""
    give(
        module_core,
        an_order("A-1", a_line("1"), a_line("2", sku="CUP")),
        an_order("A-2"),
        a_return(),
        a_movement("in", units=5),
        a_movement("out", kind="ship", units=2, at=march(3)),
        a_movement("gone", kind="ship", units=3, location="YARD"),
        a_balance(5),
        a_message(a_held_row()),
        context=PLACES,
    )
    return module_core


def refuse(core: sa.Engine, statement: str, **values: Any) -> str:
    """The refusal's text, after nothing was found changed."""
    before = contents(core)
    with pytest.raises(sa.exc.DBAPIError) as caught, core.begin() as connection:
        connection.execute(sa.text(statement), values)
    assert contents(core) == before
    return str(caught.value.orig)


def refuse_movement(core: sa.Engine, **values: Any) -> str:
    """The refusal of a movement written straight into the ledger."""
    before = contents(core)
    with pytest.raises(sa.exc.DBAPIError) as caught, core.begin() as connection:
        connection.execute(stock_movement.insert().values(**a_ledger_row(**values)))
    assert contents(core) == before
    return str(caught.value.orig)


def a_ledger_row(**values: Any) -> dict[str, Any]:
    row = {
        "movement_id": 1_000,
        "account": "shop",
        "source_key": "by hand",
        "sku": "MUG",
        "location": "MAIN",
        "condition": "sellable",
        "kind": "ship",
        "quantity": -1,
        "occurred_at": march(4),
        "content_sha256": "",
        "actor": "test",
        "recorded_at": NOW,
        "change_id": 1_000,
    }
    return {**row, **values}


def movement_id(core: sa.Engine, source_key: str) -> int:
    found: int = rows_of(core, f"select movement_id from stock_movement where source_key = '{source_key}'")[0][0]
    return found


ON_SQLITE = pytest.mark.parametrize("module_core", ["sqlite"], indirect=True, scope="module")
ON_POSTGRESQL = pytest.mark.parametrize(
    "module_core", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True, scope="module"
)


# --- journals (I4, I9) ----------------------------------------------------------------------------


@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_journal_row_is_never_updated(filled, journal):
    clock = "received_at" if journal == "feed_message" else "recorded_at"

    assert "IMMUTABLE" in refuse(filled, f"update {journal} set {clock} = 0")


@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_journal_row_is_never_deleted(filled, journal):
    assert "IMMUTABLE" in refuse(filled, f"delete from {journal}")


@ON_POSTGRESQL
@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_journal_is_never_truncated(filled, journal):
    assert "IMMUTABLE" in refuse(filled, f"truncate {journal} cascade")


@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_second_journal_row_of_the_same_key_is_refused(filled, journal):
    refuse(filled, f"insert into {journal} select * from {journal} limit 1")


@ON_SQLITE
@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
@pytest.mark.parametrize("verb", ["insert or replace", "insert or ignore"])
def test_no_conflict_clause_gets_past_the_same_key(filled, journal, verb):
    refuse(filled, f"{verb} into {journal} select * from {journal} limit 1")


@pytest.mark.parametrize("journal", JOURNALS, ids=lambda table: table.name)
def test_an_upsert_rewrites_no_journal_row(filled, journal):
    clock = "received_at" if journal.name == "feed_message" else "recorded_at"
    key = ", ".join(f'"{column.name}"' for column in journal.primary_key)

    refuse(
        filled,
        f"insert into {journal.name} select * from {journal.name} where true"
        f" on conflict ({key}) do update set {clock} = 0",
    )


@ON_SQLITE
@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_foreign_connection_replaces_no_journal_row(filled, journal):
    before = contents(filled)
    path = str(filled.url.database)

    # The driver's defaults: recursive_triggers is off, so a REPLACE fires no delete trigger.
    with closing(sqlite3.connect(path)) as bare, pytest.raises(sqlite3.DatabaseError):
        bare.execute(f"insert or replace into {journal} select * from {journal} limit 1")

    assert contents(filled) == before


@pytest.mark.parametrize("table", KEPT)
def test_orders_returns_balances_and_exceptions_are_kept(filled, table):
    refuse(filled, f"delete from {table}")


@ON_POSTGRESQL
@pytest.mark.parametrize("table", KEPT)
def test_no_kept_table_is_truncated(filled, table):
    refuse(filled, f"truncate {table} cascade")


# --- the ledger and its balances (I1, I4, I5) -----------------------------------------------------


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
    with filled.begin() as connection:
        connection.execute(sa.text("update stock_balance set committed = 3 where location = 'MAIN'"))

    refuse_movement(filled, quantity=-1)

    with filled.begin() as connection:
        connection.execute(sa.text("update stock_balance set committed = 0 where location = 'MAIN'"))


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
        {"movement_id": 1},
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


# --- the states of orders (I6) --------------------------------------------------------------------


def test_an_order_changes_state_only_by_an_event(filled):
    assert "STATE" in refuse(filled, "update sales_order set lifecycle = 'closed'")
    assert "STATE" in refuse(filled, "update sales_order set last_event_seq = last_event_seq + 1")
    assert "STATE" in refuse(filled, "update sales_order set lifecycle = 'none', last_event_seq = 0")


def test_an_order_does_not_return_to_an_earlier_event(filled):
    assert "STATE" in refuse(filled, "update sales_order set lifecycle = 'pending', last_event_seq = 1")


def test_an_order_starts_without_a_state(filled):
    names = "account, external_id, placed_at, currency, recorded_at, change_id"

    refused = refuse(
        filled,
        f"insert into sales_order (order_id, lifecycle, last_event_seq, {names})"
        " values (900, 'confirmed', 2, 'shop', 'X', 0, 'EUR', 0, 1)",
    )

    assert "STATE" in refused


@pytest.mark.parametrize(
    ("seq", "event", "before", "after"),
    [
        (3, "release", "confirmed", "pending"),  # no such transition
        (3, "close", "confirmed", "cancelled"),  # the event leads elsewhere
        (3, "confirm", "pending", "confirmed"),  # stale: the order is confirmed already
        (3, "hold", "pending", "on_hold"),  # legal, but not from where the order stands
        (4, "close", "confirmed", "closed"),  # skips a number
        (2, "close", "confirmed", "closed"),  # takes a number again
    ],
)
def test_an_event_follows_the_state_the_order_is_at(filled, seq, event, before, after):
    order_id = rows_of(filled, "select order_id from sales_order where external_id = 'A-1'")[0][0]

    refuse(
        filled,
        "insert into order_event (order_id, seq, event, from_state, to_state, occurred_at, actor, recorded_at,"
        " change_id)"
        f" values ({order_id}, {seq}, '{event}', '{before}', '{after}', 0, 'test', 0, 1)",
    )


def test_a_legal_event_moves_the_order(core):
    give(core, an_order())
    order_id = rows_of(core, "select order_id from sales_order")[0][0]

    with core.begin() as connection:
        connection.execute(
            sa.text(
                "insert into order_event (order_id, seq, event, from_state, to_state, occurred_at, actor, recorded_at,"
                f" change_id) values ({order_id}, 3, 'close', 'confirmed', 'closed', 0, 'test', 0, 88)"
            )
        )

    assert rows_of(core, "select lifecycle, last_event_seq, change_id from sales_order") == [("closed", 3, 88)]


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
