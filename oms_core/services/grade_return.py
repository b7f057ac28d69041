"""Returned goods are inspected: restocked, kept as damaged, scrapped, or sent back to the customer. Never money."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Permission
from oms_core.domain.returns import Grade, ReturnState
from oms_core.domain.stock import Condition, MovementKind
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.receive_return import key_meant, require_units
from oms_core.services.request_return import DOCUMENT
from oms_core.services.returns_read import return_document
from oms_core.services.review_return import close_if_graded
from oms_core.services.serve_waiting import make_ready, serve_waiting
from oms_core.services.stock_moments import moment
from oms_core.storage import return_request_store
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.lot_store import LotUnits, lots_that_leave, tracking_of
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.return_request_store import NewReturnEntry
from oms_core.storage.stock_booking import book_incoming, require_free, require_places
from oms_core.storage.stock_ledger import StockKey

# What a grade does: kind of return_entry, kind of line_entry, movement out of inspection, condition moved into.
_EFFECTS: dict[Grade, tuple[str, str, MovementKind, Condition | None]] = {
    Grade.RESTOCK: ("restock", "restock", MovementKind.CONDITION_OUT, Condition.SELLABLE),
    Grade.DAMAGED: ("damage", "write_off", MovementKind.CONDITION_OUT, Condition.DAMAGED),
    Grade.SCRAP: ("scrap", "write_off", MovementKind.SCRAP, None),
    Grade.SEND_BACK: ("send_back", "send_back", MovementKind.SHIP, None),
}
_GRADED_IN = frozenset({ReturnState.PARTIALLY_RECEIVED, ReturnState.RECEIVED})


@dataclass(frozen=True, slots=True)
class GradedLine:
    """Units of a line with one grade: restock, damaged, scrap or send_back."""

    line: str
    grade: str
    quantity: int
    note: str | None = None
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class GradeReturn:
    """What the inspection at a place found."""

    request: str
    location: str
    lines: tuple[GradedLine, ...]
    occurred_at: int | None = None


@use_case("return.grade", Permission.RETURN_GRADE)
def grade_return(unit: Unit, request: GradeReturn) -> Outcome:
    """Units out of inspection by their grade, each once; the request is closed with the last unit.

    Restocked units serve who waits for them.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN, LOCATION_UNKNOWN, LINE_UNKNOWN, GRADE_UNKNOWN, QUANTITY_INVALID,
            RETURN_EMPTY.
        RuleViolationError: RETURN_STATE where nothing came, GRADE_EXCEEDS_RECEIVED, NOT_PERMITTED, IN_THE_FUTURE.
    """
    unit.require_location(request.location)
    row = return_request_store.find_request(unit.connection, request.request)
    unit.call.actor.require_account(row.account)
    if row.state not in _GRADED_IN:
        raise RuleViolationError(
            "RETURN_STATE",
            f"return {row.number} is {row.state}: there is nothing to grade",
            remedy="Receive its goods first." if row.state != ReturnState.CLOSED else "Every unit is graded already.",
            state=row.state,
        )
    require_places(unit.connection, [request.location])
    graded = _matched(unit, row, request)
    sound = {line.sku for line, it in graded if it.grade == Grade.RESTOCK}
    make_ready(unit, sound)
    _book(unit, row, request.location, graded, moment(unit, request.occurred_at))
    topic = "return.closed" if close_if_graded(unit, row) else "return.graded"
    serve_waiting(unit, sound, reason=f"return {row.number}")
    return Outcome(DOCUMENT, row.number, return_document(unit.connection, row.number), topic)


_Graded = Sequence[tuple[sa.Row[Any], GradedLine]]


def _matched(unit: Unit, row: sa.Row[Any], request: GradeReturn) -> _Graded:
    lines = return_request_store.request_lines(unit.connection, row.request_id)
    by_key = {it.line_key: it for it in lines}
    waiting = return_request_store.ungraded_at(unit.connection, row.request_id)
    if not request.lines:
        raise InvalidRequestError("RETURN_EMPTY", "nothing is graded", remedy="Name lines, units and grades.")
    graded = [replace(it, line=key_meant(it.line, lines)) for it in request.lines]
    for it in graded:
        require_units(it.line, it.quantity, by_key)
        if it.grade not in list(Grade):
            raise InvalidRequestError(
                "GRADE_UNKNOWN", f"{it.grade!r} is no grade", remedy=f"Use one of {', '.join(Grade)}."
            )
        key = (by_key[it.line].request_line_id, request.location)
        waiting[key] = waiting.get(key, 0) - it.quantity
        if waiting[key] < 0:
            left = waiting[key] + it.quantity
            raise RuleViolationError(
                "GRADE_EXCEEDS_RECEIVED",
                f"{it.quantity} units of line {it.line} are graded and {left} wait at {request.location}",
                remedy="Grade what has come to this place and is not graded yet.",
                line=it.line,
                waiting=left,
            )
    return [(by_key[it.line], it) for it in graded]


def _book(unit: Unit, row: sa.Row[Any], location: str, graded: _Graded, at: int) -> None:
    entries, counted = [], []
    for line, it in graded:
        entry_kind, line_kind, _, _ = _EFFECTS[Grade(it.grade)]
        entries.append(NewReturnEntry(line.request_line_id, entry_kind, it.quantity, location, at, it.note))
        counted.append(
            LineEntry(line.line_id, row.order_id, line_kind, it.quantity, DOCUMENT, row.number, at, reason=it.grade)
        )
    ids = return_request_store.add_return_entries(unit.connection, entries, unit.stamp)
    add_line_entries(unit.connection, unit.stamp, counted)
    _move(unit, row, location, list(zip(ids, graded, strict=True)), at)


def _move(
    unit: Unit, row: sa.Row[Any], location: str, graded: Sequence[tuple[int, tuple[sa.Row[Any], GradedLine]]], at: int
) -> None:
    """Out of inspection, then into the new condition: a serial number is never in two conditions."""
    tracking = tracking_of(unit.connection, [line.sku for _, (line, _) in graded])
    wanted: Counter[StockKey] = Counter()
    for _, (line, it) in graded:
        wanted[line.sku, location, Condition.INSPECTION.value] += it.quantity
    require_free(unit.connection, dict(wanted), at=at)
    for entry_id, (line, it) in graded:
        lots = lots_that_leave(
            unit.connection,
            line.sku,
            location,
            Condition.INSPECTION.value,
            it.quantity,
            tracking=tracking[line.sku],
            lot_name=it.lot,
            at=at,
            with_expired=True,
        )
        first = entry_id * 1000
        out = [_out(row, location, line, it, at, lot)._replace(ordinal=first + n) for n, lot in enumerate(lots)]
        book_incoming(unit.connection, unit.stamp, out)
        book_incoming(unit.connection, unit.stamp, _moved_in(Grade(it.grade), out))


def _out(row: sa.Row[Any], location: str, line: sa.Row[Any], it: GradedLine, at: int, leaving: LotUnits) -> OwnMovement:
    lot, units = leaving
    return OwnMovement(
        sku=line.sku,
        location=location,
        condition=Condition.INSPECTION.value,
        kind=_EFFECTS[Grade(it.grade)][2].value,
        quantity=-units,
        occurred_at=at,
        document_kind=DOCUMENT,
        document_ref=row.number,
        ordinal=0,
        order_account=row.account,
        order_external_id=row.external_id,
        reason=it.grade,
        lot=lot,
    )


def _moved_in(grade: Grade, out: Sequence[OwnMovement]) -> list[OwnMovement]:
    """The same units in the condition they are in now; none where they left the place."""
    into = _EFFECTS[grade][3]
    if into is None:
        return []
    kind = MovementKind.CONDITION_IN.value
    return [it._replace(condition=into.value, kind=kind, quantity=-it.quantity, ordinal=it.ordinal + 500) for it in out]
