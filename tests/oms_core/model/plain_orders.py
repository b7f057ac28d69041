"""The plain model of orders: placed, confirmed, held, released, closed, and what a hold stops."""

from tests.oms_core.model.plain_company import PARTS, SET, Company, Line, Order, Tender, refuse_any, refuse_if
from tests.oms_core.model.plain_facets import payment_facet

BEFORE_LEAVING = ("planned", "released", "picking", "packed", "ready_for_pickup")
UNDER_WAY = ("shipped", "in_transit", "out_for_delivery", "failed")
LARGE = 200_000  # cents: from here on somebody looks
MOST_UNITS_OF_A_LINE = 100  # above: somebody looks first
TAX_PERCENT = 19

# What each hold stops.
STOPS = {
    "address": ("confirm", "release", "ship"),
    "price_outlier": ("confirm", "release", "ship"),
    "payment": ("confirm", "release", "ship"),
    "stock": ("allocate", "release", "ship"),
    "change": ("allocate", "release", "ship"),
}
EVERYTHING = ("confirm", "allocate", "release", "ship")


def stopped(order: Order, step: str) -> bool:
    """Whether an open hold stops the step."""
    return any(step in STOPS.get(kind, EVERYTHING) for kind in order.holds)


def tax_on(amount: int, percent: int) -> int:
    """Tax on an amount in cents, half a cent upwards."""
    return (2 * amount * percent + 100) // 200


def share(total: int, quantity: int, units: int) -> int:
    """What `units` of a line of `quantity` are worth: the first ones carry the cents left over."""
    if not units:
        return 0
    each, extra = divmod(total, quantity)
    return each * units + min(units, extra)


def goods_lines(key: str, sku: str, quantity: int, price: int, discount: int, percent: int) -> dict[str, Line]:
    """The line as ordered; a bundle brings its parts as lines of their own, without money."""
    amount = quantity * price - discount
    line = Line(sku, quantity, price, amount, discount, tax_on(amount, percent), is_goods=sku != SET)
    lines = {key: line}
    if sku == SET:
        for number, (part, units) in enumerate(PARTS.items(), start=1):
            lines[f"{key}.{number}"] = Line(part, quantity * units, 0, 0, bundle=key, parts_of_one=units)
    return lines


def place(c: Company, number: str, terms: str, lines: dict[str, Line], *, authorized: int, shipping: int) -> None:
    """A new order; the same number with other content is refused by the caller."""
    order = Order(number, "pending", terms, customer=f"C-{number}", family=number, extra=shipping, lines=lines)
    if any(line.quantity > MOST_UNITS_OF_A_LINE and not line.bundle for line in lines.values()):
        order.holds.append("quantity_outlier")
    if terms == "prepaid" and 0 < authorized < order.total:
        order.holds.append("payment")
    if order.holds:
        order.state = "on_hold"
    c.orders[number] = order
    if authorized:
        order.tenders["card"] = Tender("card", authorized=authorized)
    ask_the_rules(c, order)


def ask_the_rules(c: Company, order: Order) -> None:
    """A rule confirms a pending order that is not large, and paid, promised, or to be paid later."""
    promised = payment_facet(c, order) in ("paid", "authorized") and not c.missing(order.number)
    if order.state == "pending" and order.total < LARGE and (order.terms != "prepaid" or promised):
        become_confirmed(c, order)


def become_confirmed(c: Company, order: Order) -> None:
    """What is reserved for it, and whose time is not over, is its own now."""
    order.state = "confirmed"
    for promise_id, it in c.promises.items():
        if it.order == order.number and not it.ended and it.expires_at >= c.now:
            c.end_promise(promise_id, "post")


def confirm(c: Company, number: str) -> None:
    """A pending order that is covered and that nothing stops."""
    order = c.orders[number]
    refuse_any(
        {
            "ORDER_HELD": stopped(order, "confirm"),
            "ORDER_NOT_COVERED": order.terms == "prepaid" and c.missing(number) > 0,
            "EVENT_NOT_ALLOWED": order.state != "pending",
        }
    )
    become_confirmed(c, order)


def hold(c: Company, number: str, kind: str) -> None:
    """Stop an order; a second hold of one kind changes nothing."""
    order = c.orders[number]
    refuse_if(order.state in ("cancelled", "closed"), "ORDER_ENDED")
    raise_hold(order, kind)


def raise_hold(order: Order, kind: str) -> None:
    """The same from inside another command: an order that has ended keeps its state."""
    if kind in order.holds:
        return
    order.holds.append(kind)
    if order.state in ("pending", "confirmed"):
        order.was_confirmed = order.state == "confirmed"
        order.state = "on_hold"


def release(c: Company, number: str, kind: str | None) -> None:
    """End the holds of a kind, or all; with the last one the order goes back to where it was, and the rules look."""
    order = c.orders[number]
    left = [it for it in order.holds if kind not in (None, it)]
    refuse_if(len(left) == len(order.holds), "NOT_HELD")
    order.holds = left
    if not left and order.state == "on_hold":
        order.state = "confirmed" if order.was_confirmed else "pending"
        ask_the_rules(c, order)


def withdraw(c: Company, number: str) -> None:
    """Call off the parcels of an order that nobody picked yet."""
    open_ones = [it for it in c.parcels.values() if it.order == number and it.state in BEFORE_LEAVING]
    refuse_if(any(it.state not in ("planned", "released") for it in open_ones), "SHIPMENT_UNDER_WORK")
    for it in open_ones:
        it.state = "cancelled"


def is_anything_open(c: Company, order: Order) -> bool:
    """Whether a hold, a parcel or a return of the order has not ended."""
    parcels = any(it.order == order.number and it.state in (*BEFORE_LEAVING, *UNDER_WAY) for it in c.parcels.values())
    ended = ("closed", "declined", "cancelled")
    returns = any(it["order"] == order.number and it["state"] not in ended for it in c.returns.values())
    return parcels or returns or bool(order.holds)


def close_if_done(c: Company, order: Order) -> None:
    """Everything wanted was delivered and nothing is open: the order is closed."""
    goods = [line for line in order.lines.values() if line.is_goods and line.wanted > 0]
    done = bool(goods) and all(line.delivered >= line.wanted for line in goods)
    if done and order.state == "confirmed" and not is_anything_open(c, order):
        order.state = "closed"


def close(c: Company, number: str) -> None:
    """By hand: everything shipped and delivered, nothing open."""
    order = c.orders[number]
    goods = [(key, line) for key, line in order.lines.items() if line.is_goods]
    still = any(line.wanted > line.shipped or line.delivered < line.shipped for _, line in goods)
    refuse_any(
        {
            "NOT_CLOSABLE": still or is_anything_open(c, order),
            "EVENT_NOT_ALLOWED": order.state != "confirmed",
        }
    )
    order.state = "closed"


def prioritise(c: Company, number: str, priority: int) -> None:
    """Greater goes first."""
    refuse_if(c.orders[number].state in ("cancelled", "closed"), "ORDER_ENDED")
    c.orders[number].priority = priority
