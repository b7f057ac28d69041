"""Create or upgrade a home, and the company's settings: versioned, never overwritten."""

import re
import time
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.settings import Settings
from oms_core.storage import schema
from oms_core.storage.changes import next_change_id
from oms_core.storage.engine import make_private, open_engine
from oms_core.storage.tables import company_setting

_DEFAULT_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class CompanySettings:
    """The zone whose days are business days, and the currency that amounts are converted to (null: none)."""

    version: int
    time_zone: str
    base_currency: str | None

    @property
    def zone(self) -> ZoneInfo:
        """The zone itself."""
        return ZoneInfo(self.time_zone)


def now_micros() -> int:
    """This machine's clock, in microseconds since the epoch; read once a command, at its edge."""
    return time.time_ns() // 1000


def prepare(
    settings: Settings, *, time_zone: str | None = None, base_currency: str | None = None, actor: str, now: int
) -> CompanySettings:
    """Create or upgrade the home's database; write a new version of the settings where they differ.

    Raises:
        InvalidRequestError: TIME_ZONE_UNKNOWN, CURRENCY_UNKNOWN; nothing was changed.
    """
    _check(time_zone, base_currency)
    make_private(settings.home)
    engine = open_engine(settings)
    try:
        with engine.begin() as connection:
            return _prepared(connection, time_zone, base_currency, actor=actor, now=now)
    finally:
        engine.dispose()


def _prepared(
    connection: sa.Connection, time_zone: str | None, base_currency: str | None, *, actor: str, now: int
) -> CompanySettings:
    schema.upgrade(connection)
    known = _latest(connection)
    wanted = (
        time_zone or (known.time_zone if known else _DEFAULT_ZONE),
        base_currency or (known.base_currency if known else None),
    )
    if known and wanted == (known.time_zone, known.base_currency):
        return known
    fresh = CompanySettings(known.version + 1 if known else 1, *wanted)
    connection.execute(
        company_setting.insert(),
        {
            "version": fresh.version,
            "time_zone": fresh.time_zone,
            "base_currency": fresh.base_currency,
            "actor": actor,
            "recorded_at": now,
            "change_id": next_change_id(connection),
        },
    )
    return fresh


def settings_of(connection: sa.Connection) -> CompanySettings:
    """The newest settings. Raises InvalidRequestError HOME_NOT_READY where `prepare` never ran."""
    schema.require(connection)
    latest = _latest(connection)
    if latest is None:
        message = "a database at this schema always has settings"
        raise AssertionError(message)
    return latest


def _latest(connection: sa.Connection) -> CompanySettings | None:
    columns = (company_setting.c.version, company_setting.c.time_zone, company_setting.c.base_currency)
    row = connection.execute(sa.select(*columns).order_by(company_setting.c.version.desc()).limit(1)).first()
    return CompanySettings(row.version, row.time_zone, row.base_currency) if row else None


def _check(time_zone: str | None, base_currency: str | None) -> None:
    if time_zone is not None:
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise InvalidRequestError(
                "TIME_ZONE_UNKNOWN", f"{time_zone!r} is no time zone", remedy="Use a name such as Europe/Berlin."
            ) from None
    if base_currency is not None and not (re.fullmatch("[A-Z]{3}", base_currency)):
        raise InvalidRequestError(
            "CURRENCY_UNKNOWN", f"{base_currency!r} is no currency code", remedy="Use an ISO 4217 code such as EUR."
        )
