"""The policy `allocation`, read strictly: strategies, who is served by which, and postcode regions."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from oms_core.domain.allocation_scores import Strategy, Weights
from oms_core.domain.distance import Reach

_WEIGHTS = tuple(part.name for part in fields(Weights))
_PARTS = ("weights", "locations", "may_split", "most_locations")
_POLICY = ("distance_km", "strategies", "channels", "accounts", "regions")


def read_strategies(document: Mapping[str, Any]) -> dict[str, Strategy]:
    """Strategies by name. Raises ValueError that says where the document is wrong."""
    _known(document, _POLICY, "the policy")
    reach = Reach(**_whole_numbers(document.get("distance_km") or {}, Reach._fields, "distance_km", least=0))
    listed = _mapping(document.get("strategies"), "strategies")
    found = {str(name): _strategy(str(name), parts or {}, reach) for name, parts in listed.items()}
    if "default" not in found:
        raise ValueError("strategies: there is no strategy 'default'")
    for place in ("channels", "accounts"):
        for key, name in _mapping(document.get(place) or {}, place).items():
            if name not in found:
                raise ValueError(f"{place}.{key}: there is no strategy {name!r}")
    _check_regions(document.get("regions") or {})
    return found


def strategy_for(
    document: Mapping[str, Any], strategies: Mapping[str, Strategy], account: str, channel: str
) -> Strategy:
    """The strategy of the account, else of its channel, else the default."""
    accounts, channels = document.get("accounts") or {}, document.get("channels") or {}
    return strategies[accounts.get(account) or channels.get(channel) or "default"]


def region_of(document: Mapping[str, Any], country: str | None, postcode: str | None) -> str | None:
    """The region that the longest known beginning of the postcode lies in; null where the policy names none."""
    prefixes: Mapping[str, str] = (document.get("regions") or {}).get(country) or {}
    if not prefixes or not postcode:
        return None
    fitting = [prefix for prefix in prefixes if postcode.startswith(str(prefix))]
    return prefixes[max(fitting, key=len)] if fitting else None


def _strategy(name: str, parts: object, reach: Reach) -> Strategy:
    place = f"strategies.{name}"
    given = _known(parts, _PARTS, place)
    may_split = given.get("may_split", True)
    if not isinstance(may_split, bool):
        raise ValueError(f"{place}.may_split: {may_split!r} is neither true nor false")  # noqa: TRY004 - text, not a type
    places = given.get("locations") or []
    if not isinstance(places, list) or not all(isinstance(it, str) and it for it in places):
        raise ValueError(f"{place}.locations: {places!r} is no list of locations")
    most = _whole_number(given.get("most_locations", 3), f"{place}.most_locations", least=1)
    weights = Weights(**_whole_numbers(given.get("weights") or {}, _WEIGHTS, f"{place}.weights", least=None))
    return Strategy(name, weights, tuple(places), may_split, most, reach)


def _check_regions(regions: object) -> None:
    for country, prefixes in _mapping(regions, "regions").items():
        place = f"regions.{country}"
        for prefix, name in _mapping(prefixes, place).items():
            if not isinstance(prefix, str) or not isinstance(name, str) or not prefix or not name:
                raise ValueError(f"{place}: {prefix!r}: {name!r} is no postcode beginning in quotes with its region")


def _whole_numbers(parts: object, allowed: Sequence[str], place: str, *, least: int | None) -> dict[str, int]:
    given = _known(parts, allowed, place)
    return {name: _whole_number(value, f"{place}.{name}", least=least) for name, value in given.items()}


def _whole_number(value: object, place: str, *, least: int | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        at_least = "" if least is None else f" of {least} or more"
        raise ValueError(f"{place}: {value!r} is no whole number{at_least}")
    return value


def _known(parts: object, allowed: Sequence[str], place: str) -> dict[str, Any]:
    given = _mapping(parts, place)
    if unknown := sorted(str(name) for name in given if name not in allowed):
        raise ValueError(f"{place}: unknown {unknown[0]!r}; known are {', '.join(allowed)}")
    return given


def _mapping(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{place}: {value!r} is no mapping")  # noqa: TRY004 - the text is wrong, not a type of ours
    return dict(value)
