"""What the database refuses is told as a rule with a stable code, the same on both engines."""

import pytest
import sqlalchemy as sa

from oms_core.services.refusals import _REFUSALS, refusal_of
from oms_core.storage.tables import metadata
from tests.builders import march
from tests.core_rows import a_ledger_row, a_line_entry, a_payment_event, an_allocation, fill_every_table

CLOCKS = {"actor": "test", "occurred_at": march(4), "recorded_at": march(4), "change_id": 1_000}


@pytest.fixture(scope="module")
def filled(module_core):
    fill_every_table(module_core)
    return module_core


def test_every_constraint_that_is_told_is_one_of_ours():
    known = {str(it.name) for table in metadata.sorted_tables for it in (*table.constraints, *table.indexes)}
    known |= {f"uq_{table.name}_{it.name}" for table in metadata.sorted_tables for it in table.columns if it.unique}

    assert {name for name in _REFUSALS if name.islower()} - known == set()


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("stock_movement", a_ledger_row(sku="PEN", location="HUB", quantity=-15), "STOCK_SHORT"),
        ("stock_movement", a_ledger_row(kind="receive", quantity=1, sku="PHONE", lot="S-1"), "SERIAL_TAKEN"),
        (
            "stock_movement",
            a_ledger_row(kind="receive", quantity=1, sku="PHONE", lot="S-1", location="HUB"),
            "SERIAL_TAKEN",
        ),
        ("stock_allocation", an_allocation(quantity=3), "UNITS_NOT_OPEN"),
        ("stock_allocation", an_allocation(kind="release", quantity=6), "NOT_PROMISED"),
        ("stock_allocation", an_allocation(kind="ship", quantity=6), "NOT_PROMISED"),
        ("stock_allocation", an_allocation(location="MAIN"), "STOCK_SHORT"),
        ("stock_allocation", an_allocation(sku="CUP"), "NOT_PROMISED"),
        ("stock_allocation", an_allocation(kind="void", pending_id=500, quantity=2), "RESERVATION_ENDED"),
        ("line_entry", a_line_entry(quantity=3), "UNITS_NOT_OPEN"),
        ("line_entry", a_line_entry(kind="deliver"), "NOT_SHIPPED"),
        ("line_entry", a_line_entry(kind="return"), "RETURN_EXCEEDS_DELIVERED"),
        ("line_entry", a_line_entry(kind="restock"), "GRADE_EXCEEDS_RECEIVED"),
        ("payment_event", a_payment_event(kind="refund", amount=1_301), "REFUND_EXCEEDS_PAID"),
        ("payment_event", a_payment_event(amount=301), "CAPTURE_EXCEEDS_AUTHORISED"),
        (
            "return_entry",
            {"entry_id": 900, "request_line_id": 500, "kind": "receive", "quantity": 1, **CLOCKS},
            "RETURN_EXCEEDS_REQUEST",
        ),
        (
            "stored_value_entry",
            {
                "entry_id": 900,
                "stored_value_id": 500,
                "kind": "redeem",
                "source_key": "x",
                "reason": "",
                "amount": -4_701,
                **CLOCKS,
            },
            "BALANCE_SHORT",
        ),
    ],
)
def test_a_refusal_of_the_database_has_the_code_of_its_rule(filled, table, row, code):
    with pytest.raises(sa.exc.DBAPIError) as caught, filled.begin() as connection:
        connection.execute(metadata.tables[table].insert().values(**row))

    refusal = refusal_of(caught.value)

    assert refusal is not None
    assert refusal.code == code
    assert refusal.remedy


def test_what_is_no_rule_of_ours_is_told_as_it_is(filled):
    with pytest.raises(sa.exc.DBAPIError) as caught, filled.begin() as connection:
        connection.execute(sa.text("insert into sku (sku, recorded_at, change_id) values (null, 0, 0)"))

    assert refusal_of(caught.value) is None
