"""Place orders: checked, deduplicated, priced, held where a person must look, confirmed where a rule says so.

A batch is the rule and one order a batch of one: each kind of question is asked once for all of them. An order of a
batch that is refused is answered with its refusal and does not stop the others.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import sqlalchemy as sa

from oms_core.domain.charges import amount_text
from oms_core.domain.errors import InvalidRequestError, OmsError, RuleViolationError
from oms_core.domain.facts import CustomerFact
from oms_core.domain.order_pricing import price_order
from oms_core.domain.order_requests import PlaceOrder
from oms_core.domain.permissions import Actor, Permission
from oms_core.services.commands import Call, Done, Outcome, Unit, key_reused, known_results, record, transact, use_case
from oms_core.services.order_admission import Asked, admit
from oms_core.services.order_documents import order_document, order_outcome
from oms_core.storage.customer_store import record_customers
from oms_core.storage.order_placement import NewOrder, write_orders
from oms_core.storage.placement_lookups import numbers_taken

_NAME = "order.place"
MOST_ORDERS = 1_000
_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_FIELDS = tuple(part.name for part in fields(PlaceOrder))


@dataclass(frozen=True, slots=True)
class Placement:
    """One order of a batch, under its own idempotency key."""

    key: str
    request: PlaceOrder


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one order of a batch: a document, or the refusal. `repeated`: it was placed before."""

    key: str
    document: dict[str, Any] | None = None
    error: OmsError | None = None
    repeated: bool = False


@use_case(_NAME, Permission.ORDER_PLACE)
def place_order(unit: Unit, request: PlaceOrder) -> Outcome:
    """Place one order: a batch of one. A known number with the same content answers with that order.

    Raises:
        InvalidRequestError: ORDER_INVALID, ACCOUNT_UNKNOWN, SKU_UNKNOWN.
        RuleViolationError: ORDER_NUMBER_TAKEN, PAYMENT_REFERENCE_TAKEN, DISCOUNT_TOO_LARGE, NOT_PERMITTED.
    """
    (placed,) = _place(unit, [Placement(unit.call.key, request)], [content_sha256(request)])
    if isinstance(placed, OmsError):
        raise placed
    return placed


def place_orders(engine: sa.Engine, placements: Sequence[Placement], actor: Actor, now: int) -> list[Placed]:
    """Place up to 1,000 orders in one transaction; the answers in the order asked, each kept under its own key.

    Raises:
        RuleViolationError: NOT_PERMITTED.
        InvalidRequestError: BATCH_TOO_LARGE, KEY_MISSING, HOME_NOT_READY.
    """
    actor.require(Permission.ORDER_PLACE, _NAME)
    if len(placements) > MOST_ORDERS:
        raise InvalidRequestError(
            "BATCH_TOO_LARGE", f"a batch of {len(placements):,} orders", remedy=f"Send up to {MOST_ORDERS:,} at a time."
        )
    if not placements:
        return []
    key = "" if any(not it.key.strip() for it in placements) else placements[0].key
    return transact(engine, Call(key, actor, now), lambda unit: _answered(unit, placements))


def _answered(unit: Unit, placements: Sequence[Placement]) -> list[Placed]:
    known = known_results(unit.connection, [it.key for it in placements])
    answers: dict[int, Placed] = {}
    first_of_key: dict[str, int] = {}
    fresh: list[int] = []
    digests = [content_sha256(it.request) for it in placements]
    for at, it in enumerate(placements):
        first = first_of_key.setdefault(it.key, at)
        if it.key in known:
            answers[at] = _known(it.key, known[it.key], digests[at])
        elif first == at:
            fresh.append(at)
        elif digests[first] != digests[at]:
            answers[at] = Placed(it.key, error=key_reused(it.key, _NAME))
    outcomes = _place(unit, [placements[at] for at in fresh], [digests[at] for at in fresh])
    done = []
    for at, outcome in zip(fresh, outcomes, strict=True):
        key = placements[at].key
        if isinstance(outcome, OmsError):
            answers[at] = Placed(key, error=outcome)
            continue
        answers[at] = Placed(key, outcome.document, repeated=not outcome.topic)
        done.append(Done(key, _NAME, digests[at], outcome))
    record(unit, done)
    for at, it in enumerate(placements):
        if at not in answers:  # the key of one before it in this batch
            first_answer = answers[first_of_key[it.key]]
            answers[at] = Placed(it.key, first_answer.document, first_answer.error, repeated=True)
    return [answers[at] for at in range(len(placements))]


def _known(key: str, row: sa.Row[Any], digest: str) -> Placed:
    if (row.use_case, row.request_sha256) != (_NAME, digest):
        return Placed(key, error=key_reused(key, row.use_case))
    return Placed(key, json.loads(row.result), repeated=True)


def content_sha256(request: PlaceOrder) -> str:
    """The digest of what the request says: the runner's own, made without walking every part of it."""
    said = {name: getattr(request, name) for name in _FIELDS}
    return hashlib.sha256(_encode(said).encode()).hexdigest()


def _place(unit: Unit, placements: Sequence[Placement], digests: Sequence[str]) -> list[Outcome | OmsError]:
    """What each placement comes to; everything is written but command, audit and outbox rows."""
    results: dict[int, Outcome | OmsError] = {}
    asked: dict[int, Asked] = {}
    for at, (it, digest) in enumerate(zip(placements, digests, strict=True)):
        try:
            unit.call.actor.require_account(it.request.account)
            asked[at] = Asked(it.request, digest, price_order(it.request))
        except OmsError as refusal:
            results[at] = refusal
    twins = _known_numbers(unit.connection, asked, results)
    admitted = admit(unit, {at: it for at, it in asked.items() if at not in results and at not in twins})
    results.update(admitted.refusals)
    orders = list(admitted.orders.values())
    ids = write_orders(unit.connection, orders, _customers(unit, orders), unit.stamp)
    for at, order_id, order in zip(admitted.orders, ids, orders, strict=True):
        results[at] = _outcome(order_id, order)
    for at, first in twins.items():
        answer = results[first]
        results[at] = replace(answer, topic="") if isinstance(answer, Outcome) else answer
    return [results[at] for at in range(len(placements))]


def _known_numbers(
    connection: sa.Connection, asked: Mapping[int, Asked], results: dict[int, Outcome | OmsError]
) -> dict[int, int]:
    """Answer what asks for a number that an order has already; returns those that repeat one before in the batch."""
    taken = {
        (account, number): row
        for account in {it.request.account for it in asked.values()}
        for number, row in numbers_taken(
            connection, account, [it.request.number for it in asked.values() if it.request.account == account]
        ).items()
    }
    twins: dict[int, int] = {}
    first_of: dict[tuple[str, str], int] = {}
    for at, it in asked.items():
        name = (it.request.account, it.request.number)
        first = first_of.setdefault(name, at)
        if name in taken and taken[name].content_sha256 == it.digest:
            results[at] = order_outcome(connection, taken[name].order_id, topic="")
        elif name in taken or asked[first].digest != it.digest:
            results[at] = _number_taken(f"{name[0]}/{name[1]}")
        elif first != at:
            twins[at] = first
    return twins


def _number_taken(order: str) -> RuleViolationError:
    return RuleViolationError(
        "ORDER_NUMBER_TAKEN",
        f"there is an order {order} with other content",
        remedy="A change of that order is a command of its own; a new order needs a new number.",
        order=order,
    )


def _customers(unit: Unit, orders: Sequence[NewOrder]) -> dict[tuple[str, str], int]:
    facts: dict[str, list[CustomerFact]] = {}
    for it in orders:
        if (buyer := it.request.customer) is not None:
            fact = CustomerFact(buyer.reference, buyer.name, buyer.email, buyer.phone)
            facts.setdefault(it.request.account, []).append(fact)
    return {
        (account, reference): customer_id
        for account in sorted(facts)
        for reference, customer_id in record_customers(unit.connection, account, facts[account], unit.stamp).items()
    }


def _outcome(order_id: int, it: NewOrder) -> Outcome:
    asked, total = it.request, it.priced.total
    document = order_document(
        order_id=order_id,
        order=f"{asked.account}/{asked.number}",
        status=it.state.value,
        total=total,
        currency=asked.currency,
        confirmed_by=it.confirmed_by,
        holds=[(finding.kind.value, finding.reason) for finding, _ in it.holds],
    )
    if asked.source_total is not None and asked.source_total != total:
        document["source_total"] = amount_text(asked.source_total, asked.currency)
    return Outcome("order", document["order"], document, topic="order.placed")
