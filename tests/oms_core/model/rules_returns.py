"""Rules about returns: asked for, decided, received, graded."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return
from oms_core.services.receive_return import ReceivedLine, ReceiveReturn, receive_return
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.review_return import (
    ApproveReturn,
    CancelReturn,
    DeclineReturn,
    SendReturn,
    StopWaiting,
    approve_return,
    cancel_return,
    decline_return,
    send_return,
    stop_waiting,
)
from tests.oms_core.model import plain_promises, plain_returns
from tests.oms_core.model.machine_base import picks, wild
from tests.oms_core.model.plain_company import SITES, Company
from tests.oms_core.model.rules_parcels import ParcelRules

Answer = dict[str, Any] | None
_STEPS: dict[str, tuple[Any, Any]] = {
    "approve": (approve_return, ApproveReturn),
    "decline": (decline_return, lambda number: DeclineReturn(number, "worn")),
    "cancel": (cancel_return, lambda number: CancelReturn(number, "kept")),
    "send": (send_return, SendReturn),
    "stop_waiting": (stop_waiting, lambda number: StopWaiting(number, "the rest is lost")),
}


class ReturnRules(ParcelRules):
    """What comes back."""

    @precondition(lambda self: any(line.delivered for it in self.company.orders.values() for line in it.lines.values()))
    @rule(pick=picks, units=st.integers(1, 4), anything=wild)
    def request_a_return(self, pick: int, units: int, *, anything: bool) -> None:
        lines = [
            (number, key, line)
            for number, order in self.company.orders.items()
            for key, line in order.lines.items()
            if line.is_goods
        ]
        likely = [it for it in lines if it[2].delivered + it[2].sent_back - it[2].requested - it[2].returned > 0]
        chosen = self.choose(likely, lines, pick, anything=anything)
        assert chosen
        number, key, line = chosen
        left = line.delivered + line.sent_back - line.requested - line.returned
        part = units if anything or left < 1 else min(units, left)
        request = RequestReturn(f"shop/{number}", (ReturnLine(key, part, "changed_mind.not_needed"),))

        def act(c: Company, answer: Answer) -> None:
            plain_returns.request(c, number, key, part, None if answer is None else answer["return"])

        self.run(request_return, request, act)

    def asked(self, pick: int, *states: str, anything: bool) -> str:
        """A return request in one of these states, or any."""
        found = self.company.returns
        likely = [number for number, it in found.items() if it["state"] in states]
        return str(self.choose(likely, list(found), pick, anything=anything))

    def decide(self, event: str, number: str) -> None:
        """A step of a request that moves no goods."""
        case, request = _STEPS[event]
        self.run(case, request(number), lambda c, _: plain_returns.decide(c, number, event))

    @precondition(lambda self: self.company.returns)
    @rule(pick=picks, anything=wild)
    def approve_a_return(self, pick: int, *, anything: bool) -> None:
        self.decide("approve", self.asked(pick, "requested", anything=anything))

    @precondition(lambda self: self.company.returns)
    @rule(pick=picks, event=st.sampled_from(["decline", "cancel", "send", "stop_waiting"]))
    def move_a_return_on(self, pick: int, event: str) -> None:
        self.decide(event, self.asked(pick, "requested", "approved", "partially_received", anything=False))

    @precondition(lambda self: self.company.returns)
    @rule(pick=picks, place=st.sampled_from(SITES), units=st.integers(1, 4), anything=wild)
    def receive_a_return(self, pick: int, place: str, units: int, *, anything: bool) -> None:
        number = self.asked(pick, "approved", "in_transit", "partially_received", anything=anything)
        it = self.company.returns[number]
        left = it["units"] - it["received"] - it["given_up"]
        part = units if anything or left < 1 else min(units, left)
        request = ReceiveReturn(number, place, (ReceivedLine(it["line"], part),))
        self.run(receive_return, request, lambda c, _: plain_returns.receive(c, number, place, part))

    @precondition(lambda self: any(any(it["waiting"].values()) for it in self.company.returns.values()))
    @rule(pick=picks, grade=st.sampled_from(sorted(plain_returns.GRADES)), units=st.integers(1, 4), anything=wild)
    def grade_a_return(self, pick: int, grade: str, units: int, *, anything: bool) -> None:
        waiting = [
            (number, place, left)
            for number, it in self.company.returns.items()
            for place, left in it["waiting"].items()
            if left
        ]
        chosen = self.choose(waiting, waiting, pick, anything=False)
        assert chosen
        number, place, left = chosen
        part = units if anything else min(units, left)
        line = self.company.returns[number]["line"]
        request = GradeReturn(number, place, (GradedLine(line, grade, part),))

        def act(c: Company, _: Answer) -> None:
            plain_returns.grade(c, number, place, grade, part)
            promises = self.core_facts()["promises"]
            if grade == "restock":
                sku = c.orders[c.returns[number]["order"]].lines[line].sku
                plain_promises.serve(c, promises, skus={sku})
            else:
                plain_promises.adopt(c, promises)

        self.run(grade_return, request, act)
