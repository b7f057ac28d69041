"""Scores by hand: each term alone, then together, and the place where a policy is wrong."""

import re
from dataclasses import replace

import pytest
import yaml

from oms_core.domain.allocation_policy import read_strategies, region_of, strategy_for
from oms_core.domain.allocation_scores import Site, Strategy, Weights, best, judge, score_of
from oms_core.domain.distance import Point

BERLIN = Point(52_520_000, 13_405_000, None, "DE")
MUNICH = Point(48_137_000, 11_575_000, None, "DE")
DEFAULT = Strategy("default")


def test_a_score_is_the_weighted_sum_of_its_terms() -> None:
    """3 of 4 units: 750 per mille × 10; 504 km; ships today 500; 120 cents; priority 2 × 1000."""
    site = Site("MAIN", MUNICH, ships_today=True, handling_cost=120, priority=2)

    found = judge(site, covered=3, wanted=4, destination=BERLIN, strategy=DEFAULT)

    assert found.plain() == {
        "location": "MAIN",
        "coverage": 750,
        "whole": 0,
        "distance": 504,
        "ships_today": 1,
        "cost": 120,
        "priority": 2,
        "score": 7_500 + 0 - 504 + 500 - 120 + 2_000,
    }


def test_a_location_that_covers_everything_gets_the_bonus() -> None:
    found = judge(Site("MAIN", ships_today=False), covered=4, wanted=4, destination=Point(), strategy=DEFAULT)

    assert (found.whole, found.distance, found.score) == (1, 1_500, 10_000 + 5_000 - 1_500)


def test_a_kept_candidate_gives_its_score_again() -> None:
    found = judge(Site("MAIN", MUNICH), covered=1, wanted=3, destination=BERLIN, strategy=DEFAULT)

    assert score_of(found.plain(), DEFAULT.weights) == found.score
    assert score_of(found.plain(), replace(DEFAULT.weights, distance=-2)) == found.score - 504


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (Site("B", BERLIN), Site("A", MUNICH)),
        (Site("B", BERLIN), Site("A", BERLIN, ships_today=False)),
        (Site("B", BERLIN, handling_cost=10), Site("A", BERLIN, handling_cost=11)),
        (Site("B", BERLIN, priority=1), Site("A", BERLIN)),
        (Site("A", BERLIN), Site("B", BERLIN)),
    ],
    ids=["nearer", "before its cut-off", "cheaper", "preferred", "equal: by name"],
)
def test_the_better_site_is_chosen(better, worse) -> None:
    found = [judge(it, covered=1, wanted=1, destination=BERLIN, strategy=DEFAULT) for it in (worse, better)]

    chosen = best(found)

    assert chosen is not None
    assert chosen.location == better.location
    assert best(list(reversed(found))) == chosen
    assert best([]) is None


POLICY = yaml.safe_load("""
distance_km: {same_region: 20, same_country: 200, abroad: 2000}
strategies:
  default:
  careful: {may_split: false, locations: [MAIN], weights: {distance: -7}}
  wide: {most_locations: 5}
channels: {web: wide}
accounts: {shop: careful}
regions: {DE: {"1": north, "10": capital}}
""")


def test_strategies_are_read_as_they_are_written() -> None:
    found = read_strategies(POLICY)

    assert found["default"].weights == Weights()
    careful = found["careful"]
    assert (careful.may_split, careful.locations, careful.weights.distance) == (False, ("MAIN",), -7)
    assert careful.reach.same_region == 20
    assert found["wide"].most_locations == 5


@pytest.mark.parametrize(
    ("account", "channel", "name"),
    [("shop", "web", "careful"), ("other", "web", "wide"), ("other", "store", "default")],
)
def test_the_account_decides_then_the_channel_then_the_default(account, channel, name) -> None:
    assert strategy_for(POLICY, read_strategies(POLICY), account, channel).name == name


@pytest.mark.parametrize(
    ("country", "postcode", "region"),
    [
        ("DE", "101", "capital"),
        ("DE", "120", "north"),
        ("DE", "80", None),
        ("FR", "101", None),
        ("DE", None, None),
        (None, "1", None),
    ],
)
def test_the_longest_known_beginning_of_a_postcode_says_the_region(country, postcode, region) -> None:
    assert region_of(POLICY, country, postcode) == region


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("strategies:", "strategies: None is no mapping"),
        ("strategies: {}", "strategies: there is no strategy 'default'"),
        ("strategies: {default: {}}\nlimits: 3", "the policy: unknown 'limits'"),
        ("strategies: {default: {speed: 3}}", "strategies.default: unknown 'speed'"),
        ("strategies: {default: 3}", "strategies.default: 3 is no mapping"),
        ("strategies: {default: {locations: main}}", "strategies.default.locations: 'main' is no list"),
        ("strategies: {default: {locations: [1]}}", "strategies.default.locations: [1] is no list"),
        ("strategies: {default: {may_split: 'no'}}", "strategies.default.may_split: 'no' is neither"),
        ("strategies: {default: {most_locations: 0}}", "strategies.default.most_locations: 0 is no whole number of 1"),
        ("strategies: {default: {most_locations: true}}", "strategies.default.most_locations: True is no whole"),
        ("strategies: {default: {weights: {cost: 0.5}}}", "strategies.default.weights.cost: 0.5 is no whole number"),
        ("strategies: {default: {weights: {speed: 1}}}", "strategies.default.weights: unknown 'speed'"),
        ("strategies: {default: {}}\ndistance_km: {abroad: -1}", "distance_km.abroad: -1 is no whole number of 0"),
        ("strategies: {default: {}}\nchannels: {web: fast}", "channels.web: there is no strategy 'fast'"),
        ("strategies: {default: {}}\naccounts: [shop]", "accounts: ['shop'] is no mapping"),
        ("strategies: {default: {}}\nregions: {DE: {10: capital}}", "regions.DE: 10: 'capital' is no postcode"),
    ],
)
def test_a_wrong_policy_is_refused_with_the_place(text, place) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(place)}"):
        read_strategies(yaml.safe_load(text))
