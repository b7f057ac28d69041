"""Payments as rows: tenders of an order, their events, and the order's total as its lines stand now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.charges import Rate, base_amount, order_total
from oms_core.domain.money import Exact
from oms_core.domain.orders import LineKind
from oms_core.domain.payments import PaymentMethod, Tender
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import order_adjustment, order_line, payment, payment_event, sales_order


@dataclass(frozen=True, slots=True)
class TenderRow:
    """A tender as recorded: who it belongs to, and its sums."""

    payment_id: int
    order_id: int
    external_id: str
    currency: str
    stored_value_id: int | None
    tender: Tender

    @property
    def name(self) -> str:
        """What tells it from the other tenders of its order."""
        return self.external_id.rpartition("/")[2]


class NewTender(NamedTuple):
    """A method used on an order. `external_id`: unique in the account."""

    order_id: int
    account: str
    external_id: str
    method: str
    currency: str
    stored_value_id: int | None = None


class NewEvent(NamedTuple):
    """Something that happened to a tender; `amount` at the currency's digits, the rate fixed at the event's time."""

    payment_id: int
    order_id: int
    kind: str
    amount: int
    currency: str
    provider: str
    provider_ref: str
    occurred_at: int
    base_currency: str | None = None
    rate: Rate | None = None
    reason: str | None = None
    return_request_id: int | None = None

    @property
    def base_amount(self) -> int | None:
        """The amount in the base currency; null where no rate was known."""
        if self.rate is None or self.base_currency is None:
            return None
        return base_amount(self.amount, self.currency, self.rate, self.base_currency)


def tenders_of(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, list[TenderRow]]:
    """Tenders by order, the first used first. Orders without any are not listed."""
    statement = sa.select(payment).order_by(payment.c.order_id, payment.c.payment_id)
    found: dict[int, list[TenderRow]] = {}
    for row in select_where_in(connection, statement, payment.c.order_id, order_ids):
        found.setdefault(row.order_id, []).append(_tender(row))
    return found


def _tender(row: sa.Row[Any]) -> TenderRow:
    sums = Tender(
        method=PaymentMethod(row.method),
        authorized=row.authorized_amount,
        captured=row.captured_amount,
        voided=row.voided_amount,
        refunded=row.refunded_amount,
        charged_back=row.charged_back_amount,
        failed=row.failed_amount > 0,
    )
    return TenderRow(row.payment_id, row.order_id, row.external_id, row.currency, row.stored_value_id, sums)


_TENDER_COLUMNS = ["payment_id", *NewTender._fields, "recorded_at", "change_id"]
_EVENT_COLUMNS = ["payment_event_id", "payment_id", "order_id", "kind", "amount", "currency", "provider"]
_EVENT_COLUMNS += ["provider_ref", "occurred_at", "base_currency", "base_rate", "base_rate_scale", "base_amount"]
_EVENT_COLUMNS += ["reason", "return_request_id", "actor", "recorded_at", "change_id"]


def open_tenders(connection: sa.Connection, tenders: Sequence[NewTender], stamp: Stamp) -> list[int]:
    """Ids of new tenders, in the order given; their sums begin at 0."""
    ids = list(take_ids(connection, "payment", len(tenders)))
    rows = [(at, *tender, stamp.recorded_at, stamp.change_id) for at, tender in zip(ids, tenders, strict=True)]
    insert_rows(connection, payment, _TENDER_COLUMNS, rows)
    return ids


def add_events(connection: sa.Connection, events: Sequence[NewEvent], stamp: Stamp) -> list[int]:
    """Ids of the recorded events, in the order given; the sums of their tenders follow by trigger."""
    ids = list(take_ids(connection, "payment_event", len(events)))
    rows = []
    for event_id, event in zip(ids, events, strict=True):
        rate = event.rate
        known = (event.base_currency, rate.units, rate.scale) if rate else (None, None, None)
        what = (event_id, *event[: _EVENT_COLUMNS.index("occurred_at")], *known, event.base_amount)
        rows.append((*what, event.reason, event.return_request_id, stamp.actor, stamp.recorded_at, stamp.change_id))
    insert_rows(connection, payment_event, _EVENT_COLUMNS, rows)
    return ids


def events_with_reference(connection: sa.Connection, provider: str, provider_ref: str) -> list[sa.Row[Any]]:
    """Events that this reference of the provider names, with the external id of their tenders."""
    event = payment_event.c
    statement = (
        sa.select(payment_event, payment.c.external_id, payment.c.method)
        .join(payment, payment.c.payment_id == event.payment_id)
        .where(event.provider == provider, event.provider_ref == provider_ref)
    )
    return list(connection.execute(statement))


def provider_of(connection: sa.Connection, payment_id: int) -> str | None:
    """Who took the money of a tender: the provider of its last capture."""
    event = payment_event.c
    statement = sa.select(event.provider).where(event.payment_id == payment_id, event.kind == "capture")
    return connection.execute(statement.order_by(event.payment_event_id.desc()).limit(1)).scalar()


def refunded_for(connection: sa.Connection, request_ids: Sequence[int]) -> dict[int, int]:
    """What was paid back for each return request, at its order's currency digits."""
    event = payment_event.c
    statement = sa.select(event.return_request_id, sa.func.sum(event.amount).label("amount")).where(
        event.kind == "refund"
    )
    statement = statement.group_by(event.return_request_id)
    rows = select_where_in(connection, statement, event.return_request_id, request_ids)
    return {row.return_request_id: int(row.amount) for row in rows}


def events_of(connection: sa.Connection, order_ids: Iterable[int]) -> list[sa.Row[Any]]:
    """Events of the tenders of orders, as recorded one after the other."""
    event = payment_event.c
    statement = (
        sa.select(payment_event, payment.c.method, payment.c.external_id)
        .join(payment, payment.c.payment_id == event.payment_id)
        .where(event.order_id.in_(list(order_ids)))
        .order_by(event.payment_event_id)
    )
    return list(connection.execute(statement))


def locked_orders(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, sa.Row[Any]]:
    """The rows of orders by id, locked one after the other until the transaction ends."""
    order = sales_order.c
    statement = sa.select(sales_order).where(order.order_id.in_(list(order_ids))).order_by(order.order_id)
    return {row.order_id: row for row in connection.execute(statement.with_for_update())}


class LineMoney(NamedTuple):
    """A line's open units and money (with tax) and how many units were delivered."""

    line_id: int
    line_key: str
    line_kind: str
    is_bundle: bool
    quantity: int
    amount: Exact
    delivered: int


def line_money(connection: sa.Connection, order_ids: Iterable[int]) -> list[LineMoney]:
    """The lines of orders with what is open of them: ordered less cancelled and moved."""
    line = order_line.c
    statement = sa.select(order_line).where(line.order_id.in_(list(order_ids)), line.line_kind.not_in(_NO_SALE))
    return [
        LineMoney(
            row.line_id,
            row.line_key,
            row.line_kind,
            bool(row.is_bundle),
            row.quantity - row.cancelled_quantity - row.moved_quantity,
            Exact(_open_amount(row) + _open_tax(row), row.money_scale),
            row.delivered_quantity,
        )
        for row in connection.execute(statement.order_by(line.line_id))
    ]


def _open_amount(row: sa.Row[Any]) -> int:
    return int(row.line_amount - row.cancelled_amount - row.moved_amount)


def _open_tax(row: sa.Row[Any]) -> int:
    return int((row.tax_amount or 0) - row.cancelled_tax - row.moved_tax)


_NO_SALE = (LineKind.WRITE_OFF.value,)


def totals_of(connection: sa.Connection, order_ids: Sequence[int]) -> dict[int, int]:
    """What each order costs now, at its currency's digits: open lines with tax, and rows of the order itself."""
    line, row = order_line.c, order_adjustment.c
    amount = line.line_amount - line.cancelled_amount - line.moved_amount
    tax = sa.func.coalesce(line.tax_amount, 0) - line.cancelled_tax - line.moved_tax
    lines = sa.select(line.order_id, (amount + tax).label("amount"), line.money_scale)
    lines = lines.where(line.line_kind.not_in(_NO_SALE))
    signed = sa.case((row.kind == "discount", -row.amount), else_=row.amount).label("amount")
    rows = sa.select(row.order_id, signed, row.money_scale).where(row.method == "order")
    parts: dict[int, list[Exact]] = {order_id: [] for order_id in order_ids}
    for statement, column in ((lines, line.order_id), (rows, row.order_id)):
        for found in select_where_in(connection, statement, column, order_ids):
            parts[found.order_id].append(Exact(found.amount, found.money_scale))
    order = sales_order.c
    headers = select_where_in(connection, sa.select(order.order_id, order.currency), order.order_id, order_ids)
    return {it.order_id: order_total(parts[it.order_id], [], currency=it.currency).payable for it in headers}
