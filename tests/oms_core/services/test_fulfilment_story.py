"""Whole stories by the use cases people run: placed, allocated, picked, sent, delivered, paid at the door."""

from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.domain.order_requests import Address, NewLine, NewPayment, PlaceOrder
from oms_core.domain.permissions import Actor, Role
from oms_core.domain.shipments import PickedUnits
from oms_core.services.allocate_order import AllocateOrder, allocate_order
from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.commands import Call, UseCase
from oms_core.services.define import DefineAccount, DefineSku, define_account, define_sku
from oms_core.services.deliver_shipment import DeliverShipment, deliver_shipment
from oms_core.services.locations import DefineLocation, define_location
from oms_core.services.order_units import LineUnits
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.place_orders import place_order
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.verify import run_checks
from oms_core.storage.engine import reading
from tests.builders import march

LEAD = Actor("lea", Role.OPS_LEAD)


class Shop:
    """A core in which an order of 3 mugs is paid for at the door, and 10 mugs are in stock."""

    def __init__(self, core: sa.Engine) -> None:
        self.core = core
        self._hour = 0
        self.run(define_account, DefineAccount("web", "web", "Web shop"))
        self.run(define_location, DefineLocation("MAIN", "Main", country="DE"))
        self.run(define_sku, DefineSku("MUG", "Mug", weight_grams=400))
        self.run(receive_goods, ReceiveGoods("MAIN", (ReceivedLine("MUG", 10),)))
        promise = NewPayment("cash_on_delivery", "authorize", 1500, "post", "COD-1")
        placed = PlaceOrder(
            "web",
            "W-1",
            march(2),
            "EUR",
            (NewLine("1", "MUG", 3, 500),),
            ship_to=Address("Ada", street="Weg 1", city="Bonn", postcode="53111", country="DE"),
            payment_terms="cash_on_delivery",
            payments=(promise,),
            delivery_method="standard",
        )
        self.run(place_order, placed)
        assert self.one("select lifecycle from sales_order") == "confirmed"
        self.run(allocate_order, AllocateOrder("W-1"))

    def run(self, case: UseCase[Any], request: object) -> dict[str, Any]:
        """The document that the use case answers, an hour after the one before."""
        self._hour += 1
        call = Call(f"key-{self._hour}", LEAD, march(3, self._hour))
        return case(self.core, request, call).document

    def one(self, statement: str) -> Any:
        """The one value of a query."""
        with reading(self.core) as connection:
            return connection.execute(sa.text(statement)).scalar_one()

    def released(self) -> str:
        """The number of the one shipment of a wave at MAIN."""
        (wave,) = self.run(release_wave, ReleaseWave("MAIN"))["waves"]
        (number,) = wave["shipments"]
        return str(number)

    def check(self) -> None:
        """Every invariant holds."""
        with reading(self.core) as connection:
            assert [check for check in run_checks(connection) if check.rows] == []


@pytest.fixture
def shop(core) -> Shop:
    return Shop(core)


def test_an_order_paid_at_the_door_is_paid_and_closed_with_its_delivery(shop):
    number = shop.released()
    shop.run(pick_shipment, PickShipment(number))
    shop.run(pack_shipment, PackShipment(number))
    shop.run(ship_shipment, ShipShipment(number))
    assert shop.one("select captured_amount from payment") == 0
    assert shop.run(deliver_shipment, DeliverShipment(number))["order_state"] == "closed"
    assert shop.one("select captured_amount from payment") == 1500
    assert shop.one("select on_hand from stock_balance where condition = 'sellable'") == 7
    shop.check()


def test_what_a_short_pick_left_waiting_is_found_elsewhere_or_cancelled_and_the_order_closes(shop):
    number = shop.released()
    shop.run(pick_shipment, PickShipment(number, (PickedUnits("MUG", 2),)))
    shop.run(pack_shipment, PackShipment(number))
    shop.run(ship_shipment, ShipShipment(number))
    assert shop.run(deliver_shipment, DeliverShipment(number))["order_state"] == "confirmed"
    shop.run(cancel_order, CancelOrder("W-1", "the last mug is lost", (LineUnits("1", 1),)))
    assert shop.one("select lifecycle from sales_order") == "closed"
    shop.check()


def test_an_order_cancelled_before_it_is_picked_takes_its_shipment_with_it(shop):
    shop.released()
    shop.run(cancel_order, CancelOrder("W-1", "bought elsewhere"))
    assert shop.one("select state from shipment") == "cancelled"
    assert shop.one("select committed from stock_balance") == 0
    shop.check()
