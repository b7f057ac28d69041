"""Receipts: goods that came against what was ordered; too many, too few, damaged."""

from collections.abc import Iterable
from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError

OVER_PER_MILLE = 50  # as much more than ordered is taken in without asking: what a supplier's last box may hold


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a receipt means for one line of the order: units within it, beyond it, and still to come."""

    due: int
    over: int
    still_open: int


def arrival(*, ordered: int, cancelled: int, received_before: int, quantity: int) -> Arrival:
    """How `quantity` units that came relate to a line."""
    due = max(0, ordered - cancelled - received_before)
    return Arrival(min(due, quantity), max(0, quantity - due), max(0, due - quantity))


def is_within_tolerance(*, ordered: int, received: int) -> bool:
    """Whether a line that has `received` units altogether is at most OVER_PER_MILLE beyond what was ordered."""
    return received * 1000 <= ordered * (1000 + OVER_PER_MILLE)


def require_within_tolerance(sku: str, *, ordered: int, received: int) -> None:
    """Refuse an over-delivery beyond the tolerance.

    Raises:
        RuleViolationError: OVER_RECEIPT.
    """
    if is_within_tolerance(ordered=ordered, received=received):
        return
    raise RuleViolationError(
        "OVER_RECEIPT",
        f"{received} of {sku} would be in, {ordered} were ordered; {OVER_PER_MILLE // 10} % more are taken in",
        remedy="Count again; what is too much goes back, or an operations lead accepts it (accept_over).",
        sku=sku,
        ordered=ordered,
        received=received,
    )


def require_sound(sku: str, *, quantity: int, damaged: int) -> None:
    """Raise InvalidRequestError QUANTITY_WRONG unless quantity > 0 and 0 <= damaged <= quantity."""
    if quantity <= 0 or not 0 <= damaged <= quantity:
        raise InvalidRequestError(
            "QUANTITY_WRONG",
            f"{sku}: {quantity} received, {damaged} of them damaged",
            remedy="Give whole units above zero; the damaged ones are among them.",
        )


def state_event(lines: Iterable[tuple[int, int, int]]) -> str:
    """`receive` where every line (ordered, cancelled, received) is complete, else `receive_part`."""
    return (
        "receive" if all(received >= ordered - cancelled for ordered, cancelled, received in lines) else "receive_part"
    )
