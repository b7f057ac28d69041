"""Transfers: goods leave one place, are on their way, arrive at another; what does not arrive is explained."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Permission
from oms_core.domain.transfers import Arrived, Parcel, is_complete, take_from_transit
from oms_core.services import approvals
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.crashpoints import crashpoint
from oms_core.services.serve_waiting import make_ready, serve_waiting
from oms_core.services.stock_limits import is_above_limit
from oms_core.services.stock_moments import moment
from oms_core.services.transfer_documents import transfer_document
from oms_core.storage import transfer_store
from oms_core.storage.document_events import add_event
from oms_core.storage.lot_store import lots_that_leave, tracking_of
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.stock_booking import (
    book_incoming,
    new_number,
    next_ordinal,
    require_free,
    require_places,
)

_KIND = transfer_store.KIND


@dataclass(frozen=True, slots=True)
class TransferLine:
    """Units of an article; the lot, where a certain one is meant."""

    sku: str
    quantity: int
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class DraftTransfer:
    """What is to go from where to where; `via`: the place for goods on their way (null: the common one)."""

    from_location: str
    to_location: str
    lines: tuple[TransferLine, ...]
    via_location: str | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class TransferStep:
    """A step of one transfer; `at`: when it happened (null: now)."""

    transfer: str
    at: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class TransferArrival:
    """Units of a transfer that arrived, or were lost on the way; no lines: everything that is on its way."""

    transfer: str
    lines: tuple[TransferLine, ...] = ()
    at: int | None = None
    reason: str | None = None


@use_case("transfer.draft", Permission.TRANSFER)
def draft_transfer(unit: Unit, request: DraftTransfer) -> Outcome:
    """A transfer that moves nothing yet.

    Raises:
        InvalidRequestError: NO_LINES, QUANTITY_WRONG, SAME_PLACE, LOCATION_UNKNOWN, NOT_IN_TRANSIT, SKU_UNKNOWN.
    """
    unit.require_location(request.from_location)
    _check_lines(request.lines)
    via = request.via_location or transfer_store.ensure_transit(unit.connection, unit.stamp)
    if len({request.from_location, via, request.to_location}) != 3:  # noqa: PLR2004 - from, via, to
        raise InvalidRequestError(
            "SAME_PLACE", "a transfer goes from one place by way of another to a third", remedy="Name three places."
        )
    require_places(unit.connection, [request.from_location, via, request.to_location])
    transfer_store.require_transit(unit.connection, via)
    tracking_of(unit.connection, [line.sku for line in request.lines])
    number = request.number or new_number(unit.connection, "TR")
    values = {
        "number": number,
        "from_location": request.from_location,
        "via_location": via,
        "to_location": request.to_location,
    }
    lines = [(line.sku, line.lot, line.quantity) for line in request.lines]
    transfer_id = transfer_store.add_transfer(unit.connection, unit.stamp, values, lines)
    _step(unit, transfer_id, "draft", unit.call.now)
    return _outcome(unit, number, "transfer.drafted")


@use_case("transfer.ship", Permission.TRANSFER)
def ship_transfer(unit: Unit, request: TransferStep) -> Outcome:
    """All lines leave and are on their way from now on.

    Raises:
        RuleViolationError: NOT_PERMITTED at another site, EVENT_NOT_ALLOWED, STOCK_SHORT, LOT_SHORT, IN_THE_FUTURE.
    """
    row = transfer_store.find_transfer(unit.connection, request.transfer)
    unit.require_location(row.from_location)
    at = moment(unit, request.at)
    _step(unit, row.transfer_id, "ship", at, request.reason)
    require_places(unit.connection, [row.from_location, row.via_location])
    parcels = _leaving(unit, row, at)
    _move(unit, row.number, parcels, row.from_location, row.via_location, at)
    return _outcome(unit, row.number, "transfer.shipped")


def _leaving(unit: Unit, row: Any, at: int) -> list[tuple[Parcel, int]]:
    lines = transfer_store.lines_of(unit.connection, row.transfer_id)
    tracking = tracking_of(unit.connection, [line.sku for line in lines])
    wanted: Counter[tuple[str, str, str]] = Counter()
    for line in lines:
        wanted[line.sku, row.from_location, "sellable"] += line.quantity
    require_free(unit.connection, dict(wanted), at=at)
    parcels: list[tuple[Parcel, int]] = []
    for line in lines:
        parts = lots_that_leave(
            unit.connection,
            line.sku,
            row.from_location,
            "sellable",
            line.quantity,
            tracking=tracking[line.sku],
            lot_name=line.lot,
            at=at,
        )
        parcels.extend(((line.sku, name), units) for name, units in parts)
    return parcels


@use_case("transfer.receive", Permission.TRANSFER)
def receive_transfer(unit: Unit, request: TransferArrival) -> Outcome:
    """What arrived is on hand at its destination, and serves who waits for it; the rest stays on its way.

    Raises:
        RuleViolationError: NOT_PERMITTED at another site, EVENT_NOT_ALLOWED, NOT_ON_ITS_WAY, IN_THE_FUTURE.
    """
    row = transfer_store.find_transfer(unit.connection, request.transfer)
    unit.require_location(row.to_location)
    at = moment(unit, request.at)
    require_places(unit.connection, [row.via_location, row.to_location])
    on_way, taken = _taken(unit, row, request)
    event = "receive" if is_complete(on_way, taken) else "receive_part"
    _step(unit, row.transfer_id, event, at, request.reason)
    skus = {name for (name, _), _ in taken}
    make_ready(unit, skus)
    _move(unit, row.number, taken, row.via_location, row.to_location, at)
    serve_waiting(unit, skus, reason=f"transfer {row.number}")
    return _outcome(unit, row.number, "transfer.received")


@use_case("transfer.lose", Permission.TRANSFER)
def lose_in_transit(unit: Unit, request: TransferArrival) -> Outcome:
    """Units that did not arrive are written off with a reason; above the limit a second person decides first.

    Raises:
        InvalidRequestError: REASON_MISSING.
        RuleViolationError: NOT_PERMITTED, EVENT_NOT_ALLOWED, NOT_ON_ITS_WAY.
    """
    if not (request.reason or "").strip():
        raise InvalidRequestError("REASON_MISSING", "a loss has a reason", remedy="Say what happened on the way.")
    row = transfer_store.find_transfer(unit.connection, request.transfer)
    unit.require_location(row.to_location)
    at = moment(unit, request.at)
    _, taken = _taken(unit, row, request)
    worth: Counter[tuple[str, str]] = Counter()
    for (name, _), units in taken:
        worth[name, row.via_location] += units
    if is_above_limit(unit.connection, dict(worth), at):
        return approvals.ask(unit, "transfer.lose", replace(request, at=at), str(request.reason))
    return _lose(unit, request)


def _lose(unit: Unit, request: TransferArrival) -> Outcome:
    row = transfer_store.find_transfer(unit.connection, request.transfer)
    at = moment(unit, request.at)
    require_places(unit.connection, [row.via_location])
    on_way, taken = _taken(unit, row, request)
    event = "receive" if is_complete(on_way, taken) else "receive_part"
    _step(unit, row.transfer_id, event, at, request.reason)
    ordinal = next_ordinal(unit.connection, _KIND, row.number)
    movements = [
        _leg(parcel, row.via_location, "adjust_loss", -units, at, row.number, number, request.reason)
        for number, (parcel, units) in enumerate(taken, ordinal)
    ]
    book_incoming(unit.connection, unit.stamp, movements)
    return _outcome(unit, row.number, "transfer.lost", request.reason)


approvals.register("transfer.lose", TransferArrival, Permission.STOCK_APPROVE, _lose)


@use_case("transfer.cancel", Permission.TRANSFER)
def cancel_transfer(unit: Unit, request: TransferStep) -> Outcome:
    """A transfer that has not left will not leave."""
    row = transfer_store.find_transfer(unit.connection, request.transfer)
    unit.require_location(row.from_location)
    _step(unit, row.transfer_id, "cancel", unit.call.now, request.reason)
    return _outcome(unit, row.number, "transfer.cancelled", request.reason)


def _taken(unit: Unit, row: Any, request: TransferArrival) -> tuple[dict[Parcel, int], list[tuple[Parcel, int]]]:
    """(what is on its way, what of it the request names)."""
    if row.state not in {"shipped", "partly_received"}:
        raise RuleViolationError(
            "EVENT_NOT_ALLOWED",
            f"transfer {row.number} is {row.state}",
            remedy="Goods arrive from a transfer that was shipped and not yet received whole.",
            state=row.state,
        )
    on_way = transfer_store.units_at(unit.connection, row.number, row.via_location)
    if not request.lines:
        return on_way, sorted(on_way.items(), key=str)
    _check_lines(request.lines)
    return on_way, take_from_transit(on_way, [Arrived(line.sku, line.quantity, line.lot) for line in request.lines])


def _move(unit: Unit, number: str, parcels: list[tuple[Parcel, int]], source: str, target: str, at: int) -> None:
    """Both legs at one instant, the leaving one first, so that cost and age go along."""
    ordinal = next_ordinal(unit.connection, _KIND, number)
    out = [
        _leg(parcel, source, "transfer_out", -units, at, number, place)
        for place, (parcel, units) in enumerate(parcels, ordinal)
    ]
    book_incoming(unit.connection, unit.stamp, out)
    crashpoint("transfer_left")
    came = [
        _leg(parcel, target, "transfer_in", units, at, number, place)
        for place, (parcel, units) in enumerate(parcels, ordinal + len(out))
    ]
    book_incoming(unit.connection, unit.stamp, came)


def _leg(
    parcel: Parcel, place: str, kind: str, units: int, at: int, number: str, ordinal: int, reason: str | None = None
) -> OwnMovement:
    name, lot = parcel
    return OwnMovement(name, place, "sellable", kind, units, at, _KIND, number, ordinal, lot=lot, reason=reason)


def _check_lines(lines: tuple[TransferLine, ...]) -> None:
    if not lines:
        raise InvalidRequestError("NO_LINES", "a transfer has a line", remedy="Say what is to move.")
    for line in lines:
        if line.quantity < 1:
            raise InvalidRequestError(
                "QUANTITY_WRONG", f"{line.quantity} of {line.sku}", remedy="Move one unit or more."
            )


def _step(unit: Unit, transfer_id: int, event: str, at: int, reason: str | None = None) -> str:
    return add_event(unit.connection, unit.stamp, _KIND, transfer_id, event, occurred_at=at, reason=reason)


def _outcome(unit: Unit, number: str, topic: str, reason: str | None = None) -> Outcome:
    document = transfer_document(unit.connection, number)
    return Outcome("transfer", number, document, topic=topic, reason=reason)
