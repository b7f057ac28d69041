"""Rows of stock movements, observed balances and catalogues to facts. Pure: rows in, facts out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from oms_core.domain.facts import BalanceFact, CostFact, MovementFact, SkuFact
from oms_core.domain.instants import business_date, end_of_day
from oms_core.domain.money import Exact
from oms_core.domain.stock import CONDITIONS, MOVEMENT_SIGN, Condition
from pipelines.feeds.cells import CellFault, Record
from pipelines.feeds.column_map import ColumnMap, MovementRule
from pipelines.feeds.conditions import all_hold
from pipelines.feeds.parsed import Facts, Parsed, currency_fault


class StockRows:
    """Reads the rows of a stock file: each may state several movements and one observed balance."""

    def __init__(self, column_map: ColumnMap, zone: ZoneInfo) -> None:
        self._map = column_map
        self._zone = zone
        self._rules = [(rule, all_hold(rule.when)) for rule in column_map.movements]
        fields = {(rule.kind, rule.quantity) for rule in column_map.movements}
        kinds = Counter(kind for kind, _ in fields)
        self._kinds_of_several_fields = {kind for kind, count in kinds.items() if count > 1}
        # A row of a file with conditions on every movement must meet one of them: an unknown type is a fault.
        self._must_match = bool(self._rules) and all(rule.when for rule in column_map.movements)
        spec = column_map.columns.get("occurred_at")
        self._by_day = spec is None or spec.date_only is not None  # a constant is a day
        self._day_ends: dict[int, int] = {}

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """Movements and balances of one message's rows, with the rows that do not fit."""
        facts = Facts()
        for row in parsed:
            fault = self._fault(row.record)
            if fault is None:
                fault = self._state(row, facts)
            if fault is not None:
                facts.held.append((row, fault))
        return facts

    def _fault(self, record: Record) -> CellFault | None:
        place = record.get("location")
        if place not in self._map.locations:
            return CellFault(
                self._column("location"),
                "unknown_location",
                place,
                f"{place!r} is no location of the map",
                "Describe it under `locations:` in the map, then replay the row.",
            )
        condition = record.get("condition")
        if condition is not None and condition not in CONDITIONS:
            return CellFault(
                self._column("condition"),
                "unknown_code",
                condition,
                f"{condition!r} is none of {', '.join(CONDITIONS)}",
                "Add `codes:` for the column in the map, then replay the row.",
            )
        return None

    def _column(self, field: str) -> str:
        spec = self._map.columns.get(field)
        return spec.column if spec else field

    def _state(self, row: Parsed, facts: Facts) -> CellFault | None:
        movements: list[MovementFact] = []
        matched = False
        for rule, holds in self._rules:
            if not holds(row.record):
                continue
            matched = True
            units = signed_units(rule, row.record.get(rule.quantity) or 0)
            if units is None:
                return CellFault(
                    self._column(rule.quantity),
                    "quantity_sign",
                    str(row.record[rule.quantity]),
                    f"the sign is not that of {rule.kind.value}"
                    if rule.sign == "as_given"
                    else "units are above zero, the kind gives the sign",
                    "Correct the cell, or the movement's `sign:` or `when:` in the map.",
                )
            if units:
                movements.append(self._movement(row, rule, units))
        if self._must_match and not matched:
            return CellFault(
                self._column("type"),
                "unclassified",
                row.record.get("type"),
                "no movement of the map fits the row",
                "Add a rule under `movements:` in the map, then replay the row.",
            )
        balance = self._balance(row) if self._map.snapshot else None
        if isinstance(balance, CellFault):
            return balance
        facts.movements.extend(movements)
        if balance is not None:
            facts.balances.append(balance)
        return None

    def _movement(self, row: Parsed, rule: MovementRule, quantity: int) -> MovementFact:
        record = row.record
        within = f":{rule.quantity}" if rule.kind in self._kinds_of_several_fields else ""
        return MovementFact(
            source_key=f"{row.key}:{rule.kind.value}{within}",
            sku=record["sku"],
            location=record["location"],
            condition=record.get("condition") or Condition.SELLABLE.value,
            kind=rule.kind.value,
            quantity=quantity,
            occurred_at=record["occurred_at"],
            content_sha256=row.content,
            order_account=record.get("order_account"),
            order_external_id=record.get("order_id"),
            reason=record.get("reason"),
        )

    def _balance(self, row: Parsed) -> BalanceFact | CellFault | None:
        rule = self._map.snapshot
        units = row.record.get(rule.quantity) if rule else None
        if rule is None or units is None:
            return None
        cost: Exact | None = row.record.get(rule.unit_cost) if rule.unit_cost else None
        scaled = _scaled_cost(cost, self._column(rule.unit_cost or ""))
        if isinstance(scaled, CellFault):
            return scaled
        record = row.record
        currency: str = record.get("currency") or self._map.currency or ""
        if cost is not None and (fault := currency_fault(currency, self._column("currency"))):
            return fault
        return BalanceFact(
            sku=record["sku"],
            location=record["location"],
            condition=record.get("condition") or Condition.SELLABLE.value,
            observed_at=self._observed_at(record["occurred_at"]),
            quantity=units,
            content_sha256=row.content,
            unit_cost=scaled[0],
            cost_scale=scaled[1],
            currency=None if cost is None else currency,
        )

    def _observed_at(self, occurred_at: int) -> int:
        """A balance given for a day holds at its end."""
        if not self._by_day:
            return occurred_at
        if occurred_at not in self._day_ends:
            self._day_ends[occurred_at] = end_of_day(business_date(occurred_at, self._zone), self._zone)
        return self._day_ends[occurred_at]


class ProductRows:
    """Reads the rows of a catalogue: goods, and their unit cost from an instant on."""

    def __init__(self, column_map: ColumnMap) -> None:
        self._map = column_map

    def facts(self, parsed: Sequence[Parsed]) -> Facts:
        """Goods and costs of one message's rows, with the rows that do not fit."""
        facts = Facts()
        for row in parsed:
            record = row.record
            spec = self._map.columns.get("unit_cost")
            scaled = _scaled_cost(record.get("unit_cost"), spec.column if spec else "")
            if isinstance(scaled, CellFault):
                facts.held.append((row, scaled))
                continue
            currency: str = record.get("currency") or self._map.currency or ""
            named = self._map.columns.get("currency")
            fault = currency_fault(currency, named.column if named else "currency")
            if (scaled[0] is not None or record.get("list_price") is not None) and fault is not None:
                facts.held.append((row, fault))
                continue
            price: Exact | None = record.get("list_price")
            fact = SkuFact(record["sku"], record.get("title"), record.get("category"))
            if price is not None:
                fact = replace(fact, list_price=price.units, list_price_scale=price.scale, list_currency=currency)
            facts.skus.append(replace(fact, reorder_point=record.get("reorder_point")))
            cost, scale = scaled
            if cost is not None and scale is not None:
                since = record.get("valid_from") or 0  # 0: since ever
                facts.costs.append(CostFact(record["sku"], "", since, cost, scale, currency))
        return facts


def signed_units(rule: MovementRule, units: int) -> int | None:
    """Units with our sign; null where the source's sign contradicts the kind. An opening may be either."""
    sign = MOVEMENT_SIGN.get(rule.kind)
    if rule.sign == "as_given":
        return units if sign is None or units * sign >= 0 else None
    if units < 0 and sign is not None:
        return None
    return units * (sign or 1)


def _scaled_cost(cost: Exact | None, column: str) -> tuple[int | None, int | None] | CellFault:
    if cost is None:
        return (None, None)
    if cost.units < 0:
        return CellFault(column, "cost_sign", str(cost.decimal), "a unit cost is 0 or more", "Correct the cell.")
    return (cost.units, cost.scale)
