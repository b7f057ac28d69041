"""Many at one shelf, one delivery, one approval: no unit is lost or doubled, and every loser gets a clear answer."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from oms_core.domain.errors import RuleViolationError
from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.approvals import DecideApproval, decide_stock_approval
from oms_core.services.count_stock import CountedRecord, EnterCount, OpenCount, enter_count, open_count
from oms_core.services.crashpoints import armed
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.transfer_stock import (
    DraftTransfer,
    TransferArrival,
    TransferLine,
    TransferStep,
    draft_transfer,
    receive_transfer,
    ship_transfer,
)
from tests.builders import contents, facts_of, rows_of
from tests.stock_cases import CLERK, LEAD, OTHER_LEAD, a_call, do, on_hand, open_company


@pytest.fixture
def company(core, core_settings):
    """MAIN holds 10 mugs."""
    return open_company(core, core_settings)


def at_once(*tasks) -> Counter[str]:
    """How many ended how, all started together."""

    def ended(task) -> str:
        try:
            answer = task()
        except RuleViolationError as error:
            return error.code
        return "repeated" if answer.repeated else "done"

    with ThreadPoolExecutor(len(tasks)) as pool:
        return Counter(pool.map(ended, tasks))


def test_the_last_units_are_taken_once(company):
    tasks = [lambda: adjust_stock(company, AdjustStock("MUG", "MAIN", -2, "broken"), a_call(CLERK)) for _ in range(8)]

    assert at_once(*tasks) == {"done": 5, "STOCK_SHORT": 3}
    assert on_hand(company) == 0
    facts_of(company)


def test_one_delivery_at_two_doors_comes_in_once(company):
    request = ReceiveGoods("MAIN", (ReceivedLine("MUG", 5),), number="D-1")
    tasks = [lambda: receive_goods(company, request, a_call(CLERK)) for _ in range(4)]

    assert at_once(*tasks) == {"done": 1, "RECEIPT_KNOWN": 3}
    assert on_hand(company) == 15


def test_one_key_sent_many_times_at_once_acts_once(company):
    call = a_call(CLERK)
    tasks = [lambda: adjust_stock(company, AdjustStock("MUG", "MAIN", -2, "broken"), call) for _ in range(4)]

    assert at_once(*tasks) == {"done": 1, "repeated": 3}
    assert on_hand(company) == 8


def test_two_who_decide_at_once_let_it_happen_once(company):
    waiting = do(company, adjust_stock, AdjustStock("MUG", "MAIN", 101, "found"), by=CLERK)["approval"]
    decision = DecideApproval(waiting, approve=True, reason="seen")
    tasks = [
        lambda lead=lead: decide_stock_approval(company, decision, a_call(lead)) for lead in (LEAD, OTHER_LEAD) * 2
    ]

    assert at_once(*tasks) == {"done": 1, "EVENT_NOT_ALLOWED": 3}
    assert on_hand(company) == 111


def test_transfers_that_cross_end_without_a_deadlock(company):
    do(company, receive_goods, ReceiveGoods("YARD", (ReceivedLine("MUG", 10), ReceivedLine("CUP", 9))))
    do(company, receive_goods, ReceiveGoods("MAIN", (ReceivedLine("CUP", 10),)))
    ways = [("MAIN", "YARD"), ("YARD", "MAIN")] * 3
    for number, (source, target) in enumerate(ways):
        lines = (TransferLine("MUG", 2), TransferLine("CUP", 1))[:: 1 if number % 2 else -1]
        do(company, draft_transfer, DraftTransfer(source, target, lines, number=f"T{number}"))

    def moved(number: int):
        ship_transfer(company, TransferStep(f"T{number}"), a_call(LEAD))
        return receive_transfer(company, TransferArrival(f"T{number}"), a_call(LEAD))

    assert at_once(*[lambda number=number: moved(number) for number in range(len(ways))]) == {"done": 6}
    assert [on_hand(company, sku, place) for sku in ("MUG", "CUP") for place in ("MAIN", "YARD")] == [10, 10, 10, 10]
    facts_of(company)


class BrokenError(Exception):
    """What a test lets happen at a crash point."""


def breaks(name: str, monkeypatch) -> None:
    def happen() -> None:
        raise BrokenError

    monkeypatch.setitem(armed, name, happen)


@pytest.mark.parametrize("place", ["receipt_written", "before_commit"])
def test_a_receipt_that_breaks_in_the_middle_never_happened(company, monkeypatch, place):
    before = contents(company)
    breaks(place, monkeypatch)

    with pytest.raises(BrokenError):
        do(company, receive_goods, ReceiveGoods("MAIN", (ReceivedLine("MUG", 5),)), by=CLERK)

    assert contents(company) == before


def test_a_transfer_that_breaks_between_its_legs_never_left(company, monkeypatch):
    do(company, draft_transfer, DraftTransfer("MAIN", "YARD", (TransferLine("MUG", 6),), number="T"), by=CLERK)
    before = contents(company)
    breaks("transfer_left", monkeypatch)

    with pytest.raises(BrokenError):
        do(company, ship_transfer, TransferStep("T"), by=CLERK)

    assert contents(company) == before


def test_a_count_that_breaks_while_it_is_booked_is_still_open(company, monkeypatch):
    do(company, open_count, OpenCount("MAIN", number="C"), by=CLERK)
    before = contents(company)
    breaks("count_booked", monkeypatch)

    with pytest.raises(BrokenError):
        do(company, enter_count, EnterCount("C", (CountedRecord("MUG", 9),)), by=CLERK)

    assert contents(company) == before
    assert rows_of(company, "select state from stock_count") == [("open",)]
