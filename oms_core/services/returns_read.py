"""Returns to read: one request whole with what it proposes to pay back, lists, and what of an order may come back."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import (
    allocate_by_largest_remainder,
    amount_text,
    posted,
    share_of_units,
    sum_exact,
)
from oms_core.domain.instants import to_text
from oms_core.domain.money import Exact
from oms_core.domain.orders import LineKind
from oms_core.domain.return_policies import ReturnPolicy, parse_policy
from oms_core.domain.returns import eligibility_of
from oms_core.services.policies import VALIDATORS, policy_of
from oms_core.storage import payment_store, return_request_store
from oms_core.storage.orders_found import find_order
from oms_core.storage.tables import return_request, sales_order

VALIDATORS["returns"] = parse_policy


def return_policy(connection: sa.Connection) -> ReturnPolicy:
    """The policy of returns as it counts now."""
    return parse_policy(policy_of(connection, "returns").document)


def return_document(connection: sa.Connection, number: str) -> dict[str, Any]:
    """A request with its lines, what they propose to pay back and what was paid back, amounts as written.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN.
    """
    request = return_request_store.find_request(connection, number, lock=False)
    lines = return_request_store.request_lines(connection, request.request_id)
    worth = proposals(connection, request.request_id, lines)
    refunded = payment_store.refunded_for(connection, [request.request_id]).get(request.request_id, 0)
    proposed = posted(sum_exact(worth), request.currency)
    return {
        "return": request.number,
        "order": f"{request.account}/{request.external_id}",
        "kind": request.kind,
        "state": request.state,
        "location": request.location,
        "requested_at": to_text(request.requested_at),
        "currency": request.currency,
        "proposed_refund": amount_text(proposed, request.currency),
        "refunded": amount_text(refunded, request.currency),
        "to_refund": amount_text(max(proposed - refunded, 0), request.currency),
        "replacement_order_id": request.replacement_order_id,
        "lines": [
            _line(row, posted(it, request.currency), request.currency) for row, it in zip(lines, worth, strict=True)
        ],
    }


def _line(row: sa.Row[Any], proposed: int, currency: str) -> dict[str, Any]:
    return {
        "line": row.line_key,
        "sku": row.sku,
        "quantity": row.quantity,
        "reason": row.reason,
        "received": row.received_quantity,
        "restocked": row.restocked_quantity,
        "damaged": row.damaged_quantity,
        "scrapped": row.scrapped_quantity,
        "sent_back": row.sent_back_quantity,
        "given_up": row.given_up_quantity,
        "replacement_sku": row.replacement_sku,
        "proposed_refund": amount_text(proposed, currency),
    }


def proposals(connection: sa.Connection, request_id: int, lines: Sequence[sa.Row[Any]]) -> list[Exact]:
    """By line, what was paid (with tax) for the units that came back and were not sent back, discounts respected.

    Earlier requests on the same order line come first, so that all of them together propose the line and no more.
    """
    before = return_request_store.kept_before(connection, request_id, [row.line_id for row in lines])
    money = line_money(connection, lines)
    return [
        share_of_line(
            row,
            sum(money[row.line_id]),
            taken=before.get(row.line_id, 0),
            units=row.received_quantity - row.sent_back_quantity,
        )
        for row in lines
    ]


def share_of_line(row: sa.Row[Any], total: int, *, taken: int, units: int) -> Exact:
    """What `units` of an order line are of its `total`, after `taken` others."""
    quantity = row.ordered_quantity - row.cancelled_quantity - row.moved_quantity
    if quantity <= 0:
        return Exact(0, row.money_scale)
    first = min(taken, quantity)
    share = share_of_units(total, quantity, taken=first, units=min(units, quantity - first))
    return Exact(share, row.money_scale)


def line_money(connection: sa.Connection, lines: Sequence[sa.Row[Any]]) -> dict[int, tuple[int, int]]:
    """By order line, (amount, tax) less what was cancelled or moved away.

    A component has the share of its bundle's money that its list price times units has; by units where an article
    of the bundle has no list price. Shares by largest remainder, so that all components make the bundle.
    """
    money = {row.line_id: _open_money(row) for row in lines}
    bundles = sorted({row.parent_line_id for row in lines if row.parent_line_id is not None})
    found = return_request_store.bundle_lines(connection, bundles) if bundles else []
    for bundle_id in bundles:
        net, tax = _open_money(next(row for row in found if row.line_id == bundle_id))
        parts = [row for row in found if row.parent_line_id == bundle_id]
        units = [row.quantity - row.cancelled_quantity - row.moved_quantity for row in parts]
        priced = all(row.list_price for row in parts)
        weights = [count * (row.list_price if priced else 1) for row, count in zip(parts, units, strict=True)]
        nets = allocate_by_largest_remainder(net, weights)
        taxes = allocate_by_largest_remainder(tax, weights)
        money |= {row.line_id: (of, on) for row, of, on in zip(parts, nets, taxes, strict=True)}
    return money


def _open_money(row: sa.Row[Any]) -> tuple[int, int]:
    net = row.line_amount - row.cancelled_amount - row.moved_amount
    return int(net), int((row.tax_amount or 0) - row.cancelled_tax - row.moved_tax)


def show_return(connection: sa.Connection, number: str) -> dict[str, Any]:
    """A request whole, with its journal.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN.
    """
    request = return_request_store.find_request(connection, number, lock=False)
    entries = return_request_store.entries_of(connection, request.request_id)
    return return_document(connection, number) | {
        "entries": [
            {
                "line": row.line_key,
                "kind": row.kind,
                "quantity": row.quantity,
                "location": row.location,
                "occurred_at": to_text(row.occurred_at),
                "actor": row.actor,
                "note": row.note,
            }
            for row in entries
        ]
    }


def find_returns(
    connection: sa.Connection, *, state: str | None = None, order: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Requests in this state, of this order, newest first.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    request, named = return_request.c, sales_order.c
    statement = (
        sa.select(return_request, named.account, named.external_id)
        .join(sales_order, named.order_id == request.order_id)
        .order_by(request.request_id.desc())
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(request.state == state)
    if order is not None:
        statement = statement.where(request.order_id == find_order(connection, order, lock=False).order_id)
    return [
        {
            "return": row.number,
            "order": f"{row.account}/{row.external_id}",
            "kind": row.kind,
            "state": row.state,
            "location": row.location,
            "requested_at": to_text(row.requested_at),
        }
        for row in connection.execute(statement)
    ]


def eligibility(connection: sa.Connection, reference: str, *, now: int) -> list[dict[str, Any]]:
    """By line of goods, how many units may be sent back now, until when, or why not.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
    """
    order = find_order(connection, reference, lock=False)
    policy = return_policy(connection)
    found = []
    for line in return_request_store.returnable_lines(connection, order.order_id):
        if line.line_kind != LineKind.ITEM:
            continue
        it = asdict(eligibility_of(line, policy, now=now))
        found.append({"sku": line.sku} | it | {"until": None if it["until"] is None else to_text(it["until"])})
    return found


def reasons(connection: sa.Connection) -> list[dict[str, str]]:
    """The return reasons with their labels in both languages and who pays the way back."""
    return [asdict(reason) for reason in return_policy(connection).reasons.values()]
