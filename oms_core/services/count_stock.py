"""Count stock: open a list, enter what was seen, book what is within tolerance, let a second person decide the rest."""

from dataclasses import dataclass
from typing import Any

from oms_core.domain.counts import Difference, needs_second_person
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import to_text
from oms_core.domain.lots import require_tracking
from oms_core.domain.permissions import Permission
from oms_core.domain.stock import CONDITIONS
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.count_lists import ranked_records
from oms_core.services.crashpoints import crashpoint
from oms_core.services.serve_waiting import make_ready, serve_waiting
from oms_core.services.stock_limits import base_costs, count_tolerance, write_off_limit_micro
from oms_core.services.stock_moments import moment
from oms_core.storage import count_store
from oms_core.storage.count_store import CountLine
from oms_core.storage.document_events import add_event
from oms_core.storage.lot_store import ensure_lot, tracking_of
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.stock_booking import book_facts, new_number, next_ordinal, on_hand_at, require_places

_KIND = "stock_count"


@dataclass(frozen=True, slots=True)
class OpenCount:
    """A count of a location: of these articles, or (none named) of the `first` ones of its ranked list."""

    location: str
    skus: tuple[str, ...] = ()
    first: int = 20
    number: str | None = None


@dataclass(frozen=True, slots=True)
class CountedRecord:
    """Units seen of one record."""

    sku: str
    counted: int
    condition: str = "sellable"
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class EnterCount:
    """What was seen at one instant (null: now). Entered again, it replaces what was entered before."""

    count: str
    lines: tuple[CountedRecord, ...]
    at: int | None = None


@dataclass(frozen=True, slots=True)
class CountStep:
    """A decision on a count, with its reason."""

    count: str
    reason: str


@use_case("count.open", Permission.COUNT)
def open_count(unit: Unit, request: OpenCount) -> Outcome:
    """The count with the articles to look at, the most suspicious value first; it does not say what is recorded.

    Raises:
        InvalidRequestError: LOCATION_UNKNOWN, SKU_UNKNOWN.
    """
    unit.require_location(request.location)
    require_places(unit.connection, [request.location])
    if request.skus:
        tracking_of(unit.connection, request.skus)
    ranked = ranked_records(unit.connection, request.location, unit.call.now)
    wanted = [{"sku": it.sku, "suspicion_per_mille": it.suspicion_per_mille} for it in ranked[: request.first]]
    if request.skus:
        known = {it.sku: it.suspicion_per_mille for it in ranked}
        wanted = [{"sku": name, "suspicion_per_mille": known.get(name)} for name in request.skus]
    number = request.number or new_number(unit.connection, "CNT")
    count_id = count_store.add_count(unit.connection, unit.stamp, number, request.location)
    state = _step(unit, count_id, "open", unit.call.now)
    document = {"count": number, "location": request.location, "state": state, "to_count": wanted}
    return Outcome(_KIND, number, document, topic="count.opened")


@use_case("count.enter", Permission.COUNT)
def enter_count(unit: Unit, request: EnterCount) -> Outcome:
    """The differences: booked at the count's instant where all are tolerated, else kept for a second person.

    Sound units that were found serve who waits for them.

    Raises:
        InvalidRequestError: COUNT_UNKNOWN, NO_LINES, QUANTITY_WRONG, COUNTED_TWICE, CONDITION_UNKNOWN, SKU_UNKNOWN,
            LOT_MISSING, LOT_NOT_ASKED.
        RuleViolationError: NOT_PERMITTED at another site, EVENT_NOT_ALLOWED, IN_THE_FUTURE, SERIAL_ONE_UNIT.
    """
    row = count_store.find_count(unit.connection, request.count)
    unit.require_location(row.location)
    at = moment(unit, request.at)
    _check_lines(unit, request.lines)
    require_places(unit.connection, [row.location])
    lines = [
        CountLine(
            it.sku,
            it.condition,
            it.lot,
            on_hand_at(unit.connection, (it.sku, row.location, it.condition), at, lot_name=it.lot),
            it.counted,
        )
        for it in request.lines
    ]
    count_store.add_lines(unit.connection, unit.stamp, row.count_id, at, lines)
    _step(unit, row.count_id, "count", at)
    state = "counted"
    if not needs_second_person(
        _differences(unit, row.location, lines, at),
        count_tolerance(unit.connection),
        value_limit_micro=write_off_limit_micro(unit.connection),
    ):
        state = _approve(unit, row, at, lines, "within tolerance")
    return _outcome(row, lines, at, state, "count.entered")


@use_case("count.approve", Permission.STOCK_APPROVE)
def approve_count(unit: Unit, request: CountStep) -> Outcome:
    """The differences booked at the count's instant, whatever is promised: a shortage is recorded with them.

    Sound units that were found serve who waits for them.

    Raises:
        RuleViolationError: OWN_REQUEST where the approver counted; EVENT_NOT_ALLOWED.
    """
    row = _decidable(unit, request.count)
    lines = count_store.last_lines(unit.connection, row.count_id)
    require_places(unit.connection, [row.location])
    state = _approve(unit, row, row.counted_at, lines, request.reason)
    return _outcome(row, lines, row.counted_at, state, "count.approved", request.reason)


@use_case("count.reject", Permission.STOCK_APPROVE)
def reject_count(unit: Unit, request: CountStep) -> Outcome:
    """Nothing is booked; the place is counted anew under another number."""
    row = _decidable(unit, request.count)
    state = _step(unit, row.count_id, "reject", unit.call.now, request.reason)
    lines = count_store.last_lines(unit.connection, row.count_id)
    return _outcome(row, lines, row.counted_at, state, "count.rejected", request.reason)


@use_case("count.cancel", Permission.COUNT)
def cancel_count(unit: Unit, request: CountStep) -> Outcome:
    """The count is given up; nothing is booked."""
    row = count_store.find_count(unit.connection, request.count)
    unit.require_location(row.location)
    state = _step(unit, row.count_id, "cancel", unit.call.now, request.reason)
    return _outcome(row, [], row.counted_at, state, "count.cancelled", request.reason)


def _decidable(unit: Unit, number: str) -> Any:
    row = count_store.find_count(unit.connection, number)
    unit.require_location(row.location)
    if unit.call.actor.name in count_store.counters_of(unit.connection, row.count_id):
        raise RuleViolationError(
            "OWN_REQUEST", f"{unit.call.actor.name} counted {number} himself", remedy="A second person decides."
        )
    return row


def _differences(unit: Unit, place: str, lines: list[CountLine], at: int) -> list[Difference]:
    costs = base_costs(unit.connection, {(line.sku, place) for line in lines}, at)
    found = []
    for line in lines:
        cost = costs.get((line.sku, place))
        micro = None if cost is None else int(cost.scaleb(6))
        found.append(Difference(line.expected, line.counted, micro))
    return found


def _approve(unit: Unit, row: Any, at: int, lines: list[CountLine], reason: str) -> str:
    ordinal = next_ordinal(unit.connection, _KIND, row.number)
    movements = [
        _movement(line, row, at, number)
        for number, line in enumerate((line for line in lines if line.counted != line.expected), ordinal)
    ]
    for line in lines:
        if line.lot is not None and line.counted:
            ensure_lot(unit.connection, unit.stamp, line.sku, line.lot, None)
    found = {line.sku for line in lines if line.condition == "sellable" and line.counted > line.expected}
    make_ready(unit, found)
    book_facts(unit.connection, unit.stamp, movements)
    crashpoint("count_booked")
    count_store.answer_suspicions(
        unit.connection,
        unit.stamp,
        row.count_id,
        row.location,
        {line.sku for line in lines if line.condition == "sellable"},
    )
    serve_waiting(unit, found, reason=f"count {row.number}")
    return _step(unit, row.count_id, "approve", unit.call.now, reason)


def _movement(line: CountLine, row: Any, at: int, ordinal: int) -> OwnMovement:
    units = line.counted - line.expected
    return OwnMovement(
        line.sku,
        row.location,
        line.condition,
        "adjust_gain" if units > 0 else "adjust_loss",
        units,
        at,
        _KIND,
        row.number,
        ordinal,
        reason="count",
        lot=line.lot,
    )


def _check_lines(unit: Unit, lines: tuple[CountedRecord, ...]) -> None:
    if not lines:
        raise InvalidRequestError("NO_LINES", "a count has a record", remedy="Say what was seen.")
    records = {(it.sku, it.condition, it.lot) for it in lines}
    if len(records) != len(lines):
        raise InvalidRequestError(
            "COUNTED_TWICE", "a record stands twice in the count", remedy="Add up what was seen of it."
        )
    tracking = tracking_of(unit.connection, [it.sku for it in lines])
    for it in lines:
        if it.counted < 0:
            raise InvalidRequestError("QUANTITY_WRONG", f"{it.counted} of {it.sku}", remedy="Count from zero on.")
        if it.condition not in CONDITIONS:
            raise InvalidRequestError(
                "CONDITION_UNKNOWN", f"{it.condition!r} is no condition", remedy=f"Use one of {', '.join(CONDITIONS)}."
            )
        require_tracking(it.sku, tracking[it.sku], lot=it.lot, units=it.counted or 1)


def _step(unit: Unit, count_id: int, event: str, at: int, reason: str | None = None) -> str:
    return add_event(unit.connection, unit.stamp, _KIND, count_id, event, occurred_at=at, reason=reason)


def _outcome(
    row: Any, lines: list[CountLine], at: int | None, state: str, topic: str, reason: str | None = None
) -> Outcome:
    document = {
        "count": row.number,
        "location": row.location,
        "state": state,
        "counted_at": None if at is None else to_text(at),
        "lines": [{**line._asdict(), "difference": line.counted - line.expected} for line in lines],
    }
    return Outcome(_KIND, row.number, document, topic=topic, reason=reason)
