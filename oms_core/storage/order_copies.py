"""Parts of orders that become lines of another order, an order made from another one, and the versions of a change."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.order_splits import Part
from oms_core.domain.orders import Lifecycle
from oms_core.storage.bulk import insert_rows
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import order_change, order_line, order_personal, sales_order

_COPIED = ("line_kind", "sku", "title", "unit_price", "money_scale", "content_sha256", "tax_rate", "is_bundle")
_LINE = (
    *("line_id", "order_id", "line_key", "quantity", "line_amount", "discount_amount", "tax_amount"),
    *("fulfilled_here", "parent_line_id", "origin_order_id", *_COPIED, "recorded_at", "change_id"),
)
_NOT_COPIED = {
    *("order_id", "external_id", "lifecycle", "last_event_seq", "source_version", "source_total", "total_amount"),
    *("edit_version", "look_alike_key", "content_sha256", "merged_into_id", "recorded_at", "change_id"),
}


def copy_order(connection: sa.Connection, stamp: Stamp, order: sa.Row[Any], number: str) -> int:
    """The id of a new order split from `order`: same buyer, address, currency and terms; no lines and no state yet."""
    (order_id,) = take_ids(connection, "sales_order", 1)
    row = connection.execute(sa.select(sales_order).where(sales_order.c.order_id == order.order_id)).mappings().one()
    copied = {name: value for name, value in row.items() if name not in _NOT_COPIED}
    copied |= {
        "order_id": order_id,
        "external_id": number,
        "customer_number": order.customer_number or order.external_id,
        "parent_order_id": order.order_id,
        "relation": "split",
        "lifecycle": Lifecycle.NONE.value,
        "last_event_seq": 0,
        "recorded_at": stamp.recorded_at,
        "change_id": stamp.change_id,
    }
    connection.execute(sales_order.insert().values(**copied))
    of_parent = sa.select(order_personal).where(order_personal.c.order_id == order.order_id)
    person = connection.execute(of_parent).mappings().first()
    if person is not None:
        connection.execute(order_personal.insert().values({**person, "order_id": order_id}))
    return order_id


def copy_parts(
    connection: sa.Connection,
    stamp: Stamp,
    order_id: int,
    parts: Sequence[tuple[sa.Row[Any], Part]],
    *,
    key: Callable[[sa.Row[Any]], str],
    fulfilled_here: bool,
) -> dict[int, int]:
    """Add parts of lines as lines of another order; the new line ids by the old. Bundles come before components."""
    ids = take_ids(connection, "order_line", len(parts))
    made = {row.line_id: line_id for (row, _), line_id in zip(parts, ids, strict=True)}
    rows = [
        (
            made[row.line_id],
            order_id,
            key(row),
            part.quantity,
            *part.money,
            fulfilled_here,
            None if row.parent_line_id is None else made[row.parent_line_id],
            row.origin_order_id or row.order_id,
            *(getattr(row, name) for name in _COPIED),
            stamp.recorded_at,
            stamp.change_id,
        )
        for row, part in parts
    ]
    insert_rows(connection, order_line, _LINE, rows)
    return made


def split_numbers(connection: sa.Connection, account: str, number: str) -> set[str]:
    """Numbers of the account that begin as the parts of an order do."""
    statement = sa.select(sales_order.c.external_id).where(
        sales_order.c.account == account, sales_order.c.external_id.startswith(f"{number}-", autoescape=True)
    )
    return set(connection.execute(statement).scalars())


def note_change(
    connection: sa.Connection,
    stamp: Stamp,
    order: sa.Row[Any],
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reason: str | None,
) -> int:
    """The version that a change makes of an order whose row is locked; what it was and is, without personal data."""
    same = sales_order.c.order_id == order.order_id
    version = int(connection.execute(sa.select(sales_order.c.edit_version).where(same)).scalar_one()) + 1
    connection.execute(sales_order.update().where(same).values(edit_version=version, change_id=stamp.change_id))
    connection.execute(
        order_change.insert().values(
            order_id=order.order_id,
            version=version,
            before=json.dumps(before, sort_keys=True),
            after=json.dumps(after, sort_keys=True),
            reason=reason,
            actor=stamp.actor,
            occurred_at=stamp.recorded_at,
            recorded_at=stamp.recorded_at,
            change_id=stamp.change_id,
        )
    )
    return version


def set_address(
    connection: sa.Connection, order_id: int, address: Mapping[str, str | None], digest: str | None
) -> None:
    """Write the address of an order anew; its note stays."""
    values = {**address, "address_digest": digest}
    same = order_personal.c.order_id == order_id
    if connection.execute(order_personal.update().where(same).values(**values)).rowcount == 0:
        connection.execute(order_personal.insert().values(order_id=order_id, **values))
