"""The whole machine: every rule, a happy path to start from, and what goes wrong on purpose."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.services.commands import Call
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from tests.builders import contents
from tests.oms_core.model.machine_base import MachineBase, picks
from tests.oms_core.model.prepared import LEAD, VIEWER
from tests.oms_core.model.rules_goods import GoodsRules
from tests.oms_core.model.rules_money import MoneyRules
from tests.oms_core.model.rules_returns import ReturnRules

Step = Callable[[], None]


class CompanyMachine(ReturnRules, GoodsRules, MoneyRules):
    """A company at work."""

    @initialize(depth=st.integers(0, 10), reserves=st.integers(0, 3), buys=st.integers(0, 4), pays=st.integers(0, 3))
    def on_the_way(self, depth: int, reserves: int, buys: int, pays: int) -> None:
        """Orders, goods, purchases and payments that have come so far, so that short runs see the late steps too."""
        self.receive("MUG", "MAIN", 12, 0, again=False)
        self.receive("CUP", "EAST", 7, 1, again=False)
        one = self.place("on_account", [("MUG", 4, 1, 19), ("CUP", 2, 0, 0)], 0, 0)
        self._take(depth, self._until_it_came_back())
        two = self.place("prepaid", [("MUG", 2, 0, 0)], 0, 490)
        settled: list[Step] = [
            lambda: self.reserve(0, 8, anything=False),
            lambda: self.settle("post", 0, anything=False),
            lambda: self.settle("void", 0, anything=True),
        ]
        self._take(reserves, settled)
        bought: list[Step] = [
            lambda: self.draft_a_purchase("MAIN", 20, 3),
            lambda: self.decide_purchase("approve", 0),
            lambda: self.decide_purchase("send", 0),
            lambda: self.receive_against_a_purchase(0, "CUP", 0, 1, over=False, anything=False),
        ]
        self._take(buys, bought)
        paid: list[Step] = [
            lambda: self.report(one, "authorize", "card", 9000),
            lambda: self.report(one, "capture", "card", 6000),
            lambda: self.report(two, "capture", "alipay", 2490),
        ]
        self._take(pays, paid)

    @staticmethod
    def _take(depth: int, steps: list[Step]) -> None:
        for step in steps[:depth]:
            step()

    def _until_it_came_back(self) -> list[Step]:
        return [
            lambda: self.allocate(0, anything=False),
            lambda: self.release_a_wave("MAIN", anything=False),
            lambda: self.pick_in_full(0, anything=False),
            lambda: self.pack(0, anything=False),
            lambda: self.ship(0, anything=False),
            lambda: self.deliver(0, anything=False),
            lambda: self.request_a_return(0, 2, anything=False),
            lambda: self.approve_a_return(0, anything=False),
            lambda: self.receive_a_return(0, "EAST", 1, anything=False),
            lambda: self.grade_a_return(0, "restock", 1, anything=False),
        ]

    @precondition(lambda self: self.done)
    @rule(pick=picks)
    def send_a_command_again(self, pick: int) -> None:
        case, request, call, answer = self.done[pick % len(self.done)]
        before = contents(self.core)

        result = case(self.core, request, Call(call.key, call.actor, self.company.now))

        assert result.repeated
        assert result.document == answer
        assert contents(self.core) == before
        MachineBase.steps["a key again"] += 1

    @precondition(lambda self: self.done)
    @rule(pick=picks)
    def use_a_key_for_something_else(self, pick: int) -> None:
        _, _, call, _ = self.done[pick % len(self.done)]
        before = contents(self.core)
        other = ReceiveGoods("MAIN", (ReceivedLine("MUG", 77),))

        with pytest.raises(InvalidRequestError) as caught:
            receive_goods(self.core, other, Call(call.key, LEAD, self.company.now))

        assert caught.value.code == "KEY_REUSED"
        assert contents(self.core) == before
        MachineBase.steps["a key for something else"] += 1

    @precondition(lambda self: self.done)
    @rule(pick=picks)
    def a_viewer_tries(self, pick: int) -> None:
        case, request, _, _ = self.done[pick % len(self.done)]
        before = contents(self.core)

        with pytest.raises(RuleViolationError) as caught:
            case(self.core, request, Call(self.number("key-"), VIEWER, self.company.now))

        assert caught.value.code == "NOT_PERMITTED"
        assert contents(self.core) == before
        MachineBase.steps["a viewer tries"] += 1

    @rule(statements=st.integers(1, 40))
    def the_next_command_breaks_off_first(self, statements: int) -> None:
        self.crash_after = statements

    @rule()
    def the_next_command_breaks_off_before_its_commit(self) -> None:
        self.crash_after = 10_000
