"""The screens in a real browser under the real content policy, at three widths and in both languages."""

import csv
import io
import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards.language import HTML_LANGUAGE, LANGUAGES, Speaker
from pipelines.marts import metrics
from pipelines.marts.snapshots import current_snapshot
from tests.dashboards.browser import FLAGS, WIDTHS, Seen, looking
from tests.dashboards.conftest import Server

MAIN = '[data-testid="stMain"]'
SMALL_TARGETS = """() => [...document.querySelectorAll(['[data-testid="stMain"]', '[data-testid="stPopoverBody"]']
        .flatMap(place => ["button", "a[href]", "input", '[role="group"]'].map(kind => `${place} ${kind}`)).join(", "))]
    .filter(target => target.offsetParent !== null && !target.closest('[data-testid="stPagination"]'))
    .map(target => [target.innerText || target.ariaLabel || target.type, target.getBoundingClientRect().height])
    .filter(([, height]) => height > 0 && height < 43.5)"""
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def visitor(chromium: str) -> Iterator[object]:
    """One Chromium for this module: while Playwright runs, no build in this thread can start its event loop."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()


def sales(home: Path, days: int, say: Speaker) -> str:
    """Net sales of the last days as a tile shows them, asked at the door."""
    snapshot = current_snapshot(home)
    assert snapshot is not None
    assert snapshot.last_date is not None
    start = max(snapshot.last_date - timedelta(days=days - 1), snapshot.first_date or snapshot.last_date)
    row = metrics.ask(snapshot, "net_sales", start=start, end=snapshot.last_date).rows[0]
    return say.money(row["value"], row["currency"], short=True)


def tile(seen: Seen, name: str):
    return seen.page.locator(f".stVerticalBlock.st-key-tile_{name}")


def open_first_order(seen: Seen, *, is_phone: bool) -> None:
    """Follow the first order of the list: a card on a phone, the number's cell in the table elsewhere."""
    if is_phone:
        seen.page.locator('[class*="st-key-order_card_"] a').first.click()
    else:
        table = seen.page.locator('[data-testid="stDataFrame"]').first
        table.locator("canvas").first.wait_for()
        table.click(position={"x": 40, "y": 52})
    seen.page.wait_for_url("**/order?**")
    seen.settle()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_from_a_filter_to_the_number_its_definition_and_one_order(
    visitor, server, sample_home: Path, width: int, language: str
):
    say = Speaker(language)
    is_phone = width < 500
    with looking(visitor, server.base, width=width, language=language) as seen:
        seen.go("/overview")
        assert seen.page.evaluate("document.documentElement.lang") == HTML_LANGUAGE[language]
        seen.page.get_by_text(sales(sample_home, 28, say), exact=True).first.wait_for()

        # filter
        if is_phone:
            seen.page.get_by_role("button", name=say.text("filters.open")).click()
        seen.page.get_by_role("radio", name=say.text("filters.periods.7d")).or_(
            seen.page.get_by_role("button", name=say.text("filters.periods.7d"), exact=True)
        ).first.click()
        if is_phone:
            seen.page.keyboard.press("Escape")

        # number
        value = sales(sample_home, 7, say)
        tile(seen, "net_sales").get_by_text(value, exact=True).wait_for()
        assert parse_qs(urlsplit(seen.page.url).query)["ov_period"] == ["7d"]
        seen.page.locator(".js-plotly-plot .main-svg").first.wait_for()
        assert seen.sideways() <= 0

        # definition
        tile(seen, "net_sales").get_by_role("button").first.click()
        drawer = seen.page.get_by_role("dialog")
        drawer.get_by_text(say.text("definition.lineage")).wait_for()
        assert "fct_order_lines" in drawer.inner_text()
        seen.page.keyboard.press("Escape")
        drawer.wait_for(state="hidden")

        # orders behind the number
        tile(seen, "net_sales").get_by_role("link").click()
        seen.page.wait_for_url("**/orders?**")
        seen.settle()
        listed = parse_qs(urlsplit(seen.page.url).query)
        assert {"or_first", "or_last"} <= listed.keys()
        assert seen.sideways() <= 0

        # one order, and the way back keeps the list's query
        open_first_order(seen, is_phone=is_phone)
        seen.page.get_by_text(say.text("events.place"), exact=True).first.wait_for()
        assert seen.sideways() <= 0
        seen.page.locator(MAIN).get_by_role("link", name=say.text("order.back")).first.click()
        seen.page.wait_for_url("**/orders?**")
        seen.settle()
        back = parse_qs(urlsplit(seen.page.url).query)
        assert {name: back.get(name) for name in ("or_first", "or_last")} == {
            name: listed[name] for name in ("or_first", "or_last")
        }
        assert (seen.errors, seen.foreign) == ([], [])


@pytest.mark.parametrize("path", ["/overview?ov_period=90d&ov_compare=none", "/orders?or_status=cancelled"])
def test_a_link_is_the_view(visitor, server, path: str):
    with looking(visitor, server.base, width=1440, language="en") as seen:
        seen.go(path)
        seen.page.wait_for_timeout(1_500)

        asked = parse_qs(urlsplit(path).query)
        assert parse_qs(urlsplit(seen.page.url).query) == asked


def test_an_unknown_value_in_a_link_falls_back(visitor, server):
    with looking(visitor, server.base, width=1440, language="en") as seen:
        seen.go("/overview?ov_period=HACK&ov_channel=nowhere")
        tile(seen, "net_sales").wait_for()
        seen.page.wait_for_timeout(1_000)

        assert "HACK" not in seen.page.url
        assert (seen.errors, seen.foreign) == ([], [])


def test_the_language_switch_changes_page_and_document_and_is_remembered(visitor, server):
    with looking(visitor, server.base, width=1440, language="en") as seen:
        seen.go("/overview")
        seen.page.locator('[data-testid="stSidebar"]').get_by_text("中文").click()
        seen.page.get_by_role("heading", name="总览").wait_for()
        seen.page.wait_for_timeout(500)
        assert seen.page.evaluate("document.documentElement.lang") == "zh-CN"

        seen.go("/orders")
        seen.page.get_by_role("heading", name="订单").wait_for()
        assert seen.page.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("path", ["/overview", "/orders"])
def test_a_finger_can_hit_every_target_on_a_phone(visitor, server, path: str):
    with looking(visitor, server.base, width=390, language="zh") as seen:
        seen.go(path)
        seen.page.wait_for_timeout(1_500)
        assert seen.page.evaluate(SMALL_TARGETS) == []

        seen.page.get_by_role("button", name=Speaker("zh").text("filters.open")).click()
        seen.page.wait_for_timeout(500)
        assert seen.page.evaluate(SMALL_TARGETS) == []


def test_filters_folded_away_on_a_phone_show_what_the_link_chose(visitor, server):
    with looking(visitor, server.base, width=390, language="en") as seen:
        seen.go("/overview?ov_period=90d&ov_channel=web")
        tile(seen, "net_sales").wait_for()
        seen.page.get_by_role("button", name="Filters").click()
        sheet = seen.page.locator('[data-testid="stPopoverBody"]')
        sheet.get_by_text("90 days", exact=True).wait_for()

        assert sheet.locator('[aria-checked="true"]').all_inner_texts() == ["90 days"]
        assert sheet.get_by_role("combobox", name="Channel").input_value() == "Web shop"


def test_an_export_holds_the_numbers_of_the_page(visitor, server, sample_home: Path):
    with looking(visitor, server.base, width=1440, language="en") as seen:
        seen.go("/overview?ov_period=7d")
        tile(seen, "net_sales").wait_for()
        seen.page.get_by_role("button", name="Export").click()
        with seen.page.expect_download() as waiting:
            seen.page.get_by_role("button", name="Key figures (CSV)").click()
        rows = list(csv.DictReader(io.StringIO(waiting.value.path().read_text("utf-8-sig"))))

    snapshot = current_snapshot(sample_home)
    assert snapshot is not None
    row = next(row for row in rows if (row["metric"], row["span"]) == ("net_sales", "period"))
    assert row["snapshot"] == snapshot.id
    assert Speaker("en").money(Decimal(row["value"]), row["currency"], short=True) == sales(
        sample_home, 7, Speaker("en")
    )


def test_a_broken_snapshot_is_told_in_a_sentence_and_the_rest_lives(visitor, sample_home: Path, tmp_path: Path):
    home = shutil.copytree(sample_home, tmp_path / "home")
    (home / "marts" / "broken.duckdb").write_bytes(b"this is no database")
    (home / "marts" / "CURRENT").write_text("broken")
    server = Server(home)
    try:
        server.wait()
        with looking(visitor, server.base, width=1440, language="zh") as seen:
            seen.go("/overview")
            seen.page.get_by_text("请报告编号").wait_for()
            assert "Traceback" not in seen.text()
            assert str(home) not in seen.text()

            seen.go("/orders")
            seen.page.locator('[data-testid="stDataFrame"] canvas').first.wait_for()
        reference = "fault "
        assert reference in server.log.read_text()
    finally:
        server.stop()


def test_a_search_answers_while_typing_and_an_empty_answer_has_a_way_out(visitor, server):
    with looking(visitor, server.base, width=1440, language="en") as seen:
        seen.go("/orders")
        box = seen.page.get_by_role("searchbox").or_(seen.page.get_by_label("Order or SKU")).first
        box.fill("no such number")
        seen.page.get_by_text("No orders match").wait_for()
        seen.page.get_by_role("button", name="Reset").click()
        seen.page.locator('[data-testid="stDataFrame"] canvas').first.wait_for()

        assert "or_text" not in seen.page.url


def test_back_undoes_a_filter(visitor, server):
    with looking(visitor, server.base, width=1440, language="en") as seen:
        seen.go("/overview")
        tile(seen, "net_sales").wait_for()
        seen.page.get_by_text("90 days", exact=True).click()
        seen.page.wait_for_url("**ov_period=90d**")
        seen.settle()
        seen.page.go_back()
        seen.page.wait_for_timeout(2_000)

        assert "ov_period" not in seen.page.url
        chosen = seen.page.locator('[data-testid="stButtonGroup"] [aria-checked="true"]').all_inner_texts()
        assert "28 days" in chosen
