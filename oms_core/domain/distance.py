"""How far a place is from where the goods go, in whole kilometres, as well as it is known."""

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_KM = 6_371  # mean radius; source: IUGG, 6,371.0 km
_MILLIONTHS = 1_000_000


class Point(NamedTuple):
    """Where something is: millionths of a degree, a postcode region, a country; what is not known is null."""

    latitude: int | None = None
    longitude: int | None = None
    region: str | None = None
    country: str | None = None


class Reach(NamedTuple):
    """Kilometres to assume where coordinates are missing."""

    same_region: int = 50
    same_country: int = 300
    abroad: int = 1_500


def distance_km(one: Point, other: Point, reach: Reach) -> int:
    """Great-circle distance (haversine) where both have coordinates, else by region, else by country."""
    if None not in (one.latitude, one.longitude, other.latitude, other.longitude):
        return _haversine(one, other)
    if one.region is not None and one.region == other.region and one.country == other.country:
        return reach.same_region
    if one.country is not None and one.country == other.country:
        return reach.same_country
    return reach.abroad


def _haversine(one: Point, other: Point) -> int:
    first, second = radians((one.latitude or 0) / _MILLIONTHS), radians((other.latitude or 0) / _MILLIONTHS)
    turn = radians(((other.longitude or 0) - (one.longitude or 0)) / _MILLIONTHS)
    half = sin((second - first) / 2) ** 2 + cos(first) * cos(second) * sin(turn / 2) ** 2
    return round(2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half))))
