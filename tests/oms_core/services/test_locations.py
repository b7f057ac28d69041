"""Locations: described, refused where they make no sense, and judged at an instant."""

from datetime import UTC, datetime

import pytest

from oms_core.domain.instants import to_micros
from oms_core.services.locations import DefineLocation, define_location, sites_at
from oms_core.storage.engine import reading
from tests.builders import a_context, a_movement, a_place, give, rows_of
from tests.order_cases import CLERK, a_call
from tests.stock_cases import refused

BERLIN = "Europe/Berlin"


def define(core, place="MAIN", **more):
    request = DefineLocation(place, **({"name": place.title()} | more))
    return define_location(core, request, a_call()).document


def sites(core, at):
    with reading(core) as connection:
        return sites_at(connection, at)


def test_a_location_is_described_and_described_anew(core):
    define(core, country="DE", region="capital", latitude=52_520_000, longitude=13_405_000, handling_cost=120)

    document = define(core, country="DE", priority=3, time_zone=BERLIN, cutoff_minute=900)

    assert document["priority"] == 3
    assert document["handling_cost"] == 0
    assert rows_of(core, "select location, region, priority, cutoff_minute from location") == [("MAIN", None, 3, 900)]


@pytest.mark.parametrize(
    ("at", "in_time"),
    [
        (datetime(2026, 3, 28, 13, 59, tzinfo=UTC), True),  # 14:59 in winter time
        (datetime(2026, 3, 28, 14, 0, tzinfo=UTC), False),
        (datetime(2026, 3, 29, 12, 59, tzinfo=UTC), True),  # 14:59 in summer time
        (datetime(2026, 3, 29, 13, 0, tzinfo=UTC), False),
    ],
)
def test_a_cut_off_is_a_minute_of_the_local_day(core, at, in_time):
    define(core, time_zone=BERLIN, cutoff_minute=15 * 60)
    define(core, "YARD")

    found = sites(core, to_micros(at))

    assert found["MAIN"].ships_today is in_time
    assert found["YARD"].ships_today is True


def test_a_place_on_the_way_is_no_site(core):
    define(core)
    define(core, "TRUCK", kind="in_transit")

    assert sorted(sites(core, 0)) == ["MAIN"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"name": " "}, "it has no name"),
        ({"kind": "cellar"}, "kind 'cellar'"),
        ({"valuation": "lifo"}, "valuation 'lifo'"),
        ({"cutoff_minute": 1440}, "cut-off"),
        ({"latitude": 1}, "one coordinate is missing"),
        ({"latitude": 90_000_001, "longitude": 0}, "latitude"),
        ({"latitude": 0, "longitude": 180_000_001}, "longitude"),
        ({"time_zone": "Berlin"}, "no time zone"),
        ({"handling_cost": -1}, "handling cost"),
    ],
)
def test_a_location_that_makes_no_sense_is_refused(core, more, reason):
    with refused(core, "LOCATION_INVALID") as caught:
        define(core, **more)
    assert reason in str(caught.value)


def test_a_place_with_missing_units_cannot_turn_strict(core):
    context = a_context(a_place(allows_negative_stock=True))
    give(core, a_movement(kind="ship", units=2), context=context)

    with refused(core, "STOCK_BELOW_ZERO"):
        define(core)


def test_who_may_not_define_locations_is_refused(core):
    with refused(core, "NOT_PERMITTED"):
        define_location(core, DefineLocation("MAIN", "Main"), a_call(CLERK))
