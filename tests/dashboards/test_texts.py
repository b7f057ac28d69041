"""The catalogues: the same keys and placeholders, nothing missing that a page asks for, each in its own language."""

import ast
import re
from pathlib import Path

import pytest

from dashboards.language import LANGUAGES, Speaker, catalogue, choose_language, placeholders
from dashboards.queries.order_steps import Step
from oms_core.domain.headline import HEADLINE_ZH, Headline
from oms_core.domain.orders import HOLD_KINDS, LINE_KINDS, Lifecycle, OrderEvent
from oms_core.domain.payments import PaymentEvent, PaymentMethod, PaymentState
from oms_core.domain.returns import Grade, ReturnState
from oms_core.domain.shipments import ShipmentState
from oms_core.domain.stock import CONDITIONS, MOVEMENT_KINDS
from oms_core.services.refund_order import TARGETS

DASHBOARDS = Path(__file__).resolve().parents[2] / "dashboards"
ASKING = {"text", "counted"}


def test_both_languages_have_the_same_keys():
    assert catalogue("en").keys() == catalogue("zh").keys()


def test_a_text_has_the_same_placeholders_in_both_languages():
    differing = [
        key for key, text in catalogue("en").items() if placeholders(text) != placeholders(catalogue("zh")[key])
    ]

    assert differing == []


def test_no_text_is_left_in_the_other_language():
    chinese = re.compile(r"[\u4e00-\u9fff]")

    assert [key for key, text in catalogue("en").items() if chinese.search(text)] == []
    same = {key for key, text in catalogue("zh").items() if text == catalogue("en")[key] and not placeholders(text)}
    assert same == {"app.name", "dimensions.sku", "order.facets.unrecorded"} | {
        key for key in same if key.endswith(".command")
    }


def asked_keys() -> dict[str, str]:
    found = {}
    for path in DASHBOARDS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Attribute(attr=verb), args=[ast.Constant(value=str(key)), *_]) if verb in ASKING:
                    found[key] = path.name
                case _:
                    pass
    return found


def test_every_key_a_page_asks_for_exists():
    known = set(catalogue("en"))
    missing = {key: place for key, place in asked_keys().items() if key not in known and f"{key}.other" not in known}

    assert missing == {}


@pytest.mark.parametrize(
    ("group", "codes"),
    [
        ("status", [state.value for state in Lifecycle if state is not Lifecycle.NONE]),
        ("events", [event.value for event in OrderEvent]),
        ("line_kinds", LINE_KINDS),
        ("movements", MOVEMENT_KINDS),
        ("conditions", CONDITIONS),
        ("headlines", list(Headline)),
        ("hold_kinds", HOLD_KINDS),
        ("shipment_states", [state for state in ShipmentState if state is not ShipmentState.NONE]),
        ("return_states", [state for state in ReturnState if state is not ReturnState.NONE]),
        ("grades", list(Grade)),
        ("payment_states", list(PaymentState)),
        ("payment_events", list(PaymentEvent)),
        ("payment_methods", list(PaymentMethod)),
        ("refund_targets", TARGETS),
        ("steps", list(Step)),
    ],
)
def test_every_code_of_the_core_has_a_word(group: str, codes: list[str]):
    assert [code for code in codes if f"{group}.{code}" not in catalogue("en")] == []


def test_a_headline_reads_as_the_core_says_it():
    assert {code: catalogue("zh")[f"headlines.{code}"] for code in Headline} == HEADLINE_ZH


def test_no_page_carries_text_of_its_own():
    wordy = re.compile(r"[A-Z][a-z]+ [a-z]+ [a-z]+|[\u4e00-\u9fff]")
    spoken = []
    for path in [*DASHBOARDS.glob("screens/*.py"), *DASHBOARDS.glob("components/*.py"), DASHBOARDS / "app.py"]:
        tree = ast.parse(path.read_text("utf-8"))
        documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            match node:
                case ast.Constant(value=str(text)) if id(node) not in documented and wordy.search(text):
                    spoken.append((path.name, text))
                case _:
                    pass

    assert spoken == []


@pytest.mark.parametrize(
    ("asked", "cookie", "accepts", "chosen"),
    [
        ("zh", "en", "en", "zh"),
        (None, "zh", "en-GB,en;q=0.9", "zh"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "de-DE,de;q=0.9,en;q=0.5", "en"),
        (None, "xx", "fr", "en"),
        (None, None, None, "en"),
        (None, None, "zh;q=nonsense,en;q=0.1", "en"),
    ],
)
def test_the_language_is_what_was_asked_else_cookie_else_browser(
    asked: str | None, cookie: str | None, accepts: str | None, chosen: str
):
    assert choose_language(asked=asked, cookie=cookie, accepts=accepts) == chosen


def test_numbers_follow_the_chosen_language():
    english, chinese = Speaker("en"), Speaker("zh")

    assert (english.compact(1_234_567), chinese.compact(1_234_567)) == ("1.2M", "123.46万")
    assert (english.money(59_508.2, "EUR", short=True), chinese.money(59_508.2, "EUR")) == ("€59,508", "€59,508.20")
    assert (english.money(9_539_484, "GBP", short=True), chinese.money(9_539_484, "GBP", short=True)) == (
        "£9.5M",
        "£953.95万",
    )
    assert english.percent(0.002119, 2) == "0.21%"
    assert english.counted("orders.found", 1) == "1 order"
    assert english.counted("orders.found", 34_564) == "34,564 orders"
    assert [Speaker(language).country("DE") for language in LANGUAGES] == ["Germany", "德国"]
    assert english.country("United Kingdom") == "United Kingdom"
