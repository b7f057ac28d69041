"""Rebuilding names the rows that differ, repairs them only when told to, and leaves the rules in place."""

import pytest

from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.rebuild_balances import RebuildBalances, differing_rows, rebuild_balances
from oms_core.storage.engine import reading
from tests.builders import contents, facts_of, rows_of
from tests.oms_core.services.test_verify import tamper
from tests.stock_cases import ADMIN, CLERK, LEAD, do, on_hand, open_company, refused


@pytest.fixture
def company(core, core_settings):
    return open_company(core, core_settings)


def differing(core):
    with reading(core) as connection:
        return differing_rows(connection)


def test_a_sound_core_has_no_differing_row(company):
    assert differing(company) == []


def test_a_drifted_balance_is_named_and_left_alone(company):
    tamper(company, "update stock_balance set on_hand = 12 where sku = 'MUG'")
    before = contents(company)

    assert differing(company) == [
        {"table": "stock_balance", "row": "MUG / MAIN / sellable", "column": "on_hand", "kept": 12, "rebuilt": 10}
    ]
    assert contents(company) == before


def test_told_to_it_repairs_says_what_and_the_rules_hold_again(company):
    tamper(company, "update stock_balance set on_hand = 12, committed = 1 where sku = 'MUG'")

    document = do(company, rebuild_balances, RebuildBalances("disk was restored"), by=ADMIN)

    assert [(it["column"], it["kept"], it["rebuilt"]) for it in document["repaired"]] == [
        ("on_hand", 12, 10),
        ("committed", 1, 0),
    ]
    assert on_hand(company) == 10
    assert rows_of(company, "select actor, reason from audit_entry where action = 'stock.rebuild'") == [
        ("Ada", "disk was restored")
    ]
    facts_of(company)  # every check of `verify`, the rules in place among them
    do(company, adjust_stock, AdjustStock("MUG", "MAIN", -1, "broken"), by=CLERK)
    assert on_hand(company) == 9


def test_only_an_administrator_repairs_and_with_a_reason(company):
    with refused(company, "NOT_PERMITTED"):
        do(company, rebuild_balances, RebuildBalances("x"), by=LEAD)
    with refused(company, "REASON_MISSING"):
        do(company, rebuild_balances, RebuildBalances(" "), by=ADMIN)
