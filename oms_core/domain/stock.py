"""Stock: kinds of movement, the sign each carries, and the conditions goods can be in."""

from enum import StrEnum


class MovementKind(StrEnum):
    """Why units came or went."""

    OPENING = "opening"
    RECEIVE = "receive"
    SHIP = "ship"
    TRANSFER_OUT = "transfer_out"
    TRANSFER_IN = "transfer_in"
    ADJUST_GAIN = "adjust_gain"
    ADJUST_LOSS = "adjust_loss"
    RETURN_IN = "return_in"
    CONDITION_OUT = "condition_out"
    CONDITION_IN = "condition_in"
    SCRAP = "scrap"
    KIT_CONSUME = "kit_consume"
    KIT_PRODUCE = "kit_produce"


MOVEMENT_KINDS = tuple(kind.value for kind in MovementKind)

# +1 brings units in, -1 takes them out; an opening balance may be either. A reversal carries the other sign.
MOVEMENT_SIGN: dict[MovementKind, int] = {
    MovementKind.RECEIVE: 1,
    MovementKind.SHIP: -1,
    MovementKind.TRANSFER_OUT: -1,
    MovementKind.TRANSFER_IN: 1,
    MovementKind.ADJUST_GAIN: 1,
    MovementKind.ADJUST_LOSS: -1,
    MovementKind.RETURN_IN: 1,
    MovementKind.CONDITION_OUT: -1,
    MovementKind.CONDITION_IN: 1,
    MovementKind.SCRAP: -1,
    MovementKind.KIT_CONSUME: -1,
    MovementKind.KIT_PRODUCE: 1,
}


class Condition(StrEnum):
    """The state the units are in; only `sellable` units can be promised."""

    SELLABLE = "sellable"
    INSPECTION = "inspection"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    RECALLED = "recalled"


CONDITIONS = tuple(condition.value for condition in Condition)
