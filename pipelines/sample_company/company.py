"""The sample company's sites, accounts, calendar and sizes: everything fixed that is not a product.

Days are business days of `TIME_ZONE`; instants are whole seconds since 1970 in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pipelines.sample_company.catalogue import PRODUCTS, Product

TIME_ZONE = "Europe/Berlin"
CURRENCY = "EUR"
ZONE = ZoneInfo(TIME_ZONE)

WEB, MARKETPLACE, SHOP_TILL = "sample-web", "sample-marketplace", "sample-shop"
ACCOUNTS = (WEB, MARKETPLACE, SHOP_TILL)
NORTH, SOUTH, SHOP = "NORTH", "SOUTH", "SHOP"
LOCATIONS = (NORTH, SOUTH, SHOP)

WEEKDAYS = {  # orders by weekday in per cent of the mean, Monday first
    WEB: (115, 105, 100, 95, 90, 85, 110),
    MARKETPLACE: (110, 105, 100, 100, 95, 90, 100),
    SHOP_TILL: (85, 90, 95, 105, 130, 195, 0),
}
COUNTRIES = {
    WEB: (("DE", 70), ("AT", 14), ("FR", 9), ("NL", 7)),
    MARKETPLACE: (("DE", 80), ("AT", 20)),
    SHOP_TILL: (("DE", 1),),
}


@dataclass(frozen=True, slots=True)
class Promotion:
    """A category sold cheaper in the web shop; both days included."""

    first_day: date
    last_day: date
    category: str
    discount_per_cent: int
    demand_per_cent: int


@dataclass(frozen=True, slots=True)
class SupplyGap:
    """A planted stock-out: the supplier sends nothing of this SKU between these days, both included."""

    sku: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Size:
    """How much of the company is written."""

    name: str
    first_day: date
    last_day: date
    cost_change_day: date
    orders_per_day: dict[str, int]
    products: tuple[Product, ...]
    promotions: tuple[Promotion, ...]
    supply_gaps: tuple[SupplyGap, ...]

    def days(self) -> list[date]:
        """Every business day of the period, in order."""
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=number) for number in range(count)]

    def sold_at_shop(self, product: Product) -> bool:
        """Whether the shop lists the product: two of three are on its shelves."""
        return int(product.sku[-2:]) % 3 != 0


STANDARD = Size(
    name="standard",
    first_day=date(2025, 5, 1),
    last_day=date(2026, 10, 31),
    cost_change_day=date(2026, 2, 1),
    orders_per_day={WEB: 24, MARKETPLACE: 13, SHOP_TILL: 22},
    products=PRODUCTS,
    promotions=(
        Promotion(date(2025, 11, 21), date(2025, 12, 1), "POT", 20, 260),
        Promotion(date(2026, 6, 8), date(2026, 6, 21), "TEA", 15, 220),
    ),
    supply_gaps=(
        SupplyGap("TEA-01", date(2025, 11, 10), date(2026, 1, 18)),
        SupplyGap("KIT-03", date(2025, 8, 1), date(2025, 10, 5)),
        SupplyGap("PAN-02", date(2026, 3, 2), date(2026, 4, 26)),
        SupplyGap("PAP-01", date(2026, 7, 6), date(2026, 8, 30)),
        SupplyGap("TEX-02", date(2026, 8, 24), date(2026, 10, 25)),
    ),
)

SMALL = Size(
    name="small",
    first_day=date(2026, 8, 1),
    last_day=date(2026, 10, 31),
    cost_change_day=date(2026, 9, 15),
    orders_per_day={WEB: 5, MARKETPLACE: 3, SHOP_TILL: 5},
    products=tuple(product for product in PRODUCTS if product.sku[-2:] in {"01", "02", "10"}),
    promotions=(Promotion(date(2026, 9, 7), date(2026, 9, 20), "TEA", 15, 220),),
    supply_gaps=(SupplyGap("PAN-02", date(2026, 8, 1), date(2026, 10, 15)),),
)

SIZES = {size.name: size for size in (SMALL, STANDARD)}


def instant(day: date, *, minute: int, second: int = 0) -> int:
    """The instant of a wall-clock minute of the company's day, in seconds since 1970 UTC.

    Minutes of the doubled hour of a clock change are never used, so the answer is unique.
    """
    wall = datetime.combine(day, time(minute // 60, minute % 60, second), tzinfo=ZONE)
    return int(wall.timestamp())


def end_of_day(day: date) -> int:
    """The first instant after the business day, in seconds since 1970 UTC."""
    return instant(day + timedelta(days=1), minute=0)


def local(at: int) -> datetime:
    """The wall clock of the company at an instant."""
    return datetime.fromtimestamp(at, tz=UTC).astimezone(ZONE)


def business_day(at: int) -> date:
    """The company's day an instant falls in."""
    return local(at).date()
