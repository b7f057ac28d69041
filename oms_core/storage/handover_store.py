"""Hand-over codes as they are kept: salt, hash and tries left, one a shipment, never exported."""

import sqlalchemy as sa

from oms_core.domain.handover import KeptCode
from oms_core.storage.tables import handover_code


def keep_code(connection: sa.Connection, shipment_id: int, code: KeptCode, *, tries: int) -> None:
    """Keep a code for a shipment, in place of one it had; the shipment's row must be locked."""
    forget_code(connection, shipment_id)
    connection.execute(
        handover_code.insert().values(
            shipment_id=shipment_id, salt=code.salt, code_hash=code.code_hash, tries_left=tries
        )
    )


def kept_code(connection: sa.Connection, shipment_id: int) -> tuple[KeptCode, int]:
    """What is kept for a shipment that waits, and the tries that are left."""
    statement = sa.select(handover_code).where(handover_code.c.shipment_id == shipment_id)
    row = connection.execute(statement.with_for_update()).one()
    return KeptCode(row.salt, row.code_hash), row.tries_left


def use_up_try(connection: sa.Connection, shipment_id: int) -> None:
    """One try less."""
    same = handover_code.c.shipment_id == shipment_id
    connection.execute(handover_code.update().where(same).values(tries_left=handover_code.c.tries_left - 1))


def forget_code(connection: sa.Connection, shipment_id: int) -> None:
    """Nothing is kept for the shipment any more."""
    connection.execute(handover_code.delete().where(handover_code.c.shipment_id == shipment_id))
