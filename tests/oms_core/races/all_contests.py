"""Every race by its name."""

from tests.oms_core.races.contests import (
    GoodsArrive,
    LastUnitAllocated,
    LastUnitReserved,
    LossAgainstReserve,
    ManyLines,
    Race,
    SameCancel,
    SameOrder,
    SameReceipt,
    ThreeEnders,
)
from tests.oms_core.races.more_contests import (
    LastUnitReturned,
    SameCard,
    SameParcel,
    SamePurchase,
    SameRefund,
    SameTransfer,
    SupplyArrives,
)

RACES: dict[str, type[Race]] = {
    race.__name__: race
    for race in (
        LastUnitReserved,
        LastUnitAllocated,
        ManyLines,
        ThreeEnders,
        LossAgainstReserve,
        SameCancel,
        SameReceipt,
        SameOrder,
        GoodsArrive,
        SameParcel,
        LastUnitReturned,
        SameCard,
        SameRefund,
        SamePurchase,
        SameTransfer,
        SupplyArrives,
    )
}
