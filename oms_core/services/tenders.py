"""The money of one order at work: its tenders under the lock of the order, their events, and what the caller sees."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import Rate, amount_text
from oms_core.domain.payments import (
    Cover,
    PaymentEvent,
    PaymentMethod,
    Tender,
    allowed_events,
    apply_event,
    cover,
    order_payment_state,
)
from oms_core.services.commands import Unit
from oms_core.services.company import settings_of
from oms_core.storage import payment_store
from oms_core.storage.order_families import family_of
from oms_core.storage.orders_found import find_order
from oms_core.storage.payment_store import NewEvent, NewTender, TenderRow
from oms_core.storage.rate_store import rate_for


@dataclass(frozen=True, slots=True)
class OrderMoney:
    """An order and the money of its family: what was split from it or merged into it is paid together with it."""

    order: sa.Row[Any]
    family: tuple[int, ...]
    tenders: tuple[TenderRow, ...]
    total: int

    @property
    def name(self) -> str:
        """How people call the order."""
        return f"{self.order.account}/{self.order.external_id}"

    @property
    def cover(self) -> Cover:
        """How the tenders cover the total."""
        return cover(self.total, [row.tender for row in self.tenders])

    @property
    def payment_status(self) -> str:
        """The payment facet of the order."""
        followed = bool(self.order.fulfilled_here)
        return order_payment_state(self.total, [row.tender for row in self.tenders], is_followed=followed).value

    def tender_called(self, name: str) -> TenderRow | None:
        """The tender of this name: the order's own before those of its family."""
        called = [row for row in self.tenders if row.name == name]
        return next((row for row in called if row.order_id == self.order.order_id), called[0] if called else None)


def money_of(unit: Unit, reference: str) -> OrderMoney:
    """The order's money; the rows of its family are locked, so that nobody else pays or refunds meanwhile.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS.
        RuleViolationError: NOT_PERMITTED for an order of somebody else's.
    """
    order = find_order(unit.connection, reference, lock=False)
    unit.call.actor.require_account(order.account)
    unit.call.actor.require_order(order.order_id)
    return money_by_id(unit, order.order_id)


def money_by_id(unit: Unit, order_id: int) -> OrderMoney:
    """The money of the order of this id, its family locked."""
    family = family_of(unit.connection, [order_id])[order_id]
    rows = payment_store.locked_orders(unit.connection, family)
    return read_money(unit.connection, rows[order_id])


def read_money(connection: sa.Connection, order: sa.Row[Any]) -> OrderMoney:
    """The money of an order whose row is at hand."""
    family = family_of(connection, [order.order_id])[order.order_id]
    tenders = payment_store.tenders_of(connection, family)
    totals = payment_store.totals_of(connection, family)
    listed = tuple(row for member in family for row in tenders.get(member, []))
    return OrderMoney(order, family, listed, sum(totals.values()))


def tender_for(unit: Unit, money: OrderMoney, method: PaymentMethod, name: str, value_id: int | None) -> TenderRow:
    """The tender of this name, opened on the order where it is new."""
    if (known := money.tender_called(name)) is not None:
        return known
    order = money.order
    external_id = f"{order.external_id}/{name}"
    new = NewTender(order.order_id, order.account, external_id, method.value, order.currency, value_id)
    (payment_id,) = payment_store.open_tenders(unit.connection, [new], unit.stamp)
    return TenderRow(payment_id, order.order_id, external_id, order.currency, value_id, Tender(method))


def base_rate(unit: Unit, currency: str, at: int) -> tuple[str | None, Rate | None]:
    """The company's base currency, and the rate to it that is fixed for something that happened at `at`."""
    base = settings_of(unit.connection).base_currency
    return base, rate_for(unit.connection, currency, base, at)


@dataclass(frozen=True, slots=True)
class Happening:
    """What the provider (or the till) says: which event of what amount, under which reference, when."""

    event: PaymentEvent
    amount: int
    provider: str
    provider_ref: str
    occurred_at: int
    reason: str | None = None
    return_request_id: int | None = None


def add_happening(unit: Unit, row: TenderRow, what: Happening) -> tuple[TenderRow, int]:
    """The tender after the event, and the event's id; refused where method or sums do not allow it."""
    after = apply_event(row.tender, what.event, what.amount, currency=row.currency)
    base, rate = base_rate(unit, row.currency, what.occurred_at)
    event = NewEvent(
        row.payment_id,
        row.order_id,
        what.event.value,
        what.amount,
        row.currency,
        what.provider,
        what.provider_ref,
        what.occurred_at,
        base if rate else None,
        rate,
        what.reason,
        what.return_request_id,
    )
    (event_id,) = payment_store.add_events(unit.connection, [event], unit.stamp)
    return TenderRow(row.payment_id, row.order_id, row.external_id, row.currency, row.stored_value_id, after), event_id


def money_document(money: OrderMoney) -> dict[str, Any]:
    """Order, total, paid, missing and the tenders, amounts as written."""
    currency, covered = money.order.currency, money.cover
    return {
        "order": money.name,
        "currency": currency,
        "total": amount_text(money.total, currency),
        "paid": amount_text(covered.paid, currency),
        "promised": amount_text(covered.promised, currency),
        "missing": amount_text(covered.missing, currency),
        "to_refund": amount_text(covered.to_refund, currency),
        "payment_status": money.payment_status,
        "tenders": tender_documents(money.tenders),
    }


def tender_documents(tenders: Sequence[TenderRow]) -> list[dict[str, Any]]:
    """Tenders with method, state, sums and what may happen to them, amounts as written."""
    return [
        {
            "tender": row.name,
            "method": row.tender.method.value,
            "state": row.tender.state.value,
            "authorized": amount_text(row.tender.authorized, row.currency),
            "captured": amount_text(row.tender.captured, row.currency),
            "refunded": amount_text(row.tender.refunded, row.currency),
            "charged_back": amount_text(row.tender.charged_back, row.currency),
            "paid": amount_text(row.tender.paid, row.currency),
            "allows": [event.value for event in allowed_events(row.tender)],
        }
        for row in tenders
    ]
