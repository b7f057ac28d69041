"""The races: what many processes do at one moment, and what must have come of it."""

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.order_requests import NewCustomer, NewLine, PlaceOrder
from oms_core.domain.permissions import Actor, Role
from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.allocate_order import AllocateOrder, RunAllocation, allocate_order, run_allocation
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.commands import Call, UseCase
from oms_core.services.define import DefineSku, define_sku
from oms_core.services.place_orders import Placement, place_order, place_orders
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.reserve_stock import ReserveStock, SettleReservation, reserve_stock, settle_reservation
from tests.builders import march, rows_of
from tests.oms_core.races.crew import Came, Job
from tests.order_cases import BERLIN

LEAD = Actor("lea", Role.OPS_LEAD)
NOW = march(20, 12)
_HOUR = 3_600_000_000


class Race:
    """A race: `prepare` makes the jobs of a round, `judge` says what was wrong with what came of them."""

    def __init__(self, core: sa.Engine, processes: int) -> None:
        self.core = core
        self.processes = processes
        self.keys = 0
        self.chance = random.Random(5)

    def prepare(self, number: int) -> list[Job]:
        """One job for each worker."""
        raise NotImplementedError

    def judge(self, came: list[Came]) -> list[str]:
        """What was wrong."""
        raise NotImplementedError

    # --- making a round ----------------------------------------------------------------------------

    def key(self) -> str:
        """A key nobody used."""
        self.keys += 1
        return f"{type(self).__name__}-{self.keys}"

    def job(self, case: UseCase[Any], request: Any, *, key: str = "", now: int = NOW) -> Job:
        """A job under a key of its own."""
        return Job(case.name, request, key or self.key(), LEAD, now)

    def do(self, case: UseCase[Any], request: Any, *, now: int = NOW) -> dict[str, Any]:
        """Run a command now."""
        return case(self.core, request, Call(self.key(), LEAD, now)).document

    def goods(self, name: str, units: int) -> None:
        """An article with so many units at MAIN, two euros each."""
        self.do(define_sku, DefineSku(name))
        if units:
            line = ReceivedLine(name, units, unit_cost="2.00", currency="EUR")
            self.do(receive_goods, ReceiveGoods("MAIN", (line,)))

    def order(self, number: str, lines: Sequence[tuple[str, int]]) -> PlaceOrder:
        """An order on account, which a rule confirms; no two look alike."""
        return PlaceOrder(
            account="shop",
            number=number,
            placed_at=march(2, 12),
            currency="EUR",
            lines=tuple(NewLine(str(at), sku, units, 1000) for at, (sku, units) in enumerate(lines, start=1)),
            customer=NewCustomer(f"C-{number}"),
            ship_to=BERLIN._replace(street=f"Street {number}"),
            payment_terms="on_account",
        )

    def place(self, orders: Sequence[PlaceOrder]) -> list[str]:
        """Place them in one batch; their names."""
        answers = place_orders(self.core, [Placement(self.key(), it) for it in orders], LEAD, NOW)
        assert all(it.error is None for it in answers), [it.error for it in answers if it.error]
        return [f"{it.account}/{it.number}" for it in orders]

    def orders_of(self, number: int, sku: str, units: int = 1) -> list[str]:
        """An order of this article for each worker."""
        return self.place([self.order(f"{number}-{at}", [(sku, units)]) for at in range(self.processes)])

    # --- judging it --------------------------------------------------------------------------------

    @staticmethod
    def only(came: list[Came], winners: int, *codes: str) -> list[str]:
        """So many succeeded, all others were refused with one of these codes."""
        counted = Counter(it.what for it in came)
        won = counted.pop("ok", 0)
        wrong = [] if won == winners else [f"{won} won instead of {winners}"]
        return wrong + [f"{count} were told {code}" for code, count in counted.items() if code not in (*codes, "error")]

    def stock(self, sku: str) -> tuple[int, int]:
        """Sellable units on hand and promised."""
        statement = "select coalesce(sum(on_hand), 0), coalesce(sum(committed), 0) from stock_balance"
        ((on_hand, committed),) = rows_of(self.core, f"{statement} where sku = '{sku}' and condition = 'sellable'")
        return int(on_hand), int(committed)

    def expect_stock(self, sku: str, on_hand: int, committed: int) -> list[str]:
        """Wrong unless the balance is this."""
        found = self.stock(sku)
        return [] if found == (on_hand, committed) else [f"{sku}: on hand and promised {found}"]


class LastUnitReserved(Race):
    """Everybody reserves the last unit."""

    def prepare(self, number: int) -> list[Job]:
        self.sku = f"R{number}"
        self.goods(self.sku, 1)
        return [self.job(reserve_stock, ReserveStock(order, NOW + _HOUR)) for order in self.orders_of(number, self.sku)]

    def judge(self, came: list[Came]) -> list[str]:
        return self.only(came, 1, "STOCK_SHORT") + self.expect_stock(self.sku, 1, 1)


class LastUnitAllocated(Race):
    """Everybody allocates the last unit: it goes to the order that was first, the others wait, and are told so."""

    def prepare(self, number: int) -> list[Job]:
        self.sku = f"R{number}"
        self.goods(self.sku, 1)
        orders = self.orders_of(number, self.sku)
        jobs = [self.job(allocate_order, AllocateOrder(order)) for order in orders]
        self.first = orders[0]
        self.chance.shuffle(jobs)
        return jobs

    def judge(self, came: list[Came]) -> list[str]:
        got = [it.document["order"] for it in came if it.document.get("allocated")]
        wrong = [] if got == [self.first] else [f"{got} got the last unit of {self.first}"]
        short = sum(bool(it.document.get("missing")) for it in came)
        wrong += [] if short == self.processes - 1 else [f"{short} orders wait"]
        return wrong + self.only(came, self.processes) + self.expect_stock(self.sku, 1, 1)


class ManyLines(Race):
    """Orders of several articles, their lines in any order, half of them reserved and half allocated."""

    def prepare(self, number: int) -> list[Job]:
        self.skus = [f"R{number}{letter}" for letter in "ABCD"]
        self.units = max(2, self.processes // 2)
        for sku in self.skus:
            self.goods(sku, self.units)
        orders = []
        for at in range(self.processes):
            chosen = self.chance.sample(self.skus, 3)
            orders.append(self.order(f"{number}-{at}", [(sku, self.chance.randint(1, 2)) for sku in chosen]))
        names = self.place(orders)
        return [
            self.job(allocate_order, AllocateOrder(name))
            if at % 2
            else self.job(reserve_stock, ReserveStock(name, NOW + _HOUR))
            for at, name in enumerate(names)
        ]

    def judge(self, came: list[Came]) -> list[str]:
        told = Counter(it.what for it in came)
        wrong = [f"{code} was told" for code in told if code not in ("ok", "error", "STOCK_SHORT")]
        self.do(run_allocation, RunAllocation(skus=tuple(self.skus)))
        for sku in self.skus:
            on_hand, committed = self.stock(sku)
            promised = rows_of(
                self.core,
                "select sum(reserved_quantity + allocated_quantity), sum(quantity) from order_line"
                f" where sku = '{sku}'",
            )
            if (on_hand, committed) != (self.units, int(promised[0][0] or 0)):
                wrong.append(f"{sku}: {committed} of {on_hand} are promised, the lines say {promised}")
            if committed < min(self.units, int(promised[0][1] or 0)):
                wrong.append(f"{sku}: {committed} of {on_hand} are promised and {promised[0][1]} are wanted")
        return wrong


class ThreeEnders(Race):
    """Post, void and expire end one reservation at the instant of its expiry: one of them does."""

    def prepare(self, number: int) -> list[Job]:
        self.sku = f"R{number}"
        groups = -(-self.processes // 3)
        self.goods(self.sku, groups)
        orders = self.place([self.order(f"{number}-{at}", [(self.sku, 1)]) for at in range(groups)])
        until = NOW + _HOUR
        made = [self.do(reserve_stock, ReserveStock(order, until))["reservations"][0] for order in orders]
        self.numbers = [it["reservation"] for it in made]
        jobs = [
            self.job(settle_reservation, SettleReservation(reservation, how), now=until)
            for reservation in self.numbers
            for how in ("post", "void", "expire")
        ]
        jobs = jobs[: self.processes]
        self.raced = {job.request.reservation for job in jobs}
        self.chance.shuffle(jobs)
        return jobs

    def judge(self, came: list[Came]) -> list[str]:
        wrong = self.only(came, len(self.raced), "RESERVATION_ENDED")
        listed = ", ".join(map(str, self.raced))
        ended = rows_of(
            self.core, f"select pending_id, count(*) from stock_allocation where pending_id in ({listed}) group by 1"
        )
        if sorted(ended) != sorted((number, 1) for number in self.raced):
            wrong.append(f"endings: {ended}")
        posted = sum(it.document["ended"] == "posted" for it in came if it.what == "ok")
        running = len(self.numbers) - len(self.raced)
        return wrong + self.expect_stock(self.sku, len(self.numbers), posted + running)


class LossAgainstReserve(Race):
    """The last unit is lost and reserved at one moment: one of both is told no."""

    def prepare(self, number: int) -> list[Job]:
        self.sku = f"R{number}"
        self.goods(self.sku, 1)
        orders = self.orders_of(number, self.sku)
        loss = AdjustStock(self.sku, "MAIN", -1, "not there")
        return [
            self.job(adjust_stock, loss) if at % 2 else self.job(reserve_stock, ReserveStock(order, NOW + _HOUR))
            for at, order in enumerate(orders)
        ]

    def judge(self, came: list[Came]) -> list[str]:
        lost = any(it.what == "ok" and "adjustment" in it.document for it in came)
        return self.only(came, 1, "STOCK_SHORT") + self.expect_stock(self.sku, *((0, 0) if lost else (1, 1)))


class SameCancel(Race):
    """Two cancel one order that is promised stock: one does, and the units are free once."""

    def prepare(self, number: int) -> list[Job]:
        self.sku = f"R{number}"
        self.goods(self.sku, 5)
        (order,) = self.place([self.order(f"{number}", [(self.sku, 3)])])
        self.do(allocate_order, AllocateOrder(order))
        return [self.job(cancel_order, CancelOrder(order, "not wanted")) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        return self.only(came, 1, "ORDER_ENDED") + self.expect_stock(self.sku, 5, 0)


class SameReceipt(Race):
    """A receipt is sent again and again under one key, and under others with the same delivery note."""

    def prepare(self, number: int) -> list[Job]:
        self.sku = f"R{number}"
        self.goods(self.sku, 0)
        request = ReceiveGoods("MAIN", (ReceivedLine(self.sku, 7, 2),), number=f"note {number}")
        self.shared = self.key()
        return [
            self.job(receive_goods, request, key=self.shared if at % 2 == 0 else "") for at in range(self.processes)
        ]

    def judge(self, came: list[Came]) -> list[str]:
        first = [it for it in came if it.what == "ok" and not it.repeated]
        wrong = [] if len(first) == 1 else [f"{len(first)} receipts were new"]
        wrong += [f"{it.what} was told" for it in came if it.what not in ("ok", "RECEIPT_KNOWN", "error")]
        if len({str(it.document) for it in came if it.what == "ok"}) != 1:
            wrong.append("one key had two answers")
        return wrong + self.expect_stock(self.sku, 5, 0)


class GoodsArrive(Race):
    """Goods come in while the orders that wait for them are allocated: every unit is promised, once."""

    def prepare(self, number: int) -> list[Job]:
        self.skus = [f"R{number}{letter}" for letter in "AB"]
        for sku in self.skus:
            self.goods(sku, 0)
        orders = [self.order(f"{number}-{at}", [(sku, 1) for sku in self.skus]) for at in range(self.processes)]
        names = self.place(orders)
        line = [ReceivedLine(sku, 1) for sku in self.skus]
        jobs = [
            self.job(allocate_order, AllocateOrder(name))
            if at % 2
            else self.job(receive_goods, ReceiveGoods("MAIN", tuple(line[:: self.chance.choice([1, -1])])))
            for at, name in enumerate(names)
        ]
        self.chance.shuffle(jobs)
        return jobs

    def judge(self, came: list[Came]) -> list[str]:
        # An order that was served by the receipt has nothing left to allocate.
        told = {it.what for it in came} - {"ok", "error", "NOTHING_TO_ALLOCATE"}
        self.do(run_allocation, RunAllocation(skus=tuple(self.skus)))
        units = -(-self.processes // 2)
        wrong = [f"{code} was told" for code in told]
        return wrong + [it for sku in self.skus for it in self.expect_stock(sku, units, units)]


class SameOrder(Race):
    """One order is placed by everybody, each under a key of his own: it is one order."""

    def prepare(self, number: int) -> list[Job]:
        self.sku, self.number = f"R{number}", f"N{number}"
        self.goods(self.sku, 1)
        request = self.order(self.number, [(self.sku, 1)])
        return [self.job(place_order, request) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        names = {(it.document.get("order"), it.document.get("order_id")) for it in came if it.what == "ok"}
        wrong = [] if len(names) == 1 else [f"{names} were placed"]
        (count,) = rows_of(self.core, f"select count(*) from sales_order where external_id = '{self.number}'")
        return wrong + self.only(came, self.processes) + ([] if count == (1,) else [f"{count} orders"])
