"""The sign conventions of stock files: units above zero by kind, or the sign that the file gives."""

import pytest

from oms_core.domain.stock import MovementKind
from pipelines.feeds.column_map import MovementRule
from pipelines.feeds.parse_stock import signed_units


@pytest.mark.parametrize(
    ("kind", "sign", "units", "booked"),
    [
        ("receive", "by_kind", 5, 5),
        ("ship", "by_kind", 5, -5),
        ("ship", "by_kind", -5, None),
        ("opening", "by_kind", -5, -5),
        ("ship", "as_given", -5, -5),
        ("ship", "as_given", 5, None),
        ("receive", "as_given", -5, None),
        ("opening", "as_given", -5, -5),
        ("ship", "as_given", 0, 0),
    ],
)
def test_units_get_the_sign_of_their_kind_or_are_held_back(kind, sign, units, booked):
    rule = MovementRule(kind=MovementKind(kind), quantity="units", sign=sign)

    assert signed_units(rule, units) == booked
