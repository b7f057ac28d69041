"""Rows held back: told with all that is needed to mend them, and replayed as if the map had been right at once."""

import json
import shutil

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.services.quarantine import count_open, open_rows
from oms_core.settings import Settings
from oms_core.storage.engine import reading
from pipelines.feeds.load import load_files
from pipelines.feeds.replay import replay_rows
from tests.builders import facts_of, rows_of
from tests.cores import opened
from tests.pipelines.feeds.made_up import AT, HEADER, ORDERS, STOCK, STOCK_HEADER, changed, load, write_file, write_map

STATES = {"column": "state", "codes": {"open": "confirmed"}}
WITH_STATES = changed(ORDERS, columns={"status": STATES})
ALL_STATES = changed(ORDERS, columns={"status": {"column": "state", "codes": {"open": "confirmed", "done": "closed"}}})
ROWS = [
    f"O-1,1,MUG,1,5.00,{AT},open",
    f"O-1,2,CUP,2,7.50,{AT},open",
    f"O-2,1,MUG,3,5.00,{AT},done",
    f"O-2,2,CUP,1,7.50,{AT},done",
    f"O-3,1,POT,4,0.99,{AT},done",
    f"O-3,2,POT,4,0.99,{AT},open",
]


def open_count(core):
    with reading(core) as connection:
        return count_open(connection)


def write_rows(home, rows, header=f"{HEADER},state"):
    return write_file(home / "orders.csv", [header, *rows])


def test_a_held_row_carries_all_that_is_needed_to_mend_it(sqlite_core, sqlite_settings):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))

    with reading(sqlite_core) as connection:
        row = open_rows(connection)[0]
    [payload] = rows_of(sqlite_core, "select payload from feed_quarantine where row_number = 4")

    assert {name: row[name] for name in ("source", "account", "path", "row", "column", "rule", "value")} == {
        "source": "made_up",
        "account": "made-up",
        "path": "orders.csv",
        "row": 4,
        "column": "state",
        "rule": "unknown_code",
        "value": "done",
    }
    assert row["reason"] == "'done' is none of the codes open"
    assert row["fix"]
    names = f"{HEADER},state".split(",")
    assert json.loads(payload[0]) == dict(zip(names, ROWS[2].split(","), strict=True))


def test_a_held_row_holds_up_neither_its_order_nor_its_file(sqlite_core, sqlite_settings):
    result = load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))

    assert rows_of(sqlite_core, "select external_id from sales_order order by 1") == [("O-1",), ("O-3",)]
    assert (result.counts.lines, result.counts.quarantined, result.counts.quarantined_rows) == (3, 2, 3)
    assert result.counts.received == result.counts.applied + result.counts.quarantined == 3


def clean_facts(empty_home, tmp_path, document, rows, header=f"{HEADER},state"):
    home = tmp_path / "clean"
    shutil.copytree(empty_home, home)
    with opened(Settings.at(home)) as core:
        load(core, Settings.at(home), document, write_rows(home, rows, header))
        return facts_of(core, without=["quarantine"])


def test_mending_the_map_and_replaying_all_ends_where_the_right_map_would_have(
    core, core_settings, empty_home, tmp_path
):
    load(core, core_settings, WITH_STATES, write_rows(core_settings.home, ROWS))

    mended = write_map(tmp_path / "mended", ALL_STATES)
    replayed = replay_rows(core, core_settings, "all", map_path=mended)

    assert replayed == {"tried": 3, "applied": 3}
    assert open_count(core) == 0
    assert facts_of(core, without=["quarantine"]) == clean_facts(empty_home, tmp_path, ALL_STATES, ROWS)
    assert rows_of(core, "select distinct state from feed_quarantine") == [("applied",)]


def test_mending_the_map_and_loading_the_file_again_ends_there_too(core, core_settings, empty_home, tmp_path):
    path = write_rows(core_settings.home, ROWS)
    load(core, core_settings, WITH_STATES, path)

    load(core, core_settings, ALL_STATES, path)
    replay_rows(core, core_settings, "all", map_path=write_map(tmp_path / "mended", ALL_STATES))

    assert facts_of(core, without=["quarantine"]) == clean_facts(empty_home, tmp_path, ALL_STATES, ROWS)


def test_replaying_twice_changes_nothing(sqlite_core, sqlite_settings, tmp_path):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))
    mended = write_map(tmp_path / "mended", ALL_STATES)
    replay_rows(sqlite_core, sqlite_settings, "all", map_path=mended)
    before = facts_of(sqlite_core)

    assert replay_rows(sqlite_core, sqlite_settings, "all", map_path=mended) == {"tried": 0, "applied": 0}
    assert facts_of(sqlite_core) == before


def test_one_row_is_replayed_by_its_id(sqlite_core, sqlite_settings, tmp_path):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))
    [(wanted,)] = rows_of(sqlite_core, "select quarantine_id from feed_quarantine where row_number = 6")

    replayed = replay_rows(
        sqlite_core, sqlite_settings, str(wanted), map_path=write_map(tmp_path / "mended", ALL_STATES)
    )

    assert replayed == {"tried": 1, "applied": 1}
    assert open_count(sqlite_core) == 2
    assert rows_of(sqlite_core, "select count(*) from order_line") == [(4,)]


def test_a_row_that_fits_no_better_stays_held(sqlite_core, sqlite_settings, tmp_path):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))
    before = facts_of(sqlite_core)

    replayed = replay_rows(sqlite_core, sqlite_settings, "all", map_path=write_map(tmp_path / "same", WITH_STATES))

    assert replayed == {"tried": 3, "applied": 0}
    assert facts_of(sqlite_core) == before


def test_replaying_by_another_map_leaves_the_rows_of_other_sources_alone(sqlite_core, sqlite_settings, tmp_path):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))
    other = changed(ALL_STATES, name="somebody_else", account={"name": "somebody-else"})

    replayed = replay_rows(sqlite_core, sqlite_settings, "all", map_path=write_map(tmp_path / "other", other))

    assert replayed == {"tried": 0, "applied": 0}
    assert rows_of(sqlite_core, "select distinct account from sales_order") == [("made-up",)]
    assert open_count(sqlite_core) == 3


def test_rows_whose_map_is_gone_do_not_keep_others_from_being_replayed(sqlite_core, sqlite_settings):
    gone = changed(WITH_STATES, name="aaa_gone", account={"name": "gone"})
    load(sqlite_core, sqlite_settings, gone, write_rows(sqlite_settings.home, ROWS))
    maps = sqlite_settings.home / "maps"
    write_map(maps, WITH_STATES)
    load_files(sqlite_core, sqlite_settings, "made_up", [write_rows(sqlite_settings.home, ROWS)])
    write_map(maps, ALL_STATES)

    replayed = replay_rows(sqlite_core, sqlite_settings, "all")

    assert replayed == {"tried": 6, "applied": 3}
    assert rows_of(sqlite_core, "select distinct account from feed_quarantine where state = 'open'") == [("gone",)]


def test_asking_for_one_row_whose_map_is_gone_says_so(sqlite_core, sqlite_settings):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ROWS))
    [(first,)] = rows_of(sqlite_core, "select min(quarantine_id) from feed_quarantine")

    with pytest.raises(InvalidRequestError) as caught:
        replay_rows(sqlite_core, sqlite_settings, str(first))

    assert caught.value.code == "FORMAT_UNKNOWN"


def test_a_cut_off_row_stays_held_whatever_the_map(sqlite_core, sqlite_settings, tmp_path):
    load(sqlite_core, sqlite_settings, WITH_STATES, write_rows(sqlite_settings.home, ["O-1,1,MUG"]))

    replayed = replay_rows(sqlite_core, sqlite_settings, "all", map_path=write_map(tmp_path / "mended", ALL_STATES))

    assert replayed == {"tried": 1, "applied": 0}


def test_a_replayed_return_and_a_replayed_cancellation_end_where_the_right_map_would_have(
    core, core_settings, empty_home, tmp_path
):
    classes = [{"class": "return", "when": {"type": "R"}}, {"class": "sale", "when": {"type": "S"}}]
    narrow = changed(ORDERS, columns={"type": "type"}, classes=classes)
    whole = changed(narrow, classes=[*classes, {"class": "cancellation", "when": {"type": "X"}}])
    rows = [f"O-1,1,MUG,2,5,{AT},S", f"O-1,2,CUP,2,5,{AT},X", f"O-2,1,CUP,1,5,{AT},X", f"R-1,1,MUG,1,5,{AT},R"]
    header = f"{HEADER},type"
    load(core, core_settings, narrow, write_rows(core_settings.home, rows, header))

    replay_rows(core, core_settings, "all", map_path=write_map(tmp_path / "mended", whole))

    assert rows_of(core, "select external_id, lifecycle from sales_order order by 1") == [
        ("O-1", "confirmed"),
        ("O-2", "cancelled"),
    ]
    assert facts_of(core, without=["quarantine"]) == clean_facts(empty_home, tmp_path, whole, rows, header)


def test_replayed_stock_is_booked_once(core, core_settings, tmp_path):
    rows = ["D-1,MUG,2026-03-02T10:00:00Z,IN,5", "D-2,MUG,2026-03-03T10:00:00Z,LOST,2"]
    path = write_file(core_settings.home / "stock.csv", [STOCK_HEADER, *rows])
    load(core, core_settings, STOCK, path)
    lost = {"kind": "adjust_loss", "quantity": "quantity", "when": {"type": "LOST"}}
    mended = changed(STOCK, movements=[*STOCK["movements"], lost])

    replay_rows(core, core_settings, "all", map_path=write_map(tmp_path / "mended", mended))
    load(core, core_settings, mended, path)

    assert rows_of(core, "select kind, quantity from stock_movement order by movement_id") == [
        ("receive", 5),
        ("adjust_loss", -2),
    ]
    assert rows_of(core, "select on_hand from stock_balance") == [(3,)]
