"""The plain model of what people see of an order: how far its money, its goods and its returns are."""

from tests.oms_core.model.plain_company import Company, Order


def facets(c: Company) -> dict[str, tuple[str, str, str]]:
    """Payment, fulfilment and return facet by order."""
    return {
        number: (payment_facet(c, it), fulfilment_facet(c, it), return_facet(c, it)) for number, it in c.orders.items()
    }


def payment_facet(company: Company, order: Order) -> str:
    """What the tenders of an order and its family say together."""
    tenders = company.tenders(order.number)
    captured, paid = sum(t.captured for t in tenders), sum(t.paid for t in tenders)
    charged_back, refunded = sum(t.charged_back for t in tenders), sum(t.refunded for t in tenders)
    if captured and not paid:
        return "charged_back" if charged_back else "refunded"
    if captured and (refunded or charged_back):
        return "partially_refunded"
    if captured:
        return "paid" if paid >= company.total(order.number) else "partially_paid"
    if any(t.open for t in tenders):
        return "authorized"
    if any(t.authorized for t in tenders):
        return "voided"
    return "failed" if any(t.failed for t in tenders) else "unpaid"


def fulfilment_facet(company: Company, order: Order) -> str:
    """How far the goods of an order are, over the lines that ship."""
    lines = {key: it for key, it in order.lines.items() if it.is_goods}
    if any(it.delivered for it in lines.values()):
        return "delivered" if all(it.delivered >= it.wanted for it in lines.values()) else "partially_delivered"
    if any(it.shipped for it in lines.values()):
        return "shipped" if all(it.shipped >= it.wanted for it in lines.values()) else "partially_shipped"
    promised = {key: sum(u for k, u in company.allocated.items() if k[:2] == (order.number, key)) for key in lines}
    if any(it.wanted for it in lines.values()) and all(promised[key] >= it.wanted for key, it in lines.items()):
        return "allocated"
    return "unfulfilled"


def return_facet(company: Company, order: Order) -> str:
    """Goods back first, else the request furthest on, else how the requests ended."""
    lines = [it for it in order.lines.values() if it.is_goods]
    returned = sum(it.returned - it.sent_back for it in lines)
    if returned:
        return "returned" if returned >= sum(it.shipped for it in lines) else "partially_returned"
    states = [it["state"] for it in company.returns.values() if it["order"] == order.number]
    for state in ("in_transit", "approved", "requested", "declined", "cancelled"):
        if state in states:
            return state
    return "none"
