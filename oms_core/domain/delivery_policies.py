"""The policy `delivery_methods` as typed values; every refusal names the place in the document that does not fit."""

from collections.abc import Mapping
from dataclasses import dataclass

from oms_core.domain.delivery_methods import DeliveryMethod, Limits, MethodKind, Zone, plain_postcode
from oms_core.domain.errors import InvalidRequestError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIELDS = frozenset(
    {"id", "kind", "names", "zones", "limits", "cut_off", "working_days", "lead_days", "price", "locations"}
)
_LIMITS = frozenset({"weight_grams", "units", "amount_from", "amount_to"})
_LAST_MINUTE = 24 * 60
_LONGEST_LEAD = 366


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """The methods in the order they are offered, and what a unit of unknown weight counts."""

    methods: tuple[DeliveryMethod, ...]
    assumed_unit_weight_grams: int | None = None  # null: its weight stays unknown

    def method(self, name: str) -> DeliveryMethod | None:
        """The method of that id."""
        return next((method for method in self.methods if method.method == name), None)


def parse_delivery_policy(document: Mapping[str, object]) -> DeliveryPolicy:
    """The policy that a document of kind `delivery_methods` states.

    Raises:
        InvalidRequestError: POLICY_INVALID with the place in the document that does not fit.
    """
    listed = document.get("methods")
    if not isinstance(listed, list) or not listed:
        raise _invalid("methods", "a list of one method or more is expected")
    methods = tuple(_method(item, f"methods[{at}]") for at, item in enumerate(listed))
    names = [method.method for method in methods]
    if len(set(names)) < len(names):
        raise _invalid("methods", "two methods have one id")
    assumed = document.get("assumed_unit_weight_grams")
    return DeliveryPolicy(
        methods, None if assumed is None else _whole(assumed, "assumed_unit_weight_grams", least=0, most=10**9)
    )


def _method(item: object, where: str) -> DeliveryMethod:
    fields = _mapping(item, where)
    _known(fields, _FIELDS, where)
    name = _word(fields.get("id"), f"{where}.id")
    kind = fields.get("kind")
    if kind not in list(MethodKind):
        raise _invalid(f"{where}.kind", f"one of {', '.join(MethodKind)} is expected")
    labels = _mapping(fields.get("names"), f"{where}.names")
    zones = fields.get("zones")
    if not isinstance(zones, list) or not zones:
        raise _invalid(f"{where}.zones", "a list of one zone or more is expected")
    locations = fields.get("locations")
    return DeliveryMethod(
        method=name,
        kind=MethodKind(str(kind)),
        names={language: _word(labels.get(language), f"{where}.names.{language}") for language in ("en", "zh")},
        zones=tuple(_zone(zone, f"{where}.zones[{at}]") for at, zone in enumerate(zones)),
        limits=_limits(fields.get("limits") or {}, f"{where}.limits"),
        cut_off_minute=_minute(fields.get("cut_off"), f"{where}.cut_off"),
        working_days=_weekdays(fields.get("working_days", list(WEEKDAYS[:5])), f"{where}.working_days"),
        lead_days=_whole(fields.get("lead_days"), f"{where}.lead_days", least=0, most=_LONGEST_LEAD),
        prices=_amounts(fields.get("price"), f"{where}.price"),
        locations=None if locations is None else frozenset(_words(locations, f"{where}.locations")),
    )


def _zone(item: object, where: str) -> Zone:
    fields = _mapping(item, where)
    _known(fields, frozenset({"countries", "postcodes", "except_postcodes"}), where)
    countries = _words(fields.get("countries"), f"{where}.countries")
    if not countries:
        raise _invalid(f"{where}.countries", "one country or more is expected, or '*' for all")
    begins = {
        name: tuple(plain_postcode(prefix) for prefix in _words(fields.get(name) or [], f"{where}.{name}"))
        for name in ("postcodes", "except_postcodes")
    }
    if not all(prefix for prefixes in begins.values() for prefix in prefixes):
        raise _invalid(where, "an empty postcode would hold every destination")
    return Zone(frozenset(countries), begins["postcodes"], begins["except_postcodes"])


def _limits(item: object, where: str) -> Limits:
    fields = _mapping(item, where)
    _known(fields, _LIMITS, where)
    weight, units = fields.get("weight_grams"), fields.get("units")
    low, high = fields.get("amount_from"), fields.get("amount_to")
    return Limits(
        weight_grams=None if weight is None else _whole(weight, f"{where}.weight_grams", least=1, most=10**9),
        units=None if units is None else _whole(units, f"{where}.units", least=1, most=10**9),
        amount_from=None if low is None else _amounts(low, f"{where}.amount_from"),
        amount_to=None if high is None else _amounts(high, f"{where}.amount_to"),
    )


def _amounts(item: object, where: str) -> Mapping[str, int]:
    amounts = _mapping(item, where)
    if not amounts:
        raise _invalid(where, "an amount for one currency or more is expected")
    return {
        currency: _whole(amount, f"{where}.{currency}", least=0, most=10**15) for currency, amount in amounts.items()
    }


def _minute(value: object, where: str) -> int:
    hour, _, minute = (value if isinstance(value, str) else "").partition(":")
    if not (hour.isdigit() and minute.isdigit() and len(minute) == 2 and int(minute) < 60):  # noqa: PLR2004 - a clock
        raise _invalid(where, 'a local time like "14:30" in quotes is expected')
    return _whole(int(hour) * 60 + int(minute), where, least=0, most=_LAST_MINUTE)


def _weekdays(value: object, where: str) -> frozenset[int]:
    named = _words(value, where)
    if not named or not set(named) <= set(WEEKDAYS):
        raise _invalid(where, f"one or more of {', '.join(WEEKDAYS)} is expected")
    return frozenset(WEEKDAYS.index(day) for day in named)


def _mapping(value: object, where: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise _invalid(where, "a mapping of names is expected")
    return value


def _known(fields: Mapping[str, object], known: frozenset[str], where: str) -> None:
    for name in fields:
        if name not in known:
            raise _invalid(f"{where}.{name}", f"it is none of {', '.join(sorted(known))}")


def _word(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _invalid(where, "a word is expected")
    return value


def _words(value: object, where: str) -> list[str]:
    if not isinstance(value, list):
        raise _invalid(where, "a list of words is expected")
    if not all(isinstance(word, str) for word in value):
        # YAML reads an unquoted NO as false and 0123 as a number.
        raise _invalid(where, "a list of words is expected, written in quotes")
    return value


def _whole(value: object, where: str, *, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise _invalid(where, f"a whole number from {least} to {most} is expected")
    return value


def _invalid(where: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError(
        "POLICY_INVALID", f"{where}: {reason}", remedy="Correct the document of policy delivery_methods."
    )
