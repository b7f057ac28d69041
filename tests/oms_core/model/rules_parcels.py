"""Rules about parcels: waves, picks, short picks, packing, shipping, delivery, and what comes back."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from oms_core.domain.shipments import PickedUnits
from oms_core.services.commands import UseCase
from oms_core.services.deliver_shipment import DeliverShipment, FailDelivery, deliver_shipment, fail_delivery
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.plan_shipments import CancelShipment, cancel_shipment
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.take_back_shipment import TakeBackShipment, take_back_shipment
from tests.builders import rows_of
from tests.oms_core.model import plain_parcels
from tests.oms_core.model.machine_base import picks, wild
from tests.oms_core.model.plain_company import SITES, Company
from tests.oms_core.model.plain_orders import BEFORE_LEAVING, UNDER_WAY
from tests.oms_core.model.rules_promises import PromiseRules

Answer = dict[str, Any] | None


class ParcelRules(PromiseRules):
    """What leaves a place."""

    def parcel(self, pick: int, *states: str, anything: bool) -> str:
        """A parcel in one of these states, or any. What leaves although its order is cancelled has tests of its own."""
        parcels = {
            number: it
            for number, it in self.company.parcels.items()
            if self.company.orders[it.order].state != "cancelled"
        }
        likely = [number for number, it in parcels.items() if it.state in states]
        return str(self.choose(likely, list(parcels), pick, anything=anything) or "")

    def step(self, case: UseCase[Any], request: Any, number: str, act: Any) -> None:
        """A step of one parcel."""
        if number:
            self.run(case, request, lambda c, _: act(c, number))

    @precondition(lambda self: any(self.company.allocated.values()))
    @rule(location=st.sampled_from(SITES), anything=wild)
    def release_a_wave(self, location: str, *, anything: bool) -> None:
        if not anything and not plain_parcels.to_plan(self.company, location):
            location = next(place for place in SITES if place != location)

        def act(c: Company, answer: Answer) -> None:
            found = None
            if answer is not None:
                numbers = [number for wave in answer["waves"] for number in wave["shipments"]]
                orders = dict(
                    rows_of(
                        self.core,
                        "select s.number, o.external_id from shipment as s join sales_order as o"
                        " on o.order_id = s.order_id",
                    )
                )
                found = {number: orders[number] for number in numbers}
            plain_parcels.release_wave(c, location, found)

        self.run(release_wave, ReleaseWave(location), act)

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def pick_in_full(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, "released", anything=anything)
        self.step(pick_shipment, PickShipment(number), number, lambda c, it: plain_parcels.pick(c, it, None))

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, missing=st.integers(1, 3))
    def pick_short(self, pick: int, missing: int) -> None:
        number = self.parcel(pick, "released", anything=False)
        if not number:
            return
        parcel = self.company.parcels[number]
        units: dict[str, int] = {}
        for key, planned in parcel.planned.items():
            sku = self.company.orders[parcel.order].lines[key].sku
            units[sku] = units.get(sku, 0) + planned
        found = {sku: max(0, planned - missing) for sku, planned in sorted(units.items())}
        request = PickShipment(number, tuple(PickedUnits(*it) for it in found.items()))
        self.step(pick_shipment, request, number, lambda c, it: plain_parcels.pick(c, it, found))

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def pack(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, "picking", anything=anything)
        self.step(pack_shipment, PackShipment(number), number, plain_parcels.pack)

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def ship(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, "packed", anything=anything)
        self.step(ship_shipment, ShipShipment(number), number, plain_parcels.ship)

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def deliver(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, *UNDER_WAY, anything=anything)
        self.step(deliver_shipment, DeliverShipment(number), number, plain_parcels.deliver)

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def fail_a_delivery(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, "shipped", anything=anything)
        self.step(fail_delivery, FailDelivery(number, "nobody there"), number, plain_parcels.fail)

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def take_a_parcel_back(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, "failed", "shipped", anything=anything)
        self.step(take_back_shipment, TakeBackShipment(number, "not found"), number, plain_parcels.take_back)

    @precondition(lambda self: self.company.parcels)
    @rule(pick=picks, anything=wild)
    def call_a_parcel_off(self, pick: int, *, anything: bool) -> None:
        number = self.parcel(pick, *BEFORE_LEAVING, anything=anything)
        self.step(cancel_shipment, CancelShipment(number, "wrong place"), number, plain_parcels.call_off)
