"""Facts do not depend on the order of files or rows, on repetitions, on overlaps, or on the database."""

import random

import pytest

from oms_core.settings import Settings
from tests.real_feeds import facts_of, small_files, with_overlaps


@pytest.fixture(scope="module")
def files(shared_data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    small = small_files(shared_data, folder / "small", lines=3_000)
    return small, with_overlaps(small, folder / "parts", seed=7)


def arriving(files, seed):
    """Every part twice, in an order of the seed's."""
    parts = [*files[1], *files[1]]
    random.Random(seed).shuffle(parts)
    return parts


def test_feeds_in_any_order_each_twice_and_overlapping_give_the_same_facts(files, any_database, tmp_path):
    clean = facts_of(Settings.at(tmp_path / "clean"), files[0])

    found = facts_of(any_database, arriving(files, 1))

    held, held_when_clean = found.pop("quarantine"), clean.pop("quarantine")
    assert found == clean
    assert held.split()[0] == held_when_clean.split()[0]


def test_the_quarantine_does_not_depend_on_the_order_of_files(files, any_database, tmp_path):
    first = facts_of(any_database, arriving(files, 2))

    second = facts_of(Settings.at(tmp_path / "second"), arriving(files, 3))

    assert first == second
