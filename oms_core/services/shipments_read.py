"""Shipments to read: those of an order, one with its steps, what a packer needs, and waves with their pick lists."""

from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from oms_core.domain.instants import to_text
from oms_core.domain.permissions import Actor, Permission
from oms_core.domain.waves import pick_list
from oms_core.services.shipment_work import order_name
from oms_core.storage import shipment_store, wave_store
from oms_core.storage.tables import document_event, order_personal, shipment, sku, tracking_event, wave


def shipments_of(connection: sa.Connection, order_id: int) -> list[dict[str, Any]]:
    """The shipments of an order, oldest first, without personal data."""
    statement = sa.select(shipment).where(shipment.c.order_id == order_id).order_by(shipment.c.shipment_id)
    return [_shipment(connection, row) for row in connection.execute(statement).all()]


def show_shipment(connection: sa.Connection, number: str) -> dict[str, Any]:
    """One shipment with its order, its steps and its scans, without personal data.

    Raises:
        InvalidRequestError: SHIPMENT_UNKNOWN.
    """
    row, order = shipment_store.find_shipment(connection, number, lock=False)
    return {
        "order": order_name(order),
        **_shipment(connection, row),
        "events": _events(connection, row.shipment_id),
        "scans": _scans(connection, row.shipment_id),
    }


def packing_of(connection: sa.Connection, number: str, actor: Actor) -> dict[str, Any]:
    """What a packer needs: what goes in, from where, and to whom; the address is for who packs at that site only.

    Raises:
        RuleViolationError: NOT_PERMITTED.
        InvalidRequestError: SHIPMENT_UNKNOWN.
    """
    actor.require(Permission.PACK, "shipment.packing")
    row, order = shipment_store.find_shipment(connection, number, lock=False)
    actor.require_location(row.location)
    to = order_personal.c
    columns = (to.name, to.phone, to.street, to.city, to.postcode, to.country)
    address = connection.execute(sa.select(*columns).where(to.order_id == order.order_id)).first()
    return {
        "order": order_name(order),
        **_shipment(connection, row),
        "ship_to": dict(address._mapping) if address else None,  # noqa: SLF001 - the row's documented mapping
    }


def _shipment(connection: sa.Connection, row: sa.Row[Any]) -> dict[str, Any]:
    number = sa.select(wave.c.number).where(wave.c.wave_id == row.wave_id)
    lines = shipment_store.lines_of(connection, row.shipment_id)
    titles = _titles(connection, {line.sku for line in lines})
    packages = shipment_store.packages_of(connection, row.shipment_id)
    return {
        "shipment": row.number,
        "location": row.location,
        "state": row.state,
        "wave": connection.execute(number).scalar() if row.wave_id else None,
        "delivery_method": row.delivery_method,
        "carrier": row.carrier,
        "shipped_at": _text(row.shipped_at),
        "delivered_at": _text(row.delivered_at),
        "proof": row.proof,
        "lines": [
            {
                "sku": line.sku,
                "title": titles.get(line.sku),
                "quantity": line.quantity,
                "picked": line.picked,
                "missing": None if line.picked is None else line.quantity - line.picked,
            }
            for line in lines
        ],
        "packages": [
            {"tracking_number": it.tracking_number, "weight_grams": it.weight_grams, "sscc": it.sscc} for it in packages
        ],
    }


def _titles(connection: sa.Connection, names: set[str]) -> dict[str, str | None]:
    rows = connection.execute(sa.select(sku.c.sku, sku.c.title).where(sku.c.sku.in_(sorted(names))))
    return {row.sku: row.title for row in rows}


def _events(connection: sa.Connection, shipment_id: int) -> list[dict[str, Any]]:
    event = document_event.c
    statement = sa.select(event.seq, event.event, event.to_state, event.occurred_at, event.actor, event.reason)
    mine = sa.and_(event.document_kind == shipment_store.KIND, event.document_id == shipment_id)
    return [
        {
            "seq": row.seq,
            "event": row.event,
            "state": row.to_state,
            "occurred_at": to_text(row.occurred_at),
            "actor": row.actor,
            "reason": row.reason,
        }
        for row in connection.execute(statement.where(mine).order_by(event.seq))
    ]


def _scans(connection: sa.Connection, shipment_id: int) -> list[dict[str, Any]]:
    scan = tracking_event.c
    statement = sa.select(scan.status, scan.place, scan.source, scan.occurred_at).where(scan.shipment_id == shipment_id)
    return [
        {"status": row.status, "place": row.place, "source": row.source, "occurred_at": to_text(row.occurred_at)}
        for row in connection.execute(statement.order_by(scan.occurred_at, scan.tracking_id))
    ]


def show_wave(connection: sa.Connection, number: str) -> dict[str, Any]:
    """A wave with its shipments and its pick list by SKU; the picks add up to the units of its shipments.

    Raises:
        InvalidRequestError: WAVE_UNKNOWN.
    """
    row = wave_store.find_wave(connection, number)
    stops = pick_list(wave_store.wave_lines(connection, row.wave_id))
    return {
        "wave": row.number,
        "location": row.location,
        "delivery_method": row.delivery_method,
        "released_at": to_text(row.released_at),
        "units": sum(stop.quantity for stop in stops),
        "shipments": [
            {"shipment": it.number, "order": order_name(it), "state": it.state, "priority": it.priority}
            for it in wave_store.wave_shipments(connection, row.wave_id)
        ],
        "picks": [asdict(stop) for stop in stops],
    }


def list_waves(connection: sa.Connection, *, location: str | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """The newest waves of a location, or of all, with how many of their shipments are still to be picked."""
    return [
        {
            "wave": row.number,
            "location": row.location,
            "delivery_method": row.delivery_method,
            "released_at": to_text(row.released_at),
            "shipments": row.shipments,
            "to_pick": int(row.to_pick),
        }
        for row in wave_store.waves_at(connection, location, limit=limit)
    ]


def _text(micros: int | None) -> str | None:
    return None if micros is None else to_text(micros)
