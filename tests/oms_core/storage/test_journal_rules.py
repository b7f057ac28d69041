"""Journals and kept rows: what is written stays, whoever asks, by raw SQL and on both engines (I4, I9)."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from oms_core.storage.engine import reading
from oms_core.storage.rules.counters import COUNTERS
from oms_core.storage.tables import JOURNALS, KEPT
from tests.builders import contents
from tests.core_rows import ON_POSTGRESQL, ON_SQLITE, refuse

KEPT_NAMES = [table.name for table in KEPT]


@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_journal_row_is_never_updated(filled, journal):
    clock = "received_at" if journal == "feed_message" else "recorded_at"

    assert "IMMUTABLE" in refuse(filled, f"update {journal} set {clock} = 0")


@pytest.mark.parametrize("journal", [table.name for table in JOURNALS])
def test_a_journal_row_is_never_deleted(filled, journal):
    assert "IMMUTABLE" in refuse(filled, f"delete from {journal}")


def test_the_world_has_a_row_in_every_journal_and_kept_table(filled):
    with reading(filled) as connection:
        rows = {table.name: connection.execute(sa.select(table).limit(1)).first() for table in (*JOURNALS, *KEPT)}

    assert [name for name, row in rows.items() if row is None] == []


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


@pytest.mark.parametrize("table", KEPT_NAMES)
def test_orders_documents_balances_and_exceptions_are_kept(filled, table):
    assert "KEPT" in refuse(filled, f"delete from {table}")


@ON_SQLITE
@pytest.mark.parametrize("table", KEPT, ids=lambda table: table.name)
def test_a_foreign_connection_puts_no_fresh_row_in_the_place_of_a_kept_one(filled, table):
    before = contents(filled)
    fresh = {"lifecycle": "'none'", "state": "'none'", "last_event_seq": "0"}
    fresh |= {name: "0" for rule in COUNTERS if rule.target == table.name for name in (*rule.columns, rule.last)}
    values = ", ".join(fresh.get(column.name, f'"{column.name}"') for column in table.columns)
    names = ", ".join(f'"{column.name}"' for column in table.columns)

    with closing(sqlite3.connect(str(filled.url.database))) as bare, pytest.raises(sqlite3.DatabaseError) as caught:
        bare.execute(f"insert or replace into {table.name} ({names}) select {values} from {table.name} limit 1")

    assert "DUPLICATE" in str(caught.value) or table.name == "stock_balance"  # whose first row needs a movement too
    assert contents(filled) == before


@ON_SQLITE
@pytest.mark.parametrize(
    "change",
    [
        "sales_order set external_id = 'A-2' where external_id = 'A-1'",
        "order_line set line_key = '2' where line_key = '1' and order_id = 1",
        "sales_order set order_id = 1 where order_id = 500",
        "stock_balance set location = 'YARD' where location = 'MAIN' and sku = 'MUG'",
        "lot_balance set sku = 'TEA', lot = 'L-1' where lot = 'S-1'",
    ],
)
def test_a_foreign_connection_updates_no_row_into_the_place_of_another(filled, change):
    before = contents(filled)

    with closing(sqlite3.connect(str(filled.url.database))) as bare, pytest.raises(sqlite3.DatabaseError):
        bare.execute(f"update or replace {change}")

    assert contents(filled) == before


@ON_POSTGRESQL
@pytest.mark.parametrize("table", KEPT_NAMES)
def test_no_kept_table_is_truncated(filled, table):
    refuse(filled, f"truncate {table} cascade")
