"""A counter moves only with a row of its journal, and never past its bound, by raw SQL on both engines (I2, I3, I7).

The world is that of `tests/core_rows.py`; line 500 has ten pens: 1 cancelled, 1 shipped and back, 1 reserved,
5 allocated.
"""

from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.storage.rules.counters import COUNTERS
from oms_core.storage.tables import metadata
from tests.builders import contents, march, rows_of
from tests.core_rows import (
    a_ledger_row,
    a_line_entry,
    a_payment_event,
    an_allocation,
    fill_every_table,
    refuse,
    refuse_row,
)

EACH = [(rule.name, column) for rule in COUNTERS for column in rule.columns]
RULES = {rule.name: rule for rule in COUNTERS}


def test_the_world_moved_its_counters_as_counted_by_hand(filled):
    line = (
        "cancelled_quantity, shipped_quantity, delivered_quantity, return_requested_quantity, returned_quantity,"
        " restocked_quantity, reserved_quantity, allocated_quantity, cancelled_amount, cancelled_discount"
    )
    assert rows_of(filled, f"select {line} from order_line where line_id = 500") == [(1, 1, 1, 0, 1, 1, 1, 5, 200, 10)]
    assert rows_of(filled, "select on_hand, committed from stock_balance where sku = 'PEN'") == [(20, 6)]
    assert rows_of(filled, "select location, reserved, allocated from line_allocation") == [("HUB", 1, 5)]
    money = "authorized_amount, captured_amount, voided_amount, refunded_amount, charged_back_amount"
    assert rows_of(filled, f"select {money} from payment") == [(1_800, 1_500, 0, 200, 0)]
    assert rows_of(filled, "select balance from stored_value") == [(4_700,)]
    assert rows_of(filled, "select received_quantity, rejected_quantity from purchase_order_line") == [(20, 0)]
    assert rows_of(filled, "select received_quantity, restocked_quantity from return_request_line") == [(1, 1)]
    assert sorted(rows_of(filled, "select lot, on_hand, is_serial from lot_balance")) == [
        ("L-1", 9, False),
        ("S-1", 1, True),
    ]


# --- every counter --------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "column"), EACH)
@pytest.mark.parametrize("change", ["{column} = {column} + 1", "{column} = {column} + 1, {last} = {last} + 1"])
def test_a_counter_is_not_edited_by_hand(filled, name, column, change):
    rule = RULES[name]

    assert "COUNTER" in refuse(filled, f"update {rule.target} set {change.format(column=column, last=rule.last)}")


@pytest.mark.parametrize("name", RULES)
def test_the_row_that_explains_a_counter_is_not_exchanged(filled, name):
    rule = RULES[name]

    assert "COUNTER" in refuse(filled, f"update {rule.target} set {rule.last} = {rule.last} + 1")
    assert "COUNTER" in refuse(filled, f"update {rule.target} set {rule.last} = 0 where {rule.last} <> 0")


@pytest.mark.parametrize(
    "change",
    [
        # entry 500 cancelled one pen with 200 of its amount and 10 of its discount: it is counted already
        "order_line set cancelled_quantity = 2, cancelled_amount = 400, cancelled_discount = 20, last_entry_id = 500",
        "payment set captured_amount = 3000, last_payment_event_id = 501",
        "stored_value set balance = 9700, last_entry_id = 500",
        "purchase_order_line set received_quantity = 40, last_receipt_line_id = 500",
    ],
)
def test_an_older_row_of_the_journal_is_not_counted_twice(filled, change):
    assert "COUNTER" in refuse(filled, f"update {change}")


@pytest.mark.parametrize(("name", "column"), EACH)
def test_a_row_does_not_begin_with_a_counter_that_nothing_explains(filled, name, column):
    rule = RULES[name]
    with filled.connect() as connection:
        row = dict(connection.execute(sa.select(metadata.tables[rule.target])).mappings().first() or {})
    fresh = {
        key: 0 if key.endswith(("_quantity", "_amount", "_discount", "_tax")) else value for key, value in row.items()
    }
    fresh |= dict.fromkeys([*rule.columns, rule.last], 0) | NEW_KEYS[rule.target] | {column: 1}

    refusal = refuse_row(filled, rule.target, fresh)

    assert "COUNTER" in refusal or rule.target == "stock_balance"  # whose first row needs a movement too


# A second row of each counted table, so that nothing but its counters is wrong.
NEW_KEYS: dict[str, dict[str, Any]] = {
    "order_line": {"line_id": 900, "line_key": "900", "quantity": 10},
    "stock_balance": {"sku": "CUP", "location": "HUB"},
    "line_allocation": {"line_id": 500, "location": "MAIN"},
    "payment": {"payment_id": 900, "external_id": "900"},
    "stored_value": {"stored_value_id": 900, "code_hash": "900"},
    "purchase_order_line": {"po_line_id": 900, "line_key": "900", "quantity": 10},
    "return_request_line": {"request_line_id": 900, "line_id": 1, "quantity": 10},
    "lot_balance": {"location": "MAIN"},
}


# --- journal rows that do not fit what they name --------------------------------------------------


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("line_entry", a_line_entry(order_id=1)),
        ("line_entry", a_line_entry(line_id=999)),
        ("stock_allocation", an_allocation(order_id=1)),
        ("stock_allocation", an_allocation(sku="CUP")),
        ("stock_allocation", an_allocation(line_id=1, order_id=1, sku="MUG", location="MAIN")),  # a feed's own order
        ("stock_allocation", an_allocation(kind="post", pending_id=503, quantity=2)),  # of the one that was reserved
        ("stock_allocation", an_allocation(kind="post", pending_id=503, location="MAIN")),
        ("stock_allocation", an_allocation(kind="void", pending_id=502, quantity=4)),  # no reservation
        ("stock_allocation", an_allocation(kind="void", pending_id=999)),
        ("payment_event", a_payment_event(currency="USD")),
        ("payment_event", a_payment_event(order_id=1)),
        ("payment_event", a_payment_event(payment_id=999)),
    ],
)
def test_a_journal_row_that_does_not_fit_what_it_names_is_refused(filled, table, row):
    assert f"{table.upper()}: the row does not fit" in refuse_row(filled, table, row)


def test_a_receipt_of_another_article_than_ordered_is_refused(filled):
    line = {"receipt_id": 500, "po_line_id": 500, "sku": "CUP", "quantity": 1, "rejected_quantity": 0}

    refusal = refuse_row(
        filled, "receipt_line", {**line, "receipt_line_id": 900, "recorded_at": march(4), "change_id": 1_000}
    )

    assert "RECEIPT_LINE" in refusal


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("line_entry", a_line_entry(quantity=0)),
        ("line_entry", a_line_entry(kind="bribe")),
        ("line_entry", a_line_entry(kind="ship", amount=5)),  # amounts leave a line by cancelling and moving only
        ("stock_allocation", an_allocation(quantity=0)),
        ("stock_allocation", an_allocation(quantity=-1)),
        ("stock_allocation", an_allocation(kind="bribe")),
        ("stock_allocation", an_allocation(kind="reserve")),  # until when?
        ("stock_allocation", an_allocation(kind="void")),  # of which?
        ("stock_allocation", an_allocation(pending_id=503)),
        ("payment_event", a_payment_event(amount=0)),
        ("payment_event", a_payment_event(amount=-1)),
        ("payment_event", a_payment_event(kind="bribe")),
    ],
)
def test_a_journal_row_that_makes_no_sense_is_refused(filled, table, row):
    refuse_row(filled, table, row)


# --- nothing beyond its bound ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["allocate", "reserve"])
def test_no_more_than_is_there_is_promised(core, kind):
    fill_every_table(core)
    with core.begin() as connection:  # a line of a hundred, so that only the stock is short: 20 pens, 6 promised
        connection.execute(sa.text("update order_line set quantity = 100 where line_id = 500"))
    more = {"kind": kind, "expires_at": march(5) if kind == "reserve" else None}

    assert "not_oversold" in refuse_row(core, "stock_allocation", an_allocation(quantity=15, **more))

    with core.begin() as connection:
        connection.execute(metadata.tables["stock_allocation"].insert().values(**an_allocation(quantity=14, **more)))
    assert rows_of(core, "select on_hand, committed from stock_balance where sku = 'PEN'") == [(20, 20)]


@pytest.mark.parametrize(
    ("row", "bound"),
    [
        (an_allocation(quantity=3), "units_accounted"),  # two of ten are open
        (an_allocation(kind="release", quantity=6), "promised"),
        (an_allocation(kind="ship", quantity=6), "promised"),
        (an_allocation(location="MAIN"), "COUNTER"),  # no pen was ever there
    ],
)
def test_no_more_than_the_line_has_is_promised_or_taken_back(filled, row, bound):
    assert bound in refuse_row(filled, "stock_allocation", row)


@pytest.mark.parametrize("kind", ["post", "void", "expire"])
def test_a_reservation_ends_once(filled, kind):
    refuse_row(filled, "stock_allocation", an_allocation(kind=kind, quantity=2, pending_id=500))


@pytest.mark.parametrize("first", ["post", "void", "expire"])
@pytest.mark.parametrize("second", ["post", "void", "expire"])
def test_whichever_ends_a_reservation_first_is_the_only_one(core, first, second):
    fill_every_table(core)
    table = metadata.tables["stock_allocation"]
    with core.begin() as connection:
        connection.execute(table.insert().values(**an_allocation(kind=first, pending_id=503)))

    refuse_row(core, "stock_allocation", an_allocation(allocation_id=901, kind=second, pending_id=503))

    allocated = 6 if first == "post" else 5
    promised = "select reserved_quantity, allocated_quantity from order_line where line_id = 500"
    assert rows_of(core, promised) == [(0, allocated)]
    assert rows_of(core, "select committed from stock_balance where sku = 'PEN'") == [(allocated,)]


def test_a_reservation_does_not_end_twice_at_the_expense_of_another(core):
    """Of two reservations of one pen each the first ends twice: every bound would hold, and the second be gone."""
    fill_every_table(core)
    table = metadata.tables["stock_allocation"]
    with core.begin() as connection:
        other = an_allocation(allocation_id=901, kind="reserve", expires_at=march(5))
        connection.execute(table.insert().values(**other))
        connection.execute(table.insert().values(**an_allocation(allocation_id=902, kind="expire", pending_id=503)))

    refuse_row(core, "stock_allocation", an_allocation(allocation_id=903, kind="void", pending_id=503))

    assert rows_of(core, "select reserved_quantity from order_line where line_id = 500") == [(1,)]


@pytest.mark.parametrize(
    ("kind", "quantity", "bound"),
    [
        ("cancel", 3, "units_accounted"),
        ("cancel", -2, "cancelled_quantity"),
        ("move", 3, "units_accounted"),
        ("ship", 3, "units_accounted"),
        ("ship", -2, "order_line"),
        ("deliver", 1, "delivered"),
        ("return_request", 1, "returned"),
        ("return_request", -1, "returned"),
        ("return", 1, "returned"),
        ("restock", 1, "graded"),
        ("write_off", 1, "graded"),
        ("send_back", 1, "graded"),
    ],
)
def test_no_more_units_of_a_line_take_a_step_than_took_the_one_before(filled, kind, quantity, bound):
    assert bound in refuse_row(filled, "line_entry", a_line_entry(kind=kind, quantity=quantity))


@pytest.mark.parametrize(
    ("kind", "amount", "bound"),
    [
        ("refund", 1_301, "not_below_zero"),
        ("charge_back", 1_301, "not_below_zero"),
        ("charge_back_reversed", 1, "signs"),
        ("capture", 301, "within_authorization"),
        ("void", 301, "within_authorization"),
    ],
)
def test_no_more_money_moves_than_there_is(filled, kind, amount, bound):
    assert bound in refuse_row(filled, "payment_event", a_payment_event(kind=kind, amount=amount))


def test_a_reference_of_a_provider_counts_once(filled):
    refuse_row(filled, "payment_event", a_payment_event(kind="refund", amount=1, provider_ref="R-502"))


@pytest.mark.parametrize("change", ["currency = 'USD'", "order_id = 1", "payment_id = 7"])
def test_a_payment_stays_what_it_was_made_for(filled, change):
    assert "IDENTITY" in refuse(filled, f"update payment set {change}")


def test_no_card_pays_more_than_it_holds(filled):
    entry = {
        "entry_id": 900,
        "stored_value_id": 500,
        "kind": "redeem",
        "source_key": "x",
        "reason": "",
        "actor": "test",
    }
    clocks = {"occurred_at": march(4), "recorded_at": march(4), "change_id": 1_000}

    assert "balance" in refuse_row(filled, "stored_value_entry", {**entry, **clocks, "amount": -4_701})


@pytest.mark.parametrize(
    ("kind", "bound"), [("receive", "received"), ("give_up", "received"), ("restock", "graded"), ("scrap", "graded")]
)
def test_no_more_comes_back_or_is_graded_than_was_asked_and_came(filled, kind, bound):
    entry = {"entry_id": 900, "request_line_id": 500, "kind": kind, "quantity": 1, "actor": "test"}
    clocks = {"occurred_at": march(4), "recorded_at": march(4), "change_id": 1_000}

    assert bound in refuse_row(filled, "return_entry", {**entry, **clocks})


def test_a_serial_number_is_in_one_place(filled):
    again = a_ledger_row(kind="receive", quantity=1, sku="PHONE", lot="S-1", location="MAIN")
    refusal = refuse_row(filled, "stock_movement", again)
    assert "ix_lot_balance_serial" in refusal or "lot_balance.sku, lot_balance.lot" in refusal

    assert "serial" in refuse_row(filled, "stock_movement", {**again, "location": "HUB"})


def test_a_serial_number_leaves_one_place_for_another(core):
    fill_every_table(core)
    phone = {"sku": "PHONE", "lot": "S-1"}
    leaves = a_ledger_row(**phone, location="HUB", kind="transfer_out", quantity=-1)
    arrives = a_ledger_row(**phone, kind="transfer_in", quantity=1, movement_id=1_001, source_key="arrives")

    with core.begin() as connection:
        for row in (leaves, arrives):
            connection.execute(metadata.tables["stock_movement"].insert().values(**row))

    assert sorted(rows_of(core, "select location, on_hand from lot_balance where lot = 'S-1'")) == [
        ("HUB", 0),
        ("MAIN", 1),
    ]


def test_no_lot_gives_more_than_it_has(filled):
    loss = a_ledger_row(sku="TEA", lot="L-1", location="HUB", kind="adjust_loss", quantity=-10)

    refusal = refuse_row(filled, "stock_movement", loss)

    assert "lot_balance_on_hand" in refusal or "not_oversold" in refusal


@pytest.mark.parametrize(
    "change",
    [
        "lot_balance set location = 'MAIN' where lot = 'L-1'",
        "lot_balance set condition = 'damaged' where lot = 'L-1'",
        "lot_balance set is_serial = false where lot = 'S-1'",
        "line_allocation set location = 'MAIN'",
        "order_line set order_id = 1 where line_id = 500",
        "order_line set sku = 'CUP' where line_id = 500",
        "purchase_order_line set sku = 'CUP'",
        "shipment_line set sku = 'CUP'",
        "return_request_line set line_id = 1",
        "stored_value set currency = 'USD'",
        "transfer set to_location = 'YARD'",
    ],
)
def test_a_counted_row_stays_about_what_it_was_about(filled, change):
    assert "IDENTITY" in refuse(filled, f"update {change}")


def test_a_refused_row_moves_no_counter_of_any_table(filled):
    before = contents(filled)

    refuse_row(filled, "stock_allocation", an_allocation(quantity=3))

    assert contents(filled) == before
