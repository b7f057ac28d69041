"""Facets and the headline, each value by hand."""

import pytest

from oms_core.domain.headline import (
    HEADLINE_ZH,
    Facets,
    FulfilmentStatus,
    Headline,
    LineUnits,
    ReturnStatus,
    fulfilment_status,
    headline,
    lacks_stock,
    return_status,
)
from oms_core.domain.orders import Lifecycle
from oms_core.domain.payments import PaymentState

CONFIRMED = Facets(
    Lifecycle.CONFIRMED, PaymentState.PAID, FulfilmentStatus.UNFULFILLED, ReturnStatus.NONE, lacks_stock=False
)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ([], "unfulfilled"),
        ([LineUnits(2)], "unfulfilled"),
        ([LineUnits(2, allocated=1)], "unfulfilled"),
        ([LineUnits(2, allocated=2), LineUnits(1)], "unfulfilled"),
        ([LineUnits(2, allocated=2), LineUnits(1, allocated=1)], "allocated"),
        ([LineUnits(2, shipped=1, allocated=1)], "partially_shipped"),
        ([LineUnits(2, shipped=2), LineUnits(1)], "partially_shipped"),
        ([LineUnits(2, shipped=2), LineUnits(0)], "shipped"),
        ([LineUnits(2, shipped=2, delivered=1)], "partially_delivered"),
        ([LineUnits(2, shipped=1, delivered=1)], "partially_delivered"),
        ([LineUnits(2, shipped=2, delivered=2)], "delivered"),
        ([LineUnits(0)], "unfulfilled"),
    ],
)
def test_the_fulfilment_facet_by_line_quantities(lines, status):
    assert fulfilment_status(lines) == status


@pytest.mark.parametrize(
    ("line", "lacks"),
    [
        (LineUnits(2), True),
        (LineUnits(2, allocated=1), True),
        (LineUnits(2, allocated=1, reserved=1), False),
        (LineUnits(3, shipped=2, allocated=1), False),
        (LineUnits(0), False),
    ],
)
def test_stock_is_lacking_where_a_unit_is_neither_shipped_nor_promised(line, lacks):
    assert lacks_stock([line]) is lacks


@pytest.mark.parametrize(
    ("returned", "states", "status"),
    [
        (0, [], "none"),
        (0, ["requested"], "requested"),
        (0, ["requested", "approved"], "approved"),
        (0, ["approved", "in_transit", "declined"], "in_transit"),
        (0, ["declined"], "declined"),
        (0, ["cancelled"], "cancelled"),
        (1, ["requested"], "partially_returned"),
        (3, ["closed"], "returned"),
    ],
)
def test_the_return_facet_of_three_shipped_units(returned, states, status):
    assert return_status([LineUnits(3, shipped=3, returned=returned)], states) == status


@pytest.mark.parametrize(
    ("changes", "shown", "chinese"),
    [
        ({"lifecycle": "pending", "payment": "unpaid"}, "awaiting_payment", "待付款"),
        ({"lifecycle": "pending", "payment": "partially_paid"}, "awaiting_payment", "待付款"),
        ({"lifecycle": "pending", "payment": "unpaid", "pays_later": True}, "awaiting_review", "待审核"),
        ({"lifecycle": "pending"}, "awaiting_review", "待审核"),
        ({"lifecycle": "on_hold"}, "awaiting_review", "待审核"),
        ({"lacks_stock": True}, "out_of_stock", "缺货"),
        ({}, "awaiting_shipment", "待发货"),
        ({"fulfilment": "allocated"}, "awaiting_shipment", "待发货"),
        ({"fulfilment": "partially_shipped", "lacks_stock": True}, "partially_shipped", "部分发货"),
        ({"fulfilment": "shipped"}, "shipped", "已发货"),
        ({"fulfilment": "partially_delivered"}, "partially_shipped", "部分发货"),
        ({"fulfilment": "delivered"}, "delivered", "已签收"),
        ({"lifecycle": "closed", "fulfilment": "delivered"}, "completed", "已完成"),
        ({"lifecycle": "cancelled"}, "cancelled", "已取消"),
        ({"lifecycle": "cancelled", "to_refund": True}, "refunding", "退款中"),
        ({"lifecycle": "closed", "back": "in_transit"}, "refunding", "退款中"),
        ({"lifecycle": "closed", "payment": "refunded"}, "refunded", "已退款"),
        ({"lifecycle": "cancelled", "payment": "refunded"}, "cancelled", "已取消"),
    ],
)
def test_the_headline_in_both_languages(changes, shown, chinese):
    kinds = {"lifecycle": Lifecycle, "payment": PaymentState, "fulfilment": FulfilmentStatus, "back": ReturnStatus}
    facets = CONFIRMED._replace(**{name: kinds.get(name, bool)(value) for name, value in changes.items()})

    assert headline(facets) == shown
    assert HEADLINE_ZH[headline(facets)] == chinese


def test_every_headline_has_its_chinese_word():
    assert list(HEADLINE_ZH) == list(Headline)
