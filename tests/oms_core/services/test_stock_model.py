"""Any sequence of stock operations against a model of a few numbers: balances, refusals, layers and lots agree."""

import shutil
from collections import Counter
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from oms_core.domain.errors import RuleViolationError
from oms_core.services.adjust_stock import AdjustStock, ScrapStock, adjust_stock, scrap_stock
from oms_core.services.change_condition import ChangeCondition, change_condition
from oms_core.services.count_stock import CountedRecord, EnterCount, OpenCount, enter_count, open_count
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.stock_layers import layer_rows
from oms_core.services.transfer_stock import (
    DraftTransfer,
    TransferArrival,
    TransferLine,
    TransferStep,
    draft_transfer,
    lose_in_transit,
    receive_transfer,
    ship_transfer,
)
from oms_core.settings import Settings
from oms_core.storage.engine import reading
from tests.builders import NOW, a_cost, facts_of, give, rows_of
from tests.cores import opened
from tests.stock_cases import LEAD, do, open_company, with_lots
from tests.stock_cases import PLACES as SITES

SKUS = st.sampled_from(["MUG", "MILK"])
PLACES = st.sampled_from(["MAIN", "YARD"])
UNITS = st.integers(1, 9)
HOUR = 3_600_000_000


class StockModel(RuleBasedStateMachine):
    """Units by (sku, place, condition), and what is on its way by transfer; MILK is kept by two lots."""

    core: sa.Engine

    def __init__(self):
        super().__init__()
        self.units = Counter({("MUG", "MAIN", "sellable"): 10, ("CUP", "YARD", "sellable"): 1})
        self.on_way = {}
        self.numbers = count(1)
        self.hours = count(1)

    def give(self, wanted, request, *, fits=True):
        """Give the command an hour after the one before; it is refused exactly where the model says so."""
        now = NOW + next(self.hours) * HOUR
        if fits:
            return do(self.core, wanted, request, by=LEAD, now=now)
        with pytest.raises(RuleViolationError) as refused:
            do(self.core, wanted, request, by=LEAD, now=now)
        assert refused.value.code == "STOCK_SHORT"
        return None

    @rule(sku=SKUS, place=PLACES, units=UNITS, damaged=st.integers(0, 9), lot=st.sampled_from(["A", "B"]))
    def receive(self, sku, place, units, damaged, lot):
        damaged = min(units, damaged)
        line = ReceivedLine(sku, units, damaged, lot=lot if sku == "MILK" else None, unit_cost="1", currency="EUR")
        self.give(receive_goods, ReceiveGoods(place, (line,)))
        self.units[sku, place, "sellable"] += units - damaged
        self.units[sku, place, "damaged"] += damaged

    @rule(sku=SKUS, place=PLACES, units=UNITS)
    def lose(self, sku, place, units):
        key = (sku, place, "sellable")
        fits = self.units[key] >= units
        self.give(adjust_stock, AdjustStock(sku, place, -units, "lost"), fits=fits)
        self.units[key] -= units if fits else 0

    @rule(sku=SKUS, place=PLACES, units=UNITS)
    def put_apart(self, sku, place, units):
        fits = self.units[sku, place, "sellable"] >= units
        self.give(change_condition, ChangeCondition(sku, place, "sellable", "damaged", units, "x"), fits=fits)
        if fits:
            self.units[sku, place, "sellable"] -= units
            self.units[sku, place, "damaged"] += units

    @rule(sku=SKUS, place=PLACES, units=UNITS)
    def scrap(self, sku, place, units):
        key = (sku, place, "damaged")
        fits = self.units[key] >= units
        self.give(scrap_stock, ScrapStock(sku, place, units, "x"), fits=fits)
        self.units[key] -= units if fits else 0

    @rule(sku=SKUS, source=PLACES, units=UNITS)
    def send(self, sku, source, units):
        target = "YARD" if source == "MAIN" else "MAIN"
        number = f"T{next(self.numbers)}"
        self.give(draft_transfer, DraftTransfer(source, target, (TransferLine(sku, units),), number=number))
        fits = self.units[sku, source, "sellable"] >= units
        self.give(ship_transfer, TransferStep(number), fits=fits)
        if fits:
            self.units[sku, source, "sellable"] -= units
            self.units[sku, "IN-TRANSIT", "sellable"] += units
            self.on_way[number] = [sku, target, units]

    @precondition(lambda self: self.on_way)
    @rule(data=st.data(), lost=st.booleans())
    def arrive(self, data, lost):
        number = data.draw(st.sampled_from(sorted(self.on_way)))
        sku, target, left = self.on_way[number]
        units = data.draw(st.integers(1, left))
        wanted = lose_in_transit if lost else receive_transfer
        answer = self.give(wanted, TransferArrival(number, (TransferLine(sku, units),), reason="x"))
        assert answer is not None
        assert answer["state"] == ("received" if units == left else "partly_received")
        self.units[sku, "IN-TRANSIT", "sellable"] -= units
        self.units[sku, target, "sellable"] += 0 if lost else units
        self.on_way[number][2] -= units
        if units == left:
            del self.on_way[number]

    @rule(place=PLACES, off=st.integers(-2, 2))
    def take_stock(self, place, off):
        key = ("MUG", place, "sellable")
        seen = max(0, self.units[key] + off)
        number = f"C{next(self.numbers)}"
        self.give(open_count, OpenCount(place, ("MUG",), number=number))
        answer = self.give(enter_count, EnterCount(number, (CountedRecord("MUG", seen),)))
        assert answer is not None
        assert answer["state"] == "approved"
        self.units[key] = seen

    @invariant()
    def balances_are_the_models(self):
        rows = rows_of(self.core, "select sku, location, condition, on_hand from stock_balance where on_hand <> 0")
        assert {row[:3]: row[3] for row in rows} == {key: units for key, units in self.units.items() if units}

    def teardown(self):
        facts_of(self.core)
        with reading(self.core) as connection:
            layers = layer_rows(connection, at=NOW + next(self.hours) * HOUR)
        held: Counter[tuple[str, str, str]] = Counter()
        for row in layers:
            assert row.units > 0
            held[row.sku, row.location, row.condition] += row.units
        assert dict(held) == {key: units for key, units in self.units.items() if units}
        lots = rows_of(
            self.core, "select location, condition, sum(on_hand) from lot_balance group by location, condition"
        )
        milk = {key[1:]: units for key, units in self.units.items() if key[0] == "MILK" and units}
        assert {row[:2]: int(row[2]) for row in lots if row[2]} == milk


def test_stock_operations_do_what_a_model_of_a_few_numbers_says(empty_home, tmp_path):
    names = count(1)

    def start() -> StockModel:
        home = tmp_path / f"home{next(names)}"
        shutil.copytree(empty_home, home)
        model = StockModel()
        settings_of_home = Settings.at(home)
        stack = opened(settings_of_home)
        model.core = stack.__enter__()  # closed with the process: a machine has no later moment than its teardown
        open_company(model.core, settings_of_home)
        with_lots(model.core)
        give(model.core, a_cost(100, sku="MILK"), context=SITES)
        return model

    run_state_machine_as_test(start, settings=settings(max_examples=8, stateful_step_count=15, deadline=None))
