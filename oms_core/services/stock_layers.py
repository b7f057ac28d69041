"""FIFO layers to read: what each place holds, at which cost and since when; now or then, as known now or then.

The layers are a replay of the ledger, so they add up to the stock of the same instant; nothing is kept.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from oms_core.domain.cost_layers import COST_SCALE, Layer, Layers, Moved, replay
from oms_core.domain.instants import DAY
from oms_core.domain.money import from_scaled
from oms_core.storage.bulk import select_where_in
from oms_core.storage.stock_ledger import StockKey
from oms_core.storage.tables import stock_movement, unit_cost

_OPENS_AT_LIST_COST = {"opening", "receive", "kit_produce"}  # a movement that brings no cost takes the dated one


@dataclass(frozen=True, slots=True)
class LayerRow:
    """Units of one cost and age at one place; units below zero are owed. Null: the cost is not known."""

    sku: str
    location: str
    condition: str
    units: int
    unit_cost: Decimal | None
    currency: str | None
    value: Decimal | None
    opened_at: int
    age_days: int


def layer_rows(
    connection: sa.Connection,
    *,
    at: int,
    sku: str | None = None,
    place: str | None = None,
    as_known: int | None = None,
) -> list[LayerRow]:
    """Layers at an instant by sku, location, condition, oldest first. They add up to the stock of that instant."""
    rows: list[LayerRow] = []
    for name, found in _replayed(connection, at, as_known, None if sku is None else [sku]):
        for (location, condition), layers in sorted(found.held.items()):
            if place in (None, location):
                rows.extend(_row((name, location, condition), layer, at) for layer in layers)
    return rows


def fifo_values(
    connection: sa.Connection, skus: Iterable[str], at: int, as_known: int | None = None
) -> dict[StockKey, tuple[Decimal, str]]:
    """(value, currency) by (sku, location, condition); missing where a layer's cost is not known or currencies mix."""
    values: dict[StockKey, tuple[Decimal, str]] = {}
    for name, found in _replayed(connection, at, as_known, skus):
        for place, layers in found.held.items():
            currencies = {layer.currency for layer in layers}
            known = [layer.value for layer in layers if layer.value is not None]
            if len(known) == len(layers) and len(currencies) == 1 and (currency := currencies.pop()):
                values[name, *place] = (from_scaled(sum(known), COST_SCALE), currency)
    return values


def newest_costs(connection: sa.Connection, skus: Iterable[str], at: int) -> dict[str, tuple[Decimal, str]]:
    """(unit cost, currency) of the newest layer of each SKU that has a cost, wherever it lies."""
    found: dict[str, tuple[Decimal, str]] = {}
    for name, result in _replayed(connection, at, None, skus):
        every = [layer for layers in [*result.held.values(), *result.taken.values()] for layer in layers]
        priced = [layer for layer in every if layer.unit_cost is not None and layer.currency is not None]
        if priced:
            newest = max(priced, key=lambda layer: (layer.opened_at, layer.opened_by))
            found[name] = (from_scaled(newest.unit_cost or 0, COST_SCALE), str(newest.currency))
    return found


def _row(key: StockKey, layer: Layer, at: int) -> LayerRow:
    return LayerRow(
        *key,
        units=layer.units,
        unit_cost=None if layer.unit_cost is None else from_scaled(layer.unit_cost, COST_SCALE),
        currency=layer.currency,
        value=None if layer.value is None else from_scaled(layer.value, COST_SCALE),
        opened_at=layer.opened_at,
        age_days=(at - layer.opened_at) // DAY,
    )


def _replayed(
    connection: sa.Connection, at: int, as_known: int | None, skus: Iterable[str] | None
) -> Iterator[tuple[str, Layers]]:
    wanted = None if skus is None else sorted(set(skus))
    costs = _list_costs(connection, wanted, as_known)
    movement = stock_movement.c
    statement = sa.select(stock_movement).where(movement.occurred_at <= at).order_by(movement.sku)
    if as_known is not None:
        statement = statement.where(movement.recorded_at <= as_known)
    rows: Iterable[Any] = (
        connection.execute(statement)
        if wanted is None
        else select_where_in(connection, statement, movement.sku, wanted)
    )
    for name, group in groupby(rows, key=lambda row: row.sku):
        yield name, replay(_moved(row, costs) for row in group)


_Costs = dict[tuple[str, str], tuple[list[int], list[tuple[int, str]]]]


def _list_costs(connection: sa.Connection, skus: list[str] | None, as_known: int | None) -> _Costs:
    """Dated costs by (sku, location): the instants from which they are valid, and (cost at COST_SCALE, currency)."""
    cost = unit_cost.c
    statement = sa.select(unit_cost).order_by(cost.sku, cost.location, cost.valid_from)
    if as_known is not None:
        statement = statement.where(cost.recorded_at <= as_known)
    rows: Iterable[Any] = (
        connection.execute(statement) if skus is None else select_where_in(connection, statement, cost.sku, skus)
    )
    found: _Costs = defaultdict(lambda: ([], []))
    for row in rows:
        since, values = found[row.sku, row.location]
        since.append(row.valid_from)
        values.append((_scaled(row.unit_cost, row.cost_scale), row.currency))
    return dict(found)


def _moved(row: Any, costs: _Costs) -> Moved:
    cost: tuple[int | None, str | None] = (None, None)
    if row.unit_cost is not None:
        cost = (_scaled(row.unit_cost, row.cost_scale), row.currency)
    elif row.kind in _OPENS_AT_LIST_COST:
        cost = _valid_cost(costs, row) or cost
    return Moved(
        movement_id=row.movement_id,
        key=f"{row.account}/{row.source_key}",
        location=row.location,
        condition=row.condition,
        kind=row.kind,
        quantity=int(row.quantity),
        occurred_at=row.occurred_at,
        unit_cost=cost[0],
        currency=cost[1],
        order=None if row.order_external_id is None else (row.order_account or row.account, row.order_external_id),
        document=None if row.document_ref is None else f"{row.document_kind}/{row.document_ref}",
        reverses_id=row.reverses_id,
    )


def _valid_cost(costs: _Costs, row: Any) -> tuple[int, str] | None:
    """The cost of the place, else of everywhere, that was valid when the goods came."""
    for place in (row.location, ""):
        since, values = costs.get((row.sku, place), ([], []))
        at = bisect_right(since, row.occurred_at)
        if at:
            return values[at - 1]
    return None


def _scaled(amount: int, scale: int) -> int:
    return int(amount) * int(10 ** (COST_SCALE - scale))
