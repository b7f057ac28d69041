"""The door for pipelines: every change in exactly one window, whoever commits when; no personal data."""

import time
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.facts import (
    FeedMessage,
    PaymentFact,
    PurchaseLineFact,
    PurchaseOrderFact,
    ReceiptFact,
    SkuFact,
)
from oms_core.domain.orders import Lifecycle
from oms_core.services.live import has_changes_since
from oms_core.settings import Settings
from oms_core.storage.changes import next_change_id
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.export import EXPORTED, export_session
from oms_core.storage.tables import metadata
from tests.builders import (
    NOW,
    a_balance,
    a_context,
    a_cost,
    a_customer,
    a_held_row,
    a_line,
    a_message,
    a_movement,
    a_place,
    a_return,
    an_order,
    give,
)
from tests.cores import opened
from tests.oms_core.storage.writers import Writer


def window(core, low):
    """(rows by table as dictionaries, the next low)."""
    with export_session(core) as session:
        found = {
            name: [
                dict(zip([column.name for column in EXPORTED[name].columns], row, strict=True))
                for part in session.changes(name, low=low, chunk=3)
                for row in part
            ]
            for name in EXPORTED
        }
        return found, session.high_mark


def test_a_window_holds_what_came_since_the_one_before(core):
    give(core, SkuFact("MUG"))
    first, low = window(core, 0)

    give(core, SkuFact("CUP"), SkuFact("POT"))
    second, low = window(core, low)
    third, _ = window(core, low)

    assert [row["sku"] for row in first["sku"]] == ["MUG"]
    assert sorted(row["sku"] for row in second["sku"]) == ["CUP", "POT"]
    assert all(rows == [] for rows in third.values())


def test_a_changed_row_comes_again_with_a_greater_change_number(core):
    give(core, a_message(an_order("A-1", a_line(quantity=1), source_version=1), version=1))
    give(core, a_movement("1", units=5))
    first, low = window(core, 0)

    newer = an_order("A-1", a_line(quantity=4), source_version=2, lifecycle=Lifecycle.CLOSED)
    give(core, a_message(newer, version=2))
    give(core, a_movement("2", units=1))
    second, _ = window(core, low)

    before, after = first["sales_order"][0], second["sales_order"][0]
    assert (before["lifecycle"], after["lifecycle"]) == ("confirmed", "closed")
    assert after["change_id"] > before["change_id"]
    assert (first["order_line"][0]["quantity"], second["order_line"][0]["quantity"]) == (1, 4)
    assert [row["event"] for row in second["order_event"]] == ["close"]
    assert (first["stock_balance"][0]["on_hand"], second["stock_balance"][0]["on_hand"]) == (5, 6)


def test_a_shortage_comes_with_the_balance_it_belongs_to(core):
    give(core, a_movement("out", kind="ship", units=2))

    found, _ = window(core, 0)

    assert [(row["on_hand"], row["shortage"]) for row in found["stock_balance"]] == [(-2, 2)]
    assert [(row["kind"], row["quantity"]) for row in found["stock_exception"]] == [
        ("shortage", 2),
        ("negative_stock", -2),
    ]


def test_totals_are_exact_sums_below_the_mark(core):
    give(core, an_order("A-1", a_line("1", quantity=2, cents=999), a_line("2", quantity=3, cents=1)), a_movement())

    with export_session(core) as session:
        lines, movements, none = (session.totals(name) for name in ("order_line", "stock_movement", "return_line"))

    gone = dict.fromkeys(("cancelled_quantity", "moved_quantity", "cancelled_amount", "moved_amount"), 0)
    assert lines == {"rows": 2, "quantity": 5, "line_amount": 1000, "discount_amount": 0, **gone}
    assert movements == {"rows": 1, "quantity": 5}
    assert none == {"rows": 0, "quantity": 0, "line_amount": 0}


def test_a_change_that_commits_late_with_a_smaller_number_is_in_a_later_window(postgres_core):
    give(postgres_core, SkuFact("MUG"))
    _, low = window(postgres_core, 0)
    with postgres_core.connect() as slow, slow.begin():
        number = next_change_id(slow)
        slow.execute(sa.text(f"insert into sku (sku, recorded_at, change_id) values ('SLOW', 0, {number})"))
        give(postgres_core, SkuFact("FAST"))
        during, next_low = window(postgres_core, low)

    after, last = window(postgres_core, next_low)

    assert [row["sku"] for row in during["sku"]] == []
    assert next_low <= number
    assert sorted(row["sku"] for row in after["sku"]) == ["FAST", "SLOW"]
    assert all(rows == [] for rows in window(postgres_core, last)[0].values())


def test_windows_during_concurrent_writes_hold_each_row_exactly_once(core_settings):
    with opened(core_settings) as core:
        give(core, a_movement("first", units=1))
        writers = [Writer("slow", core_settings, 40) for _ in range(3)]
        low = 0
        seen: Counter[int] = Counter()
        windows = 0

        while True:
            running = any(writer.process.poll() is None for writer in writers)
            found, low = window(core, low)
            seen.update(row["movement_id"] for row in found["stock_movement"])
            windows += bool(found["stock_movement"])
            if not running:
                break
            time.sleep(0.02)

        for writer in writers:
            writer.finished()
        with reading(core) as connection:
            recorded: set[int] = set(connection.execute(sa.text("select movement_id from stock_movement")).scalars())
        assert len(recorded) == 1 + 3 * 40
        assert set(seen) == recorded
        assert set(seen.values()) == {1}
        assert windows > 2


PERSON = {"name": "Ada Lovelace", "email": "ada@example.org", "phone": "+44 20 7946", "address": "12 St James Sq"}


def test_nothing_personal_leaves_the_core(core):
    buyer = a_customer("ada-1815", **PERSON)
    give(
        core,
        replace(an_order("A-1", customer=buyer), milestones={"shipped": NOW}),
        a_return("R-1", customer=buyer),
        a_message(a_held_row(value="ada@example.org", payload='{"mail": "ada@example.org"}')),
        a_movement(),
        a_balance(unit_cost=200, cost_scale=2, currency="EUR"),
        a_cost(),
    )
    bought = PurchaseOrderFact("7", "ACME", NOW, "EUR", "sent")
    parts: dict[str, Any] = {
        "payments": {"payments": [PaymentFact("A-1/1", "A-1", "card", 100, "EUR")]},
        "purchase_orders": {"purchase_orders": [bought]},
        "purchase_order_lines": {"purchase_lines": [PurchaseLineFact("7", "1", "MUG", 4, 100, 2)]},
        "receipts": {"receipts": [ReceiptFact("R", "7", "1", 3, 1, NOW)]},
    }
    for kind, facts in parts.items():
        give(core, FeedMessage(kind, kind, kind, "{}", "0" * 64, **facts))

    found, _ = window(core, 0)

    text = repr(found)
    assert all(found[name] for name in FED)
    assert not [secret for secret in (*PERSON.values(), "ada-1815") if secret in text]


def test_no_exported_column_is_of_a_table_with_personal_data():
    hidden = {
        ("feed_quarantine", "value"),
        ("feed_quarantine", "payload"),
        ("shipment", "proof"),
        ("return_request", "note"),
        ("return_entry", "note"),
        ("audit_entry", "reason"),
    }
    exported = {(table.name, column.name) for table in EXPORTED.values() for column in table.columns}

    assert not exported & hidden
    assert not EXPORTED.keys() & {"customer_personal", "feed_message"}


# What messages alone bring; the rest is written by commands, whose free text about persons stays in the core.
FED = (
    *("company_setting", "channel_account", "location", "sku", "unit_cost", "customer", "sales_order", "order_line"),
    *("order_event", "order_milestone", "payment", "payment_event", "supplier", "purchase_order", "receipt_line"),
    *("purchase_order_line", "receipt", "return_order", "return_line", "stock_movement", "stock_balance"),
    *("stock_snapshot", "feed_quarantine"),
)
# Persons, secrets, raw messages and machinery: never exported.
KEPT_BACK = {
    *("customer_personal", "order_personal", "handover_code", "feed_message", "feed_applied", "feed_parked"),
    *("command", "approval", "outbox_message", "order_transition", "document_transition", "counter"),
}
# Facts that no model reads yet: a table leaves this list when it is exported, and none is added to it.
NOT_READ_YET = {
    "count_suspicion_answer",
    "line_allocation",
    "lot_balance",
    "order_change",
    "order_exception",
    "package",
    "policy",
    "stored_value",
    "stored_value_entry",
    "wave",
}


def test_every_fact_of_the_core_is_exported_or_kept_back_by_name():
    assert metadata.tables.keys() - EXPORTED.keys() - NOT_READ_YET == KEPT_BACK
    assert not KEPT_BACK & EXPORTED.keys()


def test_exporting_before_there_is_a_core_is_refused(tmp_path):
    engine = open_engine(Settings.at(tmp_path))

    with pytest.raises(InvalidRequestError) as caught, export_session(engine):
        pass

    assert caught.value.code == "HOME_NOT_READY"


def test_a_mark_tells_whether_anything_came_since(core):
    give(core, SkuFact("MUG"))
    with export_session(core) as session:
        mark = session.high_mark
    with reading(core) as connection:
        before = has_changes_since(connection, mark)

    give(core, a_movement(), context=a_context(a_place()))

    with reading(core) as connection:
        assert (before, has_changes_since(connection, mark)) == (False, True)
