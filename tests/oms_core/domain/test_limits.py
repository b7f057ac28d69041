"""Four eyes: which amounts need a second person."""

from importlib import resources

import pytest
import yaml

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.limits import needs_second_person


@pytest.mark.parametrize(
    ("amount", "currency", "needed"),
    [
        (20_000, "EUR", False),
        (20_001, "EUR", True),
        (-20_001, "EUR", True),
        (200, "JPY", False),
        (201, "JPY", True),
        (200_001, "KWD", True),
        (None, "EUR", True),
        (1, None, True),
    ],
)
def test_an_amount_above_the_limit_or_of_unknown_worth_needs_a_second_person(amount, currency, needed):
    assert needs_second_person({"refund": "200"}, "refund", base_amount=amount, base_currency=currency) is needed


@pytest.mark.parametrize("limits", [{}, {"refund": "much"}, {"refund": None}])
def test_a_policy_without_an_amount_is_refused(limits):
    with pytest.raises(InvalidRequestError, match="POLICY_INVALID"):
        needs_second_person(limits, "refund", base_amount=1, base_currency="EUR")


@pytest.mark.parametrize("what", ["refund", "store_credit", "write_off", "price_change"])
def test_the_limits_that_are_shipped_name_every_kind(what):
    text = resources.files("oms_core").joinpath("policies/limits.yml").read_text(encoding="utf-8")

    assert needs_second_person(yaml.safe_load(text), what, base_amount=10**9, base_currency="EUR")
