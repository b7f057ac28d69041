"""The stock of the sample company while its days pass: what is there, what is promised, what moved.

It refuses to go below zero: the company sells only what it has.
"""

from collections import defaultdict
from dataclasses import replace

from pipelines.sample_company.records import History, Movement


class StockWouldBeNegativeError(RuntimeError):
    """The simulation took more than was there: a mistake of the simulation, never a fact."""


class Stockroom:
    """On hand and promised units by site and SKU."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.on_hand: defaultdict[tuple[str, str, str], int] = defaultdict(int)
        self._promised: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._positions: defaultdict[tuple[str, str], int] = defaultdict(int)

    def free(self, location: str, sku: str) -> int:
        """Sellable units nobody was promised."""
        return self.on_hand[location, sku, "sellable"] - self._promised[location, sku]

    def promise(self, location: str, sku: str, units: int) -> None:
        """Keep units for an order."""
        if units > self.free(location, sku):
            message = f"promised {units} of {sku} at {location}, free {self.free(location, sku)}"
            raise StockWouldBeNegativeError(message)
        self._promised[location, sku] += units

    def release(self, location: str, sku: str, units: int) -> None:
        """Give promised units back: the order is cancelled or about to leave."""
        self._promised[location, sku] -= units

    def move(self, movement: Movement) -> None:
        """Record a movement; its position in its document is counted here."""
        key = (movement.location, movement.sku, movement.condition)
        if self.on_hand[key] + movement.signed < 0:
            message = f"{movement.kind} of {movement.units} {key}, on hand {self.on_hand[key]}"
            raise StockWouldBeNegativeError(message)
        self.on_hand[key] += movement.signed
        document = (movement.location, movement.document)
        self._positions[document] += 1
        self._history.movements.append(replace(movement, position=self._positions[document]))
