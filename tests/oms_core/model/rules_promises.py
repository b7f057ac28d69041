"""Rules about promises: allocated, reserved, posted, voided, expired, promised anew."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oms_core.services.allocate_order import AllocateOrder, RunAllocation, allocate_order, run_allocation
from oms_core.services.reallocate_order import ReallocateOrder, reallocate_order
from oms_core.services.reserve_stock import (
    ExpireReservations,
    ReserveStock,
    SettleReservation,
    expire_reservations,
    reserve_stock,
    settle_reservation,
)
from oms_core.storage.engine import reading
from tests.oms_core.model import plain_promises
from tests.oms_core.model.core_facts import lines_by_id
from tests.oms_core.model.machine_base import MINUTE, picks, wild
from tests.oms_core.model.plain_company import Company
from tests.oms_core.model.rules_orders import OrderRules

Answer = dict[str, Any] | None


class PromiseRules(OrderRules):
    """What is promised to whom."""

    def lines(self, number: str) -> dict[int, str]:
        """Line keys by the core's line ids."""
        with reading(self.core) as connection:
            return lines_by_id(connection, number)

    def is_waiting(self, number: str, *states: str) -> bool:
        """Whether an order in one of these states (confirmed) waits for units."""
        order = self.company.orders[number]
        waits = any(self.company.waiting(number, key) for key in order.lines)
        return waits and order.state in (states or ("confirmed",))

    def waiting_order(self, pick: int, *states: str, anything: bool) -> str:
        """An order that can be allocated and waits, or any."""
        orders = self.company.orders.values()
        likely = [it.number for it in orders if self.is_waiting(it.number, *states)]
        return str(self.choose(likely, [it.number for it in orders], pick, anything=anything))

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, anything=wild)
    def allocate(self, pick: int, *, anything: bool) -> None:
        number = self.waiting_order(pick, anything=anything)

        def act(c: Company, answer: Answer) -> None:
            plain_promises.allocate(c, number, plain_promises.answered(answer, self.lines(number)))

        self.run(allocate_order, AllocateOrder(f"shop/{number}"), act)

    @precondition(lambda self: any(self.is_waiting(it.number) for it in self.company.orders.values()))
    @rule()
    def allocate_everything_that_waits(self) -> None:
        def act(c: Company, answer: Answer) -> None:
            plain_promises.serve(c, self.core_facts()["promises"])

        self.run(run_allocation, RunAllocation(), act)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, anything=wild)
    def reallocate(self, pick: int, *, anything: bool) -> None:
        promised = [key[0] for key, units in self.company.allocated.items() if units]
        number = str(self.choose(sorted(promised), list(self.company.orders), pick, anything=anything))

        def act(c: Company, answer: Answer) -> None:
            plain_promises.reallocate(c, number, plain_promises.answered(answer, self.lines(number)))

        self.run(reallocate_order, ReallocateOrder(f"shop/{number}", "a better place"), act)

    @precondition(lambda self: self.company.orders)
    @rule(pick=picks, minutes=st.integers(1, 8), anything=wild)
    def reserve(self, pick: int, minutes: int, *, anything: bool) -> None:
        number = self.waiting_order(pick, "pending", anything=anything)
        until = self.company.now + minutes * MINUTE + 1

        def act(c: Company, answer: Answer) -> None:
            lines = self.lines(number)
            made = [] if answer is None else answer["reservations"]
            got = [(it["reservation"], lines[it["line_id"]], it["location"], it["quantity"]) for it in made]
            plain_promises.reserve(c, number, got or None, expires_at=until)

        self.run(reserve_stock, ReserveStock(f"shop/{number}", until), act)

    def settle(self, how: str, pick: int, *, anything: bool) -> None:
        """End a reservation this way."""
        promises = self.company.promises
        running = [key for key, it in promises.items() if not it.ended]
        number = self.choose(running, list(promises), pick, anything=anything)
        assert number
        request = SettleReservation(number, how)
        self.run(settle_reservation, request, lambda c, _: plain_promises.settle(c, number, how))

    @precondition(lambda self: self.company.promises)
    @rule(pick=picks, anything=wild)
    def post_reservation(self, pick: int, *, anything: bool) -> None:
        self.settle("post", pick, anything=anything)

    @precondition(lambda self: self.company.promises)
    @rule(pick=picks, anything=wild)
    def void_reservation(self, pick: int, *, anything: bool) -> None:
        self.settle("void", pick, anything=anything)

    @precondition(lambda self: self.company.promises)
    @rule(pick=picks, anything=wild)
    def expire_reservation(self, pick: int, *, anything: bool) -> None:
        self.settle("expire", pick, anything=anything)

    @precondition(lambda self: self.company.promises)
    @rule(minutes=st.integers(0, 10))
    def time_passes_and_reservations_expire(self, minutes: int) -> None:
        self.company.now += minutes * MINUTE
        self.run(expire_reservations, ExpireReservations(), lambda c, _: plain_promises.expire_all(c))
