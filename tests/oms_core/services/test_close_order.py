"""Closing and priorities: an order ends when nothing is left to do; greater priorities go first."""

import pytest

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.close_order import CloseOrder, PrioritiseOrder, close_order, prioritise_order
from oms_core.services.order_holds import HoldOrder, hold_order
from tests.builders import NOW, contents, rows_of
from tests.order_cases import CLERK, LEAD, a_call, a_new_line, open_shop, place, ship

DAY = 86_400_000_000


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def test_a_delivered_order_is_closed(shop):
    place(shop, "1001", a_new_line(quantity=2))
    ship(shop, "shop/1001", deliver=True)

    assert close_order(shop, CloseOrder("shop/1001"), a_call()).document["status"] == "closed"


def test_an_order_shipped_thirty_days_ago_is_closed_without_a_delivery(shop):
    place(shop, "1001")
    ship(shop, "shop/1001", at=NOW - 30 * DAY)

    assert close_order(shop, CloseOrder("shop/1001"), a_call()).document["status"] == "closed"


def test_an_order_that_something_is_left_of_is_not_closed(shop):
    place(shop, "1001", a_new_line(quantity=2), a_new_line("2", sku="CUP"))
    ship(shop, "shop/1001", at=NOW - 30 * DAY + 1, _1=2)
    hold_order(shop, HoldOrder("shop/1001", "stock", "recall"), a_call(CLERK))
    before = contents(shop)

    with pytest.raises(RuleViolationError) as refusal:
        close_order(shop, CloseOrder("shop/1001"), a_call())

    assert refusal.value.code == "NOT_CLOSABLE"
    assert refusal.value.details["problems"] == [
        "line 2 is not shipped",
        "line 1 is not delivered",
        "a hold, a shipment or a return is open",
    ]
    assert contents(shop) == before


def test_a_cancelled_order_cannot_be_closed_nor_does_support_close(shop):
    place(shop, "1001")
    cancel_order(shop, CancelOrder("shop/1001", "no more"), a_call())

    with pytest.raises(RuleViolationError, match="EVENT_NOT_ALLOWED"):
        close_order(shop, CloseOrder("shop/1001"), a_call())
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        close_order(shop, CloseOrder("shop/1001"), a_call(CLERK))


def test_the_lead_sets_a_priority(shop):
    place(shop, "1001")

    document = prioritise_order(shop, PrioritiseOrder("shop/1001", 7, "birthday"), a_call(LEAD)).document

    assert (document["priority"], document["priority_before"]) == (7, 0)
    assert rows_of(shop, "select priority from sales_order") == [(7,)]
    with pytest.raises(InvalidRequestError, match="PRIORITY_INVALID"):
        prioritise_order(shop, PrioritiseOrder("shop/1001", 101), a_call(LEAD))
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        prioritise_order(shop, PrioritiseOrder("shop/1001", 1), a_call(CLERK))
