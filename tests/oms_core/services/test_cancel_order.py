"""Cancelling: whole or by line and quantity; promises go back, money is told and not touched."""

import pytest

from oms_core.domain.errors import OmsError, RuleViolationError
from oms_core.domain.order_requests import NewCharge
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.define import Component, DefineSku, define_sku
from oms_core.services.order_holds import HoldOrder, hold_order
from oms_core.services.order_units import LineUnits
from tests.builders import contents, facts_of, rows_of
from tests.order_cases import (
    CLERK,
    VIEWER,
    a_call,
    a_new_line,
    a_payment,
    lines_of,
    open_shop,
    place,
    promise,
    ship,
    stock_up,
)


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def cancel(core, order="shop/1001", actor=CLERK, **lines):
    asked = tuple(LineUnits(key.removeprefix("_"), units) for key, units in lines.items())
    return cancel_order(core, CancelOrder(order, "buyer changed his mind", asked), a_call(actor)).document


def test_a_whole_order_is_cancelled_and_its_stock_is_free_again(shop):
    stock_up(shop, "MUG", 10)
    place(shop, "1001", a_new_line(quantity=4), charges=(NewCharge("shipping", 490),))
    promise(shop, "shop/1001")

    document = cancel(shop)

    assert (document["status"], document["total"], document["to_refund"]) == ("cancelled", "0.00", None)
    assert lines_of(shop, "shop/1001") == [("1", 4, 4, 0, 0, 0)]
    assert rows_of(shop, "select on_hand, committed from stock_balance") == [(10, 0)]
    assert rows_of(shop, "select amount from order_adjustment order by adjustment_id") == [(490,), (-490,)]
    assert rows_of(shop, "select kind, quantity, amount, reason from line_entry") == [
        ("cancel", 4, 4000, "buyer changed his mind")
    ]
    facts_of(shop)


def test_captured_money_stays_and_is_flagged_to_refund(shop):
    place(shop, "1001", payment_terms="prepaid", payments=(a_payment(1000, method="alipay", kind="capture"),))

    document = cancel(shop)

    assert document["to_refund"] == "10.00"
    assert rows_of(shop, "select kind, detail from order_exception") == [
        ("to_refund", '{"amount": "10.00", "currency": "EUR"}')
    ]
    assert rows_of(shop, "select captured_amount, refunded_amount from payment") == [(1000, 0)]


def test_units_of_a_line_are_cancelled_with_their_share_of_the_money(shop):
    place(shop, "1001", a_new_line(quantity=3, price=1000, discount=100, tax_rate=190_000), a_new_line("2", sku="CUP"))

    # the line: 29.00 + 5.51 tax; one of three units is 9.67 (of 2900), 0.34 discount, 1.84 tax
    document = cancel(shop, _1=1)

    assert (document["status"], document["total"]) == ("confirmed", "33.00")
    assert rows_of(shop, "select quantity, amount, discount, tax from line_entry") == [(1, 967, 34, 184)]
    assert rows_of(
        shop, "select cancelled_amount, cancelled_discount, cancelled_tax from order_line where line_key = '1'"
    ) == [(967, 34, 184)]
    assert cancel(shop, _1=2)["total"] == "10.00"
    assert rows_of(
        shop, "select line_amount - cancelled_amount, tax_amount - cancelled_tax from order_line order by line_id"
    ) == [
        (0, 0),
        (1000, None),
    ]
    facts_of(shop)


def test_units_nobody_promised_are_cancelled_before_promised_ones(shop):
    stock_up(shop, "MUG", 2)
    place(shop, "1001", a_new_line(quantity=5))
    promise(shop, "shop/1001")

    cancel(shop, _1=3)
    assert lines_of(shop, "shop/1001") == [("1", 5, 3, 0, 0, 2)]

    cancel(shop, _1=1)
    assert lines_of(shop, "shop/1001") == [("1", 5, 4, 0, 0, 1)]
    assert rows_of(shop, "select committed from stock_balance") == [(1,)]


def test_cancelling_the_last_goods_by_line_cancels_the_order(shop):
    place(shop, "1001", a_new_line(quantity=2), charges=(NewCharge("shipping", 490),))

    document = cancel(shop, _1=2)

    assert (document["status"], document["total"]) == ("cancelled", "0.00")


def test_the_rest_of_a_partly_shipped_order_is_cancelled_by_line_and_no_more(shop):
    place(shop, "1001", a_new_line(quantity=5))
    ship(shop, "shop/1001", _1=2)
    before = contents(shop)

    with pytest.raises(RuleViolationError) as whole:
        cancel(shop)
    with pytest.raises(RuleViolationError) as too_many:
        cancel(shop, _1=4)

    assert (whole.value.code, whole.value.details["lines"]) == ("ORDER_SHIPPED", ["1"])
    assert (too_many.value.code, too_many.value.details) == ("LINE_NOT_OPEN", {"line": "1", "open": 3, "asked": 4})
    assert contents(shop) == before
    assert cancel(shop, _1=3)["status"] == "confirmed"


def test_cancelling_the_rest_of_a_delivered_order_closes_it(shop):
    place(shop, "1001", a_new_line(quantity=5))
    ship(shop, "shop/1001", deliver=True, _1=2)

    assert cancel(shop, _1=3)["status"] == "closed"


def test_a_bundle_is_cancelled_by_whole_kits_with_its_components(shop):
    define_sku(shop, DefineSku("SET", components=(Component("MUG", 1), Component("CUP", 4))), a_call())
    stock_up(shop, "MUG", 10)
    stock_up(shop, "CUP", 10)
    place(shop, "1001", a_new_line("7", sku="SET", quantity=2, price=5000), a_new_line("8", sku="CUP"))
    promise(shop, "shop/1001")

    document = cancel(shop, _7=1)

    assert document["total"] == "60.00"
    assert lines_of(shop, "shop/1001") == [
        ("7", 2, 1, 0, 0, 0),
        ("7.1", 8, 4, 0, 0, 4),
        ("7.2", 2, 1, 0, 0, 1),
        ("8", 1, 0, 0, 0, 1),
    ]
    with pytest.raises(RuleViolationError, match="COMPONENT_OF_BUNDLE"):
        cancel(shop, **{"_7.1": 1})


def test_kits_of_which_a_component_was_shipped_are_not_cancelled(shop):
    define_sku(shop, DefineSku("SET", components=(Component("MUG", 1), Component("CUP", 4))), a_call())
    place(shop, "1001", a_new_line("7", sku="SET", quantity=3, price=5000))
    ship(shop, "shop/1001", **{"_7.1": 5})

    with pytest.raises(RuleViolationError) as refusal:
        cancel(shop, _7=2)

    assert refusal.value.details == {"line": "7", "open": 1, "asked": 2}
    assert cancel(shop, _7=1)["total"] == "100.00"


def test_the_holds_of_a_cancelled_order_end_with_it(shop):
    place(shop, "1001")
    hold_order(shop, HoldOrder("shop/1001", "fraud", "stolen card"), a_call(CLERK))

    document = cancel(shop)

    assert (document["status"], document["holds"]) == ("cancelled", [])
    assert rows_of(shop, "select resolution from order_hold_release") == [("cancelled: buyer changed his mind",)]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ({"_9": 1}, "LINE_UNKNOWN"),
        ({"_1": 0}, "QUANTITY_INVALID"),
        ({"_1": -1}, "QUANTITY_INVALID"),
        ({"_1": 4}, "LINE_NOT_OPEN"),
    ],
)
def test_units_that_are_not_there_are_refused_and_nothing_changes(shop, lines, code):
    place(shop, "1001", a_new_line(quantity=3))
    before = contents(shop)

    with pytest.raises(OmsError) as refusal:
        cancel(shop, **lines)

    assert refusal.value.code == code
    assert contents(shop) == before


def test_an_order_is_cancelled_once(shop):
    place(shop, "1001")
    cancel(shop)
    before = contents(shop)

    with pytest.raises(RuleViolationError, match="ORDER_ENDED"):
        cancel(shop)
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        cancel(shop, actor=VIEWER)

    assert contents(shop) == before
