"""The world of a scenario: a real core, a clock, people by what they are, and what the last command answered."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import OmsError
from oms_core.domain.instants import to_micros
from oms_core.domain.money import from_scaled, parse_exact
from oms_core.domain.order_requests import Address, NewCustomer, NewLine, NewPayment, PlaceOrder
from oms_core.domain.permissions import Actor, Role
from oms_core.services.commands import Call, UseCase
from oms_core.services.place_orders import place_order
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.verify import run_checks
from oms_core.storage.engine import reading

PEOPLE = {
    "the shop": Role.FEED_SERVICE,
    "the clerk": Role.SUPPORT,
    "the lead": Role.OPS_LEAD,
    "the other lead": Role.OPS_LEAD,
    "the picker": Role.WAREHOUSE,
    "the planner": Role.PLANNER,
    "finance": Role.FINANCE,
    "the administrator": Role.ADMIN,
    "the viewer": Role.VIEWER,
    "the customer": Role.CUSTOMER,
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)  # a Monday


@dataclass
class World:
    """What the steps of one scenario share."""

    core: sa.Engine
    now: datetime = NOON
    refusal: OmsError | None = None
    answer: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # what a scenario calls something, and what the core does
    places: dict[str, list[str]] = field(default_factory=dict)  # person, and the sites he is confined to
    _watch: sa.Connection | None = None
    _keys: Any = field(default_factory=lambda: count(1))

    @property
    def micros(self) -> int:
        """The clock, in microseconds."""
        return to_micros(self.now)

    def wait(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def actor(self, who: str) -> Actor:
        """The person; a customer reaches the orders the scenario placed."""
        role = PEOPLE[who]
        own = frozenset(self.rows("select order_id from sales_order")) if role is Role.CUSTOMER else None
        sites = self.places.get(who)
        orders = None if own is None else frozenset(row[0] for row in own)
        return Actor(who, role, locations=frozenset(sites) if sites else None, orders=orders)

    def given(self, who: str, use_case: UseCase[Any], request: object) -> dict[str, Any]:
        """Do what a scenario takes for granted: a refusal is an error of the scenario."""
        self.wait(minutes=1)
        self.answer = use_case(
            self.core, request, Call(f"given-{next(self._keys)}", self.actor(who), self.micros)
        ).document
        return self.answer

    def when(self, who: str, use_case: UseCase[Any], request: object, *, key: str | None = None) -> dict[str, Any]:
        """Do what the scenario is about; a refusal is kept for its Then, and must have changed nothing."""
        assert self.refusal is None, f"an earlier step was refused: {self.refusal}"
        self.wait(minutes=1)
        before = self._commits()
        try:
            call = Call(key or f"when-{next(self._keys)}", self.actor(who), self.micros)
            self.answer = use_case(self.core, request, call).document
        except OmsError as error:
            self.refusal = error
            assert self._commits() == before, "a refusal changed something"
        return self.answer

    def _commits(self) -> int:
        """A number that changes when anybody else commits to the file: read on one connection that is kept."""
        if self._watch is None:
            self._watch = self.core.connect().execution_options(sqlite_begin="DEFERRED")
        value = int(self._watch.exec_driver_sql("pragma data_version").scalar_one())
        self._watch.rollback()
        return value

    def refused(self, code: str) -> None:
        """The last command was refused, by this rule; the refusal says what to do."""
        assert self.refusal is not None, f"nothing was refused; the answer was {self.answer}"
        assert self.refusal.code == code, str(self.refusal)
        assert self.refusal.remedy
        self.refusal = None

    def end(self) -> None:
        """Nothing is left unsaid, and every invariant holds."""
        if self._watch is not None:
            self._watch.close()
        assert self.refusal is None, f"a refusal that no Then speaks of: {self.refusal}"
        with reading(self.core) as connection:
            assert [check for check in run_checks(connection) if check.rows] == []

    # --- reading ------------------------------------------------------------------------------------

    def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        """Rows of a statement on the core."""
        with reading(self.core) as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement), values)]

    def one(self, statement: str, **values: Any) -> Any:
        """The one value of a statement."""
        ((value,),) = self.rows(statement, **values)
        return value

    def line(self, number: str, name: str) -> dict[str, Any]:
        """The line of an order by its article, or by its key."""
        statement = """select l.* from order_line as l join sales_order as o on o.order_id = l.order_id
            where o.external_id = :number and (l.line_key = :name or l.sku = :name)
            order by l.line_key <> :name, l.line_id"""
        with reading(self.core) as connection:
            found = connection.execute(sa.text(statement), {"number": self.number(number), "name": name}).mappings()
            return dict(found.first() or {})

    def number(self, name: str) -> str:
        """The number the core gave to what the scenario calls by a name of its own."""
        return self.names.get(name, name).partition("/")[2] or self.names.get(name, name)

    def line_promised(self, number: str) -> bool:
        """Whether any unit of the order is promised."""
        statement = """select coalesce(sum(l.allocated_quantity), 0) from order_line as l
            join sales_order as o on o.order_id = l.order_id where o.external_id = :number"""
        return bool(self.one(statement, number=self.number(number)))

    def promised_places(self, number: str) -> list[str]:
        """Locations that the order is promised goods from."""
        statement = """select distinct a.location from line_allocation as a
            join sales_order as o on o.order_id = a.order_id
            where o.external_id = :number and a.allocated > 0 order by a.location"""
        return [row[0] for row in self.rows(statement, number=self.number(number))]

    def shipments(self, number: str) -> list[str]:
        """Numbers of the order's shipments that are not over."""
        statement = """select s.number from shipment as s join sales_order as o on o.order_id = s.order_id
            where o.external_id = :number and s.state not in ('cancelled', 'delivered') order by s.shipment_id"""
        return [row[0] for row in self.rows(statement, number=self.number(number))]

    def newest_child(self, number: str) -> str:
        """ACCOUNT/number of the order that was split off last."""
        statement = """select c.account || '/' || c.external_id from sales_order as c
            join sales_order as o on o.order_id = c.parent_order_id
            where o.external_id = :number order by c.order_id desc limit 1"""
        return str(self.one(statement, number=self.number(number)))

    def shipment(self, number: str, place: str | None = None) -> str:
        """The number of an order's newest shipment that is not cancelled (at a location)."""
        statement = """select s.number from shipment as s join sales_order as o on o.order_id = s.order_id
            where o.external_id = :number and s.state <> 'cancelled' and (:place is null or s.location = :place)
            order by s.shipment_id desc limit 1"""
        return str(self.one(statement, number=self.number(number), place=place))

    def return_request(self, number: str) -> str:
        """The number of an order's newest return request."""
        statement = """select r.number from return_request as r join sales_order as o on o.order_id = r.order_id
            where o.external_id = :number order by r.request_id desc limit 1"""
        return str(self.one(statement, number=self.number(number)))

    # --- making -------------------------------------------------------------------------------------

    def order(self, number: str, goods: str, *, terms: str = "on_account", **more: Any) -> PlaceOrder:
        """An order to place: `3 "MUG" and 1 "CUP" at 9.90`, prices 10.00 unless said."""
        payments: tuple[NewPayment, ...] = more.pop("payments", ())
        return PlaceOrder(
            account=more.pop("account", "web"),
            number=number,
            placed_at=self.micros,
            currency=more.pop("currency", "EUR"),
            lines=tuple(self._lines(goods)),
            customer=more.pop("customer", NewCustomer(f"C-{number}", "Ada Byron", "ada@example.org")),
            ship_to=more.pop(
                "ship_to", Address("Ada Byron", None, None, f"Hauptstr. {number}", "Berlin", "10115", "DE")
            ),
            payment_terms=terms,
            payments=payments,
            **more,
        )

    def _lines(self, goods: str) -> list[NewLine]:
        lines = []
        for part in re.split(r",\s*|\s+and\s+", goods):
            match = re.fullmatch(r'(\d+) "([^"]+)"(?: at ([\d.]+))?', part.strip())
            assert match, f'a line reads as 3 "MUG" at 9.90, not as {part!r}'
            price = parse_exact(match[3] or "10.00").at(2)
            lines.append(NewLine(match[2], match[2], int(match[1]), price))
        return lines

    def place(self, number: str, goods: str, **more: Any) -> dict[str, Any]:
        """Place an order that the scenario takes for granted."""
        return self.given("the shop", place_order, self.order(number, goods, **more))

    def stock(self, units: int, name: str, place: str, **more: Any) -> None:
        """Receive units that the scenario takes for granted."""
        line = ReceivedLine(name, units, **more)
        self.given("the lead", receive_goods, ReceiveGoods(place, (line,)))


def money(units: int | None, digits: int = 2) -> Decimal:
    """Minor units as they are written."""
    return from_scaled(units or 0, digits)
