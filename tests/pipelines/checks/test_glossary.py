"""The glossary says what the models say today."""

from pathlib import Path

from pipelines.checks.glossary import glossary, words

GLOSSARY = Path(__file__).resolve().parents[3] / "docs" / "glossary.md"


def test_the_glossary_is_current():
    assert GLOSSARY.read_text("utf-8") == glossary(), "run `make glossary`"


def test_every_word_has_one_meaning_in_both_languages():
    told = words()

    assert len({word.name for word in told}) == len(told)
    assert len({word.chinese for word in told}) == len(told)
    assert all(word.name and word.chinese and word.meaning.endswith(".") for word in told)
