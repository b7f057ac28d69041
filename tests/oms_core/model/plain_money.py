"""The plain model of money: payments on an order, refunds, gift cards. Amounts in cents."""

from typing import Any

from tests.oms_core.model.plain_company import Company, Tender, refuse_any, refuse_if
from tests.oms_core.model.plain_orders import ask_the_rules

TWO_STEPS = ("card", "paypal", "cash_on_delivery")  # authorised first, captured later
EVENTS = {
    "card": ("authorize", "capture", "void", "charge_back", "fail"),
    "alipay": ("capture", "charge_back", "fail"),
    "bank_transfer": ("capture", "fail"),
}
LIMIT = 20_000  # refunds of an order together above this wait for a second person


def pay(c: Company, order: str, event: str, method: str, cents: int, *, reference: str) -> None:
    """One event that a provider reports; a reference that is known with the same content changes nothing."""
    if (f"psp/{reference}", event) in c.references:
        return
    refuse_if(event not in EVENTS[method], "EVENT_NOT_OF_METHOD")
    tender = c.tender(order, method) or Tender(method)
    if event == "capture" and method in TWO_STEPS:
        refuse_if(cents > tender.open, "CAPTURE_ABOVE_AUTHORISED")
    if event == "void":
        refuse_if(cents > tender.open, "VOID_ABOVE_AUTHORISED")
    if event == "charge_back":
        refuse_if(cents > tender.paid, "CHARGE_BACK_ABOVE_PAID")
    if c.tender(order, method) is None:
        c.orders[order].tenders[method] = tender
    c.references.add((f"psp/{reference}", event))
    change(tender, event, cents)
    if event in ("authorize", "capture"):
        paid(c, order)


def paid(c: Company, order: str) -> None:
    """The rules are asked again about an order and its family."""
    for it in c.kin(order):
        ask_the_rules(c, it)


def change(tender: Tender, event: str, cents: int) -> None:
    """Add to the sum that the event moves."""
    sums = {
        "authorize": "authorized",
        "capture": "captured",
        "void": "voided",
        "refund": "refunded",
        "charge_back": "charged_back",
    }
    tender.failed = tender.failed or event == "fail"
    if event in sums:
        name = sums[event]
        setattr(tender, name, getattr(tender, name) + cents)


def refund(c: Company, order: str, cents: int, answer: dict[str, Any] | None) -> None:
    """Money goes back, from the first tender on; above the limit the request only waits."""
    refuse_if(cents > sum(t.paid for t in c.tenders(order)), "REFUND_ABOVE_PAID")
    if sum(t.refunded for t in c.tenders(order)) + cents > LIMIT:
        assert answer is None or "approval" in answer, "a refund above the limit went through"
        if answer is not None:
            c.approvals[answer["approval"]] = {"state": "pending", "order": order, "cents": cents}
        return
    _pay_back(c, order, cents)


def decide_refund(c: Company, approval: str, *, approve: bool, own: bool) -> None:
    """A second person decides."""
    asked = c.approvals[approval]
    refuse_any({"OWN_REQUEST": own, "EVENT_NOT_ALLOWED": asked["state"] != "pending"})
    if approve:
        refuse_if(asked["cents"] > sum(t.paid for t in c.tenders(asked["order"])), "REFUND_ABOVE_PAID")
        _pay_back(c, asked["order"], asked["cents"])
    asked["state"] = "approved" if approve else "rejected"


def _pay_back(c: Company, order: str, cents: int) -> None:
    for tender in c.tenders(order):
        part = min(cents, tender.paid)
        tender.refunded += part
        cents -= part
        if tender.card is not None:
            c.cards[tender.card] += part
    assert cents == 0


def issue_card(c: Company, code: str, cents: int, answer: dict[str, Any] | None) -> None:
    """A new gift card; above the limit the request only waits."""
    refuse_if(code in c.codes, "CODE_TAKEN")
    assert answer is not None
    if cents > LIMIT:
        c.approvals[answer["approval"]] = {"state": "pending"}
        return
    c.codes[code] = answer["stored_value"]
    c.cards[answer["stored_value"]] = cents


def redeem(c: Company, order: str, code: str, cents: int) -> None:
    """Pay with a card: at most what it holds and what the order still needs."""
    it = c.orders[order]
    refuse_if(code not in c.codes, "CODE_UNKNOWN")
    card = c.codes[code]
    refuse_any(
        {
            "ORDER_ENDED": it.state in ("cancelled", "closed"),
            "ORDER_COVERED": cents > c.missing(order),
            "BALANCE_SHORT": cents > c.cards[card],
        }
    )
    name = f"gift_card-{card}"
    tender = c.tender(order, name) or it.tenders.setdefault(name, Tender("gift_card", card=card))
    tender.captured += cents
    c.cards[card] -= cents
    paid(c, order)
