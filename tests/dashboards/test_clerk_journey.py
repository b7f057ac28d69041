"""A clerk's day in a real browser, over a real core: one order from held to delivered, one return to restocked.

Refusals are met on the way, in words. At a desk in English and on a phone in Chinese.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from dashboards.language import Speaker
from tests.dashboards.browser import FLAGS, Seen, looking
from tests.dashboards.clerk_stage import asked, place_ready, set_stage
from tests.dashboards.conftest import Server
from tests.dashboards.test_browser import SMALL_TARGETS

pytestmark = pytest.mark.browser
_TROUBLE = re.compile(r"Traceback|ERROR|Exception")


@pytest.fixture(scope="module")
def visitor(chromium: str) -> Iterator[object]:
    """One Chromium for this module."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[tuple[Path, Server]]:
    """A home with the stage set, and the screens over it."""
    home = tmp_path / "home"
    set_stage(home)
    serving = Server(home)
    serving.wait()
    yield home, serving
    serving.stop()
    assert not _TROUBLE.search(serving.log.read_text())


class Clerk:
    """What a clerk does with a page: types, presses, reads, and looks that it fits the screen."""

    def __init__(self, seen: Seen, say: Speaker, *, is_phone: bool = False) -> None:
        self.is_phone = is_phone
        self.seen = seen
        self.page = seen.page
        self.say = say

    def types(self, label: str, text: str) -> None:
        box = self.page.get_by_label(label, exact=True).first
        box.fill(text)
        box.press("Tab")

    def counts(self, field: str, units: int) -> None:
        """Put a number of units into a field, named as the form and its part."""
        box = self.page.locator(f'[class*="st-key-{field}-"] input').first
        box.fill(str(units))
        box.press("Tab")

    def presses(self, key: str, **values: str) -> None:
        self.page.get_by_role("button", name=self.say.text(key, **values), exact=True).first.click()

    def opens(self, key: str) -> None:
        """Unfold the part of that title."""
        self.page.locator("summary", has_text=self.say.text(key)).first.click()

    def reads(self, sentence: str) -> None:
        """Wait until the page itself says it; toasts only repeat."""
        main = self.page.locator('[data-testid="stMain"]')
        main.get_by_text(sentence, exact=False).first.wait_for()
        self.seen.settle()

    def reads_key(self, key: str, **values: str) -> None:
        self.reads(self.say.text(key, **values))

    def reads_refusal(self, code: str, **values: str) -> None:
        """The sentence of the refusal, which tells the remedy too, and its code."""
        self.reads(self.say.text(f"errors.{code}", **values))
        self.reads(self.say.text("errors.code", code=code))

    def looks(self) -> None:
        assert self.seen.sideways() == 0
        if self.is_phone:
            assert self.page.evaluate(SMALL_TARGETS) == []


def state(say: Speaker, key: str, group: str, code: str, **values: str) -> str:
    return say.text(key, state=say.word(group, code), **values)


def open_the_held_order(clerk: Clerk) -> None:
    clerk.seen.go("/orders?or_status=on_hold")
    if clerk.is_phone:
        clerk.page.locator('[class*="st-key-order_card_"] a').first.click()
    else:
        table = clerk.page.locator('[data-testid="stDataFrame"]').first
        table.locator("canvas").first.wait_for()
        table.click(position={"x": 40, "y": 52})
    clerk.page.wait_for_url("**/order?**")
    clerk.seen.settle()
    clerk.reads_key("steps.release")
    clerk.looks()


def confirm_it(clerk: Clerk) -> None:
    """Release the hold; meet the refusal of an unpaid order; record its payment, upon which the rules confirm it."""
    say = clerk.say
    clerk.presses("act.release.do")
    clerk.reads_refusal("REASON_MISSING")
    clerk.types(say.text("act.release.resolution"), "street given by phone")
    clerk.presses("act.release.do")
    clerk.reads(state(say, "done.order_state", "status", "pending"))
    clerk.presses("act.confirm.do")
    clerk.reads_refusal("ORDER_NOT_COVERED", missing="26.50", currency="EUR")
    clerk.looks()
    clerk.types(say.text("act.pay.provider"), "bank")
    clerk.types(say.text("act.pay.reference"), "T-1001")
    clerk.page.get_by_role("button", name=say.text("act.pay.do"), exact=True).first.dblclick()  # pays once
    clerk.reads(state(say, "done.money", "payment_states", "paid"))
    if clerk.page.get_by_role("button", name=say.text("act.confirm.do"), exact=True).count():
        clerk.presses("act.confirm.do")
        clerk.reads(state(say, "done.order_state", "status", "confirmed"))


def allocate_it(clerk: Clerk) -> None:
    """Promise stock from the nearer site, and read why."""
    clerk.presses("act.allocate.do")
    clerk.reads("2 × MUG")
    clerk.opens("why.title")
    clerk.reads_key("why.meaning")
    clerk.looks()


def deliver_it(clerk: Clerk) -> None:
    say = clerk.say
    clerk.presses("act.wave.do", location="North warehouse")
    parcel = clerk.page.locator('[class*="st-key-parcel_"] strong').first
    parcel.wait_for()
    number = parcel.inner_text()

    def now(code: str) -> None:
        clerk.reads(state(say, "done.parcel", "shipment_states", code, number=number))

    clerk.looks()
    clerk.presses("act.pick.do")
    now("picking")
    clerk.types(say.text("act.pack.tracking"), "1Z999")
    clerk.presses("act.pack.do")
    now("packed")
    clerk.types(say.text("act.ship.carrier"), "DHL")
    clerk.presses("act.ship.do")
    now("shipped")
    clerk.types(say.text("act.deliver.proof"), "signature 7")
    clerk.presses("act.deliver.do")
    now("delivered")
    clerk.reads(say.word("status", "closed"))
    clerk.looks()


def ask_it_back(clerk: Clerk) -> str:
    """Ask for more than was delivered, which is refused; then for one unit. Gives the number of the return."""
    say = clerk.say
    clerk.opens("act.request.title")
    clerk.counts("request_return-units_1", 3)
    clerk.presses("act.request.do")
    clerk.reads_refusal("RETURN_TOO_MANY", remaining="2")
    clerk.looks()
    clerk.counts("request_return-units_1", 1)
    clerk.presses("act.request.do")
    clerk.page.locator('[class*="st-key-return_"] strong').first.wait_for()
    number = clerk.page.locator('[class*="st-key-return_"] strong').first.inner_text()
    clerk.reads(state(say, "done.return", "return_states", "requested", number=number))
    return number


def restock_it(clerk: Clerk, number: str) -> None:
    """At the returns desk: approve, receive, grade."""
    say = clerk.say

    def now(code: str) -> None:
        clerk.reads(state(say, "done.return", "return_states", code, number=number))

    clerk.seen.go("/returns-desk")
    clerk.presses("act.approve.do")
    now("approved")
    clerk.presses("act.receive.do")
    now("received")
    clerk.looks()
    clerk.presses("act.grade.do")
    now("closed")
    clerk.looks()


@pytest.mark.parametrize(("width", "language"), [(1440, "en"), (390, "zh")])
def test_an_order_from_held_to_delivered_and_a_return_to_restocked(
    visitor: Browser, staged: tuple[Path, Server], width: int, language: str
):
    home, server = staged
    with looking(visitor, server.base, width=width, language=language) as seen:
        clerk = Clerk(seen, Speaker(language), is_phone=width < 500)
        open_the_held_order(clerk)
        confirm_it(clerk)
        allocate_it(clerk)
        deliver_it(clerk)
        restock_it(clerk, ask_it_back(clerk))

        assert seen.errors == []
        assert seen.foreign == []
    rows = {(row["sku"], row["location"], row["condition"]): row for row in asked(home, "stock")["rows"]}
    assert (rows["MUG", "NORTH", "sellable"]["on_hand"], rows["MUG", "NORTH", "sellable"]["available"]) == (9, 9)
    assert rows["TEA", "NORTH", "sellable"]["on_hand"] == 7
    assert rows["MUG", "SOUTH", "sellable"]["on_hand"] == 5
    assert rows.get(("MUG", "NORTH", "inspection"), {"on_hand": 0})["on_hand"] == 0
    order = asked(home, "order", "show", "web/1001")
    assert [event["amount"] for event in order["payment_events"]] == ["26.50"]
    assert (order["status"], order["payment_status"], order["return_status"]) == (
        "closed",
        "paid",
        "partially_returned",
    )
    assert [hold["resolution"] for hold in order["hold_history"]] == ["street given by phone"]


def test_a_wave_is_released_and_a_parcel_packed_at_the_shipping_desk(visitor: Browser, staged: tuple[Path, Server]):
    home, server = staged
    place_ready(home, "1002")
    asked(home, "order", "allocate", "web/1002")
    with looking(visitor, server.base, width=820, language="en") as seen:
        clerk = Clerk(seen, Speaker("en"))
        seen.go("/waves")
        clerk.reads("North warehouse")
        clerk.looks()
        clerk.presses("waves.release")
        clerk.reads_key("waves.none_waiting")
        clerk.presses("act.pick.do")
        clerk.presses("act.pack.do")
        clerk.reads(clerk.say.word("shipment_states", "packed"))
        clerk.looks()

        assert seen.errors == []
    (shipment,) = asked(home, "order", "show", "web/1002")["shipments"]
    assert (shipment["state"], shipment["location"]) == ("packed", "NORTH")
