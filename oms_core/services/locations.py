"""Locations: where they are, until when they ship the same day, what they cost, whether stock may fall below zero."""

from collections.abc import Collection
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from oms_core.domain.allocation_scores import Site
from oms_core.domain.distance import Point
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import from_micros
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.catalogue import require_no_debt
from oms_core.storage.tables import company_setting, location

_MINUTES = 24 * 60
_DEGREE = 1_000_000
_SITES = sa.select(location).where(location.c.kind == "site")
_COMPANY_ZONE = sa.select(company_setting.c.time_zone).order_by(company_setting.c.version.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class DefineLocation:
    """A place that holds stock. Coordinates in millionths of a degree; `cutoff_minute` of its local day."""

    location: str
    name: str
    kind: str = "site"
    country: str | None = None
    region: str | None = None
    latitude: int | None = None
    longitude: int | None = None
    time_zone: str | None = None
    cutoff_minute: int | None = None
    handling_cost: int = 0
    priority: int = 0
    allows_negative_stock: bool = False
    valuation: str = "dated"


@use_case("location.define", Permission.LOCATION_DEFINE)
def define_location(unit: Unit, request: DefineLocation) -> Outcome:
    """The location as it is now described; a policy changes no balance.

    Raises:
        InvalidRequestError: LOCATION_INVALID with what is wrong.
        RuleViolationError: STOCK_BELOW_ZERO where it would turn strict while units are missing.
    """
    _check(request)
    names = ["name", "kind", "country", "region", "latitude", "longitude", "time_zone", "cutoff_minute"]
    names += ["handling_cost", "priority", "allows_negative_stock", "valuation"]
    values = {name: getattr(request, name) for name in names}
    same = location.c.location == request.location
    row = unit.connection.execute(sa.select(location).where(same)).first()
    clocks = {"change_id": unit.stamp.change_id}
    if row is None:
        fresh = {"location": request.location, "opening_from_first_balance": False, "listing": "ever_moved"}
        fresh |= {"recorded_at": unit.stamp.recorded_at}
        unit.connection.execute(location.insert().values(**fresh, **values, **clocks))
    else:
        if row.allows_negative_stock and not request.allows_negative_stock:
            require_no_debt(unit.connection, request.location)
        unit.connection.execute(location.update().where(same).values(**values, **clocks))
    return Outcome("location", request.location, {"location": request.location, **values}, topic="location.defined")


def _check(request: DefineLocation) -> None:
    wrong: list[str] = []
    if not request.location.strip() or not request.name.strip():
        wrong.append("it has no name")
    if request.kind not in ("site", "in_transit"):
        wrong.append(f"kind {request.kind!r} is neither site nor in_transit")
    if request.valuation not in ("dated", "fifo"):
        wrong.append(f"valuation {request.valuation!r} is neither dated nor fifo")
    if request.cutoff_minute is not None and not 0 <= request.cutoff_minute < _MINUTES:
        wrong.append("the cut-off is no minute of a day (0 to 1439)")
    wrong += _wrong_coordinates(request)
    if request.handling_cost < 0:
        wrong.append("the handling cost is below zero")
    if request.time_zone is not None and not _is_zone(request.time_zone):
        wrong.append(f"{request.time_zone!r} is no time zone")
    if wrong:
        raise InvalidRequestError("LOCATION_INVALID", f"{request.location}: {'; '.join(wrong)}", remedy="Correct it.")


def _wrong_coordinates(request: DefineLocation) -> list[str]:
    if (request.latitude is None) != (request.longitude is None):
        return ["one coordinate is missing"]
    coordinates = (("latitude", request.latitude, 90), ("longitude", request.longitude, 180))
    return [
        f"the {name} is no millionths of a degree from -{most} to {most}"
        for name, value, most in coordinates
        if value is not None and abs(value) > most * _DEGREE
    ]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def sites_at(connection: sa.Connection, now: int) -> dict[str, Site]:
    """Sites that may serve orders, by name, with their cut-off judged at an instant."""
    found: dict[str, Site] = {}
    company: str | None = None
    for row in connection.execute(_SITES):
        before = True
        if row.cutoff_minute is not None:
            company = company or str(connection.execute(_COMPANY_ZONE).scalar_one())
            local = from_micros(now).astimezone(ZoneInfo(row.time_zone or company))
            before = local.hour * 60 + local.minute < row.cutoff_minute
        point = Point(row.latitude, row.longitude, row.region, row.country)
        found[row.location] = Site(row.location, point, before, row.handling_cost, row.priority)
    return found


def require_sites(connection: sa.Connection, places: Collection[str]) -> None:
    """Nothing, where all of these are locations. Raises InvalidRequestError LOCATION_UNKNOWN."""
    if not places:
        return
    known: set[str] = set(
        connection.execute(sa.select(location.c.location).where(location.c.location.in_(places))).scalars()
    )
    if unknown := sorted(set(places) - known):
        raise InvalidRequestError(
            "LOCATION_UNKNOWN", f"there is no location {', '.join(unknown)}", remedy="`oms stock` lists locations."
        )
