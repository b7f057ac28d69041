"""Facts about files as they are: read by a map, nothing written.

Counts keep the source's signs and its odd rows, so that they can be compared with what the source says of itself.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby, pairwise
from pathlib import Path
from statistics import mean, median
from typing import Any
from zoneinfo import ZoneInfo

from oms_core.domain.instants import DAY, from_micros
from oms_core.domain.money import Exact
from oms_core.settings import Settings
from pipelines.feeds.cells import CellFault, CellReader, Record
from pipelines.feeds.column_map import ColumnMap, find_map, read_map
from pipelines.feeds.parse_orders import OrderRows
from pipelines.feeds.parse_stock import signed_units
from pipelines.feeds.staging import BLANK, StagedFile, staged


def profile_files(
    settings: Settings, format_name: str, paths: Sequence[Path], *, map_path: Path | None = None
) -> dict[str, Any]:
    """{"format", "files": [{path, rows, documents, duplicate_rows, columns, classes, line_kinds, …}]}.

    Times are read in the map's zone, in UTC where the map leaves it to the company.

    Raises:
        MapError, FileRefusedError: as for a load.
    """
    column_map = read_map(map_path) if map_path else find_map(format_name, settings.home)
    zone = ZoneInfo("UTC" if column_map.time_zone == "company" else column_map.time_zone)
    files = []
    for path in paths:
        with staged(path, column_map, scratch=settings.home / "tmp") as file:
            files.append(_profile(file, column_map, zone))
    return {"format": column_map.name, "files": files}


def _profile(file: StagedFile, column_map: ColumnMap, zone: ZoneInfo) -> dict[str, Any]:
    rows = _Rows(column_map, file, zone)
    cells = ", ".join(f"c{at}" for at in range(len(file.header)))
    distinct = file.ask(f"select count(*) from (select distinct {cells} from staged)")[0][0]  # noqa: S608 - our names
    profile = {
        "path": file.name,
        "sha256": file.sha256,
        "rows": file.rows + len(file.ragged),
        "ragged_rows": len(file.ragged),
        "duplicate_rows": file.rows - int(str(distinct)),
        "documents": rows.documents,
        "columns": [_column(file, column_map, field, rows) for field in column_map.columns],
        "held_back": dict(rows.held),
    }
    if column_map.file == "order_lines":
        profile |= {"documents_by_class": rows.documents_by_class(), "classes": rows.class_rows()}
        profile |= {"line_kinds": rows.kind_rows(), "priced_lines": rows.priced_lines()}
    if column_map.snapshot is not None:
        profile["ledger"] = rows.ledger.facts()
    return profile


def _column(file: StagedFile, column_map: ColumnMap, name: str, rows: "_Rows") -> dict[str, Any]:
    spec = column_map.columns[name]
    cell = f"c{file.header.index(spec.column)}"
    clean = f"trim({cell}, '{BLANK}')"
    for step in spec.clean:
        clean = f"{step}({clean})"
    sql = (
        f"select count(*) filter (where {clean} = ''), count(distinct nullif({cell}, '')),"  # noqa: S608 - our names
        f" count(distinct nullif({clean}, '')) from staged"
    )
    empty, distinct, distinct_clean = file.ask(sql)[0]
    found = {
        "column": spec.column,
        "field": name,
        "empty": empty,
        "distinct": distinct,
        "distinct_clean": distinct_clean,
    }
    return found | rows.ranges.get(name, _Range()).facts()


@dataclass(slots=True)
class _Range:
    first: Any = None
    last: Any = None
    total: Any = 0
    negative: int = 0
    zero: int = 0
    is_time: bool = False

    def see(self, value: Any) -> None:
        if self.first is None or value < self.first:
            self.first = value
        if self.last is None or value > self.last:
            self.last = value
        if not self.is_time:
            self.total += value
            self.negative += value < 0
            self.zero += value == 0

    def facts(self) -> dict[str, Any]:
        if self.first is None:
            return {}
        if self.is_time:
            return {"first": self.first, "last": self.last}
        numbers = {"sum": self.total, "negative": self.negative, "zero": self.zero}
        return {"first": self.first, "last": self.last, **numbers}


@dataclass(slots=True)
class _Class:
    rows: int = 0
    documents: set[str] = field(default_factory=set)
    units: int = 0
    amount: Decimal = Decimal(0)
    free: int = 0
    anonymous: int = 0


class _Rows:
    """One pass over the rows of a file."""

    def __init__(self, column_map: ColumnMap, file: StagedFile, zone: ZoneInfo) -> None:
        self._map = column_map
        self._zone = zone
        self._orders = OrderRows(column_map, column_map.account.name) if column_map.file == "order_lines" else None
        self.documents = 0
        self.held: Counter[str] = Counter()
        self.ranges: dict[str, _Range] = {}
        self.ledger = _Ledger(column_map)
        self._classes: dict[tuple[str, str], _Class] = defaultdict(_Class)
        self._kinds: dict[str, tuple[Counter[str], set[str]]] = defaultdict(lambda: (Counter(), set()))
        self._priced: list[int] = []
        for name in column_map.columns:
            kind = column_map.type_of(name)
            if kind != "text":
                self.ranges[name] = _Range(is_time=kind == "timestamp")
        cells = CellReader(column_map, file.header, zone)
        for group, rows in groupby(file.in_order(), key=lambda row: row.group):
            self.documents += 1
            records = [cells.read(row.cells) for row in rows]
            self._see_group(group, records)
        for name, seen in self.ranges.items():
            if seen.is_time and seen.first is not None:
                seen.first, seen.last = (self._local(name, at) for at in (seen.first, seen.last))
        self.held.update("column_count" for _ in file.ragged)

    def _local(self, name: str, at: int) -> str:
        moment: datetime = from_micros(at).astimezone(self._zone).replace(tzinfo=None)
        by_day = self._map.columns[name].date_only is not None
        return moment.date().isoformat() if by_day else moment.isoformat(sep=" ")

    def _see_group(self, group: str, records: Sequence[Record | CellFault]) -> None:
        priced = 0
        for record in records:
            if isinstance(record, CellFault):
                self.held[record.rule] += 1
                continue
            for name, seen in self.ranges.items():
                value = record[name]
                if value is not None:
                    seen.see(value.decimal if isinstance(value, Exact) else value)
            if self._orders is not None:
                priced += self._see_line(group, record, self._orders)
            if self._map.snapshot is not None:
                self.ledger.see(record)
        if priced:
            self._priced.append(priced)

    def _see_line(self, group: str, record: Record, orders: OrderRows) -> int:
        outcome = orders.classify(record)
        row_class = outcome.rule if isinstance(outcome, CellFault) else outcome[0]
        if isinstance(outcome, CellFault):
            self.held[outcome.rule] += 1
        kind = orders.line_kind(record, row_class)
        goods = orders.line_kind(record, "sale")
        quantity: int = record["quantity"]
        price: Exact | None = record.get("unit_price")
        given: Exact | None = record.get("line_amount")
        amount = given.decimal if given is not None else quantity * (price.decimal if price is not None else Decimal(0))
        found = self._classes[row_class, kind]
        found.rows += 1
        found.documents.add(group)
        found.units += quantity
        found.amount += amount
        found.free += amount == 0
        found.anonymous += not record.get("customer_ref")
        counted, skus = self._kinds[goods]
        counted["rows"] += 1
        if record.get("sku"):
            skus.add(record["sku"])
        return int(row_class == "sale" and amount > 0)

    def class_rows(self) -> list[dict[str, Any]]:
        """Rows, documents, units and amount by class and line kind, with the source's signs."""
        return [
            {
                "class": row_class,
                "line_kind": kind,
                "rows": it.rows,
                "documents": len(it.documents),
                "units": it.units,
                "amount": it.amount,
                "free": it.free,
                "anonymous": it.anonymous,
            }
            for (row_class, kind), it in sorted(self._classes.items())
        ]

    def documents_by_class(self) -> dict[str, int]:
        """Documents with a row of the class."""
        found: dict[str, set[str]] = defaultdict(set)
        for (row_class, _), it in self._classes.items():
            found[row_class] |= it.documents
        return {row_class: len(documents) for row_class, documents in sorted(found.items())}

    def kind_rows(self) -> list[dict[str, Any]]:
        """Rows and distinct SKUs by what the code stands for, whatever the class."""
        return [
            {"line_kind": kind, "rows": counted["rows"], "skus": len(skus)}
            for kind, (counted, skus) in sorted(self._kinds.items())
        ]

    def priced_lines(self) -> dict[str, Any]:
        """Sale lines with an amount above zero, by document."""
        if not self._priced:
            return {"lines": 0, "documents": 0, "median": None, "mean": None}
        total = {"lines": sum(self._priced), "documents": len(self._priced)}
        return {**total, "median": median(self._priced), "mean": round(mean(self._priced), 4)}


class _Ledger:
    """Whether each observed balance follows from the one before it and the row's own movements."""

    def __init__(self, column_map: ColumnMap) -> None:
        self._map = column_map
        self._rows: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)

    def see(self, record: Record) -> None:
        rule = self._map.snapshot
        if rule is None or record.get(rule.quantity) is None:
            return
        moved = sum(signed_units(movement, record.get(movement.quantity) or 0) or 0 for movement in self._map.movements)
        self._rows[record["sku"], record["location"]].append((record["occurred_at"], record[rule.quantity], moved))

    def facts(self) -> dict[str, Any]:
        pairs = consistent = 0
        instants: set[int] = set()
        count = 0
        for rows in self._rows.values():
            rows.sort()
            count += len(rows)
            instants.update(at for at, _, _ in rows)
            for (_, before, _), (_, after, moved) in pairwise(rows):
                pairs += 1
                consistent += before + moved == after
        days = (max(instants) - min(instants)) // DAY + 1 if instants else 0
        return {
            "keys": len(self._rows),
            "balances": count,
            "missing_days": len(self._rows) * days - count,
            "pairs": pairs,
            "consistent_pairs": consistent,
        }
