"""Delivery options: what the policy offers an order or a destination, which cut-off comes next, and the choice made."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.domain.delivery_methods import Consignment, MethodKind, Option, next_cut_off, options_for
from oms_core.domain.delivery_policies import DeliveryPolicy, parse_delivery_policy
from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.instants import end_of_day, to_text
from oms_core.domain.permissions import Permission
from oms_core.services.commands import Outcome, Unit, use_case
from oms_core.services.company import settings_of
from oms_core.services.policies import VALIDATORS, policy_of
from oms_core.storage import delivery_store, shipment_store
from oms_core.storage.orders_found import find_order

VALIDATORS["delivery_methods"] = parse_delivery_policy


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be delivered where. `amount`: of the order, minor units of `currency`."""

    location: str
    country: str | None
    postcode: str | None
    weight_grams: int | None
    units: int
    amount: int
    currency: str


def delivery_policy(connection: sa.Connection) -> DeliveryPolicy:
    """The delivery methods as they count now."""
    return parse_delivery_policy(policy_of(connection, "delivery_methods").document)


def is_pick_up(connection: sa.Connection, method: str | None) -> bool:
    """Whether the customer comes for what goes by this method."""
    found = delivery_policy(connection).method(method) if method else None
    return found is not None and found.kind is MethodKind.PICK_UP


def options_at(connection: sa.Connection, wanted: Wanted, *, now: int) -> dict[str, Any]:
    """Every method for a destination, offered with price and dates, or refused with its reasons.

    Raises:
        InvalidRequestError: LOCATION_UNKNOWN.
    """
    options = _options(connection, wanted, delivery_policy(connection), now=now)
    return {"location": wanted.location, "options": [_document(option, wanted.currency) for option in options]}


def options_of_order(
    connection: sa.Connection, reference: str, *, location: str | None = None, now: int
) -> dict[str, Any]:
    """Every method for what is still to be shipped of an order, from a location.

    Where none is named: where most of the order is allocated, else the site that is preferred.

    Raises:
        InvalidRequestError: ORDER_UNKNOWN, ORDER_AMBIGUOUS, LOCATION_UNKNOWN, LOCATION_MISSING.
    """
    order = find_order(connection, reference, lock=False)
    policy = delivery_policy(connection)
    wanted, is_assumed = _wanted_by(connection, order, policy, location)
    options = _options(connection, wanted, policy, now=now)
    return {
        "order": f"{order.account}/{order.external_id}",
        "location": wanted.location,
        "units": wanted.units,
        "weight_grams": wanted.weight_grams,
        "weight_is_assumed": is_assumed,
        "chosen": order.delivery_method,
        "options": [_document(option, wanted.currency) for option in options],
    }


def _options(connection: sa.Connection, wanted: Wanted, policy: DeliveryPolicy, *, now: int) -> list[Option]:
    place = delivery_store.place(connection, wanted.location)
    consignment = Consignment(
        location=wanted.location,
        country=wanted.country,
        postcode=wanted.postcode,
        weight_grams=wanted.weight_grams,
        units=wanted.units,
        amount=wanted.amount,
        currency=wanted.currency,
        now=now,
        zone=_zone(connection, place),
        location_cut_off_minute=place.cutoff_minute,
    )
    return options_for(policy.methods, consignment)


def _zone(connection: sa.Connection, place: sa.Row[Any]) -> ZoneInfo:
    return ZoneInfo(place.time_zone) if place.time_zone else settings_of(connection).zone


def _wanted_by(
    connection: sa.Connection, order: sa.Row[Any], policy: DeliveryPolicy, location: str | None
) -> tuple[Wanted, bool]:
    goods = delivery_store.open_goods(connection, order.order_id)
    assumed = policy.assumed_unit_weight_grams
    unknown = any(it.weight_grams is None for it in goods)
    weight = None
    if not unknown or assumed is not None:
        weight = sum(it.units * (assumed or 0 if it.weight_grams is None else it.weight_grams) for it in goods)
    start = location or delivery_store.main_place(connection, order.order_id)
    if start is None:
        raise InvalidRequestError(
            "LOCATION_MISSING",
            f"no location could send order {order.account}/{order.external_id}",
            remedy="Define a location first.",
        )
    wanted = Wanted(
        location=start,
        country=order.country,
        postcode=delivery_store.whole_postcode(connection, order.order_id) or order.ship_postcode,
        weight_grams=weight,
        units=sum(it.units for it in goods),
        amount=order.total_amount or 0,
        currency=order.currency,
    )
    return wanted, unknown and assumed is not None


def _document(option: Option, currency: str) -> dict[str, Any]:
    method, offer = option.method, option.offer
    document: dict[str, Any] = {
        "method": method.method,
        "kind": method.kind.value,
        "name": method.names["en"],
        "name_zh": method.names["zh"],
        "is_offered": offer is not None,
    }
    if offer is None:
        return document | {"why_not": [{"code": it.code, "reason": it.reason} for it in option.refusals]}
    return document | {
        "price": amount_text(offer.price, currency),
        "currency": currency,
        "leaves_by": to_text(offer.leaves_by),
        "leaves_on": offer.leaves_on.isoformat(),
        "arrives_on": offer.arrives_on.isoformat(),
    }


class CutOffs:
    """The next cut-off of each method at one location, read once."""

    def __init__(self, connection: sa.Connection, location: str, *, now: int) -> None:
        place = delivery_store.place(connection, location)
        self._policy = delivery_policy(connection)
        self._minute: int | None = place.cutoff_minute
        self._zone = _zone(connection, place)
        self._now = now
        self._known: dict[str | None, int | None] = {None: None}

    def next_of(self, method: str | None) -> int | None:
        """The instant by which goods of this method leave next; null where the policy has no such method."""
        if method not in self._known:
            found = self._policy.method(method or "")
            self._known[method] = (
                None
                if found is None
                else next_cut_off(found, now=self._now, zone=self._zone, location_minute=self._minute)[1]
            )
        return self._known[method]


# --- the choice ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChooseDelivery:
    """How an order is to be delivered. `location`: from where; else where most of it is allocated."""

    order: str
    method: str
    location: str | None = None
    reason: str | None = None


@use_case("delivery.choose", Permission.ORDER_CHANGE)
def choose_delivery(unit: Unit, request: ChooseDelivery) -> Outcome:
    """The order with its method and the day it promises; shipments made from now on go by it.

    Raises:
        RuleViolationError: METHOD_NOT_ELIGIBLE with every reason, SHIPMENTS_MADE, ORDER_ENDED.
        InvalidRequestError: ORDER_UNKNOWN, METHOD_UNKNOWN, LOCATION_UNKNOWN, LOCATION_MISSING.
    """
    connection = unit.connection
    order = find_order(connection, request.order)
    name = f"{order.account}/{order.external_id}"
    if order.lifecycle in {"cancelled", "closed"}:
        raise RuleViolationError(
            "ORDER_ENDED", f"order {name} is {order.lifecycle}", remedy="Nothing of it is delivered any more."
        )
    policy = delivery_policy(connection)
    if policy.method(request.method) is None:
        raise InvalidRequestError(
            "METHOD_UNKNOWN",
            f"there is no delivery method {request.method!r}",
            remedy=f"Use one of {', '.join(it.method for it in policy.methods)}.",
        )
    made = [it.number for it in shipment_store.shipments_before_leaving(connection, order.order_id)]
    if made:
        raise RuleViolationError(
            "SHIPMENTS_MADE",
            f"shipment {', '.join(made)} goes by {order.delivery_method or 'no method'} already",
            remedy="Cancel it with `oms ship cancel` first.",
        )
    wanted, _ = _wanted_by(connection, order, policy, request.location)
    option = next(
        it for it in _options(connection, wanted, policy, now=unit.call.now) if it.method.method == request.method
    )
    if option.offer is None:
        raise RuleViolationError(
            "METHOD_NOT_ELIGIBLE",
            f"{request.method} cannot deliver order {name}: {'; '.join(it.reason for it in option.refusals)}",
            remedy=f"`oms delivery options {name}` shows what fits.",
            reasons=[it.code for it in option.refusals],
        )
    zone = _zone(connection, delivery_store.place(connection, wanted.location))
    promised_at = end_of_day(option.offer.arrives_on, zone)
    before = {"delivery_method": order.delivery_method, "promised_at": order.promised_at}
    after = {"delivery_method": request.method, "promised_at": promised_at}
    _write(unit, order, before, after, request.reason)
    return Outcome(
        "order", name, {"order": name, **_document(option, order.currency)}, "delivery.chosen", request.reason
    )


def _write(
    unit: Unit, order: sa.Row[Any], before: Mapping[str, Any], after: Mapping[str, Any], reason: str | None
) -> None:
    delivery_store.change_delivery(
        unit.connection,
        unit.stamp,
        order,
        before=json.dumps(before, sort_keys=True),
        after=json.dumps(after, sort_keys=True),
        reason=reason,
        **after,
    )
