"""Set an exchange rate from an instant on. What was paid before keeps the rate it was recorded with."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.exchange_rates import DatedRate, parse_rate
from oms_core.domain.instants import to_text
from oms_core.domain.money import from_scaled
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.company import settings_of
from oms_core.storage import rate_store

_CODE_LETTERS = 3


@dataclass(frozen=True, slots=True)
class SetRate:
    """Base units for one unit of `currency`, as written ("0.1275"), from an instant on (microseconds UTC)."""

    currency: str
    rate: str
    valid_from: int


@use_case("payment.set_rate", Permission.EXCHANGE_RATE)
def set_rate(unit: Unit, request: SetRate) -> Outcome:
    """Record a rate to the company's base currency; it serves what happens from then on and is recorded from now on.

    Raises:
        InvalidRequestError: CURRENCY_UNKNOWN, BASE_CURRENCY_MISSING, RATE_INVALID.
        RuleViolationError: RATE_FIXED where another rate is recorded for the same beginning.
    """
    base = settings_of(unit.connection).base_currency
    if base is None:
        raise InvalidRequestError(
            "BASE_CURRENCY_MISSING",
            "the company has no base currency",
            remedy="Set one with `oms init --currency CODE`.",
        )
    code = request.currency
    if len(code) != _CODE_LETTERS or not (code.isascii() and code.isalpha() and code.isupper()) or code == base:
        raise InvalidRequestError(
            "CURRENCY_UNKNOWN", f"{code!r} needs no rate to {base}", remedy="Use an ISO 4217 code such as CNY."
        )
    rate = parse_rate(request.rate)
    recorded = rate_store.rate_from(unit.connection, code, base, request.valid_from)
    if recorded is not None and from_scaled(recorded.units, recorded.scale) != from_scaled(rate.units, rate.scale):
        raise RuleViolationError(
            "RATE_FIXED",
            f"from that instant {code} is recorded at {from_scaled(recorded.units, recorded.scale)} {base}",
            remedy="A recorded rate is not changed; set the right one from a later instant on.",
        )
    if recorded is None:
        rate_store.add_rate(unit.connection, DatedRate(code, base, request.valid_from, rate), unit.stamp)
    document = _document(DatedRate(code, base, request.valid_from, rate))
    return Outcome("exchange_rate", f"{code}/{base}", document, "exchange_rate.set" if recorded is None else "")


def known_rates(connection: sa.Connection) -> list[dict[str, Any]]:
    """Every recorded rate, by currency and beginning."""
    return [_document(dated) for dated in rate_store.rates(connection)]


def _document(dated: DatedRate) -> dict[str, Any]:
    return {
        "currency": dated.currency,
        "base_currency": dated.base_currency,
        "rate": f"{from_scaled(dated.rate.units, dated.rate.scale):f}",
        "valid_from": to_text(dated.valid_from),
    }
