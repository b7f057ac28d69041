"""Lines as people name them: by key, or by the article where only one line has it."""

import pytest

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.line_names import line_meant

LINES = [("1", "MUG"), ("2", "CUP"), ("3", "CUP"), ("TRAY", "LID"), ("5", "TRAY"), ("6", None)]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("2", "2"),
        ("MUG", "1"),
        ("TRAY", "TRAY"),  # a key comes before an article
        ("LID", "TRAY"),
        ("9", "9"),  # nobody's: as it was said
        ("mug", "mug"),
    ],
)
def test_a_line_is_meant_by_its_key_or_by_the_article_that_only_it_has(name, key):
    assert line_meant(name, LINES) == key


def test_an_article_on_several_lines_names_none_of_them():
    with pytest.raises(InvalidRequestError) as refusal:
        line_meant("CUP", LINES)

    assert refusal.value.code == "LINE_AMBIGUOUS"
    assert refusal.value.remedy == "Name the line by its key: 2 or 3."
    assert refusal.value.details == {"line": "CUP", "lines": ["2", "3"]}
