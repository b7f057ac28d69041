"""Instants and business days: exact to the microsecond, days of 23 and 25 hours included."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.instants import DAY, business_date, end_of_day, from_micros, start_of_day, to_micros, to_text

HOUR = DAY // 24
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "America/Sao_Paulo", "Asia/Kolkata"]
)
DAYS = st.dates(min_value=date(1995, 1, 1), max_value=date(2037, 12, 31))
MICROS = st.integers(min_value=0, max_value=4_000_000_000_000_000)


@given(micros=MICROS)
def test_an_instant_survives_the_way_to_a_datetime_and_back(micros):
    assert to_micros(from_micros(micros)) == micros


@given(micros=MICROS, zone=ZONES.map(ZoneInfo))
def test_an_instant_is_the_same_in_every_zone(micros, zone):
    assert to_micros(from_micros(micros).astimezone(zone)) == micros


@given(micros=MICROS)
def test_an_instant_survives_the_way_through_its_text(micros):
    assert to_micros(datetime.fromisoformat(to_text(micros))) == micros


@given(day=DAYS, zone=ZONES.map(ZoneInfo))
def test_a_day_begins_where_the_one_before_ends(day, zone):
    assert start_of_day(day + timedelta(days=1), zone) == end_of_day(day, zone) + 1


@given(day=DAYS, zone=ZONES.map(ZoneInfo))
def test_both_ends_of_a_day_fall_on_it_and_their_neighbours_do_not(day, zone):
    start, end = start_of_day(day, zone), end_of_day(day, zone)

    assert business_date(start, zone) == business_date(end, zone) == day
    assert business_date(start - 1, zone) == day - timedelta(days=1)
    assert business_date(end + 1, zone) == day + timedelta(days=1)


@given(micros=MICROS, zone=ZONES.map(ZoneInfo))
def test_every_instant_lies_within_its_business_day(micros, zone):
    day = business_date(micros, zone)

    assert start_of_day(day, zone) <= micros <= end_of_day(day, zone)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Europe/Berlin", date(2026, 6, 1), 24),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("America/Sao_Paulo", date(2018, 11, 4), 23),  # midnight itself does not exist
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_a_day_has_the_hours_the_clock_gives_it(zone, day, hours):
    length = end_of_day(day, ZoneInfo(zone)) + 1 - start_of_day(day, ZoneInfo(zone))

    assert length == hours * HOUR


def test_known_instants():
    noon = to_micros(datetime(2026, 1, 1, 12, tzinfo=UTC))

    assert to_micros(datetime(1970, 1, 1, tzinfo=UTC)) == 0
    assert to_micros(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1
    assert to_text(noon) == "2026-01-01T12:00:00Z"
    assert to_text(noon + 1) == "2026-01-01T12:00:00.000001Z"
    assert business_date(noon, ZoneInfo("Pacific/Kiritimati")) == date(2026, 1, 2)  # 14 hours ahead


def test_a_time_without_a_zone_is_no_instant():
    with pytest.raises(ValueError, match="2026-01-01T12:00:00"):
        to_micros(datetime(2026, 1, 1, 12))  # noqa: DTZ001 - the point
