"""Where the policy `limits` asks for a second person."""

from oms_core.domain.charges import base_amount
from oms_core.domain.limits import check_limits, needs_second_person
from oms_core.services.commands import Unit
from oms_core.services.policies import VALIDATORS, policy_of
from oms_core.services.tenders import base_rate


def is_above_limit(unit: Unit, what: str, amount: int, currency: str) -> bool:
    """Whether an amount (at its currency's digits) is above the limit for `what`, at the rate of now."""
    base, rate = base_rate(unit, currency, unit.call.now)
    worth = base_amount(amount, currency, rate, base) if rate and base else None
    limits = policy_of(unit.connection, "limits").document
    return needs_second_person(limits, what, base_amount=worth, base_currency=base)


VALIDATORS["limits"] = check_limits
