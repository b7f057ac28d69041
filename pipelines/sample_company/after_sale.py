"""What follows an accepted order: it leaves its warehouses or is called off, and some of it comes back."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from pipelines.sample_company.company import SHOP, SHOP_TILL, business_day, instant
from pipelines.sample_company.randomness import Stream
from pipelines.sample_company.records import History, Line, Movement, Order, Return
from pipelines.sample_company.stockroom import Stockroom

Schedule = Callable[[int, Callable[[int], None]], None]
Place = tuple[Line, str]

_RETURNS_PER_MILLE = {"TEA": 12, "POT": 55, "KIT": 45, "PAN": 10, "PAP": 20, "TEX": 110}
_UNLINKED_PER_MILLE = 60
_DAMAGED_PER_MILLE = 140
_REASONS = ("changed my mind", "arrived damaged", "not as described", "wrong item", "arrived too late")
_FIRST_MINUTE, _LAST_MINUTE = 9 * 60, 16 * 60  # a warehouse's working day
_SATURDAY, _SUNDAY = 5, 6


class AfterSale:
    """Ships, cancels and takes back, each at its time."""

    def __init__(self, schedule: Schedule, stockroom: Stockroom, history: History, seed: int) -> None:
        self._schedule = schedule
        self._stockroom = stockroom
        self._history = history
        self._shipping = Stream(seed, "shipping")
        self._returns = Stream(seed, "returns")
        self._return_numbers = 0

    def plan_fulfilment(self, order: Order, places: Sequence[Place]) -> None:
        """Decide when the promised goods of an order leave, or when its promises end."""
        if order.cancelled_at is not None:
            self._schedule(order.cancelled_at, partial(self._release, places))
            return
        day = business_day(order.placed_at) + timedelta(days=self._shipping.between(1, 2))
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        at = instant(day, minute=self._shipping.between(_FIRST_MINUTE, _LAST_MINUTE))
        self._schedule(at, partial(self._ship, order, places))

    def plan_returns(self, order: Order, lines: Sequence[Line], location: str, left_at: int) -> None:
        """Decide which lines come back to the site they left, and when."""
        for line in lines:
            kept_units = line.quantity - line.cancelled
            often = _RETURNS_PER_MILLE[line.sku.partition("-")[0]]
            if line.unit_price == 0 or kept_units == 0 or not self._returns.chance(often):
                continue
            units = self._returns.between(1, kept_units)
            day = business_day(left_at) + timedelta(days=self._returns.between(4, 30))
            if day.weekday() == _SUNDAY:
                day += timedelta(days=1)
            at = instant(day, minute=self._returns.between(_FIRST_MINUTE, _LAST_MINUTE))
            self._schedule(at, partial(self._take_back, order, line, units, location))

    def _release(self, places: Sequence[Place], _: int) -> None:
        for line, location in places:
            self._stockroom.release(location, line.sku, line.quantity - line.cancelled)

    def _ship(self, order: Order, places: Sequence[Place], at: int) -> None:
        for line, location in places:
            units = line.quantity - line.cancelled
            if units == 0:
                continue
            self._stockroom.release(location, line.sku, units)
            self._stockroom.move(
                Movement(
                    location,
                    at,
                    f"D-{order.number}",
                    0,
                    line.sku,
                    "ship",
                    units,
                    order_account=order.account,
                    order_number=order.number,
                )
            )
            self.plan_returns(order, [line], location, at)

    def _take_back(self, order: Order, line: Line, units: int, location: str, at: int) -> None:
        self._return_numbers += 1
        number = f"R{self._return_numbers + 1000}"
        linked = not self._returns.chance(_UNLINKED_PER_MILLE)
        amount = line.amount * units // (line.quantity - line.cancelled)
        till = order.account == SHOP_TILL
        damaged = self._returns.chance(_DAMAGED_PER_MILLE)
        reason = self._returns.pick(_REASONS)
        back = Line(1, "item", line.sku, line.title, units, line.unit_price, 0, amount)
        order_number = order.number if linked else None
        self._history.returns.append(
            Return(order.account, number, order_number, at, order.country, order.customer, back, reason)
        )
        self._stockroom.move(
            Movement(
                SHOP if till else location,
                at,
                number if till else f"B-{number}",
                0,
                line.sku,
                "return_in",
                units,
                condition="damaged" if damaged and not till else "sellable",
                order_account=order.account if linked else "",
                order_number=order_number or "",
                by_till=till,
            )
        )
