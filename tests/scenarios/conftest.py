"""The words a scenario can use: each step does one thing to a real core, or reads one thing from it.

Given: taken for granted, a refusal is an error. When: what the story is about, a refusal is kept and has changed
nothing. Then: read from the core, by plain SQL or the services that read.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from pytest_bdd import given, parsers, then, when

from oms_core.domain.handover import keep
from oms_core.domain.instants import to_micros, to_text
from oms_core.domain.order_requests import Address, NewCharge, NewCustomer, NewPayment
from oms_core.domain.shipments import PickedUnits
from oms_core.services import (
    adjust_stock,
    allocate_order,
    approvals,
    backorders,
    cancel_order,
    change_condition,
    close_order,
    confirm_order,
    count_stock,
    define,
    deliver_shipment,
    delivery_options,
    exchange_rates,
    grade_return,
    hand_over,
    locations,
    merge_orders,
    order_holds,
    pack_shipment,
    pick_shipment,
    place_orders,
    plan_shipments,
    policies,
    purchase_orders,
    reallocate_order,
    receive_goods,
    receive_return,
    record_payment,
    refund_order,
    release_wave,
    request_return,
    reserve_stock,
    review_return,
    ship_shipment,
    split_order,
    stored_value,
    suppliers,
    transfer_stock,
)
from oms_core.services.company import prepare
from oms_core.services.order_units import LineUnits
from oms_core.services.payments_read import payments_of
from oms_core.services.stock_read import stock_rows
from oms_core.settings import Settings
from oms_core.storage.engine import reading
from tests.cores import copied, core, core_settings, empty_database, empty_home, opened, sqlite_core, sqlite_settings
from tests.scenarios.world import PEOPLE, World

__all__ = [
    "copied",
    "core",
    "core_settings",
    "empty_database",
    "empty_home",
    "opened",
    "sqlite_core",
    "sqlite_settings",
]

WHO = "|".join(PEOPLE)
_ONE = r"\d+ '[^']+'(?: at [\d.]+)?"
GOODS = rf"(?P<goods>{_ONE}(?:(?:, | and ){_ONE})*)"
COUNTERS = "cancelled|moved|reserved|allocated|shipped|delivered|returned|restocked|written_off|sent_back"


@pytest.fixture
def world(sqlite_settings: Settings, sqlite_core: sa.Engine) -> Iterator[World]:
    """A fresh core of a company that counts in euros; at the end every invariant holds, no refusal is left unsaid."""
    prepare(sqlite_settings, base_currency="EUR", actor="test", now=0)
    made = World(sqlite_core)
    yield made
    made.end()


def _re(pattern: str) -> parsers.re:
    known = pattern.replace("WHO", f"(?P<who>{WHO})").replace("COUNTERS", COUNTERS).replace("GOODS", GOODS)
    return parsers.re(known.replace("'", '"'))


def _day(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


# --- Given: places, goods, people ------------------------------------------------------------------------------


@given(_re(r"the location '(?P<place>[^']+)'(?: in '(?P<country>\w+)')?(?: with priority (?P<priority>\d+))?"))
def a_location(world: World, place: str, country: str | None, priority: str | None) -> None:
    asked = locations.DefineLocation(place, place.title(), country=country, priority=int(priority or 0))
    world.given("the lead", locations.define_location, asked)


@given(_re(r"the location '(?P<place>[^']+)' that ships the same day until (?P<hour>\d+):(?P<minute>\d+)"))
def a_location_with_cutoff(world: World, place: str, hour: str, minute: str) -> None:
    asked = locations.DefineLocation(place, place.title(), cutoff_minute=int(hour) * 60 + int(minute))
    world.given("the lead", locations.define_location, asked)


@given(_re(r"the location '(?P<place>[^']+)' at (?P<latitude>-?[\d.]+), (?P<longitude>-?[\d.]+)"))
def a_location_at(world: World, place: str, latitude: str, longitude: str) -> None:
    point = [int(Decimal(text) * 1_000_000) for text in (latitude, longitude)]
    asked = locations.DefineLocation(place, place.title(), latitude=point[0], longitude=point[1])
    world.given("the lead", locations.define_location, asked)


@given(_re(r"the location '(?P<place>[^']+)' where stock may fall below zero"))
def a_lenient_location(world: World, place: str) -> None:
    asked = locations.DefineLocation(place, place.title(), allows_negative_stock=True)
    world.given("the lead", locations.define_location, asked)


@given(_re(r"'(?P<place>[^']+)' is where goods are on their way"))
def on_its_way(world: World, place: str) -> None:
    world.given("the lead", locations.define_location, locations.DefineLocation(place, place, kind="in_transit"))


@given(_re(r"WHO works at '(?P<place>[^']+)' only"))
def works_at(world: World, who: str, place: str) -> None:
    world.places.setdefault(who, []).append(place)


@given(_re(r"the shop '(?P<account>[^']+)'"))
def a_shop(world: World, account: str) -> None:
    world.given("the lead", define.define_account, define.DefineAccount(account, "shop", account))


@given(_re(r"the shop '(?P<account>[^']+)' that others ship for"))
def a_shop_elsewhere(world: World, account: str) -> None:
    asked = define.DefineAccount(account, "marketplace", account, fulfilled_here=False)
    world.given("the lead", define.define_account, asked)


@given(_re(r"the articles? '(?P<names>.+)'"))
def some_articles(world: World, names: str) -> None:
    for name in names.replace("'", "").replace('"', "").replace(" and ", ",").split(","):
        asked = define.DefineSku(name.strip(), list_price=1000, list_price_scale=2, list_currency="EUR")
        world.given("the lead", define.define_sku, asked)


@given(_re(r"the article '(?P<name>[^']+)' kept by (?P<tracking>lot|serial)(?: number)?"))
def a_tracked_article(world: World, name: str, tracking: str) -> None:
    world.given("the lead", define.define_sku, define.DefineSku(name, tracking=tracking))


@given(_re(r"the article '(?P<name>[^']+)' that cannot be sent back"))
def not_returnable(world: World, name: str) -> None:
    world.given("the lead", define.define_sku, define.DefineSku(name, is_returnable=False))


@given(_re(r"the bundle '(?P<name>[^']+)' of (?P<first>\d+) '(?P<one>[^']+)' and (?P<second>\d+) '(?P<two>[^']+)'"))
def a_bundle(world: World, name: str, first: str, one: str, second: str, two: str) -> None:
    parts = (define.Component(one, int(first)), define.Component(two, int(second)))
    world.given("the lead", define.define_sku, define.DefineSku(name, components=parts))


@given(_re(r"(?P<units>\d+) '(?P<name>[^']+)' at '(?P<place>[^']+)'(?: that cost (?P<cost>[\d.]+))?"))
def some_stock(world: World, units: str, name: str, place: str, cost: str | None) -> None:
    world.stock(int(units), name, place, unit_cost=cost or "4.00", currency="EUR")


@given(_re(r"(?P<units>\d+) '(?P<name>[^']+)' of lot '(?P<lot>[^']+)' good until (?P<day>\S+) at '(?P<place>[^']+)'"))
def some_lot(world: World, units: str, name: str, lot: str, day: str, place: str) -> None:
    world.stock(int(units), name, place, lot=lot, expires_at=_day(day))


@given(_re(r"the '(?P<name>[^']+)' with number '(?P<serial>[^']+)' at '(?P<place>[^']+)'"))
def a_serial(world: World, name: str, serial: str, place: str) -> None:
    world.stock(1, name, place, lot=serial)


@given(_re(r"one (?P<currency>[A-Z]{3}) is (?P<rate>[\d.]+) EUR"))
def a_rate(world: World, currency: str, rate: str) -> None:
    world.given("finance", exchange_rates.set_rate, exchange_rates.SetRate(currency, rate, world.micros))


@given(parsers.re(r"the policy \"(?P<kind>\w+)\" says:?"), target_fixture="policy_set")
def a_policy(world: World, kind: str, docstring: str) -> None:
    asked = policies.SetPolicy(kind, docstring, "agreed")
    world.given("the administrator", policies.set_policy, asked)


# --- Given: orders and how far they are ------------------------------------------------------------------------


@given(_re(r"order '(?P<number>[^']+)' for GOODS(?: on '(?P<account>[^']+)')?"))
def an_order(world: World, number: str, goods: str, account: str | None) -> None:
    world.place(number, goods, **({"account": account} if account else {}))


@given(_re(r"order '(?P<number>[^']+)' of priority (?P<priority>\d+) for GOODS"))
def an_urgent_order(world: World, number: str, priority: str, goods: str) -> None:
    world.place(number, goods, priority=int(priority))


@given(_re(r"prepaid order '(?P<number>[^']+)' for GOODS without a payment"))
def an_unpaid_order(world: World, number: str, goods: str) -> None:
    world.place(number, goods, terms="prepaid")


@given(_re(r"order '(?P<number>[^']+)' for GOODS paid (?P<amount>[\d.]+) by (?P<method>\w+)"))
def a_paid_order(world: World, number: str, goods: str, amount: str, method: str) -> None:
    minor = int(Decimal(amount) * 100)
    paid = NewPayment(method, "capture", minor, "psp", f"psp-{number}")
    world.place(number, goods, terms="prepaid", payments=(paid,))


@given(_re(r"order '(?P<number>[^']+)' for GOODS to be paid at the door"))
def a_cash_order(world: World, number: str, goods: str) -> None:
    total = sum(line.quantity * line.unit_price for line in world.order(number, goods).lines)
    promise = NewPayment("cash_on_delivery", "authorize", total, "door", f"door-{number}")
    world.place(number, goods, terms="cash_on_delivery", payments=(promise,))


@given(_re(r"order '(?P<number>[^']+)' for GOODS from the buyer of '(?P<other>[^']+)'"))
def an_order_of_the_same_buyer(world: World, number: str, goods: str, other: str) -> None:
    buyer = NewCustomer(f"C-{other}", "Ada Byron", "ada@example.org")
    to = Address("Ada Byron", None, None, f"Hauptstr. {other}", "Berlin", "10115", "DE")
    world.place(number, goods, customer=buyer, ship_to=to)


@given(_re(r"order '(?P<number>[^']+)' is promised its goods"))
def allocated(world: World, number: str) -> None:
    world.given("the clerk", allocate_order.allocate_order, allocate_order.AllocateOrder(number))


@given(_re(r"order '(?P<number>[^']+)' is (?P<step>released|picked|packed|shipped|delivered)"))
def so_far(world: World, number: str, step: str) -> None:
    steps = ["released", "picked", "packed", "shipped", "delivered"]
    for each in steps[: steps.index(step) + 1]:
        _do_step(world, "given", "the lead", number, each)


def _do_step(world: World, mood: str, who: str, number: str, step: str) -> None:
    do = world.given if mood == "given" else world.when
    if step == "released":
        reference = world.names.get(number, number)
        if not world.line_promised(number):
            do("the lead", allocate_order.allocate_order, allocate_order.AllocateOrder(reference))
        for place in world.promised_places(number):
            do(who, release_wave.release_wave, release_wave.ReleaseWave(place, orders=(reference,)))
        return
    for name in world.shipments(number):
        if step == "picked":
            do(who, pick_shipment.pick_shipment, pick_shipment.PickShipment(name))
        elif step == "packed":
            do(who, pack_shipment.pack_shipment, pack_shipment.PackShipment(name))
        elif step == "shipped":
            do(who, ship_shipment.ship_shipment, ship_shipment.ShipShipment(name, carrier="DHL"))
        else:
            do(who, deliver_shipment.deliver_shipment, deliver_shipment.DeliverShipment(name))


# --- When: time, orders ------------------------------------------------------------------------------------------


@when(_re(r"(?P<days>\d+) days? pass(?:es)?"))
@given(_re(r"(?P<days>\d+) days? pass(?:es)?"))
def days_pass(world: World, days: str) -> None:
    world.wait(days=int(days))


@when(_re(r"(?P<minutes>\d+) minutes pass"))
def minutes_pass(world: World, minutes: str) -> None:
    world.wait(minutes=int(minutes))


@when(_re(r"WHO places order '(?P<number>[^']+)' for GOODS"))
def places(world: World, who: str, number: str, goods: str) -> None:
    world.when(who, place_orders.place_order, world.order(number, goods))


@when(_re(r"WHO places order '(?P<number>[^']+)' for GOODS to an address without a street"))
def places_without_street(world: World, who: str, number: str, goods: str) -> None:
    to = Address("Ada Byron", city="Berlin", postcode="10115", country="DE")
    world.when(who, place_orders.place_order, world.order(number, goods, ship_to=to))


@when(_re(r"WHO sends order '(?P<number>[^']+)' for GOODS again under the same key"))
def sends_again(world: World, who: str, number: str, goods: str) -> None:
    asked = world.order(number, goods)
    first = world.when(who, place_orders.place_order, asked, key=f"web-{number}")
    again = world.when(who, place_orders.place_order, asked, key=f"web-{number}")
    assert again == first


@when(_re(r"WHO places order '(?P<number>[^']+)' for GOODS less a discount of (?P<amount>[\d.]+)"))
def places_discounted(world: World, who: str, number: str, goods: str, amount: str) -> None:
    charge = NewCharge("discount", int(Decimal(amount) * 100), "SPRING")
    world.when(who, place_orders.place_order, world.order(number, goods, charges=(charge,)))


@when(_re(r"WHO places order '(?P<number>[^']+)' for GOODS in (?P<currency>[A-Z]{3})"))
def places_in(world: World, who: str, number: str, goods: str, currency: str) -> None:
    world.when(who, place_orders.place_order, world.order(number, goods, currency=currency))


@when(_re(r"WHO confirms order '(?P<number>[^']+)'"))
def confirms(world: World, who: str, number: str) -> None:
    world.when(who, confirm_order.confirm_order, confirm_order.ConfirmOrder(number))


@when(_re(r"WHO holds order '(?P<number>[^']+)' because of '(?P<kind>\w+)': (?P<reason>.+)"))
@given(_re(r"WHO holds order '(?P<number>[^']+)' because of '(?P<kind>\w+)': (?P<reason>.+)"))
def holds(world: World, who: str, number: str, kind: str, reason: str) -> None:
    world.when(who, order_holds.hold_order, order_holds.HoldOrder(number, kind, reason))


@when(_re(r"WHO releases order '(?P<number>[^']+)': (?P<resolution>.+)"))
def releases(world: World, who: str, number: str, resolution: str) -> None:
    world.when(who, order_holds.release_order, order_holds.ReleaseOrder(number, resolution))


@when(_re(r"WHO cancels order '(?P<number>[^']+)': (?P<reason>.+)"))
def cancels(world: World, who: str, number: str, reason: str) -> None:
    world.when(who, cancel_order.cancel_order, cancel_order.CancelOrder(number, reason))


@when(_re(r"WHO cancels (?P<units>\d+) '(?P<name>[^']+)' of order '(?P<number>[^']+)': (?P<reason>.+)"))
def cancels_units(world: World, who: str, units: str, name: str, number: str, reason: str) -> None:
    asked = cancel_order.CancelOrder(number, reason, (LineUnits(name, int(units)),))
    world.when(who, cancel_order.cancel_order, asked)


@when(_re(r"WHO splits (?P<units>\d+) '(?P<name>[^']+)' off order '(?P<number>[^']+)' as '(?P<child>[^']+)'"))
def splits(world: World, who: str, units: str, name: str, number: str, child: str) -> None:
    asked = split_order.SplitOrder(number, (LineUnits(name, int(units)),), "sent later")
    answer = world.when(who, split_order.split_order, asked)
    if world.refusal is None:
        world.names[child] = world.newest_child(number)
        assert answer


@when(_re(r"WHO merges orders '(?P<one>[^']+)' and '(?P<other>[^']+)'"))
def merges(world: World, who: str, one: str, other: str) -> None:
    world.when(who, merge_orders.merge_orders, merge_orders.MergeOrders((one, other), "one parcel"))


@when(_re(r"WHO gives order '(?P<number>[^']+)' priority (?P<priority>\d+)"))
def prioritises(world: World, who: str, number: str, priority: str) -> None:
    world.when(who, close_order.prioritise_order, close_order.PrioritiseOrder(number, int(priority)))


@when(_re(r"WHO chooses delivery '(?P<method>\w+)' for order '(?P<number>[^']+)'"))
@given(_re(r"WHO chooses delivery '(?P<method>\w+)' for order '(?P<number>[^']+)'"))
def chooses(world: World, who: str, method: str, number: str) -> None:
    world.when(who, delivery_options.choose_delivery, delivery_options.ChooseDelivery(number, method))


# --- When: promises -----------------------------------------------------------------------------------------------


@when(_re(r"WHO allocates order '(?P<number>[^']+)'"))
def allocates(world: World, who: str, number: str) -> None:
    world.when(who, allocate_order.allocate_order, allocate_order.AllocateOrder(world.names.get(number, number)))


@when(_re(r"WHO allocates everything that waits"))
def allocates_all(world: World, who: str) -> None:
    world.when(who, allocate_order.run_allocation, allocate_order.RunAllocation())


@when(_re(r"WHO reallocates order '(?P<number>[^']+)' without '(?P<place>[^']+)'"))
def reallocates(world: World, who: str, number: str, place: str) -> None:
    asked = reallocate_order.ReallocateOrder(number, "the place is shut", (place,))
    world.when(who, reallocate_order.reallocate_order, asked)


@when(_re(r"WHO reserves order '(?P<number>[^']+)' for (?P<minutes>\d+) minutes"))
def reserves(world: World, who: str, number: str, minutes: str) -> None:
    until = world.micros + (int(minutes) + 1) * 60_000_000
    world.when(who, reserve_stock.reserve_stock, reserve_stock.ReserveStock(number, until))
    if world.refusal is None:
        world.names["the reservation"] = str(world.answer["reservations"][0]["reservation"])


@when(_re(r"WHO (?P<how>post|void|expire)s the reservation"))
def settles(world: World, who: str, how: str) -> None:
    asked = reserve_stock.SettleReservation(int(world.names["the reservation"]), how)
    world.when(who, reserve_stock.settle_reservation, asked)


@when(_re(r"the reservations whose time is over expire"))
def sweep(world: World) -> None:
    world.when("the lead", reserve_stock.expire_reservations, reserve_stock.ExpireReservations())


# --- When: out of the door -------------------------------------------------------------------------------------------


@when(_re(r"WHO releases a wave at '(?P<place>[^']+)'"))
def releases_wave(world: World, who: str, place: str) -> None:
    world.when(who, release_wave.release_wave, release_wave.ReleaseWave(place))


@when(_re(r"WHO picks (?P<units>\d+) of '(?P<name>[^']+)' for order '(?P<number>[^']+)'"))
def picks_short(world: World, who: str, units: str, name: str, number: str) -> None:
    asked = pick_shipment.PickShipment(world.shipment(number), (PickedUnits(name, int(units)),))
    world.when(who, pick_shipment.pick_shipment, asked)


@when(_re(r"WHO (?P<step>pick|pack|ship|deliver)s order '(?P<number>[^']+)'(?: from '(?P<place>[^']+)')?"))
def works(world: World, who: str, step: str, number: str, place: str | None) -> None:
    name = world.shipment(number, place)
    if step == "pick":
        world.when(who, pick_shipment.pick_shipment, pick_shipment.PickShipment(name))
    elif step == "pack":
        world.when(who, pack_shipment.pack_shipment, pack_shipment.PackShipment(name))
    elif step == "ship":
        world.when(who, ship_shipment.ship_shipment, ship_shipment.ShipShipment(name, carrier="DHL"))
    else:
        world.when(who, deliver_shipment.deliver_shipment, deliver_shipment.DeliverShipment(name, proof="signed"))


@when(_re(r"WHO cannot deliver order '(?P<number>[^']+)': (?P<reason>.+)"))
def cannot_deliver(world: World, who: str, number: str, reason: str) -> None:
    asked = deliver_shipment.FailDelivery(world.shipment(number), reason)
    world.when(who, deliver_shipment.fail_delivery, asked)


@when(_re(r"WHO tries to deliver order '(?P<number>[^']+)' again"))
def tries_again(world: World, who: str, number: str) -> None:
    world.when(who, deliver_shipment.retry_delivery, deliver_shipment.RetryDelivery(world.shipment(number)))


@when(_re(r"WHO makes order '(?P<number>[^']+)' ready with the code '(?P<code>\d+)'"))
def makes_ready(world: World, who: str, number: str, code: str) -> None:
    kept = keep(code, b"salt of the test")
    world.when(who, hand_over.make_ready, hand_over.MakeReady(world.shipment(number), kept))


@when(_re(r"WHO hands order '(?P<number>[^']+)' over for the code '(?P<code>\d+)'"))
def hands_over(world: World, who: str, number: str, code: str) -> None:
    world.when(who, hand_over.hand_over, hand_over.HandOver(world.shipment(number), code))


@when(_re(r"WHO calls the shipment of order '(?P<number>[^']+)' off: (?P<reason>.+)"))
def calls_off(world: World, who: str, number: str, reason: str) -> None:
    asked = plan_shipments.CancelShipment(world.shipment(number), reason)
    world.when(who, plan_shipments.cancel_shipment, asked)


# --- When: stock ----------------------------------------------------------------------------------------------------


@when(_re(r"WHO receives (?P<units>\d+) '(?P<name>[^']+)' at '(?P<place>[^']+)'"))
def receives(world: World, who: str, units: str, name: str, place: str) -> None:
    line = receive_goods.ReceivedLine(name, int(units))
    world.when(who, receive_goods.receive_goods, receive_goods.ReceiveGoods(place, (line,)))


@when(
    _re(
        r"WHO receives (?P<units>\d+) '(?P<name>[^']+)'(?:, (?P<damaged>\d+) of them damaged,)? for the purchase order"
        r"(?P<over>, even too many)?"
    )
)
def receives_po(world: World, who: str, units: str, name: str, damaged: str | None, over: str | None) -> None:
    line = receive_goods.ReceivedLine(name, int(units), int(damaged or 0))
    place = str(
        world.one("select location from purchase_order where number = :po", po=world.names["the purchase order"])
    )
    asked = receive_goods.ReceiveGoods(place, (line,), world.names["the purchase order"], accept_over=bool(over))
    world.when(who, receive_goods.receive_goods, asked)


@when(_re(r"WHO adjusts '(?P<name>[^']+)' at '(?P<place>[^']+)' by (?P<units>[+-]?\d+): (?P<reason>.+)"))
def adjusts(world: World, who: str, name: str, place: str, units: str, reason: str) -> None:
    world.when(who, adjust_stock.adjust_stock, adjust_stock.AdjustStock(name, place, int(units), reason))


@when(_re(r"WHO books a loss of (?P<units>\d+) '(?P<name>[^']+)' at '(?P<place>[^']+)' of (?P<days>\d+) days ago"))
def back_dated(world: World, who: str, units: str, name: str, place: str, days: str) -> None:
    at = world.micros - int(days) * 86_400_000_000
    asked = adjust_stock.AdjustStock(name, place, -int(units), "found in the papers", at=at)
    world.when(who, adjust_stock.adjust_stock, asked)


@when(
    _re(
        r"WHO moves (?P<units>\d+) '(?P<name>[^']+)' at '(?P<place>[^']+)' from (?P<before>\w+) to (?P<after>\w+):"
        r" (?P<reason>.+)"
    )
)
def changes_condition(
    world: World, who: str, units: str, name: str, place: str, before: str, after: str, reason: str
) -> None:
    asked = change_condition.ChangeCondition(name, place, before, after, int(units), reason)
    world.when(who, change_condition.change_condition, asked)


@when(_re(r"WHO scraps (?P<units>\d+) damaged '(?P<name>[^']+)' at '(?P<place>[^']+)'"))
def scraps(world: World, who: str, units: str, name: str, place: str) -> None:
    world.when(who, adjust_stock.scrap_stock, adjust_stock.ScrapStock(name, place, int(units), "broken"))


@when(
    _re(
        r"WHO sends (?P<units>\d+) '(?P<name>[^']+)' from '(?P<place>[^']+)' to '(?P<to>[^']+)'(?: by '(?P<via>[^']+)')?"
    )
)
@given(
    _re(
        r"WHO sends (?P<units>\d+) '(?P<name>[^']+)' from '(?P<place>[^']+)' to '(?P<to>[^']+)'(?: by '(?P<via>[^']+)')?"
    )
)
def sends(world: World, who: str, units: str, name: str, place: str, to: str, via: str | None) -> None:
    line = transfer_stock.TransferLine(name, int(units))
    answer = world.when(who, transfer_stock.draft_transfer, transfer_stock.DraftTransfer(place, to, (line,), via))
    if world.refusal is None:
        world.names["the transfer"] = str(answer["transfer"])
        world.when(who, transfer_stock.ship_transfer, transfer_stock.TransferStep(world.names["the transfer"]))


@when(_re(r"WHO receives (?P<units>\d+) '(?P<name>[^']+)' of the transfer"))
def receives_transfer(world: World, who: str, units: str, name: str) -> None:
    line = transfer_stock.TransferLine(name, int(units))
    asked = transfer_stock.TransferArrival(world.names["the transfer"], (line,))
    world.when(who, transfer_stock.receive_transfer, asked)


@when(_re(r"WHO writes (?P<units>\d+) '(?P<name>[^']+)' of the transfer off: (?P<reason>.+)"))
def loses(world: World, who: str, units: str, name: str, reason: str) -> None:
    line = transfer_stock.TransferLine(name, int(units))
    asked = transfer_stock.TransferArrival(world.names["the transfer"], (line,), reason=reason)
    world.when(who, transfer_stock.lose_in_transit, asked)


@when(_re(r"WHO counts (?P<units>\d+) '(?P<name>[^']+)' at '(?P<place>[^']+)'"))
@given(_re(r"WHO counts (?P<units>\d+) '(?P<name>[^']+)' at '(?P<place>[^']+)'"))
def counts(world: World, who: str, units: str, name: str, place: str) -> None:
    answer = world.when(who, count_stock.open_count, count_stock.OpenCount(place, (name,)))
    if world.refusal is None:
        world.names["the count"] = str(answer["count"])
        line = count_stock.CountedRecord(name, int(units))
        world.when(who, count_stock.enter_count, count_stock.EnterCount(world.names["the count"], (line,)))


@when(_re(r"WHO (?P<how>approve|reject)s the count: (?P<reason>.+)"))
def decides_count(world: World, who: str, how: str, reason: str) -> None:
    step = count_stock.approve_count if how == "approve" else count_stock.reject_count
    world.when(who, step, count_stock.CountStep(world.names["the count"], reason))


@when(_re(r"WHO lets stock at '(?P<place>[^']+)' fall below zero"))
def lets_fall(world: World, who: str, place: str) -> None:
    asked = locations.DefineLocation(place, place.title(), allows_negative_stock=True)
    world.when(who, locations.define_location, asked)


@when(_re(r"WHO makes '(?P<place>[^']+)' strict again"))
def makes_strict(world: World, who: str, place: str) -> None:
    world.when(who, locations.define_location, locations.DefineLocation(place, place.title()))


@when(_re(r"WHO (?P<how>approve|reject)s what waits for (?P<what>a refund|stock): (?P<reason>.+)"))
def decides(world: World, who: str, how: str, what: str, reason: str) -> None:
    number = str(world.one("select number from approval order by approval_id desc limit 1"))
    step = refund_order.decide_refund if what == "a refund" else approvals.decide_stock_approval
    world.when(who, step, approvals.DecideApproval(number, how == "approve", reason))


# --- When: purchasing --------------------------------------------------------------------------------------------------


@given(_re(r"the supplier '(?P<name>[^']+)' who is at most (?P<days>\d+) days late"))
def a_supplier(world: World, name: str, days: str) -> None:
    asked = suppliers.DefineSupplier(name, name, "DE", "EUR", lead_time_days=14, late_days_p90=int(days))
    world.given("the planner", suppliers.define_supplier, asked)


@given(
    _re(
        r"'(?P<supplier>[^']+)' sells '(?P<name>[^']+)' at (?P<price>[\d.]+) in packs of (?P<pack>\d+),"
        r" (?P<least>\d+) at least"
    )
)
def a_price(world: World, supplier: str, name: str, price: str, pack: str, least: str) -> None:
    asked = suppliers.SetSupplierPrice(
        supplier, name, price, "EUR", minimum_quantity=int(least), pack_size=int(pack), valid_from=world.micros
    )
    world.given("the planner", suppliers.set_supplier_price, asked)


@when(
    _re(
        r"WHO orders (?P<units>\d+) '(?P<name>[^']+)' from '(?P<supplier>[^']+)' for '(?P<place>[^']+)' by (?P<day>\S+)"
    )
)
@given(
    _re(
        r"WHO orders (?P<units>\d+) '(?P<name>[^']+)' from '(?P<supplier>[^']+)' for '(?P<place>[^']+)' by (?P<day>\S+)"
    )
)
def orders_goods(world: World, who: str, units: str, name: str, supplier: str, place: str, day: str) -> None:
    line = purchase_orders.OrderedLine(name, int(units), expected_at=_day(day))
    asked = purchase_orders.DraftPurchaseOrder(supplier, place, (line,))
    answer = world.when(who, purchase_orders.draft_purchase_order, asked)
    if world.refusal is None:
        world.names["the purchase order"] = str(answer["number"])


@when(_re(r"WHO (?P<step>approve|send|close|cancel)s the purchase order"))
@given(_re(r"WHO (?P<step>approve|send|close|cancel)s the purchase order"))
def moves_po(world: World, who: str, step: str) -> None:
    use_case = getattr(purchase_orders, f"{step}_purchase_order")
    world.when(who, use_case, purchase_orders.PurchaseOrderStep(world.names["the purchase order"], "as agreed"))


@when(_re(r"WHO learns that the purchase order comes by (?P<day>\S+)"))
def slips(world: World, who: str, day: str) -> None:
    asked = purchase_orders.ExpectPurchaseOrder(world.names["the purchase order"], _day(day), "the supplier says so")
    world.when(who, purchase_orders.expect_purchase_order, asked)
    if world.refusal is None:
        world.when("the lead", backorders.repeg, backorders.Repeg())


# --- When: money ---------------------------------------------------------------------------------------------------------


@when(
    _re(
        r"WHO records that (?P<amount>[\d.]+) was (?P<event>authorized|captured|voided|charged back) by (?P<method>\w+) for order '(?P<number>[^']+)'(?: as '(?P<ref>[^']+)')?"
    )
)
@given(
    _re(
        r"WHO records that (?P<amount>[\d.]+) was (?P<event>authorized|captured|voided|charged back) by (?P<method>\w+) for order '(?P<number>[^']+)'(?: as '(?P<ref>[^']+)')?"
    )
)
def records(world: World, who: str, amount: str, event: str, method: str, number: str, ref: str | None) -> None:
    kind = {"authorized": "authorize", "captured": "capture", "voided": "void", "charged back": "charge_back"}[event]
    reference = ref or f"{method}-{number}"
    asked = record_payment.RecordPayment(number, kind, method, amount, "psp", reference, tender=method)
    world.when(who, record_payment.record_payment, asked)


@when(_re(r"WHO refunds (?P<amount>[\d.]+) of order '(?P<number>[^']+)': (?P<reason>.+)"))
def refunds(world: World, who: str, amount: str, number: str, reason: str) -> None:
    asked = refund_order.RefundOrder(number, amount, reason, reference=f"back-{number}-{amount}")
    world.when(who, refund_order.refund_order, asked)


@given(_re(r"a gift card '(?P<code>[^']+)' of (?P<amount>[\d.]+) EUR"))
def a_gift_card(world: World, code: str, amount: str) -> None:
    asked = stored_value.IssueStoredValue("gift_card", amount, "sold", currency="EUR", code=code)
    world.given("finance", stored_value.issue_stored_value, asked)


@when(_re(r"WHO redeems (?P<amount>[\d.]+) of the card '(?P<code>[^']+)' for order '(?P<number>[^']+)'"))
def redeems(world: World, who: str, amount: str, code: str, number: str) -> None:
    world.when(who, stored_value.redeem_stored_value, stored_value.RedeemStoredValue(number, amount, code))


# --- When: returns ----------------------------------------------------------------------------------------------------------


@when(_re(r"WHO asks to return (?P<units>\d+) '(?P<name>[^']+)' of order '(?P<number>[^']+)' as (?P<reason>[\w.]+)"))
@given(_re(r"WHO asks to return (?P<units>\d+) '(?P<name>[^']+)' of order '(?P<number>[^']+)' as (?P<reason>[\w.]+)"))
def asks_return(world: World, who: str, units: str, name: str, number: str, reason: str) -> None:
    line = request_return.ReturnLine(name, int(units), reason)
    world.when(who, request_return.request_return, request_return.RequestReturn(number, (line,)))


@when(_re(r"WHO asks to exchange (?P<units>\d+) '(?P<name>[^']+)' of order '(?P<number>[^']+)' for '(?P<other>[^']+)'"))
def asks_exchange(world: World, who: str, units: str, name: str, number: str, other: str) -> None:
    line = request_return.ReturnLine(name, int(units), "changed_mind.wrong_size", other)
    world.when(who, request_return.request_return, request_return.RequestReturn(number, (line,), kind="exchange"))


@when(_re(r"WHO approves the return of order '(?P<number>[^']+)' to '(?P<place>[^']+)'"))
@given(_re(r"WHO approves the return of order '(?P<number>[^']+)' to '(?P<place>[^']+)'"))
def approves_return(world: World, who: str, number: str, place: str) -> None:
    asked = review_return.ApproveReturn(world.return_request(number), place)
    world.when(who, review_return.approve_return, asked)


@when(_re(r"WHO declines the return of order '(?P<number>[^']+)': (?P<reason>.+)"))
def declines_return(world: World, who: str, number: str, reason: str) -> None:
    world.when(who, review_return.decline_return, review_return.DeclineReturn(world.return_request(number), reason))


@when(
    _re(
        r"WHO takes (?P<units>\d+) '(?P<name>[^']+)' of the return of order '(?P<number>[^']+)' in at '(?P<place>[^']+)'"
    )
)
@given(
    _re(
        r"WHO takes (?P<units>\d+) '(?P<name>[^']+)' of the return of order '(?P<number>[^']+)' in at '(?P<place>[^']+)'"
    )
)
def takes_in(world: World, who: str, units: str, name: str, number: str, place: str) -> None:
    line = receive_return.ReceivedLine(name, int(units))
    asked = receive_return.ReceiveReturn(world.return_request(number), place, (line,))
    world.when(who, receive_return.receive_return, asked)


@when(
    _re(
        r"WHO grades (?P<units>\d+) '(?P<name>[^']+)' of the return of order '(?P<number>[^']+)' at '(?P<place>[^']+)'"
        r" as (?P<grade>\w+)"
    )
)
def grades(world: World, who: str, units: str, name: str, number: str, place: str, grade: str) -> None:
    line = grade_return.GradedLine(name, grade, int(units))
    asked = grade_return.GradeReturn(world.return_request(number), place, (line,))
    world.when(who, grade_return.grade_return, asked)


# --- Then ---------------------------------------------------------------------------------------------------------------------


@then(_re(r"it is refused: (?P<code>[A-Z_]+)"))
def is_refused(world: World, code: str) -> None:
    world.refused(code)


@then(_re(r"order '(?P<number>[^']+)' is (?P<state>pending|confirmed|on hold|cancelled|closed)"))
def is_in_state(world: World, number: str, state: str) -> None:
    found = world.one("select lifecycle from sales_order where external_id = :number", number=world.number(number))
    assert found == state.replace(" ", "_")


@then(_re(r"order '(?P<number>[^']+)' was confirmed by the rule '(?P<rule>\w+)'"))
def confirmed_by(world: World, number: str, rule: str) -> None:
    found = world.one("select confirmed_by from sales_order where external_id = :number", number=number)
    assert str(found).split("@")[0] == rule


@then(_re(r"order '(?P<number>[^']+)' has the hold '(?P<kind>\w+)' by (?P<actor>.+)"))
def has_hold(world: World, number: str, kind: str, actor: str) -> None:
    statement = """select h.actor, h.reason from order_hold as h join sales_order as o on o.order_id = h.order_id
        left join order_hold_release as r on r.hold_id = h.hold_id
        where o.external_id = :number and h.kind = :kind and r.hold_id is null"""
    ((who, reason),) = world.rows(statement, number=number, kind=kind)
    assert who == actor
    assert reason


@then(_re(r"order '(?P<number>[^']+)' has no hold"))
def has_no_hold(world: World, number: str) -> None:
    statement = """select h.kind, r.resolution from order_hold as h join sales_order as o on o.order_id = h.order_id
        left join order_hold_release as r on r.hold_id = h.hold_id where o.external_id = :number"""
    assert all(resolution for _, resolution in world.rows(statement, number=number))


@then(_re(r"(?P<units>\d+) '(?P<name>[^']+)' of order '(?P<number>[^']+)' (?:is|are) (?P<counter>COUNTERS)"))
def line_counts(world: World, units: str, name: str, number: str, counter: str) -> None:
    assert world.line(number, name)[f"{counter}_quantity"] == int(units)


@then(_re(r"(?P<units>\d+) '(?P<name>[^']+)' of order '(?P<number>[^']+)' come from '(?P<place>[^']+)'"))
def comes_from(world: World, units: str, name: str, number: str, place: str) -> None:
    statement = """select coalesce(sum(a.allocated), 0) from line_allocation as a
        where a.line_id = :line and a.location = :place"""
    assert world.one(statement, line=world.line(number, name)["line_id"], place=place) == int(units)


@then(_re(r"'(?P<place>[^']+)' has (?P<units>-?\d+) '(?P<name>[^']+)' on hand and (?P<free>-?\d+) available"))
def has_stock(world: World, place: str, units: str, name: str, free: str) -> None:
    with reading(world.core) as connection:
        _, found = stock_rows(connection, sku=name, place=place, now=world.micros)
    sellable = [(row.on_hand, row.available) for row in found if row.condition == "sellable"]
    assert sellable == [(int(units), int(free))]


@then(_re(r"'(?P<place>[^']+)' has (?P<units>\d+) '(?P<name>[^']+)' in (?P<condition>inspection|damaged|sellable)"))
def has_condition(world: World, place: str, units: str, name: str, condition: str) -> None:
    statement = """select coalesce(sum(on_hand), 0) from stock_balance
        where sku = :name and location = :place and condition = :condition"""
    assert world.one(statement, name=name, place=place, condition=condition) == int(units)


@then(_re(r"'(?P<place>[^']+)' had (?P<units>\d+) '(?P<name>[^']+)' (?P<days>\d+) days ago"))
def had_stock(world: World, place: str, units: str, name: str, days: str) -> None:
    at = world.micros - int(days) * 86_400_000_000 + 3_600_000_000
    with reading(world.core) as connection:
        _, found = stock_rows(connection, sku=name, place=place, at=at, now=world.micros)
    assert [row.on_hand for row in found] == [int(units)]


@then(_re(r"'(?P<place>[^']+)' had (?P<units>\d+) '(?P<name>[^']+)' (?P<days>\d+) days ago, as known then"))
def had_stock_as_known(world: World, place: str, units: str, name: str, days: str) -> None:
    at = world.micros - int(days) * 86_400_000_000 + 3_600_000_000
    with reading(world.core) as connection:
        _, found = stock_rows(connection, sku=name, place=place, at=at, as_known=at, now=world.micros)
    assert [row.on_hand for row in found] == [int(units)]


@then(_re(r"'(?P<place>[^']+)' has (?P<units>\d+) '(?P<name>[^']+)' of lot '(?P<lot>[^']+)'"))
def has_lot(world: World, place: str, units: str, name: str, lot: str) -> None:
    statement = (
        "select coalesce(sum(on_hand), 0) from lot_balance where sku = :name and location = :place and lot = :lot"
    )
    assert world.one(statement, name=name, place=place, lot=lot) == int(units)


@then(_re(r"the total of order '(?P<number>[^']+)' is (?P<amount>[\d.]+) (?P<currency>[A-Z]{3})"))
def total_is(world: World, number: str, amount: str, currency: str) -> None:
    statement = "select total_amount, currency from sales_order where external_id = :number"
    assert world.rows(statement, number=number) == [(Decimal(amount) * 100, currency)]


@then(
    _re(r"line '(?P<name>[^']+)' of order '(?P<number>[^']+)' costs (?P<amount>[\d.]+) after (?P<discount>[\d.]+) off")
)
def line_costs(world: World, name: str, number: str, amount: str, discount: str) -> None:
    line = world.line(number, name)
    scale = 10 ** line["money_scale"]
    assert (line["line_amount"], line["discount_amount"]) == (Decimal(amount) * scale, Decimal(discount) * scale)


@then(
    _re(
        r"order '(?P<number>[^']+)' is (?P<state>unpaid|authorized|partially_paid|paid|partially_refunded|refunded|voided|charged_back)"
    )
)
def is_paid(world: World, number: str, state: str) -> None:
    with reading(world.core) as connection:
        assert payments_of(connection, number)["payment_status"] == state


@then(_re(r"(?P<amount>[\d.]+) of order '(?P<number>[^']+)' is paid"))
def paid_is(world: World, amount: str, number: str) -> None:
    statement = """select coalesce(sum(captured_amount - refunded_amount - charged_back_amount), 0) from payment as p
        join sales_order as o on o.order_id = p.order_id where o.external_id = :number"""
    assert world.one(statement, number=number) == Decimal(amount) * 100


@then(_re(r"the base amount of order '(?P<number>[^']+)' is (?P<amount>[\d.]+)"))
def base_amount_is(world: World, number: str, amount: str) -> None:
    statement = """select sum(base_amount) from payment_event as e join sales_order as o on o.order_id = e.order_id
        where o.external_id = :number"""
    assert world.one(statement, number=number) == Decimal(amount) * 100


@then(_re(r"the card '(?P<code>[^']+)' holds (?P<amount>[\d.]+)"))
def card_holds(world: World, code: str, amount: str) -> None:
    with reading(world.core) as connection:
        assert Decimal(str(stored_value.stored_value_of(connection, code)["balance"])) == Decimal(amount)


@then(_re(r"the shipment of order '(?P<number>[^']+)' is (?P<state>[a-z_]+)"))
def shipment_is(world: World, number: str, state: str) -> None:
    assert world.one("select state from shipment where number = :number", number=world.shipment(number)) == state


@then(_re(r"the return of order '(?P<number>[^']+)' is (?P<state>[a-z_]+)"))
def return_is(world: World, number: str, state: str) -> None:
    name = world.return_request(number)
    assert world.one("select state from return_request where number = :number", number=name) == state


@then(_re(r"the purchase order is (?P<state>[a-z_]+)"))
def po_is(world: World, state: str) -> None:
    statement = "select state from purchase_order where number = :number"
    assert world.one(statement, number=world.names["the purchase order"]) == state


@then(_re(r"the transfer is (?P<state>[a-z_]+)"))
def transfer_is(world: World, state: str) -> None:
    statement = "select state from transfer where number = :number"
    assert world.one(statement, number=world.names["the transfer"]) == state


@then(_re(r"the count is (?P<state>[a-z_]+)"))
def count_is(world: World, state: str) -> None:
    statement = "select state from stock_count where number = :number"
    assert world.one(statement, number=world.names["the count"]) == state


@then(_re(r"order '(?P<number>[^']+)' is promised for (?P<day>\S+)"))
def promised_for(world: World, number: str, day: str) -> None:
    found = world.one("select promised_at from sales_order where external_id = :number", number=number)
    assert to_text(found)[:10] == day


@then(_re(r"the promise of order '(?P<number>[^']+)' was moved (?P<times>\d+) times?"))
def promise_moved(world: World, number: str, times: str) -> None:
    statement = """select count(*) from order_milestone as m join sales_order as o on o.order_id = m.order_id
        where o.external_id = :number and m.milestone = 'promised'"""
    assert world.one(statement, number=number) == int(times) + 1


@then(_re(r"somebody is to count '(?P<name>[^']+)' at '(?P<place>[^']+)'"))
def to_count(world: World, name: str, place: str) -> None:
    statement = """select count(*) from count_suspicion as s left join count_suspicion_answer as a
        on a.suspicion_id = s.suspicion_id where s.sku = :name and s.location = :place and a.suspicion_id is null"""
    assert world.one(statement, name=name, place=place) > 0


@then(_re(r"there is an exception '(?P<kind>\w+)' for '(?P<name>[^']+)'"))
def exception_for(world: World, kind: str, name: str) -> None:
    statement = "select count(*) from stock_exception where kind = :kind and sku = :name"
    assert world.one(statement, kind=kind, name=name) > 0


@then(_re(r"(?P<what>[a-z.]+[a-z_]*) waits in the outbox for order '(?P<number>[^']+)'"))
def in_outbox(world: World, what: str, number: str) -> None:
    statement = "select count(*) from outbox_message where topic = :what and object_ref like '%' || :number"
    assert world.one(statement, what=what, number=number) > 0


@then(_re(r"WHO is in the audit for (?P<action>[a-z.]+[a-z_]*)"))
def in_audit(world: World, who: str, action: str) -> None:
    statement = "select count(*) from audit_entry where actor = :who and action = :action"
    assert world.one(statement, who=who, action=action) > 0


@then(_re(r"the code was wrong and (?P<tries>\d+) tries are left"))
def code_was_wrong(world: World, tries: str) -> None:
    assert (world.answer["handed_over"], world.answer["tries_left"]) == (False, int(tries))


@then(_re(r"there are (?P<units>\d+) orders? on '(?P<account>[^']+)'"))
def so_many_orders(world: World, units: str, account: str) -> None:
    assert world.one("select count(*) from sales_order where account = :account", account=account) == int(units)


@then(_re(r"delivery '(?P<method>\w+)' is offered for order '(?P<number>[^']+)'"))
def is_offered(world: World, method: str, number: str) -> None:
    with reading(world.core) as connection:
        offers = delivery_options.options_of_order(connection, number, now=world.micros)
    assert {offer["method"]: offer["is_offered"] for offer in offers["options"]}[method] is True


@then(_re(r"delivery '(?P<method>\w+)' is not offered for order '(?P<number>[^']+)'"))
def is_not_offered(world: World, method: str, number: str) -> None:
    with reading(world.core) as connection:
        offers = delivery_options.options_of_order(connection, number, now=world.micros)
    refused = {offer["method"]: offer for offer in offers["options"]}[method]
    assert refused["is_offered"] is False
    assert refused["why_not"]
