"""The stage of a clerk's day, set by the commands that people use: a shop, two articles, two sites, a few orders."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.dashboards.conftest import REPOSITORY, run_oms

_HAMBURG = ("--city", "Hamburg", "--postcode", "20095", "--country", "DE")
_MUNICH = ("--city", "München", "--postcode", "80331", "--country", "DE")


def place(home: Path, number: str, *options: str) -> None:
    """Place an order at the web shop."""
    run_oms(home, "order", "place", "--account", "web", "--number", number, "--currency", "EUR", *options)


def set_stage(home: Path) -> None:
    """A shop with stock at two sites; order 1001 is prepaid and unpaid, and held, for its address lacks the street."""
    run_oms(home, "init", "--time-zone", "Europe/Berlin", "--currency", "EUR")
    run_oms(home, "define", "account", "web", "--channel", "web", "--name", "Web shop")
    for sku, title, price in (("MUG", "Mug, blue", "10.00"), ("TEA", "Green tea", "6.50")):
        run_oms(home, "define", "sku", sku, "--title", title, "--price", price, "--currency", "EUR")
    for site, name, rank in (("NORTH", "North warehouse", "1"), ("SOUTH", "South warehouse", "0")):
        run_oms(home, "define", "location", site, "--name", name, "--country", "DE", "--priority", rank)
    run_oms(home, "receive", "NORTH", "--line", "MUG:10", "--line", "TEA:8", "--number", "N1")
    run_oms(home, "receive", "SOUTH", "--line", "MUG:5", "--line", "TEA:1", "--number", "S1")
    goods = ("--line", "MUG:2:10.00", "--line", "TEA:1:6.50")
    place(home, "1001", *goods, "--name", "Jo Berg", *_HAMBURG, "--customer", "c1")


def place_ready(home: Path, number: str, *, customer: str = "c2", units: int = 1) -> None:
    """An order on account, which needs no payment and is confirmed at once."""
    goods = ("--line", f"MUG:{units}:10.00")
    street = ("--street", f"Marienplatz {number}")  # one address and the same goods would look alike
    who = ("--name", "Li Wei", *street, *_MUNICH, "--customer", customer)
    place(home, number, *goods, *who, "--terms", "on_account")


def asked(home: Path, *arguments: str) -> Any:
    """The JSON document of a command."""
    environment = {**os.environ, "OMS_HOME": str(home)}
    environment.pop("OMS_DATABASE_URL", None)
    command = [sys.executable, "-m", "pipelines.cli.main", *arguments, "--json"]
    done = subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


_STEPS = ("allocate", "wave", "pick", "pack", "send", "deliver", "request", "approve", "receive")


def take_until(home: Path, number: str, last: str) -> None:
    """Take an order on account for two mugs as far as the step `last` of `_STEPS`."""
    place_ready(home, number, customer=f"c{number}", units=2)
    name = f"web/{number}"
    for step in _STEPS[: _STEPS.index(last) + 1]:
        match step:
            case "allocate":
                run_oms(home, "order", "allocate", name)
            case "wave":
                run_oms(home, "wave", "release", "NORTH", "--order", name)
            case "request":
                run_oms(home, "return", "request", name, "--line", "1:1:faulty.broken")
            case "approve":
                run_oms(home, "return", "approve", _return_of(home, name), "--location", "NORTH")
            case "receive":
                run_oms(home, "return", "receive", _return_of(home, name), "NORTH", "--line", "1:1")
            case _:
                (parcel,) = asked(home, "order", "show", name)["shipments"]
                run_oms(home, "ship", step, parcel["shipment"])


def _return_of(home: Path, name: str) -> str:
    (found,) = asked(home, "order", "show", name)["return_requests"]
    return str(found["return"])


def set_busy_stage(home: Path) -> None:
    """The stage, with an order at each step that a clerk meets."""
    set_stage(home)
    run_oms(home, "receive", "NORTH", "--line", "MUG:30", "--number", "N2")
    place_ready(home, "1002")
    for number, last in (
        ("1003", "allocate"),
        ("1004", "wave"),
        ("1005", "pick"),
        ("1006", "send"),
        ("1007", "deliver"),
        ("1008", "request"),
        ("1009", "receive"),
    ):
        take_until(home, number, last)
