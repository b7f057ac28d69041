"""Delivery methods: which ones a destination, a weight and an amount allow, what they cost and when goods arrive.

The methods are data (`oms_core.domain.delivery_policies` reads them). A method that does not fit is never offered,
and says why.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from oms_core.domain.instants import from_micros, to_micros

EVERYWHERE = "*"
_WEEK = 7


class MethodKind(StrEnum):
    """How goods reach the customer."""

    EXPRESS = "express"
    STANDARD = "standard"
    FREIGHT = "freight"
    PICK_UP = "pick_up"  # he comes for them, with a hand-over code


@dataclass(frozen=True, slots=True)
class Zone:
    """Where a method goes: countries (`*`: all), all of them or only postcodes that begin so, less some."""

    countries: frozenset[str]
    postcodes: tuple[str, ...] = ()
    except_postcodes: tuple[str, ...] = ()

    def holds(self, country: str | None, postcode: str | None) -> bool:
        """Whether a destination lies in it; a postcode nobody knows lies in no part of a country."""
        if EVERYWHERE not in self.countries and country not in self.countries:
            return False
        written = plain_postcode(postcode)
        if (self.postcodes or self.except_postcodes) and not written:
            return False
        return (not self.postcodes or written.startswith(self.postcodes)) and not (
            self.except_postcodes and written.startswith(self.except_postcodes)
        )


def plain_postcode(postcode: str | None) -> str:
    """A postcode without blanks and hyphens, in capitals."""
    return (postcode or "").replace(" ", "").replace("-", "").upper()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a method takes; amounts are the order's total by currency, minor units. Null and missing: no limit."""

    weight_grams: int | None = None
    units: int | None = None
    amount_from: Mapping[str, int] | None = None
    amount_to: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class DeliveryMethod:
    """One way to deliver, as the policy states it."""

    method: str
    kind: MethodKind
    names: Mapping[str, str]  # by language
    zones: tuple[Zone, ...]
    limits: Limits
    cut_off_minute: int  # minute of the location's day; what is confirmed from then on leaves a working day later
    working_days: frozenset[int]  # days goods leave and arrive on, Monday is 0
    lead_days: int  # working days from leaving to arriving, 0: the same day
    prices: Mapping[str, int]  # by currency, minor units
    locations: frozenset[str] | None = None  # null: from every location


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is to be delivered where, from which location, at which instant it is decided."""

    location: str
    country: str | None
    postcode: str | None
    weight_grams: int | None  # null: nobody knows
    units: int
    amount: int  # of the order, minor units of `currency`
    currency: str
    now: int
    zone: ZoneInfo  # of the location
    location_cut_off_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a method does not fit, by a stable code and in words."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What a method promises: price, the cut-off to make, the days goods leave and arrive in the location's zone."""

    price: int
    leaves_by: int  # microseconds UTC
    leaves_on: date
    arrives_on: date


@dataclass(frozen=True, slots=True)
class Option:
    """A method with its offer, or with every reason why there is none."""

    method: DeliveryMethod
    offer: Offer | None
    refusals: tuple[Refusal, ...]


def options_for(methods: Iterable[DeliveryMethod], consignment: Consignment) -> list[Option]:
    """Every method in the order of the policy: offered, or refused with all its reasons."""
    options = []
    for method in methods:
        refusals = tuple(_refusals(method, consignment))
        options.append(Option(method, None if refusals else promise(method, consignment), refusals))
    return options


def _refusals(method: DeliveryMethod, it: Consignment) -> Iterator[Refusal]:
    if method.locations is not None and it.location not in method.locations:
        yield Refusal("NOT_FROM_HERE", f"it does not leave from {it.location}")
    if not any(zone.holds(it.country, it.postcode) for zone in method.zones):
        where = " ".join(part for part in (it.country, it.postcode) if part) or "a destination without country"
        yield Refusal("OUT_OF_ZONE", f"it does not go to {where}")
    if it.currency not in method.prices:
        yield Refusal("NO_PRICE", f"it has no price in {it.currency}")
    yield from _over_size(method.limits, it)
    yield from _out_of_amounts(method.limits, it)


def _over_size(limits: Limits, it: Consignment) -> Iterator[Refusal]:
    if limits.weight_grams is not None:
        if it.weight_grams is None:
            yield Refusal("WEIGHT_UNKNOWN", f"it takes {limits.weight_grams} g and the weight is not known")
        elif it.weight_grams > limits.weight_grams:
            yield Refusal("TOO_HEAVY", f"it takes {limits.weight_grams} g and this is {it.weight_grams} g")
    if limits.units is not None and it.units > limits.units:
        yield Refusal("TOO_MANY_UNITS", f"it takes {limits.units} units and this is {it.units}")


def _out_of_amounts(limits: Limits, it: Consignment) -> Iterator[Refusal]:
    if limits.amount_from is not None:
        least = limits.amount_from.get(it.currency)
        if least is None:
            yield Refusal("NO_LIMIT_IN_CURRENCY", f"its least amount is not stated in {it.currency}")
        elif it.amount < least:
            yield Refusal("AMOUNT_TOO_LOW", f"the order is below {least} minor units of {it.currency}")
    if limits.amount_to is not None:
        most = limits.amount_to.get(it.currency)
        if most is None:
            yield Refusal("NO_LIMIT_IN_CURRENCY", f"its greatest amount is not stated in {it.currency}")
        elif it.amount > most:
            yield Refusal("AMOUNT_TOO_HIGH", f"the order is above {most} minor units of {it.currency}")


def promise(method: DeliveryMethod, it: Consignment) -> Offer:
    """When goods leave and arrive if it is decided now, and at what price.

    They leave on the first working day whose cut-off (the method's, or the location's where that is earlier) is
    still to come, and arrive `lead_days` working days later.
    """
    leaves_on, leaves_by = next_cut_off(method, now=it.now, zone=it.zone, location_minute=it.location_cut_off_minute)
    arrives_on = leaves_on
    for _ in range(method.lead_days):
        arrives_on = _working_day(arrives_on + timedelta(days=1), method.working_days)
    return Offer(method.prices[it.currency], leaves_by, leaves_on, arrives_on)


def next_cut_off(
    method: DeliveryMethod, *, now: int, zone: ZoneInfo, location_minute: int | None = None
) -> tuple[date, int]:
    """The day in `zone` that goods leave on if they are ready now, and the instant of that day's cut-off."""
    minute = method.cut_off_minute
    if location_minute is not None:
        minute = min(minute, location_minute)
    local = from_micros(now).astimezone(zone)
    day = local.date()
    if local.hour * 60 + local.minute >= minute:
        day += timedelta(days=1)
    day = _working_day(day, method.working_days)
    return day, _instant(day, minute, zone)


def _working_day(day: date, working_days: frozenset[int]) -> date:
    return next(
        later for later in (day + timedelta(days=ahead) for ahead in range(_WEEK)) if later.weekday() in working_days
    )


def _instant(day: date, minute: int, zone: ZoneInfo) -> int:
    hour, minute_of_hour = divmod(minute, 60)
    moment = datetime.combine(day, time.min, tzinfo=zone) + timedelta(hours=hour, minutes=minute_of_hour)
    return to_micros(moment)
