"""What moves at the sites apart from orders: suppliers' deliveries, the van to the shop, counts and scrap."""

from datetime import date, timedelta
from functools import partial

from pipelines.sample_company.after_sale import Schedule
from pipelines.sample_company.company import LOCATIONS, NORTH, SHOP, SOUTH, Size, instant
from pipelines.sample_company.randomness import Stream
from pipelines.sample_company.records import History, Movement, SupplierReceipt
from pipelines.sample_company.replenishment import Delivery, Replenishment
from pipelines.sample_company.stockroom import Stockroom

_MONDAY = 0
_RECEIVING, _LOADING, _COUNTING, _REVIEW = 8 * 60, 7 * 60 + 30, 20 * 60 + 30, 21 * 60
_COUNTS_A_MONTH = 4
_SCRAP_MONTHS = {3, 6, 9, 12}


class Yard:
    """Schedules the day's work of every site."""

    def __init__(self, size: Size, schedule: Schedule, stockroom: Stockroom, history: History, seed: int) -> None:
        self._size = size
        self._schedule = schedule
        self._stockroom = stockroom
        self._history = history
        self._counts = Stream(seed, "counts")
        self.replenishment = Replenishment(size, seed)

    def plan_day(self, day: date) -> None:
        """Put the day's work on the clock."""
        self._schedule(instant(day, minute=_REVIEW), partial(self._review, day))
        if day.weekday() == _MONDAY:
            self._schedule(instant(day, minute=_LOADING), partial(self._fill_shop, day))
        if (day + timedelta(days=1)).day == 1:
            self._schedule(instant(day, minute=_COUNTING), partial(self._count, day))

    def _review(self, day: date, _: int) -> None:
        for location in (NORTH, SOUTH):
            for product in self._size.products:
                on_hand = self._stockroom.free(location, product.sku)
                delivery = self.replenishment.order_on(day, location, product, on_hand)
                if delivery is not None:
                    self._schedule(instant(delivery.arrives_on, minute=_RECEIVING), partial(self._receive, delivery))

    def _receive(self, delivery: Delivery, at: int) -> None:
        self.replenishment.arrived(delivery)
        product = delivery.product
        document = f"PO-{delivery.ordered_on:%y%m%d}-{product.category.code}"
        self._stockroom.move(Movement(delivery.location, at, document, 0, product.sku, "receive", delivery.units))
        self._history.receipts.append(
            SupplierReceipt(
                delivery.location,
                product.sku,
                product.category.supplier,
                delivery.ordered_on,
                delivery.arrives_on,
                delivery.units,
            )
        )

    def _fill_shop(self, day: date, at: int) -> None:
        document = f"VAN-{day:%y%m%d}"
        for product in self._size.products:
            shelf = self.replenishment.shelf_units(product)
            missing = shelf - self._stockroom.on_hand[SHOP, product.sku, "sellable"]
            units = min(missing, self._stockroom.free(NORTH, product.sku))
            if units > 0 and missing * 3 >= shelf:
                self._stockroom.move(Movement(NORTH, at, document, 0, product.sku, "transfer_out", units))
                self._stockroom.move(Movement(SHOP, at, document, 0, product.sku, "transfer_in", units))

    def _count(self, day: date, at: int) -> None:
        document = f"CNT-{day:%y%m%d}"
        for _ in range(_COUNTS_A_MONTH):
            location, product = self._counts.pick(LOCATIONS), self._counts.pick(self._size.products)
            units = self._counts.between(1, 2)
            if location == SHOP and not self._size.sold_at_shop(product):
                continue
            if self._counts.chance(250):
                self._stockroom.move(Movement(location, at, document, 0, product.sku, "adjust_gain", units))
            elif self._stockroom.free(location, product.sku) >= units:
                self._stockroom.move(Movement(location, at, document, 0, product.sku, "adjust_loss", units))
        if day.month in _SCRAP_MONTHS:
            self._scrap(day, at)

    def _scrap(self, day: date, at: int) -> None:
        damaged = [(key, units) for key, units in self._stockroom.on_hand.items() if key[2] == "damaged" and units > 0]
        for (location, sku, condition), units in sorted(damaged):
            self._stockroom.move(Movement(location, at, f"SCR-{day:%y%m%d}", 0, sku, "scrap", units, condition))
