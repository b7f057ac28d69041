"""Orders whose header, lines and payments come in files of their own: any order of arrival, the same facts."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.builders import facts_of, rows_of
from tests.pipelines.feeds.made_up import changed, load, write_file

_BASE = {
    "title": {"en": "Made up", "zh": "虚构"},
    "kind": "channel",
    "currency": "EUR",
    "account": {"name": "made-up", "channel": "web"},
}
HEADERS = {
    **_BASE,
    "name": "made_up_headers",
    "file": "order_headers",
    "columns": {
        "order_id": "order",
        "version": "version",
        "status": {"column": "state", "codes": {"open": "confirmed", "done": "closed", "gone": "cancelled"}},
        "placed_at": "at",
        "shipped_at": "shipped",
        "promised_at": "promised",
        "shipping_amount": "freight",
    },
    "key": ["order_id"],
}
ITEMS = {
    **_BASE,
    "name": "made_up_items",
    "file": "order_items",
    "columns": {
        "order_id": "order",
        "line_id": "line",
        "sku": {"column": "sku", "prefix": "X-"},
        "unit_price": "price",
        "discount_share": "off",
        "shipping_amount": "freight",
    },
    "constants": {"quantity": "2"},
    "key": ["order_id", "line_id"],
}
PAYMENTS = {
    **_BASE,
    "name": "made_up_payments",
    "file": "payments",
    "columns": {
        "order_id": "order",
        "payment_id": "n",
        "method": {"column": "how", "codes": {"card": "card", "voucher": "gift_card", "?": "unknown"}},
        "amount": "amount",
    },
    "key": ["order_id", "payment_id"],
}
FILES = {
    "headers": (
        HEADERS,
        [
            "order,version,state,at,shipped,promised,freight",
            "A,1,open,2026-03-02T10:00:00Z,2026-03-03T10:00:00Z,2026-03-05T00:00:00Z,5.00",
            "B,1,gone,2026-03-02T10:00:00Z,,,0",
        ],
    ),
    "items": (ITEMS, ["order,line,sku,price,off,freight", "A,1,MUG,10.00,0.05,1.50", "A,2,POT,3.00,0,0"]),
    "payments": (PAYMENTS, ["order,n,how,amount", "A,1,card,20.00", "A,2,voucher,5.5", "B,1,?,0.00"]),
}
LINES = """select o.external_id, l.line_key, l.line_kind, l.sku, l.quantity, l.line_amount, l.money_scale,
    l.discount_amount from order_line as l join sales_order as o on o.order_id = l.order_id order by 1, 2"""
PAID = """select o.external_id, p.external_id, p.method, p.captured_amount, e.occurred_at = o.placed_at
    from payment as p join sales_order as o on o.order_id = p.order_id
    left join payment_event as e on e.payment_id = p.payment_id order by 2"""
MILESTONES = "select milestone, seq, occurred_at from order_milestone order by milestone, seq"


def arrive(core, settings, *names):
    counts = []
    for name in names:
        document, lines = FILES[name]
        counts.append(load(core, settings, document, write_file(settings.home / f"{name}.csv", lines)).counts)
    return counts


@pytest.mark.parametrize("names", list(itertools.permutations(FILES)), ids="-".join)
def test_whichever_file_comes_first_the_order_is_the_same(core, core_settings, names):
    arrive(core, core_settings, *names)

    assert rows_of(core, LINES) == [
        ("A", "1", "item", "X-MUG", 2, 190000, 4, 10000),
        ("A", "1/shipping", "shipping", None, 1, 150, 2, 0),
        ("A", "2", "item", "X-POT", 2, 600, 2, 0),
        ("A", "order/shipping", "shipping", None, 1, 500, 2, 0),
    ]
    assert [tuple(row) for row in rows_of(core, PAID)] == [
        ("A", "A/1", "card", 2000, True),
        ("A", "A/2", "gift_card", 550, True),
        ("B", "B/1", "unknown", 0, None),
    ]
    assert rows_of(core, "select account, external_id, lifecycle from sales_order order by 2") == [
        ("made-up", "A", "confirmed"),
        ("made-up", "B", "cancelled"),
    ]
    assert rows_of(core, "select * from feed_parked") == rows_of(core, "select * from feed_quarantine") == []
    facts_of(core)


def test_what_comes_before_its_order_is_counted_as_parked_and_once(core, core_settings):
    first = arrive(core, core_settings, "items", "payments")
    again = arrive(core, core_settings, "items", "payments")

    assert [it.parked for it in first] == [1, 3]
    assert [(it.parked, it.duplicate) for it in again] == [(0, 1), (0, 2)]
    assert rows_of(core, "select waits_for, kind from feed_parked order by 1, 2") == [
        ("order/A", "order_items"),
        ("order/A", "payments"),
        ("order/A", "payments"),
        ("order/B", "payments"),
    ]


def test_a_parked_line_that_contradicts_a_recorded_one_is_held_back_when_the_order_comes(core, core_settings):
    arrive(core, core_settings, "items")
    other = ["order,line,sku,price,off,freight", "A,1,MUG,11.00,0,0"]
    load(core, core_settings, ITEMS, write_file(core_settings.home / "other.csv", other))

    arrive(core, core_settings, "headers")

    held = rows_of(core, "select kind, rule, value from feed_quarantine")
    assert set(held) == {("order_items", "contradiction", "A/1")}  # both sides are told
    assert rows_of(core, "select count(*) from order_line where line_key = '1'") == [(1,)]


def test_a_payment_that_says_something_else_of_its_key_is_held_back(core, core_settings):
    arrive(core, core_settings, "headers", "payments")
    other = write_file(core_settings.home / "other.csv", ["order,n,how,amount", "A,1,card,21.00"])

    load(core, core_settings, PAYMENTS, other)

    assert rows_of(core, "select rule, value from feed_quarantine") == [("contradiction", "payment/A/1")]
    assert rows_of(core, "select sum(captured_amount) from payment") == [(2550,)]


@pytest.mark.parametrize(("row", "rule"), [("A,1,card,-1", "amount_sign"), ("A,1,card,1.005", "money_digits")])
def test_a_payment_that_is_no_posted_amount_is_held_back(core, core_settings, row, rule):
    load(core, core_settings, PAYMENTS, write_file(core_settings.home / "p.csv", ["order,n,how,amount", row]))

    assert rows_of(core, "select rule from feed_quarantine") == [(rule,)]


@pytest.mark.parametrize("versions", list(itertools.permutations((1, 2, 3))), ids=str)
def test_milestones_and_state_are_those_of_the_newest_header(core, core_settings, versions):
    told = {
        1: "A,1,open,2026-03-02T10:00:00Z,,2026-03-05T00:00:00Z,0",
        2: "A,2,open,2026-03-02T10:00:00Z,2026-03-03T09:00:00Z,2026-03-05T00:00:00Z,0",
        3: "A,3,done,2026-03-02T10:00:00Z,2026-03-03T10:00:00Z,2026-03-05T00:00:00Z,0",
    }
    head = FILES["headers"][1][0]
    for version in versions:
        load(core, core_settings, HEADERS, write_file(core_settings.home / f"{version}.csv", [head, told[version]]))

    last = {milestone: at for milestone, _, at in rows_of(core, MILESTONES)}
    assert last["shipped"] == 1_772_532_000_000_000  # 2026-03-03 10:00 UTC
    assert rows_of(core, "select lifecycle, source_version from sales_order") == [("closed", 3)]


def test_another_time_without_a_version_is_a_contradiction(core, core_settings):
    plain = changed(HEADERS, columns={"version": None})
    head = FILES["headers"][1][0]
    for number, shipped in enumerate(["2026-03-03T10:00:00Z", "2026-03-04T10:00:00Z"]):
        row = f"A,,open,2026-03-02T10:00:00Z,{shipped},,0"
        load(core, core_settings, plain, write_file(core_settings.home / f"{number}.csv", [head, row]))

    assert rows_of(core, "select rule, value from feed_quarantine") == [("contradiction", "A/shipped")]
    assert [seq for _, seq, _ in rows_of(core, MILESTONES)] == [1]


def test_headers_and_lines_loaded_at_once_leave_nothing_waiting(core, core_settings):
    def race(number):
        header = ["order,version,state,at,shipped,promised,freight"]
        header += [f"{number}-{n},1,open,2026-03-02T10:00:00Z,,,0" for n in range(50)]
        items = ["order,line,sku,price,off,freight", *(f"{number}-{n},1,MUG,1.00,0,0" for n in range(50))]
        paid = ["order,n,how,amount", *(f"{number}-{n},1,card,2.00" for n in range(50))]
        files = [("h", HEADERS, header), ("i", ITEMS, items), ("p", PAYMENTS, paid)]
        barrier = threading.Barrier(len(files))

        def run(name, document, lines):
            path = write_file(core_settings.home / f"{number}{name}.csv", lines)
            barrier.wait()
            return load(core, core_settings, document, path)

        with ThreadPoolExecutor(len(files)) as pool:
            return [job.result().refused for job in [pool.submit(run, *file) for file in files]]

    assert [race(number) for number in range(6)] == [[[], [], []]] * 6

    assert rows_of(core, "select count(*) from feed_parked") == [(0,)]
    assert rows_of(core, "select count(*) from order_line") == rows_of(core, "select count(*) from payment") == [(300,)]
    facts_of(core)
