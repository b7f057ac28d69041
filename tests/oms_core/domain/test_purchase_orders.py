"""What may be ordered, and what is still open."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.purchase_orders import OrderSizes, open_quantity, require_orderable


@pytest.mark.parametrize(
    ("quantity", "sizes", "nearest"),
    [
        (5, OrderSizes(minimum=10), 10),
        (25, OrderSizes(pack_size=12), 36),
        (5, OrderSizes(minimum=10, pack_size=12), 12),
        (100, OrderSizes(maximum=50, pack_size=12), 48),
    ],
)
def test_what_the_supplier_does_not_sell_is_refused_with_the_nearest_quantity(quantity, sizes, nearest):
    with pytest.raises(RuleViolationError) as refused:
        require_orderable("MUG", quantity, sizes)

    assert refused.value.code == "QUANTITY_NOT_ORDERABLE"
    assert refused.value.details["nearest"] == nearest
    assert str(nearest) in refused.value.remedy


def test_whole_packs_above_the_minimum_are_ordered():
    require_orderable("MUG", 24, OrderSizes(minimum=10, pack_size=12, maximum=24))


@given(st.integers(1, 1000), st.integers(1, 100), st.integers(1, 50))
def test_the_next_orderable_quantity_is_orderable_and_enough(quantity, minimum, pack_size):
    sizes = OrderSizes(minimum, pack_size)

    found = sizes.next_orderable(quantity)

    assert found >= quantity
    require_orderable("MUG", found, sizes)


def test_an_over_delivery_leaves_nothing_open():
    assert open_quantity(quantity=10, cancelled=2, received=5) == 3
    assert open_quantity(quantity=10, cancelled=0, received=12) == 0
