"""How far orders are, for people: payment, fulfilment and return facets, holds, and one headline in two languages."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.auto_confirm import is_touchless
from oms_core.domain.charges import amount_text
from oms_core.domain.headline import (
    HEADLINE_ZH,
    Facets,
    LineUnits,
    fulfilment_status,
    headline,
    lacks_stock,
    return_status,
)
from oms_core.domain.instants import to_text
from oms_core.domain.order_pricing import PAY_LATER
from oms_core.domain.orders import Lifecycle
from oms_core.domain.payments import order_payment_state
from oms_core.services.order_work import is_goods, wanted_of
from oms_core.storage.allocation_tries import tried_at
from oms_core.storage.bulk import select_where_in
from oms_core.storage.order_families import FamilyMoney, family_money
from oms_core.storage.order_holds_store import OpenHold, open_holds
from oms_core.storage.tables import audit_entry, order_line, return_request, sales_order


def facets_of(connection: sa.Connection, order_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By order: headline (`headline`, `headline_zh`), the four facets, holds, what is to be refunded, touchless.

    Money is asked for the family of an order: parts that were split off are paid with the order they came from.
    """
    ids = list(dict.fromkeys(order_ids))
    orders = {
        row.order_id: row for row in select_where_in(connection, sa.select(sales_order), sales_order.c.order_id, ids)
    }
    lines = _lines(connection, ids)
    requests = _return_states(connection, ids)
    held = open_holds(connection, ids)
    money = family_money(connection, ids)
    touched = _touched(connection, list(orders.values()))
    tried = tried_at(connection, [*ids, *(row.origin_order_id for rows in lines.values() for row in rows)])
    return {
        order_id: _document(
            order,
            [(_units(row), _was_tried(row, tried)) for row in lines.get(order_id, []) if is_goods(row)],
            requests.get(order_id, []),
            held.get(order_id, []),
            money[order_id],
        )
        | {"touchless": is_touchless(touched.get(f"{order.account}/{order.external_id}", []))}
        for order_id, order in orders.items()
    }


def _document(
    order: sa.Row[Any],
    goods: Sequence[tuple[LineUnits, bool]],
    request_states: Sequence[str],
    held: Sequence[OpenHold],
    money: FamilyMoney,
) -> dict[str, Any]:
    payment = order_payment_state(money.total, money.tenders, is_followed=bool(order.fulfilled_here))
    to_refund = money.cover.to_refund
    units = [it for it, _ in goods]
    tried = [it for it, was_tried in goods if was_tried]
    facets = Facets(
        lifecycle=Lifecycle(order.lifecycle),
        payment=payment,
        fulfilment=fulfilment_status(units),
        back=return_status(units, request_states),
        lacks_stock=bool(order.fulfilled_here) and lacks_stock(tried),
        to_refund=to_refund > 0,
        pays_later=order.payment_terms in PAY_LATER,
    )
    shown = headline(facets)
    return {
        "headline": shown.value,
        "headline_zh": HEADLINE_ZH[shown],
        "lifecycle": order.lifecycle,
        "payment_status": facets.payment.value,
        "fulfilment_status": facets.fulfilment.value,
        "return_status": facets.back.value,
        "to_refund": amount_text(to_refund, order.currency) if to_refund else None,
        "holds": [
            {
                "kind": hold.kind.value,
                "reason": hold.reason,
                "rule": hold.rule,
                "actor": hold.actor,
                "occurred_at": to_text(hold.occurred_at),
            }
            for hold in held
        ],
    }


def _lines(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[sa.Row[Any]]]:
    found: dict[int, list[sa.Row[Any]]] = {}
    for row in select_where_in(connection, sa.select(order_line), order_line.c.order_id, ids):
        found.setdefault(row.order_id, []).append(row)
    return found


def _was_tried(row: sa.Row[Any], tried: Mapping[int, int]) -> bool:
    """Whether an allocation looked at the line: since it was written, or before its units came from another order."""
    if row.origin_order_id is not None and row.origin_order_id in tried:
        return True
    return bool(tried.get(row.order_id, -1) >= row.recorded_at)


def _units(row: sa.Row[Any]) -> LineUnits:
    return LineUnits(
        wanted=wanted_of(row),
        allocated=row.allocated_quantity,
        reserved=row.reserved_quantity,
        shipped=row.shipped_quantity,
        delivered=row.delivered_quantity,
        returned=row.returned_quantity - row.sent_back_quantity,
    )


def _return_states(connection: sa.Connection, ids: Sequence[int]) -> dict[int, list[str]]:
    request = return_request.c
    found: dict[int, list[str]] = {}
    for row in select_where_in(connection, sa.select(request.order_id, request.state), request.order_id, ids):
        found.setdefault(row.order_id, []).append(row.state)
    return found


def _touched(connection: sa.Connection, orders: Sequence[sa.Row[Any]]) -> Mapping[str, list[str]]:
    """Roles of everybody who did something to the order itself, by its name; none for an order of a feed."""
    entry = audit_entry.c
    statement = sa.select(entry.object_ref, entry.role).where(entry.object_kind == "order").distinct()
    names = [f"{order.account}/{order.external_id}" for order in orders]
    found: dict[str, list[str]] = {}
    for row in select_where_in(connection, statement, entry.object_ref, names):
        found.setdefault(row.object_ref, []).append(row.role)
    return found
