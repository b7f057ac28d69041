"""Accounts, locations, goods and their unit costs: added when first named, described when a feed describes them."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import RuleViolationError
from oms_core.domain.facts import AccountFact, CostFact, LocationFact, SkuFact
from oms_core.storage.bulk import insert_rows, select_where_in
from oms_core.storage.documents import Stamp
from oms_core.storage.tables import channel_account, location, sku, stock_balance, unit_cost


def ensure_account(connection: sa.Connection, fact: AccountFact, stamp: Stamp) -> None:
    """Add the account, or bring its description up to date."""
    same = channel_account.c.account == fact.account
    row = connection.execute(sa.select(channel_account).where(same)).first()
    values = {"channel": fact.channel, "name": fact.name, "moves_stock": fact.moves_stock}
    if row is None:
        clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
        connection.execute(channel_account.insert().values(account=fact.account, **values, **clocks))
    elif any(getattr(row, name) != value for name, value in values.items()):
        connection.execute(channel_account.update().where(same).values(**values, change_id=stamp.change_id))


def ensure_location(connection: sa.Connection, fact: LocationFact, stamp: Stamp) -> None:
    """Add the location, or bring its policies up to date; a policy changes no balance.

    Raises:
        RuleViolationError: STOCK_BELOW_ZERO where it would turn strict while units are missing.
    """
    same = location.c.location == fact.location
    row = connection.execute(sa.select(location).where(same)).first()
    names = ["name", "country", "allows_negative_stock", "opening_from_first_balance", "valuation", "listing"]
    values = {name: getattr(fact, name) for name in names}
    if row is None:
        clocks = {"recorded_at": stamp.recorded_at, "change_id": stamp.change_id}
        connection.execute(location.insert().values(location=fact.location, **values, **clocks))
    elif any(getattr(row, name) != value for name, value in values.items()):
        if row.allows_negative_stock and not fact.allows_negative_stock:
            require_no_debt(connection, fact.location)
        connection.execute(location.update().where(same).values(**values, change_id=stamp.change_id))


def require_no_debt(connection: sa.Connection, place: str) -> None:
    """Raise RuleViolationError STOCK_BELOW_ZERO where units are missing at a place that would turn strict."""
    balance = stock_balance.c
    missing = sa.select(sa.func.count()).where(
        balance.location == place, balance.on_hand + balance.shortage < balance.committed
    )
    if count := connection.execute(missing).scalar_one():
        raise RuleViolationError(
            "STOCK_BELOW_ZERO",
            f"{place} has {count} balances below zero and cannot turn strict",
            remedy="Load the receipts or adjustments that are missing first, or let the place stay as it is.",
        )


def ensure_skus(connection: sa.Connection, named: Iterable[str], stamp: Stamp) -> None:
    """Add goods that a fact names and nobody described yet; title and category stay null until a catalogue comes."""
    wanted = set(named)
    known = set(select_where_in(connection, sa.select(sku.c.sku), sku.c.sku, wanted))
    fresh = sorted(wanted - {row[0] for row in known})
    rows = [(name, None, None, stamp.recorded_at, stamp.change_id) for name in fresh]
    insert_rows(connection, sku, ("sku", "title", "category", "recorded_at", "change_id"), rows)


def describe_skus(connection: sa.Connection, facts: Sequence[SkuFact], stamp: Stamp) -> int:
    """Describe goods as the catalogue does; returns the rows written.

    Title and category follow the catalogue; a list price and a reorder point stay where it gives none.
    """
    described = {fact.sku: fact for fact in facts}
    names = ("title", "category", "list_price", "list_price_scale", "list_currency", "reorder_point")
    statement = sa.select(sku.c.sku, *(sku.c[name] for name in names))
    known = {row.sku: row for row in select_where_in(connection, statement, sku.c.sku, described)}
    fresh = [fact for key, fact in described.items() if key not in known]
    rows = [(it.sku, *(getattr(it, name) for name in names), stamp.recorded_at, stamp.change_id) for it in fresh]
    insert_rows(connection, sku, ("sku", *names, "recorded_at", "change_id"), rows)
    changed = []
    for key, row in known.items():
        fact = described[key]
        values = {
            name: getattr(row if name in names[2:] and getattr(fact, name) is None else fact, name) for name in names
        }
        if any(getattr(row, name) != value for name, value in values.items()):
            changed.append({"b_sku": key, "change_id": stamp.change_id, **values})
    if changed:
        statement_update = sku.update().where(sku.c.sku == sa.bindparam("b_sku"))
        bound: dict[str, Any] = {name: sa.bindparam(name) for name in (*names, "change_id")}
        connection.execute(statement_update.values(**bound), changed)
    return len(fresh) + len(changed)


def record_costs(connection: sa.Connection, facts: Sequence[CostFact], stamp: Stamp) -> list[str]:
    """Keep unit costs not known yet; returns what contradicts a known one of the same instant."""
    wanted: dict[tuple[str, str, int], CostFact] = {}
    contradictions = [
        fact
        for fact in facts
        if (first := wanted.setdefault((fact.sku, fact.location, fact.valid_from), fact))
        and (first.unit_cost, first.cost_scale) != (fact.unit_cost, fact.cost_scale)
    ]
    statement = sa.select(
        unit_cost.c.sku, unit_cost.c.location, unit_cost.c.valid_from, unit_cost.c.unit_cost, unit_cost.c.cost_scale
    )
    skus = {key[0] for key in wanted}
    known: dict[tuple[Any, ...], tuple[Any, ...]] = {
        tuple(row[:3]): tuple(row[3:]) for row in select_where_in(connection, statement, unit_cost.c.sku, skus)
    }
    columns = ["sku", "location", "valid_from", "unit_cost", "cost_scale", "currency", "recorded_at", "change_id"]
    rows = [
        (*key, fact.unit_cost, fact.cost_scale, fact.currency, stamp.recorded_at, stamp.change_id)
        for key, fact in wanted.items()
        if key not in known
    ]
    insert_rows(connection, unit_cost, columns, rows)
    contradictions += [
        fact for key, fact in wanted.items() if key in known and known[key] != (fact.unit_cost, fact.cost_scale)
    ]
    return [f"{fact.sku}/{fact.location}/{fact.valid_from}" for fact in contradictions]
