"""The plain model of units that leave a line: cancelled, split off, merged. Money goes with them to the cent."""

from tests.oms_core.model.plain_company import Company, Line, Order, refuse_any, refuse_if
from tests.oms_core.model.plain_orders import BEFORE_LEAVING, close_if_done, raise_hold, share, stopped, withdraw
from tests.oms_core.model.plain_promises import take_back


def cut(line: Line, units: int) -> tuple[int, int]:
    """Amount and tax that go with the next units cut from a line."""
    amount = share(line.amount - line.gone_amount, line.wanted, units)
    tax = share(line.tax - line.gone_tax, line.wanted, units)
    line.gone_amount += amount
    line.gone_tax += tax
    return amount, tax


def with_parts(order: Order, units: dict[str, int]) -> dict[str, int]:
    """The units of a bundle's parts go with the bundle."""
    wanted = dict(units)
    for key, line in order.lines.items():
        if line.bundle in units:
            wanted[key] = units[line.bundle] * line.parts_of_one
    return wanted


def busy(order: Order, key: str) -> int:
    """Units of a line that have left; of a bundle, the kits that a part which left belongs to."""
    line = order.lines[key]
    if line.is_goods:
        return line.shipped
    parts = [it for it in order.lines.values() if it.bundle == key]
    return min(line.wanted, max((-(-it.shipped // it.parts_of_one) for it in parts), default=0))


def _asked(order: Order, units: dict[str, int]) -> dict[str, int]:
    """Units by line, parts of bundles included; refused where a line has fewer that have not left."""
    refuse_any(
        {
            "COMPONENT_OF_BUNDLE": any(order.lines[key].bundle for key in units),
            "LINE_NOT_OPEN": any(part > order.lines[key].wanted - busy(order, key) for key, part in units.items()),
        }
    )
    return with_parts(order, units)


def _all_goods(order: Order, parts: dict[str, int]) -> bool:
    goods = {key: line for key, line in order.lines.items() if line.is_goods}
    return sum(line.wanted for line in goods.values()) == sum(part for key, part in parts.items() if key in goods)


def cancel_units(c: Company, number: str, units: dict[str, int]) -> None:
    """Cancel units of lines; with the last unit the order ends."""
    order = c.orders[number]
    refuse_if(order.state in ("cancelled", "closed"), "ORDER_ENDED")
    parts = _asked(order, units)
    if _all_goods(order, parts):
        cancel(c, number)
        return
    _free(c, order, parts)
    for key, part in parts.items():
        cut(order.lines[key], part)
        order.lines[key].cancelled += part
    close_if_done(c, order)


def change_to_fewer(c: Company, number: str, key: str, units: int, *, stale: bool) -> None:
    """A change by the version that the caller saw: fewer units of a line, never none of the whole order."""
    order = c.orders[number]
    in_picking = any(it.order == number and it.state in BEFORE_LEAVING for it in c.parcels.values())
    refuse_any(
        {
            "ORDER_ENDED": order.state in ("cancelled", "closed"),
            "VERSION_STALE": stale,
            "CHANGE_EMPTY": not units,
            "ORDER_IN_PICKING": in_picking,
        }
    )
    parts = _asked(order, {key: units})
    refuse_if(_all_goods(order, parts), "CHANGE_TAKES_ALL")
    _free(c, order, parts)
    for line, part in parts.items():
        cut(order.lines[line], part)
        order.lines[line].cancelled += part
    if order.terms == "prepaid" and order.state != "pending" and c.missing(number):
        raise_hold(order, "payment")
    close_if_done(c, order)


def cancel(c: Company, number: str) -> None:
    """Cancel a whole order that has not shipped anything; promises, parcels and holds go with it."""
    order = c.orders[number]
    refuse_if(order.state in ("cancelled", "closed"), "ORDER_ENDED")
    refuse_if(any(line.shipped for line in order.lines.values()), "ORDER_SHIPPED")
    parts = {key: line.wanted for key, line in order.lines.items() if line.wanted}
    _free(c, order, parts)
    for key, part in parts.items():
        cut(order.lines[key], part)
        order.lines[key].cancelled += part
    order.state, order.holds, order.extra = "cancelled", [], 0


def _free(c: Company, order: Order, parts: dict[str, int]) -> dict[str, dict[str, int]]:
    """Give back what is promised to units that go; units that nobody promised go first. By line and location."""
    number = order.number
    surplus = {key: part - c.waiting(number, key) for key, part in parts.items() if order.lines[key].is_goods}
    surplus = {key: units for key, units in surplus.items() if units > 0}
    if surplus:
        withdraw(c, number)
    return {key: take_back(c, number, key, units) for key, units in surplus.items()}


def _move(c: Company, order: Order, target: Order, parts: dict[str, int], prefix: str) -> None:
    """Units, their money and what was allocated to them go to lines of another order."""
    given = _free(c, order, parts)
    for key, units in parts.items():
        line = order.lines[key]
        amount, tax = cut(line, units)
        line.moved += units
        bundle = None if line.bundle is None else prefix + line.bundle
        made = Line(line.sku, units, line.price, amount, 0, tax, is_goods=line.is_goods, bundle=bundle)
        made.parts_of_one = line.parts_of_one
        target.lines[prefix + key] = made
    for key, places in given.items():
        for location, units in places.items():
            c.promise(c.allocated, (target.number, prefix + key, location), units)


def split(c: Company, number: str, units: dict[str, int], child: str | None) -> None:
    """Units go to an order of their own, of the same buyer; both keep goods."""
    order = c.orders[number]
    refuse_any({"ORDER_HELD": stopped(order, "release"), "SPLIT_REFUSED": order.state not in ("pending", "confirmed")})
    parts = _asked(order, units)
    refuse_if(_all_goods(order, parts), "SPLIT_TAKES_ALL")
    made = Order(child or "", order.state, order.terms, order.customer, order.family, order.priority)
    c.orders[made.number] = made
    _move(c, order, made, parts, "")
    assert child


def merge(c: Company, number: str, other: str) -> None:
    """An order takes over everything that is open of another one of the same buyer."""
    one, two = c.orders[number], c.orders[other]
    refuse_if(number == other, "MERGE_NEEDS_TWO")
    picking = any(it.order in (number, other) and it.state in ("picking", "packed") for it in c.parcels.values())
    refuse_any(
        {
            "ORDER_HELD": stopped(one, "release") or stopped(two, "release"),
            "MERGE_REFUSED": one.customer != two.customer
            or one.state != two.state
            or one.state not in ("pending", "confirmed")
            or any(line.shipped for it in (one, two) for line in it.lines.values())
            or picking,
        }
    )
    _move(c, two, one, {key: line.wanted for key, line in two.lines.items() if line.wanted}, f"{other}:")
    for it in c.kin(other):
        it.family = one.family
    one.extra, two.extra, two.state = one.extra + two.extra, 0, "cancelled"
