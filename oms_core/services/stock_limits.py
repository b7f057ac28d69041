"""What a stock correction is worth, and whether a second person has to decide (policy `limits`, `write_off`)."""

from decimal import ROUND_UP, Decimal

import sqlalchemy as sa

from oms_core.domain.counts import Tolerance
from oms_core.domain.limits import needs_second_person
from oms_core.domain.money import currency_digits, from_scaled, parse_exact
from oms_core.services.company import settings_of
from oms_core.services.policies import policy_of
from oms_core.services.stock_layers import newest_costs
from oms_core.services.stock_read import dated_costs
from oms_core.storage.rate_store import rate_for

_MICRO = 6


def base_costs(connection: sa.Connection, keys: set[tuple[str, str]], at: int) -> dict[tuple[str, str], Decimal]:
    """Unit cost in the base currency by (sku, location): the dated one, else that of the newest layer.

    Missing where no cost, no base currency or no rate is known.
    """
    settings = settings_of(connection)
    costs = dated_costs(connection, keys, at, None, settings.zone)
    others = newest_costs(connection, {sku for sku, place in keys if (sku, place) not in costs}, at)
    found: dict[tuple[str, str], Decimal] = {}
    for key in keys:
        cost = costs.get(key) or others.get(key[0])
        rate = rate_for(connection, cost[1], settings.base_currency, at) if cost else None
        if cost and rate:
            found[key] = cost[0] * from_scaled(rate.units, rate.scale)
    return found


def is_above_limit(connection: sa.Connection, units: dict[tuple[str, str], int], at: int) -> bool:
    """Whether units written off or found, by (sku, location), are worth more than one person may decide.

    What is worth nobody knows how much is above every limit.
    """
    settings = settings_of(connection)
    costs = base_costs(connection, set(units), at)
    known = settings.base_currency is not None and set(costs) == set(units)
    amount = None
    if known and settings.base_currency:
        worth = sum((abs(quantity) * costs[key] for key, quantity in units.items()), Decimal(0))
        amount = int(worth.scaleb(currency_digits(settings.base_currency)).to_integral_value(ROUND_UP))
    limits = policy_of(connection, "limits").document
    return needs_second_person(limits, "write_off", base_amount=amount, base_currency=settings.base_currency)


def write_off_limit_micro(connection: sa.Connection) -> int:
    """The limit of the policy in the base currency, at six digits."""
    return parse_exact(str(policy_of(connection, "limits").document["write_off"])).at(_MICRO)


def count_tolerance(connection: sa.Connection) -> Tolerance:
    """How far a count may be off to be booked at once: `count_units`, `count_per_mille` of the policy `limits`."""
    limits = policy_of(connection, "limits").document
    shipped = Tolerance()
    return Tolerance(
        units=int(limits.get("count_units", shipped.units)),
        per_mille=int(limits.get("count_per_mille", shipped.per_mille)),
    )
