"""Fill, backorder, cancellation and touch by hand, on orders that the core's own use cases worked on.

Five mugs are there. 1001 asks for three and gets three. 1002 asks for four and gets two; ten more come, and a second
try gives it the rest. 1003 asks for one, nobody tries, and its buyer cancels it.
"""

from decimal import Decimal
from pathlib import Path

import pytest

from oms_core.services.cancel_order import CancelOrder, cancel_order
from oms_core.services.company import prepare
from oms_core.settings import Settings
from pipelines.assets.build import build
from tests.builders import NOW
from tests.cores import opened
from tests.order_cases import CLERK, a_call, a_new_line, open_shop, place, promise, ship, stock_up
from tests.pipelines.marts.homes import value, values


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of this module."""
    home = tmp_path_factory.mktemp("desk")
    prepare(Settings.at(home), time_zone="UTC", base_currency="EUR", actor="test", now=NOW)
    with opened(Settings.at(home)) as core:
        open_shop(core)
        stock_up(core, "MUG", 5)
        place(core, "1001", a_new_line(quantity=3))
        promise(core, "shop/1001")
        place(core, "1002", a_new_line(quantity=4))
        promise(core, "shop/1002")
        stock_up(core, "MUG", 10)
        promise(core, "shop/1002")
        place(core, "1003", a_new_line(quantity=1))
        cancel_order(core, CancelOrder("shop/1003", "customer changed their mind"), a_call(CLERK))
        ship(core, "shop/1001")
    assert build(Settings.at(home)).tests_failed == 0
    return home


def test_what_the_first_try_gives_is_filled_and_a_second_try_changes_nothing(desk: Path) -> None:
    assert (value(desk, "units_tried"), value(desk, "units_filled_first_time")) == (7, 5)
    assert value(desk, "unit_fill_rate") == Decimal("0.714286")  # 3 + 2 of 3 + 4
    assert value(desk, "line_fill_rate") == Decimal("0.500000")
    assert value(desk, "order_fill_rate") == Decimal("0.500000")


def test_a_line_that_was_short_at_its_first_try_is_backordered(desk: Path) -> None:
    assert value(desk, "lines_backordered") == 1
    assert value(desk, "backorder_rate") == Decimal("0.500000")  # 1 of 2 lines that were tried


def test_a_cancelled_line_has_a_cause_and_the_causes_add_up(desk: Path) -> None:
    assert value(desk, "cancellation_rate") == Decimal("0.333333")  # 1 of 3 lines
    assert values(desk, "cancellation_rate", "cause", by=["cause"])["customer"] == Decimal("0.333333")


def test_where_nothing_is_promised_nothing_is_on_time_or_late(desk: Path) -> None:
    for name in ("on_time_in_full_rate", "perfect_order_rate", "on_time_delivery_rate"):
        assert value(desk, name) is None, name


def test_an_order_that_people_worked_on_is_touched(desk: Path) -> None:
    assert value(desk, "orders_handled") == 3
    assert value(desk, "touchless_rate") == 0  # an operator promised two of them, a clerk cancelled the third
