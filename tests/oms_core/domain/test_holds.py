"""Holds: the kind × step matrix by hand, the limits as data, and what each check finds."""

import itertools
from pathlib import Path

import pytest
import yaml

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.hold_checks import (
    CheckedLine,
    address_digest,
    address_findings,
    blocklist_findings,
    contact_digest,
    payment_findings,
    price_findings,
    quantity_findings,
)
from oms_core.domain.holds import HoldLimits, Step, blocking, blocks, parse_limits, require_step
from oms_core.domain.money import Exact
from oms_core.domain.order_requests import Address
from oms_core.domain.orders import HoldKind

# confirm, allocate, release, ship
MATRIX = {
    "address": "x.xx",
    "look_alike": "xxxx",
    "price_outlier": "x.xx",
    "quantity_outlier": "xxxx",
    "payment": "x.xx",
    "blocklist": "xxxx",
    "fraud": "xxxx",
    "stock": ".xxx",
    "channel": "xxxx",
    "change": ".xxx",
    "manual": "xxxx",
}
BERLIN = Address(name="Ada Byron", street="Hauptstr. 1", city="Berlin", postcode="10115", country="DE")


def test_every_kind_is_in_the_matrix():
    assert list(MATRIX) == [kind.value for kind in HoldKind]


@pytest.mark.parametrize(("kind", "step"), list(itertools.product(MATRIX, enumerate(Step))))
def test_a_hold_stops_the_steps_of_the_matrix_and_no_other(kind, step):
    position, name = step

    assert blocks(HoldKind(kind), name) is (MATRIX[kind][position] == "x")


def test_a_blocked_step_is_refused_with_the_holds_that_stop_it():
    held = [HoldKind.MANUAL, HoldKind.STOCK]

    with pytest.raises(RuleViolationError) as refusal:
        require_step(held, Step.SHIP, "shop/1001")

    assert refusal.value.code == "ORDER_HELD"
    assert refusal.value.details == {"order": "shop/1001", "step": "ship", "holds": ["stock", "manual"]}


def test_a_step_that_no_hold_stops_is_free():
    require_step([HoldKind.STOCK], Step.CONFIRM, "shop/1001")
    require_step([], Step.SHIP, "shop/1001")

    assert blocking([HoldKind.ADDRESS], Step.ALLOCATE) == []


def test_a_whole_address_raises_nothing():
    assert address_findings(BERLIN, HoldLimits()) == []


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (None, "there is no address to deliver to"),
        (BERLIN._replace(name=None, city="  "), "the address lacks name, city"),
        (BERLIN._replace(postcode="1011"), "the postcode does not have the form of DE"),
        (BERLIN._replace(postcode=None), "the postcode does not have the form of DE"),
    ],
)
def test_an_address_that_cannot_be_right_is_held_without_its_text(address, reason):
    limits = HoldLimits(postcode_patterns={"DE": r"\d{5}"})

    (finding,) = address_findings(address, limits)

    assert (finding.kind, finding.reason) == (HoldKind.ADDRESS, reason)


def test_a_country_without_a_pattern_takes_any_postcode():
    limits = HoldLimits(postcode_patterns={"DE": r"\d{5}"})

    assert address_findings(BERLIN._replace(country="IE", postcode=None), limits) == []


@pytest.mark.parametrize(
    ("cents", "held"), [(499, True), (500, False), (1000, False), (2000, False), (2001, True), (0, True)]
)
def test_a_price_is_held_below_half_and_above_twice_the_list_price(cents, held):
    line = CheckedLine("MUG", 1, Exact(cents, 2), Exact(10, 0))

    assert bool(price_findings([line], HoldLimits())) is held


def test_goods_without_a_list_price_raise_no_price_hold():
    lines = [CheckedLine("MUG", 1, Exact(1, 2), None), CheckedLine("CUP", 1, None, Exact(10, 0))]

    assert price_findings(lines, HoldLimits()) == []


def test_a_price_finding_says_both_prices():
    line = CheckedLine("MUG", 1, Exact(105, 2), Exact(999, 2))

    (finding,) = price_findings([line], HoldLimits())

    assert finding.reason == "MUG at 1.05 (list price 9.99)"


def test_units_beyond_the_usual_are_held_by_line_by_sku_and_in_all():
    limits = HoldLimits(units_per_line=10, units_per_order=15, units_by_sku={"PIN": 1000})
    pins = CheckedLine("PIN", 16, None, None)

    assert quantity_findings([CheckedLine("MUG", 10, None, None)], limits) == []
    (finding,) = quantity_findings([CheckedLine("MUG", 11, None, None), pins], limits)
    assert finding.kind is HoldKind.QUANTITY_OUTLIER
    assert finding.reason == "11 of MUG (usual: up to 10); 27 units in all (usual: up to 15)"


@pytest.mark.parametrize(("covered", "held"), [(0, False), (1, True), (99, True), (100, False), (101, False)])
def test_a_payment_that_covers_part_of_the_total_is_held(covered, held):
    assert bool(payment_findings(100, covered)) is held


def test_the_blocklist_knows_customers_contacts_and_countries():
    limits = HoldLimits(
        blocked_customers=frozenset({"C-7"}),
        blocked_contacts=frozenset({contact_digest("eve@example.org"), contact_digest("+49 30 1234")}),
        blocked_countries=frozenset({"XX"}),
    )

    (finding,) = blocklist_findings(customer="C-7", contacts=[" Eve@Example.org"], country="XX", limits=limits)

    assert finding.reason == "on the blocklist: customer, contact, country"
    assert blocklist_findings(customer="C-8", contacts=["49301234"], country="DE", limits=limits)
    assert blocklist_findings(customer="C-8", contacts=[None, "a@b"], country="DE", limits=limits) == []


def test_an_address_is_the_same_however_it_is_typed():
    shouted = BERLIN._replace(name="ADA BYRON", street="Hauptstr 1", city=" Berlin ")

    assert address_digest(BERLIN) == address_digest(shouted)
    assert address_digest(BERLIN) != address_digest(BERLIN._replace(street="Hauptstr. 2"))
    assert address_digest(BERLIN._replace(street=None)) is None


def test_the_shipped_limits_are_sound():
    limits = parse_limits(yaml.safe_load(Path("oms_core/policies/holds.yml").read_text(encoding="utf-8")))

    assert limits.address_required == ("name", "street", "city", "country")
    assert address_findings(BERLIN, limits) == []
    assert address_findings(BERLIN._replace(country="GB", postcode="sw1a 1aa"), limits) == []


def test_limits_that_a_policy_leaves_out_keep_their_defaults():
    limits = parse_limits({"quantity_outlier": {"units_per_line": 7, "by_sku": {"PIN": 9}}})

    assert (limits.units_per_line, limits.units_per_order, limits.units_by_sku) == (7, 500, {"PIN": 9})


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"adress": {}}, "adress"),
        ({"address": {"needs": []}}, "address.needs"),
        ({"address": {"required": ["line1"]}}, "address.required"),
        ({"address": {"postcodes": {"DE": "("}}}, "address.postcodes.DE"),
        ({"look_alike": {"within_hours": -1}}, "look_alike.within_hours"),
        ({"price_outlier": {"below_percent": 0.5}}, "price_outlier.below_percent"),
        ({"quantity_outlier": {"by_sku": {"PIN": "many"}}}, "quantity_outlier.by_sku.PIN"),
        ({"quantity_outlier": {"by_sku": []}}, "quantity_outlier.by_sku"),
        ({"blocklist": []}, "blocklist"),
        ({"blocklist": {"customers": "C-1"}}, "blocklist.customers"),
        ({"blocklist": {"countries": [7]}}, "blocklist.countries"),
        ({"address": {"required": "name"}}, "address.required"),
        ({"address": {"postcodes": []}}, "address.postcodes"),
    ],
)
def test_a_policy_with_an_unknown_or_unfit_entry_is_refused_by_its_name(document, place):
    with pytest.raises(InvalidRequestError) as refusal:
        parse_limits(document)

    assert (refusal.value.code, refusal.value.details["place"]) == ("POLICY_INVALID", place)
