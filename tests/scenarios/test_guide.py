"""The guide says what the stories say, and the stories cover what they have to."""

import re

import pytest

from tests.scenarios.guide import GUIDE, HERE, INTRODUCTIONS, guide

STORIES = sorted(HERE.glob("*/*.feature"))


@pytest.mark.parametrize("area", sorted(INTRODUCTIONS))
def test_the_guide_is_the_stories(area):
    assert (GUIDE / f"{area}.md").read_text(encoding="utf-8") == guide(area), "run `make guides`"


def test_there_are_forty_stories_or_more():
    assert len(STORIES) >= 40


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_each_story_shows_a_refused_action(path):
    assert re.search(r"it is refused: [A-Z_]+|the code was wrong", path.read_text(encoding="utf-8"))


COVERED = """
1.1b 1.1c 1.1d 1.2a 1.2b 1.2c 1.2d 1.2e 1.2f
2.1a 2.1b 2.1c 2.1d 2.1e 2.1f 2.1g
4.1b 4.1c 7.1a 7.1c 7.2a
"""


@pytest.mark.parametrize("row", COVERED.split())
def test_each_capability_has_a_story(row):
    said = [re.search(r"# covers: (.*)", path.read_text(encoding="utf-8")) for path in STORIES]
    assert any(row in found[1].split(", ") for found in said if found)
