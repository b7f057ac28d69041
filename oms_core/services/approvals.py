"""Four eyes: a request above a limit is kept, a second person decides, and then exactly that request is carried out.

A use case that may need it registers itself (`register`) and calls `ask` instead of acting. `decide` is the body of the
use cases that decide, one a permission: `stock.decide_approval` here, others beside what they approve.
"""

import json
import types
import typing
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from importlib import import_module
from typing import Any, TypeVar

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, record_effects, use_case
from oms_core.storage.changes import take_ids
from oms_core.storage.document_events import add_event
from oms_core.storage.stock_booking import new_number
from oms_core.storage.tables import approval

_Request = TypeVar("_Request")


@dataclass(frozen=True, slots=True)
class Approvable:
    """A use case that a second person may have to approve, what he needs for it, and what then happens."""

    request_type: type[Any]
    permission: Permission
    execute: Callable[[Unit, Any], Outcome]


_ASKED_BY = ("adjust_stock", "refund_order", "stored_value", "transfer_stock")
"""Modules whose requests may wait; each registers them when it is imported."""
APPROVABLE: dict[str, Approvable] = {}


def register(
    name: str, request_type: type[_Request], permission: Permission, execute: Callable[[Unit, _Request], Outcome]
) -> None:
    """Let requests of the use case `name` wait for approval; `execute` does what was asked, past the limit."""
    APPROVABLE[name] = Approvable(request_type, permission, execute)


def ask(unit: Unit, name: str, request: object, reason: str) -> Outcome:
    """Keep the request until somebody else decides; nothing else is changed."""
    number = new_number(unit.connection, "APR")
    approval_id = int(take_ids(unit.connection, "approval", 1)[0])
    unit.connection.execute(
        approval.insert().values(
            approval_id=approval_id,
            number=number,
            use_case=name,
            request=json.dumps(asdict(request), ensure_ascii=False, sort_keys=True),  # type: ignore[call-overload]
            requested_by=unit.call.actor.name,
            reason=reason,
            state="none",
            last_event_seq=0,
            actor=unit.stamp.actor,
            recorded_at=unit.stamp.recorded_at,
            change_id=unit.stamp.change_id,
        )
    )
    add_event(unit.connection, unit.stamp, "approval", approval_id, "request", occurred_at=unit.call.now, reason=reason)
    document = {"approval": number, "state": "pending", "use_case": name, "reason": reason, "waits_for": "approval"}
    return Outcome("approval", number, document, topic="approval.requested", reason=reason)


@dataclass(frozen=True, slots=True)
class DecideApproval:
    """Yes or no to a request that waits, with the reason."""

    approval: str
    approve: bool
    reason: str


def decide(unit: Unit, request: DecideApproval) -> Outcome:
    """Carry out a request that waited, or turn it down.

    Raises:
        InvalidRequestError: APPROVAL_UNKNOWN.
        RuleViolationError: OWN_REQUEST, NOT_PERMITTED, EVENT_NOT_ALLOWED where it is decided already, and whatever the
            request itself refuses now; then it goes on waiting.
    """
    statement = sa.select(approval).where(approval.c.number == request.approval).with_for_update()
    row = unit.connection.execute(statement).first()
    for name in _ASKED_BY:
        import_module(f"oms_core.services.{name}")
    if row is None or row.use_case not in APPROVABLE:
        raise InvalidRequestError(
            "APPROVAL_UNKNOWN", f"nothing called {request.approval!r} waits", remedy="`oms adjust waiting` lists all."
        )
    asked = APPROVABLE[row.use_case]
    unit.call.actor.require(asked.permission, f"approval of {row.use_case}")
    if row.requested_by == unit.call.actor.name:
        raise RuleViolationError(
            "OWN_REQUEST",
            f"{row.requested_by} asked for {row.number} himself",
            remedy="A second person with the permission decides.",
        )
    event = "approve" if request.approve else "reject"
    state = add_event(
        unit.connection,
        unit.stamp,
        "approval",
        row.approval_id,
        event,
        occurred_at=unit.call.now,
        reason=request.reason,
    )
    unit.connection.execute(
        approval.update()
        .where(approval.c.approval_id == row.approval_id)
        .values(decided_by=unit.call.actor.name, change_id=unit.stamp.change_id)
    )
    document: dict[str, Any] = {"approval": row.number, "state": state, "use_case": row.use_case, "result": None}
    if request.approve:
        done = asked.execute(unit, _built(asked.request_type, json.loads(row.request)))
        record_effects(unit, [(unit.call.key, row.use_case, done)])
        document["result"] = done.document
    return Outcome("approval", row.number, document, topic=f"approval.{state}", reason=request.reason)


decide_stock_approval = use_case("stock.decide_approval", Permission.STOCK_APPROVE)(decide)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that waits, as a list shows it."""

    approval: str
    use_case: str
    requested_by: str
    reason: str
    state: str
    decided_by: str | None
    requested_at: int
    request: dict[str, Any]


def approvals(connection: sa.Connection, *, state: str | None = "pending") -> list[Waiting]:
    """Requests in this state (null: all), oldest first."""
    statement = sa.select(approval).order_by(approval.c.approval_id)
    if state is not None:
        statement = statement.where(approval.c.state == state)
    return [
        Waiting(
            row.number,
            row.use_case,
            row.requested_by,
            row.reason,
            row.state,
            row.decided_by,
            row.recorded_at,
            json.loads(row.request),
        )
        for row in connection.execute(statement)
    ]


def _built(wanted: Any, value: Any) -> Any:
    """A request of plain values as it was before it was kept as JSON."""
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = typing.get_type_hints(wanted)
        return wanted(**{part.name: _built(hints[part.name], value[part.name]) for part in fields(wanted)})
    origin = typing.get_origin(wanted)
    if origin is tuple:
        return tuple(_built(typing.get_args(wanted)[0], part) for part in value)
    if origin in (typing.Union, types.UnionType) and value is not None:
        options = [option for option in typing.get_args(wanted) if option is not type(None)]
        return _built(options[0], value)
    return value
