"""Return requests as rows: the request, its lines with their counters, and the journal that moves them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.returns import ReturnableLine
from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.stock_booking import new_number
from oms_core.storage.tables import (
    customer_personal,
    line_entry,
    order_line,
    order_personal,
    return_entry,
    return_line,
    return_order,
    return_request,
    return_request_line,
    sales_order,
    sku,
)


def find_request(connection: sa.Connection, number: str, *, lock: bool = True) -> sa.Row[Any]:
    """The return request of this number, with its order's name. `lock`: its order is locked for the transaction.

    Raises:
        InvalidRequestError: RETURN_UNKNOWN.
    """
    request, order = return_request.c, sales_order.c
    order_id = connection.execute(sa.select(request.order_id).where(request.number == number)).scalar()
    if order_id is None:
        raise InvalidRequestError(
            "RETURN_UNKNOWN", f"there is no return {number!r}", remedy="`oms return list` shows them."
        )
    if lock:  # the order's row before the request's, as every writer takes them
        connection.execute(sa.select(order.order_id).where(order.order_id == order_id).with_for_update())
    names = ("account", "external_id", "currency", "customer_id", "country", "lifecycle", "fulfilled_here")
    statement = (
        sa.select(return_request, *(order[name] for name in names))
        .join(sales_order, order.order_id == request.order_id)
        .where(request.number == number)
    )
    return connection.execute(statement).one()


def returnable_lines(connection: sa.Connection, order_id: int) -> list[ReturnableLine]:
    """The lines of an order as far as returns care, with their last delivery."""
    line, entry = order_line.c, line_entry.c
    delivered_at = (
        sa.select(sa.func.max(entry.occurred_at))
        .where(entry.line_id == line.line_id, entry.kind == "deliver", entry.quantity > 0)
        .scalar_subquery()
    )
    statement = (
        sa.select(order_line, sku.c.category, sku.c.is_returnable, delivered_at.label("last_delivered_at"))
        .join(sku, sku.c.sku == line.sku, isouter=True)
        .where(line.order_id == order_id)
        .order_by(line.line_id)
    )
    return [
        ReturnableLine(
            line_id=row.line_id,
            line_key=row.line_key,
            line_kind=row.line_kind,
            sku=row.sku,
            category=row.category,
            delivered=row.delivered_quantity,
            sent_back=row.sent_back_quantity,
            requested=row.return_requested_quantity,
            returned=row.returned_quantity,
            last_delivered_at=row.last_delivered_at,
            is_returnable=row.is_returnable is not False,
        )
        for row in connection.execute(statement)
    ]


class NewRequestLine(NamedTuple):
    """Units of an order line that are asked back, and what replaces them in an exchange."""

    line_id: int
    quantity: int
    reason: str
    replacement_sku: str | None = None


def open_request(
    connection: sa.Connection,
    *,
    order_id: int,
    kind: str,
    location: str | None,
    note: str | None,
    requested_at: int,
    lines: Sequence[NewRequestLine],
    stamp: Stamp,
) -> tuple[int, str]:
    """(id, number) of a new request, without a state: its first event gives it one."""
    (request_id,) = take_ids(connection, "return_request", 1)
    number = new_number(connection, "RET")
    connection.execute(
        return_request.insert().values(
            request_id=request_id,
            number=number,
            order_id=order_id,
            kind=kind,
            location=location,
            state="none",
            last_event_seq=0,
            requested_at=requested_at,
            note=note,
            actor=stamp.actor,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    columns = ["request_line_id", "request_id", *NewRequestLine._fields, "recorded_at", "change_id"]
    ids = take_ids(connection, "return_request_line", len(lines))
    rows = [(at, request_id, *line, stamp.recorded_at, stamp.change_id) for at, line in zip(ids, lines, strict=True)]
    insert_rows(connection, return_request_line, columns, rows)
    return request_id, number


def request_lines(connection: sa.Connection, request_id: int) -> list[sa.Row[Any]]:
    """The lines of a request with their counters, and the order line each is about."""
    asked, line = return_request_line.c, order_line.c
    names = ("line_key", "sku", "title", "line_kind", "unit_price", "line_amount", "money_scale", "tax_amount")
    more = ("order_id", "cancelled_quantity", "moved_quantity", "returned_quantity", "cancelled_amount")
    amounts = ("moved_amount", "cancelled_tax", "moved_tax", "tax_rate", "parent_line_id")
    statement = (
        sa.select(
            return_request_line,
            *(line[name] for name in (*names, *more, *amounts)),
            line.quantity.label("ordered_quantity"),
            line.sent_back_quantity.label("line_sent_back_quantity"),
        )
        .join(order_line, line.line_id == asked.line_id)
        .where(asked.request_id == request_id)
        .order_by(asked.request_line_id)
    )
    return list(connection.execute(statement))


def bundle_lines(connection: sa.Connection, bundle_ids: Sequence[int]) -> list[sa.Row[Any]]:
    """The lines of bundles and of their components, with the list prices of the articles."""
    line = order_line.c
    statement = (
        sa.select(order_line, sku.c.list_price)
        .join(sku, sku.c.sku == line.sku, isouter=True)
        .where(sa.or_(line.line_id.in_(bundle_ids), line.parent_line_id.in_(bundle_ids)))
        .order_by(line.line_id)
    )
    return list(connection.execute(statement))


class NewReturnEntry(NamedTuple):
    """Units of a request line that came, were graded or will not come."""

    request_line_id: int
    kind: str
    quantity: int
    location: str | None
    occurred_at: int
    note: str | None = None


def add_return_entries(connection: sa.Connection, entries: Sequence[NewReturnEntry], stamp: Stamp) -> list[int]:
    """Ids of the entries, in the order given; the counters of their lines follow by trigger."""
    ids = list(take_ids(connection, "return_entry", len(entries)))
    columns = ["entry_id", *NewReturnEntry._fields, "actor", "recorded_at", "change_id"]
    rows = [
        (at, *entry, stamp.actor, stamp.recorded_at, stamp.change_id) for at, entry in zip(ids, entries, strict=True)
    ]
    insert_rows(connection, return_entry, columns, rows)
    return ids


def ungraded_at(connection: sa.Connection, request_id: int) -> dict[tuple[int, str], int]:
    """Units received and not graded yet, by (request line, location)."""
    entry, asked = return_entry.c, return_request_line.c
    signed = sa.case((entry.kind == "receive", entry.quantity), (entry.kind == "give_up", 0), else_=-entry.quantity)
    statement = (
        sa.select(entry.request_line_id, entry.location, sa.func.sum(signed).label("units"))
        .join(return_request_line, asked.request_line_id == entry.request_line_id)
        .where(asked.request_id == request_id, entry.location.is_not(None))
        .group_by(entry.request_line_id, entry.location)
    )
    return {(row.request_line_id, row.location): int(row.units) for row in connection.execute(statement)}


def entries_of(connection: sa.Connection, request_id: int) -> list[sa.Row[Any]]:
    """The journal of a request, oldest first, with the key of the order line."""
    entry, asked = return_entry.c, return_request_line.c
    statement = (
        sa.select(return_entry, order_line.c.line_key)
        .join(return_request_line, asked.request_line_id == entry.request_line_id)
        .join(order_line, order_line.c.line_id == asked.line_id)
        .where(asked.request_id == request_id)
        .order_by(entry.entry_id)
    )
    return list(connection.execute(statement))


def kept_before(connection: sa.Connection, request_id: int, line_ids: Sequence[int]) -> dict[int, int]:
    """Units of each order line that earlier requests brought back and did not send back."""
    asked = return_request_line.c
    kept = sa.func.sum(asked.received_quantity - asked.sent_back_quantity)
    statement = (
        sa.select(asked.line_id, kept.label("units"))
        .where(asked.request_id < request_id, asked.line_id.in_(line_ids))
        .group_by(asked.line_id)
    )
    return {row.line_id: int(row.units) for row in connection.execute(statement)}


def link_document(
    connection: sa.Connection,
    account: str,
    external_id: str,
    customer_id: int | None,
    *,
    line_ids: dict[str, int],
    stamp: Stamp,
) -> None:
    """Tell whose a return document is, and which order line each of its lines (by key) brought back."""
    document = return_order.c
    same = sa.and_(document.account == account, document.external_id == external_id)
    return_id: int = connection.execute(sa.select(document.return_id).where(same)).scalar_one()
    connection.execute(return_order.update().where(same).values(customer_id=customer_id, change_id=stamp.change_id))
    for key, line_id in line_ids.items():
        line = sa.and_(return_line.c.return_id == return_id, return_line.c.line_key == key)
        connection.execute(return_line.update().where(line).values(order_line_id=line_id, change_id=stamp.change_id))


def set_replacement(connection: sa.Connection, request_id: int, order_id: int, stamp: Stamp) -> None:
    """Name the order that replaces what an exchange brings back."""
    same = return_request.c.request_id == request_id
    connection.execute(
        return_request.update().where(same).values(replacement_order_id=order_id, change_id=stamp.change_id)
    )


def set_location(connection: sa.Connection, request_id: int, location: str, stamp: Stamp) -> None:
    """Name the place where the goods are to come."""
    same = return_request.c.request_id == request_id
    connection.execute(return_request.update().where(same).values(location=location, change_id=stamp.change_id))


def person_of(connection: sa.Connection, order_id: int) -> sa.Row[Any]:
    """Who gets an order and where, its customer's reference at the account, and how it was delivered."""
    order, person, known = sales_order.c, order_personal.c, customer_personal.c
    names = ("name", "email", "phone", "street", "city", "postcode")
    statement = (
        sa.select(
            *(person[name] for name in names),
            sa.func.coalesce(person.country, order.country).label("country"),
            known.external_ref,
            order.delivery_method,
        )
        .select_from(sales_order)
        .join(order_personal, person.order_id == order.order_id, isouter=True)
        .join(customer_personal, known.customer_id == order.customer_id, isouter=True)
        .where(order.order_id == order_id)
    )
    return connection.execute(statement).one()
