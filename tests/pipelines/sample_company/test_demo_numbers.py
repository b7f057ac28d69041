"""The demo to its end: every metric asked through the one door equals the truth of the sample company."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli.demo import demo_command
from pipelines.cli.main import oms
from pipelines.marts.metrics import ask
from pipelines.marts.snapshots import open_snapshot

README = (Path(__file__).resolve().parents[3] / "README.md").read_text("utf-8")
# Commands that read; the order they show exists in the standard size alone.
TOUR = [
    line.split("#")[0].split()[1:]
    for line in README.splitlines()
    if line.startswith(("oms kpi", "oms stock", "oms order list", "oms verify"))
]
CENT = Decimal("0.01")
SIX_DIGITS = Decimal("0.000001")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The small company, loaded and built by the command itself: home, what the command said, the truth."""
    home = tmp_path_factory.mktemp("demo") / "home"
    outcome = CliRunner().invoke(
        demo_command, ["--no-serve", "--size", "small", "--json"], env={"OMS_HOME": str(home)}, catch_exceptions=False
    )
    truth = json.loads((home / "demo" / "truth.json").read_text("utf-8"))
    return home, outcome, truth


@pytest.fixture
def ask_truth(demo):
    """Ask a metric over the whole life of the company."""
    home, _, truth = demo
    snapshot = open_snapshot(home)
    days = {"start": date.fromisoformat(truth["first_day"]), "end": date.fromisoformat(truth["last_day"])}
    return lambda name, **how: ask(snapshot, name, **days, **how).rows


def test_the_command_tells_what_it_loaded(demo):
    _, outcome, truth = demo
    answer = json.loads(outcome.stdout)

    assert outcome.exit_code == 0
    assert answer["orders"] == sum(n for states in truth["order_states"].values() for n in states.values())
    assert answer["quarantined_rows"] == len(truth["faulty_rows"])
    assert answer["build"]["tests_failed"] == 0
    assert answer["build"]["tests_passed"] > 0


@pytest.mark.parametrize("command", TOUR, ids=lambda command: " ".join(command[:3]))
def test_the_tour_of_the_readme_works(demo, monkeypatch, command):
    monkeypatch.setenv("OMS_HOME", str(demo[0]))

    outcome = CliRunner().invoke(oms, command, catch_exceptions=False, standalone_mode=False)

    assert not outcome.return_value
    assert outcome.stdout


def test_a_second_demo_into_the_same_home_is_refused(demo, monkeypatch):
    home, _, _ = demo
    monkeypatch.setenv("OMS_HOME", str(home))
    before = sorted(path.stat().st_mtime_ns for path in home.rglob("*"))

    with pytest.raises(Exception, match="HOME_NOT_EMPTY"):
        oms(["demo", "--no-serve"], standalone_mode=False)

    assert sorted(path.stat().st_mtime_ns for path in home.rglob("*")) == before


@pytest.mark.parametrize(
    ("metric", "count"),
    [("orders", "orders"), ("order_lines", "lines"), ("units_sold", "units"), ("net_sales", "net_sales_cents")],
)
@pytest.mark.parametrize("how", ["total", "by_account", "by_month"])
def test_sales_equal_the_truth(demo, ask_truth, metric, count, how):
    sales = demo[2]["sales"]
    money = metric == "net_sales"
    asked = {"total": {}, "by_account": {"by": ["account"]}, "by_month": {"grain": "month"}}[how]
    key = {"total": lambda _: "all", "by_account": lambda row: row["account"], "by_month": lambda row: row["month"][:7]}

    answer = {key[how](row): row["value"] * (100 if money else 1) for row in ask_truth(metric, **asked)}

    told = {"all": sales["total"]} if how == "total" else sales[how]
    assert answer == {name: counts[count] for name, counts in told.items()}


def test_net_sales_of_goods_leave_postage_and_wrapping_out(demo, ask_truth):
    (row,) = ask_truth("net_sales", where={"line_kind": ["item"]})

    assert row["value"] * 100 == demo[2]["sales"]["total"]["goods_cents"]


def test_returns_equal_the_truth(demo, ask_truth):
    returns = demo[2]["returns"]
    sold = demo[2]["sales"]["total"]

    (units,), (value,), (rate,) = (
        ask_truth(n) for n in ("units_returned", "returned_value", "return_rate_units_period")
    )

    assert units["value"] == returns["total"]["units"]
    assert value["value"] * 100 == returns["total"]["value_cents"]
    assert (rate["numerator"], rate["denominator"]) == (returns["total"]["units"], sold["units"])


def test_stock_equals_the_truth(demo, ask_truth):
    stock = demo[2]["stock"]

    (units,), (value,) = ask_truth("stock_units"), ask_truth("stock_value")
    (shipped,), (received,) = ask_truth("units_shipped"), ask_truth("units_received")

    assert units["value"] == stock["units"]
    assert value["value"] * 100 == stock["value_cents"]
    assert shipped["value"] == stock["movements"]["ship"]["units"]
    assert received["value"] == stock["movements"]["receive"]["units"]


def test_turnover_is_cost_shipped_over_value_weighted_by_time(demo, ask_truth):
    stock = demo[2]["stock"]
    cost = Decimal(stock["cost_of_goods_shipped_cents"]) / 100
    average_value = Decimal(stock["value_cent_seconds"]) / stock["seconds"] / 100

    (row,) = ask_truth("inventory_turnover")

    assert row["numerator"] == cost
    assert row["denominator"].quantize(CENT) == average_value.quantize(CENT)
    assert row["value"].quantize(SIX_DIGITS) == (cost / average_value).quantize(SIX_DIGITS)


def test_out_of_stock_is_time_without_a_unit_over_time_listed(demo, ask_truth):
    stock = demo[2]["stock"]

    (row,) = ask_truth("out_of_stock_rate")

    expected = Decimal(stock["out_of_stock_seconds"]) / stock["listed_sku_seconds"]
    assert row["value"].quantize(SIX_DIGITS) == expected.quantize(SIX_DIGITS)
