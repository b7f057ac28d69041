"""How the sample company refills its sites: order points at the two warehouses, a weekly van to the shop.

A simple policy on purpose. It looks at the mean and not at the season, so that real shortages happen.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.sample_company.catalogue import Product
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
)
from pipelines.sample_company.demand import daily_units_milli
from pipelines.sample_company.randomness import Stream

_COVER_DAYS = 30
_SHOP_DAYS = 14
_SHARE = {NORTH: 60, SOUTH: 40}  # per cent of web and marketplace orders


@dataclass(frozen=True, slots=True)
class Delivery:
    """Units a supplier will bring."""

    location: str
    product: Product
    ordered_on: date
    arrives_on: date
    units: int


class Replenishment:
    """Order points, targets and what is on its way."""

    def __init__(self, size: Size, seed: int) -> None:
        self._size = size
        self._lead_times = Stream(seed, "lead_times")
        self._daily = {
            (location, product.sku): self._daily_milli(location, product)
            for location in LOCATIONS
            for product in size.products
        }
        self._on_order: dict[tuple[str, str], int] = dict.fromkeys(self._daily, 0)

    def opening_units(self, location: str, product: Product) -> int:
        """What lies at a site before the first day."""
        if location == SHOP:
            return self.shelf_units(product)
        if product.popularity == 0:
            return 40
        return self._point(location, product) + self._daily[location, product.sku] * 12 // 1000 + 2

    def shelf_units(self, product: Product) -> int:
        """What the van fills the shop's shelf up to; 0 when the shop does not list the product."""
        if not self._size.sold_at_shop(product):
            return 0
        return self._daily[SHOP, product.sku] * _SHOP_DAYS // 1000 + 3

    def order_on(self, day: date, location: str, product: Product, on_hand: int) -> Delivery | None:
        """The order placed with the supplier this evening, if stock and orders under way fell to the order point."""
        key = (location, product.sku)
        position = on_hand + self._on_order[key]
        point = self._point(location, product)
        if product.popularity == 0 or position > point:
            return None
        units = point + self._daily[key] * _COVER_DAYS // 1000 + 4 - position
        self._on_order[key] += units
        arrives_on = self._arrival(day, product)
        return Delivery(location, product, day, arrives_on, units)

    def arrived(self, delivery: Delivery) -> None:
        """The delivery is no longer on its way."""
        self._on_order[delivery.location, delivery.product.sku] -= delivery.units

    def _arrival(self, day: date, product: Product) -> date:
        arrives_on = day + timedelta(days=self._lead_times.between(*product.category.lead_days))
        for gap in self._size.supply_gaps:
            if gap.sku == product.sku and gap.first_day <= arrives_on <= gap.last_day:
                arrives_on = gap.last_day + timedelta(days=self._lead_times.between(1, 4))
        return arrives_on + timedelta(days=1) if arrives_on.weekday() == 6 else arrives_on  # no lorry on Sundays

    def _point(self, location: str, product: Product) -> int:
        return self._daily[location, product.sku] * (product.category.lead_days[1] + 4) // 1000 + 2

    def _daily_milli(self, location: str, product: Product) -> int:
        wanted = {account: daily_units_milli(self._size, product, account) for account in ACCOUNTS}
        if location == SHOP:
            return wanted[SHOP_TILL]
        online = (wanted[WEB] + wanted[MARKETPLACE]) * _SHARE[location] // 100
        return online + (wanted[SHOP_TILL] if location == NORTH else 0)
