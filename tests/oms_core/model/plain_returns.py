"""The plain model of returns: asked for, decided, received under inspection, graded."""

from typing import Any

from tests.oms_core.model.plain_company import Company, refuse_any, refuse_if

GRADES = {"restock": "sellable", "damaged": "damaged", "scrap": "", "send_back": ""}


def request(c: Company, order: str, line: str, units: int, number: str | None) -> None:
    """Units that were delivered and not asked back yet are held for the request."""
    it = c.orders[order].lines[line]
    left = it.delivered + it.sent_back - it.requested - it.returned
    refuse_any({"RETURN_TOO_MANY": units > left, "NOTHING_LEFT": left <= 0, "NOT_DELIVERED": not it.delivered})
    assert number
    it.requested += units
    c.returns[number] = {
        "order": order,
        "line": line,
        "state": "requested",
        "units": units,
        "received": 0,
        "given_up": 0,
        "graded": 0,
        "waiting": {},
    }


def decide(c: Company, number: str, event: str) -> None:
    """Approve, decline, cancel, send, stop waiting."""
    it = c.returns[number]
    steps = {
        "approve": (("requested",), "approved"),
        "decline": (("requested",), "declined"),
        "cancel": (("requested", "approved", "in_transit"), "cancelled"),
        "send": (("approved",), "in_transit"),
        "stop_waiting": (("partially_received",), "received"),
    }
    before, after = steps[event]
    refuse_if(it["state"] not in before, "RETURN_STATE")
    it["state"] = after
    if event in ("decline", "cancel", "stop_waiting"):
        left = _open(it)
        it["given_up"] += left
        c.orders[it["order"]].lines[it["line"]].requested -= left
        _close_if_graded(it)


def _open(it: dict[str, Any]) -> int:
    left: int = it["units"] - it["received"] - it["given_up"]
    return left


def receive(c: Company, number: str, location: str, units: int) -> None:
    """Units come and wait to be looked at."""
    it = c.returns[number]
    refuse_if(it["state"] not in ("approved", "in_transit", "partially_received"), "RETURN_STATE")
    refuse_if(units > _open(it), "RETURN_EXCEEDS_REQUEST")
    it["state"] = "received" if units == _open(it) else "partially_received"
    it["received"] += units
    it["waiting"][location] = it["waiting"].get(location, 0) + units
    line = c.orders[it["order"]].lines[it["line"]]
    line.requested -= units
    line.returned += units
    c.move(line.sku, location, units, "inspection")


def grade(c: Company, number: str, location: str, grade_: str, units: int) -> None:
    """Units out of inspection, each once; with the last one the request is closed."""
    it = c.returns[number]
    refuse_if(it["state"] not in ("partially_received", "received"), "RETURN_STATE")
    refuse_if(units > it["waiting"].get(location, 0), "GRADE_EXCEEDS_RECEIVED")
    line = c.orders[it["order"]].lines[it["line"]]
    refuse_if(c.on_hand.get((line.sku, location, "inspection"), 0) < units, "STOCK_SHORT")
    it["waiting"][location] -= units
    it["graded"] += units
    c.move(line.sku, location, -units, "inspection")
    if GRADES[grade_]:
        c.move(line.sku, location, units, GRADES[grade_])
    name = {"restock": "restocked", "send_back": "sent_back"}.get(grade_, "written_off")
    setattr(line, name, getattr(line, name) + units)
    _close_if_graded(it)


def _close_if_graded(it: dict[str, Any]) -> None:
    if it["state"] == "received" and it["graded"] == it["received"]:
        it["state"] = "closed"
