"""The plain model of goods: received, adjusted, moved between places and conditions, counted, bought."""

from typing import Any

from tests.oms_core.model.plain_company import ROAD, Company, refuse_any, refuse_if

OVER_PER_MILLE = 50
COST, LIMIT = 200, 20_000  # cents: what a unit costs, what one person may write off or find
TOLERANCE = 2  # units a count may be off without a second person (or 20 in a thousand)


def receive(c: Company, location: str, sku: str, units: int, damaged: int, receipt: str | None) -> None:
    """Goods without an order; a delivery note comes once."""
    refuse_if(receipt in c.receipts, "RECEIPT_KNOWN")
    if receipt is not None:
        c.receipts.add(receipt)
    if units - damaged:
        c.move(sku, location, units - damaged)
    if damaged:
        c.move(sku, location, damaged, "damaged")


def buy(c: Company, number: str, location: str, lines: dict[str, int]) -> None:
    """A purchase order that was sent: ordered, cancelled, received, rejected units by SKU."""
    c.purchases[number] = {"state": "draft", "location": location, "lines": {k: [v, 0, 0, 0] for k, v in lines.items()}}


def purchase_step(c: Company, number: str, event: str) -> None:
    """Approve, send, close or cancel it."""
    po = c.purchases[number]
    steps = {
        "approve": (("draft",), "approved"),
        "send": (("approved",), "sent"),
        "close": (("sent", "partly_received", "received"), "closed"),
    }
    before, after = steps[event]
    refuse_if(po["state"] not in before, "EVENT_NOT_ALLOWED", "OWN_REQUEST")
    po["state"] = after
    if event == "close":
        for line in po["lines"].values():
            line[1] = max(line[1], line[0] - line[2])


def receive_against(c: Company, number: str, location: str, sku: str, units: int, damaged: int, *, over: bool) -> None:
    """Goods of a purchase order: at most a little more than ordered, unless a lead accepts them."""
    po = c.purchases[number]
    refuse_if(po["state"] not in ("sent", "partly_received", "received"), "PURCHASE_ORDER_NOT_OPEN")
    refuse_if(po["location"] != location, "OTHER_LOCATION")
    line = po["lines"][sku]
    ordered, received = line[0] - line[1], line[2] + units
    refuse_if(not over and received * 1000 > ordered * (1000 + OVER_PER_MILLE), "OVER_RECEIPT")
    line[2], line[3] = received, line[3] + damaged
    receive(c, location, sku, units, damaged, None)
    complete = all(it[2] >= it[0] - it[1] for it in po["lines"].values())
    po["state"] = "received" if complete else "partly_received"


def adjust(c: Company, sku: str, location: str, units: int, answer: dict[str, Any] | None) -> None:
    """Units found or lost. Above the limit the request waits, and nothing moves."""
    refuse_if(units < 0 and c.free(sku, location) + units < 0, "STOCK_SHORT")
    if abs(units) * COST > LIMIT:
        assert answer is not None
        c.approvals[answer["approval"]] = {"state": "pending", "adjust": (sku, location, units)}
        return
    c.move(sku, location, units)


def recondition(c: Company, sku: str, location: str, before: str, after: str, units: int) -> None:
    """Units are in another condition now."""
    c.move(sku, location, -units, before)
    c.move(sku, location, units, after)


def draft_transfer(c: Company, number: str, source: str, target: str, sku: str, units: int) -> None:
    """A transfer that moves nothing yet."""
    c.transfers[number] = {"state": "draft", "from": source, "to": target, "sku": sku, "units": units, "on_way": 0}


def ship_transfer(c: Company, number: str) -> None:
    """Its goods leave and are on their way."""
    it = c.transfers[number]
    refuse_if(it["state"] != "draft", "EVENT_NOT_ALLOWED")
    c.move(it["sku"], it["from"], -it["units"])
    c.move(it["sku"], ROAD, it["units"])
    it["state"], it["on_way"] = "shipped", it["units"]


def receive_transfer(c: Company, number: str, units: int) -> None:
    """Units of it arrive."""
    it = c.transfers[number]
    refuse_if(it["state"] not in ("shipped", "partly_received"), "EVENT_NOT_ALLOWED")
    refuse_if(units > it["on_way"], "NOT_ON_ITS_WAY")
    c.move(it["sku"], ROAD, -units)
    c.move(it["sku"], it["to"], units)
    it["on_way"] -= units
    it["state"] = "partly_received" if it["on_way"] else "received"


def decide_adjustment(c: Company, approval: str, *, approve: bool, own: bool) -> None:
    """A second person decides; what he agrees to must still be possible."""
    it = c.approvals[approval]
    refuse_any({"OWN_REQUEST": own, "EVENT_NOT_ALLOWED": it["state"] != "pending"})
    if approve:
        c.move(*it["adjust"])
    it["state"] = "approved" if approve else "rejected"


def open_count(c: Company, number: str) -> None:
    """A list to count."""
    c.counts[number] = {"state": "open"}


def enter_count(c: Company, number: str, sku: str, location: str, counted: int) -> None:
    """What was seen is booked at once where it is near enough, else a second person decides."""
    it = c.counts[number]
    refuse_if(it["state"] not in ("open", "counted"), "EVENT_NOT_ALLOWED")
    expected = c.on_hand.get((sku, location, "sellable"), 0)
    it |= {"state": "counted", "sku": sku, "location": location, "off": counted - expected}
    near = abs(it["off"]) <= TOLERANCE or abs(it["off"]) * 1000 <= expected * 20
    if near and abs(it["off"]) * COST <= LIMIT:
        _book_count(c, it)


def decide_count(c: Company, number: str, *, approve: bool, own: bool) -> None:
    """A second person books the difference, or has it counted anew."""
    it = c.counts[number]
    refuse_any({"OWN_REQUEST": own, "EVENT_NOT_ALLOWED": it["state"] != "counted"})
    if approve:
        _book_count(c, it)
    else:
        it["state"] = "rejected"


def leaves_promises(c: Company, number: str) -> bool:
    """Whether booking the difference leaves enough for what is promised."""
    it = c.counts[number]
    left: int = c.free(it["sku"], it["location"]) + it["off"]
    return left >= 0


def found(c: Company, number: str) -> str:
    """The article of which a count that is booked found units; empty where there is none."""
    it = c.counts[number]
    return str(it["sku"]) if it["state"] == "approved" and it["off"] > 0 else ""


def _book_count(c: Company, it: dict[str, Any]) -> None:
    if it["off"]:
        c.move(it["sku"], it["location"], it["off"])
    it["state"] = "approved"
