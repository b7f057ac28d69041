"""Changing placed orders: versions, previews, and what a change may no longer do."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from oms_core.services.change_order import ChangeOrder, change_order, preview_change
from oms_core.services.commands import transact
from oms_core.services.define import Component, DefineSku, define_sku
from oms_core.services.order_units import LineUnits
from oms_core.services.plan_shipments import add_planned
from oms_core.storage.document_events import add_event
from oms_core.storage.orders_found import find_order
from tests.builders import contents, facts_of, rows_of
from tests.order_cases import (
    BERLIN,
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


def change(core, *, version=1, actor=CLERK, run=change_order, **more):
    quantities = tuple(LineUnits(key, units) for key, units in more.pop("quantities", {}).items())
    request = ChangeOrder("shop/1001", version, "buyer called", quantities, **more)
    answer = run(core, request, a_call(actor))
    return answer if isinstance(answer, dict) else answer.document


def plan_shipments(core):
    def work(unit):
        return add_planned(unit, find_order(unit.connection, "shop/1001"))

    return transact(core, a_call(), work)


def test_more_units_cost_what_one_costs_and_make_a_version(shop):
    place(shop, "1001", a_new_line(quantity=2, discount=100, tax_rate=190_000), a_new_line("2", sku="CUP"))

    document = change(shop, quantities={"1": 5})

    # 19.00 + 3.61 tax, and 30.00 + 5.70 tax for three more, and 10.00
    assert (document["total"], document["version"]) == ("68.31", 2)
    assert (document["before"], document["after"]) == ({"quantities": {"1": 2}}, {"quantities": {"1": 5}})
    assert rows_of(shop, "select version, before, after, reason, actor from order_change") == [
        (2, '{"quantities": {"1": 2}}', '{"quantities": {"1": 5}}', "buyer called", "mei")
    ]
    assert lines_of(shop, "shop/1001") == [("1", 5, 0, 0, 0, 0), ("2", 1, 0, 0, 0, 0)]
    facts_of(shop)


def test_fewer_units_are_cancelled_with_their_share_and_give_back_their_stock(shop):
    stock_up(shop, "MUG", 10)
    place(shop, "1001", a_new_line(quantity=3), a_new_line("2", sku="CUP"))
    promise(shop, "shop/1001")

    document = change(shop, quantities={"1": 1, "2": 0})

    assert document["total"] == "10.00"
    assert lines_of(shop, "shop/1001") == [("1", 3, 2, 0, 0, 1), ("2", 1, 1, 0, 0, 0)]
    assert rows_of(shop, "select committed from stock_balance") == [(1,)]


def test_a_line_is_added_and_a_bundle_comes_with_its_components(shop):
    define_sku(shop, DefineSku("SET", components=(Component("MUG", 1), Component("CUP", 4))), a_call())
    place(shop, "1001")

    document = change(shop, added=(a_new_line("2", sku="SET", quantity=2, price=5000),))
    assert (document["total"], document["after"]) == ("110.00", {"added": {"2": ["SET", 2]}})

    change(shop, version=2, quantities={"2": 3})

    assert lines_of(shop, "shop/1001") == [
        ("1", 1, 0, 0, 0, 0),
        ("2", 3, 0, 0, 0, 0),
        ("2.1", 12, 0, 0, 0, 0),
        ("2.2", 3, 0, 0, 0, 0),
    ]
    facts_of(shop)


def test_a_better_address_ends_its_hold_and_a_worse_one_raises_it(shop):
    place(shop, "1001", ship_to=BERLIN._replace(postcode="1"))

    better = change(shop, ship_to=BERLIN)
    worse = change(shop, version=2, ship_to=BERLIN._replace(city=None))

    assert (better["status"], better["confirmed_by"], better["holds"]) == ("confirmed", "on_account@0", [])
    assert worse["holds"] == [{"kind": "address", "reason": "the address lacks city"}]
    assert rows_of(shop, "select street, city from order_personal") == [("Hauptstr. 1", None)]
    told = contents(shop)["order_change"] + contents(shop)["outbox_message"] + contents(shop)["command"]
    assert not [row for row in told if "Hauptstr" in row]


def test_a_paid_order_that_costs_more_is_held_until_it_is_paid(shop):
    place(shop, "1001", payment_terms="prepaid", payments=(a_payment(1000),))

    document = change(shop, quantities={"1": 2})

    assert document["status"] == "on_hold"
    assert [hold["kind"] for hold in document["holds"]] == ["payment"]


def test_a_paid_order_that_costs_less_is_flagged_to_refund(shop):
    paid = a_payment(3000, method="alipay", kind="capture")
    place(shop, "1001", a_new_line(quantity=3), payment_terms="prepaid", payments=(paid,))

    assert change(shop, quantities={"1": 1})["to_refund"] == "20.00"


def test_unusual_quantities_are_held_also_when_they_come_by_a_change(shop):
    place(shop, "1001")

    document = change(shop, quantities={"1": 101})

    assert [hold["kind"] for hold in document["holds"]] == ["quantity_outlier"]


def test_a_preview_answers_like_the_change_and_changes_nothing(shop):
    stock_up(shop, "MUG", 10)
    place(shop, "1001", a_new_line(quantity=3))
    promise(shop, "shop/1001")
    before = contents(shop)

    shown = change(shop, run=preview_change, quantities={"1": 2})

    assert contents(shop) == before
    assert shown.pop("preview") is True
    assert shown == change(shop, quantities={"1": 2})


def test_a_change_for_another_version_is_refused(shop):
    place(shop, "1001", a_new_line(quantity=3))
    change(shop, quantities={"1": 2})
    before = contents(shop)

    with pytest.raises(RuleViolationError) as refusal:
        change(shop, version=1, quantities={"1": 1})

    assert (refusal.value.code, refusal.value.details["version"]) == ("VERSION_STALE", 2)
    assert contents(shop) == before


def test_of_several_clerks_who_change_one_version_at_once_one_wins(shop):
    place(shop, "1001", a_new_line(quantity=9))

    def try_to_change(units):
        try:
            return change(shop, quantities={"1": units})["version"]
        except RuleViolationError as refusal:
            return refusal.code

    with ThreadPoolExecutor(4) as clerks:
        answers = list(clerks.map(try_to_change, [5, 6, 7, 8]))

    assert sorted(map(str, answers)) == ["2", "VERSION_STALE", "VERSION_STALE", "VERSION_STALE"]
    assert len(rows_of(shop, "select version from order_change")) == 1
    facts_of(shop)


def test_planned_shipments_are_called_off_and_released_ones_stop_a_change(shop):
    stock_up(shop, "MUG", 10)
    place(shop, "1001", a_new_line(quantity=3))
    promise(shop, "shop/1001")
    plan_shipments(shop)
    change(shop, quantities={"1": 2})
    assert rows_of(shop, "select state from shipment") == [("cancelled",)]

    plan_shipments(shop)

    def release(unit):
        (row,) = unit.connection.exec_driver_sql("select shipment_id from shipment where state = 'planned'").all()
        add_event(unit.connection, unit.stamp, "shipment", row[0], "release", occurred_at=unit.call.now)

    transact(shop, a_call(), release)
    before = contents(shop)

    with pytest.raises(RuleViolationError) as refusal:
        change(shop, version=2, quantities={"1": 1})

    assert refusal.value.code == "ORDER_IN_PICKING"
    assert contents(shop) == before


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({}, "CHANGE_EMPTY"),
        ({"quantities": {"1": 3}}, "CHANGE_EMPTY"),
        ({"quantities": {"9": 3}}, "LINE_UNKNOWN"),
        ({"quantities": {"1": -1}}, "QUANTITY_INVALID"),
        ({"quantities": {"1": 0}}, "CHANGE_TAKES_ALL"),
        ({"added": (a_new_line("1"),)}, "LINE_TWICE"),
        ({"added": (a_new_line("2", sku="PIN"),)}, "SKU_UNKNOWN"),
        ({"added": (a_new_line("2", quantity=0),)}, "ORDER_INVALID"),
        ({"delivery_method": "pigeon"}, "METHOD_UNKNOWN"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_nothing_changes(shop, wish, code):
    place(shop, "1001", a_new_line(quantity=3))
    before = contents(shop)

    with pytest.raises(OmsError) as refusal:
        change(shop, **wish)

    assert refusal.value.code == code
    assert contents(shop) == before


def test_shipped_units_stay_and_ended_orders_do_not_change(shop):
    place(shop, "1001", a_new_line(quantity=3))
    ship(shop, "shop/1001", deliver=True, _1=2)

    with pytest.raises(RuleViolationError, match="LINE_NOT_OPEN"):
        change(shop, quantities={"1": 1})
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        change(shop, actor=VIEWER, quantities={"1": 4})
    assert change(shop, quantities={"1": 2})["status"] == "closed"
    with pytest.raises(RuleViolationError, match="ORDER_ENDED"):
        change(shop, version=2, quantities={"1": 4})


def test_a_line_whose_price_the_source_does_not_say_cannot_grow(shop):
    place(shop, "1001", a_new_line(quantity=2, tax=100))

    with pytest.raises(RuleViolationError, match="TAX_UNKNOWN"):
        change(shop, quantities={"1": 3})
    with pytest.raises(InvalidRequestError, match="REASON_MISSING"):
        change_order(shop, ChangeOrder("shop/1001", 1, " ", (LineUnits("1", 1),)), a_call(CLERK))
