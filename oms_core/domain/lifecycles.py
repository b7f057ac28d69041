"""How a reported state is reached: the implied steps of a first report, and the way from one state to another."""

from collections import deque
from collections.abc import Iterable

from oms_core.domain.orders import IMPLIED_STEPS, TRANSITIONS, Lifecycle, OrderEvent

Step = tuple[OrderEvent, Lifecycle, Lifecycle]

# Without a version to compare, the state further on wins, whichever report arrives first.
_PROGRESS = (
    Lifecycle.NONE,
    Lifecycle.PENDING,
    Lifecycle.CONFIRMED,
    Lifecycle.ON_HOLD,
    Lifecycle.CLOSED,
    Lifecycle.CANCELLED,
)


def first_steps(state: Lifecycle) -> list[Step]:
    """The events that bring a new order to the state its channel reports."""
    steps: list[Step] = []
    at = Lifecycle.NONE
    for event in IMPLIED_STEPS[state]:
        to_state = next(after for before, name, after in TRANSITIONS if before is at and name is event)
        steps.append((event, at, to_state))
        at = to_state
    return steps


def steps_between(start: Lifecycle, target: Lifecycle) -> list[Step] | None:
    """The shortest chain of events from one state to another; null where no chain leads there."""
    chains: deque[tuple[Lifecycle, list[Step]]] = deque([(start, [])])
    seen = {start}
    while chains:
        at, steps = chains.popleft()
        if at is target:
            return steps
        for before, event, after in TRANSITIONS:
            if before is at and after not in seen:
                seen.add(after)
                chains.append((after, [*steps, (event, before, after)]))
    return None


def is_further(target: Lifecycle, current: Lifecycle) -> bool:
    """Whether `target` lies further on in an order's life than `current`."""
    return _PROGRESS.index(target) > _PROGRESS.index(current)


def furthest(states: Iterable[Lifecycle]) -> Lifecycle:
    """The state furthest on in an order's life, of one or more."""
    return max(states, key=_PROGRESS.index)
