"""What happened to an order, from its document: one list of moments, newest first. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Literal

Source = Literal["orders", "stock", "parcels", "returns"]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened: when, in which part of the business, what (a code), and the rows it concerns."""

    at: datetime
    source: Source
    code: str
    facts: Mapping[str, str] = field(default_factory=dict)
    goods: tuple[tuple[int, str], ...] = ()  # units (positive) and SKU
    reason: str | None = None


def moments(order: Mapping[str, Any]) -> list[Moment]:
    """Events, stock movements (of one moment, kind, place and condition together), deliveries and returns."""
    found = [*_events(order), *_movements(order), *_deliveries(order), *_returns(order)]
    return sorted(found, key=lambda moment: moment.at, reverse=True)


def _events(order: Mapping[str, Any]) -> list[Moment]:
    # Steps recorded for one instant come in their own order; reversed here, as the list runs backwards.
    return [
        Moment(
            _instant(event["occurred_at"]),
            "orders",
            str(event["event"]),
            {"actor": str(event["actor"])},
            (),
            event["reason"],
        )
        for event in reversed(order["events"])
    ]


def _movements(order: Mapping[str, Any]) -> list[Moment]:
    def together(row: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
        return (row["occurred_at"], row["kind"], row["location"], row["condition"], row["reason"] or "")

    found = []
    for (at, kind, location, condition, reason), rows in groupby(
        sorted(order["movements"], key=together), key=together
    ):
        goods = tuple((abs(int(row["quantity"])), str(row["sku"])) for row in rows)
        facts = {"location": location, "condition": condition}
        found.append(Moment(_instant(at), "stock", kind, facts, goods, reason or None))
    return found


def _deliveries(order: Mapping[str, Any]) -> list[Moment]:
    """Parcels that arrived; that they left is told by the stock that moved."""
    return [
        Moment(
            _instant(parcel["delivered_at"]),
            "parcels",
            "delivered",
            {"number": str(parcel["shipment"])},
            tuple((int(line["picked"]), str(line["sku"])) for line in parcel["lines"] if line["picked"]),
        )
        for parcel in order.get("shipments", ())
        if parcel["delivered_at"]
    ]


def _returns(order: Mapping[str, Any]) -> list[Moment]:
    found = []
    for document in order["returns"]:
        goods = tuple((int(line["quantity"]), str(line["sku"])) for line in document["lines"] if line["sku"])
        reasons = dict.fromkeys(line["reason"] for line in document["lines"] if line["reason"])
        facts = {"number": str(document["external_id"])}
        found.append(
            Moment(_instant(document["returned_at"]), "returns", "return", facts, goods, "; ".join(reasons) or None)
        )
    return found


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def moved_units(order: Mapping[str, Any], kind: str) -> int:
    """Units of one kind of movement of the order, as a positive number."""
    return sum(abs(int(row["quantity"])) for row in order["movements"] if row["kind"] == kind)


def returned_units(order: Mapping[str, Any]) -> int:
    """Goods units on the order's return documents."""
    lines = (line for document in order["returns"] for line in document["lines"])
    return sum(int(line["quantity"]) for line in lines if line["line_kind"] == "item")
