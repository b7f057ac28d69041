"""Delivery methods: what fits is offered with price and dates, what does not fit is not, and says why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.delivery_methods import (
    Consignment,
    DeliveryMethod,
    Limits,
    MethodKind,
    Zone,
    options_for,
    promise,
)
from oms_core.domain.delivery_policies import parse_delivery_policy
from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.instants import from_micros, to_micros

BERLIN = ZoneInfo("Europe/Berlin")
WEEKDAYS = frozenset({0, 1, 2, 3, 4})


def berlin(day: int, hour: int, minute: int = 0, *, month: int = 3) -> int:
    """An instant of 2026 by the clock of Berlin."""
    return to_micros(datetime(2026, month, day, hour, minute, tzinfo=BERLIN))


EXPRESS = DeliveryMethod(
    method="express",
    kind=MethodKind.EXPRESS,
    names={"en": "Express", "zh": "特快专递"},
    zones=(Zone(frozenset({"DE"})), Zone(frozenset({"FR"}), ("75", "92"), ("7505",))),
    limits=Limits(weight_grams=2000, units=5, amount_from={"EUR": 1000}, amount_to={"EUR": 50000}),
    cut_off_minute=14 * 60,
    working_days=WEEKDAYS,
    lead_days=1,
    prices={"EUR": 1290},
)
# Wednesday, 4 March 2026
PARCEL = Consignment(
    location="MAIN",
    country="DE",
    postcode="10115",
    weight_grams=2000,
    units=5,
    amount=1000,
    currency="EUR",
    now=berlin(4, 13, 59),
    zone=BERLIN,
)


def codes(parcel: Consignment, method: DeliveryMethod = EXPRESS) -> list[str]:
    (option,) = options_for([method], parcel)
    assert (option.offer is None) == bool(option.refusals)
    return [refusal.code for refusal in option.refusals]


def test_what_is_at_every_limit_is_offered_with_price_and_dates():
    (option,) = options_for([EXPRESS], PARCEL)
    assert option.offer is not None
    assert option.offer.price == 1290
    assert option.offer.leaves_on == date(2026, 3, 4)
    assert option.offer.arrives_on == date(2026, 3, 5)
    assert option.offer.leaves_by == berlin(4, 14)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"country": "PL"}, "OUT_OF_ZONE"),
        ({"country": None}, "OUT_OF_ZONE"),
        ({"country": "FR", "postcode": "69001"}, "OUT_OF_ZONE"),
        ({"country": "FR", "postcode": "75 056"}, "OUT_OF_ZONE"),
        ({"country": "FR", "postcode": None}, "OUT_OF_ZONE"),
        ({"weight_grams": 2001}, "TOO_HEAVY"),
        ({"weight_grams": None}, "WEIGHT_UNKNOWN"),
        ({"units": 6}, "TOO_MANY_UNITS"),
        ({"amount": 999}, "AMOUNT_TOO_LOW"),
        ({"amount": 50001}, "AMOUNT_TOO_HIGH"),
    ],
)
def test_what_does_not_fit_is_not_offered_and_says_why(change, code):
    assert codes(replace(PARCEL, **change)) == [code]


def test_a_currency_without_price_and_limits_has_three_reasons():
    assert codes(replace(PARCEL, currency="USD")) == ["NO_PRICE", "NO_LIMIT_IN_CURRENCY", "NO_LIMIT_IN_CURRENCY"]


def test_a_method_of_other_locations_is_not_offered():
    assert codes(PARCEL, replace(EXPRESS, locations=frozenset({"EAST"}))) == ["NOT_FROM_HERE"]


@pytest.mark.parametrize("postcode", ["75001", "75 001", "92-100"])
def test_a_zone_may_be_the_beginning_of_a_postcode(postcode):
    assert codes(replace(PARCEL, country="FR", postcode=postcode)) == []


@pytest.mark.parametrize(
    ("now", "leaves", "arrives"),
    [
        (berlin(4, 14, 0), date(2026, 3, 5), date(2026, 3, 6)),  # at the cut-off it is too late
        (berlin(6, 9), date(2026, 3, 6), date(2026, 3, 9)),  # Friday's parcel arrives on Monday
        (berlin(6, 14), date(2026, 3, 9), date(2026, 3, 10)),
        (berlin(7, 9), date(2026, 3, 9), date(2026, 3, 10)),  # nothing leaves on Saturday
        (berlin(29, 9), date(2026, 3, 30), date(2026, 3, 31)),  # the day the clocks go forward
    ],
)
def test_goods_leave_on_the_next_working_day_before_its_cut_off(now, leaves, arrives):
    offer = promise(EXPRESS, replace(PARCEL, now=now))
    assert (offer.leaves_on, offer.arrives_on) == (leaves, arrives)


def test_the_cut_off_is_by_the_clock_of_the_location_in_summer_too():
    assert promise(EXPRESS, PARCEL).leaves_by == to_micros(datetime(2026, 3, 4, 13, tzinfo=UTC))
    summer = promise(EXPRESS, replace(PARCEL, now=berlin(1, 9, month=7)))
    assert summer.leaves_by == to_micros(datetime(2026, 7, 1, 12, tzinfo=UTC))


def test_an_earlier_cut_off_of_the_location_counts_even_at_midnight():
    assert promise(EXPRESS, replace(PARCEL, location_cut_off_minute=12 * 60)).leaves_on == date(2026, 3, 5)
    assert promise(EXPRESS, replace(PARCEL, location_cut_off_minute=0)).leaves_on == date(2026, 3, 5)
    assert promise(EXPRESS, replace(PARCEL, location_cut_off_minute=16 * 60)).leaves_on == date(2026, 3, 4)


methods = st.builds(
    DeliveryMethod,
    method=st.just("m"),
    kind=st.sampled_from(MethodKind),
    names=st.just({}),
    zones=st.lists(
        st.builds(
            Zone,
            countries=st.frozensets(st.sampled_from(["DE", "FR", "*"]), min_size=1),
            postcodes=st.lists(st.sampled_from(["1", "75"]), max_size=2).map(tuple),
            except_postcodes=st.lists(st.sampled_from(["101"]), max_size=1).map(tuple),
        ),
        min_size=1,
        max_size=2,
    ).map(tuple),
    limits=st.builds(
        Limits,
        weight_grams=st.none() | st.integers(1, 4000),
        units=st.none() | st.integers(1, 9),
        amount_from=st.none() | st.fixed_dictionaries({"EUR": st.integers(0, 2000)}),
        amount_to=st.none() | st.fixed_dictionaries({"EUR": st.integers(0, 2000)}),
    ),
    cut_off_minute=st.integers(0, 1440),
    working_days=st.frozensets(st.integers(0, 6), min_size=1),
    lead_days=st.integers(0, 9),
    prices=st.just({"EUR": 490}),
    locations=st.none() | st.just(frozenset({"MAIN"})),
)
parcels = st.builds(
    Consignment,
    location=st.sampled_from(["MAIN", "EAST"]),
    country=st.sampled_from(["DE", "FR", "PL", None]),
    postcode=st.sampled_from(["10115", "75001", "20095", None]),
    weight_grams=st.none() | st.integers(0, 5000),
    units=st.integers(1, 10),
    amount=st.integers(0, 3000),
    currency=st.sampled_from(["EUR", "USD"]),
    now=st.integers(0, 2 * 10**15),
    zone=st.sampled_from([BERLIN, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/Sao_Paulo")]),
    location_cut_off_minute=st.none() | st.integers(0, 1440),
)


def _fits(method: DeliveryMethod, it: Consignment) -> bool:
    """The same question in one plain sentence."""
    reached = any(
        (it.country in zone.countries or "*" in zone.countries)
        and (not (zone.postcodes + zone.except_postcodes) or it.postcode is not None)
        and (not zone.postcodes or any((it.postcode or "").startswith(prefix) for prefix in zone.postcodes))
        and not any((it.postcode or "").startswith(prefix) for prefix in zone.except_postcodes)
        for zone in method.zones
    )
    limits = method.limits
    return (
        reached
        and (method.locations is None or it.location in method.locations)
        and it.currency == "EUR"
        and (limits.weight_grams is None or (it.weight_grams or 0) <= limits.weight_grams)
        and (limits.weight_grams is None or it.weight_grams is not None)
        and (limits.units is None or it.units <= limits.units)
        and (limits.amount_from is None or it.amount >= limits.amount_from["EUR"])
        and (limits.amount_to is None or it.amount <= limits.amount_to["EUR"])
    )


@given(methods, parcels)
def test_a_method_is_offered_exactly_where_it_fits(method, parcel):
    (option,) = options_for([method], parcel)
    assert (option.offer is not None) == _fits(method, parcel)
    assert bool(option.refusals) == (option.offer is None)


@given(methods, parcels)
def test_a_promise_never_lies_before_its_cut_off_and_only_on_working_days(method, parcel):
    offer = promise(method, replace(parcel, currency="EUR"))
    today = from_micros(parcel.now).astimezone(parcel.zone).date()
    assert offer.leaves_on >= today
    assert offer.leaves_on.weekday() in method.working_days
    assert offer.arrives_on.weekday() in method.working_days
    between = (
        offer.leaves_on + timedelta(days=ahead) for ahead in range(1, (offer.arrives_on - offer.leaves_on).days + 1)
    )
    assert sum(day.weekday() in method.working_days for day in between) == method.lead_days
    if offer.leaves_on == today:
        local = from_micros(parcel.now).astimezone(parcel.zone)
        assert local.hour * 60 + local.minute < method.cut_off_minute


# --- the policy ------------------------------------------------------------------------------------


def test_the_shipped_policy_can_be_read_and_names_every_kind():
    text = resources.files("oms_core").joinpath("policies/delivery_methods.yml").read_text(encoding="utf-8")
    policy = parse_delivery_policy(yaml.safe_load(text))
    assert {method.kind for method in policy.methods} == set(MethodKind)
    assert policy.assumed_unit_weight_grams == 500
    express = policy.method("express")
    assert express is not None
    assert (express.cut_off_minute, express.lead_days, express.prices["EUR"]) == (780, 1, 1290)
    assert policy.method("drone") is None


def a_method(**changes: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": "standard",
        "kind": "standard",
        "names": {"en": "Standard", "zh": "普通"},
        "zones": [{"countries": ["DE"]}],
        "cut_off": "15:00",
        "lead_days": 2,
        "price": {"EUR": 490},
    }
    return {name: value for name, value in (fields | changes).items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"id": ""}, "methods[0].id"),
        ({"kind": "drone"}, "methods[0].kind"),
        ({"names": {"en": "Standard"}}, "methods[0].names.zh"),
        ({"zones": []}, "methods[0].zones"),
        ({"zones": [{"countries": [False]}]}, "methods[0].zones[0].countries"),
        ({"zones": [{"countries": ["DE"], "postcodes": [""]}]}, "methods[0].zones[0]"),
        ({"zones": [{"countries": ["DE"], "cities": ["Bonn"]}]}, "methods[0].zones[0].cities"),
        ({"limits": {"weight_kg": 3}}, "methods[0].limits.weight_kg"),
        ({"limits": {"weight_grams": 0}}, "methods[0].limits.weight_grams"),
        ({"cut_off": 900}, "methods[0].cut_off"),
        ({"cut_off": "25:00"}, "methods[0].cut_off"),
        ({"cut_off": "14:60"}, "methods[0].cut_off"),
        ({"working_days": ["monday"]}, "methods[0].working_days"),
        ({"working_days": []}, "methods[0].working_days"),
        ({"lead_days": -1}, "methods[0].lead_days"),
        ({"price": {"EUR": 4.9}}, "methods[0].price.EUR"),
        ({"price": {}}, "methods[0].price"),
        ({"price": ...}, "methods[0].price"),
        ({"carrier": "DHL"}, "methods[0].carrier"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_with_the_place(changes, where):
    with pytest.raises(InvalidRequestError) as refused:
        parse_delivery_policy({"methods": [a_method(**changes)]})
    assert refused.value.code == "POLICY_INVALID"
    assert refused.value.reason.startswith(f"{where}: ")


def test_two_methods_of_one_id_are_refused():
    with pytest.raises(InvalidRequestError, match="two methods have one id"):
        parse_delivery_policy({"methods": [a_method(), a_method()]})
