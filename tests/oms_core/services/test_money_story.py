"""Money and goods of orders placed here, by the use cases people run: families, refunds, cancellation, returns."""

import pytest

from oms_core.services.allocate_order import AllocateOrder, allocate_order
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.define import Component, DefineSku, define_sku
from oms_core.services.deliver_shipment import DeliverShipment, deliver_shipment
from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return
from oms_core.services.merge_orders import MergeOrders, merge_orders
from oms_core.services.order_units import LineUnits
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.payments_read import payments_of
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.receive_return import ReceivedLine, ReceiveReturn, receive_return
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.refund_order import RefundOrder, refund_order
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.review_return import ApproveReturn, approve_return
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.split_order import SplitOrder, split_order
from oms_core.services.verify import run_checks
from oms_core.storage.engine import reading
from tests.builders import rows_of
from tests.money_cases import a_call, refused
from tests.order_cases import a_new_line, a_payment, open_shop, place, stock_up, to_place

PAID = {"method": "alipay", "kind": "capture"}


@pytest.fixture
def shop(core):
    """Ten mugs at MAIN; amounts count in euros."""
    with core.begin() as connection:
        connection.exec_driver_sql("update company_setting set base_currency = 'EUR'")
    open_shop(core)
    stock_up(core)
    return core


def run(core, case, request):
    return case(core, request, a_call()).document


def shown(core, reference):
    with reading(core) as connection:
        return payments_of(connection, reference)


def sound(core):
    with reading(core) as connection:
        assert [check for check in run_checks(connection) if check.rows] == []


def stock(core):
    return rows_of(core, "select condition, on_hand, committed from stock_balance where on_hand <> 0 order by 1")


def send(core):
    """Everything that is allocated at MAIN, to the customer's door."""
    (wave,) = run(core, release_wave, ReleaseWave("MAIN"))["waves"]
    for number in wave["shipments"]:
        run(core, pick_shipment, PickShipment(number))
        run(core, pack_shipment, PackShipment(number))
        run(core, ship_shipment, ShipShipment(number))
        run(core, deliver_shipment, DeliverShipment(number))


def test_a_part_refund_and_then_a_cancellation_give_the_promised_units_free_once(shop):
    place(shop, "1001", a_new_line(quantity=3), payments=(a_payment(3000, **PAID),))
    run(shop, allocate_order, AllocateOrder("shop/1001"))
    assert stock(shop) == [("sellable", 10, 3)]

    run(shop, refund_order, RefundOrder("shop/1001", "5.00", "late"))
    assert stock(shop) == [("sellable", 10, 3)]
    cancelled = run(shop, cancel_order, CancelOrder("shop/1001", "no longer wanted"))

    assert (stock(shop), cancelled["to_refund"]) == ([("sellable", 10, 0)], "25.00")
    run(shop, refund_order, RefundOrder("shop/1001", "25.00", "cancelled"))
    assert (shown(shop, "shop/1001")["paid"], shown(shop, "shop/1001")["to_refund"]) == ("0.00", "0.00")
    sound(shop)


def test_a_part_refund_a_return_and_a_refused_cancellation_restock_once(shop):
    place(shop, "1001", a_new_line(quantity=3), payments=(a_payment(3000, **PAID),))
    run(shop, allocate_order, AllocateOrder("shop/1001"))
    send(shop)
    assert stock(shop) == [("sellable", 7, 0)]

    run(shop, refund_order, RefundOrder("shop/1001", "5.00", "a scratch"))
    lines = (ReturnLine("1", 3, "faulty.broken"),)
    number = run(shop, request_return, RequestReturn("shop/1001", lines))["return"]
    run(shop, approve_return, ApproveReturn(number))
    run(shop, receive_return, ReceiveReturn(number, "MAIN", (ReceivedLine("1", 3),)))
    done = run(shop, grade_return, GradeReturn(number, "MAIN", (GradedLine("1", "restock", 3),)))
    with refused(shop, "ORDER_ENDED"):
        run(shop, cancel_order, CancelOrder("shop/1001", "twice"))

    assert (stock(shop), done["proposed_refund"]) == ([("sellable", 10, 0)], "30.00")
    with refused(shop, "REFUND_ABOVE_PAID"):
        run(shop, refund_order, RefundOrder("shop/1001", "30.00", "returned", return_request=number))
    run(shop, refund_order, RefundOrder("shop/1001", "25.00", "returned", return_request=number))
    assert shown(shop, "shop/1001")["payment_status"] == "refunded"
    sound(shop)


def test_an_order_that_was_split_is_paid_and_refunded_as_one(shop):
    place(shop, "1001", a_new_line(quantity=3), payments=(a_payment(3000, **PAID),))
    child = run(shop, split_order, SplitOrder("shop/1001", (LineUnits("1", 1),), "two parcels"))["child"]["order"]

    for order in ("shop/1001", child):
        it = shown(shop, order)
        assert (it["total"], it["paid"], it["missing"], it["payment_status"]) == ("30.00", "30.00", "0.00", "paid")
    refunded = run(shop, refund_order, RefundOrder(child, "4.00", "a scratch"))
    assert (refunded["paid"], shown(shop, "shop/1001")["paid"]) == ("26.00", "26.00")
    assert rows_of(shop, "select count(*) from payment") == [(1,)]
    sound(shop)


def test_orders_that_were_merged_are_paid_together(shop):
    place(shop, "1001", payments=(a_payment(1000, **PAID),))
    first = to_place("1001")
    cup = a_new_line(sku="CUP")
    place(shop, "1002", cup, payments=(a_payment(1000, **PAID),), customer=first.customer, ship_to=first.ship_to)
    run(shop, merge_orders, MergeOrders(("shop/1001", "shop/1002"), "one parcel"))

    it = shown(shop, "shop/1001")
    assert (it["total"], it["paid"], it["payment_status"]) == ("20.00", "20.00", "paid")
    assert shown(shop, "shop/1002")["payment_status"] == "paid"
    run(shop, refund_order, RefundOrder("shop/1001", "15.00", "a scratch"))
    assert shown(shop, "shop/1001")["paid"] == "5.00"
    sound(shop)


def test_cash_of_a_split_order_is_taken_door_by_door(shop):
    cash = a_payment(3000, method="cash_on_delivery")
    place(shop, "1001", a_new_line(quantity=3), payments=(cash,), payment_terms="cash_on_delivery")
    child = run(shop, split_order, SplitOrder("shop/1001", (LineUnits("1", 1),), "two parcels"))["child"]["order"]

    run(shop, allocate_order, AllocateOrder(child))
    send(shop)
    assert shown(shop, "shop/1001")["paid"] == "10.00"
    run(shop, allocate_order, AllocateOrder("shop/1001"))
    send(shop)

    assert (shown(shop, child)["paid"], shown(shop, child)["payment_status"]) == ("30.00", "paid")
    sound(shop)


def test_an_order_on_cash_terms_needs_no_promise_beforehand(shop):
    place(shop, "1001", a_new_line(quantity=3), payment_terms="cash_on_delivery")
    run(shop, allocate_order, AllocateOrder("shop/1001"))
    send(shop)

    it = shown(shop, "shop/1001")
    assert (it["paid"], it["payment_status"]) == ("30.00", "paid")
    assert [event["event"] for event in it["events"]] == ["authorize", "capture"]
    sound(shop)


def test_an_order_that_waited_for_its_payment_is_confirmed_by_a_rule_when_it_comes(shop):
    waiting = place(shop, "1001", payment_terms="prepaid")
    assert waiting["status"] == "pending"

    run(shop, record_payment, RecordPayment("shop/1001", "capture", "alipay", "4.00", "alipay", "T1"))
    assert rows_of(shop, "select lifecycle from sales_order") == [("pending",)]
    run(shop, record_payment, RecordPayment("shop/1001", "capture", "alipay", "6.00", "alipay", "T2"))

    assert rows_of(shop, "select lifecycle from sales_order") == [("confirmed",)]
    sound(shop)


def test_an_order_on_account_is_not_paid_at_the_door(shop):
    place(shop, "1001", a_new_line(quantity=3))
    run(shop, allocate_order, AllocateOrder("shop/1001"))
    send(shop)

    assert shown(shop, "shop/1001")["paid"] == "0.00"


def test_the_parts_of_a_bundle_come_back_at_their_share_of_its_price(shop):
    run(shop, define_sku, DefineSku("SET", components=(Component("MUG", 2), Component("CUP", 1))))
    stock_up(shop, "CUP", 5)
    bundle = a_new_line(sku="SET", quantity=1, price=2500)
    place(shop, "1001", bundle, payments=(a_payment(2500, **PAID),))
    run(shop, allocate_order, AllocateOrder("shop/1001"))
    send(shop)
    keys = dict(rows_of(shop, "select sku, line_key from order_line where not is_bundle"))

    lines = (ReturnLine(keys["MUG"], 1, "faulty.broken"), ReturnLine(keys["CUP"], 1, "faulty.broken"))
    number = run(shop, request_return, RequestReturn("shop/1001", lines))["return"]
    run(shop, approve_return, ApproveReturn(number))
    came = (ReceivedLine(keys["MUG"], 1), ReceivedLine(keys["CUP"], 1))
    back = run(shop, receive_return, ReceiveReturn(number, "MAIN", came))

    # 25.00 for three articles of 10.00 each: 16.67 for the mugs, 8.33 for the cup; one mug of two is 8.34
    assert [line["proposed_refund"] for line in back["lines"]] == ["8.34", "8.33"]
    assert rows_of(shop, "select line_amount from return_line order by return_line_id") == [(834,), (833,)]
    sound(shop)
