"""Counts: set-points in the ledger, the tolerance that books them at once, and which records to count first.

A count says what was there at an instant. Its difference to the ledger at that instant is booked at that instant. A
fact that becomes known later and happened before leaves a residual: it is shown, the booked difference stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far a count may be from the record to be booked without a second person."""

    units: int = 2
    per_mille: int = 20

    def allows(self, *, expected: int, counted: int) -> bool:
        """Within the units, or within the share of what was expected."""
        difference = abs(counted - expected)
        return difference <= self.units or difference * 1000 <= abs(expected) * self.per_mille


@dataclass(frozen=True, slots=True)
class Difference:
    """Units counted against the ledger at the count's instant. `value_micro`: at six digits; null: cost unknown."""

    expected: int
    counted: int
    unit_cost_micro: int | None = None

    @property
    def units(self) -> int:
        """Above zero: more was there than recorded."""
        return self.counted - self.expected

    @property
    def value_micro(self) -> int | None:
        """What the difference is worth."""
        return None if self.unit_cost_micro is None else self.units * self.unit_cost_micro


def needs_second_person(
    differences: Iterable[Difference], tolerance: Tolerance, *, value_limit_micro: int | None
) -> bool:
    """Whether a count waits for approval: a line beyond the tolerance, or differences worth more than the limit.

    A difference of unknown worth is judged by its units alone; gains and losses do not make up for each other.
    """
    found = list(differences)
    if not all(tolerance.allows(expected=it.expected, counted=it.counted) for it in found):
        return True
    worth = sum(abs(it.value_micro or 0) for it in found)
    return value_limit_micro is not None and worth > value_limit_micro


def residual(*, counted: int, ledger_now: int) -> int:
    """What the ledger says today of the count's instant beyond what was counted; zero while nothing came late."""
    return ledger_now - counted


@dataclass(frozen=True, slots=True)
class Record:
    """One stock record as the count list judges it. `silent_days`: since the last sale; rates in thousandths a day."""

    sku: str
    location: str
    on_hand: int
    unit_cost_micro: int | None
    missed_units: int = 0  # short picks and the like that no count has answered
    sold_per_day_milli: int = 0
    silent_days: int = 0
    movements_since_count: int = 0

    @property
    def suspicion_per_mille(self) -> int:
        """How likely the record is wrong, roughly: 1000 for what was missed or is below zero.

        Silence of an article that used to sell counts by the sales it should have made meanwhile (e in e / (1 + e)):
        the mark of stock that is not there. Each movement since the last count adds one, at most 300.
        """
        if self.missed_units or self.on_hand < 0:
            return 1000
        expected_milli = self.sold_per_day_milli * self.silent_days
        silence = 1000 * expected_milli // (1000 + expected_milli) if self.on_hand else 0
        return min(1000, max(silence, 20 + min(300, self.movements_since_count)))

    @property
    def at_risk_micro(self) -> int:
        """Value that may not be there: units × cost × suspicion; units of unknown cost count as one each."""
        cost = 1_000_000 if self.unit_cost_micro is None else self.unit_cost_micro
        return max(abs(self.on_hand), self.missed_units) * cost * self.suspicion_per_mille // 1000


def count_list(records: Iterable[Record]) -> list[Record]:
    """What to count first: by value at risk, then suspicion, then name."""
    return sorted(records, key=lambda it: (-it.at_risk_micro, -it.suspicion_per_mille, it.sku, it.location))


def record_accuracy(lines: Iterable[tuple[int, int]], tolerance: Tolerance) -> tuple[int, int]:
    """(accurate, counted): records within the tolerance, of all (expected, counted). No lines make no ratio."""
    found = list(lines)
    accurate = sum(tolerance.allows(expected=expected, counted=counted) for expected, counted in found)
    return accurate, len(found)
