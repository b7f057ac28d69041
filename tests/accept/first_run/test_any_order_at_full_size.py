"""Show 3 at full size: the public feeds whole, cut and shuffled, each twice, in random order, on both databases."""

import random

import pytest

from oms_core.settings import Settings
from tests.real_feeds import facts_of, whole_files, with_overlaps

pytestmark = pytest.mark.accept


def test_feeds_in_any_order_each_twice_and_overlapping_give_the_same_facts(shared_data, postgres_url, tmp_path):
    parts = with_overlaps(whole_files(shared_data), tmp_path / "parts", seed=3)
    found = []
    for number, url in enumerate((None, postgres_url)):
        arriving = [*parts, *parts]
        random.Random(number).shuffle(arriving)
        found.append(facts_of(Settings.at(tmp_path / str(number), database_url=url), arriving))
    clean = facts_of(Settings.at(tmp_path / "clean"), whole_files(shared_data))

    assert found[0] == found[1]
    # The place of a held row is the first file that showed it; the clean home has other files.
    held, held_when_clean = found[0].pop("quarantine"), clean.pop("quarantine")
    assert found[0] == clean
    assert held.split()[0] == held_when_clean.split()[0]
