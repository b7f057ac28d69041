"""A document's state moves only with an event that starts from that state, in sequence (I6)."""

from collections.abc import Iterator

from oms_core.storage.rules.dialects import abort, function, refuse, sqlite_trigger, trigger
from oms_core.storage.tables import DOCUMENTS

_STARTS = "new.state <> 'none' or new.last_event_seq <> 0"
_START_MESSAGE = "STATE: a document starts without a state, its events give it one"
_FOLLOW_MESSAGE = "STATE: the event does not follow the state and number the document is at"
_MOVE_MESSAGE = "STATE: a document changes state only by an event"


def _at(kind: str, table: str, key: str) -> str:
    return (
        f"new.document_kind = '{kind}' and not exists (select 1 from {table} where {key} = new.document_id"
        " and state = new.from_state and last_event_seq = new.seq - 1)"
    )


def _moves(table: str, key: str) -> str:
    return (
        f"update {table} set state = new.to_state, last_event_seq = new.seq, change_id = new.change_id"
        f" where {key} = new.document_id"
    )


def _unexplained(kind: str, key: str) -> str:
    return f"""(new.state <> old.state or new.last_event_seq <> old.last_event_seq)
        and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from document_event
        where document_kind = '{kind}' and document_id = new.{key} and seq = new.last_event_seq
        and from_state = old.state and to_state = new.state))"""


def sqlite() -> Iterator[str]:
    """The statements for SQLite."""
    for kind, (table, key) in DOCUMENTS.items():
        yield from sqlite_trigger(f"{table}_starts", f"before insert on {table}", _STARTS, abort(_START_MESSAGE))
        yield from sqlite_trigger(
            f"{table}_event_follows", "before insert on document_event", _at(kind, table, key), abort(_FOLLOW_MESSAGE)
        )
        yield from sqlite_trigger(
            f"{table}_event_moves",
            "after insert on document_event",
            f"new.document_kind = '{kind}'",
            _moves(table, key),
        )
        yield from sqlite_trigger(
            f"{table}_by_event",
            f"before update of state, last_event_seq on {table}",
            _unexplained(kind, key),
            abort(_MOVE_MESSAGE),
        )


def postgresql() -> Iterator[str]:
    """The statements for PostgreSQL."""
    yield function("oms_document_starts", f"if {_STARTS} then {refuse(_START_MESSAGE)} end if; return new;")
    for kind, (table, key) in DOCUMENTS.items():
        yield from trigger(f"{table}_starts", f"before insert on {table}", "oms_document_starts")
        yield function(
            f"oms_{table}_event_follows",
            f"""if new.document_kind = '{kind}' then perform 1 from {table} where {key} = new.document_id
            and state = new.from_state and last_event_seq = new.seq - 1 for update;
            if not found then {refuse(_FOLLOW_MESSAGE)} end if; end if; return new;""",
        )
        yield from trigger(f"{table}_event_follows", "before insert on document_event", f"oms_{table}_event_follows")
        yield function(
            f"oms_{table}_event_moves",
            f"if new.document_kind = '{kind}' then {_moves(table, key)}; end if; return null;",
        )
        yield from trigger(f"{table}_event_moves", "after insert on document_event", f"oms_{table}_event_moves")
        yield function(
            f"oms_{table}_by_event",
            f"if {_unexplained(kind, key)} then {refuse(_MOVE_MESSAGE)} end if; return new;",
        )
        yield from trigger(f"{table}_by_event", f"before update on {table}", f"oms_{table}_by_event")
