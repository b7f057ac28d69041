"""Periods end on the last day with data; comparisons need whole data; buckets are whole where trends need them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards.queries import periods
from dashboards.queries.periods import Period

DATA = Period(date(2009, 12, 1), date(2010, 12, 9))


def test_a_rolling_period_ends_on_the_last_day_with_data():
    assert periods.resolve("28d", data=DATA) == Period(date(2010, 11, 12), date(2010, 12, 9))


def test_a_custom_period_takes_its_days_in_either_order_and_stays_within_the_data():
    chosen = periods.resolve("custom", data=DATA, first=date(2011, 1, 1), last=date(2010, 3, 1))

    assert chosen == Period(date(2010, 3, 1), date(2010, 12, 9))


def test_an_unknown_choice_is_the_default():
    assert periods.resolve("HACK", data=DATA) == periods.resolve(periods.DEFAULT_CHOICE, data=DATA)


def test_the_period_before_is_as_long_and_touches():
    now = periods.resolve("7d", data=DATA)

    assert periods.compared(now, "previous", data=DATA) == Period(date(2010, 11, 26), date(2010, 12, 2))


def test_nothing_is_compared_with_days_before_the_data():
    assert periods.compared(periods.resolve("28d", data=DATA), "year", data=DATA) is None
    assert periods.compared(DATA, "previous", data=DATA) is None


def test_a_leap_day_is_compared_with_the_day_before_its_absence():
    data = Period(date(2023, 1, 1), date(2024, 2, 29))

    assert periods.compared(Period(date(2024, 2, 29), date(2024, 2, 29)), "year", data=data) == Period(
        date(2023, 2, 28), date(2023, 2, 28)
    )


def test_a_week_starts_on_monday():
    assert periods.bucket_start(date(2026, 11, 22), "week") == date(2026, 11, 16)


@pytest.mark.parametrize(("choice", "grain"), [("7d", "day"), ("28d", "week"), ("90d", "week"), ("all", "month")])
def test_a_trend_has_thirteen_whole_buckets_where_the_data_reach(choice: str, grain: str):
    found = periods.trend_of(periods.resolve(choice, data=DATA), data=DATA)

    assert found is not None
    reach, used = found
    assert used == grain
    assert len(periods.buckets(reach, used)) == (12 if choice == "all" else 13)
    assert periods.whole_buckets(reach, used) == reach


@given(
    first=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    days=st.integers(1, 1200),
    grain=st.sampled_from(["day", "week", "month"]),
)
def test_buckets_cover_every_day_once(first: date, days: int, grain: periods.Grain):
    period = Period(first, first + timedelta(days=days - 1))

    starts = periods.buckets(period, grain)

    assert starts == sorted(set(starts))
    assert starts[0] <= period.first < periods.next_bucket(starts[0], grain)
    assert starts[-1] <= period.last < periods.next_bucket(starts[-1], grain)
    assert all(periods.next_bucket(one, grain) == two for one, two in pairwise(starts))
    whole = periods.whole_buckets(period, grain)
    if whole is not None:
        assert period.first <= whole.first <= whole.last <= period.last
