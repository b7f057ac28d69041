"""Holds: which steps of an order each kind blocks, and the limits that raise them.

A hold stops named steps and nothing else; the table `BLOCKS` is the one place that says which. What raises a hold is
found in `hold_checks`; recording and releasing them is a service's work.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.order_requests import Address
from oms_core.domain.orders import HoldKind


class Step(StrEnum):
    """A step of an order that a hold can block."""

    CONFIRM = "confirm"
    ALLOCATE = "allocate"
    RELEASE = "release"  # to picking
    SHIP = "ship"


_ALL = frozenset(Step)
_NOT_ALLOCATE = frozenset({Step.CONFIRM, Step.RELEASE, Step.SHIP})
_NOT_CONFIRM = frozenset({Step.ALLOCATE, Step.RELEASE, Step.SHIP})

# Goods stay allocated while an address, a price or a payment is being cleared up: nobody else gets them meanwhile.
BLOCKS: Mapping[HoldKind, frozenset[Step]] = {
    HoldKind.ADDRESS: _NOT_ALLOCATE,
    HoldKind.LOOK_ALIKE: _ALL,
    HoldKind.PRICE_OUTLIER: _NOT_ALLOCATE,
    HoldKind.QUANTITY_OUTLIER: _ALL,
    HoldKind.PAYMENT: _NOT_ALLOCATE,
    HoldKind.BLOCKLIST: _ALL,
    HoldKind.FRAUD: _ALL,
    HoldKind.STOCK: _NOT_CONFIRM,
    HoldKind.CHANNEL: _ALL,
    HoldKind.CHANGE: _NOT_CONFIRM,
    HoldKind.MANUAL: _ALL,
}


def blocks(kind: HoldKind, step: Step) -> bool:
    """Whether a hold of this kind stops this step."""
    return step in BLOCKS[kind]


def blocking(kinds: Iterable[HoldKind], step: Step) -> list[HoldKind]:
    """The holds among `kinds` that stop `step`, in the order of `HoldKind`."""
    held = set(kinds)
    return [kind for kind in HoldKind if kind in held and step in BLOCKS[kind]]


def require_step(kinds: Iterable[HoldKind], step: Step, order: str) -> None:
    """Nothing, where no open hold stops the step.

    Raises:
        RuleViolationError: ORDER_HELD with the kinds that stop it.
    """
    if stopping := blocking(kinds, step):
        names = ", ".join(stopping)
        raise RuleViolationError(
            "ORDER_HELD",
            f"order {order} is held ({names}), which stops {step.value}",
            remedy="Look at the reason of the hold, settle it, then release it with `oms order release`.",
            order=order,
            step=step.value,
            holds=[kind.value for kind in stopping],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A hold that a check raises, and why."""

    kind: HoldKind
    reason: str


@dataclass(frozen=True, slots=True)
class HoldLimits:
    """The thresholds of the checks, read from the policy `holds`."""

    address_required: tuple[str, ...] = ("name", "street", "city", "country")
    postcode_patterns: Mapping[str, str] | None = None  # country → pattern the whole postcode matches
    look_alike_hours: int = 24
    price_below_percent: int = 50  # of the list price
    price_above_percent: int = 200
    units_per_line: int = 100
    units_per_order: int = 500
    units_by_sku: Mapping[str, int] | None = None
    blocked_customers: frozenset[str] = frozenset()  # references, as the channel names the buyer
    blocked_contacts: frozenset[str] = frozenset()  # digests of e-mail addresses and phone numbers
    blocked_countries: frozenset[str] = frozenset()


_DEFAULTS = HoldLimits()
_SECTIONS = {
    "address": {"required", "postcodes"},
    "look_alike": {"within_hours"},
    "price_outlier": {"below_percent", "above_percent"},
    "quantity_outlier": {"units_per_line", "units_per_order", "by_sku"},
    "blocklist": {"customers", "contacts", "countries"},
}


def parse_limits(document: Mapping[str, Any]) -> HoldLimits:
    """The limits that a policy document of kind `holds` states; what it leaves out keeps its default.

    Raises:
        InvalidRequestError: POLICY_INVALID, naming the section and the entry.
    """
    for section, entries in document.items():
        known = _SECTIONS.get(section)
        if known is None or not isinstance(entries, Mapping):
            raise _invalid(section, f"is no section of it; known are {', '.join(_SECTIONS)}")
        if unknown := sorted(set(entries) - known):
            raise _invalid(f"{section}.{unknown[0]}", f"is unknown; known are {', '.join(sorted(known))}")
    address = document.get("address", {})
    required = tuple(_words("address.required", address.get("required", [*_DEFAULTS.address_required])))
    if strange := [name for name in required if name not in Address._fields]:
        raise _invalid("address.required", f"names {strange[0]!r}; an address has {', '.join(Address._fields)}")
    blocklist = document.get("blocklist", {})
    quantity = document.get("quantity_outlier", {})
    return HoldLimits(
        address_required=required,
        postcode_patterns=_patterns(address.get("postcodes", {})),
        look_alike_hours=_whole(document, "look_alike", "within_hours", _DEFAULTS.look_alike_hours),
        price_below_percent=_whole(document, "price_outlier", "below_percent", _DEFAULTS.price_below_percent),
        price_above_percent=_whole(document, "price_outlier", "above_percent", _DEFAULTS.price_above_percent),
        units_per_line=_whole(document, "quantity_outlier", "units_per_line", _DEFAULTS.units_per_line),
        units_per_order=_whole(document, "quantity_outlier", "units_per_order", _DEFAULTS.units_per_order),
        units_by_sku={str(sku): _number(f"quantity_outlier.by_sku.{sku}", n) for sku, n in _by_sku(quantity).items()},
        blocked_customers=frozenset(_words("blocklist.customers", blocklist.get("customers", []))),
        blocked_contacts=frozenset(_words("blocklist.contacts", blocklist.get("contacts", []))),
        blocked_countries=frozenset(_words("blocklist.countries", blocklist.get("countries", []))),
    )


def _words(place: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise _invalid(place, "must be a list of words")
    return value


def _patterns(postcodes: object) -> dict[str, str]:
    if not isinstance(postcodes, Mapping):
        raise _invalid("address.postcodes", "must say a pattern for each country")
    for country, pattern in postcodes.items():
        try:
            re.compile(str(pattern))
        except re.error as error:
            raise _invalid(f"address.postcodes.{country}", f"is no pattern: {error}") from None
    return {str(country): str(pattern) for country, pattern in postcodes.items()}


def _by_sku(quantity: Mapping[str, Any]) -> Mapping[str, Any]:
    by_sku = quantity.get("by_sku", {})
    if not isinstance(by_sku, Mapping):
        raise _invalid("quantity_outlier.by_sku", "must say a number of units for each SKU")
    return by_sku


def _whole(document: Mapping[str, Any], section: str, entry: str, default: int) -> int:
    return _number(f"{section}.{entry}", document.get(section, {}).get(entry, default))


def _number(place: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _invalid(place, f"must be a whole number from 0 on, not {value!r}")
    return value


def _invalid(place: str, problem: str) -> InvalidRequestError:
    return InvalidRequestError(
        "POLICY_INVALID",
        f"policy holds: {place} {problem}",
        remedy="Correct the entry and set the policy again; the version in force stays until then.",
        place=place,
    )
