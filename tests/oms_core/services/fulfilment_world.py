"""A small world for fulfilment: mugs, cups and a freezer of lots in two places, and orders that are allocated there.

Orders and promises are written as rows, so that a test of shipping does not depend on how they are placed or allocated.
"""

import hashlib
from collections.abc import Mapping
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.facts import SkuFact
from oms_core.domain.permissions import Actor, Role
from oms_core.services.commands import Call, Done, Outcome, Unit, UseCase, record, transact
from oms_core.services.pack_shipment import PackShipment, pack_shipment
from oms_core.services.pick_shipment import PickShipment, pick_shipment
from oms_core.services.release_wave import ReleaseWave, release_wave
from oms_core.services.ship_shipment import ShipShipment, ship_shipment
from oms_core.services.verify import run_checks
from oms_core.storage.changes import take_ids
from oms_core.storage.documents import Stamp
from oms_core.storage.engine import reading
from oms_core.storage.own_movements import OwnMovement, book_movements
from oms_core.storage.tables import (
    location,
    lot,
    order_event,
    order_hold,
    order_line,
    order_personal,
    sales_order,
    sku,
    stock_allocation,
)
from tests.builders import a_context, a_movement, a_place, contents, give, march

NOON = march(10, 12)
LEAD = Actor("lea", Role.OPS_LEAD)
CLERK = Actor("wim", Role.WAREHOUSE, locations=frozenset({"MAIN"}))
_STEPS = {
    "pending": [("place", "none", "pending")],
    "confirmed": [("place", "none", "pending"), ("confirm", "pending", "confirmed")],
    "cancelled": [("place", "none", "pending"), ("cancel", "pending", "cancelled")],
}


class World:
    """One core with goods in it, and shorthand for what happens there."""

    def __init__(self, core: sa.Engine) -> None:
        self.core = core
        self._keys = count(1)
        places = a_context(a_place("MAIN"), a_place("EAST"))
        units = {("MUG", "MAIN"): 10, ("MUG", "EAST"): 10, ("CUP", "MAIN"): 5}
        facts = [a_movement(f"{name}/{place}", units=n, sku=name, location=place) for (name, place), n in units.items()]
        give(core, *facts, SkuFact("MILK"), context=places)
        self._write(lambda connection, stamp: connection.execute(sku.update().values(weight_grams=400)))

    def run(self, case: UseCase[Any], request: object, *, actor: Actor = LEAD, now: int = NOON, key: str = "") -> Any:
        """The document that a use case answers."""
        return case(self.core, request, Call(key or f"key-{next(self._keys)}", actor, now)).document

    def order(
        self,
        number: str = "A-1",
        *,
        lines: Mapping[str, int] | None = None,
        state: str = "confirmed",
        method: str | None = None,
        **more: Any,
    ) -> int:
        """The id of an order of the account `shop`, one line a SKU, keyed by it."""

        def work(connection: sa.Connection, stamp: Stamp) -> int:
            (order_id,) = take_ids(connection, "sales_order", 1)
            clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
            values = {
                "order_id": order_id,
                "account": "shop",
                "external_id": number,
                "placed_at": march(9),
                "currency": "EUR",
                "lifecycle": "none",
                "last_event_seq": 0,
                "fulfilled_here": True,
                "total_amount": 500 * sum((lines or {"MUG": 3}).values()),
                "country": "DE",
                "delivery_method": method,
            }
            connection.execute(sales_order.insert().values(**(values | more), **clocks))
            connection.execute(
                order_personal.insert().values(order_id=order_id, name="Ada", city="Bonn", postcode="53111")
            )
            for seq, (event, before, after) in enumerate(_STEPS[state], start=1):
                connection.execute(
                    order_event.insert().values(
                        order_id=order_id,
                        seq=seq,
                        event=event,
                        from_state=before,
                        to_state=after,
                        occurred_at=march(9),
                        actor=LEAD.name,
                        **clocks,
                    )
                )
            for name, quantity in (lines or {"MUG": 3}).items():
                (line_id,) = take_ids(connection, "order_line", 1)
                connection.execute(
                    order_line.insert().values(
                        line_id=line_id,
                        order_id=order_id,
                        line_key=name,
                        line_kind="item",
                        sku=name,
                        quantity=quantity,
                        line_amount=500 * quantity,
                        money_scale=2,
                        fulfilled_here=True,
                        content_sha256=hashlib.sha256(name.encode()).hexdigest(),
                        **clocks,
                    )
                )
            return order_id

        return int(self._write(work))

    def promise(self, order_id: int, units: Mapping[tuple[str, str], int], *, kind: str = "allocate") -> None:
        """Allocate units of (sku, location) to the lines of an order, or release them."""

        def work(connection: sa.Connection, stamp: Stamp) -> None:
            for (name, place), quantity in units.items():
                (allocation_id,) = take_ids(connection, "stock_allocation", 1)
                line = sa.select(order_line.c.line_id).where(
                    order_line.c.order_id == order_id, order_line.c.line_key == name
                )
                connection.execute(
                    stock_allocation.insert().values(
                        allocation_id=allocation_id,
                        kind=kind,
                        order_id=order_id,
                        line_id=connection.execute(line).scalar_one(),
                        sku=name,
                        location=place,
                        quantity=quantity,
                        actor=LEAD.name,
                        occurred_at=march(9),
                        recorded_at=stamp.recorded_at,
                        change_id=stamp.change_id,
                    )
                )

        self._write(work)

    def hold(self, order_id: int, kind: str = "fraud") -> None:
        """Put a hold on an order, its state left as it is."""

        def work(connection: sa.Connection, stamp: Stamp) -> None:
            (hold_id,) = take_ids(connection, "order_hold", 1)
            connection.execute(
                order_hold.insert().values(
                    hold_id=hold_id,
                    order_id=order_id,
                    kind=kind,
                    reason="looks odd",
                    actor=LEAD.name,
                    occurred_at=march(9),
                    recorded_at=stamp.recorded_at,
                    change_id=stamp.change_id,
                )
            )

        self._write(work)

    def cancel(self, order_id: int) -> None:
        """Cancel a confirmed order and give back what is allocated to it, whatever its shipments hold."""
        for name, place, units in self.rows(
            f"select sku, location, allocated from line_allocation where order_id = {order_id} and allocated > 0"
        ):
            self.promise(order_id, {(name, place): units}, kind="release")
        self._event(order_id, "cancel", "confirmed", "cancelled")

    def _event(self, order_id: int, event: str, before: str, after: str) -> None:
        def work(connection: sa.Connection, stamp: Stamp) -> None:
            last = sa.select(sales_order.c.last_event_seq).where(sales_order.c.order_id == order_id)
            connection.execute(
                order_event.insert().values(
                    order_id=order_id,
                    seq=connection.execute(last).scalar_one() + 1,
                    event=event,
                    from_state=before,
                    to_state=after,
                    occurred_at=march(9),
                    actor=LEAD.name,
                    recorded_at=stamp.recorded_at,
                    change_id=stamp.change_id,
                )
            )

        self._write(work)

    def track_by_lot(self, name: str, kind: str, lots: Mapping[str, int | None]) -> None:
        """Let a SKU ask for lots (or serials), with the expiry of each."""

        def work(connection: sa.Connection, stamp: Stamp) -> None:
            connection.execute(sku.update().where(sku.c.sku == name).values(tracking=kind))
            for lot_name, expires_at in lots.items():
                clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
                connection.execute(lot.insert().values(sku=name, lot=lot_name, expires_at=expires_at, **clocks))

        self._write(work)

    def weigh(self, name: str, grams: int | None) -> None:
        """Let a unit weigh so much; null: nobody knows."""
        heavy = sku.update().where(sku.c.sku == name).values(weight_grams=grams)
        self._write(lambda connection, stamp: connection.execute(heavy))

    def prefer(self, place: str) -> None:
        """Let a location be preferred to others."""
        better = location.update().where(location.c.location == place).values(priority=5)
        self._write(lambda connection, stamp: connection.execute(better))

    def title(self, name: str, text: str) -> None:
        """Give a SKU a title."""
        titled = sku.update().where(sku.c.sku == name).values(title=text)
        self._write(lambda connection, stamp: connection.execute(titled))

    def receive_lots(self, name: str, lots: Mapping[str, int]) -> None:
        """Units of lots that come in at MAIN."""
        movements = [
            OwnMovement(name, "MAIN", "sellable", "receive", units, march(3), "receipt", "R-1", at, lot=lot_name)
            for at, (lot_name, units) in enumerate(lots.items())
        ]
        self._write(lambda connection, stamp: book_movements(connection, stamp, movements))

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with reading(self.core) as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]

    def stock(self, name: str = "MUG", place: str = "MAIN") -> tuple[int, int]:
        """Sellable units on hand and promised."""
        ((on_hand, committed),) = self.rows(
            "select on_hand, committed from stock_balance"
            f" where sku = '{name}' and location = '{place}' and condition = 'sellable'"
        )
        return on_hand, committed

    def line(self, order_id: int, name: str = "MUG") -> tuple[int, int, int]:
        """Allocated, shipped and delivered units of a line."""
        ((allocated, shipped, delivered),) = self.rows(
            "select allocated_quantity, shipped_quantity, delivered_quantity from order_line"
            f" where order_id = {order_id} and line_key = '{name}'"
        )
        return allocated, shipped, delivered

    def order_state(self, order_id: int) -> str:
        """The state of an order's life cycle."""
        ((state,),) = self.rows(f"select lifecycle from sales_order where order_id = {order_id}")
        return str(state)

    def milestones(self, order_id: int) -> list[tuple[str, int, int]]:
        """(milestone, number, instant) of an order, sorted."""
        return [
            (name, seq, at)
            for name, seq, at in self.rows(
                "select milestone, seq, occurred_at from order_milestone"
                f" where order_id = {order_id} order by milestone, seq"
            )
        ]

    def attempt(self, case: UseCase[Any], request: object) -> tuple[str, Any]:
        """("done", document) or (code of the refusal, null)."""
        try:
            return "done", self.run(case, request)
        except RuleViolationError as refused:
            return refused.code, None

    def refusal(self, case: UseCase[Any], request: object, **how: Any) -> RuleViolationError | InvalidRequestError:
        """The refusal of a request, after which nothing has changed; it says what to do."""
        before = contents(self.core)
        with pytest.raises((RuleViolationError, InvalidRequestError)) as refused:
            self.run(case, request, **how)
        assert contents(self.core) == before
        assert isinstance(refused.value, RuleViolationError | InvalidRequestError)
        assert refused.value.remedy
        return refused.value

    def released(self, place: str = "MAIN") -> str:
        """The number of the one shipment that a wave releases at a place."""
        (wave,) = self.run(release_wave, ReleaseWave(place))["waves"]
        (number,) = wave["shipments"]
        return str(number)

    def packed(self, place: str = "MAIN") -> str:
        """The number of the one shipment that is released, picked and packed at a place."""
        number = self.released(place)
        self.run(pick_shipment, PickShipment(number))
        self.run(pack_shipment, PackShipment(number))
        return number

    def shipped(self, place: str = "MAIN") -> str:
        """The number of the one shipment that left a place."""
        number = self.packed(place)
        self.run(ship_shipment, ShipShipment(number))
        return number

    def check(self) -> None:
        """Every invariant holds."""
        with reading(self.core) as connection:
            broken = [check for check in run_checks(connection) if check.rows]
        assert not broken, broken

    def _write(self, work: Any) -> Any:
        """What `work` returns, written by a command of the test's own."""
        key = f"setup-{next(self._keys)}"

        def attempt(unit: Unit) -> Any:
            answer = work(unit.connection, unit.stamp)
            record(unit, [Done(key, "test.set_up", "", Outcome("test", key, {}, topic=""))])
            return answer

        return transact(self.core, Call(key, LEAD, NOON), attempt)
