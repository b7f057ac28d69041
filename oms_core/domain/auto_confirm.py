"""Auto-confirm: ordered rules, the first that fits decides, and the order remembers which.

A rule is data: an id, the conditions it asks for (all of them), and what then happens: `confirm`, `leave` (a person
looks) or `hold:KIND`. No rule, no confirmation. A condition that nobody knows is an error, never a silent yes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.money import Exact, parse_exact
from oms_core.domain.orders import HoldKind
from oms_core.domain.permissions import Role


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules can ask of an order. `total`: what the buyer pays, tax and charges included."""

    account: str
    channel: str
    currency: str
    total: Exact
    payment_status: str
    payment_terms: str | None  # prepaid | cash_on_delivery | on_account
    payment_methods: frozenset[str]
    delivery_method: str | None
    country: str | None
    units: int
    lines: int
    skus: frozenset[str]
    customer_is_known: bool  # bought before
    priority: int = 0


class Action(StrEnum):
    """What a rule does with an order that fits it."""

    CONFIRM = "confirm"
    LEAVE = "leave"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, checked: `tests` are the conditions, all of which must hold."""

    rule_id: str
    action: Action
    hold_kind: HoldKind | None
    tests: tuple[Callable[[Subject], bool], ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an order, and the rule that said so; null where none fitted."""

    action: Action
    hold_kind: HoldKind | None = None
    rule_id: str | None = None


_NO_RULE = Decision(Action.LEAVE)


def decide(rules: Sequence[Rule], subject: Subject) -> Decision:
    """The decision of the first rule whose conditions all hold."""
    for rule in rules:
        if all(test(subject) for test in rule.tests):
            return Decision(rule.action, rule.hold_kind, rule.rule_id)
    return _NO_RULE


# --- rules from a document -------------------------------------------------------------------------


class _UnfitError(ValueError):
    """A value that its condition cannot use; the text says why."""


def _words(value: object) -> frozenset[str]:
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not listed or not all(isinstance(word, str) for word in listed):
        message = "needs a word or a list of words"
        raise _UnfitError(message)
    return frozenset(listed)


def _is_one_of(attribute: str) -> Callable[[object], Callable[[Subject], bool]]:
    def build(value: object) -> Callable[[Subject], bool]:
        words = _words(value)
        return lambda subject: getattr(subject, attribute) in words

    return build


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        message = "needs a whole number"
        raise _UnfitError(message)
    return value


def _at_most(attribute: str) -> Callable[[object], Callable[[Subject], bool]]:
    def build(value: object) -> Callable[[Subject], bool]:
        most = _whole(value)
        return lambda subject: getattr(subject, attribute) <= most

    return build


def _at_least(attribute: str) -> Callable[[object], Callable[[Subject], bool]]:
    def build(value: object) -> Callable[[Subject], bool]:
        least = _whole(value)
        return lambda subject: getattr(subject, attribute) >= least

    return build


def _amounts(value: object) -> dict[str, Exact]:
    if not isinstance(value, Mapping) or not value:
        message = "needs an amount for each currency, like {EUR: 200}"
        raise _UnfitError(message)
    amounts = {}
    for currency, amount in value.items():
        if isinstance(amount, bool) or not isinstance(amount, int | str):
            message = f"needs a whole number or a quoted decimal for {currency}, not {amount!r}"
            raise _UnfitError(message)
        try:
            amounts[str(currency)] = parse_exact(str(amount))
        except ValueError:
            message = f"needs a whole number or a quoted decimal for {currency}, not {amount!r}"
            raise _UnfitError(message) from None
    return amounts


def _total(value: object, holds: Callable[[int, int], bool]) -> Callable[[Subject], bool]:
    amounts = _amounts(value)

    def test(subject: Subject) -> bool:
        limit = amounts.get(subject.currency)  # a currency without an amount fits no limit
        if limit is None:
            return False
        scale = max(limit.scale, subject.total.scale)
        return holds(subject.total.at(scale), limit.at(scale))

    return test


def _total_at_most(value: object) -> Callable[[Subject], bool]:
    return _total(value, lambda total, limit: total <= limit)


def _total_at_least(value: object) -> Callable[[Subject], bool]:
    return _total(value, lambda total, limit: total >= limit)


def _overlaps(attribute: str) -> Callable[[object], Callable[[Subject], bool]]:
    def build(value: object) -> Callable[[Subject], bool]:
        words = _words(value)
        return lambda subject: not words.isdisjoint(getattr(subject, attribute))

    return build


def _known_customer(value: object) -> Callable[[Subject], bool]:
    if not isinstance(value, bool):
        message = "needs true or false"
        raise _UnfitError(message)
    return lambda subject: subject.customer_is_known is value


CONDITIONS: Mapping[str, Callable[[object], Callable[[Subject], bool]]] = {
    "account": _is_one_of("account"),
    "channel": _is_one_of("channel"),
    "currency": _is_one_of("currency"),
    "country": _is_one_of("country"),
    "payment_status": _is_one_of("payment_status"),
    "payment_terms": _is_one_of("payment_terms"),
    "payment_method": _overlaps("payment_methods"),
    "delivery_method": _is_one_of("delivery_method"),
    "total_at_most": _total_at_most,
    "total_at_least": _total_at_least,
    "units_at_most": _at_most("units"),
    "units_at_least": _at_least("units"),
    "lines_at_most": _at_most("lines"),
    "lines_at_least": _at_least("lines"),
    "priority_at_least": _at_least("priority"),
    "any_sku": _overlaps("skus"),
    "customer_is_known": _known_customer,
}


def parse_rules(document: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a policy document of kind `auto_confirm`, in their order.

    Raises:
        InvalidRequestError: POLICY_INVALID, naming the rule (its id, or its position where it has none).
    """
    listed = document.get("rules")
    if not isinstance(listed, list) or set(document) - {"rules"}:
        raise _invalid("the document", "must be one list called rules")
    rules: list[Rule] = []
    for position, entry in enumerate(listed, start=1):
        rule = _rule(position, entry)
        if any(rule.rule_id == other.rule_id for other in rules):
            raise _invalid(f"rule {rule.rule_id}", "stands twice; an id names one rule")
        rules.append(rule)
    return tuple(rules)


def _rule(position: int, entry: object) -> Rule:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str) or not entry["id"]:
        raise _invalid(f"rule number {position}", "needs an id")
    name = f"rule {entry['id']}"
    if unknown := sorted(map(str, set(entry) - {"id", "when", "then", "note"})):
        raise _invalid(name, f"has an unknown entry {unknown[0]!r}; a rule has id, when, then and note")
    when = entry.get("when", {})
    if not isinstance(when, Mapping):
        raise _invalid(name, "needs its conditions as `name: value` under when")
    tests = tuple(_test(name, str(condition), value) for condition, value in when.items())
    action, kind = _then(name, entry.get("then"))
    return Rule(entry["id"], action, kind, tests)


def _test(rule: str, condition: str, value: object) -> Callable[[Subject], bool]:
    build = CONDITIONS.get(condition)
    if build is None:
        raise _invalid(rule, f"asks for {condition!r}, which is no condition; known are {', '.join(CONDITIONS)}")
    try:
        return build(value)
    except _UnfitError as unfit:
        raise _invalid(rule, f"{condition} {unfit}") from None


def _then(rule: str, then: object) -> tuple[Action, HoldKind | None]:
    text = then if isinstance(then, str) else ""
    if text in (Action.CONFIRM, Action.LEAVE):
        return Action(text), None
    action, _, kind = text.partition(":")
    if action == Action.HOLD and kind in list(HoldKind):
        return Action.HOLD, HoldKind(kind)
    raise _invalid(rule, f"needs then: confirm, leave or hold:KIND (one of {', '.join(HoldKind)}), not {then!r}")


def _invalid(place: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(
        "POLICY_INVALID",
        f"policy auto_confirm: {place} {problem}",
        remedy="Correct the rule and set the policy again; the version in force stays until then.",
        place=place,
    )


# --- touchless -------------------------------------------------------------------------------------

MACHINE_ROLES = frozenset({Role.FEED_SERVICE.value})


def is_touchless(roles: Iterable[str]) -> bool:
    """Whether no person did anything to the order itself; `roles` of everybody who did."""
    return MACHINE_ROLES.issuperset(roles)
