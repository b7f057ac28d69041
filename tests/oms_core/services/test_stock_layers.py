"""FIFO layers read from the ledger: they add up to the stock and its value, now and then."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.stock_layers import fifo_values, layer_rows
from oms_core.services.stock_read import stock_rows
from oms_core.storage.engine import reading
from tests.builders import NOW, a_context, a_movement, a_place, give, march
from tests.stock_cases import CLERK, PLACES, do, open_company


@pytest.fixture
def company(core, core_settings):
    """10 mugs of 1 March at the listed 2.00, 10 of 10 March at 2.50; 12 sold on 20 March."""
    open_company(core, core_settings)
    line = ReceivedLine("MUG", 10, unit_cost="2.50", currency="EUR")
    do(core, receive_goods, ReceiveGoods("MAIN", (line,), at=march(10)), by=CLERK)
    sale = a_movement("sale", kind="ship", units=12, at=march(20), order_external_id="A-1")
    give(core, sale, context=PLACES)
    return core


def layers(core, **more):
    with reading(core) as connection:
        rows = layer_rows(connection, **({"at": NOW, "sku": "MUG"} | more))
    return [(row.location, row.units, row.unit_cost, row.age_days) for row in rows]


def test_the_oldest_cost_has_left(company):
    assert layers(company) == [("MAIN", 8, Decimal("2.5"), 21)]


def test_layers_of_a_past_instant_are_those_of_then(company):
    assert layers(company, at=march(15)) == [("MAIN", 10, Decimal(2), 14), ("MAIN", 10, Decimal("2.5"), 5)]


def test_returned_goods_are_worth_what_they_left_with(company):
    back = a_movement("back", kind="return_in", units=11, at=march(25), order_external_id="A-1", condition="inspection")
    give(company, back, context=PLACES)

    with reading(company) as connection:
        value = fifo_values(connection, ["MUG"], NOW)["MUG", "MAIN", "inspection"]

    assert value == (Decimal("22.5"), "EUR")  # 10 × 2.00 + 1 × 2.50


def test_layers_add_up_to_the_stock_and_its_value(company):
    give(company, a_movement("moved", kind="ship", units=3, at=march(21)), context=PLACES)
    fifo = a_context(*(replace(a_place(name), valuation="fifo") for name in ("MAIN", "YARD")))
    give(company, a_movement("again", units=1, at=march(22)), context=fifo)

    with reading(company) as connection:
        rows = layer_rows(connection, at=NOW)
        _, stock = stock_rows(connection, now=NOW)

    units: Counter[tuple[str, str, str]] = Counter()
    value: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        units[row.sku, row.location, row.condition] += row.units
        value[row.sku, row.location, row.condition] += row.value
    assert dict(units) == {(it.sku, it.location, it.condition): it.on_hand for it in stock}
    assert dict(value) == {(it.sku, it.location, it.condition): it.value for it in stock}
    assert value["MUG", "MAIN", "sellable"] == Decimal("14.5")  # 5 × 2.50 + 1 × 2.00


def test_a_place_with_goods_of_unknown_cost_has_no_value(company):
    give(company, a_movement("odd", sku="ODDITY", at=march(2)), context=PLACES)

    with reading(company) as connection:
        assert fifo_values(connection, ["ODDITY"], NOW) == {}
