"""`oms payment` and `oms return` at the keyboard, and refusals."""

import json
from typing import Any

import click
import pytest
from click.testing import CliRunner

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.services.company import now_micros, prepare
from pipelines.cli.main import oms
from tests.builders import a_context, a_customer, a_line, a_movement, a_place, give
from tests.cores import opened
from tests.money_cases import deliver, sold


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
    """Two mugs for 500.00, delivered just now, of a company that counts in euros."""
    prepare(sqlite_settings, base_currency="EUR", actor="test", now=now_micros())
    with opened(sqlite_settings) as core:
        give(core, a_movement(), context=a_context(a_place("MAIN")))
        sold(core, "A-1", a_line("1", quantity=2, cents=50000), customer=a_customer(), delivered=False)
        deliver(core, "A-1", at=now_micros())
    return Keyboard(str(sqlite_settings.home))


CARD = ("--method", "card", "--ref")
FINANCE = ("--actor", "Fin", "--role", "finance")


def test_an_order_is_paid_refunded_and_listed(keyboard):
    keyboard.answer("payment", "authorise", "A-1", "500.00", *CARD, "pi_1")
    keyboard.answer("payment", "capture", "A-1", "400.00", *CARD, "pi_1")
    keyboard.answer("payment", "void", "A-1", "100.00", *CARD, "pi_1")
    refunded = keyboard.answer("payment", "refund", "A-1", "20.00", "--reason", "a scratch")

    assert (refunded["paid"], refunded["payment_status"]) == ("380.00", "partially_refunded")
    shown = keyboard.answer("payment", "list", "A-1")
    assert [it["event"] for it in shown["events"]] == ["authorize", "capture", "void", "refund"]
    assert "partially_refunded" in keyboard.text("payment", "list", "A-1")
    assert keyboard.refusal("payment", "capture", "A-1", "1.00", *CARD, "pi_2") == "CAPTURE_ABOVE_AUTHORISED"
    assert keyboard.refusal("payment", "fail", "A-1", "1.00", *CARD, "4111 1111 1111 1111") == "CARD_DATA_REFUSED"


def test_a_disputed_payment(keyboard):
    alipay = ("--method", "alipay", "--at", "2026-03-05T10:00+08:00", "--ref")
    keyboard.answer("payment", "capture", "A-1", "500.00", *alipay, "T1")
    keyboard.answer("payment", "charge-back", "A-1", "500.00", *alipay, "T2")
    back = keyboard.answer("payment", "reverse-charge-back", "A-1", "500.00", *alipay, "T3")

    assert back["payment_status"] == "paid"


def test_a_large_refund_is_decided_by_a_second_person(keyboard):
    keyboard.answer("payment", "capture", "A-1", "500.00", "--method", "alipay", "--ref", "T1")
    waiting = keyboard.answer("payment", "refund", "A-1", "300.00", "--reason", "broken", "--actor", "Ann")["approval"]

    assert keyboard.refusal("payment", "decide", waiting, "--yes", "--reason", "ok", "--actor", "Ann") == "OWN_REQUEST"
    decided = keyboard.answer("payment", "decide", waiting, "--yes", "--reason", "ok", *FINANCE)
    assert decided["result"]["paid"] == "200.00"


def test_gift_cards_and_store_credit_pay(keyboard):
    code = "GIFT-2026-ABCD-EFGH"
    keyboard.answer(
        "payment", "issue", "gift_card", "50.00", "--currency", "EUR", "--code", code, "--reason", "sold", *FINANCE
    )
    keyboard.answer(
        "payment", "issue", "store_credit", "7.00", "--customer-of", "A-1", "--reason", "late parcel", *FINANCE
    )

    assert keyboard.answer("payment", "redeem", "A-1", "30.00", "--code", code)["balance"] == "20.00"
    assert keyboard.answer("payment", "redeem", "A-1", "7.00")["balance"] == "0.00"
    assert keyboard.refusal("payment", "redeem", "A-1", "0.01") == "BALANCE_SHORT"
    assert keyboard.answer("payment", "balance", code)["balance"] == "20.00"
    assert "redeem" in keyboard.text("payment", "balance", code)


def test_a_rate_is_set_from_an_instant_on(keyboard):
    rate = ("payment", "set-rate", "CNY", "0.1275", "--from")

    assert keyboard.answer(*rate, "2026-03-01T00:00Z", *FINANCE)["base_currency"] == "EUR"
    assert keyboard.refusal(*rate, "2026-03-01", *FINANCE) == "DATE_ONLY"
    assert [it["rate"] for it in keyboard.answer("payment", "rates")["rows"]] == ["0.1275"]
    assert "CNY" in keyboard.text("payment", "rates")


def test_a_return_from_request_to_graded(keyboard):
    (line,) = keyboard.answer("return", "eligible", "A-1")["rows"]
    assert (line["line_key"], line["remaining"]) == ("1", 2)
    assert "faulty.broken" in keyboard.text("return", "reasons")
    assert "MUG" in keyboard.text("return", "eligible", "A-1")

    number = keyboard.answer("return", "request", "A-1", "--line", "1:2:faulty.broken")["return"]
    keyboard.answer("return", "approve", number, "--location", "MAIN")
    keyboard.answer("return", "sent", number)
    keyboard.answer("return", "receive", number, "MAIN", "--line", "1:2")
    keyboard.answer("return", "grade", number, "MAIN", "--line", "1:restock:1", "--line", "1:scrap:1")

    shown = keyboard.answer("return", "show", number)
    assert (shown["state"], shown["proposed_refund"]) == ("closed", "500.00")
    assert [it["kind"] for it in shown["entries"]] == ["receive", "restock", "scrap"]
    assert number in keyboard.text("return", "list", "--state", "closed")
    assert "proposed 500.00" in keyboard.text("return", "show", number)
    assert keyboard.refusal("return", "receive", number, "MAIN", "--line", "1:1") == "RETURN_STATE"


def test_returns_that_end_early(keyboard):
    asked = ("return", "request", "A-1", "--line", "1:1:other")
    first, second = (keyboard.answer(*asked)["return"] for _ in range(2))
    assert keyboard.refusal(*asked) == "NOTHING_LEFT"

    keyboard.answer("return", "decline", first, "--reason", "worn")
    keyboard.answer("return", "cancel", second, "--reason", "keeps it")
    third = keyboard.answer("return", "request", "A-1", "--line", "1:2:other")["return"]
    keyboard.answer("return", "approve", third)
    keyboard.answer("return", "receive", third, "MAIN", "--line", "1:1")
    stopped = keyboard.answer("return", "stop-waiting", third, "--reason", "the rest never came")

    states = [it["state"] for it in keyboard.answer("return", "list", "--order", "A-1")["rows"]]
    assert (stopped["state"], states) == ("received", ["received", "cancelled", "declined"])


def test_an_exchange_is_replaced(keyboard):
    keyboard.answer("define", "account", "shop")
    keyboard.answer("define", "sku", "BLUE")
    keyboard.answer("payment", "capture", "A-1", "500.00", "--method", "alipay", "--ref", "T1")
    line = "1:1:changed_mind.wrong_size:BLUE"
    number = keyboard.answer("return", "request", "A-1", "--exchange", "--line", line)["return"]
    keyboard.answer("return", "approve", number)

    replaced = keyboard.answer("return", "replace", number, "--price", "1:260.00")

    assert (replaced["replacement_total"], replaced["to_pay"]) == ("260.00", "10.00")


@pytest.mark.parametrize("line", ["1", "1:x:other", "1:1", "1::other", "1:1:other:SKU:more"])
def test_a_line_that_cannot_be_read_is_refused(keyboard, line):
    ended = keyboard.run("return", "request", "A-1", "--line", line)

    assert isinstance(ended.exception, click.BadParameter)
    assert ended.exception.param_hint == "--line"
