"""Instants as integer microseconds since 1970-01-01T00:00Z, and business days in a declared zone.

A zone is always named; nothing here reads a clock or the machine's zone.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
DAY = 86_400_000_000


def to_micros(moment: datetime) -> int:
    """Microseconds since the epoch. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError(moment.isoformat())
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The instant as an aware UTC datetime."""
    return _EPOCH + timedelta(microseconds=micros)


def start_of_day(day: date, zone: ZoneInfo) -> int:
    """First microsecond of `day` in `zone`."""
    return to_micros(datetime.combine(day, time.min, tzinfo=zone))


def end_of_day(day: date, zone: ZoneInfo) -> int:
    """Last microsecond of `day` in `zone` (a day may have 23 or 25 hours)."""
    return start_of_day(day + timedelta(days=1), zone) - 1


def business_date(micros: int, zone: ZoneInfo) -> date:
    """The day in `zone` that the instant falls on."""
    return from_micros(micros).astimezone(zone).date()


def to_text(micros: int) -> str:
    """ISO 8601 with a trailing Z, whole seconds where there is no fraction."""
    return from_micros(micros).isoformat().replace("+00:00", "Z")
