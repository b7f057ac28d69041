"""When a stock fact happened: an instant with its zone, not later than now, never a date alone (LESSONS 10 and 14)."""

import re
from datetime import datetime

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_micros, to_text
from oms_core.services.commands import Unit


def moment(unit: Unit, at: int | None) -> int:
    """The instant a fact happened at: now unless one is given. Earlier is a late fact, kept with both clocks.

    Raises:
        RuleViolationError: IN_THE_FUTURE.
    """
    if at is None:
        return unit.call.now
    if at > unit.call.now:
        raise RuleViolationError(
            "IN_THE_FUTURE",
            f"{to_text(at)} has not come yet",
            remedy="Record what has happened; give the instant it happened at.",
        )
    return at


def read_instant(text: str) -> int:
    """The instant that a text with date, time and zone names.

    Raises:
        InvalidRequestError: DATE_ONLY, INSTANT_UNREADABLE.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
        raise InvalidRequestError(
            "DATE_ONLY",
            f"{text!r} is a day, and stock facts of one day have an order",
            remedy="Give the time and zone too: 2026-03-05T14:30+01:00.",
        )
    try:
        return to_micros(datetime.fromisoformat(text))
    except ValueError:
        raise InvalidRequestError(
            "INSTANT_UNREADABLE",
            f"{text!r} is no instant with a zone",
            remedy="Write 2026-03-05T14:30+01:00.",
        ) from None
