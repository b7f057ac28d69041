"""Placing orders: checked, deduplicated, priced, held, confirmed by a rule; one bad order of a batch stops no other."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from oms_core.domain.order_requests import NewCharge
from oms_core.domain.permissions import Actor, Role
from oms_core.services.commands import request_sha256
from oms_core.services.define import Component, DefineAccount, DefineSku, define_account, define_sku
from oms_core.services.exchange_rates import SetRate, set_rate
from oms_core.services.place_orders import Placement, content_sha256, place_order, place_orders
from oms_core.services.policies import SetPolicy, set_policy
from oms_core.settings import Settings
from tests.builders import NOW, contents, facts_of, march, ready_core, rows_of
from tests.order_cases import (
    BERLIN,
    CLERK,
    FEED,
    LEAD,
    VIEWER,
    a_call,
    a_new_line,
    a_payment,
    open_shop,
    place,
    to_place,
)

BERTA = Actor("berta", Role.ADMIN)
FIONA = Actor("fiona", Role.FINANCE)


@pytest.fixture
def shop(core):
    open_shop(core)
    return core


def test_an_order_that_nothing_is_wrong_with_is_confirmed_by_a_rule_and_says_which(shop):
    document = place(shop, "1001", a_new_line(quantity=3), a_new_line("2", sku="CUP", price=990))

    assert document == {
        "order": "shop/1001",
        "order_id": document["order_id"],
        "status": "confirmed",
        "total": "39.90",
        "currency": "EUR",
        "confirmed_by": "on_account@0",
        "holds": [],
        "version": 1,
    }
    assert rows_of(shop, "select line_key, sku, quantity, unit_price, line_amount, tax_amount from order_line") == [
        ("1", "MUG", 3, 1000, 3000, None),
        ("2", "CUP", 1, 990, 990, None),
    ]
    assert rows_of(shop, "select seq, event, from_state, to_state, reason from order_event order by seq") == [
        (1, "place", "none", "pending", None),
        (2, "confirm", "pending", "confirmed", "on_account@0"),
    ]
    assert rows_of(shop, "select milestone from order_milestone") == [("approved",)]
    assert rows_of(shop, "select lifecycle, total_amount, ship_postcode, country from sales_order") == [
        ("confirmed", 3990, "101", "DE")
    ]
    facts_of(shop)


def test_person_and_address_are_kept_apart_from_the_order_and_its_messages(shop):
    place(shop, "1001", note="Ring twice")

    assert rows_of(shop, "select name, street, postcode, note from order_personal") == [
        ("Ada Byron", "Hauptstr. 1001", "10115", "Ring twice")
    ]
    everywhere = contents(shop)
    apart = {"order_personal", "customer_personal"}
    told = [row for name, rows in everywhere.items() if name not in apart for row in rows]
    assert not [row for row in told if "Ada" in row or "Hauptstr" in row or "ada@" in row or "Ring" in row]


def test_every_order_leaves_a_command_an_audit_entry_and_a_message(shop):
    place_order(shop, to_place("1001"), a_call(FEED, key="K-1"))

    assert rows_of(shop, "select use_case, actor, role from command where command_key = 'K-1'") == [
        ("order.place", "web shop", "feed_service")
    ]
    assert rows_of(shop, "select action, object_ref from audit_entry where command_key = 'K-1'") == [
        ("order.place", "shop/1001")
    ]
    assert rows_of(shop, "select topic, object_ref from outbox_message where object_kind = 'order'") == [
        ("order.placed", "shop/1001")
    ]


def test_tax_and_discounts_come_out_to_the_cent_with_and_without_tax_in_the_prices(shop):
    lines = [a_new_line("1", quantity=3, price=1000, tax_rate=190_000), a_new_line("2", sku="CUP", tax_rate=70_000)]
    charges = (NewCharge("discount", 1000, "TEN"), NewCharge("shipping", 490))

    without = place(shop, "1001", *lines, charges=charges)
    inside = place(shop, "1002", *lines, charges=charges, prices_include_tax=True)

    # 10.00 off 40.00: 7.50 and 2.50. 22.50 + 4.28 (4.275) tax, 7.50 + 0.53 (0.525) tax, 4.90 shipping
    assert without["total"] == "39.71"
    # 22.50 holds 3.59 tax, 7.50 holds 0.49
    assert inside["total"] == "34.90"
    assert rows_of(shop, "select line_amount, discount_amount, tax_amount from order_line order by line_id") == [
        (2250, 750, 428),
        (750, 250, 53),
        (1891, 750, 359),
        (701, 250, 49),
    ]
    assert rows_of(shop, "select amount from order_adjustment_share order by adjustment_id, line_id") == [
        (750,),
        (250,),
        (750,),
        (250,),
    ]
    facts_of(shop)


def test_a_source_total_that_differs_is_told_and_not_repaired(shop):
    document = place(shop, "1001", source_total=1001)

    assert (document["total"], document["source_total"]) == ("10.00", "10.01")
    assert rows_of(shop, "select total_amount, source_total from sales_order") == [(1000, 1001)]


def test_a_bundle_becomes_lines_of_its_components_that_cost_nothing(shop):
    parts = (Component("MUG", 1), Component("CUP", 2))
    define_sku(shop, DefineSku("SET", components=parts), a_call())

    place(shop, "1001", a_new_line("7", sku="SET", quantity=3, price=2500, tax_rate=190_000))

    assert rows_of(
        shop,
        "select line_key, sku, quantity, line_amount, tax_amount, is_bundle, parent_line_id is null from order_line"
        " order by line_id",
    ) == [
        ("7", "SET", 3, 7500, 1425, True, True),
        ("7.1", "CUP", 6, 0, 0, False, False),
        ("7.2", "MUG", 3, 0, 0, False, False),
    ]
    assert rows_of(shop, "select total_amount from sales_order") == [(8925,)]


def test_a_paid_order_is_confirmed_and_an_unpaid_one_waits(shop):
    paid = place(shop, "1001", payment_terms="prepaid", payments=(a_payment(1000),))
    captured = place(
        shop, "1002", payment_terms="prepaid", payments=(a_payment(1000, method="alipay", kind="capture"),)
    )
    unpaid = place(shop, "1003", payment_terms="prepaid")

    assert (paid["status"], paid["confirmed_by"]) == ("confirmed", "paid@0")
    assert (captured["status"], captured["confirmed_by"]) == ("confirmed", "paid@0")
    assert (unpaid["status"], unpaid["confirmed_by"]) == ("pending", None)
    assert rows_of(
        shop, "select method, external_id, authorized_amount, captured_amount from payment order by payment_id"
    ) == [("card", "1001/card", 1000, 0), ("alipay", "1002/alipay", 0, 1000)]
    facts_of(shop)


def test_a_rule_never_confirms_what_is_not_paid(shop):
    rules = "rules: [{id: everything, then: confirm}]"
    set_policy(shop, SetPolicy("auto_confirm", rules, "test"), a_call(BERTA))

    assert place(shop, "1001", payment_terms="prepaid")["status"] == "pending"
    assert place(shop, "1002", payment_terms="cash_on_delivery")["confirmed_by"] == "everything@1"


@pytest.mark.parametrize(
    ("changes", "kind", "reason"),
    [
        ({"ship_to": None}, "address", "there is no address to deliver to"),
        ({"ship_to": BERLIN._replace(postcode="1")}, "address", "the postcode does not have the form of DE"),
        ({"lines": (a_new_line(price=100),)}, "price_outlier", "MUG at 1.00 (list price 10.00)"),
        (
            {"lines": (a_new_line(quantity=101),)},
            "quantity_outlier",
            "101 of MUG (usual: up to 100)",
        ),
        (
            {"payment_terms": "prepaid", "payments": (a_payment(400),)},
            "payment",
            "the payments cover less than the order costs",
        ),
    ],
)
def test_what_a_person_must_look_at_is_held_with_its_reason(shop, changes, kind, reason):
    document = place(shop, "1001", **changes)

    assert (document["status"], document["confirmed_by"]) == ("on_hold", None)
    assert document["holds"] == [{"kind": kind, "reason": reason}]
    assert rows_of(shop, "select kind, reason, rule, actor from order_hold") == [(kind, reason, "holds@0", "web shop")]
    assert rows_of(shop, "select event, reason from order_event order by seq") == [("place", None), ("hold", kind)]


def test_a_pick_up_needs_no_address(shop):
    assert place(shop, "1001", ship_to=None, delivery_method="pick_up")["status"] == "confirmed"


def test_a_buyer_on_the_blocklist_is_held(shop):
    policy = "blocklist: {customers: [C-1001]}"
    set_policy(shop, SetPolicy("holds", policy, "test"), a_call(BERTA))

    assert place(shop, "1001")["holds"] == [{"kind": "blocklist", "reason": "on the blocklist: customer"}]
    assert rows_of(shop, "select rule from order_hold") == [("holds@1",)]


@pytest.mark.parametrize(
    ("kind", "document"),
    [
        ("auto_confirm", "rules: [{id: r1, when: {colour: red}, then: confirm}]"),
        ("auto_confirm", "rules: [{id: r1, then: perhaps}]"),
        ("holds", "quantity_outlier: {units_per_line: many}"),
    ],
)
def test_a_policy_that_makes_no_sense_does_not_count(sqlite_core, kind, document):
    open_shop(sqlite_core)

    with pytest.raises(InvalidRequestError, match="POLICY_INVALID"):
        set_policy(sqlite_core, SetPolicy(kind, document, "test"), a_call(BERTA))

    assert place(sqlite_core, "1001")["confirmed_by"] == "on_account@0"


def test_a_rule_can_hold_an_order(shop):
    rules = "rules: [{id: mugs, when: {any_sku: MUG}, then: 'hold:manual'}]"
    set_policy(shop, SetPolicy("auto_confirm", rules, "test"), a_call(BERTA))

    assert place(shop, "1001")["holds"] == [{"kind": "manual", "reason": "rule mugs asks for it"}]
    assert rows_of(shop, "select rule from order_hold") == [("mugs@1",)]


def test_the_same_goods_for_the_same_buyer_or_address_under_another_number_are_held(shop):
    first = to_place("1001")
    by_buyer = replace(to_place("1002"), customer=first.customer, placed_at=march(3, 11))
    by_address = replace(to_place("1003"), ship_to=first.ship_to)
    other_goods = replace(to_place("1004", a_new_line(quantity=2)), customer=first.customer)
    much_later = replace(to_place("1005"), customer=first.customer, placed_at=march(5))

    documents = [
        place_order(shop, request, a_call(FEED)).document
        for request in (first, by_buyer, by_address, other_goods, much_later)
    ]

    assert [it["status"] for it in documents] == ["confirmed", "on_hold", "on_hold", "confirmed", "confirmed"]
    reason = "same goods, amount and buyer or address as shop/1001"
    assert documents[1]["holds"] == documents[2]["holds"] == [{"kind": "look_alike", "reason": reason}]


def test_a_repeated_key_answers_with_the_first_result_and_changes_nothing(shop):
    request, call = to_place("1001"), a_call(FEED)
    first = place_order(shop, request, call)
    before = contents(shop)

    again = place_order(shop, request, call)

    assert (again.document, again.repeated) == (first.document, True)
    assert contents(shop) == before
    with pytest.raises(InvalidRequestError, match="KEY_REUSED"):
        place_order(shop, to_place("1002"), call)
    assert contents(shop) == before


def test_a_retry_under_a_new_key_answers_with_the_same_order(shop):
    first = place(shop, "1001")

    again = place(shop, "1001")

    assert again == first
    assert rows_of(shop, "select count(*) from sales_order") == [(1,)]
    assert rows_of(shop, "select count(*) from outbox_message where object_kind = 'order'") == [(1,)]


def test_the_same_number_with_other_content_is_refused(shop):
    place(shop, "1001")
    before = contents(shop)

    with pytest.raises(RuleViolationError) as refusal:
        place(shop, "1001", a_new_line(quantity=2))

    assert (refusal.value.code, refusal.value.details) == ("ORDER_NUMBER_TAKEN", {"order": "shop/1001"})
    assert contents(shop) == before


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"account": "nobody"}, "ACCOUNT_UNKNOWN"),
        ({"account": ""}, "ORDER_INVALID"),
        ({"number": ""}, "ORDER_INVALID"),
        ({"number": "10/01"}, "ORDER_INVALID"),
        ({"currency": "euro"}, "ORDER_INVALID"),
        ({"money_scale": 7}, "ORDER_INVALID"),
        ({"payment_terms": "later"}, "ORDER_INVALID"),
        ({"placed_at": NOW + 86_400_000_001}, "ORDER_INVALID"),
        ({"placed_at": 0}, "ORDER_INVALID"),
        ({"relation": "exchange"}, "ORDER_INVALID"),
        ({"relation": "split", "parent_order_id": 1}, "ORDER_INVALID"),
        ({"lines": ()}, "ORDER_INVALID"),
        ({"lines": (a_new_line(), a_new_line())}, "ORDER_INVALID"),
        ({"lines": (a_new_line(quantity=0),)}, "ORDER_INVALID"),
        ({"lines": (a_new_line(price=-1),)}, "ORDER_INVALID"),
        ({"lines": (a_new_line(sku=None),)}, "ORDER_INVALID"),
        ({"lines": (a_new_line(line_kind="write_off"),)}, "ORDER_INVALID"),
        ({"lines": (a_new_line("1.1"),)}, "ORDER_INVALID"),
        ({"lines": (a_new_line(tax=-1),)}, "ORDER_INVALID"),
        ({"lines": (a_new_line(tax_rate=-1),)}, "TAX_RATE_INVALID"),
        ({"lines": (a_new_line(discount=1001),)}, "DISCOUNT_TOO_LARGE"),
        ({"lines": (a_new_line(sku="PIN"),)}, "SKU_UNKNOWN"),
        ({"delivery_method": "pigeon"}, "METHOD_UNKNOWN"),
        ({"charges": (NewCharge("gift", 1),)}, "ORDER_INVALID"),
        ({"charges": (NewCharge("discount", -1),)}, "ORDER_INVALID"),
        ({"charges": (NewCharge("discount", 1001),)}, "DISCOUNT_TOO_LARGE"),
        ({"payments": (a_payment(method="shells"),)}, "ORDER_INVALID"),
        ({"payments": (a_payment(method="gift_card", kind="capture"),)}, "ORDER_INVALID"),
        ({"payments": (a_payment(kind="refund"),)}, "ORDER_INVALID"),
        ({"payments": (a_payment(0),)}, "ORDER_INVALID"),
        ({"payments": (a_payment(provider_ref="4111 1111 1111 1111"),)}, "CARD_DATA_REFUSED"),
        ({"payments": (a_payment(provider_ref="r"), a_payment(provider_ref="r"))}, "PAYMENT_REFERENCE_TAKEN"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused_and_nothing_changes(module_shop, changes, code):
    before = contents(module_shop)

    with pytest.raises(OmsError) as refusal:
        place_order(module_shop, replace(to_place(), **changes), a_call(FEED))

    assert refusal.value.code == code
    assert contents(module_shop) == before


@pytest.fixture(scope="module")
def module_shop(module_core):
    open_shop(module_core)
    return module_core


def test_a_payment_pays_one_order(shop):
    paid = a_payment(1000)
    place(shop, "1001", payments=(paid,))

    with pytest.raises(RuleViolationError, match="PAYMENT_REFERENCE_TAKEN"):
        place(shop, "1002", payments=(paid,))


def test_one_bad_order_of_a_batch_is_answered_and_stops_no_other(shop):
    batch = [
        Placement("k1", to_place("1001")),
        Placement("k2", to_place("1002", a_new_line(sku="PIN"))),
        Placement("k3", to_place("1003", a_new_line(quantity=0))),
        Placement("k4", to_place("1004")),
        Placement("k1", to_place("1001")),
        Placement("k4", to_place("1005")),
        Placement("k6", to_place("1001")),
        Placement("k7", to_place("1004", a_new_line(quantity=2))),
        Placement("k8", replace(to_place("1006"), ship_to=to_place("1001").ship_to)),
    ]

    answers = place_orders(shop, batch, FEED, NOW)

    told = [
        (it.key, it.error.code if it.error else it.document["order"] + " " + it.document["status"], it.repeated)
        for it in answers
    ]
    assert told == [
        ("k1", "shop/1001 confirmed", False),
        ("k2", "SKU_UNKNOWN", False),
        ("k3", "ORDER_INVALID", False),
        ("k4", "shop/1004 confirmed", False),
        ("k1", "shop/1001 confirmed", True),
        ("k4", "KEY_REUSED", False),
        ("k6", "shop/1001 confirmed", True),
        ("k7", "ORDER_NUMBER_TAKEN", False),
        ("k8", "shop/1006 on_hold", False),
    ]
    assert rows_of(shop, "select external_id from sales_order order by order_id") == [("1001",), ("1004",), ("1006",)]
    facts_of(shop)


def test_many_clients_that_send_one_order_at_once_place_it_once(shop):
    def send(at):
        return place_order(shop, to_place("1001"), a_call(FEED, key=f"client-{at}")).document

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(send, range(8)))

    assert all(answer == answers[0] for answer in answers)
    assert rows_of(shop, "select count(*) from sales_order") == [(1,)]
    assert rows_of(shop, "select count(*) from outbox_message where object_kind = 'order'") == [(1,)]
    facts_of(shop)


def test_a_batch_sent_again_changes_nothing(shop):
    batch = [Placement(f"k{at}", to_place(f"{at}")) for at in range(20)]
    first = place_orders(shop, batch, FEED, NOW)
    before = contents(shop)

    again = place_orders(shop, batch, FEED, NOW + 1)

    assert [it.document for it in again] == [it.document for it in first]
    assert all(it.repeated for it in again)
    assert contents(shop) == before


def test_a_key_of_a_batch_is_the_key_of_a_single_order_too(shop):
    place_orders(shop, [Placement("k1", to_place("1001"))], FEED, NOW)

    again = place_order(shop, to_place("1001"), a_call(FEED, key="k1"))

    assert again.repeated
    assert content_sha256(to_place("1001")) == request_sha256(to_place("1001"))


def test_a_batch_has_a_bound_and_every_order_a_key(shop):
    with pytest.raises(InvalidRequestError, match="BATCH_TOO_LARGE"):
        place_orders(shop, [Placement("k", to_place("1"))] * 1001, FEED, NOW)
    with pytest.raises(InvalidRequestError, match="KEY_MISSING"):
        place_orders(shop, [Placement("k", to_place("1")), Placement(" ", to_place("2"))], FEED, NOW)
    assert place_orders(shop, [], FEED, NOW) == []


def test_the_account_says_who_fulfils_and_how_urgent_its_orders_are(shop):
    define_account(shop, DefineAccount("market", "market", "Market", fulfilled_here=False, priority=5), a_call())

    place(shop, "1001")
    place(shop, "1002", account="market")
    place(shop, "1003", account="market", priority=9)

    assert rows_of(shop, "select external_id, fulfilled_here, priority from sales_order order by order_id") == [
        ("1001", True, 0),
        ("1002", False, 5),
        ("1003", False, 9),
    ]


def test_the_rate_to_the_base_currency_is_fixed_when_the_order_is_placed(tmp_path):
    with ready_core(Settings.at(tmp_path / "home"), currency="USD") as core:
        open_shop(core)
        set_rate(core, SetRate("EUR", "1.10", march(1)), a_call(FIONA))
        set_rate(core, SetRate("EUR", "1.20", march(3)), a_call(FIONA))

        place(core, "1001", payments=(a_payment(1000),))

        assert rows_of(core, "select base_currency, base_rate, base_rate_scale from sales_order") == [("USD", 110, 2)]
        assert rows_of(core, "select amount, base_amount from payment_event") == [(1000, 1100)]


@pytest.mark.parametrize("actor", [VIEWER, Actor("wim", Role.WAREHOUSE)])
def test_who_may_not_place_orders_is_refused(shop, actor):
    before = contents(shop)

    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        place(shop, "1001", actor=actor)
    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        place_orders(shop, [Placement("k", to_place("1001"))], actor, NOW)

    assert contents(shop) == before


def test_an_actor_of_other_accounts_is_refused(shop):
    confined = replace(CLERK, accounts=frozenset({"market"}))

    with pytest.raises(RuleViolationError, match="NOT_PERMITTED"):
        place(shop, "1001", actor=confined)
    assert place(shop, "1001", actor=LEAD)["status"] == "confirmed"
