"""Races for money, returns and parcels."""

from oms_core.domain.permissions import Actor, Role
from oms_core.services.allocate_order import AllocateOrder, RunAllocation, allocate_order, run_allocation
from oms_core.services.commands import Call
from oms_core.services.deliver_shipment import DeliverShipment, deliver_shipment
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.purchase_orders import (
    DraftPurchaseOrder,
    OrderedLine,
    PurchaseOrderStep,
    approve_purchase_order,
    draft_purchase_order,
    send_purchase_order,
)
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.record_payment import RecordPayment, record_payment
from oms_core.services.refund_order import RefundOrder, refund_order
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.request_return import RequestReturn, ReturnLine, request_return
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.stored_value import (
    IssueStoredValue,
    RedeemStoredValue,
    issue_stored_value,
    redeem_stored_value,
)
from oms_core.services.transfer_stock import DraftTransfer, TransferLine, TransferStep, draft_transfer, ship_transfer
from tests.builders import rows_of
from tests.oms_core.races.contests import NOW, Race
from tests.oms_core.races.crew import Came, Job

BUYER = Actor("bob", Role.PLANNER)


class Parcels(Race):
    """What a parcel needs until it can be shipped."""

    def packed(self, number: int) -> tuple[str, str]:
        """An order of one unit and its packed parcel."""
        self.sku = f"R{number}"
        self.goods(self.sku, 1)
        (order,) = self.place([self.order(f"{number}", [(self.sku, 1)])])
        self.do(allocate_order, AllocateOrder(order))
        parcel = str(self.do(release_wave, ReleaseWave("MAIN", orders=(order,)))["waves"][0]["shipments"][0])
        self.do(pick_shipment, PickShipment(parcel))
        self.do(pack_shipment, PackShipment(parcel))
        return order, parcel


class SameParcel(Parcels):
    """One parcel is shipped by everybody: it leaves once."""

    def prepare(self, number: int) -> list[Job]:
        _, parcel = self.packed(number)
        return [self.job(ship_shipment, ShipShipment(parcel)) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        refused = ("EVENT_NOT_ALLOWED", "STATE_MOVED", "ALLOCATION_GONE")
        return self.only(came, 1, *refused) + self.expect_stock(self.sku, 0, 0)


class LastUnitReturned(Parcels):
    """The one delivered unit is asked back by everybody."""

    def prepare(self, number: int) -> list[Job]:
        order, parcel = self.packed(number)
        self.do(ship_shipment, ShipShipment(parcel))
        self.do(deliver_shipment, DeliverShipment(parcel))
        self.name = f"{number}"
        request = RequestReturn(order, (ReturnLine("1", 1, "changed_mind.not_needed"),))
        return [self.job(request_return, request) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        refused = ("RETURN_TOO_MANY", "NOTHING_LEFT", "RETURN_EXCEEDS_DELIVERED")
        held = rows_of(
            self.core,
            "select l.return_requested_quantity from order_line as l join sales_order as o on o.order_id = l.order_id"
            f" where o.external_id = '{self.name}'",
        )
        return self.only(came, 1, *refused) + ([] if held == [(1,)] else [f"{held} units are asked back"])


class SameCard(Race):
    """A gift card that pays for one order is used for many."""

    def prepare(self, number: int) -> list[Job]:
        self.sku, code = f"R{number}", f"CARD-{number:05}-ABCDEF"
        self.goods(self.sku, 0)
        issued = self.do(issue_stored_value, IssueStoredValue("gift_card", "10.00", "a present", "EUR", code))
        self.card = issued["stored_value"]
        orders = self.orders_of(number, self.sku)
        return [self.job(redeem_stored_value, RedeemStoredValue(order, "10.00", code)) for order in orders]

    def judge(self, came: list[Came]) -> list[str]:
        left = rows_of(self.core, f"select balance from stored_value where stored_value_id = {self.card}")
        return self.only(came, 1, "BALANCE_SHORT") + ([] if left == [(0,)] else [f"the card holds {left}"])


class SameRefund(Race):
    """What was paid once is paid back by everybody: it goes back once."""

    def prepare(self, number: int) -> list[Job]:
        self.sku, self.name = f"R{number}", f"N{number}"
        self.goods(self.sku, 0)
        (order,) = self.place([self.order(self.name, [(self.sku, 1)])])
        self.do(record_payment, RecordPayment(order, "capture", "alipay", "10.00", "psp", f"p-{number}"))
        return [self.job(refund_order, RefundOrder(order, "10.00", "sorry")) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        sums = rows_of(
            self.core,
            "select p.captured_amount, p.refunded_amount from payment as p"
            f" join sales_order as o on o.order_id = p.order_id where o.external_id = '{self.name}'",
        )
        wrong = [] if sums == [(1000, 1000)] else [f"captured and refunded {sums}"]
        return wrong + self.only(came, 1, "REFUND_ABOVE_PAID", "REFUND_EXCEEDS_PAID")


class Purchases(Race):
    """What is bought before it comes."""

    sku: str

    def bought(self, name: str, units: int) -> None:
        """A purchase order of the round's article that was sent."""
        line = OrderedLine(self.sku, units, "2.00", NOW + 86_400_000_000)
        request = DraftPurchaseOrder("MILL", "MAIN", (line,), name, "EUR")
        draft_purchase_order(self.core, request, Call(self.key(), BUYER, NOW))
        self.do(approve_purchase_order, PurchaseOrderStep(name))
        send_purchase_order(self.core, PurchaseOrderStep(name), Call(self.key(), BUYER, NOW))


class SamePurchase(Purchases):
    """What was bought once comes many times: one delivery is taken in, the others are too much."""

    def prepare(self, number: int) -> list[Job]:
        self.sku, name = f"R{number}", f"PO{number}"
        self.goods(self.sku, 0)
        self.bought(name, 10)
        came = ReceiveGoods("MAIN", (ReceivedLine(self.sku, 10),), purchase_order=name)
        return [self.job(receive_goods, came) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        return self.only(came, 1, "OVER_RECEIPT") + self.expect_stock(self.sku, 10, 0)


class SupplyArrives(Purchases):
    """What many orders wait for comes by one purchase order in parts, while the orders are allocated."""

    def prepare(self, number: int) -> list[Job]:
        self.sku, name = f"R{number}", f"PO{number}"
        self.goods(self.sku, 0)
        self.units = -(-self.processes // 2)
        self.bought(name, self.units)
        orders = self.orders_of(number, self.sku)
        part = ReceiveGoods("MAIN", (ReceivedLine(self.sku, 1),), purchase_order=name)
        jobs = [
            self.job(allocate_order, AllocateOrder(order)) if at % 2 else self.job(receive_goods, part)
            for at, order in enumerate(orders)
        ]
        self.chance.shuffle(jobs)
        return jobs

    def judge(self, came: list[Came]) -> list[str]:
        told = {it.what for it in came} - {"ok", "error", "NOTHING_TO_ALLOCATE"}
        self.do(run_allocation, RunAllocation(skus=(self.sku,)))
        return [f"{code} was told" for code in told] + self.expect_stock(self.sku, self.units, self.units)


class SameTransfer(Race):
    """A transfer is shipped by everybody: its goods leave once."""

    def prepare(self, number: int) -> list[Job]:
        self.sku, name = f"R{number}", f"T{number}"
        self.goods(self.sku, 3)
        self.do(draft_transfer, DraftTransfer("MAIN", "EAST", (TransferLine(self.sku, 2),), "ROAD", name))
        return [self.job(ship_transfer, TransferStep(name)) for _ in range(self.processes)]

    def judge(self, came: list[Came]) -> list[str]:
        on_way = rows_of(self.core, f"select on_hand from stock_balance where sku = '{self.sku}' and location = 'ROAD'")
        wrong = [] if on_way == [(2,)] else [f"{on_way} are on their way"]
        return wrong + self.only(came, 1, "EVENT_NOT_ALLOWED", "STATE_MOVED", "STOCK_SHORT")
