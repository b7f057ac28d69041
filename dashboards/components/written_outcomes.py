"""What a command did, as a sentence: from the document it answered with. No number is made here."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards.components.speech import speaker

Document = Mapping[str, Any]


def state_of_order(document: Document) -> str:
    """Where the order stands now."""
    say = speaker()
    return say.text("done.order_state", state=say.word("status", document["status"]))


def held(document: Document) -> str:
    """Where the order stands, and what still holds it."""
    say = speaker()
    if not document["holds"]:
        return state_of_order(document)
    kinds = dict.fromkeys(say.word("hold_kinds", hold["kind"]) for hold in document["holds"])
    return say.text("done.held", holds=say.text("app.list_comma").join(kinds))


def nothing_more(document: Document) -> str:
    """Cancelled, and what is to be paid back."""
    say = speaker()
    if document.get("to_refund") and float(document["to_refund"]):
        amount = say.money(float(document["to_refund"]), document["currency"])
        return say.text("done.cancelled_refund", amount=amount)
    return state_of_order(document)


def goods(units: Mapping[str, int]) -> str:
    """Units by article."""
    say = speaker()
    return say.text("app.list_comma").join(f"{say.number(count)} × {sku}" for sku, count in units.items())


def _rows(rows: Sequence[Document]) -> str:
    say = speaker()
    parts = (
        say.text("done.from", goods=goods({row["sku"]: row["quantity"]}), location=row["location"]) for row in rows
    )
    return say.text("app.list_comma").join(parts)


def allocated(document: Document) -> str:
    """What was promised from where, and what is missing."""
    say = speaker()
    missing = goods({row["sku"]: row["quantity"] for row in document["missing"]})
    if not document["allocated"]:
        return say.text("done.nothing_allocated", missing=missing)
    if missing:
        return say.text("done.partly_allocated", goods=_rows(document["allocated"]), missing=missing)
    return say.text("done.allocated", goods=_rows(document["allocated"]))


def wave_released(document: Document) -> str:
    """The waves that went out, and how many orders were left."""
    say = speaker()
    comma = say.text("app.list_comma")
    waves = comma.join(str(wave["wave"]) for wave in document["waves"])
    parcels = comma.join(number for wave in document["waves"] for number in wave["shipments"])
    return say.text("done.wave", waves=waves, parcels=parcels, left=say.number(len(document["left"])))


def parcel(document: Document) -> str:
    """Where a shipment stands now."""
    say = speaker()
    return say.text("done.parcel", number=document["shipment"], state=say.word("shipment_states", document["state"]))


def picked(document: Document) -> str:
    """Where a shipment stands after its pick, and what was not found."""
    if not document["missing"]:
        return parcel(document)
    return speaker().text("done.short_pick", number=document["shipment"], missing=goods(document["missing"]))


def returned(document: Document) -> str:
    """Where a return stands now."""
    say = speaker()
    return say.text("done.return", number=document["return"], state=say.word("return_states", document["state"]))


def money(document: Document) -> str:
    """How an order is paid now, or that a second person must agree."""
    say = speaker()
    if "approval" in document:
        return say.text("done.approval", number=document["approval"])
    return say.text("done.money", state=say.word("payment_states", document["payment_status"]))
