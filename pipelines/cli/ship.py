"""`oms ship`: a shipment from the pick to the door, or to the counter where its customer comes for it."""

import secrets
from collections.abc import Sequence
from typing import Any

import click

from oms_core.domain.permissions import Actor, Role
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from pipelines.cli.commanding import acting
from pipelines.cli.output import Exit, emit, json_option, say, table
from pipelines.cli.ship_options import happened_option, lots_of, package_of, sku_units

_NUMBER = click.argument("number", metavar="SHIPMENT")


@click.group("ship")
def ship_group() -> None:
    """Shipments: plan, pick, pack, send, deliver, hand over."""


@ship_group.command("plan")
@click.argument("order")
@acting
def plan_command(*, order: str, **how: Any) -> None:
    """Make shipments of what is allocated to ORDER, one a location."""
    from oms_core.services.plan_shipments import PlanShipments, plan_order

    how["give"](plan_order, PlanShipments(order))


@ship_group.command("cancel")
@_NUMBER
@click.option("--reason", metavar="TEXT", required=True)
@acting
def cancel_command(*, number: str, reason: str, **how: Any) -> None:
    """Call off a shipment that has not left; its units stay allocated to its order."""
    from oms_core.services.plan_shipments import CancelShipment, cancel_shipment

    how["give"](cancel_shipment, CancelShipment(number, reason))


@ship_group.command("pick")
@_NUMBER
@click.option(
    "--found", metavar="SKU=N", multiple=True, help="Units found of a SKU; fewer than planned is a short pick."
)
@happened_option
@acting
def pick_command(*, number: str, found: tuple[str, ...], occurred_at: int | None, **how: Any) -> None:
    """Pick a shipment: all of it, or what --found says."""
    from oms_core.domain.shipments import PickedUnits
    from oms_core.services.pick_shipment import PickShipment, pick_shipment

    picked = tuple(PickedUnits(sku, units) for sku, units in map(sku_units, found)) if found else None
    how["give"](pick_shipment, PickShipment(number, picked, occurred_at))


@ship_group.command("pack")
@_NUMBER
@click.option(
    "--package", "packages", metavar="TRACKING[:GRAMS]", multiple=True, help="One package; several are named."
)
@click.option("--carrier", metavar="NAME")
@happened_option
@acting
def pack_command(
    *, number: str, packages: tuple[str, ...], carrier: str | None, occurred_at: int | None, **how: Any
) -> None:
    """Pack what was picked."""
    from oms_core.services.pack_shipment import Package, PackShipment, pack_shipment

    packed = tuple(Package(grams, tracking) for tracking, grams in map(package_of, packages)) or (Package(),)
    how["give"](pack_shipment, PackShipment(number, packed, carrier, occurred_at))


@ship_group.command("send")
@_NUMBER
@click.option("--carrier", metavar="NAME")
@click.option("--lot", "lots", metavar="SKU=LOT[:N]", multiple=True, help="A lot or serial taken; else first expiry.")
@happened_option
@acting
def send_command(
    *, number: str, carrier: str | None, lots: tuple[str, ...], occurred_at: int | None, **how: Any
) -> None:
    """The packed shipment leaves: promises are used up and stock moves."""
    from oms_core.services.ship_shipment import ShipShipment, ship_shipment

    how["give"](ship_shipment, ShipShipment(number, carrier, lots_of(lots), occurred_at))


@ship_group.command("deliver")
@_NUMBER
@click.option("--proof", metavar="TEXT", help="A reference to the proof: signature, photo, safe place. No names.")
@happened_option
@acting
def deliver_command(*, number: str, proof: str | None, occurred_at: int | None, **how: Any) -> None:
    """The shipment arrived."""
    from oms_core.services.deliver_shipment import DeliverShipment, deliver_shipment

    how["give"](deliver_shipment, DeliverShipment(number, proof, occurred_at))


@ship_group.command("track")
@_NUMBER
@click.argument("status", type=click.Choice(["in_transit", "out_for_delivery"]))
@click.option("--source", metavar="NAME", default="operator", show_default=True, help="Who reports it.")
@click.option(
    "--scan", metavar="ID", required=True, help="What the source calls this report; a known one changes nothing."
)
@click.option("--place", metavar="TEXT")
@happened_option
@acting
def track_command(
    *, number: str, status: str, source: str, scan: str, place: str | None, occurred_at: int | None, **how: Any
) -> None:
    """A scan on the way."""
    from oms_core.services.deliver_shipment import TrackShipment, track_shipment

    how["give"](track_shipment, TrackShipment(number, status, source, scan, place, occurred_at))


@ship_group.command("fail")
@_NUMBER
@click.option("--reason", metavar="TEXT", required=True)
@happened_option
@acting
def fail_command(*, number: str, reason: str, occurred_at: int | None, **how: Any) -> None:
    """A delivery was tried in vain."""
    from oms_core.services.deliver_shipment import FailDelivery, fail_delivery

    how["give"](fail_delivery, FailDelivery(number, reason, occurred_at))


@ship_group.command("retry")
@_NUMBER
@happened_option
@acting
def retry_command(*, number: str, occurred_at: int | None, **how: Any) -> None:
    """A failed delivery is tried again."""
    from oms_core.services.deliver_shipment import RetryDelivery, retry_delivery

    how["give"](retry_delivery, RetryDelivery(number, occurred_at))


@ship_group.command("take-back")
@_NUMBER
@click.option("--reason", metavar="TEXT", required=True)
@click.option(
    "--condition",
    type=click.Choice(["inspection", "sellable", "damaged"]),
    default="inspection",
    show_default=True,
    help="What its goods are in.",
)
@happened_option
@acting
def take_back_command(*, number: str, reason: str, condition: str, occurred_at: int | None, **how: Any) -> None:
    """A parcel came back undelivered: goods in, order on hold."""
    from oms_core.services.take_back_shipment import TakeBackShipment, take_back_shipment

    how["give"](take_back_shipment, TakeBackShipment(number, reason, condition, occurred_at))


@ship_group.command("ready")
@_NUMBER
@happened_option
@acting
def ready_command(*, number: str, occurred_at: int | None, **how: Any) -> None:
    """A packed pick-up waits for its customer; prints the code to tell him, once, on standard error."""
    from oms_core.domain.handover import keep
    from oms_core.services.hand_over import MakeReady, make_ready

    code, salt = _new_code()
    how["give"](make_ready, MakeReady(number, keep(code, salt), occurred_at))
    say(f"hand-over code {code}: tell the customer, it is kept nowhere")


@ship_group.command("new-code")
@_NUMBER
@click.option("--reason", metavar="TEXT", required=True)
@acting
def new_code_command(*, number: str, reason: str, **how: Any) -> None:
    """Another code for a pick-up that waits, printed once on standard error; the old one opens nothing any more."""
    from oms_core.domain.handover import keep
    from oms_core.services.hand_over import RenewCode, renew_code

    code, salt = _new_code()
    how["give"](renew_code, RenewCode(number, keep(code, salt), reason))
    say(f"hand-over code {code}: tell the customer, it is kept nowhere")


@ship_group.command("hand-over")
@_NUMBER
@click.option("--code", metavar="DIGITS", prompt="Code", help="The six digits the customer says.")
@click.option("--lot", "lots", metavar="SKU=LOT[:N]", multiple=True, help="A lot or serial given; else first expiry.")
@happened_option
@acting
def hand_over_command(
    *, number: str, code: str, lots: tuple[str, ...], occurred_at: int | None, **how: Any
) -> Exit | None:
    """Give a pick-up to who knows its code. A wrong code costs a try and ends with exit code 1."""
    from oms_core.services.hand_over import HandOver, hand_over

    result = how["give"](hand_over, HandOver(number, code, lots_of(lots), occurred_at))
    if result.document["handed_over"]:
        return None
    say(f"That is not the code; {result.document['tries_left']} tries are left.")
    return Exit.ATTENTION


@ship_group.command("show")
@_NUMBER
@json_option
def show_command(*, number: str, as_json: bool) -> None:
    """One shipment: lines, packages, steps and scans."""
    from oms_core.services.shipments_read import show_shipment

    with reading(open_engine(Settings.from_environment())) as connection:
        found = show_shipment(connection, number)
    emit(found, as_json=as_json, text=_shown)


@ship_group.command("packing")
@_NUMBER
@click.option("--actor", metavar="NAME", default="operator", show_default=True)
@click.option("--role", type=click.Choice([role.value for role in Role]), default="ops_lead", show_default=True)
@click.option("--at-site", "sites", metavar="LOCATION", multiple=True, help="Confine the actor to this site.")
@json_option
def packing_command(*, number: str, actor: str, role: str, sites: tuple[str, ...], as_json: bool) -> None:
    """What a packer needs, the address included; for who may pack at that site."""
    from oms_core.services.shipments_read import packing_of

    who = Actor(actor, Role(role), locations=frozenset(sites) or None)
    with reading(open_engine(Settings.from_environment())) as connection:
        found = packing_of(connection, number, who)
    emit(found, as_json=as_json, text=_shown)


def _shown(it: dict[str, Any]) -> str:
    head = [it["shipment"], it["state"], "for", it["order"], "from", it["location"], it["delivery_method"] or ""]
    parts = ["  ".join(head).rstrip(), table(it["lines"], ["sku", "title", "quantity", "picked", "missing"])]
    if to := it.get("ship_to"):
        parts.append("\n".join(str(part) for part in to.values() if part))
    more: Sequence[tuple[str, list[str]]] = (
        ("packages", ["tracking_number", "weight_grams", "sscc"]),
        ("events", ["seq", "event", "state", "occurred_at", "actor", "reason"]),
        ("scans", ["status", "place", "source", "occurred_at"]),
    )
    parts.extend(table(it[name], columns) for name, columns in more if it.get(name))
    return "\n\n".join(parts)


def _new_code() -> tuple[str, bytes]:
    from oms_core.domain.handover import new_code

    return new_code(secrets.randbelow), secrets.token_bytes(16)
