"""Look-alikes: which orders could be one order placed twice."""

import pytest

from oms_core.domain.look_alike import Trace, are_alike, find_look_alikes, goods_digest

HOUR = 3_600_000_000
ONE = Trace(account="shop", number="1001", goods="g", buyer="C-1", address="a", placed_at=100 * HOUR)


@pytest.mark.parametrize(
    ("other", "alike"),
    [
        (ONE._replace(number="1002"), True),
        (ONE._replace(number="1002", placed_at=124 * HOUR), True),
        (ONE._replace(number="1002", placed_at=124 * HOUR + 1), False),
        (ONE._replace(number="1002", placed_at=76 * HOUR), True),
        (ONE._replace(number="1002", goods="h"), False),
        (ONE._replace(number="1002", buyer="C-2"), True),
        (ONE._replace(number="1002", address="b"), True),
        (ONE._replace(number="1002", buyer="C-2", address="b"), False),
        (ONE._replace(number="1002", buyer=None, address=None), False),
        (ONE, False),
        (ONE._replace(account="market"), True),
    ],
)
def test_alike_is_same_goods_same_buyer_or_address_other_number_within_a_day(other, alike):
    assert are_alike(ONE, other, within_hours=24) is alike
    assert are_alike(other, ONE, within_hours=24) is alike


def test_two_unknown_buyers_are_not_one():
    nobody = ONE._replace(buyer=None, address=None)

    assert not are_alike(nobody, nobody._replace(number="1002"), within_hours=24)


def test_goods_are_the_same_however_they_are_spread_over_lines():
    one = goods_digest([("MUG", 2), ("CUP", 1), ("MUG", 1)], total=1050, scale=2, currency="EUR")

    assert one == goods_digest([("CUP", 1), ("MUG", 3)], total=105, scale=1, currency="EUR")
    assert one != goods_digest([("CUP", 1), ("MUG", 2)], total=1050, scale=2, currency="EUR")
    assert one != goods_digest([("CUP", 1), ("MUG", 3)], total=1051, scale=2, currency="EUR")
    assert one != goods_digest([("CUP", 1), ("MUG", 3)], total=1050, scale=2, currency="USD")


def test_of_several_arriving_alike_the_first_is_the_order():
    arriving = [ONE, ONE._replace(number="1002"), ONE._replace(number="1003")]

    found = find_look_alikes(arriving, [], within_hours=24)

    assert sorted(found) == [("shop", "1002"), ("shop", "1003")]
    assert found["shop", "1002"].reason == "same goods, amount and buyer or address as shop/1001"


def test_an_order_like_a_recorded_one_is_found():
    found = find_look_alikes([ONE._replace(number="1002")], [ONE], within_hours=24)

    assert sorted(found) == [("shop", "1002")]
