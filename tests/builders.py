"""Valid things to start from, so that a test names only what it is about.

The world of the builders: one account `shop`, goods called MUG, CUP …, the strict location MAIN, prices in euro cents,
and days of March 2026 in UTC.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from oms_core.domain.facts import (
    AccountFact,
    BalanceFact,
    CostFact,
    CustomerFact,
    FeedMessage,
    HeldRow,
    LineFact,
    LocationFact,
    MovementFact,
    OrderFact,
    ReturnFact,
    SkuFact,
)
from oms_core.domain.instants import to_micros
from oms_core.domain.orders import Lifecycle
from oms_core.domain.stock import MOVEMENT_SIGN, MovementKind
from oms_core.services.apply_feed import FeedContext, FeedCounts, apply_messages
from oms_core.services.company import prepare
from oms_core.services.verify import facts_digest, run_checks
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading

Fact = OrderFact | ReturnFact | MovementFact | BalanceFact | SkuFact | CostFact | HeldRow


def march(day: int, hour: int = 0, minute: int = 0) -> int:
    """An instant of March 2026, UTC."""
    return to_micros(datetime(2026, 3, day, hour, minute, tzinfo=UTC))


LAST_MICROSECOND = 86_400_000_000 - 1
NOW = march(31, 12)


def close_of(day: int) -> int:
    """The last microsecond of a day of March 2026, UTC: when a balance given for that day holds."""
    return march(day) + LAST_MICROSECOND


@contextlib.contextmanager
def ready_core(settings: Settings, *, time_zone: str = "UTC", currency: str | None = None) -> Iterator[sa.Engine]:
    """An empty core that is ready for facts; its connections are closed at the end."""
    prepare(settings, time_zone=time_zone, base_currency=currency, actor="test", now=NOW)
    engine = open_engine(settings)
    try:
        yield engine
    finally:
        engine.dispose()


def _content(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def a_line(key: str = "1", *, sku: str | None = "MUG", quantity: int = 1, cents: int = 500, **more: Any) -> LineFact:
    """One line of goods; `cents` is the amount of the whole line."""
    line = LineFact(
        line_key=key,
        line_kind="item",
        sku=sku,
        title=None,
        quantity=quantity,
        unit_price=None,
        line_amount=cents,
        money_scale=2,
        content_sha256="",
    )
    line = line._replace(**more)
    return line._replace(content_sha256=_content(line))


def an_order(number: str = "A-1", *lines: LineFact, **more: Any) -> OrderFact:
    """A confirmed order in euros, placed at noon of 2 March; one line of one mug unless lines are given."""
    order = OrderFact(
        external_id=number,
        placed_at=march(2, 12),
        currency="EUR",
        lifecycle=Lifecycle.CONFIRMED,
        lines=list(lines or [a_line()]),
    )
    return replace(order, **more)


def a_return(number: str = "R-1", *lines: LineFact, **more: Any) -> ReturnFact:
    """A return document of 5 March that names no order."""
    document = ReturnFact(external_id=number, returned_at=march(5, 12), currency="EUR", lines=list(lines or [a_line()]))
    return replace(document, **more)


def a_customer(reference: str = "C-1", **more: Any) -> CustomerFact:
    """A buyer."""
    return replace(CustomerFact(reference), **more)


def a_movement(
    key: str = "m1", *, kind: str = "receive", units: int = 5, at: int | None = None, **more: Any
) -> MovementFact:
    """`units` mugs that came to (or left, by kind) the location MAIN at noon of 2 March."""
    sign = MOVEMENT_SIGN.get(MovementKind(kind), 1)
    movement = MovementFact(
        source_key=key,
        sku="MUG",
        location="MAIN",
        condition="sellable",
        kind=kind,
        quantity=sign * units,
        occurred_at=march(2, 12) if at is None else at,
        content_sha256="",
    )
    movement = movement._replace(**more)
    return movement._replace(content_sha256=_content(movement))


def a_balance(units: int = 5, *, at: int | None = None, **more: Any) -> BalanceFact:
    """Mugs counted at MAIN at the close of 2 March."""
    balance = BalanceFact(
        sku="MUG",
        location="MAIN",
        condition="sellable",
        observed_at=close_of(2) if at is None else at,
        quantity=units,
        content_sha256="",
    )
    balance = balance._replace(**more)
    return balance._replace(content_sha256=_content(balance))


def a_cost(unit_cost: int = 200, *, since: int = 0, **more: Any) -> CostFact:
    """What a mug costs, in cents, everywhere, since ever."""
    return replace(CostFact("MUG", "", since, unit_cost, 2, "EUR"), **more)


def a_held_row(row_number: int = 7, **more: Any) -> HeldRow:
    """A row that did not fit."""
    row = HeldRow(
        row_key=f"group|content#{row_number}",
        path="orders.csv",
        row_number=row_number,
        column="qty",
        rule="not_a_whole_number",
        value="two",
        reason="'two' is no whole number",
        fix="Correct the cell.",
        payload='{"qty": "two"}',
    )
    return replace(row, **more)


def a_message(
    *facts: Fact, key: str | None = None, version: int | None = None, kind: str = "order_lines"
) -> FeedMessage:
    """A message that states `facts`; its key is its content unless one is given."""
    content = _content(*facts)
    documents = [fact.external_id for fact in facts if isinstance(fact, OrderFact | ReturnFact)]
    payload = f'{{"made by": "a builder", "content": "{content}"}}'
    message = FeedMessage(
        kind=kind,
        message_key=key or content,
        natural_key=documents[0] if documents else content[:8],
        payload=payload,
        sha256=hashlib.sha256(payload.encode()).hexdigest(),
        source_version=version,
    )
    lists: dict[type, list[Any]] = {
        OrderFact: message.orders,
        ReturnFact: message.returns,
        MovementFact: message.movements,
        BalanceFact: message.balances,
        SkuFact: message.skus,
        CostFact: message.costs,
        HeldRow: message.held,
    }
    for fact in facts:
        lists[type(fact)].append(fact)
    return message


def a_place(name: str = "MAIN", **more: Any) -> LocationFact:
    """A location that allows no stock below zero and books no opening."""
    return replace(LocationFact(name, name.title()), **more)


def a_context(*places: LocationFact, account: str = "shop", source: str = "table", zone: str = "UTC") -> FeedContext:
    """Who sends, and the places it may name: MAIN unless places are given."""
    return FeedContext(
        source, AccountFact(account, "web", account.title()), places or (a_place(),), ZoneInfo(zone), "feed"
    )


def give(core: sa.Engine, *facts: Fact | FeedMessage, context: FeedContext | None = None, now: int = NOW) -> FeedCounts:
    """Apply facts (each a message of its own) and messages in one batch."""
    messages = [fact if isinstance(fact, FeedMessage) else a_message(fact) for fact in facts]
    return apply_messages(core, context or a_context(), messages, now=now)


def rows_of(core: sa.Engine, statement: str) -> list[tuple[Any, ...]]:
    """The rows of a query, as plain tuples."""
    with reading(core) as connection:
        return [tuple(row) for row in connection.execute(sa.text(statement))]


def facts_of(core: sa.Engine, *, without: Sequence[str] = ()) -> dict[str, str]:
    """A digest by kind of fact, after every invariant was found to hold."""
    with reading(core) as connection:
        broken = [check for check in run_checks(connection) if check.rows]
        assert not broken, broken
        found = facts_digest(connection)
    return {name: f"{it['rows']} {it['sha256']}" for name, it in found.items() if name not in without}


def contents(core: sa.Engine) -> dict[str, list[str]]:
    """Every row of every table as text, sorted: two equal results mean that nothing changed."""
    with reading(core) as connection:
        names = [name for name in sorted(sa.inspect(connection).get_table_names()) if name != "counter"]
        return {name: sorted(map(str, connection.execute(sa.text(f"select * from {name}")))) for name in names}
