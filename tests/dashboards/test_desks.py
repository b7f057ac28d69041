"""The clerk's pages in-process: empty, at work, for who may only look, and when somebody else was faster."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboards.language import LANGUAGES, Speaker
from tests.dashboards.clerk_stage import asked, place_ready, set_stage
from tests.dashboards.conftest import run_oms
from tests.dashboards.test_pages import everything_said

Open = Callable[..., AppTest]
DESKS = ("waves", "returns_desk")


@pytest.fixture(scope="session")
def set_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The stage of a clerk's day: 1001 is held, 1002 is to be shipped and was not tried yet."""
    home = tmp_path_factory.mktemp("desks") / "home"
    set_stage(home)
    place_ready(home, "1002")
    return home


@pytest.fixture
def own_home(set_home: Path, tmp_path: Path) -> Path:
    """A copy to change."""
    home = tmp_path / "home"
    home.mkdir()
    for file in set_home.glob("core.db*"):
        shutil.copy(file, home)
    return home


def press(at: AppTest, label: str) -> AppTest:
    return next(button for button in at.button if button.label == label).click().run()


def labels(at: AppTest) -> set[str]:
    return {button.label for button in at.button}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", DESKS)
def test_a_desk_without_a_core_says_its_question_and_the_first_step(
    empty_home: Path, open_page: Open, page: str, language: str
):
    at = open_page(empty_home, page, language=language)

    say = Speaker(language)
    assert not at.exception
    assert at.title[0].value == say.text(f"pages.{page}.title")
    assert say.text(f"{page}.question") in everything_said(at)
    assert say.text("empty.core.title") in everything_said(at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_desk_with_nothing_to_do_says_so(set_home: Path, open_page: Open, language: str):
    say = Speaker(language)

    assert say.text("waves.none_waiting") in everything_said(open_page(set_home, "waves", language=language))
    assert say.text("empty.returns.title") in everything_said(open_page(set_home, "returns_desk", language=language))


@pytest.mark.parametrize(("headline", "number"), [("awaiting_review", "1001"), ("awaiting_shipment", "1002")])
def test_the_list_is_narrowed_by_stage(set_home: Path, open_page: Open, headline: str, number: str):
    at = open_page(set_home, "orders", or_headline=headline)

    assert not at.exception
    assert at.dataframe[0].value["order"].tolist() == [number]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_order_offers_what_its_state_allows(set_home: Path, open_page: Open, language: str):
    say = Speaker(language)
    held = labels(open_page(set_home, "order", language=language, id="web/1001"))
    ready = labels(open_page(set_home, "order", language=language, id="web/1002"))

    assert say.text("act.release.do") in held - ready
    assert say.text("act.allocate.do") in ready - held


def test_a_hold_is_not_released_without_a_word(own_home: Path, open_page: Open):
    at = press(open_page(own_home, "order", id="web/1001"), "Release hold")

    assert Speaker("en").text("errors.REASON_MISSING") in everything_said(at)
    assert asked(own_home, "order", "show", "web/1001")["status"] == "on_hold"


@pytest.mark.parametrize("role", ["viewer", "analyst", "warehouse"])
def test_who_may_only_look_gets_the_sentence_and_no_button(set_home: Path, open_page: Open, role: str):
    at = open_page(set_home, "order", role=role, id="web/1002")

    say = Speaker("en")
    assert not at.exception
    assert say.text("act.allocate.do") not in labels(at)
    assert say.text("act.not_allowed", right=say.text("permissions.stock.allocate")) in everything_said(at)


def as_a_viewer() -> None:
    """A page that forgot to ask: it gives the command all the same."""
    import streamlit as st

    from dashboards.actions import act
    from oms_core.services.order_holds import ReleaseOrder, release_order

    answer = act("release", release_order, ReleaseOrder("web/1001", "settled"))
    st.write(answer.refusal.code if answer.refusal else "done")


def test_a_viewer_s_command_is_refused_by_the_service_and_changes_nothing(
    own_home: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OMS_HOME", str(own_home))
    monkeypatch.delenv("OMS_DATABASE_URL", raising=False)
    at = AppTest.from_function(as_a_viewer, default_timeout=60)
    at.user = {"uid": "vi", "role": "viewer"}
    at.run()

    assert at.markdown[0].value == "NOT_PERMITTED"
    assert asked(own_home, "order", "show", "web/1001")["status"] == "on_hold"


def test_when_somebody_was_faster_nothing_is_done_and_the_page_says_so(own_home: Path, open_page: Open):
    at = open_page(own_home, "order", id="web/1002")
    run_oms(own_home, "order", "hold", "web/1002", "manual", "--reason", "look")

    at = press(at, "Promise stock")

    say = Speaker("en")
    assert say.text("act.gone") in everything_said(at)
    assert say.text("act.release.do") in labels(at)
    assert say.text("act.allocate.do") not in labels(at)
    assert not asked(own_home, "order", "show", "web/1002")["promises"]


def test_stock_that_is_promised_waits_for_its_wave_at_the_desk(own_home: Path, open_page: Open):
    at = press(open_page(own_home, "order", id="web/1002"), "Promise stock")
    assert at.success[0].value == "Stock is promised\\: 1 × MUG from NORTH\\."

    desk = press(open_page(own_home, "waves"), "Release wave")

    assert "Wave W\\-1 is released" in desk.success[0].value
    assert {"Picked", "Call off"} <= labels(desk)
