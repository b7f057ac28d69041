"""Auto-confirm: the first rule that fits decides; rules that make no sense are named."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from oms_core.domain.auto_confirm import Action, Decision, Subject, decide, is_touchless, parse_rules
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.money import Exact
from oms_core.domain.orders import HoldKind

SHIPPED = Path("oms_core/policies/auto_confirm.yml")
PAID = Subject(
    account="shop",
    channel="web",
    currency="EUR",
    total=Exact(4990, 2),
    payment_status="paid",
    payment_terms="prepaid",
    payment_methods=frozenset({"card"}),
    delivery_method="standard",
    country="DE",
    units=3,
    lines=2,
    skus=frozenset({"MUG", "CUP"}),
    customer_is_known=True,
)


def test_the_first_rule_that_fits_decides_and_is_named():
    rules = parse_rules(
        {
            "rules": [
                {"id": "abroad", "when": {"country": ["FR", "IT"]}, "then": "leave"},
                {"id": "mugs", "when": {"any_sku": "MUG", "units_at_least": 3}, "then": "hold:manual"},
                {"id": "all", "then": "confirm"},
            ]
        }
    )

    assert decide(rules, replace(PAID, country="FR")) == Decision(Action.LEAVE, None, "abroad")
    assert decide(rules, PAID) == Decision(Action.HOLD, HoldKind.MANUAL, "mugs")
    assert decide(rules, replace(PAID, units=2)) == Decision(Action.CONFIRM, None, "all")


def test_no_rule_means_that_a_person_looks():
    assert decide(parse_rules({"rules": []}), PAID) == Decision(Action.LEAVE, None, None)


@pytest.mark.parametrize(
    ("condition", "value", "fits"),
    [
        ("account", "shop", True),
        ("account", ["market"], False),
        ("channel", ["web", "pos"], True),
        ("currency", "USD", False),
        ("country", "DE", True),
        ("payment_status", ["paid", "authorized"], True),
        ("payment_terms", "prepaid", True),
        ("payment_terms", "on_account", False),
        ("payment_method", ["card", "paypal"], True),
        ("payment_method", "alipay", False),
        ("delivery_method", "standard", True),
        ("total_at_most", {"EUR": "49.90"}, True),
        ("total_at_most", {"EUR": "49.89"}, False),
        ("total_at_most", {"USD": 1000}, False),
        ("total_at_least", {"EUR": "49.900"}, True),
        ("total_at_least", {"EUR": 50}, False),
        ("units_at_most", 3, True),
        ("units_at_most", 2, False),
        ("units_at_least", 4, False),
        ("lines_at_most", 2, True),
        ("lines_at_least", 2, True),
        ("priority_at_least", 1, False),
        ("any_sku", ["PIN", "CUP"], True),
        ("any_sku", "PIN", False),
        ("customer_is_known", True, True),
        ("customer_is_known", False, False),
    ],
)
def test_each_condition_asks_one_thing(condition, value, fits):
    rules = parse_rules({"rules": [{"id": "one", "when": {condition: value}, "then": "confirm"}]})

    assert (decide(rules, PAID).action is Action.CONFIRM) is fits


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"id": "r1", "when": {"colour": "red"}, "then": "confirm"}, "rule r1 asks for 'colour'"),
        ({"id": "r1", "when": {"units_at_most": "3"}, "then": "confirm"}, "rule r1 units_at_most needs a whole number"),
        ({"id": "r1", "when": {"total_at_most": {"EUR": 1.5}}, "then": "confirm"}, "rule r1 total_at_most needs"),
        ({"id": "r1", "when": {"total_at_most": {"EUR": "1,5"}}, "then": "confirm"}, "rule r1 total_at_most needs"),
        ({"id": "r1", "when": {"total_at_most": 5}, "then": "confirm"}, "rule r1 total_at_most needs an amount"),
        ({"id": "r1", "when": {"account": []}, "then": "confirm"}, "rule r1 account needs a word"),
        ({"id": "r1", "when": {"customer_is_known": "yes"}, "then": "confirm"}, "rule r1 customer_is_known needs"),
        ({"id": "r1", "when": {}, "then": "approve"}, "rule r1 needs then"),
        ({"id": "r1", "when": {}, "then": "hold:mood"}, "rule r1 needs then"),
        ({"id": "r1", "when": {}, "then": True}, "rule r1 needs then"),
        ({"id": "r1", "if": {}, "then": "confirm"}, "rule r1 has an unknown entry 'if'"),
        ({"id": "r1", "when": ["paid"], "then": "confirm"}, "rule r1 needs its conditions"),
        ({"when": {}, "then": "confirm"}, "rule number 1 needs an id"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_name(rule, said):
    with pytest.raises(InvalidRequestError) as refusal:
        parse_rules({"rules": [rule]})

    assert refusal.value.code == "POLICY_INVALID"
    assert said in refusal.value.reason


@pytest.mark.parametrize("document", [{}, {"rules": {}}, {"rules": [], "more": 1}])
def test_a_document_that_is_no_list_of_rules_is_refused(document):
    with pytest.raises(InvalidRequestError, match="one list called rules"):
        parse_rules(document)


def test_an_id_names_one_rule():
    rule = {"id": "r1", "then": "confirm"}

    with pytest.raises(InvalidRequestError, match="stands twice"):
        parse_rules({"rules": [rule, rule]})


def test_the_shipped_rules_confirm_what_is_paid_or_paid_later_and_leave_the_rest():
    rules = parse_rules(yaml.safe_load(SHIPPED.read_text(encoding="utf-8")))
    on_delivery = replace(PAID, payment_status="unpaid", payment_terms="cash_on_delivery")

    assert decide(rules, PAID).rule_id == "paid"
    assert decide(rules, replace(PAID, payment_status="unpaid")).action is Action.LEAVE
    assert decide(rules, replace(PAID, total=Exact(2000, 0))) == Decision(Action.LEAVE, None, "large_total")
    assert decide(rules, on_delivery).rule_id == "cash_on_delivery"
    stranger = replace(on_delivery, customer_is_known=False, total=Exact(20000, 2))
    assert decide(rules, stranger) == Decision(Action.LEAVE, None, "cash_on_delivery_new_buyer")


def test_touchless_is_an_order_without_a_person_in_its_events():
    assert is_touchless(["feed_service", "feed_service"])
    assert not is_touchless(["feed_service", "support"])
