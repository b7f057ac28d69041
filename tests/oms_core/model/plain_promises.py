"""The plain model of promises: allocated, reserved for a while, posted, voided, expired, given back.

Where units come from is the core's choice, told by its answer; how many there must be is checked here.
"""

from typing import Any

from tests.oms_core.model.plain_company import SITES, Company, Order, Promise, Refused, refuse_any, refuse_if
from tests.oms_core.model.plain_orders import withdraw

Promises = dict[tuple[str, str, str], tuple[int, int]]
Got = list[tuple[str, str, int]]  # line, location, units


def answered(document: dict[str, Any] | None, lines: dict[int, str]) -> Got | None:
    """Line keys, locations and units of an allocation's answer; null where the core refused."""
    if document is None:
        return None
    return [(lines[it["line_id"]], it["location"], it["quantity"]) for it in document["allocated"]]


def rank(order: Order, numbers: list[str]) -> tuple[int, int]:
    """Who comes first: the greater priority, then the order placed first."""
    return (-order.priority, numbers.index(order.number))


def allocate(c: Company, number: str, got: Got | None) -> None:
    """Promise what is free, and keep nothing back that nobody better is waiting for."""
    order = c.orders[number]
    refuse_any(
        {
            "ORDER_NOT_CONFIRMED": order.state != "confirmed",
            "NOTHING_TO_ALLOCATE": not any(c.waiting(number, key) for key in order.lines),
        }
    )
    assert got is not None, "the core promises nothing to an order that waits"
    for key, location, units in got:
        assert location in SITES, f"{location} is no place to ship from"
        c.promise(c.allocated, (number, key, location), units)
        assert c.waiting(number, key) >= 0, f"line {key} got more than it waits for"
    nothing_kept_back(c, order)


def claimed_before(c: Company, order: Order, sku: str) -> int:
    """Units that better-ranked confirmed orders wait for."""
    numbers = list(c.orders)
    return sum(
        c.waiting(other.number, key)
        for other in c.orders.values()
        for key, line in other.lines.items()
        if line.sku == sku and other.state == "confirmed" and rank(other, numbers) < rank(order, numbers)
    )


def nothing_kept_back(c: Company, order: Order, skus: set[str] | None = None) -> None:
    """Free units of what the order waits for are fewer than better orders wait for. Half a bundle is not asked for."""
    for key, line in order.lines.items():
        if line.bundle or not c.waiting(order.number, key) or line.sku not in (skus or {line.sku}):
            continue
        free = sum(c.free(line.sku, place) for place in SITES)
        better = claimed_before(c, order, line.sku)
        assert free <= better, f"{free} of {line.sku} are free and line {key} of {order.number} waits"


def serve(c: Company, promises: Promises, *, skus: set[str] | None = None) -> None:
    """What waits (for these articles, if any are named) is served by rank.

    `promises`: reserved and allocated units in the core afterwards, by order, line and location.
    """
    adopt(c, promises)
    for order in c.orders.values():
        waits = any(
            c.waiting(order.number, key) and line.sku in (skus or {line.sku}) for key, line in order.lines.items()
        )
        if order.state == "confirmed" and waits:
            nothing_kept_back(c, order, skus)


def adopt(c: Company, promises: Promises) -> None:
    """More may have been promised to confirmed orders that waited; nothing may have been taken from anybody."""
    for key, (_, allocated) in sorted(promises.items()):
        more = allocated - c.allocated.get(key, 0)
        assert more >= 0, f"a run of the allocation took units from {key}"
        assert not more or c.orders[key[0]].state == "confirmed", f"{key[0]} is not confirmed"
        c.promise(c.allocated, key, more)
        assert c.waiting(*key[:2]) >= 0, f"{key} got more than it waits for"


def reallocate(c: Company, number: str, got: Got | None) -> None:
    """Take back what is promised, call off what nobody picked, and promise anew."""
    order = c.orders[number]
    promised = {key: sum(u for it, u in c.allocated.items() if it[:2] == (number, key)) for key in order.lines}
    refuse_if(order.state != "confirmed", "ORDER_NOT_CONFIRMED")
    refuse_if(not any(promised.values()), "NOTHING_PROMISED")
    withdraw(c, number)
    for key, units in promised.items():
        take_back(c, number, key, units)
    allocate(c, number, got)


def reserve(c: Company, number: str, got: list[tuple[int, str, str, int]] | None, *, expires_at: int) -> None:
    """Promise for a while, all that waits or nothing; reservation, line, location and units are the core's."""
    order = c.orders[number]
    waiting = {key: c.waiting(number, key) for key in order.lines}
    refuse_any(
        {
            "ORDER_OVER": order.state not in ("pending", "confirmed"),
            "NOTHING_TO_ALLOCATE": not any(waiting.values()),
        }
    )
    wanted: dict[str, int] = {}
    for key, units in waiting.items():
        wanted[order.lines[key].sku] = wanted.get(order.lines[key].sku, 0) + units
    refuse_if(any(u > sum(c.free(sku, place) for place in SITES) for sku, u in wanted.items()), "STOCK_SHORT")
    if got is None and any(line.bundle for line in order.lines.values()):
        raise Refused("STOCK_SHORT")  # enough units, but no whole bundle at one place
    kept = {sku: sum(c.free(sku, place) for place in SITES) - claimed_before(c, order, sku) for sku in wanted}
    if got is None and any(units > kept[sku] for sku, units in wanted.items()):
        raise Refused("STOCK_SHORT")  # better-ranked orders wait for some of them
    assert got is not None
    for promise_id, key, location, units in got:
        c.promise(c.reserved, (number, key, location), units)
        c.promises[promise_id] = Promise(number, key, location, units, expires_at)
    assert not any(c.waiting(number, key) for key in order.lines), "a reservation left something out"


def settle(c: Company, promise_id: int, how: str) -> None:
    """End one reservation; it can be posted until its instant and expires from it on."""
    it = c.promises[promise_id]
    refuse_any(
        {
            "RESERVATION_ENDED": it.ended,
            "RESERVATION_EXPIRED": how == "post" and c.now > it.expires_at,
            "RESERVATION_RUNNING": how == "expire" and c.now < it.expires_at,
        }
    )
    c.end_promise(promise_id, how)


def expire_all(c: Company) -> None:
    """End every reservation whose time is over."""
    for promise_id, it in c.promises.items():
        if not it.ended and it.expires_at <= c.now:
            c.end_promise(promise_id, "expire")


def take_back(c: Company, number: str, key: str, units: int) -> dict[str, int]:
    """Give up promises of a line: allocated units by location, then reserved ones, the first to expire first.

    A reservation of more is ended, and what is left of it reserved again; its number, the core's, is not known yet.
    Returns the allocated units given back by location.
    """
    left, given = units, {}
    for location in SITES:
        part = min(left, c.allocated.get((number, key, location), 0))
        if part:
            c.promise(c.allocated, (number, key, location), -part)
            given[location] = part
            left -= part
    for promise_id, it in sorted(c.promises.items(), key=lambda pair: (pair[1].expires_at, pair[0])):
        if left > 0 and not it.ended and (it.order, it.line) == (number, key):
            part = min(left, it.units)
            c.end_promise(promise_id, "void")
            left -= part
            if part < it.units:
                c.promise(c.reserved, (number, key, it.location), it.units - part)
                c.promises[-promise_id] = Promise(number, key, it.location, it.units - part, it.expires_at)
    return given
