"""Exchange rates as recorded: dated, never changed; what used one keeps its own copy."""

import sqlalchemy as sa

from oms_core.domain.charges import Rate
from oms_core.domain.exchange_rates import DatedRate
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import exchange_rate


def rate_for(connection: sa.Connection, currency: str, base_currency: str | None, at: int) -> Rate | None:
    """The newest rate recorded for the instant; 1 for the base currency itself, null where none is known."""
    if base_currency is None:
        return None
    if currency == base_currency:
        return Rate(1, 0)
    rate = exchange_rate.c
    statement = (
        sa.select(rate.rate, rate.rate_scale)
        .where(rate.currency == currency, rate.base_currency == base_currency, rate.valid_from <= at)
        .order_by(rate.valid_from.desc())
        .limit(1)
    )
    row = connection.execute(statement).first()
    return Rate(row.rate, row.rate_scale) if row else None


def rate_from(connection: sa.Connection, currency: str, base_currency: str, valid_from: int) -> Rate | None:
    """The rate recorded for exactly this beginning; null where none is."""
    rate = exchange_rate.c
    statement = sa.select(rate.rate, rate.rate_scale).where(
        rate.currency == currency, rate.base_currency == base_currency, rate.valid_from == valid_from
    )
    row = connection.execute(statement).first()
    return Rate(row.rate, row.rate_scale) if row else None


def add_rate(connection: sa.Connection, dated: DatedRate, stamp: Stamp) -> None:
    """Record a rate that is not recorded yet."""
    connection.execute(
        exchange_rate.insert().values(
            currency=dated.currency,
            base_currency=dated.base_currency,
            valid_from=dated.valid_from,
            rate=dated.rate.units,
            rate_scale=dated.rate.scale,
            actor=stamp.actor,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )


def rates(connection: sa.Connection) -> list[DatedRate]:
    """Every recorded rate, by currency and beginning."""
    rate = exchange_rate.c
    statement = sa.select(exchange_rate).order_by(rate.currency, rate.base_currency, rate.valid_from)
    return [
        DatedRate(row.currency, row.base_currency, row.valid_from, Rate(row.rate, row.rate_scale))
        for row in connection.execute(statement)
    ]
