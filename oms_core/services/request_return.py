"""Ask to send goods back: by line, quantity and reason, within the window of the policy."""

from dataclasses import dataclass, replace

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.line_names import line_meant
from oms_core.domain.permissions import Permission
from oms_core.domain.returns import AskedLine, ReturnEvent, check_request
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.returns_read import return_document, return_policy
from oms_core.storage import return_request_store
from oms_core.storage.document_events import add_event
from oms_core.storage.line_entries import LineEntry, add_line_entries
from oms_core.storage.lot_store import tracking_of
from oms_core.storage.orders_found import find_order
from oms_core.storage.return_request_store import NewRequestLine
from oms_core.storage.stock_booking import require_places

KINDS = ("return", "exchange")
DOCUMENT = "return_request"
_GOODWILL = ("WINDOW_OVER", "NOT_RETURNABLE")


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Units of a line to send back and why; `replacement_sku`: what an exchange asks for instead."""

    line: str
    quantity: int
    reason: str
    replacement_sku: str | None = None


@dataclass(frozen=True, slots=True)
class RequestReturn:
    """Lines to send back. `goodwill`: past the window or the policy, for who may review returns."""

    order: str
    lines: tuple[ReturnLine, ...]
    kind: str = "return"
    location: str | None = None
    note: str | None = None
    goodwill: bool = False


@use_case("return.request", Permission.RETURN_REQUEST)
def request_return(unit: Unit, request: RequestReturn) -> Outcome:
    """A request that waits for review; its units are held, so that nothing is asked back twice.

    Raises:
        InvalidRequestError: KIND_UNKNOWN, RETURN_EMPTY, LINE_TWICE, LINE_UNKNOWN, LINE_AMBIGUOUS, QUANTITY_INVALID,
            REASON_UNKNOWN, SKU_UNKNOWN, LOCATION_UNKNOWN.
        RuleViolationError: RETURN_TOO_MANY, NOT_DELIVERED, WINDOW_OVER, NOT_RETURNABLE, NOT_GOODS, NOTHING_LEFT,
            NOT_PERMITTED for goodwill by who may not review.
    """
    if request.kind not in KINDS:
        raise InvalidRequestError(
            "KIND_UNKNOWN", f"{request.kind!r} is no kind of return", remedy=f"Use {' or '.join(KINDS)}."
        )
    actor, connection = unit.call.actor, unit.connection
    if request.goodwill:
        actor.require(Permission.RETURN_REVIEW, "a return as goodwill")
    order = find_order(connection, request.order)
    actor.require_account(order.account)
    actor.require_order(order.order_id)
    lines = {line.line_key: line for line in return_request_store.returnable_lines(connection, order.order_id)}
    names = [(line.line_key, line.sku) for line in lines.values()]
    request = replace(request, lines=tuple(replace(line, line=line_meant(line.line, names)) for line in request.lines))
    asked = [AskedLine(line.line, line.quantity, line.reason) for line in request.lines]
    waived = _GOODWILL if request.goodwill else ()
    check_request(asked, lines, return_policy(connection), now=unit.call.now, waived=waived)
    if request.location is not None:
        require_places(connection, [request.location])
    tracking_of(connection, [line.replacement_sku for line in request.lines if line.replacement_sku is not None])
    request_id, number = return_request_store.open_request(
        connection,
        order_id=order.order_id,
        kind=request.kind,
        location=request.location,
        note=request.note,
        requested_at=unit.call.now,
        lines=[
            NewRequestLine(lines[line.line].line_id, line.quantity, line.reason, line.replacement_sku)
            for line in request.lines
        ],
        stamp=unit.stamp,
    )
    held = [
        LineEntry(lines[line.line].line_id, order.order_id, DOCUMENT, line.quantity, DOCUMENT, number, unit.call.now)
        for line in request.lines
    ]
    add_line_entries(connection, unit.stamp, held)
    add_event(connection, unit.stamp, DOCUMENT, request_id, ReturnEvent.REQUEST, occurred_at=unit.call.now)
    return Outcome(DOCUMENT, number, return_document(connection, number), "return.requested")
