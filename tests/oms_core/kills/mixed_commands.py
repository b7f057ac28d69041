"""What a busy clerk does next, chosen from what the core holds: place, receive, allocate, pick, ship, pay, return."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa

from oms_core.domain.order_requests import NewCustomer, NewLine, PlaceOrder
from oms_core.services.allocate_order import AllocateOrder, allocate_order
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.commands import UseCase
from oms_core.services.deliver_shipment import DeliverShipment, deliver_shipment
from oms_core.services.grade_return import GradedLine, GradeReturn, grade_return
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.place_orders import place_order
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.receive_return import ReceivedLine as ReturnedLine
from oms_core.services.receive_return import ReceiveReturn, receive_return
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.refund_order import RefundOrder, refund_order
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.reserve_stock import ReserveStock, reserve_stock
from oms_core.services.review_return import ApproveReturn, approve_return
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from tests.builders import march, rows_of
from tests.order_cases import BERLIN

Command = tuple[UseCase[Any], Any]
_PLACES = ("MAIN", "EAST")
_WAITING = """
    select o.external_id from sales_order as o where o.lifecycle = 'confirmed' and exists (select 1 from order_line as l
        where l.order_id = o.order_id and l.quantity > l.cancelled_quantity + l.shipped_quantity + l.allocated_quantity
            + l.reserved_quantity) order by o.order_id desc limit 5"""
_PARCELS = "select number, state from shipment where state in ('released', 'picking', 'packed', 'shipped')"
_RETURNS = """
    select r.number, r.state, l.line_key, q.quantity - q.received_quantity, q.received_quantity - q.restocked_quantity
        - q.scrapped_quantity - q.damaged_quantity - q.sent_back_quantity, r.location
    from return_request as r join return_request_line as q on q.request_id = r.request_id
    join order_line as l on l.line_id = q.line_id where r.state <> 'closed'"""
_DELIVERED = """
    select o.external_id, l.line_key from order_line as l join sales_order as o on o.order_id = l.order_id
    where l.delivered_quantity > l.return_requested_quantity + l.returned_quantity order by l.line_id desc limit 5"""


def next_command(core: sa.Engine, chance: random.Random, number: int, now: int) -> Command:
    """One command that fits what the core holds; `number` makes new names."""
    makers: list[Callable[[], Iterator[Command]]] = [
        lambda: _place(chance, number),
        lambda: _receive(chance, number),
        lambda: _on_orders(core, chance, number, now),
        lambda: _waves(core, chance),
        lambda: _parcels(core, chance),
        lambda: _parcels(core, chance),
        lambda: _returns(core, chance),
    ]
    while True:
        found = list(chance.choice(makers)())
        if found:
            return chance.choice(found)


def _place(chance: random.Random, number: int) -> Iterator[Command]:
    name = f"K{number}"
    skus = chance.sample(["MUG", "CUP", "SET"], chance.randint(1, 2))
    lines = [NewLine(str(at), sku, chance.randint(1, 3), 1000) for at, sku in enumerate(skus, start=1)]
    yield (
        place_order,
        PlaceOrder(
            account="shop",
            number=name,
            placed_at=march(2, 12),
            currency="EUR",
            lines=tuple(lines),
            customer=NewCustomer(f"C-{name}"),
            ship_to=BERLIN._replace(street=f"Street {name}"),
            payment_terms="on_account",
        ),
    )


def _receive(chance: random.Random, number: int) -> Iterator[Command]:
    sku, units = chance.choice(["MUG", "CUP"]), chance.randint(2, 12)
    line = ReceivedLine(sku, units, chance.randint(0, 1), unit_cost="2.00", currency="EUR")
    yield receive_goods, ReceiveGoods(chance.choice(_PLACES), (line,), number=f"note {number}")


def _on_orders(core: sa.Engine, chance: random.Random, number: int, now: int) -> Iterator[Command]:
    for (order,) in rows_of(core, _WAITING):
        yield allocate_order, AllocateOrder(f"shop/{order}")
        if chance.random() < 0.2:
            yield reserve_stock, ReserveStock(f"shop/{order}", now + 60_000_000)
        if chance.random() < 0.1:
            yield cancel_order, CancelOrder(f"shop/{order}", "not wanted")
    for (order,) in rows_of(core, "select external_id from sales_order order by order_id desc limit 3"):
        name = f"shop/{order}"
        yield record_payment, RecordPayment(name, "capture", "alipay", "10.00", "psp", f"ref-{number}")
        if chance.random() < 0.5:
            yield refund_order, RefundOrder(name, "4.00", "sorry")


def _waves(core: sa.Engine, chance: random.Random) -> Iterator[Command]:
    if rows_of(core, "select line_id from line_allocation where allocated > 0 limit 1"):
        yield release_wave, ReleaseWave(chance.choice(_PLACES))


def _parcels(core: sa.Engine, chance: random.Random) -> Iterator[Command]:
    steps: dict[str, Callable[[str], Command]] = {
        "released": lambda it: (pick_shipment, PickShipment(it)),
        "picking": lambda it: (pack_shipment, PackShipment(it)),
        "packed": lambda it: (ship_shipment, ShipShipment(it)),
        "shipped": lambda it: (deliver_shipment, DeliverShipment(it)),
    }
    for parcel, state in rows_of(core, _PARCELS):
        yield steps[state](parcel)


def _returns(core: sa.Engine, chance: random.Random) -> Iterator[Command]:
    for number, state, line, to_come, to_grade, place in rows_of(core, _RETURNS):
        if state == "requested":
            yield approve_return, ApproveReturn(number, chance.choice(_PLACES))
        elif to_come > 0 and state in ("approved", "partially_received"):
            yield receive_return, ReceiveReturn(number, place, (ReturnedLine(line, 1),))
        elif to_grade > 0:
            grade = chance.choice(["restock", "scrap", "send_back", "damaged"])
            yield grade_return, GradeReturn(number, place, (GradedLine(line, grade, 1),))
    for order, line in rows_of(core, _DELIVERED):
        yield request_return, RequestReturn(f"shop/{order}", (ReturnLine(line, 1, "faulty.broken"),))
