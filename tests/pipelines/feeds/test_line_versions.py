"""Each line stands at the newest version that named it; what is cancelled of it follows by entries."""

import itertools

import pytest

from tests.builders import facts_of, rows_of
from tests.pipelines.feeds.made_up import AT, ORDERS, changed, load, write_file

VERSIONED = changed(
    ORDERS,
    columns={"version": "v", "cancelled_quantity": "off", "type": "type", "currency": "currency"},
    currency=None,
    classes=[{"class": "return", "when": {"type": "R"}}, {"class": "sale"}],
)
HEAD = "order,line,sku,qty,price,at,v,off,type,currency"
LINES = """select line_key, quantity, cancelled_quantity, unit_price, source_version from order_line order by 1"""


def row(order, line, quantity, price, version, off=0, kind="S", currency="EUR"):
    return f"{order},{line},MUG,{quantity},{price},{AT},{version},{off},{kind},{currency}"


def arrive(core, settings, *files):
    for number, lines in enumerate(files):
        load(core, settings, VERSIONED, write_file(settings.home / f"{number}.csv", [HEAD, *lines]))


PARTS = {
    1: [row("A", 1, 1, 1, 1), row("A", 2, 1, 1, 1), row("A", 3, 1, 1, 1)],
    3: [row("A", 1, 3, 3, 3, off=1)],
    2: [row("A", 1, 2, 2, 2), row("A", 2, 2, 2, 2, off=2)],
}


@pytest.mark.parametrize("versions", list(itertools.permutations(PARTS)), ids=str)
def test_partial_documents_leave_each_line_at_its_newest_version(core, core_settings, versions):
    arrive(core, core_settings, *(PARTS[version] for version in versions))

    assert rows_of(core, LINES) == [("1", 3, 1, 3, 3), ("2", 2, 2, 2, 2), ("3", 1, 0, 1, 1)]
    assert rows_of(core, "select * from feed_quarantine") == []
    facts_of(core)


@pytest.mark.parametrize("versions", list(itertools.permutations((1, 2, 3))), ids=str)
def test_a_version_that_says_the_same_again_is_still_the_newest(core, core_settings, versions):
    told = {1: [row("A", 1, 1, 1, 1)], 2: [row("A", 1, 2, 2, 2)], 3: [row("A", 1, 1, 1, 3)]}

    arrive(core, core_settings, *(told[version] for version in versions))

    assert rows_of(core, LINES) == [("1", 1, 0, 1, 3)]


@pytest.mark.parametrize("versions", list(itertools.permutations((1, 2, 3))), ids=str)
def test_lines_of_returns_stand_at_their_newest_version_too(core, core_settings, versions):
    told = {
        version: [row("R", line, version, version, version, kind="R") for line in lines]
        for version, lines in {1: (1, 2), 2: (1, 2), 3: (1,)}.items()
    }

    arrive(core, core_settings, *(told[version] for version in versions))

    found = rows_of(core, "select line_key, quantity, source_version from return_line order by 1")
    assert found == [("1", 3, 3), ("2", 2, 2)]
    assert rows_of(core, "select * from feed_quarantine") == []


def test_cancelled_units_rise_and_fall_by_entries_with_the_lines(core, core_settings):
    arrive(
        core,
        core_settings,
        [row("A", 1, 5, 1, 1, off=4)],
        [row("A", 1, 3, 1, 2, off=1)],
        [row("A", 1, 6, 1, 3, off=6)],
    )

    entries = rows_of(core, "select kind, quantity, source_kind from line_entry order by entry_id")
    assert entries == [("cancel", 4, "feed"), ("cancel", -3, "feed"), ("cancel", 5, "feed")]
    assert rows_of(core, LINES) == [("1", 6, 6, 1, 3)]
    facts_of(core)


def test_a_newer_version_below_what_was_moved_here_is_held_back_and_the_rest_goes_on(core, core_settings):
    arrive(core, core_settings, [row("A", 1, 5, 1, 1), row("B", 1, 5, 1, 1)])
    ((line_id, order_id, change_id),) = rows_of(
        core,
        "select l.line_id, l.order_id, l.change_id from order_line as l"
        " join sales_order as o using (order_id) where o.external_id = 'A'",
    )
    with core.begin() as connection:
        connection.exec_driver_sql(
            "insert into line_entry (entry_id, line_id, order_id, kind, quantity, source_kind, source_ref, actor,"
            f" occurred_at, recorded_at, change_id) values (99, {line_id}, {order_id}, 'move', 4, 'order',"
            f" 'x', 'test', 1, 1, {change_id})"
        )

    arrive(core, core_settings, [row("A", 1, 3, 1, 2), row("B", 1, 3, 1, 2)])

    assert rows_of(core, "select rule, value, reason from feed_quarantine") == [
        ("below_shipped", "A/1", "the newer version leaves 3 units, 4 are promised, shipped or moved here already")
    ]
    assert rows_of(core, "select quantity from order_line order by quantity") == [(3,), (5,)]


def test_two_unversioned_messages_in_different_currencies_contradict_each_other(core, core_settings):
    arrive(core, core_settings, [row("A", 1, 1, 1, "")], [row("A", 2, 1, 1, "", currency="USD")])

    assert rows_of(core, "select rule, value from feed_quarantine") == [("mixed_currencies", "A/2")]
    assert rows_of(core, "select currency, (select count(*) from order_line) from sales_order") == [("EUR", 1)]
