"""Rules about goods: received, bought, adjusted, scrapped, in another condition, transferred, counted."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oms_core.domain.permissions import Actor
from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.approvals import DecideApproval, decide_stock_approval
from oms_core.services.change_condition import ChangeCondition, change_condition
from oms_core.services.count_stock import (
    CountedRecord,
    CountStep,
    EnterCount,
    OpenCount,
    approve_count,
    enter_count,
    open_count,
    reject_count,
)
from oms_core.services.purchase_orders import (
    DraftPurchaseOrder,
    OrderedLine,
    PurchaseOrderStep,
    approve_purchase_order,
    close_purchase_order,
    draft_purchase_order,
    send_purchase_order,
)
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.transfer_stock import (
    DraftTransfer,
    TransferArrival,
    TransferLine,
    TransferStep,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from tests.oms_core.model import plain_goods, plain_promises
from tests.oms_core.model.machine_base import MachineBase, picks, wild
from tests.oms_core.model.plain_company import GOODS, ROAD, SITES, Company
from tests.oms_core.model.prepared import BUYER, LEAD, SECOND

Answer = dict[str, Any] | None
skus, places = st.sampled_from(GOODS), st.sampled_from(SITES)


class GoodsRules(MachineBase):
    """What comes in, and what a place holds."""

    def served(self, c: Company, sku: str = "") -> None:
        """Who waited was served with what came; with `sku`, nothing of it may have been kept back."""
        promises = self.core_facts()["promises"]
        if sku:
            plain_promises.serve(c, promises, skus={sku})
        else:
            plain_promises.adopt(c, promises)

    @rule(sku=skus, place=places, units=st.integers(1, 12), damaged=st.integers(0, 2), again=st.booleans())
    def receive(self, sku: str, place: str, units: int, damaged: int, *, again: bool) -> None:
        known = sorted(self.company.receipts)
        number = known[-1] if again and known else self.number("D")
        hurt = min(damaged, units)
        request = ReceiveGoods(
            place, (ReceivedLine(sku, units, hurt, unit_cost="2.00", currency="EUR"),), number=number
        )

        def act(c: Company, _: Answer) -> None:
            plain_goods.receive(c, place, sku, units, hurt, number)
            self.served(c, sku)

        self.run(receive_goods, request, act)

    @rule(place=places, mugs=st.integers(1, 60), cups=st.integers(1, 5))
    def draft_a_purchase(self, place: str, mugs: int, cups: int) -> None:
        number, lines = self.number("P"), {"MUG": mugs, "CUP": cups}
        ordered = tuple(OrderedLine(*it) for it in lines.items())
        request = DraftPurchaseOrder("MILL", place, ordered, number)
        self.run(draft_purchase_order, request, lambda c, _: plain_goods.buy(c, number, place, lines), actor=BUYER)

    def purchase(self, pick: int, *states: str, anything: bool) -> str:
        """A purchase order in one of these states, or any."""
        found = self.company.purchases
        likely = [number for number, it in found.items() if it["state"] in states]
        return str(self.choose(likely, list(found), pick, anything=anything))

    def decide_purchase(self, event: str, pick: int, *, anything: bool = False) -> None:
        """A step of a purchase order that moves no goods."""
        cases: dict[str, tuple[Any, Actor, tuple[str, ...]]] = {
            "approve": (approve_purchase_order, LEAD, ("draft",)),
            "send": (send_purchase_order, BUYER, ("approved",)),
            "close": (close_purchase_order, BUYER, ("partly_received", "received")),
        }
        case, actor, states = cases[event]
        number = self.purchase(pick, *states, anything=anything)
        request = PurchaseOrderStep(number, "as agreed")
        self.run(case, request, lambda c, _: plain_goods.purchase_step(c, number, event), actor=actor)

    @precondition(lambda self: self.company.purchases)
    @rule(pick=picks, anything=wild)
    def approve_a_purchase(self, pick: int, *, anything: bool) -> None:
        self.decide_purchase("approve", pick, anything=anything)

    @precondition(lambda self: self.company.purchases)
    @rule(pick=picks, anything=wild)
    def send_a_purchase(self, pick: int, *, anything: bool) -> None:
        self.decide_purchase("send", pick, anything=anything)

    @precondition(lambda self: self.company.purchases)
    @rule(pick=picks, anything=wild)
    def close_a_purchase(self, pick: int, *, anything: bool) -> None:
        self.decide_purchase("close", pick, anything=anything)

    @precondition(lambda self: self.company.purchases)
    @rule(pick=picks, sku=skus, more=st.integers(-3, 3), damaged=st.integers(0, 1), over=st.booleans(), anything=wild)
    def receive_against_a_purchase(
        self, pick: int, sku: str, more: int, damaged: int, *, over: bool, anything: bool
    ) -> None:
        number = self.purchase(pick, "sent", "partly_received", "received", anything=anything)
        po = self.company.purchases[number]
        ordered, cancelled, received, _ = po["lines"][sku]
        units = max(1, ordered - cancelled - received + more)
        request = ReceiveGoods(
            po["location"], (ReceivedLine(sku, units, damaged),), purchase_order=number, accept_over=over
        )

        def act(c: Company, _: Answer) -> None:
            plain_goods.receive_against(c, number, po["location"], sku, units, damaged, over=over)
            self.served(c, sku)

        self.run(receive_goods, request, act)

    @rule(sku=skus, place=places, units=st.sampled_from([-3, -1, 1, 2, 5, 101, -101]))
    def adjust(self, sku: str, place: str, units: int) -> None:
        request = AdjustStock(sku, place, units, "found out")

        def act(c: Company, answer: Answer) -> None:
            plain_goods.adjust(c, sku, place, units, answer)
            booked = answer is not None and "approval" not in answer
            self.served(c, sku if booked and units > 0 else "")

        self.run(adjust_stock, request, act)

    @precondition(lambda self: any("adjust" in it for it in self.company.approvals.values()))
    @rule(pick=picks, approve=st.booleans(), own=wild, anything=wild)
    def decide_on_an_adjustment(self, pick: int, *, approve: bool, own: bool, anything: bool) -> None:
        asked = {number: it for number, it in self.company.approvals.items() if "adjust" in it}
        likely = [number for number, it in asked.items() if it["state"] == "pending"]
        number = str(self.choose(likely, list(asked), pick, anything=anything))
        who: Actor = LEAD if own else SECOND

        def act(c: Company, _: Answer) -> None:
            plain_goods.decide_adjustment(c, number, approve=approve, own=own)
            sku, _, units = c.approvals[number]["adjust"]
            self.served(c, sku if approve and units > 0 else "")

        self.run(decide_stock_approval, DecideApproval(number, approve, "looked into it"), act, actor=who)

    @rule(
        sku=skus,
        place=places,
        ways=st.sampled_from([("inspection", "sellable"), ("sellable", "damaged"), ("damaged", "sellable")]),
        units=st.integers(1, 4),
    )
    def change_condition(self, sku: str, place: str, ways: tuple[str, str], units: int) -> None:
        request = ChangeCondition(sku, place, *ways, units, "looked at")

        def act(c: Company, _: Answer) -> None:
            plain_goods.recondition(c, sku, place, *ways, units)
            self.served(c, sku if ways[1] == "sellable" else "")

        self.run(change_condition, request, act)

    @rule(sku=skus, source=places, units=st.integers(1, 6))
    def draft_a_transfer(self, sku: str, source: str, units: int) -> None:
        number = self.number("T")
        target = next(place for place in SITES if place != source)
        request = DraftTransfer(source, target, (TransferLine(sku, units),), ROAD, number)
        self.run(
            draft_transfer, request, lambda c, _: plain_goods.draft_transfer(c, number, source, target, sku, units)
        )

    def transfer(self, pick: int, *states: str, anything: bool) -> str:
        """A transfer in one of these states, or any."""
        found = self.company.transfers
        likely = [number for number, it in found.items() if it["state"] in states]
        return str(self.choose(likely, list(found), pick, anything=anything))

    @precondition(lambda self: self.company.transfers)
    @rule(pick=picks, anything=wild)
    def ship_a_transfer(self, pick: int, *, anything: bool) -> None:
        number = self.transfer(pick, "draft", anything=anything)
        self.run(ship_transfer, TransferStep(number), lambda c, _: plain_goods.ship_transfer(c, number))

    @precondition(lambda self: any(it["on_way"] for it in self.company.transfers.values()))
    @rule(pick=picks, units=st.integers(1, 7), anything=wild)
    def receive_a_transfer(self, pick: int, units: int, *, anything: bool) -> None:
        number = self.transfer(pick, "shipped", "partly_received", anything=anything)
        it = self.company.transfers[number]
        part = units if anything else min(units, it["on_way"])
        request = TransferArrival(number, (TransferLine(it["sku"], part),))

        def act(c: Company, _: Answer) -> None:
            plain_goods.receive_transfer(c, number, part)
            self.served(c, it["sku"])

        self.run(receive_transfer, request, act)

    @rule(sku=skus, place=places, off=st.sampled_from([-60, -4, -1, 0, 1, 2, 5]))
    def count(self, sku: str, place: str, off: int) -> None:
        number = self.number("K")
        counted = max(self.company.on_hand.get((sku, place, "sellable"), 0) + off, self.company.promised(sku, place))
        self.run(open_count, OpenCount(place, (sku,), number=number), lambda c, _: plain_goods.open_count(c, number))
        request = EnterCount(number, (CountedRecord(sku, counted),))

        def act(c: Company, _: Answer) -> None:
            plain_goods.enter_count(c, number, sku, place, counted)
            self.served(c, plain_goods.found(c, number))

        self.run(enter_count, request, act)

    @precondition(lambda self: any(it["state"] == "counted" for it in self.company.counts.values()))
    @rule(pick=picks, approve=st.booleans(), own=wild)
    def decide_on_a_count(self, pick: int, *, approve: bool, own: bool) -> None:
        counted = [number for number, it in self.company.counts.items() if it["state"] == "counted"]
        number = str(self.choose(counted, counted, pick, anything=False))
        if not plain_goods.leaves_promises(self.company, number):
            return  # a count that breaks promises records a shortage: tests of its own

        def act(c: Company, _: Answer) -> None:
            plain_goods.decide_count(c, number, approve=approve, own=own)
            self.served(c, plain_goods.found(c, number))

        case = approve_count if approve else reject_count
        self.run(case, CountStep(number, "counted twice"), act, actor=LEAD if own else SECOND)
