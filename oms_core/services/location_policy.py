"""Whether a location may go below zero: a policy from now on, which changes no balance."""

from dataclasses import dataclass

import sqlalchemy as sa

from oms_core.domain.facts import LocationFact
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.storage.catalogue import ensure_location
from oms_core.storage.stock_booking import require_places
from oms_core.storage.tables import location


@dataclass(frozen=True, slots=True)
class SetNegativeStock:
    """Whether a location may go below zero from now on, and why."""

    location: str
    allowed: bool
    reason: str


@use_case("location.set_negative_stock", Permission.LOCATION_DEFINE)
def set_negative_stock(unit: Unit, request: SetNegativeStock) -> Outcome:
    """The policy as it is from now on; no balance changes.

    Raises:
        InvalidRequestError: LOCATION_UNKNOWN.
        RuleViolationError: STOCK_BELOW_ZERO where it would turn strict while units are missing.
    """
    require_places(unit.connection, [request.location])
    row = unit.connection.execute(sa.select(location).where(location.c.location == request.location)).one()
    fact = LocationFact(
        location=row.location,
        name=row.name,
        country=row.country,
        allows_negative_stock=request.allowed,
        opening_from_first_balance=row.opening_from_first_balance,
        valuation=row.valuation,
        listing=row.listing,
    )
    ensure_location(unit.connection, fact, unit.stamp)
    document = {"location": request.location, "allows_negative_stock": request.allowed}
    topic = "location.negative_stock_set"
    return Outcome("location", request.location, document, topic=topic, reason=request.reason)
