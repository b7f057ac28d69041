"""Ask the auto-confirm rules again: for orders that were not ready when they were placed, and are now.

An order that nobody had paid, or that was held, waits as pending. Once it is paid or released a rule may confirm it
like any other; the order then keeps RULE@VERSION, and its audit says who asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.auto_confirm import Action, Subject, decide, parse_rules
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.money import Exact, currency_digits
from oms_core.domain.orders import Lifecycle, LineKind
from oms_core.domain.payments import order_payment_state
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, record_effects, use_case
from oms_core.services.confirm_order import confirm_within, require_confirmable
from oms_core.services.hold_work import raise_hold
from oms_core.services.order_documents import order_outcome
from oms_core.services.order_work import lines_of, set_header, wanted_of
from oms_core.services.policies import policy_of
from oms_core.storage.order_families import family_money
from oms_core.storage.tables import channel_account, customer, order_hold, sales_order
from oms_core.storage.waiting_lines import lock_orders

MOST_ORDERS = 1_000


@dataclass(frozen=True, slots=True)
class RunAutoConfirm:
    """Ask the rules about pending orders, oldest first, at most this many."""

    most: int = 100


@use_case("order.run_auto_confirm", Permission.ORDER_CONFIRM)
def run_auto_confirm(unit: Unit, request: RunAutoConfirm) -> Outcome:
    """Which orders were confirmed or held by a rule; each is audited and told by itself.

    Raises:
        InvalidRequestError: BATCH_TOO_LARGE.
        RuleViolationError: NOT_PERMITTED.
    """
    if not 0 < request.most <= MOST_ORDERS:
        raise InvalidRequestError(
            "BATCH_TOO_LARGE", f"{request.most:,} orders at a time", remedy=f"Ask for 1 to {MOST_ORDERS:,}."
        )
    order = sales_order.c
    statement = (
        sa.select(order.order_id)
        .where(order.lifecycle == Lifecycle.PENDING.value, order.fulfilled_here)
        .order_by(order.placed_at, order.order_id)
        .limit(request.most)
    )
    asked: list[int] = list(unit.connection.execute(statement).scalars())
    moved = ask_rules(unit, asked)
    document = {"asked": len(asked), "moved": [it.document["order"] for it in moved]}
    return Outcome("orders", "pending", document, topic="")


def ask_rules(unit: Unit, order_ids: Sequence[int]) -> list[Outcome]:
    """What the rules make of pending orders, in the order given; each is audited and told by itself.

    For use inside other use cases. All of them are locked first: a confirmation takes stock, and who holds stock must
    not wait for an order.
    """
    if len(order_ids) > 1:
        lock_orders(unit.connection, order_ids)
    moved = [outcome for order_id in order_ids if (outcome := reconsider(unit, order_id)) is not None]
    if moved:
        record_effects(unit, [(unit.call.key, "order.auto_confirm", outcome) for outcome in moved])
    return moved


def reconsider(unit: Unit, order_id: int) -> Outcome | None:
    """What the rules make of a pending order now; null where they leave it. For use inside other use cases.

    A rule confirms only what a person could: not held, paid or promised, with an address. It holds an order once: what
    a person released, a person confirms.
    """
    statement = sa.select(sales_order).where(sales_order.c.order_id == order_id).with_for_update()
    order = unit.connection.execute(statement).one()
    if order.lifecycle != Lifecycle.PENDING.value or not order.fulfilled_here:
        return None
    policy = policy_of(unit.connection, "auto_confirm")
    decision = decide(parse_rules(policy.document), _subject(unit.connection, order))
    name = f"{decision.rule_id}@{policy.version}"
    if decision.action is Action.HOLD and decision.hold_kind is not None:
        if decision.rule_id in _held_by(unit.connection, order_id):
            return None
        raise_hold(unit, order_id, decision.hold_kind, f"rule {decision.rule_id} asks for it", rule=name)
        return order_outcome(unit.connection, order_id, topic="order.held", reason=name)
    if decision.action is not Action.CONFIRM:
        return None
    try:
        require_confirmable(unit.connection, order)
    except RuleViolationError:
        return None
    confirm_within(unit, order, name)
    set_header(unit, order_id, confirmed_by=name)
    return order_outcome(unit.connection, order_id, topic="order.confirmed", reason=name)


def _held_by(connection: sa.Connection, order_id: int) -> set[str]:
    """Ids of the rules that ever held the order, whatever their version."""
    statement = sa.select(order_hold.c.rule).where(order_hold.c.order_id == order_id, order_hold.c.rule.is_not(None))
    rules: Iterable[str] = connection.execute(statement).scalars()
    return {rule.rpartition("@")[0] for rule in rules}


def _subject(connection: sa.Connection, order: sa.Row[Any]) -> Subject:
    money = family_money(connection, [order.order_id])[order.order_id]
    lines = [row for row in lines_of(connection, order.order_id) if wanted_of(row) and row.parent_line_id is None]
    goods = [row for row in lines if row.line_kind == LineKind.ITEM.value]
    channel = sa.select(channel_account.c.channel).where(channel_account.c.account == order.account)
    known_since = sa.select(customer.c.recorded_at).where(customer.c.customer_id == order.customer_id)
    since: int | None = connection.execute(known_since).scalar()
    return Subject(
        account=order.account,
        channel=connection.execute(channel).scalar_one(),
        currency=order.currency,
        total=Exact(order.total_amount or 0, currency_digits(order.currency)),
        payment_status=order_payment_state(money.total, money.tenders, is_followed=True).value,
        payment_terms=order.payment_terms,
        payment_methods=frozenset(tender.method.value for tender in money.tenders),
        delivery_method=order.delivery_method,
        country=order.country,
        units=sum(wanted_of(row) for row in goods),
        lines=len(lines),
        skus=frozenset(row.sku for row in goods),
        customer_is_known=since is not None and since < order.recorded_at,
        priority=order.priority,
    )
