"""One operation inside a write transaction of a core on SQLite: a row put, its parents, an order's events.

Belongs here: how a row gets in. What a test may say happened is in `core_rows.py`.
"""

from datetime import UTC, datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from oms_core.domain.instants import to_micros
from oms_core.domain.lifecycles import first_steps, steps_between
from oms_core.domain.orders import Lifecycle
from oms_core.storage import tables
from oms_core.storage.changes import next_change_id

ACTOR = "test"
CONTENT = "x"  # stands for the hash of what a feed sent
COST_SCALE = RATE_SCALE = 4
KEPT_BY_TRIGGER = {"sales_order": ("lifecycle", "last_event_seq")}


def micros(text: str) -> int:
    """Microseconds since 1970 of an ISO instant; without an offset it is UTC."""
    moment = datetime.fromisoformat(text)
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def scaled(amount: str | None, digits: int) -> int | None:
    """The integer that stands for a decimal at so many digits."""
    return None if amount is None else int(Decimal(amount).scaleb(digits))


RECORDED_AT = micros("2026-06-01")


def place(location: str, *, listing: str = "ever_moved", allows_negative_stock: bool = True) -> dict[str, object]:
    """The columns of a location that is valued by dated costs."""
    return {
        "location": location,
        "name": location,
        "allows_negative_stock": allows_negative_stock,
        "opening_from_first_balance": False,
        "valuation": "dated",
        "listing": listing,
    }


def base_rate(base: tuple[str, str] | None) -> dict[str, object]:
    """The columns of a document's rate; `base` is (currency, rate), none where nobody knew one."""
    currency, rate = base or (None, None)
    scale = RATE_SCALE if base else None
    return {"base_currency": currency, "base_rate": scaled(rate, RATE_SCALE), "base_rate_scale": scale}


def line_content(
    key: str, *, kind: str, sku: str | None, quantity: int, amount: str, scale: int = 2
) -> dict[str, object]:
    """The columns that lines of orders and of returns share."""
    return {
        "line_key": key,
        "line_kind": kind,
        "sku": sku,
        "quantity": quantity,
        "line_amount": scaled(amount, scale),
        "money_scale": scale,
        "content_sha256": CONTENT,
    }


class Writing:
    """One operation; it takes one change number and gives it to every row."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.change_id = next_change_id(connection)

    def put(self, table: sa.Table, **values: object) -> None:
        """Insert a row, or change the one with its key; a journal refuses the change."""
        row = self._stamped(values)
        key = [column.name for column in table.primary_key.columns]
        if table not in tables.JOURNALS:
            kept = {*key, *KEPT_BY_TRIGGER.get(table.name, ())}
            changed = {name: value for name, value in row.items() if name not in kept}
            same = sa.and_(*(table.c[name] == row[name] for name in key))
            if self.connection.execute(table.update().where(same).values(changed)).rowcount:
                return
        self.connection.execute(insert(table).values(row))

    def account(self, account: str) -> None:
        """A parent: a web shop that moves stock."""
        self._ensure(tables.channel_account, account=account, channel="web", name=account, moves_stock=True)

    def sku(self, sku: str | None) -> None:
        """A parent: an article of which only the code is known."""
        if sku is not None:
            self._ensure(tables.sku, sku=sku)

    def location(self, location: str) -> None:
        """A parent: a place that allows stock below zero."""
        self._ensure(tables.location, **place(location))

    def customer(self, customer_id: int | None, account: str) -> None:
        """A parent: a buyer of whom nothing is known."""
        if customer_id is not None:
            self._ensure(tables.customer, customer_id=customer_id, account=account)

    def bring_order_to(self, lifecycle: Lifecycle, *, order_id: int, at: int) -> None:
        """Write the events that lead from the state an order is in to another one."""
        order = tables.sales_order.c
        statement = sa.select(order.lifecycle, order.last_event_seq).where(order.order_id == order_id)
        found = self.connection.execute(statement).one()
        now = Lifecycle(found.lifecycle)
        steps = first_steps(lifecycle) if now is Lifecycle.NONE else steps_between(now, lifecycle)
        assert steps is not None, f"no way leads from {now} to {lifecycle}"
        for seq, (event, before, after) in enumerate(steps, start=found.last_event_seq + 1):
            states = {"event": event, "from_state": before, "to_state": after}
            self.put(tables.order_event, order_id=order_id, seq=seq, **states, occurred_at=at, actor=ACTOR)

    def line(self, line_id: int) -> sa.RowMapping:
        """An order line as it stands."""
        statement = sa.select(tables.order_line).where(tables.order_line.c.line_id == line_id)
        return self.connection.execute(statement).mappings().one()

    def leave(self, line_id: int, kind: str, quantity: int, *, amount: int = 0) -> None:
        """Bring the units of a line that were cancelled or moved to so many, by an entry of its journal."""
        line = self.line(line_id)
        delta = quantity - line["cancelled_quantity"] if kind == "cancel" else quantity
        if delta:
            self.put(
                tables.line_entry,
                entry_id=line["last_entry_id"] + 1 if line["last_entry_id"] else line_id * 1000,
                line_id=line_id,
                order_id=line["order_id"],
                kind=kind,
                quantity=delta,
                amount=amount,
                source_kind="test",
                source_ref="test",
                actor=ACTOR,
                occurred_at=RECORDED_AT,
            )

    def _ensure(self, table: sa.Table, **values: object) -> None:
        self.connection.execute(insert(table).values(self._stamped(values)).on_conflict_do_nothing())

    def _stamped(self, values: dict[str, object]) -> dict[str, object]:
        return {"change_id": self.change_id, "recorded_at": RECORDED_AT, **values}
