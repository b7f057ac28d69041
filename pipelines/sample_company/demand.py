"""What the customers of the sample company want: how many orders a day, of what, at which minute.

Demand is drawn before anyone looks at the stock, so it stays true when the shelves are empty.
"""

from dataclasses import dataclass
from datetime import date

from pipelines.sample_company.catalogue import Product
from pipelines.sample_company.company import COUNTRIES, SHOP_TILL, WEB, WEEKDAYS, Promotion, Size
from pipelines.sample_company.randomness import Stream, WeightedChoice

_YEAR = (96, 90, 92, 94, 96, 92, 88, 90, 98, 104, 134, 150)  # orders by month, per cent of the mean
_LINES = WeightedChoice((50, 28, 15, 7))
_UNITS = WeightedChoice((70, 20, 7, 3))
_GROWTH_PER_MILLE_A_YEAR = 120
LINES_AN_ORDER, UNITS_A_LINE = 1790, 1430  # thousandths, the means of the two above
_OPEN_MINUTES = {WEB: (6 * 60, 23 * 60 + 50), SHOP_TILL: (9 * 60, 20 * 60 - 1)}


@dataclass(frozen=True, slots=True)
class Wish:
    """An order a customer would place: products with the units wanted."""

    minute: int
    second: int
    country: str
    customer: int
    products: tuple[tuple[Product, int], ...]


class Demand:
    """The wishes of every day of one account."""

    def __init__(self, size: Size, seed: int, account: str) -> None:
        self._size = size
        self._account = account
        self._stream = Stream(seed, f"demand/{account}")
        self._countries = WeightedChoice([weight for _, weight in COUNTRIES[account]])
        self._choices: dict[tuple[int, str], WeightedChoice] = {}

    def of_day(self, day: date) -> list[Wish]:
        """The wishes of one day, by time; days must be asked in order."""
        wishes = [self._wish(day) for _ in range(self._count(day))]
        return sorted(wishes, key=lambda wish: (wish.minute, wish.second, wish.customer))

    def _count(self, day: date) -> int:
        grown = 1000 + _GROWTH_PER_MILLE_A_YEAR * (day - self._size.first_day).days // 365
        milli = self._size.orders_per_day[self._account] * grown * _YEAR[day.month - 1] // 100
        milli = milli * WEEKDAYS[self._account][day.weekday()] // 100
        return self._stream.rounded(milli * self._stream.between(80, 120) // 100)

    def _wish(self, day: date) -> Wish:
        stream = self._stream
        choice = self._choice(day)
        wanted: dict[int, int] = {}
        for _ in range(_LINES.draw(stream) + 1):
            wanted.setdefault(choice.draw(stream), _UNITS.draw(stream) + 1)
        first_minute, last_minute = _OPEN_MINUTES.get(self._account, _OPEN_MINUTES[WEB])
        return Wish(
            minute=stream.between(first_minute, last_minute),
            second=stream.between(0, 59),
            country=COUNTRIES[self._account][self._countries.draw(stream)][0],
            customer=stream.between(1, 60 * sum(self._size.orders_per_day.values())),
            products=tuple((self._size.products[position], units) for position, units in wanted.items()),
        )

    def _choice(self, day: date) -> WeightedChoice:
        promotion = promotion_on(self._size, day) if self._account == WEB else None
        key = (day.month, promotion.category if promotion else "")
        if key not in self._choices:
            self._choices[key] = WeightedChoice(
                [self._weight(product, day.month, promotion) for product in self._size.products]
            )
        return self._choices[key]

    def _weight(self, product: Product, month: int, promotion: Promotion | None) -> int:
        if self._account == SHOP_TILL and not self._size.sold_at_shop(product):
            return 0
        weight = product.popularity * product.category.season[month - 1]
        if promotion is not None and promotion.category == product.category.code:
            weight = weight * promotion.demand_per_cent // 100
        return weight


def promotion_on(size: Size, day: date) -> Promotion | None:
    """The promotion that runs on a day, if any."""
    return next((one for one in size.promotions if one.first_day <= day <= one.last_day), None)


def daily_units_milli(size: Size, product: Product, account: str) -> int:
    """Mean units wanted a day of a product through an account, in thousandths, season left out."""
    sold = [one for one in size.products if account != SHOP_TILL or size.sold_at_shop(one)]
    if product not in sold:
        return 0
    total = sum(one.popularity for one in sold)
    orders_micro = size.orders_per_day[account] * LINES_AN_ORDER * UNITS_A_LINE
    return orders_micro * product.popularity // total // 1000
