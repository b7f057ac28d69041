"""Lots and serial numbers: which lot leaves first, and what a SKU that asks for one accepts."""

from collections.abc import Iterable
from dataclasses import dataclass

from oms_core.domain.errors import InvalidRequestError, RuleViolationError


@dataclass(frozen=True, slots=True)
class Lot:
    """Units of one lot at one place. `expires_at`: the first instant at which it may no longer leave; null: never."""

    name: str
    on_hand: int
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class LotChoice:
    """(lot, units) in the order they are taken, and the units no lot has."""

    chosen: tuple[tuple[str, int], ...]
    missing: int


def choose_lots(wanted: int, lots: Iterable[Lot], at: int) -> LotChoice:
    """First expired, first out: the earliest expiry first, lots without one last, then by name; expired ones never."""
    fresh = [lot for lot in lots if lot.on_hand > 0 and (lot.expires_at is None or lot.expires_at > at)]
    chosen: list[tuple[str, int]] = []
    for lot in sorted(fresh, key=lambda it: (it.expires_at is None, it.expires_at or 0, it.name)):
        if wanted == 0:
            break
        units = min(wanted, lot.on_hand)
        chosen.append((lot.name, units))
        wanted -= units
    return LotChoice(tuple(chosen), wanted)


def require_tracking(sku: str, tracking: str, *, lot: str | None, units: int) -> None:
    """Check that units of a SKU name a lot exactly where it asks for one, and that a serial number is one unit.

    Raises:
        InvalidRequestError: LOT_MISSING, LOT_NOT_ASKED.
        RuleViolationError: SERIAL_ONE_UNIT.
    """
    if tracking == "none":
        if lot is not None:
            raise InvalidRequestError(
                "LOT_NOT_ASKED", f"{sku} is not kept by lot", remedy="Leave the lot out, or let the SKU ask for lots."
            )
        return
    if not lot:
        word = "serial number" if tracking == "serial" else "lot"
        raise InvalidRequestError("LOT_MISSING", f"{sku} is kept by {word}", remedy=f"Name the {word}.")
    if tracking == "serial" and abs(units) != 1:
        raise RuleViolationError(
            "SERIAL_ONE_UNIT",
            f"serial number {lot} of {sku} stands for one unit, not {abs(units)}",
            remedy="Give each unit a line with its own number.",
        )
