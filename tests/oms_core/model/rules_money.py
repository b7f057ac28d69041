"""Rules about money: authorised, captured, voided, charged back, refunded; gift cards."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oms_core.services.approvals import DecideApproval
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.refund_order import RefundOrder, decide_refund, refund_order
from oms_core.services.stored_value import (
    IssueStoredValue,
    RedeemStoredValue,
    issue_stored_value,
    redeem_stored_value,
)
from tests.oms_core.model import plain_money
from tests.oms_core.model.machine_base import picks, wild
from tests.oms_core.model.plain_company import Company
from tests.oms_core.model.prepared import LEAD, SECOND
from tests.oms_core.model.rules_orders import OrderRules

Answer = dict[str, Any] | None
AMOUNTS = st.sampled_from([1, 500, 1000, 2490, 9000, 25_000])


def written(cents: int) -> str:
    """An amount as people write it."""
    return f"{cents // 100}.{cents % 100:02}"


class MoneyRules(OrderRules):
    """What is paid and paid back."""

    def pay(self, event: str, method: str, pick: int, cents: int, *, again: bool = False) -> None:
        """One event of a provider on some order."""
        number = str(self.order(pick, "pending", "confirmed", "on_hold", "closed", anything=False))
        reference = self.number("ref-")
        for _ in range(1 + again):
            self.report(number, event, method, cents, reference)

    def report(self, number: str, event: str, method: str, cents: int, reference: str = "") -> None:
        """What a provider reports about an order."""
        reference = reference or self.number("ref-")
        request = RecordPayment(f"shop/{number}", event, method, written(cents), "psp", reference)
        self.run(
            record_payment,
            request,
            lambda c, _: plain_money.pay(c, number, event, method, cents, reference=reference),
        )

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, cents=AMOUNTS, again=st.booleans())
    def authorise(self, pick: int, cents: int, *, again: bool) -> None:
        self.pay("authorize", "card", pick, cents, again=again)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, cents=AMOUNTS, method=st.sampled_from(["card", "card", "alipay", "bank_transfer"]))
    def capture(self, pick: int, cents: int, method: str) -> None:
        self.pay("capture", method, pick, cents)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, cents=AMOUNTS, method=st.sampled_from(["card", "alipay"]))
    def void(self, pick: int, cents: int, method: str) -> None:
        self.pay("void", method, pick, cents)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, cents=AMOUNTS, method=st.sampled_from(["card", "bank_transfer"]))
    def report_a_failure(self, pick: int, cents: int, method: str) -> None:
        self.pay("fail", method, pick, cents)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, cents=AMOUNTS, method=st.sampled_from(["card", "bank_transfer"]))
    def charge_back(self, pick: int, cents: int, method: str) -> None:
        self.pay("charge_back", method, pick, cents)

    @precondition(lambda self: any(it.tenders for it in self.company.orders.values()))
    @rule(pick=picks, cents=AMOUNTS, anything=wild)
    def refund(self, pick: int, cents: int, *, anything: bool) -> None:
        orders = self.company.orders
        paid = [number for number in orders if sum(t.paid for t in self.company.tenders(number)) >= cents]
        number = str(self.choose(paid, list(orders), pick, anything=anything))
        request = RefundOrder(f"shop/{number}", written(cents), "sorry")
        self.run(refund_order, request, lambda c, answer: plain_money.refund(c, number, cents, answer))

    @precondition(lambda self: any("cents" in it for it in self.company.approvals.values()))
    @rule(pick=picks, approve=st.booleans(), own=wild, anything=wild)
    def decide_on_a_refund(self, pick: int, *, approve: bool, own: bool, anything: bool) -> None:
        asked = {number: it for number, it in self.company.approvals.items() if "cents" in it}
        likely = [number for number, it in asked.items() if it["state"] == "pending"]
        number = str(self.choose(likely, list(asked), pick, anything=anything))
        self.run(
            decide_refund,
            DecideApproval(number, approve, "looked into it"),
            lambda c, _: plain_money.decide_refund(c, number, approve=approve, own=own),
            actor=LEAD if own else SECOND,
        )

    @rule(cents=st.sampled_from([500, 2000, 20_000, 20_001]), again=wild)
    def issue_a_gift_card(self, cents: int, *, again: bool) -> None:
        known = sorted(self.company.codes)
        code = known[0] if again and known else f"CARD-{self.number()}-ABCDEFGHIJ"
        request = IssueStoredValue("gift_card", written(cents), "a present", "EUR", code)
        self.run(issue_stored_value, request, lambda c, answer: plain_money.issue_card(c, code, cents, answer))

    @precondition(lambda self: self.company.codes and self.company.orders)
    @rule(pick=picks, card=picks, cents=AMOUNTS, fits=st.booleans())
    def redeem_a_gift_card(self, pick: int, card: int, cents: int, *, fits: bool) -> None:
        number = str(self.order(pick, "pending", "confirmed", anything=False))
        code = sorted(self.company.codes)[card % len(self.company.codes)]
        missing = self.company.missing(number)
        part = max(1, min(missing, self.company.cards[self.company.codes[code]], cents)) if fits else cents
        request = RedeemStoredValue(f"shop/{number}", written(part), code)

        def act(c: Company, _: Answer) -> None:
            plain_money.redeem(c, number, code, part)

        self.run(redeem_stored_value, request, act)
