"""Goods of a return arrive: into inspection at a place, counted against the request, whole or in parts."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.facts import LineFact, ReturnFact
from oms_core.domain.line_names import line_meant
from oms_core.domain.lots import require_tracking
from oms_core.domain.permissions import Permission
from oms_core.domain.returns import ReturnEvent
from oms_core.domain.stock import Condition, MovementKind
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.company import settings_of
from oms_core.services.request_return import DOCUMENT
from oms_core.services.returns_read import line_money, return_document, share_of_line
from oms_core.services.review_return import take_up
from oms_core.services.stock_moments import moment
from oms_core.storage import return_request_store
from oms_core.storage.document_events import add_event
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.lot_store import ensure_lot, tracking_of
from oms_core.storage.own_movements import OwnMovement
from oms_core.storage.return_request_store import NewReturnEntry
from oms_core.storage.return_store import record_returns
from oms_core.storage.stock_booking import book_incoming, require_places


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """Units of an order line that came; `lot`: for articles that are kept by lot or serial number."""

    line: str
    quantity: int
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class ReceiveReturn:
    """What came of a return, where and when."""

    request: str
    location: str
    lines: tuple[ReceivedLine, ...]
    occurred_at: int | None = None


@use_case("return.receive", Permission.RETURN_RECEIVE)
def receive_return(unit: Unit, request: ReceiveReturn) -> Outcome:
    """Units in stock under inspection, and a return document for them; money is not touched.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN, LOCATION_UNKNOWN, LINE_UNKNOWN, QUANTITY_INVALID, RETURN_EMPTY,
            LOT_MISSING, LOT_NOT_ASKED.
        RuleViolationError: RETURN_STATE, RETURN_EXCEEDS_REQUEST, NOT_PERMITTED, IN_THE_FUTURE, SERIAL_ONE_UNIT,
            SERIAL_TAKEN.
    """
    unit.require_location(request.location)
    row = take_up(unit, request.request, ReturnEvent.RECEIVE_PART)
    require_places(unit.connection, [request.location])
    at = moment(unit, request.occurred_at)
    lines = return_request_store.request_lines(unit.connection, row.request_id)
    came = _matched([replace(it, line=key_meant(it.line, lines)) for it in request.lines], lines)
    _require_lots(unit, came)
    _count(unit, row, request.location, came, at)
    _record_document(unit, row, came, at)
    units = sum(received.quantity for _, received in came)
    open_units = sum(it.quantity - it.received_quantity - it.given_up_quantity for it in lines)
    event = ReturnEvent.RECEIVE if units == open_units else ReturnEvent.RECEIVE_PART
    add_event(unit.connection, unit.stamp, DOCUMENT, row.request_id, event, occurred_at=at)
    return Outcome(DOCUMENT, row.number, return_document(unit.connection, row.number), "return.received")


_Came = Sequence[tuple[sa.Row[Any], ReceivedLine]]


def _matched(received: Sequence[ReceivedLine], lines: Sequence[sa.Row[Any]]) -> _Came:
    by_key = {row.line_key: row for row in lines}
    units: dict[str, int] = {}
    for it in received:
        require_units(it.line, it.quantity, by_key)
        units[it.line] = units.get(it.line, 0) + it.quantity
    if not received:
        raise InvalidRequestError("RETURN_EMPTY", "nothing came", remedy="Name the lines and units that came.")
    for key, count in units.items():
        row = by_key[key]
        left = row.quantity - row.received_quantity - row.given_up_quantity
        if count > left:
            raise RuleViolationError(
                "RETURN_EXCEEDS_REQUEST",
                f"{count} units of line {key} came and {left} are expected",
                remedy="Receive what is expected; ask for a return of the rest.",
                line=key,
                expected=left,
            )
    return [(by_key[it.line], it) for it in received]


def _require_lots(unit: Unit, came: _Came) -> None:
    tracking = tracking_of(unit.connection, [line.sku for line, _ in came])
    for line, it in came:
        require_tracking(line.sku, tracking[line.sku], lot=it.lot, units=it.quantity)
        if it.lot is not None:
            ensure_lot(unit.connection, unit.stamp, line.sku, it.lot, None)


def key_meant(name: str, lines: Sequence[sa.Row[Any]]) -> str:
    """The key of the line of a return that people mean: its own, or an article that no other line has."""
    return line_meant(name, [(row.line_key, row.sku) for row in lines])


def require_units(key: str, quantity: int, lines: Mapping[str, object]) -> None:
    """Nothing where the request has this line and at least one unit is named.

    Raises:
        InvalidRequestError: LINE_UNKNOWN, QUANTITY_INVALID.
    """
    if key not in lines:
        raise InvalidRequestError(
            "LINE_UNKNOWN", f"the return has no line {key!r}", remedy=f"Its lines: {', '.join(sorted(lines))}."
        )
    if quantity < 1:
        raise InvalidRequestError("QUANTITY_INVALID", f"{quantity} units of line {key}", remedy="Name 1 unit or more.")


def _count(unit: Unit, row: sa.Row[Any], location: str, came: _Came, at: int) -> None:
    """The request's and the order's counters, then the stock; held units go before returned ones."""
    entries = [NewReturnEntry(line.request_line_id, "receive", it.quantity, location, at) for line, it in came]
    ids = return_request_store.add_return_entries(unit.connection, entries, unit.stamp)
    for kind, sign in (("return_request", -1), ("return", 1)):
        counted = [
            LineEntry(line.line_id, row.order_id, kind, sign * it.quantity, DOCUMENT, row.number, at)
            for line, it in came
        ]
        add_line_entries(unit.connection, unit.stamp, counted)
    movements = [
        OwnMovement(
            sku=line.sku,
            location=location,
            condition=Condition.INSPECTION.value,
            kind=MovementKind.RETURN_IN.value,
            quantity=it.quantity,
            occurred_at=at,
            document_kind=DOCUMENT,
            document_ref=row.number,
            ordinal=entry_id * 1000,
            order_account=row.account,
            order_external_id=row.external_id,
            reason=line.reason,
            lot=it.lot,
        )
        for entry_id, (line, it) in zip(ids, came, strict=True)
    ]
    book_incoming(unit.connection, unit.stamp, movements)


def _record_document(unit: Unit, row: sa.Row[Any], came: _Came, at: int) -> None:
    """The return document that return rates count: one a receipt, at what was paid for the units without tax."""
    number = f"{row.number}.{row.last_event_seq}"
    taken: dict[int, int] = {}
    money = line_money(unit.connection, [line for line, _ in came])
    facts, links = [], {}
    for place, (line, it) in enumerate(came, start=1):
        before = line.returned_quantity - line.line_sent_back_quantity + taken.get(line.line_id, 0)
        taken[line.line_id] = taken.get(line.line_id, 0) + it.quantity
        facts.append(_fact(f"{line.line_key}.{place}", line, money[line.line_id][0], it.quantity, before))
        links[facts[-1].line_key] = line.line_id
    document = ReturnFact(
        external_id=number,
        returned_at=at,
        currency=row.currency,
        lines=facts,
        order_external_id=row.external_id,
        country=row.country,
    )
    base = settings_of(unit.connection).base_currency
    record_returns(unit.connection, row.account, [document], customer_ids={}, base_currency=base, stamp=unit.stamp)
    return_request_store.link_document(
        unit.connection, row.account, number, row.customer_id, line_ids=links, stamp=unit.stamp
    )


def _fact(key: str, line: sa.Row[Any], net: int, units: int, before: int) -> LineFact:
    fact = LineFact(
        line_key=key,
        line_kind=line.line_kind,
        sku=line.sku,
        title=line.title,
        quantity=units,
        unit_price=line.unit_price,
        line_amount=share_of_line(line, net, taken=before, units=units).units,
        money_scale=line.money_scale,
        content_sha256="",
        reason=line.reason,
    )
    return fact._replace(content_sha256=hashlib.sha256(repr(fact).encode()).hexdigest())
