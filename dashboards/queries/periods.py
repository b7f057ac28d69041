"""Periods: which business days a page is about, what it compares them with, and in which buckets it draws them.

Pure: dates in, dates out. A period ends on the last business day with data, not today.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Grain = Literal["day", "week", "month"]

ROLLING_DAYS: Final = {"7d": 7, "28d": 28, "90d": 90}
CHOICES: Final = (*ROLLING_DAYS, "all", "custom")
COMPARISONS: Final = ("previous", "year", "none")
DEFAULT_CHOICE: Final = "28d"
TREND_BUCKETS: Final = 13
_DAILY_UP_TO: Final = 120  # days; beyond it a daily line is noise, beyond the next a weekly one
_WEEKLY_UP_TO: Final = 731


@dataclass(frozen=True, slots=True)
class Period:
    """Business days `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def resolve(choice: str, *, data: Period, first: date | None = None, last: date | None = None) -> Period:
    """The period of a choice, kept within the days there are data for.

    A custom period takes `first` and `last` in either order; a missing end is the end of the data.
    """
    if choice == "all":
        return data
    if choice == "custom":
        wanted = sorted((first or data.first, last or data.last))
        return Period(_within(wanted[0], data), _within(wanted[1], data))
    days = ROLLING_DAYS.get(choice, ROLLING_DAYS[DEFAULT_CHOICE])
    return Period(_within(data.last - timedelta(days=days - 1), data), data.last)


def _within(day: date, data: Period) -> date:
    return min(max(day, data.first), data.last)


def wanted_comparison(period: Period, kind: str) -> Period | None:
    """The days a kind of comparison asks for, whether or not there are data; None for no comparison."""
    if kind == "previous":
        return Period(period.first - timedelta(days=period.days), period.first - timedelta(days=1))
    if kind == "year":
        return Period(_year_before(period.first), _year_before(period.last))
    return None


def compared(period: Period, kind: str, *, data: Period) -> Period | None:
    """The days a period is compared with; None when not asked for or when the data do not reach back whole."""
    before = wanted_comparison(period, kind)
    return before if before is not None and before.first >= data.first else None


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)


def grain_of(period: Period) -> Grain:
    """The bucket in which a period's line is drawn."""
    if period.days <= _DAILY_UP_TO:
        return "day"
    return "week" if period.days <= _WEEKLY_UP_TO else "month"


def bucket_start(day: date, grain: Grain) -> date:
    """The first day of the bucket a day falls in; weeks begin on Monday."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def next_bucket(start: date, grain: Grain) -> date:
    """The first day of the bucket after the one that begins at `start`."""
    if grain == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start + timedelta(days=7 if grain == "week" else 1)


def buckets(period: Period, grain: Grain) -> list[date]:
    """The first days of every bucket a period touches, in order."""
    starts = [bucket_start(period.first, grain)]
    while (following := next_bucket(starts[-1], grain)) <= period.last:
        starts.append(following)
    return starts


def whole_buckets(period: Period, grain: Grain) -> Period | None:
    """The part of a period that is made of whole buckets; None when it holds not one."""
    starts = buckets(period, grain)
    first = starts[0] if starts[0] >= period.first else next_bucket(starts[0], grain)
    end = bucket_start(period.last + timedelta(days=1), grain)
    return Period(first, end - timedelta(days=1)) if end > first else None


def trend_of(period: Period, *, data: Period) -> tuple[Period, Grain] | None:
    """The thirteen whole buckets up to the end of a period, for a tile's small line; fewer when data are short."""
    grain: Grain = "day" if period.days <= 14 else "week" if period.days <= 366 else "month"  # noqa: PLR2004 - as read
    end = bucket_start(period.last + timedelta(days=1), grain)
    first = end
    for _ in range(TREND_BUCKETS):
        first = bucket_start(first - timedelta(days=1), grain)
    reach = Period(max(first, data.first), end - timedelta(days=1))
    if reach.last < reach.first:
        return None
    whole = whole_buckets(reach, grain)
    return (whole, grain) if whole else None
