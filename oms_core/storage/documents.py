"""What documents of every kind share: the stamp of their rows, what was written, headers united from parts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every row of one write transaction carries."""

    change_id: int
    recorded_at: int
    actor: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A line that cannot be recorded as it came: by default it is there with other content and no newer version."""

    document: str
    line_key: str
    rule: str = "contradiction"
    reason: str = "this key is recorded already with other content, and no newer version explains it"


@dataclass(slots=True)
class Written:
    """Rows written, and what contradicts what was recorded."""

    documents: int
    lines: int
    contradictions: list[Contradiction]
    stale: list[str]  # documents that came in an older version than the recorded one


def first_of(one: _Value | None, other: _Value | None, *, key: Callable[[_Value], Any] = str) -> _Value | None:
    """What one part says and another does not; where they differ, the first by `key`, so that order plays no part."""
    return min((value for value in (one, other) if value is not None), key=key, default=None)


def base_of(currency: str, base_currency: str | None) -> tuple[str | None, int | None, int | None]:
    """(base currency, rate, rate scale), fixed when it happens: 1 for the base currency, null without a rate."""
    return (base_currency, 1, 0) if currency == base_currency else (None, None, None)


def new_ones(
    facts: Iterable[_Value], known: dict[Any, Any], *, key: Callable[[_Value], Any], content: Callable[[_Value], Any]
) -> tuple[list[_Value], list[_Value]]:
    """Facts whose key is not known yet, and those that say something else of a known key. `known` grows with them."""
    fresh: list[_Value] = []
    contradicting: list[_Value] = []
    for fact in facts:
        name = key(fact)
        if name not in known:
            known[name] = content(fact)
            fresh.append(fact)
        elif known[name] != content(fact):
            contradicting.append(fact)
    return fresh, contradicting
