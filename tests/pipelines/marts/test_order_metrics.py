"""What cancellations and splits take off a line is in no sales metric; a split order is still one order.

Order 1: ten mugs for 100.00, of which a split moved four (40.00) to order 2. Order 3: cancelled whole, 30.00.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from oms_core.domain.money import currency_digits
from pipelines.resources.dbt_project import PROJECT_DIR
from tests.pipelines.marts.core_rows import CoreRows
from tests.pipelines.marts.homes import build_home, value, values


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Path:
    core = CoreRows(time_zone="UTC")
    core.account("shop")
    core.order(1, placed_at="2026-03-02T10:00:00")
    core.line(11, 1, amount="100.00", quantity=10, sku="MUG")
    core.order(2, placed_at="2026-03-02T10:00:00")
    core.moved(11, 21, 2, quantity=4, amount="40.00")
    core.order(3, placed_at="2026-03-03T10:00:00", lifecycle="cancelled")
    core.line(31, 3, amount="30.00", quantity=3, sku="POT")
    home = tmp_path_factory.mktemp("split")
    build_home(home, core)
    return home


def test_a_split_moves_units_and_money_and_adds_neither(split: Path) -> None:
    assert value(split, "net_sales", where={"currency": ["EUR"]}) == Decimal("100.00")
    assert value(split, "units_sold") == 10


def test_a_split_order_counts_once(split: Path) -> None:
    assert value(split, "orders") == 1


def test_cancelled_lines_are_a_share_of_the_ordered_ones(split: Path) -> None:
    assert value(split, "ordered_lines") == 3
    assert value(split, "cancelled_lines") == 1
    assert value(split, "cancellation_rate") == Decimal("0.333333")


def test_orders_by_status_count_those_without_a_sale_too(split: Path) -> None:
    assert values(split, "placed_orders", "status", by=["status"]) == {"confirmed": 2, "cancelled": 1}
    assert value(split, "cancelled_orders") == 1


def test_the_digits_of_currencies_are_the_cores() -> None:
    text = (PROJECT_DIR / "macros" / "money.sql").read_text("utf-8")
    listed = text[text.index("return({") : text.index("})")]
    told = {
        code: int(row.split(":")[0])
        for row in listed.replace("return({", "").split("],")
        if ":" in row
        for code in row.split("[")[1].replace("]", "").replace("'", "").replace("\n", "").replace(" ", "").split(",")
    }

    assert {code: currency_digits(code) for code in told} == told
    assert "JPY" in told
