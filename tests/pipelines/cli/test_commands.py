"""`oms` as a process of its own: one JSON document on standard output, messages on standard error, exit codes."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.feeds.made_up import AT, HEADER, ORDERS, STOCK, STOCK_HEADER, changed, write_file, write_map

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


@dataclass
class Home:
    """A home, and `oms` run in it."""

    path: Path
    database_url: str | None = None

    def oms(self, *arguments: object) -> Ended:
        """Run `oms` with these arguments."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("OMS_")}
        environment["OMS_HOME"] = str(self.path)
        if self.database_url:
            environment["OMS_DATABASE_URL"] = self.database_url
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.cli.main", *map(str, arguments)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path / "home")


@pytest.fixture
def ready(empty_home, tmp_path):
    """A home with an empty core, and two maps of its own."""
    shutil.copytree(empty_home, tmp_path / "home")
    made = Home(tmp_path / "home")
    write_map(made.path / "maps", ORDERS)
    write_map(made.path / "maps", STOCK)
    return made


ROWS = [f"O-1,1,MUG,2,5.00,{AT}", f"O-1,2,CUP,1,7.50,{AT}", "O-2,1,MUG,1,5.00,2026-03-04T10:00:00Z"]


def orders_file(tmp_path, *more, name="orders.csv"):
    return write_file(tmp_path / name, [HEADER, *ROWS, *more])


def stock_file(tmp_path):
    rows = ["D-1,MUG,2026-03-02T10:00:00Z,IN,5", "D-2,MUG,2026-03-04T12:00:00Z,OUT,2"]
    return write_file(tmp_path / "stock.csv", [STOCK_HEADER, *rows])


# --- init -----------------------------------------------------------------------------------------


def test_init_makes_a_home_and_doing_it_again_changes_nothing(home):
    first = home.oms("init", "--time-zone", "Europe/Berlin", "--currency", "EUR", "--json")
    before = (home.path / "core.db").read_bytes()
    second = home.oms("init", "--json")

    assert (first.code, second.code) == (0, 0)
    assert (
        first.document
        == second.document
        == {
            "home": str(home.path),
            "version": 1,
            "time_zone": "Europe/Berlin",
            "base_currency": "EUR",
        }
    )
    assert (first.err, second.err) == ("", "")
    assert (home.path / "core.db").read_bytes() == before


def test_init_on_postgresql_keeps_its_core_there(tmp_path, postgres_url):
    home = Home(tmp_path / "home", postgres_url)

    assert home.oms("init", "--json").code == 0
    assert home.oms("verify", "--json").code == 0
    assert not (home.path / "core.db").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--time-zone", "Mars/Olympus"], "TIME_ZONE_UNKNOWN"), (["--currency", "gold"], "CURRENCY_UNKNOWN")],
)
def test_init_refuses_settings_that_make_no_sense(home, arguments, code):
    ended = home.oms("init", *arguments, "--json")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"{code}: ")
    assert not home.path.exists()


# --- before there is a home, and without a database -------------------------------------------------

NEEDS_A_HOME = [
    ["feed", "load", "made_up", "orders.csv"],
    ["feed", "quarantine"],
    ["stock"],
    ["order", "list"],
    ["verify"],
]


@pytest.mark.parametrize("command", NEEDS_A_HOME, ids=" ".join)
def test_commands_before_init_are_refused_with_what_to_do(home, command):
    write_map(home.path / "maps", ORDERS)

    ended = home.oms(*command, "--json")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("HOME_NOT_READY: ")
    assert "oms init" in ended.err
    assert not (home.path / "core.db").exists()


@pytest.mark.parametrize("command", [["init"], ["stock"]], ids=" ".join)
def test_a_database_that_does_not_answer_is_a_failure(tmp_path, command):
    home = Home(tmp_path / "home", "postgresql://nobody@127.0.0.1:1/nothing")

    ended = home.oms(*command, "--json")

    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("DATABASE_FAILED: ")


def test_a_database_of_another_kind_is_refused(tmp_path):
    ended = Home(tmp_path / "home", "oracle://somewhere").oms("init", "--json")

    assert (ended.code, ended.out) == (2, "")
    assert "DATABASE_URL_UNKNOWN" in ended.err


def test_a_home_of_a_later_release_is_a_failure(ready):
    with closing(sqlite3.connect(ready.path / "core.db")) as bare:
        bare.execute("update alembic_version set version_num = '9999'")
        bare.commit()

    ended = ready.oms("init", "--json")

    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("SCHEMA_NEWER: ")


# --- feeds ----------------------------------------------------------------------------------------


def test_formats_lists_shipped_maps_and_those_of_the_home(ready):
    ended = ready.oms("feed", "formats", "--json")

    formats = {it["name"]: it for it in ended.document["formats"]}
    assert (ended.code, ended.err) == (0, "")
    assert {"table", "online_retail_2009_2010", "made_up", "made_up_stock"} <= formats.keys()
    assert formats["made_up"]["kind"] == "channel"
    assert ".csv.gz" in formats["made_up"]["extensions"]
    assert formats["made_up"]["title"] == {"en": "Made up", "zh": "虚构"}


def test_formats_needs_no_home(home):
    assert home.oms("feed", "formats", "--json").code == 0
    assert not home.path.exists()


def test_load_counts_messages_and_rows_written(ready, tmp_path):
    ended = ready.oms("feed", "load", "made_up", orders_file(tmp_path), "--json")

    counts = ended.document
    assert (ended.code, ended.err) == (0, "")
    names = (
        "received",
        "applied",
        "duplicate",
        "stale",
        "quarantined",
        "orders",
        "lines",
        "movements",
        "payments",
        "returns",
    )
    assert [counts[name] for name in names] == [2, 2, 0, 0, 0, 2, 3, 0, 0, 0]
    assert (counts["files"], counts["refused"]) == (1, [])
    assert counts["seconds"] >= 0


def test_load_by_a_map_given_with_the_file(ready, tmp_path):
    given = write_map(tmp_path, changed(ORDERS, name="given_map"))

    ended = ready.oms("feed", "load", "table", orders_file(tmp_path), "--map", given, "--account", "second", "--json")

    assert (ended.code, ended.document["orders"]) == (0, 2)
    assert {row["account"] for row in ready.oms("order", "list", "--json").document["rows"]} == {"second"}


def test_load_with_rows_held_back_needs_attention(ready, tmp_path):
    path = orders_file(tmp_path, f"O-3,1,MUG,many,5,{AT}")

    first = ready.oms("feed", "load", "made_up", path, "--json")
    again = ready.oms("feed", "load", "made_up", path, "--json")

    assert (first.code, first.document["quarantined"]) == (1, 1)
    assert (again.code, again.document["duplicate"]) == (0, 3)


def test_of_several_files_a_refused_one_is_named_and_the_others_load(ready, tmp_path):
    bad = write_file(tmp_path / "bad.csv", ["no,such,header"])

    ended = ready.oms("feed", "load", "made_up", orders_file(tmp_path), bad, "--json")

    assert (ended.code, ended.document["orders"]) == (1, 2)
    [refused] = ended.document["refused"]
    assert (refused["path"], refused["code"]) == (str(bad), "FILE_HEADER")
    assert str(bad) in ended.err


def test_when_every_file_is_refused_nothing_was_changed(ready, tmp_path):
    before = ready.oms("verify", "--facts", "--json").document["facts"]

    ended = ready.oms(
        "feed", "load", "made_up", tmp_path / "nowhere.csv", write_file(tmp_path / "x.csv", ["a"]), "--json"
    )

    assert ended.code == 2
    assert [it["code"] for it in ended.document["refused"]] == ["FILE_UNREADABLE", "FILE_HEADER"]
    assert ready.oms("verify", "--facts", "--json").document["facts"] == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["carrier_pigeon", "a.csv"], "FORMAT_UNKNOWN: "),
        (["table", "a.csv"], "--map"),
        (["made_up", "a.csv", "--map", "m.yml"], "--map"),
        (["table", "a.csv", "--map", "nowhere.yml"], "MAP_UNREADABLE: "),
        (["made_up"], "Missing argument"),
    ],
)
def test_load_refuses_bad_usage(ready, arguments, said):
    ended = ready.oms("feed", "load", *arguments, "--json")

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


def test_quarantine_lists_and_replays(ready, tmp_path):
    states = {"column": "state", "codes": {"open": "confirmed"}}
    write_map(ready.path / "maps", changed(ORDERS, columns={"status": states}))
    path = write_file(tmp_path / "s.csv", [f"{HEADER},state", f"O-1,1,MUG,1,5,{AT},open", f"O-2,1,MUG,1,5,{AT},done"])
    ready.oms("feed", "load", "made_up", path)

    listed = ready.oms("feed", "quarantine", "--json")
    unmended = ready.oms("feed", "quarantine", "--replay", "all", "--json")
    write_map(
        ready.path / "maps",
        changed(ORDERS, columns={"status": {**states, "codes": {"open": "confirmed", "done": "closed"}}}),
    )
    mended = ready.oms("feed", "quarantine", "--replay", listed.document["rows"][0]["id"], "--json")
    unknown = ready.oms("feed", "quarantine", "--replay", "999", "--json")

    [row] = listed.document["rows"]
    assert (listed.code, unmended.code, mended.code, unknown.code) == (1, 1, 0, 2)
    assert {"id", "source", "path", "rule", "reason", "fix", "row", "column", "value"} <= row.keys()
    assert (row["path"], row["row"], row["rule"]) == ("s.csv", 3, "unknown_code")
    assert unmended.document["replayed"] == {"tried": 1, "applied": 0}
    assert (mended.document["replayed"], mended.document["rows"]) == ({"tried": 1, "applied": 1}, [])
    assert unknown.err.startswith("QUARANTINE_UNKNOWN: ")


def test_profile_reads_every_kind_of_file_and_writes_nothing(ready, tmp_path):
    before = (ready.path / "core.db").read_bytes()

    orders = ready.oms("feed", "profile", "made_up", orders_file(tmp_path), "--json")
    stock = ready.oms("feed", "profile", "made_up_stock", stock_file(tmp_path))

    assert (orders.code, stock.code) == (0, 0)
    assert orders.document["files"][0]["rows"] == 3
    assert "stock.csv: 2 rows" in stock.out
    assert (ready.path / "core.db").read_bytes() == before


# --- stock ----------------------------------------------------------------------------------------


@pytest.fixture
def stocked(ready, tmp_path):
    assert ready.oms("feed", "load", "made_up_stock", stock_file(tmp_path)).code == 0
    return ready


@pytest.mark.parametrize(
    ("arguments", "on_hand"),
    [
        ([], [3]),
        (["--at", "2026-03-03"], [5]),
        (["--at", "2026-03-04T11:59:59Z"], [5]),
        (["--at", "2026-03-04T13:00:00+01:00"], [3]),
        (["--at", "2026-03-01"], []),
        (["--location", "MAIN", "--sku", "MUG"], [3]),
        (["--as-known", "2020-01-01"], []),
    ],
)
def test_stock_now_then_and_as_known(stocked, arguments, on_hand):
    ended = stocked.oms("stock", *arguments, "--json")

    rows = ended.document["rows"]
    assert (ended.code, ended.err) == (0, "")
    assert [row["on_hand"] for row in rows] == on_hand
    names = {"sku", "location", "condition", "on_hand", "allocated", "available", "value"}
    assert all(names <= row.keys() for row in rows)


def test_stock_of_a_date_is_as_of_its_end(stocked):
    assert stocked.oms("stock", "--at", "2026-03-03", "--json").document["at"] == "2026-03-03T23:59:59.999999Z"


@pytest.mark.parametrize(
    ("option", "text"),
    [("--at", "yesterday"), ("--at", "2026-02-30"), ("--at", "2026-03-03T10:00:00"), ("--as-known", "03.03.2026")],
)
def test_stock_at_no_instant_is_refused(stocked, option, text):
    ended = stocked.oms("stock", option, text, "--json")

    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("INSTANT_UNREADABLE: ")


# --- orders ---------------------------------------------------------------------------------------


@pytest.fixture
def sold(ready, tmp_path):
    assert ready.oms("feed", "load", "made_up", orders_file(tmp_path)).code == 0
    return ready


@pytest.mark.parametrize(
    ("arguments", "numbers"),
    [
        ([], ["O-2", "O-1"]),
        (["--status", "closed"], []),
        (["--from", "2026-03-02", "--to", "2026-03-02"], ["O-1"]),
        (["--text", "CUP"], ["O-1"]),
        (["--limit", "1", "--offset", "1"], ["O-1"]),
    ],
)
def test_orders_are_listed(sold, arguments, numbers):
    ended = sold.oms("order", "list", *arguments, "--json")

    assert (ended.code, ended.err) == (0, "")
    assert [row["external_id"] for row in ended.document["rows"]] == numbers


def test_an_order_is_shown_with_its_lines_and_events(sold):
    ended = sold.oms("order", "show", "O-1", "--json")

    order = ended.document
    assert (ended.code, ended.err) == (0, "")
    assert (order["status"], order["units"], order["amount"]) == ("confirmed", 3, 17.5)
    assert [(line["sku"], line["quantity"], line["line_amount"]) for line in order["lines"]] == [
        ("MUG", 2, 10.0),
        ("CUP", 1, 7.5),
    ]
    assert [event["to_state"] for event in order["events"]] == ["pending", "confirmed"]
    assert (order["payments"], order["shipments"], order["returns"]) == ([], [], [])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "Z-9"], "ORDER_UNKNOWN: "),
        (["list", "--status", "shipped"], "STATUS_UNKNOWN: "),
        (["list", "--from", "yesterday"], "yesterday"),
    ],
)
def test_order_refuses_what_makes_no_sense(sold, arguments, said):
    ended = sold.oms("order", *arguments, "--json")

    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err


# --- verify ---------------------------------------------------------------------------------------


def test_verify_is_done_when_every_invariant_holds(stocked):
    ended = stocked.oms("verify", "--facts", "--json")

    assert (ended.code, ended.err) == (0, "")
    assert all(check["ok"] and check["rows"] == [] for check in ended.document["checks"])
    assert ended.document["reconciliation"] == {"compared": 0, "different": 0, "rows": []}
    assert ended.document["facts"]["movements"]["rows"] == 2


def test_verify_names_what_was_tampered_with(stocked):
    with closing(sqlite3.connect(stocked.path / "core.db")) as bare:
        bare.execute("drop trigger stock_balance_booked")
        bare.execute("update stock_balance set on_hand = 99")
        bare.commit()

    ended = stocked.oms("verify", "--json")

    broken = {check["name"]: check["rows"] for check in ended.document["checks"] if not check["ok"]}
    assert ended.code == 1
    assert broken["balance_is_sum_of_movements"][0]["on_hand"] == 99
    assert broken["rules_in_place"] == [{"trigger": "stock_balance_booked"}]


# --- all of them ----------------------------------------------------------------------------------


def test_people_read_text_where_json_is_not_asked_for(sold):
    for command, said in [
        (["feed", "quarantine"], "Nothing is held back."),
        (["stock"], "0 rows"),
        (["order", "list"], "2 of 2 orders"),
        (["order", "show", "O-1"], "made-up/O-1"),
        (["verify"], "ok"),
    ]:
        ended = sold.oms(*command)
        assert (ended.code, ended.err) == (0, "")
        assert said in ended.out


def test_two_homes_never_meet(ready, sold, tmp_path):
    other = Home(tmp_path / "other")
    other.oms("init")

    assert other.oms("order", "list", "--json").document == {"rows": [], "total": 0}
    assert sorted(path.name for path in other.path.iterdir() if "core.db" not in path.name) == []


@pytest.mark.parametrize("arguments", [["fly"], ["stock", "--fly"]], ids=" ".join)
def test_what_is_no_command_is_refused(home, arguments):
    ended = home.oms(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert ended.err


def test_help_is_told_on_standard_output(home):
    ended = home.oms("--help")

    assert (ended.code, ended.err) == (0, "")
    assert all(name in ended.out for name in ("init", "feed", "stock", "order", "verify"))


def test_a_full_disk_or_a_forbidden_folder_is_a_failure(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")

    ended = Home(blocked / "home").oms("init", "--json")

    assert (ended.code, ended.out) == (3, "")
    assert ended.err.startswith("INPUT_OUTPUT: ")


def test_a_fault_of_the_program_is_told_apart_from_what_needs_attention(home):
    broken = "from pipelines.cli import main; main._COMMANDS['stock'] = 'no.such:module'; main.main()"

    done = subprocess.run(
        [sys.executable, "-c", broken, "stock"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stdout) == (3, "")
    assert "FAULT: " in done.stderr
