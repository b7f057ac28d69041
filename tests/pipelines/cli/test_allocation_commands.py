"""`oms allocation …`, `oms order allocate|reallocate` and `oms define location` at the keyboard."""

import json

import click
import pytest
from click.testing import CliRunner

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from pipelines.cli.main import oms
from tests.allocation_cases import free, promised
from tests.builders import rows_of
from tests.cores import opened
from tests.order_cases import a_new_line, open_shop, place, stock_up


class Keyboard:
    """`oms` in this process, against one home with an open shop of three mugs."""

    def __init__(self, home, core):
        self.core = core
        self._environment = {"OMS_HOME": str(home)}

    def run(self, *arguments):
        return CliRunner().invoke(oms, arguments, env=self._environment, standalone_mode=False)

    def answer(self, *arguments):
        ended = self.run(*arguments, "--json")
        assert ended.exception is None, ended.exception
        return json.loads(ended.stdout)

    def refusal(self, *arguments):
        ended = self.run(*arguments)
        assert isinstance(ended.exception, RuleViolationError | InvalidRequestError), ended.exception
        return ended.exception.code


@pytest.fixture
def keyboard(sqlite_settings):
    with opened(sqlite_settings) as core:
        open_shop(core)
        stock_up(core, units=3)
        place(core, "1001", a_new_line(quantity=2))
        yield Keyboard(sqlite_settings.home, core)


def test_an_order_is_allocated_and_explained(keyboard):
    assert keyboard.answer("order", "allocate", "shop/1001")["missing"] == []
    assert promised(keyboard.core) == [("1001", "MUG", "MAIN", 0, 2)]

    reasons = keyboard.answer("allocation", "why", "shop/1001")
    assert (reasons["strategy"], reasons["recomputed"]) == ("default", True)
    text = keyboard.run("allocation", "why", "1001").output
    assert "Round 1" in text
    assert "MAIN" in text
    assert keyboard.refusal("order", "allocate", "shop/1001") == "NOTHING_TO_ALLOCATE"


def test_an_order_that_nobody_decided_on_says_so(keyboard):
    assert "nobody decided" in keyboard.run("allocation", "why", "shop/1001").output


def test_an_order_is_promised_anew(keyboard):
    stock_up(keyboard.core, units=2, location="YARD")
    keyboard.answer("order", "allocate", "shop/1001", "--avoid", "YARD")

    keyboard.answer("order", "reallocate", "shop/1001", "--reason", "flooded", "--avoid", "MAIN")

    assert promised(keyboard.core) == [("1001", "MUG", "YARD", 0, 2)]


def test_what_waits_is_served_by_a_run(keyboard):
    document = keyboard.answer("allocation", "run", "--sku", "MUG")

    assert (document["orders"], document["units"]) == (1, 2)


def test_units_are_reserved_and_the_reservation_is_settled(keyboard):
    made = keyboard.answer("allocation", "reserve", "shop/1001", "--until", "2999-01-01T00:00+01:00")
    number = made["reservations"][0]["reservation"]
    assert free(keyboard.core) == {"MAIN": 1}

    assert keyboard.refusal("allocation", "settle", str(number), "expire") == "RESERVATION_RUNNING"
    assert keyboard.answer("allocation", "expire") == {"expired": 0, "units": 0}
    assert keyboard.answer("allocation", "settle", str(number), "post")["ended"] == "posted"
    assert promised(keyboard.core) == [("1001", "MUG", "MAIN", 0, 2)]


def test_pegs_are_made_anew(keyboard):
    assert keyboard.answer("allocation", "repeg") == {"moved": []}


def test_an_instant_has_a_zone(keyboard):
    ended = keyboard.run("allocation", "reserve", "shop/1001", "--until", "2026-03-10T09:30")

    assert isinstance(ended.exception, click.BadParameter)


def test_a_location_is_defined(keyboard):
    place_ = ["define", "location", "HUB", "--country", "AU", "--latitude", "-33.8688", "--longitude", "151.2093"]
    keyboard.answer(*place_, "--cut-off", "14:30", "--time-zone", "Australia/Sydney", "--priority", "2")

    assert rows_of(
        keyboard.core, "select latitude, longitude, cutoff_minute, priority from location where location = 'HUB'"
    ) == [(-33_868_800, 151_209_300, 870, 2)]


@pytest.mark.parametrize(
    ("option", "value"), [("--latitude", "north"), ("--latitude", "1.2345678"), ("--cut-off", "25:00")]
)
def test_a_location_that_cannot_be_read_is_refused(keyboard, option, value):
    ended = keyboard.run("define", "location", "HUB", option, value)

    assert isinstance(ended.exception, click.BadParameter)
