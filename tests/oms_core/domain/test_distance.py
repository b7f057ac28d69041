"""Distances: known ones by coordinates, assumed ones without."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.distance import Point, Reach, distance_km

REACH = Reach(same_region=50, same_country=300, abroad=1_500)
BERLIN = Point(52_520_000, 13_405_000, "10", "DE")
PARIS = Point(48_856_600, 2_352_200, "75", "FR")


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (BERLIN, BERLIN, 0),
        (BERLIN, PARIS, 877),  # great-circle distance of the two city centres
        (Point(0, 0), Point(0, 90_000_000), 10_008),  # a quarter: 6,371 x pi / 2 = 10,007.5
        (Point(50_000_000, 8_000_000), Point(51_000_000, 8_000_000), 111),  # a degree of latitude
        (Point(0, 0), Point(0, 180_000_000), 20_015),  # half the earth's circumference
        (Point(0, 179_000_000), Point(0, -179_000_000), 222),  # across the date line: 2 degrees of 111.19 km
        (Point(90_000_000, 0), Point(-90_000_000, 77_000_000), 20_015),
    ],
)
def test_coordinates_give_the_great_circle(one, other, km) -> None:
    assert distance_km(one, other, REACH) == km
    assert distance_km(other, one, REACH) == km


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (Point(None, None, "10", "DE"), BERLIN, 50),
        (Point(None, None, "80", "DE"), BERLIN, 300),
        (Point(None, None, None, "DE"), BERLIN, 300),
        (Point(None, None, "10", "FR"), BERLIN, 1_500),
        (Point(), BERLIN, 1_500),
        (Point(), Point(), 1_500),
        (Point(52_520_000, None, "10", "DE"), BERLIN, 50),
    ],
)
def test_without_coordinates_the_region_counts_then_the_country(one, other, km) -> None:
    assert distance_km(one, other, REACH) == km


_POINTS = st.builds(Point, st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


@given(_POINTS, _POINTS)
def test_no_place_is_further_than_half_the_earth(one, other) -> None:
    assert 0 <= distance_km(one, other, REACH) <= 20_015
    assert distance_km(one, other, REACH) == distance_km(other, one, REACH)
