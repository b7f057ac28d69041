"""How a use case runs: permission, idempotency key, one transaction, and its command, audit and outbox rows.

    @use_case("order.confirm", Permission.ORDER_CONFIRM)
    def confirm_order(unit: Unit, request: ConfirmOrder) -> Outcome: ...

    result = confirm_order(engine, ConfirmOrder(order="shop/1001"), Call(key, actor, now))

A repeated key answers with the first result and changes nothing; the same key with another request is refused.
Inside another use case's transaction it runs by `.within(unit, request)`.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from weakref import WeakSet

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.permissions import Actor, Permission
from oms_core.services.crashpoints import crashpoint
from oms_core.services.refusals import refusal_of
from oms_core.storage import schema
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import next_change_id, take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.engine import home_not_ready, write
from oms_core.storage.tables import audit_entry, command, outbox_message

_Request = TypeVar("_Request")
_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Call:
    """Who asks, under which key, when. The caller makes the key and keeps it for a retry; `now` in microseconds."""

    key: str
    actor: Actor
    now: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One write transaction at work."""

    connection: sa.Connection
    stamp: Stamp
    call: Call

    def require_location(self, location: str) -> None:
        """Raise RuleViolationError NOT_PERMITTED where the actor is confined to other sites."""
        self.call.actor.require_location(location)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a use case changed. `document` is what the caller gets, JSON-able and without personal data.

    `topic` "": it was known already and nothing changed; it is audited, and nobody is told.
    """

    kind: str
    ref: str
    document: dict[str, Any]
    topic: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The answer. `repeated`: the key was known, this is what it answered the first time."""

    document: dict[str, Any]
    repeated: bool


@dataclass(frozen=True, slots=True)
class Done:
    """One command of a batch that took effect."""

    key: str
    use_case: str
    request_sha256: str
    outcome: Outcome


class UseCase(Generic[_Request]):
    """A use case with its name and permission. Calling it runs it as a command of its own."""

    def __init__(self, name: str, permission: Permission, function: Callable[[Unit, _Request], Outcome]) -> None:
        self.name = name
        self.permission = permission
        self._function = function
        self.__doc__ = function.__doc__

    def __call__(self, engine: sa.Engine, request: _Request, call: Call) -> Result:
        """Run it in a transaction of its own.

        Raises:
            RuleViolationError: NOT_PERMITTED, or what the use case refuses; nothing was changed.
            InvalidRequestError: KEY_REUSED, KEY_MISSING, HOME_NOT_READY, or what the use case cannot read.
        """
        call.actor.require(self.permission, self.name)
        digest = request_sha256(request)

        def work(unit: Unit) -> Result:
            known = known_results(unit.connection, [call.key])
            if call.key in known:
                return _repeated(known[call.key], call.key, self.name, digest)
            outcome = self._function(unit, request)
            record(unit, [Done(call.key, self.name, digest, outcome)])
            return Result(json.loads(_json(outcome.document)), repeated=False)

        return transact(engine, call, work)

    def within(self, unit: Unit, request: _Request) -> Outcome:
        """Run it inside the caller's transaction; audit and outbox rows are its own, the command is the caller's.

        Raises:
            RuleViolationError: NOT_PERMITTED, or what the use case refuses.
        """
        unit.call.actor.require(self.permission, self.name)
        outcome = self._function(unit, request)
        record_effects(unit, [(unit.call.key, self.name, outcome)])
        return outcome


USE_CASES: dict[str, UseCase[Any]] = {}


def use_case(name: str, permission: Permission) -> Callable[[Callable[[Unit, _Request], Outcome]], UseCase[_Request]]:
    """Make a function a use case of this name, found in `USE_CASES`."""

    def wrap(function: Callable[[Unit, _Request], Outcome]) -> UseCase[_Request]:
        made: UseCase[_Request] = UseCase(name, permission, function)
        if USE_CASES.setdefault(name, made) is not made:
            message = f"two use cases are called {name}"
            raise ValueError(message)
        return made

    return wrap


_ready: WeakSet[sa.Engine] = WeakSet()


def transact(engine: sa.Engine, call: Call, work: Callable[[Unit], _Answer]) -> _Answer:
    """Run `work` in one write transaction, retried as a whole; what the database refuses is told as a rule.

    Raises:
        InvalidRequestError: KEY_MISSING, HOME_NOT_READY.
        RuleViolationError: what a constraint refused.
    """
    if not call.key.strip():
        raise InvalidRequestError(
            "KEY_MISSING", "a command has a key of its caller's", remedy="Make one (a UUID) and keep it for retries."
        )
    _require_home(engine)

    def attempt(connection: sa.Connection) -> _Answer:
        if engine not in _ready:
            schema.require(connection)
            _ready.add(engine)
        answer = work(Unit(connection, Stamp(next_change_id(connection), call.now, call.actor.name), call))
        crashpoint("before_commit")
        return answer

    try:
        answer = write(engine, attempt)
    except sa.exc.DBAPIError as error:
        if (refusal := refusal_of(error)) is not None:
            raise refusal from error
        raise
    crashpoint("after_commit")
    return answer


def _require_home(engine: sa.Engine) -> None:
    path = engine.url.database
    if engine.dialect.name == "sqlite" and not (path and Path(path).is_file()):
        raise home_not_ready("there is no database here yet")


def known_results(connection: sa.Connection, keys: Sequence[str]) -> dict[str, sa.Row[Any]]:
    """Stored commands (use_case, request_sha256, result) of the keys that came before."""
    columns = [command.c[name] for name in ("command_key", "use_case", "request_sha256", "result")]
    rows = select_where_in(connection, sa.select(*columns), command.c.command_key, keys)
    return {row.command_key: row for row in rows}


def _repeated(row: sa.Row[Any], key: str, name: str, digest: str) -> Result:
    if (row.use_case, row.request_sha256) != (name, digest):
        raise key_reused(key, row.use_case)
    return Result(json.loads(row.result), repeated=True)


def key_reused(key: str, use_case_name: str) -> InvalidRequestError:
    """The refusal of a key that another request used."""
    return InvalidRequestError(
        "KEY_REUSED",
        f"the key {key!r} was used before, for another {use_case_name} request",
        remedy="Use a new key for a new request, and the same request for a retry.",
    )


def record(unit: Unit, done: Iterable[Done]) -> None:
    """Write the command rows of a batch, and their audit and outbox rows, set-based."""
    batch = list(done)
    actor = unit.call.actor
    columns = ["command_key", "use_case", "request_sha256", "result", "actor", "role", "recorded_at", "change_id"]
    rows = [
        (
            item.key,
            item.use_case,
            item.request_sha256,
            _json(item.outcome.document),
            actor.name,
            actor.role.value,
            unit.stamp.recorded_at,
            unit.stamp.change_id,
        )
        for item in batch
    ]
    insert_rows(unit.connection, command, columns, rows)
    record_effects(unit, [(item.key, item.use_case, item.outcome) for item in batch])


_AUDIT = ["entry_id", "actor", "role", "action", "object_kind", "object_ref", "reason", "command_key"]
_AUDIT += ["topic", "content_sha256", "recorded_at", "change_id"]
_OUTBOX = ["message_id", "message_key", "topic", "object_kind", "object_ref", "payload", "recorded_at", "change_id"]


def record_effects(unit: Unit, effects: Sequence[tuple[str, str, Outcome]]) -> None:
    """Audit and outbox rows of (command key, action, outcome)."""
    actor, stamp = unit.call.actor, unit.stamp
    clocks = (stamp.recorded_at, stamp.change_id)
    entries: list[tuple[Any, ...]] = []
    messages: list[tuple[Any, ...]] = []
    entry_ids = take_ids(unit.connection, "audit_entry", len(effects))
    message_ids = take_ids(unit.connection, "outbox_message", len(effects))
    for entry_id, message_id, (key, action, outcome) in zip(entry_ids, message_ids, effects, strict=True):
        payload = _json(outcome.document)
        digest = hashlib.sha256(payload.encode()).hexdigest()
        who = (actor.name, actor.role.value, action, outcome.kind, outcome.ref, outcome.reason)
        entries.append((entry_id, *who, key, outcome.topic, digest, *clocks))
        name = f"{key}/{outcome.topic}/{outcome.ref}/{message_id}"
        if outcome.topic:
            messages.append((message_id, name, outcome.topic, outcome.kind, outcome.ref, payload, *clocks))
    insert_rows(unit.connection, audit_entry, _AUDIT, entries)
    insert_rows(unit.connection, outbox_message, _OUTBOX, messages)


def request_sha256(request: object) -> str:
    """Digest of what a request says. A request that comes by the thousand may say it itself, by `canonical()`."""
    canonical: Callable[[], object] | None = getattr(request, "canonical", None)
    if canonical is not None:
        return hashlib.sha256(_json(canonical()).encode()).hexdigest()
    return hashlib.sha256(_json(_plain(request)).encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {part.name: _plain(getattr(value, part.name)) for part in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    return value


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
