"""How far an order is: the milestones `shipped` and `delivered`, and the close of an order with nothing left to do.

All of it is worked out anew from the lines and their journal, so it may be asked after any change.
"""

from oms_core.domain.order_progress import GoodsLine, progress_of
from oms_core.domain.orders import Lifecycle, OrderEvent
from oms_core.services.commands import Unit
from oms_core.storage import progress_store, shipment_store


def note_progress(unit: Unit, order_id: int) -> str:
    """The order's state after what its lines say was written down; the order's row must be locked.

    A milestone is written once everything that is still wanted was shipped (delivered), with the instant of the last
    of it; again if a parcel came back and was sent again. The order closes when all that is wanted was delivered and
    nothing about it is open.
    """
    connection, stamp = unit.connection, unit.stamp
    order = progress_store.order_state(connection, order_id)
    rows = shipment_store.goods_lines(connection, order_id)
    progress = progress_of(
        [
            GoodsLine(
                row.quantity - row.cancelled_quantity - row.moved_quantity, row.shipped_quantity, row.delivered_quantity
            )
            for row in rows
            if row.fulfilled_here
        ]
    )
    if progress.is_shipped:
        progress_store.note_milestone(connection, stamp, order_id, "shipped", entry_kind="ship")
    if progress.is_delivered:
        progress_store.note_milestone(connection, stamp, order_id, "delivered", entry_kind="deliver")
    if (
        progress.is_delivered
        and order.lifecycle == Lifecycle.CONFIRMED.value
        and not progress_store.is_anything_open(connection, order_id)
    ):
        progress_store.add_order_event(
            connection,
            stamp,
            order,
            OrderEvent.CLOSE,
            Lifecycle.CLOSED,
            occurred_at=unit.call.now,
            reason="everything was delivered",
        )
        return Lifecycle.CLOSED.value
    state: str = order.lifecycle
    return state
