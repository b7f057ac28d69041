"""`oms wave`, `oms ship`, `oms delivery`: a parcel from the shelf to the door at the keyboard, and refusals."""

import json
import re
from typing import Any

import pytest
from click.testing import CliRunner

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from pipelines.cli.main import oms
from pipelines.cli.output import Exit
from tests.cores import opened
from tests.oms_core.services.fulfilment_world import World


class Keyboard:
    """`oms` in this process, against one home."""

    def __init__(self, home: str, world: World) -> None:
        self.world = world
        self._environment = {"OMS_HOME": home}

    def run(self, *arguments: str) -> Any:
        """How the command ended."""
        return CliRunner().invoke(oms, arguments, env=self._environment, standalone_mode=False)

    def answer(self, *arguments: str) -> Any:
        """The JSON document of a command that was done."""
        ended = self.run(*arguments, "--json")
        assert ended.exception is None, ended.exception
        return json.loads(ended.stdout)

    def refusal(self, *arguments: str) -> str:
        """The code of a refusal."""
        ended = self.run(*arguments)
        assert isinstance(ended.exception, RuleViolationError | InvalidRequestError), ended.exception
        return ended.exception.code


@pytest.fixture
def keyboard(sqlite_settings):
    with opened(sqlite_settings) as core:
        yield Keyboard(str(sqlite_settings.home), World(core))


def an_order(keyboard: Keyboard, method: str | None = None) -> int:
    order = keyboard.world.order(lines={"MUG": 3}, method=method)
    keyboard.world.promise(order, {("MUG", "MAIN"): 3})
    return order


def packed(keyboard: Keyboard) -> str:
    (wave,) = keyboard.answer("wave", "release", "MAIN")["waves"]
    (number,) = wave["shipments"]
    keyboard.answer("ship", "pick", number)
    keyboard.answer("ship", "pack", number, "--package", "T-1:1300")
    return str(number)


def test_a_parcel_goes_from_the_shelf_to_the_door(keyboard):
    order = an_order(keyboard)
    (wave,) = keyboard.answer("wave", "release", "MAIN", "--role", "warehouse", "--at-site", "MAIN")["waves"]
    (number,) = wave["shipments"]
    shown = keyboard.answer("wave", "show", wave["wave"])
    assert [(stop["sku"], stop["quantity"]) for stop in shown["picks"]] == [("MUG", 3)]
    assert keyboard.answer("wave", "list")["rows"][0]["to_pick"] == 1
    assert keyboard.answer("ship", "pick", number, "--found", "MUG=2")["missing"] == {"MUG": 1}
    keyboard.answer("ship", "pack", number, "--package", "T-1:900", "--carrier", "post")
    assert keyboard.answer("ship", "send", number)["shipped"] == {"MUG": 2}
    keyboard.answer("ship", "track", number, "out_for_delivery", "--scan", "9", "--source", "post")
    keyboard.answer("ship", "fail", number, "--reason", "nobody at home")
    keyboard.answer("ship", "retry", number)
    assert keyboard.answer("ship", "deliver", number, "--proof", "photo 17")["state"] == "delivered"
    found = keyboard.answer("ship", "show", number)
    assert [step["event"] for step in found["events"]] == [
        "plan", "release", "pick", "pack", "ship", "go_out", "fail", "retry", "deliver",
    ]  # fmt: skip
    assert found["packages"] == [{"tracking_number": "T-1", "weight_grams": 900, "sscc": None}]
    assert keyboard.world.line(order) == (0, 2, 2)


def test_the_pick_list_comes_as_csv_that_no_spreadsheet_runs(keyboard):
    an_order(keyboard)
    keyboard.world.title("MUG", "=1+1")
    (wave,) = keyboard.answer("wave", "release", "MAIN")["waves"]
    ended = keyboard.run("wave", "show", wave["wave"], "--csv")
    assert ended.stdout.splitlines() == [
        "wave,location,sku,lot,title,shipment,quantity",
        f"{wave['wave']},MAIN,MUG,,'=1+1,{wave['shipments'][0]},3",
    ]


def test_a_pick_up_is_handed_over_with_the_code_that_was_printed(keyboard):
    an_order(keyboard, method="pick_up")
    number = packed(keyboard)
    ended = keyboard.run("ship", "ready", number)
    printed = re.search(r"hand-over code (\d{6})", ended.stderr)
    assert printed is not None
    code = printed.group(1)
    assert code not in ended.stdout
    wrong = "000000" if code != "000000" else "000001"
    ended = keyboard.run("ship", "hand-over", number, "--code", wrong)
    assert ended.return_value == Exit.ATTENTION
    assert "4 tries are left" in ended.stderr
    ended = keyboard.run("ship", "new-code", number, "--reason", "lost")
    again = re.search(r"hand-over code (\d{6})", ended.stderr)
    assert again is not None
    assert keyboard.answer("ship", "hand-over", number, "--code", again.group(1))["handed_over"] is True


def test_an_address_is_for_who_packs_at_the_site(keyboard):
    an_order(keyboard)
    number = packed(keyboard)
    assert keyboard.answer("ship", "packing", number, "--role", "warehouse")["ship_to"]["city"] == "Bonn"
    assert keyboard.refusal("ship", "packing", number, "--role", "analyst") == "NOT_PERMITTED"
    assert keyboard.refusal("ship", "packing", number, "--at-site", "EAST") == "NOT_PERMITTED"
    assert "Bonn" not in keyboard.run("ship", "show", number).stdout


def test_delivery_options_are_shown_and_one_is_chosen(keyboard):
    an_order(keyboard)
    options = keyboard.answer("delivery", "options", "A-1")["options"]
    assert [option["method"] for option in options] == ["standard", "express", "freight", "pick_up"]
    assert "特快专递" in keyboard.run("delivery", "options", "A-1").stdout
    assert keyboard.answer("delivery", "choose", "A-1", "express")["method"] == "express"
    heavy = keyboard.answer("delivery", "options", "--from", "MAIN", "--country", "DE", "--weight", "40000")
    assert [it["method"] for it in heavy["options"] if it["is_offered"]] == ["freight", "pick_up"]
    assert keyboard.refusal("delivery", "options", "--country", "DE") == "LOCATION_MISSING"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("wave", "release", "MAIN"), "NOTHING_TO_RELEASE"),
        (("wave", "show", "W-9"), "WAVE_UNKNOWN"),
        (("ship", "show", "S-9"), "SHIPMENT_UNKNOWN"),
        (("ship", "pick", "S-9", "--found", "MUG"), "OPTION_UNREADABLE"),
        (("ship", "pack", "S-9", "--package", "T-1:heavy"), "OPTION_UNREADABLE"),
        (("ship", "send", "S-9", "--lot", "MILK"), "OPTION_UNREADABLE"),
        (("ship", "cancel", "S-9", "--reason", "x"), "SHIPMENT_UNKNOWN"),
        (("ship", "take-back", "S-9", "--reason", "x"), "SHIPMENT_UNKNOWN"),
        (("ship", "plan", "A-9"), "ORDER_UNKNOWN"),
        (("delivery", "choose", "A-9", "express"), "ORDER_UNKNOWN"),
    ],
)
def test_what_cannot_be_done_is_refused(keyboard, arguments, code):
    assert keyboard.refusal(*arguments) == code


def test_an_instant_needs_its_zone(keyboard):
    ended = keyboard.run("ship", "send", "S-9", "--at", "2026-03-10T09:30")
    assert "with its zone" in str(ended.exception)
