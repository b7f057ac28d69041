"""FIFO cost layers of one SKU: a pure replay of its movements, so that a back-dated fact simply takes its place.

Rules, each as small as it can be:

- Goods that come in open a layer with their unit cost and the instant they came (their age).
- What leaves takes the oldest layers of its place; a transfer or a change of condition takes them along, cost and age.
- What comes back from an order opens layers at the cost and age with which the order's units left, first left first.
- Units that leave before they came are owed: a layer below zero, whose cost is that of the goods that cover it.
- A movement and its reversal never happened. Found units are worth the newest cost known, if they bring none.

Money is an integer at `COST_SCALE` digits and belongs to whole units, so that nothing is ever divided: the value of a
place is the sum of units × unit cost, and it is rounded once, where it is shown. A total that does not divide by its
units becomes two layers one step apart (`spread`), the dearer one first, so that the layers add up to the total.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import IntEnum
from itertools import groupby
from typing import NamedTuple

from oms_core.domain.stock import MovementKind

COST_SCALE = 6
Place = tuple[str, str]  # location, condition


class Moved(NamedTuple):
    """One movement of the SKU. `unit_cost` at COST_SCALE; `order`: whose goods they are; `document` pairs two legs."""

    movement_id: int
    key: str
    location: str
    condition: str
    kind: str
    quantity: int
    occurred_at: int
    unit_cost: int | None = None
    currency: str | None = None
    order: tuple[str | None, str] | None = None
    document: str | None = None
    reverses_id: int | None = None


class Layer(NamedTuple):
    """Units of one cost and age. Below zero: units owed, their cost not known yet."""

    units: int
    unit_cost: int | None
    currency: str | None
    opened_at: int
    opened_by: int  # the movement that opened it

    @property
    def value(self) -> int | None:
        """Units × unit cost at COST_SCALE; null where the cost is not known."""
        return None if self.unit_cost is None else self.units * self.unit_cost


class Layers(NamedTuple):
    """What is left by place, oldest first, and what each outgoing movement took."""

    held: dict[Place, list[Layer]]
    taken: dict[int, list[Layer]]


def spread(total: int, units: int) -> list[tuple[int, int]]:
    """(units, unit cost) that add up to `total` exactly: the remainder makes the first units one step dearer."""
    cost, rest = divmod(total, units)
    return [part for part in ((rest, cost + 1), (units - rest, cost)) if part[0]]


def replay(movements: Iterable[Moved]) -> Layers:
    """The layers after these movements, whatever the order they are given in."""
    return _Replay().run(_effective(movements))


_MOVES_OUT = {MovementKind.TRANSFER_OUT, MovementKind.CONDITION_OUT}
_MOVES_IN = {MovementKind.TRANSFER_IN, MovementKind.CONDITION_IN}


def _effective(movements: Iterable[Moved]) -> list[Moved]:
    known = list(movements)
    ids = {it.movement_id for it in known}
    undone = {it.reverses_id for it in known if it.reverses_id in ids}
    return [it for it in known if it.movement_id not in undone and it.reverses_id not in undone]


class _Phase(IntEnum):
    """At one instant: what comes in, then what moves, then what leaves, then what comes back."""

    IN = 0
    MOVE = 1
    OUT = 2
    BACK = 3


def _phase(it: Moved) -> _Phase:
    """A reversal whose movement is not there (it is not known yet) simply takes out or brings in."""
    if it.reverses_id is None and (it.kind in _MOVES_OUT or it.kind in _MOVES_IN):
        return _Phase.MOVE
    if it.reverses_id is None and it.kind == MovementKind.RETURN_IN:
        return _Phase.BACK
    return _Phase.IN if it.quantity > 0 else _Phase.OUT


def _place_in_time(it: Moved) -> tuple[int, int, str, int]:
    """What happens first; moves of one instant in the order they were booked, everything else by its key."""
    phase = _phase(it)
    return (it.occurred_at, phase, "" if phase is _Phase.MOVE else it.key, it.movement_id)


class _Replay:
    def __init__(self) -> None:
        self.held: dict[Place, list[Layer]] = defaultdict(list)
        self.units: dict[Place, int] = defaultdict(int)
        self.taken: dict[int, list[Layer]] = defaultdict(list)
        self.moving: dict[tuple[str, str | None], list[Layer]] = defaultdict(list)
        self.sold: dict[tuple[str | None, str], list[int]] = defaultdict(list)  # order → its ship movements
        self.returned: dict[int, int] = defaultdict(int)  # ship movement → units of it that came back
        self.newest: tuple[int | None, str | None] = (None, None)

    def run(self, movements: list[Moved]) -> Layers:
        ordered = sorted(movements, key=_place_in_time)
        for _, group in groupby(ordered, key=lambda it: it.occurred_at):
            self._instant(list(group))
        held = {place: _joined(layers) for place, layers in self.held.items() if layers}
        return Layers(held, {key: _joined(layers) for key, layers in self.taken.items()})

    def _instant(self, waiting: list[Moved]) -> None:
        """Each movement when what it needs is there, whatever the order the legs of a move stand in."""
        while waiting:
            left = [it for it in waiting if not self._happens(it, force=len(waiting) == 1)]
            if len(left) == len(waiting):  # goods left before they came: the first that leaves owes them
                first = min(left, key=lambda it: (it.quantity > 0, _phase(it)))
                self._happens(first, force=True)
                left.remove(first)
            waiting = left

    def _happens(self, it: Moved, *, force: bool) -> bool:
        """Whether it happened: it does where what it needs is there, or where it is forced to."""
        phase = _phase(it)
        if phase is _Phase.IN:
            self._come_in(it)
        elif phase is _Phase.MOVE:
            return self._moved(it, force=force)
        elif phase is _Phase.OUT:
            if self.units[_place(it)] + it.quantity < 0 and not force:
                return False
            self._leave(it)
        else:
            if it.order is not None and self._sold_units(it.order) < it.quantity and not force:
                return False
            self._bring_back(it)
        return True

    def _come_in(self, it: Moved) -> None:
        cost = (it.unit_cost, it.currency)
        if it.unit_cost is None:
            cost = self.newest
        self._put(_place(it), Layer(it.quantity, *cost, it.occurred_at, it.movement_id))
        if it.unit_cost is not None:
            self.newest = cost

    def _leave(self, it: Moved) -> None:
        if it.kind == MovementKind.SHIP and it.order is not None:
            self.sold[it.order].append(it.movement_id)
        self._take(it)

    def _moved(self, it: Moved, *, force: bool) -> bool:
        queue = self.moving[_way(it)]
        if it.kind in _MOVES_OUT:
            if self.units[_place(it)] + it.quantity < 0 and not force:
                return False
            self._take(it)
            queue.extend(self._known_part(it))
            return True
        if sum(layer.units for layer in queue) < it.quantity and not force:
            return False
        missing = it.quantity
        for layer in _drawn(queue, it.quantity):
            missing -= layer.units
            self._put(_place(it), layer)
        if missing:
            self._put(_place(it), Layer(missing, it.unit_cost, it.currency, it.occurred_at, it.movement_id))
        return True

    def _known_part(self, it: Moved) -> Iterator[Layer]:
        """What a leg took; units it owed travel without a cost."""
        taken = list(self.taken[it.movement_id])
        yield from taken
        owed = -it.quantity - sum(layer.units for layer in taken)
        if owed:
            yield Layer(owed, None, None, it.occurred_at, it.movement_id)

    def _sold_units(self, order: tuple[str | None, str]) -> int:
        """Units of an order that left and have not come back."""
        sales = self.sold.get(order, [])
        return sum(sum(layer.units for layer in self.taken[sale]) - self.returned[sale] for sale in sales)

    def _bring_back(self, it: Moved) -> None:
        missing = it.quantity
        for sale in self.sold.get(it.order, []) if it.order else []:
            back = self.returned[sale]
            parts = list(self.taken[sale])
            _drawn(parts, back)
            for layer in _drawn(parts, missing):
                missing -= layer.units
                self.returned[sale] += layer.units
                self._put(_place(it), layer)
        if missing:
            cost = (it.unit_cost, it.currency) if it.unit_cost is not None else self.newest
            self._put(_place(it), Layer(missing, *cost, it.occurred_at, it.movement_id))

    def _take(self, it: Moved) -> None:
        layers = self.held[_place(it)]
        self.units[_place(it)] += it.quantity
        missing = -it.quantity
        taken = self.taken[it.movement_id]
        if not layers or layers[0].units > 0:
            for layer in _drawn(layers, missing):
                missing -= layer.units
                taken.append(layer)
        if missing:
            layers.append(Layer(-missing, None, None, it.occurred_at, it.movement_id))

    def _put(self, place: Place, layer: Layer) -> None:
        """Cover what is owed first, oldest debt first; keep the rest by age."""
        layers = self.held[place]
        self.units[place] += layer.units
        while layers and layers[0].units < 0 and layer.units:
            owed = layers[0]
            covered = min(-owed.units, layer.units)
            self.taken[owed.opened_by].append(layer._replace(units=covered))
            layer = layer._replace(units=layer.units - covered)
            layers[:1] = [owed._replace(units=owed.units + covered)] if owed.units + covered else []
        if layer.units:
            layers.insert(bisect_right(layers, layer.opened_at, key=_opened_at), layer)


def _opened_at(layer: Layer) -> int:
    return layer.opened_at


def _place(it: Moved) -> Place:
    return (it.location, it.condition)


def _way(it: Moved) -> tuple[str, str | None]:
    is_transfer = it.kind in {MovementKind.TRANSFER_OUT, MovementKind.TRANSFER_IN}
    return ("transfer" if is_transfer else "condition", it.document)


def _drawn(layers: list[Layer], wanted: int) -> list[Layer]:
    """At most `wanted` units from the front, taken off."""
    drawn: list[Layer] = []
    whole = 0
    for layer in layers:
        if not wanted:
            break
        units = min(wanted, layer.units)
        wanted -= units
        drawn.append(layer._replace(units=units))
        if units < layer.units:
            layers[whole] = layer._replace(units=layer.units - units)
            break
        whole += 1
    del layers[:whole]
    return drawn


def _joined(layers: Iterable[Layer]) -> list[Layer]:
    """Neighbours that differ in nothing but their units, as one."""
    joined: list[Layer] = []
    for layer in layers:
        if joined and joined[-1][1:] == layer[1:]:
            joined[-1] = layer._replace(units=joined[-1].units + layer.units)
        else:
            joined.append(layer)
    return joined
