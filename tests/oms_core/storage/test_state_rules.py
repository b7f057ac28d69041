"""A state moves only with an event that follows it, orders and documents alike, by raw SQL on both engines (I6)."""

from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.storage.tables import DOCUMENTS, document_event
from tests.builders import NOW, an_order, give, rows_of
from tests.core_rows import fill_every_table, refuse, refuse_row


def test_an_order_changes_state_only_by_an_event(filled):
    assert "STATE" in refuse(filled, "update sales_order set lifecycle = 'closed'")
    assert "STATE" in refuse(filled, "update sales_order set last_event_seq = last_event_seq + 1")
    assert "STATE" in refuse(filled, "update sales_order set lifecycle = 'none', last_event_seq = 0")


def test_an_order_does_not_return_to_an_earlier_event(filled):
    assert "STATE" in refuse(filled, "update sales_order set lifecycle = 'pending', last_event_seq = 1")


def test_an_order_starts_without_a_state(filled):
    names = "account, external_id, placed_at, currency, recorded_at, change_id"

    refused = refuse(
        filled,
        f"insert into sales_order (order_id, lifecycle, last_event_seq, {names})"
        " values (900, 'confirmed', 2, 'shop', 'X', 0, 'EUR', 0, 1)",
    )

    assert "STATE" in refused


@pytest.mark.parametrize(
    ("seq", "event", "before", "after"),
    [
        (3, "release", "confirmed", "pending"),  # no such transition
        (3, "close", "confirmed", "cancelled"),  # the event leads elsewhere
        (3, "confirm", "pending", "confirmed"),  # stale: the order is confirmed already
        (3, "hold", "pending", "on_hold"),  # legal, but not from where the order stands
        (4, "close", "confirmed", "closed"),  # skips a number
        (2, "close", "confirmed", "closed"),  # takes a number again
    ],
)
def test_an_event_follows_the_state_the_order_is_at(filled, seq, event, before, after):
    order_id = rows_of(filled, "select order_id from sales_order where external_id = 'A-1'")[0][0]

    refuse(
        filled,
        "insert into order_event (order_id, seq, event, from_state, to_state, occurred_at, actor, recorded_at,"
        " change_id)"
        f" values ({order_id}, {seq}, '{event}', '{before}', '{after}', 0, 'test', 0, 1)",
    )


def test_a_legal_event_moves_the_order(core):
    give(core, an_order())
    order_id = rows_of(core, "select order_id from sales_order")[0][0]

    with core.begin() as connection:
        connection.execute(
            sa.text(
                "insert into order_event (order_id, seq, event, from_state, to_state, occurred_at, actor, recorded_at,"
                f" change_id) values ({order_id}, 3, 'close', 'confirmed', 'closed', 0, 'test', 0, 88)"
            )
        )

    assert rows_of(core, "select lifecycle, last_event_seq, change_id from sales_order") == [("closed", 3, 88)]


# --- documents ------------------------------------------------------------------------------------

KINDS = list(DOCUMENTS)


def an_event(kind: str, **values: Any) -> dict[str, Any]:
    row = {"document_kind": kind, "document_id": 500, "actor": "test", "occurred_at": NOW, "recorded_at": NOW}
    return {**row, "change_id": 1, **values}


def at(core: sa.Engine, kind: str) -> tuple[str, int]:
    """State and event number of the document 500."""
    table, key = DOCUMENTS[kind]
    return rows_of(core, f"select state, last_event_seq from {table} where {key} = 500")[0]


def a_step(core: sa.Engine, kind: str, state: str) -> tuple[str, str, str]:
    """A legal step from a state: (from, event, to)."""
    steps = f"select from_state, event, to_state from document_transition where document_kind = '{kind}'"
    return rows_of(core, f"{steps} and from_state = '{state}' order by event")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_changes_state_only_by_an_event(filled, kind):
    table, _ = DOCUMENTS[kind]

    assert "STATE" in refuse(filled, f"update {table} set state = 'cancelled'")
    assert "STATE" in refuse(filled, f"update {table} set last_event_seq = last_event_seq + 1")
    assert "STATE" in refuse(filled, f"update {table} set state = 'none', last_event_seq = 0")


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_starts_without_a_state(filled, kind):
    table, key = DOCUMENTS[kind]
    [row] = rows_with_names(filled, f"select * from {table}")
    values = {**row, key: 900, "number": "other"}

    assert "STATE" in refuse_row(filled, table, values)
    assert "STATE" in refuse_row(filled, table, {**values, "state": "none"})


def rows_with_names(core: sa.Engine, statement: str) -> list[dict[str, Any]]:
    with core.connect() as connection:
        return [dict(row) for row in connection.execute(sa.text(statement)).mappings()]


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_out_of_sequence_is_refused(filled, kind):
    state, seq = at(filled, kind)
    steps = f"select event, to_state from document_transition where document_kind = '{kind}' and from_state = '{state}'"

    for event, after in rows_of(filled, steps):
        for number in (seq, seq + 2):
            row = an_event(kind, seq=number, event=event, from_state=state, to_state=after)
            refuse_row(filled, "document_event", row)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_from_a_state_the_document_has_left_is_refused(filled, kind):
    _, seq = at(filled, kind)
    before, event, after = a_step(filled, kind, "none")

    row = an_event(kind, seq=seq + 1, event=event, from_state=before, to_state=after)

    assert "STATE" in refuse_row(filled, "document_event", row)


@pytest.mark.parametrize("kind", KINDS)
def test_a_jump_that_no_table_knows_is_refused(filled, kind):
    state, seq = at(filled, kind)

    refuse_row(filled, "document_event", an_event(kind, seq=seq + 1, event="close", from_state=state, to_state="lost"))


def test_an_event_of_no_document_is_refused(filled):
    row = an_event("transfer", document_id=7, seq=1, event="draft", from_state="none", to_state="draft")

    assert "STATE" in refuse_row(filled, "document_event", row)


def test_an_event_of_no_kind_is_refused(filled):
    refuse_row(filled, "document_event", an_event("bribe", seq=1, event="draft", from_state="none", to_state="draft"))


def test_a_legal_event_moves_the_document_and_no_other(core):
    fill_every_table(core)
    before = rows_of(core, "select state, last_event_seq from stock_count")
    row = an_event("transfer", seq=2, event="cancel", from_state="draft", to_state="cancelled", change_id=88)

    with core.begin() as connection:
        connection.execute(document_event.insert().values(**row))

    assert rows_of(core, "select state, last_event_seq, change_id from transfer") == [("cancelled", 2, 88)]
    assert rows_of(core, "select state, last_event_seq from stock_count") == before


@pytest.mark.parametrize("column", ["request = '{\"a\": 1}'", "use_case = 'stock.adjust'", "requested_by = 'another'"])
def test_what_waits_for_a_second_person_is_not_exchanged(filled, column):
    assert "IDENTITY" in refuse(filled, f"update approval set {column}")


def test_nobody_decides_on_his_own_request(filled):
    assert "four_eyes" in refuse(filled, "update approval set decided_by = requested_by")
