"""Messages of feeds: exactly once, newest version, the union of the parts, whatever the order of arrival."""

import itertools
import shutil
import threading

import pytest
import sqlalchemy as sa

from oms_core.domain.facts import SkuFact
from oms_core.domain.orders import Lifecycle
from oms_core.services.apply_feed import apply_messages
from oms_core.settings import Settings
from oms_core.storage.engine import reading
from oms_core.storage.stock_ledger import stock_at
from tests.builders import (
    NOW,
    a_balance,
    a_context,
    a_cost,
    a_customer,
    a_held_row,
    a_line,
    a_message,
    a_movement,
    a_place,
    a_return,
    an_order,
    close_of,
    contents,
    facts_of,
    give,
    march,
    ready_core,
    rows_of,
)
from tests.cores import opened

RECORDED = {"received": 1, "applied": 1, "duplicate": 0, "stale": 0, "quarantined": 0}


def counted(counts, *names):
    return tuple(getattr(counts, name) for name in names)


# --- exactly once ---------------------------------------------------------------------------------


def test_a_message_is_applied_and_counted(core):
    message = a_message(an_order("A-1", a_line("1"), a_line("2", sku="CUP")), a_return(), a_movement())

    counts = give(core, message)

    assert counted(counts, *RECORDED) == tuple(RECORDED.values())
    assert counted(counts, "orders", "lines", "returns", "movements") == (1, 3, 1, 1)


def test_a_message_given_again_changes_nothing(core):
    message = a_message(an_order(), a_return(), a_movement(), a_balance(), a_cost(), SkuFact("MUG", "Mug"))
    give(core, message)
    before = contents(core)

    counts = give(core, message, now=NOW + 1)

    assert counted(counts, "received", "applied", "duplicate", "orders", "lines", "movements") == (1, 0, 1, 0, 0, 0)
    assert contents(core) == before


def test_a_message_twice_in_one_batch_is_applied_once(core):
    message = a_message(an_order())

    counts = give(core, message, message)

    assert counted(counts, "received", "applied", "duplicate", "orders") == (2, 1, 1, 1)
    assert rows_of(core, "select count(*) from feed_message") == [(1,)]


def test_a_known_key_with_other_content_is_held_back_as_a_conflict(core):
    give(core, a_message(an_order("A-1", a_line(cents=500)), key="A-1@1", version=1))
    before = facts_of(core, without=["quarantine"])

    counts = give(core, a_message(an_order("A-1", a_line(cents=999)), key="A-1@1", version=1))

    held = rows_of(core, "select rule, value, state from feed_quarantine")
    assert counted(counts, "applied", "quarantined", "quarantined_rows") == (0, 1, 1)
    assert held == [("conflict", "A-1@1", "open")]
    assert facts_of(core, without=["quarantine"]) == before


def test_a_conflict_is_held_back_once(core):
    give(core, a_message(an_order("A-1", a_line(cents=500)), key="A-1@1", version=1))
    other = a_message(an_order("A-1", a_line(cents=999)), key="A-1@1", version=1)

    give(core, other)
    give(core, other)

    assert rows_of(core, "select rule, times_seen from feed_quarantine") == [("conflict", 2)]


def test_the_same_key_of_another_account_is_another_message(core):
    message = a_message(an_order(), key="delivery-1")
    give(core, message, context=a_context(account="shop"))

    counts = give(core, message, context=a_context(account="market"))

    assert counts.applied == 1
    assert rows_of(core, "select account from sales_order order by account") == [("market",), ("shop",)]


def test_a_held_row_blocks_nothing_else_of_its_message(core):
    counts = give(core, a_message(an_order(), a_held_row()))

    assert counted(counts, "applied", "quarantined", "quarantined_rows", "orders") == (0, 1, 1, 1)
    assert rows_of(core, "select state from feed_message_state") == [("quarantined",)]


def test_a_row_held_in_several_files_keeps_the_first_place(core):
    give(core, a_message(a_held_row(9, row_key="r", path="b.csv")))
    give(core, a_message(a_held_row(4, row_key="r", path="b.csv")))
    give(core, a_message(a_held_row(7, row_key="r", path="a.csv")))
    give(core, a_message(a_held_row(5, row_key="r", path="c.csv")))

    assert rows_of(core, "select path, row_number, times_seen from feed_quarantine") == [("a.csv", 7, 4)]


def test_a_batch_that_fails_leaves_nothing(core):
    before = contents(core)

    with pytest.raises(sa.exc.IntegrityError):
        give(core, an_order(), a_movement(location="NOWHERE"))

    assert contents(core) == before


# --- versions -------------------------------------------------------------------------------------


def version(number, **more):
    """A version of order A-1 with its one line; `quantity` tells the versions apart."""
    order = an_order("A-1", a_line(quantity=number, cents=100 * number), source_version=number, **more)
    return a_message(order, key=f"A-1@{number}", version=number)


def test_a_newer_version_replaces_lines_and_moves_the_state(core):
    give(core, version(1))

    counts = give(core, version(2, lifecycle=Lifecycle.CANCELLED))

    assert counted(counts, "applied", "lines") == (1, 1)
    assert rows_of(core, "select quantity, line_amount from order_line") == [(2, 200)]
    assert rows_of(core, "select lifecycle, source_version from sales_order") == [("cancelled", 2)]


def test_an_older_version_is_stale_and_changes_nothing(core):
    give(core, version(2, lifecycle=Lifecycle.CLOSED))
    before = facts_of(core)

    counts = give(core, version(1))

    assert counted(counts, "applied", "stale", "quarantined") == (0, 1, 0)
    assert facts_of(core) == before
    assert rows_of(core, "select outcome from feed_applied order by message_id") == [("applied",), ("stale",)]


def test_a_newer_version_brings_its_header(core):
    give(core, version(1, country="DE", currency="EUR", placed_at=march(2), customer=a_customer("C-1")))

    give(core, version(2, country="AT", currency="CHF", placed_at=march(3), customer=a_customer("C-2")))

    header = """select country, currency, placed_at, external_ref from sales_order as o
        join customer_personal as p on p.customer_id = o.customer_id"""
    assert rows_of(core, header) == [("AT", "CHF", march(3), "C-2")]


def digest_of_each(homes, arrivals, context=None):
    """The facts after each order of arrival, one message a transaction; each in a core of its own."""
    digests = []
    for number, messages in enumerate(arrivals):
        home = homes / str(number)
        shutil.copytree(homes / "empty", home)
        with opened(Settings.at(home)) as core:
            for message in messages:
                give(core, message, context=context)
            digests.append(facts_of(core))
    return digests


def some_orders(messages):
    """Every order of arrival of up to four messages; of more, every fourth."""
    orders = list(itertools.permutations(messages))
    return orders if len(orders) <= 24 else orders[::4]


def all_equal(items):
    return all(item == items[0] for item in items)


@pytest.fixture
def homes(empty_home, tmp_path):
    """A folder with an empty home to copy."""
    shutil.copytree(empty_home, tmp_path / "empty")
    return tmp_path


def test_versions_in_any_order_end_at_the_newest(homes):
    messages = [
        version(1, country="DE", placed_at=march(2)),
        version(2, country="AT", placed_at=march(1), customer=a_customer()),
        version(3, country="CH", placed_at=march(3), lifecycle=Lifecycle.CLOSED),
    ]

    digests = digest_of_each(homes, some_orders(messages))

    assert all_equal(digests)


def test_versions_in_one_batch_end_where_versions_one_by_one_do(core, homes):
    messages = [version(1), version(2, country="AT"), version(3, lifecycle=Lifecycle.CLOSED)]

    give(core, *messages)

    assert facts_of(core) == digest_of_each(homes, [messages])[0]


def test_an_older_version_still_brings_the_lines_that_no_newer_one_names(homes):
    first = a_message(
        an_order("A-1", a_line("1", quantity=1), a_line("2", quantity=1), source_version=1), key="A-1@1", version=1
    )
    changed = a_message(an_order("A-1", a_line("1", quantity=3), source_version=2), key="A-1@2", version=2)

    digests = digest_of_each(homes, some_orders([first, changed]))

    assert all_equal(digests)
    with ready_core(Settings.at(homes / "again")) as core:
        give(core, changed, first)
        assert facts_of(core) == digests[0]
        lines = rows_of(core, "select line_key, quantity from order_line order by line_key")
    assert lines == [("1", 3), ("2", 1)]


# --- parts of documents ---------------------------------------------------------------------------


def test_parts_of_an_order_in_any_order_give_their_union(homes):
    parts = [
        a_message(an_order("A-1", a_line("1"), placed_at=march(2, 10), country="DE")),
        a_message(an_order("A-1", a_line("2", sku="CUP"), placed_at=march(2, 9), country="DE")),
        a_message(an_order("A-1", a_line("3"), a_line("1"), placed_at=march(2, 11), country="DE")),
        a_message(an_order("A-1", a_line("4"), placed_at=march(2, 9), lifecycle=Lifecycle.CLOSED, country="DE")),
        a_message(an_order("A-2", a_line("1"))),
    ]

    digests = digest_of_each(homes, some_orders(parts))

    assert all_equal(digests)
    with ready_core(Settings.at(homes / "again")) as core:
        give(core, *parts)
        assert facts_of(core) == digests[0]
        assert rows_of(core, "select external_id, placed_at, lifecycle from sales_order order by external_id") == [
            ("A-1", march(2, 9), "closed"),
            ("A-2", march(2, 12), "confirmed"),
        ]
        assert rows_of(core, "select count(*) from order_line") == [(5,)]


def test_what_only_one_part_says_of_an_order_is_kept_whichever_comes_first(homes):
    parts = [
        a_message(an_order("A-1", a_line("1"), country="DE")),
        a_message(an_order("A-1", a_line("2"), customer=a_customer())),
        a_message(an_order("A-1", a_line("3"))),
    ]

    digests = digest_of_each(homes, some_orders(parts))

    assert all_equal(digests)
    with ready_core(Settings.at(homes / "again")) as core:
        give(core, *parts)
        assert facts_of(core) == digests[0]
        assert rows_of(core, "select country, customer_id is not null from sales_order") == [("DE", True)]


def test_parts_of_a_return_in_any_order_give_their_union(homes):
    parts = [
        a_message(a_return("R-1", a_line("1"), returned_at=march(6))),
        a_message(a_return("R-1", a_line("2"), returned_at=march(5), country="DE")),
        a_message(a_return("R-1", a_line("3"), returned_at=march(7), order_external_id="A-1")),
        a_message(a_return("R-1", a_line("1"), returned_at=march(6), customer=a_customer())),
    ]

    digests = digest_of_each(homes, some_orders(parts))

    assert all_equal(digests)
    with ready_core(Settings.at(homes / "again")) as core:
        give(core, *parts)
        assert facts_of(core) == digests[0]
        header = "select returned_at, country, order_external_id, customer_id is not null from return_order"
        assert rows_of(core, header) == [(march(5), "DE", "A-1", True)]


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_a_line_that_contradicts_the_recorded_one_is_held_back(core, together):
    first = a_message(an_order("A-1", a_line("1", cents=500)))
    other = a_message(an_order("A-1", a_line("1", cents=999)))

    if together:
        give(core, first, other)
    else:
        give(core, first)
        give(core, other)

    assert rows_of(core, "select line_amount from order_line") == [(500,)]
    assert {row[0] for row in rows_of(core, "select rule from feed_quarantine")} == {"contradiction"}


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
def test_a_return_line_that_contradicts_the_recorded_one_is_held_back(core, together):
    first, other = a_message(a_return("R-1", a_line(cents=500))), a_message(a_return("R-1", a_line(cents=999)))

    if together:
        give(core, first, other)
    else:
        give(core, first)
        give(core, other)

    assert rows_of(core, "select line_amount from return_line") == [(500,)]
    assert {row[0] for row in rows_of(core, "select rule from feed_quarantine")} == {"contradiction"}


@pytest.mark.parametrize("together", [True, False], ids=["in one batch", "one by one"])
@pytest.mark.parametrize(
    ("first", "other", "found"),
    [
        (a_movement("m", units=5), a_movement("m", units=6), "select quantity from stock_movement"),
        (a_balance(5), a_balance(6), "select quantity from stock_snapshot"),
        (a_cost(5), a_cost(6), "select unit_cost from unit_cost"),
    ],
    ids=["movement", "balance", "cost"],
)
def test_a_fact_that_contradicts_the_recorded_one_is_held_back(core, first, other, found, together):
    if together:
        give(core, first, other)
    else:
        give(core, first)
        give(core, other)

    assert rows_of(core, found) == [(5,)]
    assert {row[0] for row in rows_of(core, "select rule from feed_quarantine")} == {"contradiction"}


def test_an_order_may_arrive_after_what_serves_it(homes):
    served = a_movement("out", kind="ship", units=1, order_account="shop", order_external_id="A-1")
    parts = [
        a_message(a_movement("in", units=4)),
        a_message(served),
        a_message(an_order("A-1")),
        a_message(a_return("R-1", order_external_id="A-1")),
    ]

    assert all_equal(digest_of_each(homes, some_orders(parts)))


# --- stock ----------------------------------------------------------------------------------------


def test_a_shipment_of_more_than_is_there_is_booked_with_its_shortage(core):
    give(core, a_movement("in", units=5, at=march(2)))

    give(core, a_movement("out", kind="ship", units=7, at=march(3)))

    balance = "select on_hand, shortage from stock_balance"
    exceptions = "select kind, source_key, quantity, occurred_at from stock_exception where kind = 'shortage'"
    assert rows_of(core, balance) == [(-2, 2)]
    assert rows_of(core, exceptions) == [("shortage", "shop/out", 2, march(3))]
    facts_of(core)


def test_a_shortage_that_later_receipts_cover_is_settled_and_guards_again(core):
    give(core, a_movement("out", kind="ship", units=7, at=march(3)))

    give(core, a_movement("in", units=9, at=march(2)))

    balance = "select on_hand, shortage from stock_balance"
    shortages = "select quantity from stock_exception where kind = 'shortage' order by change_id"
    assert rows_of(core, balance) == [(2, 0)]
    assert rows_of(core, shortages) == [(7,), (-7,)]
    give(core, a_movement("again", kind="ship", units=5, at=march(4)))
    assert rows_of(core, balance) == [(-3, 3)]
    assert rows_of(core, shortages) == [(7,), (-7,), (3,)]
    facts_of(core)


def test_units_received_in_the_same_batch_cover_what_leaves(core):
    give(core, a_movement("out", kind="ship", units=5, at=march(2)), a_movement("in", units=5, at=march(3)))

    assert rows_of(core, "select on_hand, shortage from stock_balance") == [(0, 0)]
    assert rows_of(core, "select * from stock_exception") == []


def test_a_location_that_allows_it_books_no_shortage(core):
    give(core, a_movement(kind="ship", units=5), context=a_context(a_place(allows_negative_stock=True)))

    assert rows_of(core, "select on_hand, shortage from stock_balance") == [(-5, 0)]
    assert rows_of(core, "select kind from stock_exception") == [("negative_stock",)]


# --- openings (decision 0003) ---------------------------------------------------------------------

OPENING = a_context(a_place(opening_from_first_balance=True))


def on_hand(core, at, as_known=None):
    with reading(core) as connection:
        return sum(row.on_hand for row in stock_at(connection, [at], as_known=as_known))


def test_the_first_balance_is_booked_as_opening_stock_at_the_start_of_its_day(core):
    give(core, a_balance(10, at=close_of(5)), context=OPENING)

    assert rows_of(core, "select kind, quantity, occurred_at from stock_movement") == [("opening", 10, march(5))]


def test_a_balance_counted_within_a_day_opens_at_that_instant(core):
    give(core, a_balance(10, at=march(5, 14)), context=OPENING)

    assert rows_of(core, "select quantity, occurred_at from stock_movement") == [(10, march(5, 14))]


def test_movements_up_to_the_first_balance_are_part_of_it(core):
    give(
        core,
        a_movement("in", units=4, at=march(5)),
        a_movement("out", kind="ship", units=1, at=march(5)),
        a_movement("later", units=100, at=march(6)),
        a_balance(10, at=close_of(5)),
        context=OPENING,
    )

    openings = "select quantity, occurred_at from stock_movement where kind = 'opening'"
    assert rows_of(core, openings) == [(7, march(5))]  # 10 - (4 - 1)
    assert on_hand(core, close_of(5)) == 10
    assert on_hand(core, close_of(6)) == 110


def test_later_balances_move_nothing(core):
    give(core, a_balance(10, at=close_of(5)), context=OPENING)

    give(core, a_balance(3, at=close_of(6)), context=OPENING)

    assert on_hand(core, close_of(9)) == 10
    assert rows_of(core, "select count(*) from stock_movement") == [(1,)]


def test_a_location_without_the_policy_books_no_opening(core):
    give(core, a_balance(10, at=close_of(5)))

    assert rows_of(core, "select count(*) from stock_movement") == [(0,)]


def test_an_earlier_balance_rebooks_the_opening_and_what_was_known_stays(core):
    give(core, a_balance(10, at=close_of(5)), context=OPENING, now=NOW)

    give(core, a_balance(4, at=close_of(3)), context=OPENING, now=NOW + 10)

    ledger = "select quantity, occurred_at, reverses_id is not null from stock_movement order by movement_id"
    assert sorted(rows_of(core, ledger)) == sorted([(10, march(5), False), (-10, march(5), True), (4, march(3), False)])
    assert on_hand(core, close_of(5)) == 4
    assert on_hand(core, close_of(5), as_known=NOW) == 10
    assert on_hand(core, close_of(3), as_known=NOW) == 0
    facts_of(core)


def test_an_earlier_movement_rebooks_the_opening(core):
    give(core, a_balance(10, at=close_of(5)), context=OPENING)

    give(core, a_movement("in", units=3, at=march(2)), context=OPENING)

    assert on_hand(core, close_of(1)) == 0
    assert on_hand(core, close_of(2)) == 10  # opening 7 at the start of the ledger, 3 received
    assert on_hand(core, close_of(5)) == 10


def test_balances_and_movements_in_any_order_give_one_ledger(homes):
    facts = [
        a_message(a_balance(10, at=close_of(5))),
        a_message(a_balance(4, at=close_of(3))),
        a_message(a_movement("in", units=6, at=march(4))),
        a_message(a_movement("out", kind="ship", units=2, at=march(2))),
        a_message(a_movement("more", units=1, at=march(6))),
    ]

    digests = digest_of_each(homes, some_orders(facts), context=OPENING)

    assert all_equal(digests)


def test_an_opening_that_vanished_may_come_back(core):
    give(core, a_movement("1", units=3, at=march(1)), context=OPENING)
    give(core, a_balance(10, at=close_of(2)), context=OPENING)  # opening 7
    give(core, a_movement("2", units=7, at=march(1)), context=OPENING)  # opening 0

    give(core, a_movement("3", kind="ship", units=7, at=march(1)), context=OPENING)  # opening 7 again

    assert on_hand(core, close_of(2)) == 10
    facts_of(core)


def test_an_opening_rebooked_below_what_left_is_booked_with_its_shortage(core):
    give(core, a_balance(10, at=close_of(5)), context=OPENING)
    give(core, a_movement("out", kind="ship", units=8, at=march(6)), context=OPENING)

    give(core, a_balance(4, at=close_of(1)), context=OPENING)

    assert rows_of(core, "select on_hand, shortage from stock_balance") == [(-4, 4)]  # 4 - 8
    facts_of(core)


def test_two_writers_that_bring_balances_of_the_same_goods_book_one_opening(postgres_core):
    give(postgres_core, SkuFact("MUG"), context=OPENING)
    give(postgres_core, a_balance(1, sku="CUP"), context=OPENING)

    racing(
        postgres_core,
        first=a_message(a_balance(10, at=close_of(5))),
        second=a_message(a_balance(4, at=close_of(3))),
        context=OPENING,
    )

    assert on_hand(postgres_core, close_of(9)) == 5  # 4 mugs, 1 cup
    facts_of(postgres_core)


def test_two_writers_that_take_more_than_is_there_each_book_their_shortage(postgres_core):
    give(postgres_core, SkuFact("MUG"))

    racing(
        postgres_core,
        first=a_message(a_movement("a", kind="ship", units=3)),
        second=a_message(a_movement("b", kind="ship", units=2)),
    )

    assert rows_of(postgres_core, "select on_hand, shortage from stock_balance") == [(-5, 5)]
    facts_of(postgres_core)


def test_two_writers_that_move_the_same_order_both_get_through(postgres_core):
    give(postgres_core, an_order("A-1", a_line("1"), lifecycle=Lifecycle.PENDING))

    racing(
        postgres_core,
        first=a_message(an_order("A-1", a_line("2"), lifecycle=Lifecycle.CONFIRMED)),
        second=a_message(an_order("A-1", a_line("3"), lifecycle=Lifecycle.CLOSED)),
    )

    assert rows_of(postgres_core, "select lifecycle from sales_order") == [("closed",)]
    assert rows_of(postgres_core, "select count(*) from order_line") == [(3,)]
    facts_of(postgres_core)


def racing(core, *, first, second, context=None):
    """Apply `second` in a thread while the transaction of `first` is open, effects written."""
    started = threading.Event()
    failures: list[Exception] = []

    def late():
        started.set()
        try:
            give(core, second, context=context)
        except sa.exc.SQLAlchemyError as failure:
            failures.append(failure)

    thread = threading.Thread(target=late)

    def meanwhile(_connection, _stamp):
        if not started.is_set():
            thread.start()
            thread.join(timeout=0.7)  # it waits for this transaction

    apply_messages(core, context or a_context(), [first], now=NOW, also=meanwhile)
    thread.join()
    assert failures == []


def test_replace_keeps_builders_honest():
    assert a_line(cents=1).content_sha256 != a_line(cents=2).content_sha256
    assert a_line() == a_line()


def test_a_part_of_cancelled_lines_cancels_no_other_lines(homes):
    sold = a_message(an_order("A-1", a_line("1"), state_is_implied=True))
    gone = a_line("2", quantity=2, cancelled_quantity=2)
    called_off = a_message(an_order("A-1", gone, lifecycle=Lifecycle.CANCELLED, state_is_implied=True))

    digests = digest_of_each(homes, [[sold, called_off]])

    with ready_core(Settings.at(homes / "again")) as core:
        give(core, called_off, sold)
        assert facts_of(core) == digests[0]
        assert rows_of(core, "select lifecycle from sales_order") == [("confirmed",)]


def test_a_reported_state_goes_before_an_implied_one(homes):
    reported = a_message(an_order("A-1", a_line("1"), lifecycle=Lifecycle.CLOSED))
    implied = a_message(an_order("A-1", a_line("2"), state_is_implied=True))

    digests = digest_of_each(homes, some_orders([reported, implied]))

    assert all_equal(digests)
    with ready_core(Settings.at(homes / "again")) as core:
        give(core, implied, reported)
        assert facts_of(core) == digests[0]
