"""Whether all that is still wanted of an order was shipped, and delivered."""

from collections.abc import Sequence
from typing import NamedTuple


class GoodsLine(NamedTuple):
    """The units of a line that ships. `wanted`: ordered less cancelled and moved elsewhere."""

    wanted: int
    shipped: int
    delivered: int


class Progress(NamedTuple):
    """How far an order is as a whole; an order of which nothing is wanted any more is neither."""

    is_shipped: bool
    is_delivered: bool


def progress_of(lines: Sequence[GoodsLine]) -> Progress:
    """How far the lines are together."""
    wanted = [line for line in lines if line.wanted > 0]
    return Progress(
        is_shipped=bool(wanted) and all(line.shipped >= line.wanted for line in wanted),
        is_delivered=bool(wanted) and all(line.delivered >= line.wanted for line in wanted),
    )
