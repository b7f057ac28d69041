"""The policy `limits`: amounts above which a second person decides (four eyes)."""

from collections.abc import Mapping

from oms_core.domain.charges import to_digits
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.money import currency_digits, parse_exact

LIMITS = ("refund", "store_credit", "write_off", "price_change")


def check_limits(document: Mapping[str, object]) -> None:
    """Nothing where a policy states every limit. Raises InvalidRequestError POLICY_INVALID naming one that lacks."""
    for what in LIMITS:
        needs_second_person(document, what, base_amount=0, base_currency="XXX")


def needs_second_person(
    limits: Mapping[str, object], what: str, *, base_amount: int | None, base_currency: str | None
) -> bool:
    """Whether an amount is above the limit for `what` ("refund", "write_off" …); equal is not above.

    What has no base amount is above every limit, because nobody can tell what it is worth.

    Raises:
        InvalidRequestError: POLICY_INVALID where the policy states no amount for `what`.
    """
    written = limits.get(what)
    try:
        limit = parse_exact(str(written))
    except ValueError:
        raise InvalidRequestError(
            "POLICY_INVALID",
            f"{what}: {written!r} is no amount",
            remedy="Give policy limits an amount for it, written with a point.",
        ) from None
    if base_amount is None or base_currency is None:
        return True
    return abs(base_amount) > to_digits(limit, currency_digits(base_currency))
