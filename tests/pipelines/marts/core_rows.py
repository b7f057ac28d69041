"""Facts for the analytics tests as sentences, written as rows into a real core on SQLite.

Belongs here: what a test may say happened. Every rule of the database acts on the rows it leaves: an order gets its
state from events, a balance from movements, journals take nothing twice.

One sentence is one operation with one change number. So the high mark of a core tells how many operations it has had,
whichever process applied them: one script feeds several homes, and a longer script goes on where a shorter one ended.
"""

import functools
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError
from oms_core.domain.orders import Lifecycle
from oms_core.services.company import prepare
from oms_core.settings import Settings
from oms_core.storage import schema, tables
from oms_core.storage.changes import high_mark
from oms_core.storage.engine import open_engine, reading, write
from tests.pipelines.marts.row_writing import (
    ACTOR,
    CONTENT,
    COST_SCALE,
    RECORDED_AT,
    Writing,
    base_rate,
    line_content,
    micros,
    place,
    scaled,
)

Operation = Callable[[Writing], None]


@dataclass(frozen=True, slots=True)
class Company:
    """Settings to prepare a core with."""

    time_zone: str
    base_currency: str | None


class CoreRows:
    """A script of facts. A sentence said again with the same key changes its row."""

    def __init__(self, *, time_zone: str = "UTC", base_currency: str | None = None) -> None:
        self._script: list[Operation | Company] = []
        self.company(time_zone=time_zone, base_currency=base_currency)

    def apply(self, settings: Settings) -> None:
        """Write what the core of a home does not have yet; a core that is not there is made."""
        engine = open_engine(settings)
        try:
            rest = self._script[_operations_had(engine) :]
            for is_company, group in itertools.groupby(rest, key=lambda one: isinstance(one, Company)):
                if is_company:
                    _prepare(settings, group)
                else:
                    write(engine, functools.partial(_write_rows, list(group)))
            assert _operations_had(engine) == len(self._script), "an operation takes one change number"
        finally:
            engine.dispose()

    # --- sentences a test can read ---------------------------------------------------------------

    def company(self, *, time_zone: str, base_currency: str | None = None) -> None:
        """The company's settings; said again, a new version of them."""
        self._script.append(Company(time_zone, base_currency))

    def account(self, account: str = "shop", *, channel: str = "web", moves_stock: bool = True) -> None:
        """One channel account."""
        values = {"account": account, "channel": channel, "name": account, "moves_stock": moves_stock}
        self._script.append(lambda core: core.put(tables.channel_account, **values))

    def location(
        self, location: str = "main", *, listing: str = "ever_moved", allows_negative_stock: bool = True
    ) -> None:
        """One place that holds stock, valued by dated costs."""
        values = place(location, listing=listing, allows_negative_stock=allows_negative_stock)
        self._script.append(lambda core: core.put(tables.location, **values))

    def sku(self, sku: str, *, category: str | None = None) -> None:
        """One article."""
        self._script.append(lambda core: core.put(tables.sku, sku=sku, title=sku.title(), category=category))

    def cost(self, sku: str, cost: str, *, valid_from: str, location: str = "", currency: str = "EUR") -> None:
        """A dated unit cost, at four digits."""

        def write_cost(core: Writing) -> None:
            core.sku(sku)
            core.put(
                tables.unit_cost,
                sku=sku,
                location=location,
                valid_from=micros(valid_from),
                unit_cost=scaled(cost, COST_SCALE),
                cost_scale=COST_SCALE,
                currency=currency,
            )

        self._script.append(write_cost)

    def order(
        self,
        order_id: int,
        *,
        placed_at: str,
        currency: str = "EUR",
        account: str = "shop",
        lifecycle: str = "confirmed",
        country: str | None = None,
        base: tuple[str, str] | None = None,
        customer_id: int | None = None,
    ) -> None:
        """An order's header and the events that lead to its state; `base` is (currency, rate)."""

        def write_order(core: Writing) -> None:
            core.account(account)
            core.customer(customer_id, account)
            core.put(
                tables.sales_order,
                order_id=order_id,
                account=account,
                external_id=f"O-{order_id}",
                placed_at=micros(placed_at),
                currency=currency,
                customer_id=customer_id,
                country=country,
                lifecycle="none",
                last_event_seq=0,
                **base_rate(base),
            )
            core.bring_order_to(Lifecycle(lifecycle), order_id=order_id, at=micros(placed_at))

        self._script.append(write_order)

    def line(
        self,
        line_id: int,
        order_id: int,
        *,
        amount: str,
        quantity: int = 1,
        sku: str | None = None,
        kind: str = "item",
        cancelled: int = 0,
        scale: int = 2,
    ) -> None:
        """An order line; the amount is the whole line's."""

        def write_line(core: Writing) -> None:
            core.sku(sku)
            core.put(
                tables.order_line,
                line_id=line_id,
                order_id=order_id,
                **line_content(str(line_id), kind=kind, sku=sku, quantity=quantity, amount=amount, scale=scale),
            )
            core.leave(line_id, "cancel", cancelled)

        self._script.append(write_line)

    def moved(self, line_id: int, to_line: int, to_order: int, *, quantity: int, amount: str) -> None:
        """Units of a line that a split moved to a new line of another order, with their part of the amount."""

        def write_move(core: Writing) -> None:
            line = core.line(line_id)
            values = {name: line[name] for name in ("line_kind", "sku", "money_scale", "content_sha256")}
            values |= {"line_key": str(to_line), "line_amount": scaled(amount, line["money_scale"])}
            placed_with = line["origin_order_id"] or line["order_id"]
            core.put(
                tables.order_line,
                line_id=to_line,
                order_id=to_order,
                origin_order_id=placed_with,
                quantity=quantity,
                **values,
            )
            core.leave(line_id, "move", quantity, amount=values["line_amount"])

        self._script.append(write_move)

    def returned(
        self,
        return_id: int,
        *,
        at: str,
        amount: str,
        quantity: int = 1,
        sku: str | None = None,
        kind: str = "item",
        order: str | None = None,
        account: str = "shop",
        currency: str = "EUR",
        base: tuple[str, str] | None = None,
    ) -> None:
        """A return document with one line; `order` is the order's number as the source names it."""

        def write_return(core: Writing) -> None:
            core.account(account)
            core.sku(sku)
            core.put(
                tables.return_order,
                return_id=return_id,
                account=account,
                external_id=f"R-{return_id}",
                order_external_id=order,
                returned_at=micros(at),
                currency=currency,
                **base_rate(base),
            )
            content = line_content("1", kind=kind, sku=sku, quantity=quantity, amount=amount)
            core.put(tables.return_line, return_line_id=return_id, return_id=return_id, **content)

        self._script.append(write_return)

    def move(
        self,
        movement_id: int,
        sku: str,
        quantity: int,
        *,
        kind: str,
        at: str,
        location: str = "main",
        condition: str = "sellable",
        reverses: int | None = None,
        account: str = "shop",
        order: str | None = None,
    ) -> None:
        """A ledger entry, later ones with greater ids; the balance follows by itself. `order`: as the source says."""

        def write_movement(core: Writing) -> None:
            core.account(account)
            core.sku(sku)
            core.location(location)
            core.put(
                tables.stock_movement,
                movement_id=movement_id,
                account=account,
                source_key=str(movement_id),
                sku=sku,
                location=location,
                condition=condition,
                kind=kind,
                quantity=quantity,
                occurred_at=micros(at),
                order_account=account if order else None,
                order_external_id=order,
                reverses_id=reverses,
                content_sha256=CONTENT,
                actor=ACTOR,
            )

        self._script.append(write_movement)

    def observe(
        self,
        snapshot_id: int,
        sku: str,
        quantity: int,
        *,
        at: str,
        cost: str | None = None,
        location: str = "main",
        currency: str = "EUR",
        account: str = "shop",
    ) -> None:
        """An observed quantity, with the unit cost seen beside it."""

        def write_observation(core: Writing) -> None:
            core.account(account)
            core.sku(sku)
            core.location(location)
            core.put(
                tables.stock_snapshot,
                snapshot_id=snapshot_id,
                account=account,
                sku=sku,
                location=location,
                condition="sellable",
                observed_at=micros(at),
                quantity=quantity,
                unit_cost=scaled(cost, COST_SCALE),
                cost_scale=COST_SCALE if cost else None,
                currency=currency if cost else None,
                content_sha256=CONTENT,
            )

        self._script.append(write_observation)


def _operations_had(engine: sa.Engine) -> int:
    try:
        with reading(engine) as connection:
            schema.require(connection)
            return high_mark(connection) - 1
    except InvalidRequestError:  # HOME_NOT_READY: there is no core yet
        return 0


def _prepare(settings: Settings, companies: Iterable[Any]) -> None:
    for company in companies:
        given = {"time_zone": company.time_zone, "base_currency": company.base_currency}
        prepare(settings, **given, actor=ACTOR, now=RECORDED_AT)


def _write_rows(operations: Sequence[Any], connection: sa.Connection) -> None:
    for operation in operations:
        operation(Writing(connection))
