"""Builds one home whose core has a given number of orders; started as a process of its own to be killed.

Usage: python -m tests.pipelines.assets.killed_build HOME ORDERS
"""

import sys
from pathlib import Path

from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home


def core_with(orders: int) -> CoreRows:
    """Orders of one unit at 1.00 each: orders, units and net sales are one number.

    A bigger core goes on where a smaller one ends.
    """
    core = CoreRows(base_currency="EUR")
    core.cost("MUG", "0.50", valid_from="2026-01-01")
    core.move(0, "MUG", 100_000, kind="opening", at="2026-01-01")
    for number in range(1, orders + 1):
        placed_at = f"2026-01-{number % 28 + 1:02d}T10:00:00"
        core.order(number, placed_at=placed_at)
        core.line(number, number, amount="1.00", sku="MUG")
        core.move(number, "MUG", -1, kind="ship", at=placed_at)
    return core


if __name__ == "__main__":
    result = build_home(Path(sys.argv[1]), core_with(int(sys.argv[2])))
    sys.exit(0 if result.snapshot else 1)
