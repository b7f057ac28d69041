"""Every fact that the data folders' READMEs state, beside what the product says: coverage.md.

`OMS_WRITE_COVERAGE=1` writes coverage.md anew from a run.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.oracles import adventureworks, northwind, olist, online_retail, purchasing
from tests.oracles.claims import Claim, Product
from tests.oracles.readme_facts import Cell, Fact, facts_of

# Data under a licence that lets nobody show values of theirs here: the test compares them, the table names the facts.
WITHOUT_VALUES = ("olist_sample",)
COVERAGE = Path(__file__).with_name("coverage.md")
SUBJECTS = (online_retail, adventureworks, olist, northwind, purchasing)
ALL = [
    pytest.param(subject, claim, id=f"{subject.FOLDER}-{claim.fact}{f'-{claim.what}' if claim.what else ''}")
    for subject in SUBJECTS
    for claim in subject.CLAIMS
]


@pytest.fixture(scope="module")
def products(real_home, parted_home, shared_data) -> dict[str, Product]:
    """By folder, the home its feeds are in: they are several companies, and stock of one is not that of another."""
    first, second = Product(real_home, shared_data), Product(parted_home, shared_data)
    return {subject.FOLDER: first if subject in (online_retail, adventureworks) else second for subject in SUBJECTS}


@pytest.mark.parametrize(("subject", "claim"), ALL)
def test_a_stated_fact_is_what_the_product_says(subject, claim: Claim, products, shared_data):
    product = products[subject.FOLDER]
    fact = _fact(shared_data, subject.FOLDER, claim)
    if claim.ours is None:
        assert claim.state in ("due", "not a product number")
        assert claim.reason
        return

    ours = list(claim.ours(product))

    if claim.state == "differs":
        assert claim.reason
        assert ours != claim.stated(fact)
        assert ours == product.sql(subject.FOLDER, claim.by_our_rule)
    else:
        assert ours == claim.stated(fact)


def test_no_fact_is_left_out_and_few_are_not_product_numbers(shared_data):
    for subject in SUBJECTS:
        stated = facts_of(shared_data, subject.FOLDER)
        assert [fact.number for fact in stated] == sorted({claim.fact for claim in subject.CLAIMS})
    claims = [claim for subject in SUBJECTS for claim in subject.CLAIMS]
    assert sum(claim.state == "not a product number" for claim in claims) * 10 <= len(claims)


def test_coverage_lists_every_fact_with_both_values(products, shared_data):
    text = _coverage(products, shared_data)
    if os.environ.get("OMS_WRITE_COVERAGE"):
        COVERAGE.write_text(text, encoding="utf-8")

    assert COVERAGE.read_text(encoding="utf-8") == text


def _fact(shared: Path, folder: str, claim: Claim) -> Fact:
    return next(fact for fact in facts_of(shared, folder) if fact.number == claim.fact)


def _coverage(products: Mapping[str, Product], shared: Path) -> str:
    lines = [
        "# Reference facts and what the product says",
        "",
        "Written by `OMS_WRITE_COVERAGE=1 python -m pytest tests/oracles`; the same test reads the stated values from",
        "the READMEs when it runs. Where a definition differs, our value is checked against our rule run as SQL on the",
        "publisher's file.",
    ]
    for subject in SUBJECTS:
        lines += [
            "",
            f"## {subject.FOLDER}",
            "",
            "| # | fact | state | command | ours | theirs |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        product = products[subject.FOLDER]
        shows_values = subject.FOLDER not in WITHOUT_VALUES
        rows = [(claim, _fact(shared, subject.FOLDER, claim)) for claim in subject.CLAIMS]
        lines += [_row(claim, fact, product, shows_values=shows_values) for claim, fact in rows]
    return "\n".join([*lines, ""])


def _row(claim: Claim, fact: Fact, product: Product, *, shows_values: bool) -> str:
    label = fact.label if len(fact.label) < 120 else fact.label[:117] + "…"
    what = f"{label} ({claim.what})" if claim.what else label
    state = f"{claim.state}: {claim.reason}" if claim.reason else claim.state
    ours = _shown(claim.ours(product)) if claim.ours and shows_values else ""
    cells = (
        str(claim.fact),
        what,
        state,
        f"`{claim.command}`" if claim.command else "",
        ours,
        _shown(claim.stated(fact)) if shows_values else "",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _shown(values: Sequence[Cell]) -> str:
    shown = [value if isinstance(value, str) else f"{value:,f}" for value in values]
    return ", ".join(shown) if len(shown) <= 12 else ", ".join([*shown[:12], "…"])
