"""The two dialects of the rules: how a trigger is written for SQLite and for PostgreSQL."""

from collections.abc import Iterator


def abort(message: str) -> str:
    """SQLite: refuse the statement."""
    return f"select raise(abort, '{message}')"


def sqlite_trigger(name: str, timing: str, when: str, body: str) -> Iterator[str]:
    """A row trigger of SQLite, in place of one of the same name."""
    yield f"drop trigger if exists {name}"
    yield f"create trigger {name} {timing} for each row when {when} begin {body}; end"


def function(name: str, body: str) -> str:
    """A trigger function of PostgreSQL."""
    return f"create or replace function {name}() returns trigger language plpgsql as $body$ begin {body} end $body$"


def trigger(name: str, timing: str, called: str) -> Iterator[str]:
    """A trigger of PostgreSQL that calls a function, in place of one of the same name."""
    table = timing.rsplit(" on ", 1)[1].split(maxsplit=1)[0]
    yield f"drop trigger if exists {name} on {table}"
    level = "statement" if "truncate" in timing else "row"
    yield f"create trigger {name} {timing} for each {level} execute function {called}()"


def refuse(message: str) -> str:
    """PostgreSQL: refuse the statement."""
    return f"raise exception '{message}' using errcode = 'integrity_constraint_violation';"
