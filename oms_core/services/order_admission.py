"""Admission of new orders: what is known is asked once for the batch, then each order is refused, held or confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import sqlalchemy as sa

from oms_core.domain.auto_confirm import Action, Rule, Subject, decide, parse_rules
from oms_core.domain.bundles import ComponentLine, explode
from oms_core.domain.charges import Rate
from oms_core.domain.delivery_methods import MethodKind
from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from oms_core.domain.hold_checks import (
    CheckedLine,
    address_digest,
    address_findings,
    blocklist_findings,
    payment_findings,
    price_findings,
    quantity_findings,
)
from oms_core.domain.holds import Finding, HoldLimits, parse_limits
from oms_core.domain.look_alike import Trace, find_look_alikes, goods_digest
from oms_core.domain.money import Exact, currency_digits
from oms_core.domain.order_pricing import PAY_LATER, PricedOrder, cover_of
from oms_core.domain.order_requests import PlaceOrder
from oms_core.domain.orders import LineKind
from oms_core.domain.payments import Cover, PaymentState
from oms_core.services.commands import Unit
from oms_core.services.company import settings_of
from oms_core.services.delivery_options import delivery_policy
from oms_core.services.policies import VALIDATORS, policy_of
from oms_core.storage.order_placement import NewOrder
from oms_core.storage.placement_lookups import (
    Account,
    Goods,
    accounts_named,
    buyer_key,
    customers_known,
    goods_named,
    references_taken,
    traces_of,
)
from oms_core.storage.rate_store import rate_for

_DAY = 86_400_000_000
VALIDATORS["holds"] = parse_limits
VALIDATORS["auto_confirm"] = parse_rules

VALIDATORS["auto_confirm"] = parse_rules
VALIDATORS["holds"] = parse_limits


class Asked(NamedTuple):
    """An order that makes sense by itself, and the digest of what was asked."""

    request: PlaceOrder
    digest: str
    priced: PricedOrder


@dataclass(slots=True)
class Admitted:
    """By position in the batch: what is accepted, with all that was decided, and what is refused."""

    orders: dict[int, NewOrder] = field(default_factory=dict)
    refusals: dict[int, OmsError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the database says about everything the batch names."""

    accounts: Mapping[str, Account]
    goods: Mapping[str, Goods]
    references: Mapping[tuple[str, str, str], int]
    buyers: Mapping[str, set[str]]
    limits: HoldLimits
    holds_policy: str
    rules: tuple[Rule, ...]
    rules_version: int
    base_currency: str | None
    delivery: Mapping[str, MethodKind]


def admit(unit: Unit, asked: Mapping[int, Asked]) -> Admitted:
    """What becomes of each order: refused, or accepted with its holds, its rule and its rate."""
    admitted = Admitted()
    if not asked:
        return admitted
    known = _known(unit.connection, asked)
    used: set[tuple[str, str, str]] = set()
    rates: dict[tuple[str, int], Rate | None] = {}
    for at, it in asked.items():
        try:
            _require_known(it, known, used, now=unit.call.now)
        except OmsError as refusal:
            admitted.refusals[at] = refusal
            continue
        instant = (it.request.currency, it.request.placed_at)
        if instant not in rates:
            rates[instant] = rate_for(unit.connection, instant[0], known.base_currency, instant[1])
        admitted.orders[at] = _new_order(it, known, rates[instant])
    _hold_look_alikes(unit.connection, admitted.orders, known.limits)
    for order in admitted.orders.values():
        _decide(order, known)
    return admitted


def _known(connection: sa.Connection, asked: Mapping[int, Asked]) -> _Known:
    requests = [it.request for it in asked.values()]
    accounts = {request.account for request in requests}
    rules, holds = policy_of(connection, "auto_confirm"), policy_of(connection, "holds")
    return _Known(
        accounts=accounts_named(connection, accounts),
        goods=goods_named(connection, {line.sku for it in requests for line in it.lines if line.sku is not None}),
        references=references_taken(connection, {row.provider_ref for it in requests for row in it.payments}),
        buyers={
            account: customers_known(
                connection, account, {it.customer.reference for it in requests if it.account == account and it.customer}
            )
            for account in accounts
        },
        limits=parse_limits(holds.document),
        holds_policy=holds.name,
        rules=parse_rules(rules.document),
        rules_version=rules.version,
        base_currency=settings_of(connection).base_currency,
        delivery={it.method: it.kind for it in delivery_policy(connection).methods},
    )


# --- refusals --------------------------------------------------------------------------------------


def _require_known(it: Asked, known: _Known, used: set[tuple[str, str, str]], *, now: int) -> None:
    request = it.request
    if request.account not in known.accounts:
        raise InvalidRequestError(
            "ACCOUNT_UNKNOWN",
            f"there is no account {request.account!r}",
            remedy="Name an account that a feed or `oms account` made.",
            account=request.account,
        )
    if request.placed_at > now + _DAY:
        raise InvalidRequestError(
            "ORDER_INVALID",
            "placed_at: the order is placed more than a day from now",
            remedy="Check the date and the zone.",
            field="placed_at",
        )
    if unknown := sorted({line.sku for line in request.lines if line.sku is not None} - known.goods.keys()):
        raise InvalidRequestError(
            "SKU_UNKNOWN",
            f"nobody knows the SKU {', '.join(unknown)}",
            remedy="Correct it, or add the article to the catalogue first.",
            skus=unknown,
        )
    if request.delivery_method is not None and request.delivery_method not in known.delivery:
        raise InvalidRequestError(
            "METHOD_UNKNOWN",
            f"there is no delivery method {request.delivery_method!r}",
            remedy=f"Use one of {', '.join(known.delivery)}.",
        )
    names = {(row.provider, row.provider_ref, row.kind) for row in request.payments}
    taken = sorted(name for name in names if name in known.references or name in used)
    if taken or len(names) < len(request.payments):
        raise RuleViolationError(
            "PAYMENT_REFERENCE_TAKEN",
            f"the payment reference {', '.join(f'{it[0]}/{it[1]}' for it in taken or sorted(names))} is used already",
            remedy="One payment pays one order; give each its own reference.",
        )
    used |= names


# --- decisions -------------------------------------------------------------------------------------


def _new_order(it: Asked, known: _Known, rate: Rate | None) -> NewOrder:
    request, priced = it.request, it.priced
    account = known.accounts[request.account]
    return NewOrder(
        request=request,
        priced=priced,
        content_sha256=it.digest,
        trace=_trace(request, priced),
        components=_components(request, known.goods),
        fulfilled_here=account.fulfilled_here,
        priority=account.priority if request.priority is None else request.priority,
        base_currency=known.base_currency,
        rate=rate,
        holds=[(finding, known.holds_policy) for finding in _findings(it, known)],
        confirmed_by=None,
    )


def _components(request: PlaceOrder, goods: Mapping[str, Goods]) -> dict[int, list[ComponentLine]]:
    return {
        at: explode(line.line_key, line.quantity, parts)
        for at, line in enumerate(request.lines)
        if line.sku is not None and line.line_kind == LineKind.ITEM.value and (parts := goods[line.sku].components)
    }


def _findings(it: Asked, known: _Known) -> list[Finding]:
    request, limits = it.request, known.limits
    lines = [
        CheckedLine(
            line.sku, line.quantity, Exact(line.unit_price, request.money_scale), _list_price(line.sku, it, known)
        )
        for line in request.lines
        if line.sku is not None and line.line_kind == LineKind.ITEM.value
    ]
    buyer, address = request.customer, request.ship_to
    contacts = [address.email, address.phone] if address else []
    contacts += [buyer.email, buyer.phone] if buyer else []
    comes_himself = known.delivery.get(request.delivery_method or "") is MethodKind.PICK_UP
    findings = [] if comes_himself else address_findings(address, limits)
    findings += price_findings(lines, limits)
    findings += quantity_findings(lines, limits)
    findings += blocklist_findings(
        customer=buyer.reference if buyer else None,
        contacts=contacts,
        country=address.country if address else None,
        limits=limits,
    )
    if request.payment_terms not in PAY_LATER:
        cover = cover_of(it.priced.total, request.payments)
        findings += payment_findings(it.priced.total, cover.paid + cover.promised)
    return findings


def _list_price(sku: str, it: Asked, known: _Known) -> Exact | None:
    goods = known.goods[sku]
    return goods.list_price if goods.list_currency == it.request.currency else None


def _trace(request: PlaceOrder, priced: PricedOrder) -> Trace:
    goods = [(line.sku, line.quantity) for line in request.lines if line.sku is not None]
    digits = currency_digits(request.currency)
    return Trace(
        account=request.account,
        number=request.number,
        goods=goods_digest(goods, total=priced.total, scale=digits, currency=request.currency),
        buyer=buyer_key(request.account, request.customer.reference if request.customer else None),
        address=address_digest(request.ship_to) if request.ship_to else None,
        placed_at=request.placed_at,
    )


def _hold_look_alikes(connection: sa.Connection, orders: Mapping[int, NewOrder], limits: HoldLimits) -> None:
    traces = [order.trace for order in orders.values() if order.request.relation is None]
    found = find_look_alikes(traces, traces_of(connection, traces), within_hours=limits.look_alike_hours)
    for order in orders.values():
        if finding := found.get((order.request.account, order.request.number)):
            order.holds.append((finding, "look_alike"))


def _decide(order: NewOrder, known: _Known) -> None:
    """Ask the rules, unless a person must look anyway; a rule never confirms what is not paid or promised."""
    if order.holds:
        return
    cover = cover_of(order.priced.total, order.request.payments)
    decision = decide(known.rules, _subject(order, known, cover))
    name = f"{decision.rule_id}@{known.rules_version}"
    if decision.action is Action.HOLD and decision.hold_kind is not None:
        order.holds.append((Finding(decision.hold_kind, f"rule {decision.rule_id} asks for it"), name))
    elif decision.action is Action.CONFIRM and (order.request.payment_terms in PAY_LATER or cover.is_covered):
        order.confirmed_by = name


def _subject(order: NewOrder, known: _Known, cover: Cover) -> Subject:
    request = order.request
    goods = [line for line in request.lines if line.line_kind == LineKind.ITEM.value]
    known_buyers = known.buyers.get(request.account, set())
    return Subject(
        account=request.account,
        channel=known.accounts[request.account].channel,
        currency=request.currency,
        total=Exact(order.priced.total, currency_digits(request.currency)),
        payment_status=_payment_status(cover),
        payment_terms=request.payment_terms,
        payment_methods=frozenset(row.method for row in request.payments),
        delivery_method=request.delivery_method,
        country=request.ship_to.country if request.ship_to else None,
        units=sum(line.quantity for line in goods),
        lines=len(request.lines),
        skus=frozenset(line.sku for line in goods if line.sku is not None),
        customer_is_known=request.customer is not None and request.customer.reference in known_buyers,
        priority=order.priority,
    )


def _payment_status(cover: Cover) -> str:
    if cover.paid >= cover.total:
        return PaymentState.PAID.value
    if cover.is_covered:
        return PaymentState.AUTHORIZED.value
    return (PaymentState.PARTIALLY_PAID if cover.paid else PaymentState.UNPAID).value
