"""Lots and serial numbers: which there are, what each holds, which of them leave."""

from collections.abc import Iterable

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.lots import Lot, choose_lots, require_tracking
from oms_core.storage.bulk import select_where_in
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import lot, lot_balance, sku

LotUnits = tuple[str | None, int]


def tracking_of(connection: sa.Connection, skus: Iterable[str]) -> dict[str, str]:
    """`none`, `lot` or `serial` by SKU.

    Raises:
        InvalidRequestError: SKU_UNKNOWN.
    """
    wanted = sorted(set(skus))
    rows = select_where_in(connection, sa.select(sku.c.sku, sku.c.tracking), sku.c.sku, wanted)
    found = {row.sku: str(row.tracking) for row in rows}
    if missing := [name for name in wanted if name not in found]:
        raise InvalidRequestError(
            "SKU_UNKNOWN",
            f"there is no article {', '.join(missing)}",
            remedy="Define the article first, or correct the SKU.",
        )
    return found


def ensure_lot(connection: sa.Connection, stamp: Stamp, name: str, lot_name: str, expires_at: int | None) -> None:
    """Add the lot where it is new; a known one keeps its expiry.

    Raises:
        RuleViolationError: LOT_EXPIRY_DIFFERS.
    """
    statement = sa.select(lot.c.expires_at).where(lot.c.sku == name, lot.c.lot == lot_name)
    known = connection.execute(statement).first()
    if known is None:
        clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
        connection.execute(lot.insert().values(sku=name, lot=lot_name, expires_at=expires_at, **clocks))
    elif expires_at is not None and known.expires_at != expires_at:
        raise RuleViolationError(
            "LOT_EXPIRY_DIFFERS",
            f"lot {lot_name} of {name} is known with another expiry",
            remedy="Check the label; one lot has one expiry.",
        )


def lots_at(connection: sa.Connection, name: str, place: str, condition: str = "sellable") -> list[Lot]:
    """Lots with units at a place, in the order of their names."""
    held = lot_balance.c
    statement = (
        sa.select(held.lot, held.on_hand, lot.c.expires_at)
        .join(lot, sa.and_(lot.c.sku == held.sku, lot.c.lot == held.lot))
        .where(held.sku == name, held.location == place, held.condition == condition, held.on_hand > 0)
        .order_by(held.lot)
    )
    return [Lot(row.lot, int(row.on_hand), row.expires_at) for row in connection.execute(statement)]


def lots_that_leave(
    connection: sa.Connection,
    name: str,
    place: str,
    condition: str,
    quantity: int,
    *,
    tracking: str,
    lot_name: str | None,
    at: int,
    with_expired: bool = False,
) -> list[LotUnits]:
    """(lot, units) that leave: the named lot, else first expired first out. A SKU without lots leaves as it is.

    Raises:
        InvalidRequestError: LOT_NOT_ASKED.
        RuleViolationError: LOT_SHORT where no lot that may leave holds the units; SERIAL_ONE_UNIT.
    """
    if tracking == "none" or lot_name is not None:
        require_tracking(name, tracking, lot=lot_name, units=quantity)
        return [(lot_name, quantity)]
    choice = choose_lots(quantity, lots_at(connection, name, place, condition), -1 if with_expired else at)
    if choice.missing:
        raise RuleViolationError(
            "LOT_SHORT",
            f"{quantity} of {name} are asked for, lots at {place} that may leave hold {quantity - choice.missing}",
            remedy="Count the lots there, or ask for fewer.",
            sku=name,
            location=place,
        )
    return list(choice.chosen)
