"""Orders that belong together: what was split from one order, and what was merged into another.

Money is paid for the family: a part that was split off has no payment of its own, and an order that was merged away
keeps the ones it had.
"""

from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa

from oms_core.domain.payments import Cover, Tender, cover
from oms_core.storage.bulk import select_where_in
from oms_core.storage.payment_store import tenders_of, totals_of
from oms_core.storage.tables import sales_order


def family_of(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """The ids of each order's family, itself included, ascending; just itself for an ordinary order.

    Links are followed in both directions until no new order is found; a split is at most a few orders deep.
    """
    wanted = set(order_ids)
    links = _links(connection, wanted)
    families: dict[int, tuple[int, ...]] = {}
    for order_id in wanted:
        if order_id in families:
            continue
        members, ahead = {order_id}, [order_id]
        while ahead:
            for other in links.get(ahead.pop(), ()):
                if other not in members:
                    members.add(other)
                    ahead.append(other)
        family = tuple(sorted(members))
        families.update((member, family) for member in members & wanted)
    return families


def _links(connection: sa.Connection, wanted: set[int]) -> dict[int, set[int]]:
    """Neighbours of the orders, of their neighbours, and so on."""
    order = sales_order.c
    links: dict[int, set[int]] = {}
    known, ahead = set(wanted), set(wanted)
    statement = sa.select(order.order_id, order.parent_order_id, order.relation, order.merged_into_id)
    linked = sa.or_(
        sa.and_(order.parent_order_id.is_not(None), order.relation == "split"), order.merged_into_id.is_not(None)
    )
    while ahead:
        rows = [
            row
            for column in (order.order_id, order.parent_order_id, order.merged_into_id)
            for row in select_where_in(connection, statement.where(linked), column, ahead)
        ]
        found: set[int] = set()
        for row in rows:
            parent = row.parent_order_id if row.relation == "split" else None
            for other in (parent, row.merged_into_id):
                if other is not None:
                    links.setdefault(row.order_id, set()).add(other)
                    links.setdefault(other, set()).add(row.order_id)
                    found |= {row.order_id, other}
        ahead = found - known
        known |= found
    return links


class FamilyMoney(NamedTuple):
    """What a family of orders costs and how it is paid."""

    total: int
    tenders: tuple[Tender, ...]

    @property
    def cover(self) -> Cover:
        """How the tenders cover the total."""
        return cover(self.total, self.tenders)


def family_money(connection: sa.Connection, order_ids: Iterable[int]) -> dict[int, FamilyMoney]:
    """By order: the money of its family; minor units of the order's currency."""
    families = family_of(connection, order_ids)
    members = sorted({member for family in families.values() for member in family})
    totals = totals_of(connection, members)
    tenders = tenders_of(connection, members)
    return {
        order_id: FamilyMoney(
            sum(totals[member] for member in family),
            tuple(it.tender for member in family for it in tenders.get(member, [])),
        )
        for order_id, family in families.items()
    }
