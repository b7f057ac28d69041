"""`verify` names what somebody changed who owns the database, in every journal and every kept table, on both engines.

Each test switches the rules off, plants, deletes or changes rows of the world of `tests/core_rows.py`, asks, and rolls
back. What no check can find without a chain of hashes over the rows is listed here by name, and the lists are exact:
a column that a check begins to see must leave them.

What stays unseen, and why:
- Words (`reason`, `note`, `detail` …), and when something happened (`occurred_at` …): told once, in one place.
- What a source said of its own document (prices, titles, dates): the payload of its message is kept and hashed, but its
  reading depends on a map that the core does not know; loading the files again finds the difference.
- The last row of a journal that nothing else counts (a peg, a rate, a suspicion answered): its absence is a state too.
- A change made alike in every place that tells of it.
"""

from collections.abc import Mapping

import pytest
import sqlalchemy as sa

from oms_core.services.verify import run_checks
from oms_core.storage.engine import reading
from oms_core.storage.tables import JOURNALS, KEPT
from tests.core_rows import fill_every_table
from tests.tampering import tampered

TABLES = (*JOURNALS, *KEPT)
EACH_TABLE = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
EACH_KEPT_OR_JOURNAL_OF_OURS = [
    table for table in TABLES if table.name not in {"command", "feed_message", "feed_applied"}
]

# Nothing else counts or names these rows: that the last of them is gone cannot be seen.
DELETED_UNSEEN = {
    *("order_milestone", "order_exception", "stock_snapshot", "allocation_decision", "backorder_peg"),
    *("tracking_event", "count_suspicion_answer", "exchange_rate", "policy"),
}

CHANGED_UNSEEN = {
    "order_event": "occurred_at reason",
    "line_entry": "source_ref reason occurred_at",
    "order_hold": "reason rule occurred_at",
    "order_hold_release": "resolution occurred_at",
    "order_milestone": "occurred_at reason",
    "order_change": "before after reason occurred_at",
    "order_exception": "detail occurred_at",
    "order_adjustment": "code",
    "stock_movement": (
        "occurred_at order_account order_external_id reason content_sha256 unit_cost cost_scale currency"
    ),
    "stock_snapshot": "observed_at quantity unit_cost cost_scale currency content_sha256",
    "stock_allocation": "reason occurred_at",
    "allocation_decision": "strategy candidates chosen occurred_at",
    "backorder_peg": "quantity promised_at reason occurred_at",
    "document_event": "reason occurred_at",
    "tracking_event": "source source_key status place occurred_at",
    "return_entry": "note occurred_at",
    "payment_event": ("base_currency base_rate base_rate_scale base_amount provider provider_ref reason occurred_at"),
    "stored_value_entry": "source_key payment_event_id reason occurred_at",
    "po_line_expectation": "reason",
    "receipt": "number received_at",
    "receipt_line": "lot unit_cost cost_scale",
    "stock_count_line": "lot expected counted",
    "count_suspicion": "quantity source_kind source_ref occurred_at",
    "exchange_rate": "rate rate_scale",
    "policy": "document",
    "feed_message": "natural_key source_version received_at",
    "command": "request_sha256",
    "audit_entry": "reason",
    "sales_order": (
        "external_id placed_at currency base_currency base_rate base_rate_scale country "
        "source_version fulfilled_here priority customer_number parent_order_id prices_include_tax "
        "source_total delivery_method ship_region ship_postcode ship_latitude ship_longitude "
        "promised_at confirmed_by look_alike_key content_sha256 merged_into_id recorded_at"
    ),
    "order_line": (
        "line_key title quantity unit_price content_sha256 discount_amount source_version "
        "parent_line_id tax_rate recorded_at"
    ),
    "return_order": (
        "external_id order_external_id returned_at currency base_currency base_rate base_rate_scale "
        "country source_version recorded_at"
    ),
    "return_line": (
        "line_key title quantity unit_price line_amount money_scale content_sha256 reason "
        "source_version order_line_id recorded_at"
    ),
    "stock_exception": "quantity occurred_at recorded_at",
    "shipment": "delivery_method carrier shipped_at delivered_at proof",
    "shipment_line": "picked_quantity lot recorded_at",
    "return_request": "replacement_order_id requested_at note",
    "return_request_line": "quantity reason recorded_at",
    "transfer_line": "lot quantity recorded_at",
    "stock_count": "counted_at",
    "purchase_order": "number currency ordered_at source_total total_scale source_version",
    "purchase_order_line": "line_key quantity cancelled_quantity unit_price price_scale recorded_at",
    "payment": "external_id recorded_at",
    "stored_value": "currency expires_at recorded_at",
    "approval": "use_case request requested_by reason",
}


@pytest.fixture(scope="module")
def filled(module_core):
    fill_every_table(module_core)
    return module_core


def broken(connection: sa.Connection) -> dict[str, list[dict[str, object]]]:
    """Rows by the name of each check that found some."""
    return {check.name: check.rows for check in run_checks(connection) if check.rows}


def names(found: dict[str, list[dict[str, object]]], table: sa.Table, row: Mapping[str, object]) -> bool:
    """Whether a check names a row by one of its keys, or the rows that are left without it."""
    named = ("_id", "_ref", "_key", "number")
    keys = {column.name for column in table.columns if column.primary_key or column.name.endswith(named)}
    said = {str(value) for rows in found.values() for it in rows for value in it.values()}
    return table.name in said or bool(said & {str(row[key]) for key in keys if row[key] is not None})


def first_row(core: sa.Engine, table: sa.Table) -> dict[str, object]:
    with reading(core) as connection:
        return dict(connection.execute(sa.select(table)).mappings().first() or {})


def test_the_world_is_sound_before_and_after(filled):
    with tampered(filled, "update stock_balance set on_hand = 77") as connection:
        assert broken(connection)
    with reading(filled) as connection:
        assert broken(connection) == {}


@EACH_TABLE
def test_deleted_rows_are_named(filled, table):
    with reading(filled) as connection:
        rows = [dict(row) for row in connection.execute(sa.select(table)).mappings()]

    with tampered(filled, f"delete from {table.name}") as connection:
        found = broken(connection)

    assert (not found) == (table.name in DELETED_UNSEEN)
    assert not found or any(names(found, table, row) for row in rows)


@pytest.mark.parametrize("table", EACH_KEPT_OR_JOURNAL_OF_OURS, ids=lambda table: table.name)
def test_a_row_that_nobody_wrote_is_named(filled, table):
    """A row of another transaction than those that are on record."""
    keys = {column.name for column in table.primary_key}
    with tampered(filled, f"update {table.name} set change_id = 987654") as connection:
        found = broken(connection)[f"{table.name}_was_written_by_somebody"]

    row = first_row(filled, table)
    assert {key: row[key] for key in keys} in [{key: it[key] for key in keys} for it in found]


def test_a_command_and_a_message_that_nobody_wrote_are_named(filled):
    copied = "select 'k-2', use_case, request_sha256, result, actor, role, recorded_at, change_id from command"
    with tampered(filled, f"insert into command {copied}") as connection:
        assert [row["command_key"] for row in broken(connection)["every_command_was_audited"]] == ["k-2"]

    columns = "source, account, kind, message_key || 'x', message_id + 900, natural_key, source_version, payload"
    copied = f"select {columns}, sha256, received_at from feed_message limit 1"
    with tampered(filled, f"insert into feed_message {copied}") as connection:
        assert len(broken(connection)["every_message_is_settled"]) == 1


def change_of(column: sa.Column[object]) -> str:
    """Another value of the same type."""
    if isinstance(column.type, sa.Boolean):
        return f'"{column.name}" = not coalesce("{column.name}", false)'
    if isinstance(column.type, sa.Integer):
        return f'"{column.name}" = coalesce("{column.name}", 0) + 1'
    return f"\"{column.name}\" = coalesce(\"{column.name}\", '') || 'x'"


def unseen_changes(core: sa.Engine, table: sa.Table) -> set[str]:
    """Columns whose change in every row no check finds."""
    unseen = set()
    for column in table.columns:
        if column.primary_key or column.unique or (table.name, column.name) == ("order_line", "order_id"):
            continue  # keys meet one another; the rows that name them are the references' business
        if column.name == "change_id":
            continue  # the row that nobody wrote, above
        try:
            with tampered(core, f"update {table.name} set {change_of(column)}") as connection:
                if not broken(connection):
                    unseen.add(column.name)
        except sa.exc.IntegrityError:
            assert (
                core.dialect.name == "postgresql"
            )  # its checks are switched off only by dropping them, which is named
    return unseen


@pytest.mark.accept
@EACH_TABLE
def test_a_changed_column_is_found_or_known_to_be_unseen(filled, table):
    assert unseen_changes(filled, table) == set(CHANGED_UNSEEN.get(table.name, "").split())


# --- the rules themselves -------------------------------------------------------------------------


def test_a_rule_that_guards_nothing_any_more_is_named(filled):
    if filled.dialect.name == "sqlite":
        empty = "create trigger payment_kept before delete on payment for each row when 1 begin select 1; end"
        statements = ["drop trigger payment_kept", empty]
        expected = [{"trigger": "payment_kept"}]
    else:
        function = "create or replace function oms_payment_amounts_explained() returns trigger language plpgsql"
        statements = [f"{function} as $body$ begin return new; end $body$"]
        expected = [{"trigger": "payment_amounts_explained"}]

    with rolled_back(filled, *statements) as connection:
        assert broken(connection) == {"rules_in_place": expected}


def test_a_rule_that_is_not_ours_is_named(filled):
    if filled.dialect.name == "sqlite":
        statements = ["create trigger helpful after insert on payment_event begin select 1; end"]
    else:
        statements = [
            "create trigger helpful after insert on payment_event for each row execute function oms_immutable()"
        ]

    with rolled_back(filled, *statements) as connection:
        assert broken(connection) == {"rules_in_place": [{"trigger": "helpful"}]}


@pytest.mark.parametrize("module_core", [pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True)
@pytest.mark.parametrize(
    ("table", "constraint"),
    [
        ("stock_balance", "ck_stock_balance_not_oversold"),
        ("stock_allocation", "uq_stock_allocation_pending_id"),
        ("document_event", "fk_document_event_transition"),
    ],
)
def test_a_dropped_constraint_is_named(filled, table, constraint):
    with rolled_back(filled, f"alter table {table} drop constraint {constraint}") as connection:
        assert broken(connection) == {"constraints_in_place": [{"table": table, "constraint": constraint}]}


@pytest.mark.parametrize("module_core", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("table", "constraint", "text", "weaker"),
    [
        (
            "stock_balance",
            "ck_stock_balance_not_oversold",
            "allows_negative or committed <= on_hand + shortage",
            "1 = 1",
        ),
        ("payment", "ck_payment_not_below_zero", "refunded_amount + charged_back_amount <= captured_amount", "1 = 1"),
    ],
)
def test_a_check_that_was_made_weaker_in_the_catalogue_is_named(filled, table, constraint, text, weaker):
    change = f"update sqlite_master set sql = replace(sql, '{text}', '{weaker}') where name = '{table}'"
    with rolled_back(filled, "pragma writable_schema = on", change, "pragma writable_schema = off") as connection:
        assert broken(connection)["constraints_in_place"] == [{"table": table, "constraint": constraint}]


def test_a_dropped_unique_index_is_named(filled):
    with rolled_back(filled, "drop index ix_lot_balance_serial") as connection:
        assert broken(connection) == {
            "constraints_in_place": [{"table": "lot_balance", "constraint": "ix_lot_balance_serial"}]
        }


def rolled_back(core: sa.Engine, *statements: str):
    """A connection that sees what these statements did to the catalogue; nothing of it stays."""
    return tampered(core, *statements, rules=True)
