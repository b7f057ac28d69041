"""Purchasing: suppliers, prices, purchase orders with four eyes, receipts with too many, too few, damaged units."""

import pytest

from oms_core.domain.instants import DAY
from oms_core.services.purchase_documents import purchase_order_document, purchase_orders
from oms_core.services.purchase_orders import (
    DraftPurchaseOrder,
    ExpectPurchaseOrder,
    OrderedLine,
    PurchaseOrderStep,
    approve_purchase_order,
    cancel_purchase_order,
    close_purchase_order,
    draft_purchase_order,
    expect_purchase_order,
    send_purchase_order,
)
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.suppliers import DefineSupplier, SetSupplierPrice, define_supplier, set_supplier_price
from oms_core.storage.engine import reading
from oms_core.storage.purchase_store import expected_supply
from tests.builders import NOW, contents, facts_of, march, rows_of
from tests.stock_cases import (
    CLERK,
    FINANCE,
    LEAD,
    PLANNER,
    YARD_CLERK,
    a_call,
    do,
    on_hand,
    open_company,
    refused,
    with_lots,
)


@pytest.fixture
def company(core, core_settings):
    """A supplier of mugs: 1.80 each, 12 or more, in packs of 6, ten days."""
    open_company(core, core_settings)
    do(
        core,
        define_supplier,
        DefineSupplier("POTTER", "Potter & Son", currency="EUR", lead_time_days=14, late_days_p90=3),
    )
    price = SetSupplierPrice("POTTER", "MUG", "1.80", "EUR", march(1), 12, 6, lead_time_days=10)
    do(core, set_supplier_price, price, by=PLANNER)
    return core


def drafted(core, *lines, number="PO-1", by=PLANNER):
    order = DraftPurchaseOrder("POTTER", "MAIN", lines or (OrderedLine("MUG", 12),), number)
    return do(core, draft_purchase_order, order, by=by)


def sent(core, *lines, number="PO-1"):
    drafted(core, *lines, number=number)
    do(core, approve_purchase_order, PurchaseOrderStep(number), by=FINANCE)
    return do(core, send_purchase_order, PurchaseOrderStep(number), by=PLANNER)


def receive(core, *lines, by=CLERK, **more):
    request = ReceiveGoods("MAIN", lines, **({"purchase_order": "PO-1"} | more))
    return do(core, receive_goods, request, by=by)


def shown(core, number="PO-1"):
    with reading(core) as connection:
        return purchase_order_document(connection, number)


# --- ordering ---------------------------------------------------------------------------------------


def test_a_draft_takes_price_and_date_from_the_supplier(company):
    document = drafted(company)

    assert document["state"] == "draft"
    assert document["currency"] == "EUR"
    (line,) = document["lines"]
    assert (line["unit_price"], line["open"], line["received"]) == ("1.80", 12, 0)
    assert line["expected_at"] == "2026-04-10T12:00:00Z"  # 31 March and ten days


def test_the_planner_drafts_finance_approves_and_the_planner_sends(company):
    sent(company)

    events = rows_of(
        company, "select event, actor from document_event where document_kind = 'purchase_order' order by seq"
    )
    assert events == [("draft", "Petra"), ("approve", "Fin"), ("send", "Petra")]
    assert shown(company)["state"] == "sent"


def test_nobody_approves_his_own_order(company):
    drafted(company, by=LEAD)

    with refused(company, "OWN_REQUEST"):
        do(company, approve_purchase_order, PurchaseOrderStep("PO-1"), by=LEAD)


def test_the_planner_may_not_approve_and_the_clerk_may_not_draft(company):
    drafted(company)

    with refused(company, "NOT_PERMITTED"):
        do(company, approve_purchase_order, PurchaseOrderStep("PO-1"), by=PLANNER)
    with refused(company, "NOT_PERMITTED"):
        drafted(company, number="PO-2", by=CLERK)


def test_an_order_that_was_not_approved_is_not_sent(company):
    drafted(company)

    with refused(company, "EVENT_NOT_ALLOWED"):
        do(company, send_purchase_order, PurchaseOrderStep("PO-1"), by=PLANNER)


@pytest.mark.parametrize(("quantity", "nearest"), [(6, "Order 12"), (13, "Order 18")])
def test_a_quantity_below_the_minimum_or_in_broken_packs_is_refused(company, quantity, nearest):
    with refused(company, "QUANTITY_NOT_ORDERABLE") as caught:
        drafted(company, OrderedLine("MUG", quantity))

    assert nearest in caught.value.remedy


def test_an_article_without_a_price_needs_one(company):
    with refused(company, "PRICE_MISSING"):
        drafted(company, OrderedLine("CUP", 12))

    assert drafted(company, OrderedLine("CUP", 12, "0.4"))["lines"][0]["unit_price"] == "0.4"


def test_a_price_is_not_changed_but_followed_by_another(company):
    with refused(company, "PRICE_KNOWN"):
        do(company, set_supplier_price, SetSupplierPrice("POTTER", "MUG", "1.90", "EUR", march(1), 12, 6))
    do(company, set_supplier_price, SetSupplierPrice("POTTER", "MUG", "1.90", "EUR", march(20)))

    assert drafted(company, OrderedLine("MUG", 1))["lines"][0]["unit_price"] == "1.90"


def test_a_number_is_used_once(company):
    drafted(company)

    with refused(company, "NUMBER_TAKEN"):
        drafted(company)


def test_a_later_date_is_recorded_and_the_earlier_one_kept(company):
    sent(company)

    slip = ExpectPurchaseOrder("PO-1", NOW + 20 * DAY, "kiln broke")
    document = do(company, expect_purchase_order, slip, by=PLANNER)

    assert document["lines"][0]["expected_at"] == "2026-04-20T12:00:00Z"
    assert [(it["expected_at"], it["reason"]) for it in document["expectations"]] == [
        ("2026-04-10T12:00:00Z", "ordered"),
        ("2026-04-20T12:00:00Z", "kiln broke"),
    ]


def test_expected_supply_is_what_sent_orders_still_bring(company):
    drafted(company, number="PO-9")
    sent(company, OrderedLine("MUG", 24), number="PO-2")
    sent(company)
    receive(company, ReceivedLine("MUG", 4))

    with reading(company) as connection:
        found = expected_supply(connection, ["MUG", "CUP"])

    assert sorted((it.number, it.location, it.quantity, it.expected_at, it.late_days_p90) for it in found) == [
        ("PO-1", "MAIN", 8, NOW + 10 * DAY, 3),
        ("PO-2", "MAIN", 24, NOW + 10 * DAY, 3),
    ]


# --- receiving --------------------------------------------------------------------------------------


def test_goods_come_in_parts_until_the_order_is_received_and_closed(company):
    sent(company)

    first = receive(company, ReceivedLine("MUG", 5), number="D-1")
    assert (first["purchase_order_state"], on_hand(company)) == ("partly_received", 15)

    second = receive(company, ReceivedLine("MUG", 7), number="D-2")
    assert (second["purchase_order_state"], on_hand(company)) == ("received", 22)

    assert do(company, close_purchase_order, PurchaseOrderStep("PO-1"), by=PLANNER)["state"] == "closed"
    facts_of(company)


def test_a_receipt_carries_the_cost_of_the_order(company):
    sent(company)
    receive(company, ReceivedLine("MUG", 12), number="D-1")

    movement = "select quantity, unit_cost, cost_scale, currency, document_ref from stock_movement where document_kind"
    assert rows_of(company, f"{movement} = 'receipt'") == [(12, 180, 2, "EUR", "D-1")]


def test_damaged_goods_come_in_apart(company):
    sent(company)

    document = receive(company, ReceivedLine("MUG", 12, damaged=2))

    assert (document["received"], document["damaged"], document["over"]) == (12, 2, 0)
    assert on_hand(company) == 20
    assert on_hand(company, condition="damaged") == 2
    assert (shown(company)["lines"][0]["received"], shown(company)["lines"][0]["rejected"]) == (12, 2)


def test_units_fill_the_lines_of_their_article_one_after_another(company):
    sent(company, OrderedLine("MUG", 12), OrderedLine("MUG", 18, "1.70"))

    document = receive(company, ReceivedLine("MUG", 20, damaged=13), number="D-1")

    assert [(it["quantity"], it["damaged"], it["over"]) for it in document["lines"]] == [(12, 12, 0), (8, 1, 0)]
    assert [(it["received"], it["open"]) for it in shown(company)["lines"]] == [(12, 0), (8, 10)]
    cost = "select condition, quantity, unit_cost from stock_movement where document_kind = 'receipt' order by 1, 3"
    assert rows_of(company, cost) == [("damaged", 1, 170), ("damaged", 12, 180), ("sellable", 7, 170)]


def test_a_line_of_the_order_can_be_named(company):
    sent(company, OrderedLine("MUG", 12), OrderedLine("MUG", 18, "1.70"))

    receive(company, ReceivedLine("MUG", 5, line="2"))

    assert [it["received"] for it in shown(company)["lines"]] == [0, 5]
    with refused(company, "LINE_UNKNOWN"):
        receive(company, ReceivedLine("MUG", 5, line="3"))


def test_more_than_ordered_is_refused_beyond_the_tolerance(company):
    sent(company)

    with refused(company, "OVER_RECEIPT"):
        receive(company, ReceivedLine("MUG", 13))
    with refused(company, "OVER_RECEIPT"):  # a clerk cannot accept it alone
        receive(company, ReceivedLine("MUG", 13), accept_over=True)

    document = receive(company, ReceivedLine("MUG", 13), by=LEAD, accept_over=True)
    assert (document["over"], document["purchase_order_state"], on_hand(company)) == (1, "received", 23)


def test_one_in_twenty_more_is_taken_in_without_asking(company):
    sent(company, OrderedLine("MUG", 120))

    assert receive(company, ReceivedLine("MUG", 126))["over"] == 6


def test_one_delivery_is_received_once(company):
    sent(company)
    receive(company, ReceivedLine("MUG", 5), number="D-1")

    with refused(company, "RECEIPT_KNOWN"):
        receive(company, ReceivedLine("MUG", 5), number="D-1")


def test_a_repeated_key_answers_the_same_and_changes_nothing(company):
    sent(company)
    call = a_call(CLERK)
    request = ReceiveGoods("MAIN", (ReceivedLine("MUG", 5),), "PO-1")
    first = receive_goods(company, request, call)
    before = contents(company)

    second = receive_goods(company, request, call)

    assert second.repeated
    assert second.document == first.document
    assert contents(company) == before


def test_a_clerk_receives_at_his_own_site_only(company):
    sent(company)

    with refused(company, "NOT_PERMITTED"):
        receive(company, ReceivedLine("MUG", 5), by=YARD_CLERK)


def test_goods_for_one_place_are_not_received_at_another(company):
    sent(company)

    with refused(company, "OTHER_LOCATION"):
        do(company, receive_goods, ReceiveGoods("YARD", (ReceivedLine("MUG", 5),), "PO-1"))


def test_goods_do_not_come_against_an_order_that_was_not_sent(company):
    drafted(company)

    with refused(company, "PURCHASE_ORDER_NOT_OPEN"):
        receive(company, ReceivedLine("MUG", 5))


def test_what_was_not_ordered_is_received_without_the_order(company):
    sent(company)

    with refused(company, "LINE_UNKNOWN"):
        receive(company, ReceivedLine("CUP", 5))

    document = receive(company, ReceivedLine("CUP", 5, unit_cost="0.45", currency="EUR"), purchase_order=None)
    assert document["purchase_order"] is None
    assert on_hand(company, "CUP") == 5


def test_a_late_receipt_is_booked_at_its_own_instant_and_the_future_refused(company):
    sent(company)
    receive(company, ReceivedLine("MUG", 5), number="D-1", at=march(20, 8))

    clocks = rows_of(company, "select occurred_at, recorded_at from stock_movement where document_kind = 'receipt'")
    assert clocks == [(march(20, 8), NOW)]
    with refused(company, "IN_THE_FUTURE"):
        receive(company, ReceivedLine("MUG", 5), at=NOW + 1)


def test_lots_come_with_their_expiry(company):
    with_lots(company)

    with refused(company, "LOT_MISSING"):
        receive(company, ReceivedLine("MILK", 5), purchase_order=None)
    receive(company, ReceivedLine("MILK", 5, lot="L1", expires_at=march(30)), purchase_order=None)
    with refused(company, "LOT_EXPIRY_DIFFERS"):
        receive(company, ReceivedLine("MILK", 5, lot="L1", expires_at=march(31)), purchase_order=None)

    assert rows_of(company, "select sku, lot, on_hand from lot_balance") == [("MILK", "L1", 5)]


def test_a_serial_number_is_in_stock_once(company):
    with_lots(company, "serial", "PHONE")
    receive(company, ReceivedLine("PHONE", 1, lot="SN1"), purchase_order=None)

    with refused(company, "SERIAL_ONE_UNIT"):
        receive(company, ReceivedLine("PHONE", 2, lot="SN2"), purchase_order=None)
    with refused(company, "SERIAL_TAKEN"):
        receive(company, ReceivedLine("PHONE", 1, lot="SN1"), purchase_order=None)


# --- the rest ---------------------------------------------------------------------------------------


def test_an_order_of_which_nothing_came_is_cancelled(company):
    sent(company)

    document = do(company, cancel_purchase_order, PurchaseOrderStep("PO-1", "too dear"), by=PLANNER)

    assert (document["state"], document["lines"][0]["cancelled"], document["lines"][0]["open"]) == ("cancelled", 12, 0)


def test_the_rest_of_a_partly_received_order_is_cancelled_with_a_reason(company):
    sent(company)
    receive(company, ReceivedLine("MUG", 5))

    with refused(company, "REASON_MISSING"):
        do(company, close_purchase_order, PurchaseOrderStep("PO-1"), by=PLANNER)
    document = do(company, cancel_purchase_order, PurchaseOrderStep("PO-1", "out of production"), by=PLANNER)

    (line,) = document["lines"]
    assert (document["state"], line["received"], line["cancelled"], line["open"]) == ("closed", 5, 7, 0)
    facts_of(company)
    with refused(company, "NOTHING_EXPECTED"):
        do(company, expect_purchase_order, ExpectPurchaseOrder("PO-1", NOW + DAY, "late"), by=PLANNER)
    with reading(company) as connection:
        assert [it["number"] for it in purchase_orders(connection, state="closed")] == ["PO-1"]


def test_every_step_leaves_an_audit_row_and_a_message(company):
    sent(company)

    actions = rows_of(
        company, "select action, actor from audit_entry where object_kind = 'purchase_order' order by entry_id"
    )
    topics = rows_of(
        company, "select topic from outbox_message where object_kind = 'purchase_order' order by message_id"
    )
    assert actions == [("purchase.draft", "Petra"), ("purchase.approve", "Fin"), ("purchase.send", "Petra")]
    assert [topic for (topic,) in topics] == [
        "purchase_order.drafted",
        "purchase_order.approved",
        "purchase_order.sent",
    ]
