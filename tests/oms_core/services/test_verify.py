"""`verify` finds what was changed behind the database's back, and names the rows; a digest tells facts apart."""

import sqlite3
from contextlib import closing

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.services.verify import facts_digest, reconciliation, run_checks
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from tests.builders import (
    NOW,
    a_balance,
    a_context,
    a_cost,
    a_line,
    a_message,
    a_movement,
    a_place,
    a_return,
    an_order,
    close_of,
    contents,
    facts_of,
    give,
    march,
    ready_core,
)
from tests.cores import opened

PLACES = a_context(a_place(), a_place("YARD", allows_negative_stock=True))


@pytest.fixture
def filled(core):
    """MAIN holds 3 mugs, YARD is 3 below zero; one order, one return."""
    give(
        core,
        an_order("A-1", a_line("1"), a_line("2", sku="CUP")),
        a_return(),
        a_movement("in", units=5),
        a_movement("out", kind="ship", units=2, at=march(3)),
        a_movement("gone", kind="ship", units=3, location="YARD"),
        context=PLACES,
    )
    return core


def broken(core):
    """Rows by the name of each check that found some."""
    with reading(core) as connection:
        return {check.name: check.rows for check in run_checks(connection) if check.rows}


def tamper(core, *statements):
    """Change rows as someone could who owns the database: with its rules switched off, and on again."""
    if core.dialect.name == "postgresql":
        with core.begin() as connection:
            connection.execute(sa.text("set local session_replication_role = replica"))
            for statement in statements:
                connection.execute(sa.text(statement))
        return
    with closing(sqlite3.connect(str(core.url.database))) as bare:  # foreign keys are off
        bare.execute("pragma ignore_check_constraints = on")
        triggers = bare.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in triggers:
            bare.execute(f"drop trigger {name}")
        for statement in statements:
            bare.execute(statement)
        for _, sql in triggers:
            bare.execute(sql)
        bare.commit()


def test_a_sound_core_passes_every_check(filled):
    with reading(filled) as connection:
        checks = run_checks(connection)

    assert not [check for check in checks if check.rows]
    assert len({check.name for check in checks}) == len(checks) >= 11
    assert all(check.meaning for check in checks)


def test_verify_repairs_nothing(filled):
    tamper(filled, "update stock_balance set on_hand = 9 where location = 'MAIN'")
    before = contents(filled)

    broken(filled)

    assert contents(filled) == before


def test_a_changed_balance_is_named(filled):
    tamper(filled, "update stock_balance set on_hand = 9 where location = 'MAIN'")

    assert broken(filled) == {
        "balance_is_sum_of_movements": [
            {"sku": "MUG", "location": "MAIN", "condition": "sellable", "on_hand": 9, "moved": 3}
        ]
    }


def test_a_removed_balance_is_named(filled):
    tamper(filled, "delete from stock_balance where location = 'MAIN'")

    assert broken(filled) == {
        "balance_is_sum_of_movements": [
            {"sku": "MUG", "location": "MAIN", "condition": "sellable", "on_hand": None, "moved": 3}
        ]
    }


def test_a_changed_movement_is_named_by_its_balance(filled):
    tamper(filled, "update stock_movement set quantity = 50 where source_key = 'in'")

    assert broken(filled)["balance_is_sum_of_movements"] == [
        {"sku": "MUG", "location": "MAIN", "condition": "sellable", "on_hand": 3, "moved": 48}
    ]


def test_a_removed_movement_is_named_by_its_balance(filled):
    tamper(filled, "delete from stock_movement where source_key = 'gone'")

    assert broken(filled)["balance_is_sum_of_movements"] == [
        {"sku": "MUG", "location": "YARD", "condition": "sellable", "on_hand": -3, "moved": None}
    ]


def test_stock_below_zero_without_an_exception_is_named(filled):
    tamper(filled, "delete from stock_exception")

    assert broken(filled) == {
        "nothing_oversold": [
            {"sku": "MUG", "location": "YARD", "condition": "sellable", "on_hand": -3, "committed": 0, "shortage": 0}
        ]
    }


def test_a_balance_that_does_not_follow_the_policy_is_named(filled):
    tamper(filled, "update location set allows_negative_stock = true where location = 'MAIN'")

    [row] = broken(filled)["policy_is_the_locations"]
    assert (row["sku"], row["location"]) == ("MUG", "MAIN")


def test_a_shortage_that_no_exception_explains_is_named(filled):
    tamper(filled, "update stock_balance set shortage = 7 where location = 'MAIN'")

    assert broken(filled) == {
        "shortage_is_sum_of_exceptions": [
            {"sku": "MUG", "location": "MAIN", "condition": "sellable", "shortage": 7, "explained": 0}
        ]
    }


def test_a_reversal_that_mirrors_nothing_is_named(filled):
    tamper(
        filled,
        "update stock_movement set reverses_id = (select movement_id from stock_movement where source_key = 'in')"
        " where source_key = 'out'",
    )

    [row] = broken(filled)["reversal_mirrors_its_movement"]
    assert row["reverses_id"] is not None


def test_a_changed_state_is_named(filled):
    tamper(filled, "update sales_order set lifecycle = 'closed'")

    [row] = broken(filled)["state_is_the_last_event"]
    assert (row["lifecycle"], row["to_state"]) == ("closed", "confirmed")


def test_a_removed_event_is_named(filled):
    tamper(filled, "delete from order_event where seq = 1")

    [row] = broken(filled)["events_follow_each_other"]
    assert (row["seq"], row["from_state"], row["before"]) == (2, "pending", None)


def test_a_changed_event_is_named(filled):
    tamper(filled, "update order_event set from_state = 'closed' where seq = 2")

    found = broken(filled)
    assert [row["seq"] for row in found["transition_is_legal"]] == [2]
    assert [row["seq"] for row in found["events_follow_each_other"]] == [2]


def test_a_transition_that_this_release_does_not_know_is_named(filled):
    tamper(filled, "insert into order_transition values ('closed', 'place', 'pending')")

    assert broken(filled) == {
        "transitions_are_this_releases": [
            {"document": "order", "from_state": "closed", "event": "place", "to_state": "pending"}
        ]
    }


def test_a_message_that_took_no_effect_is_named(filled):
    tamper(filled, "delete from feed_applied where message_id = (select min(message_id) from feed_applied)")

    [row] = broken(filled)["every_message_is_settled"]
    assert row["source"] == "table"


def test_goods_without_an_article_are_named(filled):
    tamper(filled, "update order_line set sku = null where line_key = '2'")

    assert len(broken(filled)["goods_lines_name_an_article"]) == 1


def test_an_order_without_lines_is_named(filled):
    tamper(filled, "delete from order_line")

    [row] = broken(filled)["an_order_has_lines"]
    assert row["external_id"] == "A-1"


def test_a_reference_that_leads_nowhere_is_named(sqlite_core):
    give(sqlite_core, an_order("A-1", a_line("1"), a_line("2")))

    with closing(sqlite3.connect(str(sqlite_core.url.database))) as bare:  # the driver's default: foreign_keys is off
        bare.execute("update order_line set sku = 'NOBODY KNOWS' where line_key = '2'")
        bare.commit()

    assert [row["table"] for row in broken(sqlite_core)["references_hold"]] == ["order_line"]


def test_a_missing_rule_is_named(filled):
    on = " on stock_movement" if filled.dialect.name == "postgresql" else ""
    with filled.begin() as connection:
        connection.execute(sa.text(f"drop trigger stock_movement_no_delete{on}"))

    assert broken(filled) == {"rules_in_place": [{"trigger": "stock_movement_no_delete"}]}


def test_a_rule_that_is_switched_off_is_named(postgres_core):
    with postgres_core.begin() as connection:
        connection.execute(sa.text("alter table stock_movement disable trigger stock_movement_no_delete"))

    assert broken(postgres_core) == {"rules_in_place": [{"trigger": "stock_movement_no_delete"}]}


def test_a_damaged_file_is_noticed(sqlite_settings):
    with opened(sqlite_settings) as core:
        give(core, *(an_order(f"A-{number}") for number in range(200)))
    path = sqlite_settings.home / "core.db"
    damaged = bytearray(path.read_bytes())
    half = len(damaged) // 2 // 4096 * 4096
    damaged[half : half + 4096] = b"\xff" * 4096
    path.write_bytes(bytes(damaged))

    with opened(sqlite_settings) as core:
        assert finds_fault(core)


def finds_fault(core):
    """Whether a check names rows, or the database itself gives up on the file."""
    try:
        return bool(broken(core))
    except sa.exc.DatabaseError as error:
        return "malformed" in str(error)


def test_at_most_a_hundred_rows_are_named(core):
    give(core, *(an_order(f"A-{number}") for number in range(105)))

    tamper(core, "delete from order_line")

    assert len(broken(core)["an_order_has_lines"]) == 100


def test_checking_before_there_is_a_core_is_refused(tmp_path):
    engine = open_engine(Settings.at(tmp_path))

    with pytest.raises(InvalidRequestError) as caught, reading(engine) as connection:
        run_checks(connection)

    assert caught.value.code == "HOME_NOT_READY"


# --- observed balances beside the ledger ----------------------------------------------------------


def test_observed_balances_are_compared_with_the_ledger_at_their_instant(core):
    give(
        core,
        a_movement("in", units=5, at=march(2)),
        a_movement("more", units=4, at=march(4)),
        a_balance(5, at=close_of(2)),
        a_balance(8, at=close_of(4)),
        a_balance(1, at=close_of(4), sku="CUP"),
    )

    with reading(core) as connection:
        found = reconciliation(connection)

    key = {"location": "MAIN", "condition": "sellable", "observed_at": close_of(4)}
    assert (found["compared"], found["different"]) == (3, 2)
    assert sorted(found["rows"], key=lambda row: row["sku"]) == [
        {**key, "sku": "CUP", "quantity": 1, "on_hand": 0},
        {**key, "sku": "MUG", "quantity": 8, "on_hand": 9},
    ]


# --- digests --------------------------------------------------------------------------------------


def test_equal_facts_with_other_ids_and_clocks_have_one_digest(core, tmp_path):
    facts = [an_order("A-1"), an_order("A-2"), a_movement(), a_return(), a_cost(), a_balance()]
    give(core, *facts)

    with ready_core(Settings.at(tmp_path / "other")) as other:
        for fact in reversed(facts):
            give(other, fact, now=NOW + 5)
        assert facts_of(other) == facts_of(core)


@pytest.mark.parametrize(
    ("name", "fact", "other"),
    [
        ("orders", an_order("A-1"), an_order("A-1", placed_at=march(2, 12) + 1)),
        ("orders", an_order("A-1"), an_order("A-1", country="DE")),
        ("order_lines", an_order("A-1", a_line(cents=1)), an_order("A-1", a_line(cents=2))),
        ("return_lines", a_return("R", a_line(quantity=1)), a_return("R", a_line(quantity=2))),
        ("movements", a_movement(units=1), a_movement(units=2)),
        ("movements", a_movement(at=march(1)), a_movement(at=march(2))),
        ("balances", a_movement(units=1), a_movement(units=2)),
        ("observations", a_balance(1), a_balance(2)),
        ("costs", a_cost(1), a_cost(2)),
    ],
)
def test_other_facts_have_another_digest(tmp_path, name, fact, other):
    digests = []
    for number, given in enumerate((fact, other)):
        with ready_core(Settings.at(tmp_path / str(number))) as core:
            give(core, a_message(given))
            with reading(core) as connection:
                digests.append(facts_digest(connection)[name]["sha256"])

    assert digests[0] != digests[1]
