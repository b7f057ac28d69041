"""The plain model of parcels: planned by a wave, picked, packed, shipped, delivered, come back."""

from tests.oms_core.model.plain_company import Company, Parcel, refuse_if
from tests.oms_core.model.plain_orders import BEFORE_LEAVING, UNDER_WAY, close_if_done, raise_hold, stopped


def planned(c: Company, order: str, line: str, location: str) -> int:
    """Units of a line that parcels which have not left hold at a place."""
    return sum(
        it.picked.get(line, it.planned.get(line, 0))
        for it in c.parcels.values()
        if (it.order, it.location) == (order, location) and it.state in BEFORE_LEAVING
    )


def to_plan(c: Company, location: str) -> dict[str, dict[str, int]]:
    """What a wave takes along: units by order and line, of orders that nothing stops."""
    found: dict[str, dict[str, int]] = {}
    for number, order in c.orders.items():
        if order.state != "confirmed" or stopped(order, "release"):
            continue
        for key in order.lines:
            units = c.allocated.get((number, key, location), 0) - planned(c, number, key, location)
            if units > 0:
                found.setdefault(number, {})[key] = units
    return found


def release_wave(c: Company, location: str, parcels: dict[str, str] | None) -> None:
    """Every order with goods allocated there gets a parcel; `parcels`: their numbers with their orders."""
    wanted = to_plan(c, location)
    refuse_if(not wanted, "NOTHING_TO_RELEASE")
    assert parcels is not None, f"the core releases nothing and {wanted} waits"
    assert sorted(parcels.values()) == sorted(wanted), "other orders than those with goods there"
    for number, order in parcels.items():
        c.parcels[number] = Parcel(order, location, "released", wanted[order])


def _require_free(c: Company, it: Parcel, step: str) -> None:
    order = c.orders[it.order]
    refuse_if(stopped(order, step), "ORDER_HELD")
    refuse_if(order.state != "confirmed", "ORDER_NOT_CONFIRMED", "ORDER_HELD")


def _require_promise(c: Company, it: Parcel) -> None:
    for key in it.planned:
        held = planned(c, it.order, key, it.location)
        refuse_if(held > c.allocated.get((it.order, key, it.location), 0), "ALLOCATION_GONE")


def pick(c: Company, number: str, found: dict[str, int] | None) -> None:
    """What was found by SKU; what is missing waits again, is set apart, and is no longer offered."""
    it = c.parcels[number]
    order = c.orders[it.order]
    _require_free(c, it, "release")
    refuse_if(it.state not in ("released", "picking"), "EVENT_NOT_ALLOWED")
    _require_promise(c, it)
    refuse_if(it.picked, "PICK_DONE")
    left = dict(found or {})
    for key in sorted(it.planned, key=lambda key: list(order.lines).index(key)):
        line, units = order.lines[key], it.planned[key]
        got = units if found is None else min(units, left[line.sku])
        if found is not None:
            left[line.sku] -= got
        it.picked[key] = got
        if units > got:
            c.promise(c.allocated, (it.order, key, it.location), got - units)
            c.move(line.sku, it.location, got - units)
            c.move(line.sku, it.location, units - got, "inspection")
    it.state = "picking" if any(it.picked.values()) else "cancelled"


def pack(c: Company, number: str) -> None:
    """All of it was picked."""
    it = c.parcels[number]
    _require_free(c, it, "release")
    refuse_if(it.state != "picking", "EVENT_NOT_ALLOWED")
    _require_promise(c, it)
    it.state = "packed"


def ship(c: Company, number: str) -> None:
    """The promise is used up and the goods leave."""
    it = c.parcels[number]
    if c.orders[it.order].state == "cancelled":
        _ship_after_cancel(c, it)
        return
    refuse_if(it.state == "cancelled", "SHIPMENT_CANCELLED")
    _require_free(c, it, "ship")
    refuse_if(it.state != "packed", "EVENT_NOT_ALLOWED")
    _require_promise(c, it)
    it.state = "shipped"
    for key, units in it.picked.items():
        line = c.orders[it.order].lines[key]
        c.promise(c.allocated, (it.order, key, it.location), -units)
        c.move(line.sku, it.location, -units)
        line.shipped += units


def _ship_after_cancel(c: Company, it: Parcel) -> None:
    refuse_if(it.state not in ("cancelled", "packed"), "EVENT_NOT_ALLOWED")
    it.state = "shipped"
    for key, units in it.planned.items():
        place = (c.orders[it.order].lines[key].sku, it.location, "sellable")
        c.on_hand[place] = c.on_hand.get(place, 0) - it.picked.get(key, units)


def deliver(c: Company, number: str) -> None:
    """It arrived; with the last one an order that nothing is open about is closed."""
    it = c.parcels[number]
    refuse_if(it.state not in UNDER_WAY, "EVENT_NOT_ALLOWED")
    it.state = "delivered"
    order = c.orders[it.order]
    for key, units in it.picked.items():
        order.lines[key].delivered += units
    close_if_done(c, order)


def fail(c: Company, number: str) -> None:
    """A delivery was tried in vain."""
    it = c.parcels[number]
    refuse_if(it.state not in UNDER_WAY[:3], "EVENT_NOT_ALLOWED")
    it.state = "failed"


def take_back(c: Company, number: str) -> None:
    """It came back undelivered: goods to be looked at, units wanted again, the order held."""
    it = c.parcels[number]
    refuse_if(it.state not in UNDER_WAY, "EVENT_NOT_ALLOWED")
    it.state = "returned"
    order = c.orders[it.order]
    for key, units in it.picked.items():
        order.lines[key].shipped -= units
        if units:
            c.move(order.lines[key].sku, it.location, units, "inspection")
    raise_hold(order, "address")


def call_off(c: Company, number: str) -> None:
    """A parcel that has not left is called off; its units stay promised."""
    it = c.parcels[number]
    refuse_if(it.state not in BEFORE_LEAVING, "EVENT_NOT_ALLOWED")
    it.state = "cancelled"
