"""Bundles: components without money, whole kits only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms_core.domain.bundles import Component, ComponentLine, component_units, explode, units_of_kits, whole_kits
from oms_core.domain.errors import InvalidRequestError, RuleViolationError

TEA_SET = (Component("POT", 1), Component("CUP", 4))


def test_a_bundle_line_becomes_lines_of_its_components():
    assert explode("7", 3, TEA_SET) == [ComponentLine("7.1", "POT", 3), ComponentLine("7.2", "CUP", 12)]


@pytest.mark.parametrize(
    "components",
    [(), (Component("POT", 0),), (Component("POT", 1), Component("POT", 2))],
    ids=["none", "zero", "twice"],
)
def test_a_bundle_without_sound_components_is_refused(components):
    with pytest.raises(InvalidRequestError, match="BUNDLE_INVALID"):
        explode("7", 1, components)


@pytest.mark.parametrize(
    ("units", "kits"), [({"POT": 3, "CUP": 12}, 3), ({"POT": 3, "CUP": 11}, 2), ({"POT": 3}, 0), ({}, 0)]
)
def test_only_whole_kits_count(units, kits):
    assert whole_kits(units, TEA_SET) == kits


@given(kits=st.integers(0, 1000), spare=st.integers(0, 3))
def test_the_units_of_some_kits_make_just_these_kits(kits, spare):
    units = component_units(kits, TEA_SET)

    assert whole_kits({**units, "CUP": units["CUP"] + spare}, TEA_SET) == kits


def test_components_follow_their_bundle():
    assert units_of_kits(2, ordered_kits=3, ordered_units=12) == 8
    with pytest.raises(RuleViolationError, match="KIT_NOT_WHOLE"):
        units_of_kits(1, ordered_kits=3, ordered_units=10)
