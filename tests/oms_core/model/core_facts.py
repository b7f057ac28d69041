"""What the core says, by plain SQL, in the shape of the plain model's `facts`."""

from typing import Any

import sqlalchemy as sa

from oms_core.services.order_facets import facets_of

Facts = dict[str, dict[Any, Any]]

_STATEMENTS = {
    "balances": """
        select sku, location, condition, on_hand, committed from stock_balance where on_hand <> 0 or committed <> 0""",
    "orders": """
        select o.external_id, o.lifecycle, o.total_amount, (select count(*) from order_hold as h
            where h.order_id = o.order_id and not exists (select 1 from order_hold_release as r
                where r.hold_id = h.hold_id)) as holds
        from sales_order as o""",
    "lines": """
        select o.external_id, l.line_key, l.quantity, l.cancelled_quantity, l.moved_quantity, l.shipped_quantity,
            l.delivered_quantity, l.return_requested_quantity, l.returned_quantity, l.restocked_quantity,
            l.written_off_quantity, l.sent_back_quantity, l.cancelled_amount + l.moved_amount,
            l.cancelled_tax + l.moved_tax
        from order_line as l join sales_order as o on o.order_id = l.order_id""",
    "promises": """
        select o.external_id, l.line_key, p.location, p.reserved, p.allocated from line_allocation as p
        join order_line as l on l.line_id = p.line_id join sales_order as o on o.order_id = l.order_id
        where p.reserved <> 0 or p.allocated <> 0""",
    "promised lines": """
        select o.external_id, l.line_key, l.reserved_quantity, l.allocated_quantity from order_line as l
        join sales_order as o on o.order_id = l.order_id where l.reserved_quantity <> 0 or l.allocated_quantity <> 0""",
    "tenders": """
        select o.external_id, substr(p.external_id, length(o.external_id) + 2), p.authorized_amount,
            p.captured_amount, p.voided_amount, p.refunded_amount, p.charged_back_amount
        from payment as p join sales_order as o on o.order_id = p.order_id""",
    "cards": "select stored_value_id, balance from stored_value where kind = 'gift_card'",
    "parcels": "select number, state from shipment",
    "purchases": """
        select p.number, l.sku, p.state, l.quantity, l.cancelled_quantity, l.received_quantity, l.rejected_quantity
        from purchase_order_line as l join purchase_order as p on p.po_id = l.po_id""",
    "transfers": "select number, state from transfer",
    "counts": "select number, state from stock_count",
    "approvals": "select number, state from approval",
    "returns": "select number, state from return_request",
    "commands": "select count(*) from command",
    "movements": """
        select m.sku, m.location, m.condition, sum(m.quantity) from stock_movement as m
        group by m.sku, m.location, m.condition having sum(m.quantity) <> 0""",
}
_ORDERS = "select order_id, external_id from sales_order"
_KEYS = {"balances": 3, "lines": 2, "promises": 3, "promised lines": 2, "tenders": 2, "purchases": 2, "movements": 3}


def facts_of_core(connection: sa.Connection) -> Facts:
    """Every kind of fact by its key, plain numbers and texts."""
    found: Facts = {}
    for name, statement in _STATEMENTS.items():
        width = 0 if name == "commands" else _KEYS.get(name, 1)
        rows = [tuple(map(_plain, row)) for row in connection.execute(sa.text(statement))]
        found[name] = {_key(row[:width]): row[width:] for row in rows}
    return found


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, str | None) else int(cell)


def _key(parts: tuple[Any, ...]) -> Any:
    return parts if len(parts) > 1 else (parts[0] if parts else "")


def reservations_in_core(connection: sa.Connection) -> dict[int, tuple[Any, ...]]:
    """Order, line, location, units and expiry of the running reservations, by their number."""
    statement = sa.text(
        "select a.allocation_id, o.external_id, l.line_key, a.location, a.quantity, a.expires_at"
        " from stock_allocation as a join sales_order as o on o.order_id = a.order_id"
        " join order_line as l on l.line_id = a.line_id where a.kind = 'reserve' and not exists"
        " (select 1 from stock_allocation as e where e.pending_id = a.allocation_id)"
    )
    return {row[0]: tuple(row[1:]) for row in connection.execute(statement)}


def lines_by_id(connection: sa.Connection, order: str) -> dict[int, str]:
    """Line keys by line id of the order of this number."""
    statement = sa.text(
        "select l.line_id, l.line_key from order_line as l join sales_order as o on o.order_id = l.order_id"
        " where o.external_id = :order"
    )
    return {row.line_id: row.line_key for row in connection.execute(statement, {"order": order})}


def first_difference(model: Facts, core: Facts) -> str:
    """The first fact that differs; empty where all are equal."""
    for name, wanted in model.items():
        if name not in core:
            continue
        for key in [*wanted, *core[name]]:
            if wanted.get(key) != core[name].get(key):
                return f"{name} {key}: the model says {wanted.get(key)}, the core {core[name].get(key)}"
    return ""


def facets_in_core(connection: sa.Connection) -> dict[str, tuple[str, str, str]]:
    """Payment, fulfilment and return facet by order number, as people are shown them."""
    numbers = {row.order_id: row.external_id for row in connection.execute(sa.text(_ORDERS))}
    found = facets_of(connection, list(numbers))
    names = ("payment_status", "fulfilment_status", "return_status")
    return {numbers[order_id]: tuple(it[name] for name in names) for order_id, it in found.items()}
