"""Metrics recomputed in plain Python over a made-up company; the marts must agree to the unit and the cent."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pipelines.marts import metrics, snapshots
from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home

ZONE = ZoneInfo("America/Sao_Paulo")  # has had days without midnight
START = datetime(2018, 10, 20, 1, 13, tzinfo=UTC)
SKUS = ("A", "B", "C", "D")
LOCATIONS = ("north", "south")
FIRST, LAST = date(2018, 10, 25), date(2018, 11, 20)  # clocks went forward at midnight of 4 November 2018


class Company:
    """Facts as plain tuples, and the core that holds the same."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.core = CoreRows(time_zone=str(ZONE))
        self.lines: list[tuple[int, str, str, int, Decimal, datetime]] = []  # order, sku, country, units, amount, at
        self.moves: list[tuple[str, str, str, int, datetime]] = []  # sku, location, kind, units, at
        self.costs: dict[str, list[tuple[datetime, Decimal]]] = defaultdict(list)
        self._make()

    def _moment(self) -> datetime:
        return START + timedelta(microseconds=self.dice.randrange(40 * 86_400_000_000))

    def _make(self) -> None:
        self.core.account()
        for location in LOCATIONS:
            self.core.location(location)
        for sku in SKUS:
            self.core.sku(sku, category=f"c{SKUS.index(sku) % 2}")
            for day in (0, 9, 21):
                cost = Decimal(self.dice.randrange(1, 900)) / 100
                at = START + timedelta(days=day, seconds=self.dice.randrange(86_400) if day else 0)
                self.costs[sku].append((at, cost))
                self.core.cost(sku, str(cost), valid_from=at.isoformat())
        self._sell()
        self._move()

    def _sell(self) -> None:
        for order in range(1, 201):
            at, country = self._moment(), self.dice.choice(["BR", "AR"])
            state = self.dice.choice(["confirmed", "confirmed", "cancelled"])
            self.core.order(order, placed_at=at.isoformat(), country=country, lifecycle=state)
            for number in range(self.dice.randrange(1, 4)):
                sku, units = self.dice.choice(SKUS), self.dice.randrange(1, 9)
                amount = Decimal(self.dice.randrange(0, 5000)) / 100
                line_id = order * 10 + number
                self.core.line(line_id, order, amount=str(amount), quantity=units, sku=sku)
                if state == "confirmed" and amount > 0:
                    self.lines.append((order, sku, country, units, amount, at))

    def _move(self) -> None:
        for number, at in enumerate(sorted(self._moment() for _ in range(300))):
            sku, location = self.dice.choice(SKUS), self.dice.choice(LOCATIONS)
            kind = self.dice.choice(["receive", "ship", "ship", "adjust_loss"])
            units = self.dice.randrange(1, 7) * (1 if kind == "receive" else -1)
            self.core.move(number, sku, units, kind=kind, at=at.isoformat(), location=location)
            self.moves.append((sku, location, kind, units, at))

    def cost_at(self, sku: str, at: datetime) -> Decimal:
        """Newest cost at or before an instant."""
        return [cost for since, cost in self.costs[sku] if since <= at][-1]

    def held(self, sku: str, location: str, start: datetime, end: datetime) -> tuple[Fraction, Fraction, int]:
        """Value-microseconds, microseconds listed and microseconds out of stock between two instants."""
        mine = [move for move in self.moves if move[:2] == (sku, location)]
        listed_from = min(move[4] for move in self.moves if move[1] == location)
        changes = {move[4] for move in mine} | {since for since, _ in self.costs[sku]} | {listed_from}
        cuts = [start, *sorted(at for at in changes if start < at < end), end]
        value, listed, out = Fraction(0), Fraction(0), 0
        for left, right in pairwise(cuts):
            units = sum(move[3] for move in mine if move[4] <= left)
            length = (right - left) // timedelta(microseconds=1)
            value += Fraction(units) * Fraction(self.cost_at(sku, left)) * length if units else 0
            if mine and left >= listed_from:
                listed += length
                out += length if units <= 0 else 0
        return value, listed, out


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(seed=7)


@pytest.fixture(scope="module")
def home(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("oracle")
    build_home(home, company.core)
    return home


def business_date(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def midnight(day: date) -> datetime:
    """First instant of a business day; where there is no midnight, the first moment there is."""
    at = datetime(day.year, day.month, day.day, tzinfo=ZONE).astimezone(UTC)
    while business_date(at) < day:
        at += timedelta(minutes=30)
    while business_date(at - timedelta(microseconds=1)) >= day:
        at -= timedelta(minutes=30)
    return at


def bucket(day: date, grain: str | None) -> str | None:
    first = {"week": day - timedelta(days=day.weekday()), "month": day.replace(day=1), "day": day}
    return first[grain].isoformat() if grain else None


def asked(home: Path, name: str, by: tuple[str, ...], grain: str | None) -> dict[Any, Any]:
    answer = metrics.ask(snapshots.open_snapshot(home), name, by=by, grain=grain, start=FIRST, end=LAST)
    return {
        (row.get(grain) if grain else None, *(row[dimension] for dimension in by)): row["value"]
        for row in answer.rows
        if row["value"] is not None
    }


@pytest.mark.parametrize("grain", [None, "day", "week", "month"])
@pytest.mark.parametrize("by", [(), ("sku",), ("country", "category"), ("sku", "country")])
def test_sales_agree_at_every_level(company: Company, home: Path, by: tuple[str, ...], grain: str | None) -> None:
    amounts: dict[Any, Decimal] = defaultdict(Decimal)
    units: dict[Any, int] = defaultdict(int)
    orders: dict[Any, set[int]] = defaultdict(set)
    for order, sku, country, quantity, amount, at in company.lines:
        if FIRST <= business_date(at) <= LAST:
            values = {"sku": sku, "country": country, "category": f"c{SKUS.index(sku) % 2}"}
            key = (bucket(business_date(at), grain), *(values[dimension] for dimension in by))
            amounts[key] += amount
            units[key] += quantity
            orders[key].add(order)

    assert asked(home, "net_sales", by, grain) == amounts
    assert asked(home, "units_sold", by, grain) == units
    assert asked(home, "orders", by, grain) == {key: len(found) for key, found in orders.items()}


@pytest.mark.parametrize("grain", [None, "day", "week", "month"])
@pytest.mark.parametrize("by", [(), ("location",), ("sku",)])
def test_stock_agrees_at_every_level(company: Company, home: Path, by: tuple[str, ...], grain: str | None) -> None:
    days = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    turnover, out_rate = {}, {}
    for first in dict.fromkeys(bucket(day, grain) for day in days):
        inside = [day for day in days if bucket(day, grain) == first]
        start, end = midnight(inside[0]), midnight(inside[-1] + timedelta(days=1))
        groups: dict[tuple[str, ...], list[tuple[str, str]]] = {
            (): [(sku, place) for sku in SKUS for place in LOCATIONS]
        }
        if by:
            names = SKUS if by == ("sku",) else LOCATIONS
            groups = {(name,): [pair for pair in groups[()] if name in pair] for name in names}
        for key, pairs in groups.items():
            value, listed, out = (
                sum(part) for part in zip(*(company.held(*pair, start, end) for pair in pairs), strict=True)
            )
            shipped = sum(
                Fraction(-units) * Fraction(company.cost_at(sku, at))
                for sku, place, kind, units, at in company.moves
                if kind == "ship" and start <= at < end and (sku, place) in pairs
            )
            if value:
                length = (end - start) // timedelta(microseconds=1)
                turnover[first, *key] = shipped * length / Fraction(value)
            out_rate[first, *key] = Fraction(out) / Fraction(listed)

    for name, expected in (("inventory_turnover", turnover), ("out_of_stock_rate", out_rate)):
        found = asked(home, name, by, grain)
        assert set(found) == set(expected)
        assert all(abs(Fraction(found[key]) - expected[key]) <= Fraction(1, 1_999_999) for key in expected)
