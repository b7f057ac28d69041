"""Random numbers for the sample company: one independent stream a subject, all decisions in whole numbers.

Only `random.Random.random` is drawn from (its Mersenne Twister and its string seeding are documented to stay the
same between Python versions), and no logarithm or exponential is taken, so a seed gives the same company everywhere.
"""

import random
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")


class Stream:
    """Random whole numbers for one subject of one seed."""

    def __init__(self, seed: int, subject: str) -> None:
        self._source = random.Random(f"{seed}/{subject}")

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self._source.random() * (high - low + 1))

    def chance(self, per_mille: int) -> bool:
        """True in `per_mille` of a thousand cases."""
        return self._source.random() * 1000 < per_mille

    def pick(self, things: Sequence[T]) -> T:
        """One of `things`, each as likely."""
        return things[self.between(0, len(things) - 1)]

    def rounded(self, milli: int) -> int:
        """`milli` thousandths as a whole number, rounded up or down at random so that the mean is kept."""
        return (milli + self.between(0, 999)) // 1000


class WeightedChoice:
    """Draws positions of a list of whole-number weights in proportion to them."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._upper = list(accumulate(weights))

    def draw(self, stream: Stream) -> int:
        """A position; one of weight zero is never drawn."""
        return bisect_right(self._upper, stream.between(0, self._upper[-1] - 1))
