"""Sixteen at one shelf: nothing is oversold, nobody hangs, every loser is told why, every reservation ends once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from oms_core.domain.errors import OmsError
from oms_core.services.allocate_order import AllocateOrder, RunAllocation, allocate_order, run_allocation
from oms_core.services.reallocate_order import ReallocateOrder, reallocate_order
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.services.reserve_stock import (
    ExpireReservations,
    ReserveStock,
    SettleReservation,
    expire_reservations,
    reserve_stock,
    settle_reservation,
)
from tests.allocation_cases import a_stocked_shop, buy, free, pegs, promised, run
from tests.builders import NOW, facts_of, march, rows_of
from tests.order_cases import a_call, a_new_line, place

MANY = 16
UNTIL = NOW + 60_000_000


def at_once(*tasks) -> Counter[str]:
    """How many ended how, all started together."""

    def ended(task) -> str:
        try:
            task()
        except OmsError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(len(tasks)) as pool:
        return Counter(pool.map(ended, tasks))


def test_sixteen_allocate_the_last_unit_and_the_first_order_gets_it(core):
    a_stocked_shop(core, MUG_MAIN=1)
    for number in range(MANY):
        place(core, f"{number:02}", placed_at=march(2, 0, number))

    came = at_once(
        *(lambda n=n: allocate_order(core, AllocateOrder(f"shop/{n:02}"), a_call()) for n in reversed(range(MANY)))
    )

    assert came == {"done": MANY}
    assert promised(core) == [("00", "MUG", "MAIN", 0, 1)]
    facts_of(core)


def test_sixteen_reserve_the_last_unit_and_one_of_them_gets_it(core):
    a_stocked_shop(core, MUG_MAIN=1)
    for number in range(MANY):
        place(core, f"{number:02}", placed_at=march(2, 0, number))

    came = at_once(
        *(lambda n=n: reserve_stock(core, ReserveStock(f"shop/{n:02}", UNTIL), a_call()) for n in range(MANY))
    )

    assert came == {"done": 1, "STOCK_SHORT": MANY - 1}
    assert free(core) == {"MAIN": 0}
    facts_of(core)


def test_orders_of_several_articles_in_any_order_of_lines_never_hang_or_oversell(core):
    """16 orders want one or two of each of 2 articles whose lines stand in any order; there are 11 of each."""
    a_stocked_shop(core, MUG_MAIN=6, MUG_YARD=5, CUP_MAIN=11)
    random = Random(7)
    for number in range(MANY):
        skus = random.sample(["MUG", "CUP"], 2)
        lines = [a_new_line(str(at), sku=sku, quantity=random.randint(1, 2)) for at, sku in enumerate(skus, 1)]
        place(core, f"{number:02}", *lines, placed_at=march(2, 0, number))

    came = at_once(
        *(lambda n=n: allocate_order(core, AllocateOrder(f"shop/{n:02}"), a_call()) for n in range(MANY)),
        *(lambda: run_allocation(core, RunAllocation(), a_call()) for _ in range(2)),
    )

    assert set(came) <= {"done", "NOTHING_TO_ALLOCATE"}
    run(core)
    assert free(core, "MUG") == {"MAIN": 0, "YARD": 0}
    assert free(core, "CUP") == {"MAIN": 0}
    facts_of(core)


@pytest.mark.parametrize("seed", range(3))
def test_three_who_end_a_reservation_at_its_instant_end_it_once(core, seed):
    a_stocked_shop(core, MUG_MAIN=1)
    place(core, "1001")
    made = reserve_stock(core, ReserveStock("shop/1001", UNTIL), a_call()).document["reservations"][0]["reservation"]
    enders = [
        *(
            lambda how=how: settle_reservation(core, SettleReservation(made, how), a_call(now=UNTIL))
            for how in ("post", "void", "expire")
        ),
        lambda: expire_reservations(core, ExpireReservations(), a_call(now=UNTIL)),
    ]
    Random(seed).shuffle(enders)

    came = at_once(*enders)

    endings = rows_of(core, "select kind from stock_allocation where pending_id is not null")
    assert len(endings) == 1
    assert set(came) == {"done", "RESERVATION_ENDED"}
    assert came["RESERVATION_ENDED"] >= 2
    facts_of(core)


def test_goods_come_while_their_orders_are_allocated_reallocated_and_pegged(core):
    a_stocked_shop(core, MUG_MAIN=2)
    buy(core, "PO-1", march(31) + 86_400_000_000, MUG=30)
    for number in range(8):
        place(core, f"{number:02}", a_new_line(quantity=2), placed_at=march(2, 0, number))
    allocate_order(core, AllocateOrder("shop/00"), a_call())

    came = at_once(
        *(lambda n=n: allocate_order(core, AllocateOrder(f"shop/{n:02}"), a_call()) for n in range(1, 8)),
        *(
            lambda n=n: receive_goods(core, ReceiveGoods("MAIN", (ReceivedLine("MUG", 3),), "PO-1", f"D-{n}"), a_call())
            for n in range(4)
        ),
        lambda: reallocate_order(core, ReallocateOrder("shop/00", "a better place"), a_call()),
        lambda: run_allocation(core, RunAllocation(), a_call()),
    )

    assert set(came) <= {"done", "NOTHING_TO_ALLOCATE"}
    run(core)
    assert sum(row[4] for row in promised(core)) == 14
    assert free(core) == {"MAIN": 0}
    assert pegs(core) == [("07", "MUG", "PO-1", 2)]
    facts_of(core)
