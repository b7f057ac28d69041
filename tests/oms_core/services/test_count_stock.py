"""Counts: set-points, tolerance, four eyes, ranked lists, accuracy, and what late facts leave."""

import pytest
import sqlalchemy as sa

from oms_core.services.adjust_stock import AdjustStock, adjust_stock
from oms_core.services.count_lists import accuracy, ranked_records, residuals
from oms_core.services.count_stock import (
    CountedRecord,
    CountStep,
    EnterCount,
    OpenCount,
    approve_count,
    cancel_count,
    enter_count,
    open_count,
    reject_count,
)
from oms_core.services.receive_goods import ReceivedLine, ReceiveGoods, receive_goods
from oms_core.storage.engine import reading
from oms_core.storage.stock_ledger import stock_at
from tests.builders import NOW, a_movement, facts_of, give, march, rows_of
from tests.stock_cases import (
    CLERK,
    LEAD,
    OTHER_LEAD,
    PLACES,
    YARD_CLERK,
    do,
    on_hand,
    open_company,
    refused,
    with_lots,
)


@pytest.fixture
def company(core, core_settings):
    """MAIN holds 10 mugs at 2.00."""
    return open_company(core, core_settings)


def opened(core, *skus, number="CNT-1", by=CLERK, place="MAIN"):
    return do(core, open_count, OpenCount(place, skus, number=number), by=by)


def entered(core, *lines, number="CNT-1", by=CLERK, at=None):
    return do(core, enter_count, EnterCount(number, lines, at), by=by)


def counted(core, units, *, number="CNT-1", by=CLERK, at=None):
    opened(core, "MUG", number=number, by=by)
    return entered(core, CountedRecord("MUG", units), number=number, by=by, at=at)


def test_a_count_that_agrees_books_nothing(company):
    document = counted(company, 10)

    assert (document["state"], document["lines"][0]["difference"], on_hand(company)) == ("approved", 0, 10)
    assert rows_of(company, "select count(*) from stock_movement where document_kind = 'stock_count'") == [(0,)]


def test_a_small_difference_is_booked_at_the_instant_of_the_count(company):
    document = counted(company, 9, at=march(20, 18))

    assert (document["state"], on_hand(company)) == ("approved", 9)
    booked = "select kind, quantity, occurred_at, document_ref from stock_movement where document_kind = 'stock_count'"
    assert rows_of(company, booked) == [("adjust_loss", -1, march(20, 18), "CNT-1")]
    facts_of(company)


def test_a_count_is_compared_with_the_ledger_of_its_instant(company):
    give(company, a_movement("sold", kind="ship", units=4, at=march(21)), context=PLACES)

    assert counted(company, 10, at=march(20))["lines"][0]["expected"] == 10
    assert on_hand(company) == 6


def test_a_great_difference_waits_for_a_second_person(company):
    document = counted(company, 4, by=LEAD)
    assert (document["state"], on_hand(company)) == ("counted", 10)

    with refused(company, "OWN_REQUEST"):
        do(company, approve_count, CountStep("CNT-1", "sure"), by=LEAD)
    with refused(company, "NOT_PERMITTED"):
        do(company, approve_count, CountStep("CNT-1", "sure"), by=CLERK)
    assert do(company, approve_count, CountStep("CNT-1", "counted twice"), by=OTHER_LEAD)["state"] == "approved"
    assert on_hand(company) == 4


def test_a_few_dear_units_wait_too(company):
    """Two units are within the tolerance; at 150.00 each they are worth more than the limit of 200.00."""
    line = ReceivedLine("MUG", 1)
    do(company, receive_goods, ReceiveGoods("MAIN", (line,)), by=CLERK)
    with_lots(company, "none", "WATCH")
    watch = ReceivedLine("WATCH", 5, unit_cost="150", currency="EUR")
    do(company, receive_goods, ReceiveGoods("MAIN", (watch,)), by=CLERK)
    opened(company)

    assert entered(company, CountedRecord("WATCH", 3))["state"] == "counted"


def test_a_rejected_count_books_nothing(company):
    counted(company, 4)
    do(company, reject_count, CountStep("CNT-1", "wrong shelf"), by=LEAD)

    with refused(company, "EVENT_NOT_ALLOWED"):
        do(company, approve_count, CountStep("CNT-1", "x"), by=LEAD)
    assert on_hand(company) == 10


def test_a_count_entered_again_replaces_what_was_entered(company):
    counted(company, 4)

    document = entered(company, CountedRecord("MUG", 9))

    assert (document["state"], on_hand(company)) == ("approved", 9)


def test_a_cancelled_count_takes_no_entry(company):
    opened(company)
    do(company, cancel_count, CountStep("CNT-1", "closing time"), by=CLERK)

    with refused(company, "EVENT_NOT_ALLOWED"):
        entered(company, CountedRecord("MUG", 10))


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ((), "NO_LINES"),
        ((CountedRecord("MUG", -1),), "QUANTITY_WRONG"),
        ((CountedRecord("MUG", 1), CountedRecord("MUG", 2)), "COUNTED_TWICE"),
        ((CountedRecord("MUG", 1, "lovely"),), "CONDITION_UNKNOWN"),
        ((CountedRecord("NOPE", 1),), "SKU_UNKNOWN"),
        ((CountedRecord("MUG", 1, lot="L"),), "LOT_NOT_ASKED"),
    ],
)
def test_what_makes_no_sense_is_refused(company, lines, code):
    opened(company)

    with refused(company, code):
        entered(company, *lines)


def test_people_count_at_their_own_site(company):
    with refused(company, "NOT_PERMITTED"):
        opened(company, by=YARD_CLERK)
    opened(company)
    with refused(company, "NOT_PERMITTED"):
        entered(company, CountedRecord("MUG", 10), by=YARD_CLERK)


def test_lots_are_counted_one_by_one(company):
    with_lots(company)
    lots = (ReceivedLine("MILK", 3, lot="L1"), ReceivedLine("MILK", 2, lot="L2"))
    do(company, receive_goods, ReceiveGoods("MAIN", lots), by=CLERK)
    opened(company)

    entered(company, CountedRecord("MILK", 2, lot="L1"), CountedRecord("MILK", 3, lot="L2"))

    assert rows_of(company, "select lot, on_hand from lot_balance order by lot") == [("L1", 2), ("L2", 3)]
    assert on_hand(company, "MILK") == 5


def test_a_late_fact_leaves_a_residual_and_no_silent_booking(company):
    counted(company, 9, at=march(20))
    with reading(company) as connection:
        assert residuals(connection) == []

    do(company, adjust_stock, AdjustStock("MUG", "MAIN", -1, "broken on the 10th", at=march(10)), by=CLERK)

    with reading(company) as connection:
        (left,) = residuals(connection, place="MAIN")
        at_count = stock_at(connection, [march(20)], sku="MUG")
    assert (left["count"], left["counted"], left["ledger_now"], left["residual"]) == ("CNT-1", 9, 8, -1)
    assert [it.on_hand for it in at_count] == [8]


def test_record_accuracy_is_blank_without_counts_and_counts_records(company):
    give(company, *(a_movement(f"s{n}", sku=f"S{n}", units=10, at=march(1)) for n in range(3)), context=PLACES)
    with reading(company) as connection:
        (none,) = accuracy(connection, place="MAIN")
    assert (none.counted, none.share) == (0, None)

    opened(company)
    seen = [CountedRecord("MUG", 10), CountedRecord("S0", 10), CountedRecord("S1", 9), CountedRecord("S2", 5)]
    entered(company, *seen)
    do(company, approve_count, CountStep("CNT-1", "counted twice"), by=LEAD)

    with reading(company) as connection:
        (found,) = accuracy(connection, place="MAIN")
    assert (found.counted, found.exact, found.within_tolerance, str(found.share)) == (4, 2, 3, "0.75")


def test_what_a_short_pick_made_suspicious_is_first_on_the_list_until_it_is_counted(company):
    give(company, a_movement("dear", sku="VASE", units=90, at=march(1)), context=PLACES)
    give(company, a_movement("sure", sku="BOWL", units=9, at=march(1)), context=PLACES)
    with company.begin() as connection:
        connection.execute(
            sa.text(
                "insert into count_suspicion (suspicion_id, sku, location, quantity, source_kind, source_ref, actor,"
                " occurred_at, recorded_at, change_id)"
                f" values (1, 'MUG', 'MAIN', 2, 'shipment', 'S1', 'x', {NOW}, {NOW}, 1)"
            )
        )

    document = opened(company)
    assert [(it["sku"], it["suspicion_per_mille"]) for it in document["to_count"]][:1] == [("MUG", 1000)]

    entered(company, CountedRecord("MUG", 9))
    with reading(company) as connection:
        ranked = ranked_records(connection, "MAIN", NOW)
    assert {it.sku: it.suspicion_per_mille for it in ranked}["MUG"] < 1000


def test_stock_that_stopped_selling_is_suspected(company):
    for day in range(2, 11):
        give(company, a_movement(f"g{day}", sku="GHOST", units=3, at=march(day)), context=PLACES)
        give(company, a_movement(f"h{day}", sku="GHOST", kind="ship", units=2, at=march(day, 9)), context=PLACES)

    with reading(company) as connection:
        ghost = next(it for it in ranked_records(connection, "MAIN", NOW) if it.sku == "GHOST")

    assert (ghost.on_hand, ghost.sold_per_day_milli, ghost.silent_days) == (9, 2000, 21)
    assert ghost.suspicion_per_mille == 976  # 42 sales missing: 42 / 43
