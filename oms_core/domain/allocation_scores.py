"""What makes one location better than another for an order: terms, weights, score. Integers, so that it can be redone.

A strategy is data (policy `allocation`, see `allocation_policy`): weights, which locations, whether orders are split.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from oms_core.domain.distance import Point, Reach, distance_km

PERMILLE = 1_000
_ANYWHERE = Point()
_USUAL_REACH = Reach()


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each term counts. A score is the sum of weight × term; greater is better."""

    coverage: int = 10  # per mille of the wanted units that the location has
    whole: int = 5_000  # it covers all that is still wanted
    distance: int = -1  # kilometre
    ships_today: int = 500  # its cut-off has not passed
    cost: int = -1  # minor unit of the company's currency
    priority: int = 1_000  # step of the location's own priority


@dataclass(frozen=True, slots=True)
class Strategy:
    """How orders of some channels are allocated."""

    name: str
    weights: Weights = Weights()
    locations: tuple[str, ...] = ()  # empty: every site
    may_split: bool = True
    most_locations: int = 3
    reach: Reach = _USUAL_REACH


@dataclass(frozen=True, slots=True)
class Site:
    """A location that may serve, with its cut-off judged already."""

    location: str
    point: Point = _ANYWHERE
    ships_today: bool = True
    handling_cost: int = 0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A location as it was judged: the terms and the score that the weights make of them."""

    location: str
    coverage: int
    whole: int
    distance: int
    ships_today: int
    cost: int
    priority: int
    score: int

    def plain(self) -> dict[str, Any]:
        """As it is kept with the decision."""
        return {name: getattr(self, name) for name in _CANDIDATE}


_TERMS = tuple(part.name for part in fields(Weights))
_CANDIDATE = tuple(part.name for part in fields(Candidate))


def judge(site: Site, *, covered: int, wanted: int, destination: Point, strategy: Strategy) -> Candidate:
    """The site's terms and score for an order that still wants `wanted` units, of which it has `covered`."""
    terms = {
        "coverage": covered * PERMILLE // wanted,
        "whole": int(covered == wanted),
        "distance": distance_km(site.point, destination, strategy.reach),
        "ships_today": int(site.ships_today),
        "cost": site.handling_cost,
        "priority": site.priority,
    }
    return Candidate(site.location, **terms, score=score_of(terms, strategy.weights))


def score_of(terms: Mapping[str, int], weights: Weights) -> int:
    """The score again, from the terms that were kept."""
    return sum(getattr(weights, name) * terms[name] for name in _TERMS)


def best(candidates: Sequence[Candidate]) -> Candidate | None:
    """The one with the greatest score, by name where two are equal; null of none."""
    return min(candidates, key=lambda candidate: (-candidate.score, candidate.location), default=None)
