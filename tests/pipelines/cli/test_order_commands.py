"""`oms order …`: an order from the keyboard to its end, batches, previews and refusals."""

import json

import click
import pytest
from click.testing import CliRunner

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.services.company import now_micros
from pipelines.cli.main import oms
from pipelines.cli.output import Exit
from tests.builders import rows_of
from tests.cores import opened
from tests.order_cases import open_shop, ship, stock_up

BY_OPTIONS = ["order", "place", "--account", "shop", "--number", "1001", "--currency", "EUR", "--line", "MUG:3:10"]
BY_OPTIONS += ["--terms", "on_account", "--customer", "C-1", "--name", "Ada", "--street", "Hauptstr. 1"]
BY_OPTIONS += ["--city", "Berlin", "--postcode", "10115", "--country", "DE", "--placed-at", "2026-03-02T12:00:00Z"]
AS_JSON = {
    "account": "shop",
    "number": "1002",
    "placed_at": "2026-03-02T12:00:00Z",
    "currency": "EUR",
    "lines": [{"sku": "CUP", "quantity": 2, "unit_price": "10.00"}],
    "payment_terms": "on_account",
    "customer": {"reference": "C-2"},
    "ship_to": {"name": "Ben", "street": "Ring 2", "city": "Berlin", "postcode": "10117", "country": "DE"},
}


class Keyboard:
    """`oms` in this process, against one home with an open shop."""

    def __init__(self, home, core, folder):
        self.core = core
        self._folder = folder
        self._environment = {"OMS_HOME": str(home)}

    def run(self, *arguments, given=None):
        return CliRunner().invoke(oms, arguments, env=self._environment, standalone_mode=False, input=given)

    def answer(self, *arguments, given=None):
        ended = self.run(*arguments, "--json", given=given)
        assert ended.exception is None, ended.exception
        return json.loads(ended.stdout)

    def refusal(self, *arguments, given=None):
        ended = self.run(*arguments, given=given)
        assert isinstance(ended.exception, RuleViolationError | InvalidRequestError), ended.exception
        return ended.exception.code

    def file(self, document):
        path = self._folder / "given.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return str(path)


@pytest.fixture
def keyboard(sqlite_settings, tmp_path):
    with opened(sqlite_settings) as core:
        open_shop(core)
        yield Keyboard(sqlite_settings.home, core, tmp_path)


def test_an_order_is_placed_by_options_and_a_repeated_key_answers_the_same(keyboard):
    first = keyboard.answer(*BY_OPTIONS, "--key", "K-1")

    assert (first["order"], first["status"], first["total"]) == ("shop/1001", "confirmed", "30.00")
    assert keyboard.answer(*BY_OPTIONS, "--key", "K-1") == first
    assert "used before" in keyboard.run(*BY_OPTIONS, "--key", "K-1").stderr


def test_an_order_is_placed_from_a_file_or_from_standard_input(keyboard):
    assert keyboard.answer("order", "place", keyboard.file(AS_JSON))["order"] == "shop/1002"
    given = json.dumps({**AS_JSON, "number": "1003", "customer": None, "ship_to": None, "delivery_method": "pick_up"})
    assert keyboard.answer("order", "place", "-", given=given)["status"] == "confirmed"


def test_a_batch_answers_each_order_and_needs_attention_where_one_is_refused(keyboard):
    unknown = {**AS_JSON, "number": "1004", "lines": [{"sku": "PIN", "quantity": 1, "unit_price": "1"}]}
    batch = keyboard.file([AS_JSON, {"account": "shop"}, unknown])

    ended = keyboard.run("order", "place", batch, "--json", "--key", "K")

    assert ended.return_value == Exit.ATTENTION
    answer = json.loads(ended.stdout)
    assert (answer["placed"], answer["refused"]) == (1, 2)
    told = [row.get("order") or row["error"] for row in answer["orders"]]
    assert told == ["shop/1002", "ORDER_INVALID", "SKU_UNKNOWN"]
    again = keyboard.answer("order", "place", batch, "--key", "K")
    assert (again["orders"][0]["order"], again["orders"][0]["repeated"]) == ("shop/1002", True)


def test_a_clerk_takes_an_order_through_its_life(keyboard):
    stock_up(keyboard.core, "MUG", 10)
    keyboard.answer(*BY_OPTIONS)
    clerk = ("--actor", "mei", "--role", "support")

    held = keyboard.answer("order", "hold", "shop/1001", "fraud", "--reason", "ask the buyer", *clerk)
    free = keyboard.answer("order", "release", "shop/1001", "--resolution", "he is real", *clerk)
    change = ("order", "change", "shop/1001", "--version", "1", "--line", "1:5", "--reason", "two more", *clerk)
    shown = keyboard.answer(*change, "--preview")
    changed = keyboard.answer(*change)
    parted = keyboard.answer("order", "split", "shop/1001", "--line", "1:2", "--reason", "two parcels", *clerk)
    merged = keyboard.answer("order", "merge", "shop/1001", "shop/1001-2", "--reason", "one parcel", *clerk)
    fewer = keyboard.answer("order", "cancel", "shop/1001", "--line", "1:1", "--reason", "one less", *clerk)
    first = keyboard.answer("order", "prioritise", "shop/1001", "9")
    ended = keyboard.answer("order", "cancel", "shop/1001", "--reason", "no more", *clerk)

    assert (held["status"], free["status"]) == ("on_hold", "confirmed")
    assert (shown["preview"], shown["total"], changed["total"]) == (True, "50.00", "50.00")
    assert (parted["total"], parted["child"]["total"], merged["total"]) == ("30.00", "20.00", "50.00")
    assert (fewer["total"], first["priority"], ended["status"]) == ("40.00", 9, "cancelled")
    assert rows_of(keyboard.core, "select distinct actor from audit_entry where action = 'order.split'") == [("mei",)]


def test_lines_and_an_address_are_changed_from_a_file(keyboard):
    keyboard.answer(*BY_OPTIONS)
    wish = {
        "add": [{"key": "2", "sku": "CUP", "quantity": 1, "unit_price": "9.50"}],
        "ship_to": {"name": "Ada", "street": "Neue Str. 9", "city": "Bonn", "postcode": "53111", "country": "DE"},
    }

    changed = keyboard.answer(
        *("order", "change", "shop/1001", "--version", "1", "--file", keyboard.file(wish), "--reason", "moved")
    )

    assert (changed["total"], changed["after"]) == ("39.50", {"added": {"2": ["CUP", 1]}, "address": "changed"})
    assert rows_of(keyboard.core, "select city from order_personal") == [("Bonn",)]


def test_an_unpaid_order_is_confirmed_once_it_may_be_and_closed_once_it_is_done(keyboard):
    unpaid = {**AS_JSON, "payment_terms": "prepaid"}
    keyboard.answer("order", "place", keyboard.file(unpaid))

    assert keyboard.refusal("order", "confirm", "shop/1002") == "ORDER_NOT_COVERED"
    keyboard.answer("payment", "capture", "shop/1002", "20.00", "--method", "alipay", "--ref", "A1")
    assert keyboard.refusal("order", "confirm", "shop/1002") == "EVENT_NOT_ALLOWED"  # a rule has done it
    keyboard.answer(
        "order",
        "place",
        keyboard.file({**unpaid, "number": "1003", "customer": None, "ship_to": None, "delivery_method": "pick_up"}),
    )
    keyboard.answer("payment", "capture", "shop/1003", "20.00", "--method", "alipay", "--ref", "A2")
    keyboard.answer("order", "auto-confirm")
    assert rows_of(keyboard.core, "select confirmed_by from sales_order order by order_id") == [
        ("paid@0",),
        ("paid@0",),
    ]
    assert keyboard.refusal("order", "close", "shop/1002") == "NOT_CLOSABLE"


def test_refusals_at_the_keyboard_say_why_and_change_nothing(keyboard):
    keyboard.answer(*BY_OPTIONS)

    assert keyboard.refusal("order", "confirm", "shop/9") == "ORDER_UNKNOWN"
    assert keyboard.refusal("order", "confirm", "shop/1001") == "EVENT_NOT_ALLOWED"
    assert keyboard.refusal("order", "cancel", "shop/1001", "--reason", "x", "--role", "viewer") == "NOT_PERMITTED"
    assert keyboard.refusal("order", "place", keyboard.file("{")) == "JSON_INVALID"
    assert keyboard.refusal("order", "place", keyboard.file('{"account": "a", "account": "b"}')) == "JSON_INVALID"
    assert keyboard.refusal("order", "place", keyboard.file('{"account": NaN}')) == "JSON_INVALID"
    assert keyboard.refusal("order", "place", keyboard.file("[" * 100_000)) == "JSON_INVALID"
    for usage in (
        ("order", "place"),
        ("order", "place", "--account", "shop", "--number", "1", "--currency", "EUR", "--line", "MUG"),
        ("order", "cancel", "shop/1001", "--line", "1", "--reason", "x"),
        ("order", "hold", "shop/1001", "mood", "--reason", "x"),
        ("order", "change", "shop/1001", "--version", "1", "--file", keyboard.file("[]"), "--reason", "x"),
    ):
        assert isinstance(keyboard.run(*usage).exception, click.UsageError), usage
    assert rows_of(keyboard.core, "select count(*) from order_event") == [(2,)]


TWO_MUGS = {
    **AS_JSON,
    "number": "1009",
    "lines": [
        {"key": "7", "sku": "MUG", "quantity": 4, "unit_price": "10"},
        {"key": "8", "sku": "CUP", "quantity": 4, "unit_price": "10"},
        {"key": "9", "sku": "CUP", "quantity": 1, "unit_price": "10"},
    ],
}
NAMED = [
    ("cancel", "shop/1009", "--line", "{}:1", "--reason", "one less"),
    ("change", "shop/1009", "--version", "1", "--line", "{}:3", "--reason", "one less"),
    ("split", "shop/1009", "--line", "{}:1", "--reason", "one later"),
]


@pytest.mark.parametrize("command", NAMED, ids=[it[0] for it in NAMED])
def test_a_line_is_named_by_its_article_where_no_other_line_has_it(keyboard, command):
    keyboard.answer("order", "place", keyboard.file(TWO_MUGS))

    refusal = keyboard.run("order", *(part.format("CUP") for part in command)).exception
    assert (refusal.code, refusal.remedy) == ("LINE_AMBIGUOUS", "Name the line by its key: 8 or 9.")
    keyboard.answer("order", *(part.format("MUG") for part in command))

    left = "select line_key, quantity - cancelled_quantity - moved_quantity from order_line where order_id = 1"
    assert rows_of(keyboard.core, left + " order by line_key") == [("7", 3), ("8", 4), ("9", 1)]


def test_one_line_named_in_two_ways_is_named_twice(keyboard):
    keyboard.answer("order", "place", keyboard.file(TWO_MUGS))
    both = ("--line", "7:1", "--line", "MUG:1", "--reason", "one less")

    assert keyboard.refusal("order", "cancel", "shop/1009", *both) == "LINE_TWICE"
    assert keyboard.refusal("order", "split", "shop/1009", *both) == "LINE_TWICE"
    changed = ("order", "change", "shop/1009", "--version", "1", *both)
    assert keyboard.refusal(*changed) == "LINE_TWICE"


def test_goods_to_send_back_are_named_by_their_article(keyboard):
    keyboard.answer("order", "place", keyboard.file(TWO_MUGS))
    ship(keyboard.core, "shop/1009", deliver=True, at=now_micros())
    stock_up(keyboard.core, "MUG", 1)
    cup = ("return", "request", "shop/1009", "--line", "CUP:1:other")
    assert keyboard.refusal(*cup) == "LINE_AMBIGUOUS"

    asked = keyboard.answer("return", "request", "shop/1009", "--line", "MUG:2:other", "--location", "MAIN")
    keyboard.answer("return", "approve", asked["return"])
    came = keyboard.answer("return", "receive", asked["return"], "MAIN", "--line", "MUG:2")
    graded = keyboard.answer("return", "grade", asked["return"], "MAIN", "--line", "MUG:restock:1")

    assert [(it["line"], it["received"]) for it in came["lines"]] == [("7", 2)]
    assert [(it["line"], it["restocked"]) for it in graded["lines"]] == [("7", 1)]
