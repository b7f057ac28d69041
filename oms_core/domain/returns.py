"""Returns: the states of a request, who may send back what and until when, and how goods are graded.

Money and goods are apart: a request and its grades move goods, a refund (`oms_core.domain.payments`) moves money.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.return_policies import ReturnPolicy

DAY_MICROS = 86_400_000_000


class ReturnState(StrEnum):
    """Where a return request stands; `none` is the moment before its first event."""

    NONE = "none"
    REQUESTED = "requested"
    APPROVED = "approved"
    DECLINED = "declined"
    IN_TRANSIT = "in_transit"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class ReturnEvent(StrEnum):
    """What can happen to a return request."""

    REQUEST = "request"
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    SEND = "send"  # the customer handed the parcel over
    RECEIVE_PART = "receive_part"
    RECEIVE = "receive"  # everything asked for has come
    STOP_WAITING = "stop_waiting"  # the rest will not come
    CLOSE = "close"  # every unit received is graded


# (state, event, next state): the one table that decides; the database holds a copy and refuses the rest.
RETURN_TRANSITIONS: tuple[tuple[ReturnState, ReturnEvent, ReturnState], ...] = (
    (ReturnState.NONE, ReturnEvent.REQUEST, ReturnState.REQUESTED),
    (ReturnState.REQUESTED, ReturnEvent.APPROVE, ReturnState.APPROVED),
    (ReturnState.REQUESTED, ReturnEvent.DECLINE, ReturnState.DECLINED),
    (ReturnState.REQUESTED, ReturnEvent.CANCEL, ReturnState.CANCELLED),
    (ReturnState.APPROVED, ReturnEvent.CANCEL, ReturnState.CANCELLED),
    (ReturnState.APPROVED, ReturnEvent.SEND, ReturnState.IN_TRANSIT),
    (ReturnState.APPROVED, ReturnEvent.RECEIVE_PART, ReturnState.PARTIALLY_RECEIVED),
    (ReturnState.APPROVED, ReturnEvent.RECEIVE, ReturnState.RECEIVED),
    (ReturnState.IN_TRANSIT, ReturnEvent.CANCEL, ReturnState.CANCELLED),  # the parcel never came
    (ReturnState.IN_TRANSIT, ReturnEvent.RECEIVE_PART, ReturnState.PARTIALLY_RECEIVED),
    (ReturnState.IN_TRANSIT, ReturnEvent.RECEIVE, ReturnState.RECEIVED),
    (ReturnState.PARTIALLY_RECEIVED, ReturnEvent.RECEIVE_PART, ReturnState.PARTIALLY_RECEIVED),
    (ReturnState.PARTIALLY_RECEIVED, ReturnEvent.RECEIVE, ReturnState.RECEIVED),
    (ReturnState.PARTIALLY_RECEIVED, ReturnEvent.STOP_WAITING, ReturnState.RECEIVED),
    (ReturnState.RECEIVED, ReturnEvent.CLOSE, ReturnState.CLOSED),
)

_NEXT = {(before, event): after for before, event, after in RETURN_TRANSITIONS}


def next_state(state: ReturnState, event: ReturnEvent) -> ReturnState:
    """The state that `event` leads to.

    Raises:
        RuleViolationError: RETURN_STATE where the event is not allowed in this state.
    """
    found = _NEXT.get((state, event))
    if found is None:
        allowed = [after.value for before, after in _NEXT if before is state]
        raise RuleViolationError(
            "RETURN_STATE",
            f"a return request that is {state} allows no {event}",
            remedy=f"Allowed now: {', '.join(allowed)}." if allowed else "The request has ended; make a new one.",
            state=state.value,
            event=event.value,
        )
    return found


# --- eligibility -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """An order line as far as returns care; times in microseconds UTC.

    `sent_back` units went to the customer a second time and may come back a second time (return of return).
    """

    line_id: int
    line_key: str
    line_kind: str
    sku: str | None
    category: str | None
    delivered: int
    sent_back: int
    requested: int  # in open requests
    returned: int  # received
    last_delivered_at: int | None
    is_returnable: bool = True  # as the article says

    @property
    def remaining(self) -> int:
        """Units that may still be asked back: delivered + sent back − open − received."""
        return self.delivered + self.sent_back - self.requested - self.returned


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Whether a line may be sent back at an instant, how many units, until when, and else why not."""

    line_key: str
    remaining: int
    until: int | None
    refusal: str | None  # stable code, null where the line may be sent back
    reason: str | None

    @property
    def is_eligible(self) -> bool:
        """Whether anything of the line may be sent back now."""
        return self.refusal is None


def eligibility_of(line: ReturnableLine, policy: ReturnPolicy, *, now: int) -> Eligibility:
    """Whether the line may be sent back now; the window counts from its last delivery, its last instant included."""
    until = None
    if line.last_delivered_at is not None:
        until = line.last_delivered_at + policy.window_for(line.category) * DAY_MICROS
    refusal, reason = _refusal(line, policy, until, now)
    return Eligibility(line.line_key, max(line.remaining, 0), until, refusal, reason)


def _refusal(line: ReturnableLine, policy: ReturnPolicy, until: int | None, now: int) -> tuple[str | None, str | None]:
    if line.line_kind != "item":
        return "NOT_GOODS", f"line {line.line_key} is no goods ({line.line_kind})"
    if not line.is_returnable or line.sku in policy.no_return_skus or line.category in policy.no_return_categories:
        return "NOT_RETURNABLE", f"{line.sku} is excluded from returns"
    if line.delivered == 0 or until is None:
        return "NOT_DELIVERED", f"nothing of line {line.line_key} was delivered yet"
    if line.remaining <= 0:
        return "NOTHING_LEFT", f"all {line.delivered + line.sent_back} delivered units of line {line.line_key} are back"
    if now > until:
        return "WINDOW_OVER", f"the window for line {line.line_key} has ended"
    return None, None


@dataclass(frozen=True, slots=True)
class AskedLine:
    """Units of a line that a customer wants to send back, and why."""

    line_key: str
    quantity: int
    reason: str


def check_request(
    asked: Sequence[AskedLine],
    lines: Mapping[str, ReturnableLine],
    policy: ReturnPolicy,
    *,
    now: int,
    waived: Collection[str] = (),
) -> None:
    """Nothing where every line may be sent back as asked. `waived`: refusals that support lets pass (WINDOW_OVER …).

    Raises:
        InvalidRequestError: nothing asked, a line twice, a quantity below 1, an unknown line or reason.
        RuleViolationError: RETURN_TOO_MANY or the refusal of the first line that may not be sent back.
    """
    if not asked:
        raise InvalidRequestError("RETURN_EMPTY", "no line is asked back", remedy="Name a line and a quantity.")
    keys = [line.line_key for line in asked]
    if len(set(keys)) != len(keys):
        raise InvalidRequestError("LINE_TWICE", "a line is named twice", remedy="Name each line once, with its sum.")
    for each in asked:
        _check_line(each, lines, policy, now=now, waived=waived)


def _check_line(
    asked: AskedLine,
    lines: Mapping[str, ReturnableLine],
    policy: ReturnPolicy,
    *,
    now: int,
    waived: Collection[str],
) -> None:
    line = lines.get(asked.line_key)
    if line is None:
        raise InvalidRequestError(
            "LINE_UNKNOWN",
            f"the order has no line {asked.line_key!r}",
            remedy=f"Its lines: {', '.join(sorted(lines))}.",
            line=asked.line_key,
        )
    if asked.quantity < 1:
        raise InvalidRequestError(
            "QUANTITY_INVALID", f"{asked.quantity} units of line {asked.line_key}", remedy="Ask for 1 unit or more."
        )
    if asked.reason not in policy.reasons:
        raise InvalidRequestError(
            "REASON_UNKNOWN",
            f"{asked.reason!r} is no return reason",
            remedy=f"Use one of: {', '.join(sorted(policy.reasons))}.",
            reason_code=asked.reason,
        )
    found = eligibility_of(line, policy, now=now)
    if found.refusal is not None and found.refusal not in _WAIVABLE.intersection(waived):
        raise RuleViolationError(
            found.refusal,
            str(found.reason),
            remedy=_REMEDIES[found.refusal],
            line=line.line_key,
            remaining=found.remaining,
        )
    if asked.quantity > line.remaining:
        raise RuleViolationError(
            "RETURN_TOO_MANY",
            f"{asked.quantity} units of line {line.line_key} are asked back and {found.remaining} may come back",
            remedy="Ask for at most what was delivered and is not back or on its way back.",
            line=line.line_key,
            remaining=found.remaining,
        )


_WAIVABLE = frozenset({"WINDOW_OVER", "NOT_RETURNABLE"})  # goodwill; units that never arrived cannot come back
_REMEDIES = {
    "NOT_GOODS": "Only goods come back; give money back with a refund.",
    "NOT_RETURNABLE": "Support may accept it as goodwill.",
    "NOT_DELIVERED": "Wait for the delivery, or cancel what was not shipped.",
    "NOTHING_LEFT": "See the earlier returns of the order.",
    "WINDOW_OVER": "Support may accept it as goodwill.",
}


# --- grading ---------------------------------------------------------------------------------------


class Grade(StrEnum):
    """What becomes of received units after inspection."""

    RESTOCK = "restock"  # sellable again
    DAMAGED = "damaged"  # kept, not sellable
    SCRAP = "scrap"  # destroyed
    SEND_BACK = "send_back"  # not accepted: goes to the customer again
