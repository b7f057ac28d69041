"""`oms purchase`, `receive`, `transfer`, `count`, `adjust` and `stock --layers` at the keyboard, and refusals."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from pipelines.cli.main import oms
from tests.cores import opened
from tests.stock_cases import open_company


class Keyboard:
    """`oms` in this process, against one home."""

    def __init__(self, home: str) -> None:
        self._environment = {"OMS_HOME": home}

    def run(self, *arguments: str) -> Any:
        """How the command ended."""
        return CliRunner().invoke(oms, arguments, env=self._environment, standalone_mode=False)

    def answer(self, *arguments: str) -> Any:
        """The JSON document of a command that was done."""
        ended = self.run(*arguments, "--json")
        assert ended.exception is None, ended.exception
        return json.loads(ended.stdout)

    def text(self, *arguments: str) -> str:
        """What people read."""
        ended = self.run(*arguments)
        assert ended.exception is None, ended.exception
        return str(ended.stdout)

    def refusal(self, *arguments: str) -> str:
        """The code of a refusal."""
        ended = self.run(*arguments)
        assert isinstance(ended.exception, RuleViolationError | InvalidRequestError), ended.exception
        return str(ended.exception.code)


@pytest.fixture
def keyboard(sqlite_settings):
    """MAIN holds 10 mugs at 2.00."""
    with opened(sqlite_settings) as core:
        open_company(core, sqlite_settings)
    return Keyboard(str(sqlite_settings.home))


PLANNER = ("--actor", "Petra", "--role", "planner")
FINANCE = ("--actor", "Fin", "--role", "finance")


def an_order_that_was_sent(keyboard: Keyboard) -> None:
    keyboard.answer("purchase", "supplier", "POTTER", "--name", "Potter & Son", "--currency", "EUR", *PLANNER)
    price = ["POTTER", "MUG", "1.80", "--currency", "EUR", "--minimum", "12", "--pack", "6", "--lead-days", "10"]
    keyboard.answer("purchase", "price", *price, "--from", "2026-03-01T00:00Z", *PLANNER)
    keyboard.answer("purchase", "draft", "POTTER", "MAIN", "--line", "MUG:12", "--number", "PO-1", *PLANNER)
    keyboard.answer("purchase", "approve", "PO-1", *FINANCE)
    keyboard.answer("purchase", "send", "PO-1", *PLANNER)


def test_an_order_goes_from_draft_to_closed(keyboard):
    an_order_that_was_sent(keyboard)
    (expected,) = keyboard.answer("purchase", "expected", "MUG")["rows"]
    assert (expected["quantity"], expected["number"]) == (12, "PO-1")

    line = "MUG:12,damaged=2"
    receipt = keyboard.answer(
        "receive", "MAIN", "--po", "PO-1", "--line", line, "--number", "D-1", "--role", "warehouse"
    )
    assert (receipt["purchase_order_state"], receipt["damaged"]) == ("received", 2)
    keyboard.answer("purchase", "close", "PO-1", *PLANNER)

    assert keyboard.answer("purchase", "show", "PO-1")["state"] == "closed"
    assert "closed" in keyboard.text("purchase", "list")


def test_a_later_date_and_what_never_came(keyboard):
    an_order_that_was_sent(keyboard)

    keyboard.answer("purchase", "expect", "PO-1", "2027-01-05T08:00+01:00", "--reason", "kiln broke", *PLANNER)
    assert (
        keyboard.refusal("purchase", "expect", "PO-1", "2027-01-05", "--reason", "kiln broke", *PLANNER) == "DATE_ONLY"
    )
    cancelled = keyboard.answer("purchase", "cancel", "PO-1", "--reason", "too late", *PLANNER)

    assert (cancelled["state"], cancelled["lines"][0]["expected_at"]) == ("cancelled", "2027-01-05T07:00:00Z")


def test_goods_travel(keyboard):
    keyboard.answer("transfer", "draft", "MAIN", "YARD", "--line", "MUG:6", "--number", "TR-1")
    keyboard.answer("transfer", "ship", "TR-1")
    keyboard.answer("transfer", "receive", "TR-1", "--line", "MUG:5")
    lost = keyboard.answer("transfer", "lose", "TR-1", "--reason", "broken")

    assert lost["state"] == "received"
    assert keyboard.answer("transfer", "show", "TR-1")["arrived"] == [{"sku": "MUG", "lot": None, "quantity": 5}]
    assert "TR-1" in keyboard.text("transfer", "list", "--state", "received")
    assert keyboard.refusal("transfer", "cancel", "TR-1", "--reason", "x") == "EVENT_NOT_ALLOWED"


def test_stock_is_counted(keyboard):
    listed = keyboard.answer("count", "list", "MAIN")["rows"]
    assert [row["sku"] for row in listed] == ["MUG"]
    opened_count = keyboard.answer("count", "open", "MAIN", "--number", "CNT-1")
    assert opened_count["to_count"][0]["sku"] == "MUG"
    entered = keyboard.answer("count", "enter", "CNT-1", "--line", "MUG:4")
    assert (entered["state"], entered["lines"][0]["difference"]) == ("counted", -6)

    assert keyboard.refusal("count", "approve", "CNT-1", "--reason", "sure") == "OWN_REQUEST"
    keyboard.answer("count", "approve", "CNT-1", "--reason", "sure", "--actor", "Olga")

    (accuracy,) = keyboard.answer("count", "accuracy", "--location", "MAIN")["rows"]
    assert (accuracy["counted"], accuracy["share"]) == (1, 0)
    assert keyboard.answer("count", "residuals")["rows"] == []
    assert keyboard.answer("count", "cancel", keyboard.answer("count", "open", "MAIN")["count"], "--reason", "x")


def test_a_count_can_be_rejected(keyboard):
    keyboard.answer("count", "open", "MAIN", "--sku", "MUG", "--number", "CNT-1")
    keyboard.answer("count", "enter", "CNT-1", "--line", "MUG:4,condition=sellable")

    assert keyboard.answer("count", "reject", "CNT-1", "--reason", "x", "--actor", "Olga")["state"] == "rejected"


def test_units_are_adjusted_put_apart_and_scrapped(keyboard):
    assert keyboard.answer("adjust", "units", "MUG", "MAIN", "-3", "--reason", "broken")["kind"] == "adjust_loss"
    keyboard.answer("adjust", "condition", "MUG", "MAIN", "2", "--to", "damaged", "--reason", "dropped")
    keyboard.answer("adjust", "scrap", "MUG", "MAIN", "1", "--reason", "beyond repair")

    rows = keyboard.answer("stock", "--sku", "MUG")["rows"]
    assert {row["condition"]: row["on_hand"] for row in rows} == {"damaged": 1, "sellable": 5}
    assert (
        keyboard.refusal("adjust", "units", "MUG", "MAIN", "-3", "--reason", "x", "--at", "2026-03-05") == "DATE_ONLY"
    )


def test_what_is_above_the_limit_waits_for_somebody_else(keyboard):
    waiting = keyboard.answer("adjust", "units", "MUG", "MAIN", "101", "--reason", "found a pallet")["approval"]
    other = keyboard.answer("adjust", "units", "MUG", "MAIN", "102", "--reason", "found a pallet")["approval"]
    assert waiting in keyboard.text("adjust", "waiting")

    assert keyboard.refusal("adjust", "approve", waiting, "--reason", "seen") == "OWN_REQUEST"
    approved = keyboard.answer("adjust", "approve", waiting, "--reason", "seen", "--actor", "Olga")
    keyboard.answer("adjust", "reject", other, "--reason", "the same pallet", "--actor", "Olga")

    assert approved["result"]["quantity"] == 101
    assert keyboard.answer("adjust", "waiting")["rows"] == []
    assert len(keyboard.answer("adjust", "waiting", "--all")["rows"]) == 2


def test_a_place_may_go_below_zero(keyboard):
    answer = keyboard.answer("adjust", "negative-stock", "YARD", "--allow", "--reason", "front shop", "--role", "admin")

    assert answer == {"location": "YARD", "allows_negative_stock": True}


def test_counters_are_rebuilt_by_an_administrator(keyboard):
    assert keyboard.answer("adjust", "differences")["rows"] == []
    assert keyboard.refusal("adjust", "rebuild", "--reason", "x") == "NOT_PERMITTED"
    assert keyboard.answer("adjust", "rebuild", "--reason", "check", "--role", "admin") == {"repaired": []}


def test_layers_are_shown(keyboard):
    receipt = ["receive", "MAIN", "--line", "MUG:5,cost=2.50,currency=EUR", "--at", "2026-03-20T12:00Z"]
    keyboard.answer(*receipt)

    found = keyboard.answer("stock", "--sku", "MUG", "--layers", "--at", "2026-03-31T12:00Z")

    rows = [(row["units"], row["unit_cost"], row["age_days"], row["value"]) for row in found["rows"]]
    assert rows == [(10, 2.0, 30, 20.0), (5, 2.5, 11, 12.5)]
    assert "unit_cost" in keyboard.text("stock", "--layers")


@pytest.mark.parametrize("line", ["MUG", "MUG:x", "MUG:1,colour=red", "MUG:1,damaged"])
def test_a_line_that_cannot_be_read_is_refused(keyboard, line):
    assert keyboard.refusal("receive", "MAIN", "--line", line) == "LINE_UNREADABLE"
