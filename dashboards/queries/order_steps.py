"""What an order waits for, from its document: the steps a clerk is offered. Pure; the services decide."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

Order = Mapping[str, Any]

# Here its units are on a wave or beyond it and have not left.
_ON_A_WAVE: Final = frozenset({"released", "picking", "packed", "ready_for_pickup"})
_TO_HANDLE: Final = frozenset({*_ON_A_WAVE, "shipped", "in_transit", "out_for_delivery", "failed"})
_OPEN_RETURNS: Final = frozenset({"requested", "approved", "in_transit", "partially_received", "received"})
_OWING: Final = frozenset({"unpaid", "partially_paid", "failed", "voided"})


class Step(StrEnum):
    """What comes next."""

    RELEASE = "release"
    PAY = "pay"
    CONFIRM = "confirm"
    ALLOCATE = "allocate"
    WAVE = "wave"
    PARCEL = "parcel"
    RETURN = "return"
    ELSEWHERE = "elsewhere"
    REFUND = "refund"
    NOTHING = "nothing"


def name_of(order: Order) -> str:
    """How commands name the order."""
    return f"{order['account']}/{order['external_id']}"


def steps_of(order: Order) -> list[Step]:
    """The steps it waits for, in the order they are taken."""
    is_here = bool(order["fulfilled_here"])
    is_pending, is_confirmed = order["lifecycle"] == "pending", order["lifecycle"] == "confirmed"
    waits_for = {
        Step.RELEASE: bool(order["holds"]),
        Step.PAY: is_pending and is_here and order["payment_status"] in _OWING,
        Step.CONFIRM: is_pending,
        Step.ALLOCATE: is_confirmed and is_here and any(line["waiting"] for line in _goods(order)),
        Step.WAVE: bool(places_to_release(order)),
        Step.PARCEL: any(one["state"] in _TO_HANDLE for one in order["shipments"]),
        Step.RETURN: any(one["state"] in _OPEN_RETURNS for one in order["return_requests"]),
        Step.REFUND: bool(order["to_refund"]),
        Step.ELSEWHERE: is_confirmed and not is_here,
    }
    return [step for step, is_due in waits_for.items() if is_due] or [Step.NOTHING]


def _goods(order: Order) -> list[dict[str, Any]]:
    """Lines of goods that ship, with `open` units (wanted, not shipped) and `waiting` ones (open and not promised)."""
    bundles = {line["parent_line_id"] for line in order["lines"]}
    found = []
    for line in order["lines"]:
        if line["line_kind"] != "item" or line["line_id"] in bundles:
            continue
        wanted = line["quantity"] - line["cancelled_quantity"] - line["moved_quantity"]
        still_here = wanted - line["shipped_quantity"]
        waiting = still_here - line["allocated_quantity"] - line["reserved_quantity"]
        found.append({**line, "open": still_here, "waiting": max(waiting, 0)})
    return found


def open_lines(order: Order) -> list[dict[str, Any]]:
    """Lines of goods with units that have not left, `open` each."""
    return [line for line in _goods(order) if line["open"] > 0]


def places_to_release(order: Order) -> list[str]:
    """Locations with units promised to it that no wave has."""
    if order["lifecycle"] != "confirmed":
        return []
    left: dict[str, int] = {}
    for promise in order["promises"]:
        left[promise["location"]] = left.get(promise["location"], 0) + promise["allocated"]
    for one in order["shipments"]:
        if one["state"] in _ON_A_WAVE:
            for line in one["lines"]:
                units = line["quantity"] if line["picked"] is None else line["picked"]
                left[one["location"]] = left.get(one["location"], 0) - units
    return sorted(place for place, units in left.items() if units > 0)


def has_left(order: Order) -> bool:
    """Whether anything of it was delivered, and so may come back."""
    return any(line["delivered_quantity"] for line in order["lines"])


def owes(order: Order) -> bool:
    """Whether part of its total is neither paid nor promised."""
    return Decimal(order["missing"]) > 0
