"""The days of the sample company, event by event, from the opening stock to the last evening.

`simulate(size, seed)` gives the whole history. Everything is decided in time order against the stock that is there.
"""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

from pipelines.sample_company.after_sale import AfterSale
from pipelines.sample_company.company import (
    ACCOUNTS,
    LOCATIONS,
    MARKETPLACE,
    NORTH,
    SHOP,
    SHOP_TILL,
    SOUTH,
    WEB,
    Size,
    business_day,
    end_of_day,
    instant,
)
from pipelines.sample_company.demand import Demand, Wish, promotion_on
from pipelines.sample_company.randomness import Stream
from pipelines.sample_company.records import Balance, History, Line, Movement, Order
from pipelines.sample_company.sales import (
    Pick,
    cancelled_units,
    extra_lines,
    free_sample,
    goods_lines,
    pick_goods,
)
from pipelines.sample_company.stockroom import Stockroom
from pipelines.sample_company.yard import Yard

_PREFIX = {WEB: "W", MARKETPLACE: "M-", SHOP_TILL: "S"}
_CANCEL_PER_MILLE = 28
_PART_CANCEL_PER_MILLE = 25
_NORTH_FIRST_PER_MILLE = 600


class Clock:
    """Things to do at instants, earliest first, in the order of asking when at the same instant."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Callable[[int], None]]] = []
        self._asked = 0

    def at(self, when: int, action: Callable[[int], None]) -> None:
        """Do `action(when)` when its time comes."""
        self._asked += 1
        heapq.heappush(self._waiting, (when, self._asked, action))

    def run_until(self, end: int) -> None:
        """Do everything due before `end`; the rest never happens."""
        while self._waiting and self._waiting[0][0] < end:
            when, _, action = heapq.heappop(self._waiting)
            action(when)


class Simulation:
    """One company: its stock, its customers, its clock."""

    def __init__(self, size: Size, seed: int) -> None:
        self.size = size
        self.history = History()
        self.stockroom = Stockroom(self.history)
        self.clock = Clock()
        self.after_sale = AfterSale(self.clock.at, self.stockroom, self.history, seed)
        self.yard = Yard(size, self.clock.at, self.stockroom, self.history, seed)
        self._stream = Stream(seed, "orders")
        self._demand = {account: Demand(size, seed, account) for account in ACCOUNTS}
        self._numbers: Counter[str] = Counter()

    def run(self) -> History:
        """Let every day pass."""
        self._open()
        for day in self.size.days():
            self.clock.at(instant(day, minute=1), partial(self._plan_day, day))
            self.clock.at(instant(day, minute=23 * 60 + 55), partial(self._close_day, day))
        self.clock.run_until(end_of_day(self.size.last_day))
        return self.history

    def _open(self) -> None:
        eve = self.size.first_day - timedelta(days=1)
        for location in LOCATIONS:
            for product in self.size.products:
                units = self.yard.replenishment.opening_units(location, product)
                self.stockroom.on_hand[location, product.sku, "sellable"] = units
                if location != SHOP or self.size.sold_at_shop(product):
                    self.history.opening.append(Balance(location, eve, product.sku, "sellable", units))

    def _plan_day(self, day: date, _: int) -> None:
        self.yard.plan_day(day)
        for account in ACCOUNTS:
            take = self._sell_at_till if account == SHOP_TILL else partial(self._accept, account)
            for wish in self._demand[account].of_day(day):
                self.clock.at(instant(day, minute=wish.minute, second=wish.second), partial(take, wish))

    def _close_day(self, day: date, _: int) -> None:
        if (day + timedelta(days=1)).day == 1:
            for (location, sku, condition), units in sorted(self.stockroom.on_hand.items()):
                listed = condition != "sellable" or location != SHOP or sku in self._shelf()
                if listed:
                    self.history.balances.append(Balance(location, day, sku, condition, units))

    def _shelf(self) -> set[str]:
        return {product.sku for product in self.size.products if self.size.sold_at_shop(product)}

    def _take(self, account: str, wish: Wish, locations: tuple[str, ...], at: int) -> list[Pick]:
        picks = pick_goods(wish, locations, self.stockroom)
        self.history.wanted.extend((at, account, pick.product.sku, pick.wanted, pick.units) for pick in picks)
        return [pick for pick in picks if pick.units > 0]

    def _next_number(self, account: str) -> str:
        self._numbers[account] += 1
        return f"{_PREFIX[account]}{self._numbers[account] + 10000}"

    def _sell_at_till(self, wish: Wish, at: int) -> None:
        picks = self._take(SHOP_TILL, wish, (SHOP,), at)
        if not picks:
            return
        lines = goods_lines(picks, account=SHOP_TILL, promotion=None, cancelled=[0] * len(picks))
        order = Order(SHOP_TILL, self._next_number(SHOP_TILL), at, wish.country, "", tuple(lines))
        self.history.orders.append(order)
        for line in lines:
            self.stockroom.move(
                Movement(
                    SHOP,
                    at,
                    order.number,
                    0,
                    line.sku,
                    "ship",
                    line.quantity,
                    order_account=SHOP_TILL,
                    order_number=order.number,
                    by_till=True,
                )
            )
        self.after_sale.plan_returns(order, lines, SHOP, at)

    def _accept(self, account: str, wish: Wish, at: int) -> None:
        locations = (NORTH, SOUTH) if self._stream.chance(_NORTH_FIRST_PER_MILLE) else (SOUTH, NORTH)
        picks = self._take(account, wish, locations, at)
        if not picks:
            return
        gone = cancelled_units(account, picks, self._stream, _PART_CANCEL_PER_MILLE)
        promotion = promotion_on(self.size, business_day(at))
        goods = goods_lines(picks, account=account, promotion=promotion, cancelled=gone)
        places = [(line, pick.location) for line, pick in zip(goods, picks, strict=True)]
        for line, location in places:
            self.stockroom.promise(location, line.sku, line.quantity - line.cancelled)
        extras = extra_lines(account, wish.country, goods, self._stream)
        sample = self._sample(account, len(goods) + len(extras) + 1, picks[0].location)
        if sample is not None:
            places.append((sample, picks[0].location))
        called_off = self._stream.chance(_CANCEL_PER_MILLE)
        order = Order(
            account,
            self._next_number(account),
            at,
            wish.country,
            f"C{wish.customer:05d}",
            (*goods, *extras, *((sample,) if sample else ())),
            cancelled_at=at + self._stream.between(10, 300) * 60 if called_off else None,
        )
        self.history.orders.append(order)
        self.after_sale.plan_fulfilment(order, places)

    def _sample(self, account: str, number: int, location: str) -> Line | None:
        sample = free_sample(number, self.stockroom, location, self._stream) if account == WEB else None
        if sample is not None:
            self.stockroom.promise(location, sample.sku, 1)
        return sample


def simulate(size: Size, seed: int) -> History:
    """The history of a company of this size; the same size and seed give the same history."""
    return Simulation(size, seed).run()
