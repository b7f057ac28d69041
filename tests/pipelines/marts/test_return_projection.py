"""The projected return rate: by hand on a small company, and without bias on one whose final rate is known."""

import random
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from pathlib import Path
from statistics import mean

import pytest

from tests.pipelines.marts.homes import build_home, rows, value, values
from tests.pipelines.marts.return_rows import ReturnRows

LAST = date(2026, 7, 5)
TINY = {"account": ["tiny"]}
SHOP = {"account": ["shop"]}


class Cohorts(ReturnRows):
    """Orders of many units that leave on a day, and units of them that come back after so many days."""

    numbers = 0

    def cohort(self, units: int, *, left_on: date, back: dict[int, int], account: str = "shop") -> None:
        """Units that left at noon of a day; `back`: units by the days after which they came back."""
        self.numbers += 1
        line = self.numbers
        self.order(line, placed_at=f"{left_on}T10:00:00", account=account, base=("EUR", "1"))
        self.line(line, line, amount=f"{units}.00", quantity=units, sku="MUG")
        self.left(line, units, parcel=f"S{line}", at=f"{left_on}T12:00:00")
        for days, came in back.items():
            at = f"{left_on + timedelta(days=days)}T12:00:00"
            self.came_back(
                line * 100 + days, line=line, at=at, quantity=came, amount=f"{came}.00", base=None, account=account
            )


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three cohorts of a shop, watched for 31 weeks, two weeks and five days; one of 29 units of another."""
    core = Cohorts(time_zone="UTC", base_currency="EUR")
    core.account("shop")
    core.account("tiny")
    core.sku("MUG", category="cups")
    core.cohort(100, left_on=date(2025, 12, 1), back={8: 10, 21: 5})
    core.cohort(50, left_on=date(2026, 6, 22), back={9: 10})
    core.cohort(40, left_on=date(2026, 7, 1), back={1: 1})
    core.cohort(29, left_on=date(2025, 12, 1), back={8: 10}, account="tiny")
    core.observe(1, "MUG", 0, at=f"{LAST}T12:00:00")
    home = tmp_path_factory.mktemp("small")
    assert build_home(home, core).failed_tests == ()
    return home


def test_young_cohorts_count_for_the_weeks_they_were_watched(small: Path) -> None:
    (row,) = rows(small, "return_rate_projected", where=SHOP)

    # Week 1: 20 of 150 at risk; week 3: 5 of the 90 left of the first cohort. 1 - 130/150 x 85/90
    assert (row["value"], row["sample_size"]) == (Decimal("0.181481"), 190)


def test_a_cohort_takes_the_weeks_it_was_not_watched_from_all_others(small: Path) -> None:
    assert values(small, "return_rate_projected", "month", grain="month", where=SHOP) == {
        "2025-12-01": Decimal("0.15"),  # watched to the end: 15 of 100
        "2026-06-01": Decimal("0.244444"),  # 1 - 40/50 x 85/90
        "2026-07-01": Decimal("0.181481"),  # not one whole week of its own
    }


def test_a_young_cohort_looks_lower_until_it_is_projected(small: Path) -> None:
    assert value(small, "return_rate_units", where=SHOP, start="2026-06-01", end="2026-06-30") == Decimal("0.2")
    assert value(small, "return_rate_units", where=SHOP, start="2026-07-01") == Decimal("0.025")


def test_below_thirty_units_there_is_no_projection(small: Path) -> None:
    assert value(small, "return_rate_projected", where=TINY) is None
    assert values(small, "return_rate_projected", "account", by=["account"]) == {
        "shop": Decimal("0.181481"),
        "tiny": None,
    }


TRUTH, FIRST_DAY, LAST_DAY = 0.2, 3, 52  # the final rate; a return comes after 3 to 52 days, each as likely
SHIPPING_DAYS, UNITS_A_DAY, SHOPS = 100, 30, 6


@pytest.fixture(scope="module")
def truncated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six shops that ship for a hundred days; what would come back after the hundredth is not known yet."""
    dice = random.Random(20260705)
    core = Cohorts(time_zone="UTC", base_currency="EUR")
    core.sku("MUG", category="cups")
    start = LAST - timedelta(days=SHIPPING_DAYS - 1)
    for shop in range(SHOPS):
        core.account(f"shop{shop}")
        for day in range(SHIPPING_DAYS):
            back: dict[int, int] = {}
            for _ in range(UNITS_A_DAY):
                if dice.random() < TRUTH:
                    days = dice.randint(FIRST_DAY, LAST_DAY)
                    back[days] = back.get(days, 0) + 1
            known = {days: units for days, units in sorted(back.items()) if day + days < SHIPPING_DAYS}
            core.cohort(UNITS_A_DAY, left_on=start + timedelta(days=day), back=known, account=f"shop{shop}")
    home = tmp_path_factory.mktemp("truncated")
    assert build_home(home, core).failed_tests == ()
    return home


def test_cutting_history_short_leaves_the_projected_rate_without_bias(truncated: Path) -> None:
    projected = [float(one) for one in values(truncated, "return_rate_projected", "account", by=["account"]).values()]
    so_far = [float(one) for one in values(truncated, "return_rate_units", "account", by=["account"]).values()]

    # At most the units that were watched to the end tell the whole rate: 49 days of cohorts a shop.
    error = sqrt(TRUTH * (1 - TRUTH) / (UNITS_A_DAY * (SHIPPING_DAYS - LAST_DAY + 1)))
    assert len(projected) == SHOPS
    assert all(abs(one - TRUTH) < 3 * error for one in projected)
    assert abs(mean(projected) - TRUTH) < 3 * error / sqrt(SHOPS)
    assert mean(so_far) < TRUTH - 3 * error  # what came back so far is far too low
