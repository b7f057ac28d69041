"""Every page in both languages over full, unbuilt and empty homes: no exception, the right words and numbers."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.language import LANGUAGES, Speaker
from oms_core.services import live, orders_read, quarantine
from oms_core.settings import Settings
from pipelines.marts import metrics
from pipelines.marts.snapshots import current_snapshot
from tests.dashboards.conftest import run_oms

APP = Path(__file__).resolve().parents[2] / "dashboards" / "app.py"
Open = Callable[..., AppTest]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def everything_said(at: AppTest) -> str:
    kinds = ("title", "header", "markdown", "caption", "warning", "error", "info", "success", "code")
    return "\n".join(str(getattr(element, "value", "")) for kind in kinds for element in at.get(kind))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", ["overview", "orders"])
@pytest.mark.parametrize("state", ["sample_home", "unbuilt_home", "empty_home"])
def test_a_page_says_its_question_in_the_chosen_language(
    request: pytest.FixtureRequest, open_page: Open, state: str, page: str, language: str
):
    at = open_page(request.getfixturevalue(state), page, language=language)

    say = Speaker(language)
    assert not at.exception
    assert not at.error
    assert at.title[0].value == say.text(f"pages.{page}.title")
    assert say.text(f"{page}.question") in everything_said(at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_overview_shows_the_door_s_numbers(sample_home: Path, open_page: Open, language: str):
    at = open_page(sample_home, "overview", language=language, ov_period="all")

    snapshot = current_snapshot(sample_home)
    assert snapshot is not None
    say = Speaker(language)
    shown = {metric.label: metric.value for metric in at.metric}
    for name in ("net_sales", "orders", "out_of_stock_rate", "return_rate_units_period"):
        row = metrics.ask(snapshot, name, start=snapshot.first_date, end=snapshot.last_date).rows[0]
        known = next(metric for metric in metrics.list_metrics(snapshot) if metric.name == name)
        assert row["value"] is not None
        expected = {
            "money": say.money(row["value"], "EUR", short=True),
            "orders": say.compact(row["value"]),
            "ratio": say.percent(row["value"], 2 if row["value"] < 0.1 else 1),
        }
        assert shown[known.label[language]] == expected[known.unit]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_snapshot_the_next_step_is_named(unbuilt_home: Path, open_page: Open, language: str):
    at = open_page(unbuilt_home, "overview", language=language)

    assert "oms build" in everything_said(at)
    assert not at.metric


def test_newer_records_are_told_until_the_next_build(sample_home: Path, open_page: Open, tmp_path: Path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    assert Speaker("en").text("freshness.fresh") in everything_said(open_page(home, "overview"))

    run_oms(home, "init", "--time-zone", "Europe/Paris")

    assert Speaker("en").text("freshness.behind") in everything_said(open_page(home, "overview"))


def test_rows_held_back_are_counted_above_the_numbers(sample_home: Path, open_page: Open):
    with live.reading(engine := live.open_core(Settings.at(sample_home))) as connection:
        held = quarantine.count_open(connection)
    engine.dispose()

    at = open_page(sample_home, "overview")

    assert held > 0
    assert Speaker("en").counted("held_back", held) in [warning.value for warning in at.warning]


def test_amounts_in_two_currencies_are_shown_apart_and_no_stock_is_no_zero(two_currency_home: Path, open_page: Open):
    at = open_page(two_currency_home, "overview", ov_period="all")

    assert not at.exception
    say = Speaker("en")
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Net sales"] == "€10.00"
    assert "**£7\\.50**" in everything_said(at)
    assert shown["Orders"] == "2"
    assert shown["Inventory turnover"] == shown["Out-of-stock rate"] == say.text("values.blank")
    said = everything_said(at)
    assert say.text("tile.mixed") in said
    assert say.text("blank.inventory_turnover") in said
    assert say.text("overview.trend.several_currencies") in said


def test_foreign_text_on_a_page_stays_text(two_currency_home: Path, open_page: Open):
    at = open_page(two_currency_home, "order", id="corner/A-1")

    assert not at.exception
    assert not re.search(r"(?<!\\)\[shop", everything_said(at))
    assert list(at.dataframe[0].value["title"]) == [":material/delete: **bold** $x$"]


def test_an_empty_home_is_not_filled_by_looking(empty_home: Path, open_page: Open):
    open_page(empty_home, "orders")

    assert not (empty_home / "core.db").exists()


def test_orders_are_live_before_anything_is_built(unbuilt_home: Path, open_page: Open):
    at = open_page(unbuilt_home, "orders")

    assert len(at.dataframe[0].value) == 50


def test_a_search_without_result_says_so(sample_home: Path, open_page: Open):
    at = open_page(sample_home, "orders", or_text="no such number")

    assert Speaker("en").text("empty.found.title") in everything_said(at)
    assert at.text_input(key="or_text").value == "no such number"


def test_the_status_filter_reaches_the_core(sample_home: Path, open_page: Open):
    at = open_page(sample_home, "orders", or_status="cancelled")

    shown = at.dataframe[0].value
    assert len(shown) > 0
    assert set(shown["status"]) == {"Cancelled"}


def test_an_unknown_filter_value_falls_back_to_everything_and_leaves_the_address(sample_home: Path, open_page: Open):
    at = open_page(sample_home, "orders", or_status="HACK", or_first="yesterday", or_page="-1")

    assert not at.exception
    assert len(at.dataframe[0].value) == 50
    assert not {"or_status", "or_first", "or_page"} & set(at.query_params)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_is_shown_with_lines_and_what_happened(sample_home: Path, open_page: Open, language: str):
    listed = open_page(sample_home, "orders", or_account="sample-web")
    number = str(listed.dataframe[0].value["order"].iloc[0])

    at = open_page(sample_home, "order", language=language, id=f"sample-web/{number}")

    say = Speaker(language)
    assert not at.exception
    assert number in at.title[0].value
    assert len(at.dataframe[0].value) > 0
    assert say.text("events.place") in everything_said(at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_order_is_refused_in_words(sample_home: Path, open_page: Open, language: str):
    at = open_page(sample_home, "order", language=language, id="never/heard-of-it")

    assert not at.exception
    assert Speaker(language).text("errors.ORDER_UNKNOWN") in at.warning[0].value


def test_a_role_without_the_right_sees_why_and_no_number(sample_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMS_HOME", str(sample_home))
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.user = {"uid": "x", "role": "customer"}
    at.run()

    assert not at.metric
    assert "see analyses" in at.error[0].value


def test_nobody_sees_nothing(sample_home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OMS_HOME", str(sample_home))
    at = AppTest.from_file(str(APP), default_timeout=60)
    at.user = {"email": "forged@example.com"}
    at.run()

    assert not at.metric
    assert at.error


def test_english_pages_hold_no_chinese_of_ours(sample_home: Path, open_page: Open):
    at = open_page(sample_home, "order", language="en", id=first_order(sample_home))

    ours = "\n".join(
        str(getattr(element, "value", "")) for kind in ("title", "header", "caption") for element in at.get(kind)
    )
    assert not CHINESE.search(ours)


def first_order(home: Path) -> str:
    engine = live.open_core(Settings.at(home))
    with live.reading(engine) as connection:
        row = orders_read.find_orders(connection, limit=1).rows[0]
    engine.dispose()
    return f"{row.account}/{row.external_id}"
