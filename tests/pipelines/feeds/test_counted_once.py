"""Every row counts once, whatever the order of rows, repeated files and overlaps; sums are exact."""

import random
import shutil
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oms_core.settings import Settings
from tests.builders import contents, facts_of, rows_of
from tests.cores import opened
from tests.pipelines.feeds.made_up import AT, HEADER, ORDERS, changed, load, load_rows, write_file

KEYLESS = changed(ORDERS, key=None, columns={"line_id": None})


def rows(count=40):
    made = [
        f"O-{n % 7 if count < 1000 else n // 3},{n},MUG-{n % 5},{n % 3 + 1},{n}.{n % 90 + 10},{AT}"
        for n in range(count)
    ]
    return [*made, f"O-1,x,MUG,none,1,{AT}", f"O-2,y,MUG,1,one,{AT}", "O-3,z"]


@pytest.fixture
def new_core(empty_home, tmp_path):
    """Makes one empty core after another, as (core, settings)."""
    made = []

    def make():
        home = tmp_path / f"core-{len(made)}"
        shutil.copytree(empty_home, home)
        made.append(home)
        return opened(Settings.at(home)), Settings.at(home)

    return make


def digest(new_core, document, *files):
    """The facts after these files (lists of rows), loaded one after another."""
    context, home = new_core()
    with context as core:
        for number, lines in enumerate(files):
            load(core, home, document, write_file(home.home / f"{number}.csv", [HEADER, *lines]))
        return facts_of(core)


@pytest.mark.parametrize("document", [ORDERS, KEYLESS], ids=["keyed", "keyless"])
def test_the_order_of_rows_within_a_file_plays_no_part(new_core, document):
    shuffled = rows()
    random.Random(5).shuffle(shuffled)

    clean = digest(new_core, document, rows())
    found = digest(new_core, document, shuffled)

    where = ["quarantine"]  # row numbers differ
    assert {k: v for k, v in found.items() if k not in where} == {k: v for k, v in clean.items() if k not in where}
    assert found["quarantine"].split()[0] == clean["quarantine"].split()[0] == "3"


@pytest.mark.parametrize("document", [ORDERS, KEYLESS], ids=["keyed", "keyless"])
def test_a_file_loaded_twice_changes_nothing(sqlite_core, sqlite_settings, document):
    first = load_rows(sqlite_core, sqlite_settings, document, rows())
    before = contents(sqlite_core)

    second = load_rows(sqlite_core, sqlite_settings, document, rows())

    assert second.counts.duplicate == second.counts.received == first.counts.received
    assert (second.counts.applied, second.counts.lines, second.counts.quarantined_rows) == (0, 0, 0)
    assert contents(sqlite_core) == before


def test_a_copy_under_another_name_is_the_same_file(sqlite_core, sqlite_settings):
    paths = [write_file(sqlite_settings.home / name, [HEADER, *rows()]) for name in ("a.csv", "b.csv")]

    result = load(sqlite_core, sqlite_settings, ORDERS, *paths)

    assert result.counts.duplicate * 2 == result.counts.received
    assert rows_of(sqlite_core, "select count(*) from feed_file") == [(1,)]


@pytest.mark.parametrize("document", [ORDERS, KEYLESS], ids=["keyed", "keyless"])
def test_files_that_overlap_give_what_the_whole_file_gives(new_core, document):
    whole = rows()
    clean = digest(new_core, document, whole)

    found = digest(new_core, document, whole[10:], whole[:25], whole)

    assert {k: v for k, v in found.items() if k != "quarantine"} == {
        k: v for k, v in clean.items() if k != "quarantine"
    }
    assert found["quarantine"].split()[0] == clean["quarantine"].split()[0]


def test_equal_rows_without_a_key_of_their_own_are_that_many(sqlite_core, sqlite_settings):
    same = f"O-1,,MUG,1,5,{AT}"

    load_rows(sqlite_core, sqlite_settings, KEYLESS, [same, same, f"O-2,,MUG,1,5,{AT}", same])

    assert rows_of(sqlite_core, "select count(*), sum(quantity), sum(line_amount) from order_line") == [(4, 4, 20)]
    assert rows_of(sqlite_core, "select count(*) from order_line group by order_id order by 1") == [(1,), (3,)]


def test_equal_rows_with_a_key_are_one(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,1,5,{AT}"] * 3)

    assert rows_of(sqlite_core, "select count(*) from order_line") == [(1,)]
    assert rows_of(sqlite_core, "select count(*) from feed_quarantine") == [(0,)]


def test_two_rows_of_one_key_that_differ_are_told(sqlite_core, sqlite_settings):
    load_rows(sqlite_core, sqlite_settings, ORDERS, [f"O-1,1,MUG,1,5,{AT}", f"O-1,1,MUG,2,5,{AT}"])

    assert rows_of(sqlite_core, "select count(*) from order_line") == [(1,)]
    assert rows_of(sqlite_core, "select rule, value from feed_quarantine") == [("contradiction", "1")]


def test_an_account_given_at_the_load_keeps_its_orders_apart(sqlite_core, sqlite_settings):
    path = write_file(sqlite_settings.home / "a.csv", [HEADER, f"O-1,1,MUG,1,5,{AT}"])

    load(sqlite_core, sqlite_settings, ORDERS, path)
    load(sqlite_core, sqlite_settings, ORDERS, path, account="second")

    accounts = rows_of(sqlite_core, "select account, external_id from sales_order order by account")
    assert accounts == [("made-up", "O-1"), ("second", "O-1")]


def test_a_file_of_many_transactions_is_whole(sqlite_core, sqlite_settings):
    result = load_rows(sqlite_core, sqlite_settings, ORDERS, rows(12_000))

    assert (result.counts.lines, result.counts.quarantined_rows) == (12_000, 3)
    assert rows_of(sqlite_core, "select count(distinct change_id) > 1, sum(quantity) from order_line") == [(1, 24_000)]
    facts_of(sqlite_core)


ROW = st.tuples(
    st.integers(0, 5),  # order
    st.integers(1, 10**6),  # quantity
    st.integers(0, 10**9),  # price, in units of its scale
    st.integers(0, 6),  # its digits
    st.sampled_from(["MUG", "CUP", "茶杯", "Käse"]),
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(made=st.lists(ROW, max_size=30))
def test_units_and_cents_in_the_core_equal_those_of_the_rows(empty_home, tmp_path_factory, made):
    home = tmp_path_factory.mktemp("random") / "home"
    shutil.copytree(empty_home, home)
    written = [(order, quantity, Decimal(price).scaleb(-digits), sku) for order, quantity, price, digits, sku in made]

    with opened(Settings.at(home)) as core:
        lines = [f"O-{order},,{sku},{quantity},{price:f},{AT}" for order, quantity, price, sku in written]
        load_rows(core, Settings.at(home), KEYLESS, lines)
        found = rows_of(core, "select quantity, line_amount, money_scale from order_line")

    assert len(found) == len(written)
    assert sum(quantity for quantity, _, _ in found) == sum(quantity for _, quantity, _, _ in written)
    amount = sum((Decimal(units).scaleb(-scale) for _, units, scale in found), Decimal(0))
    assert amount == sum((quantity * price for _, quantity, price, _ in written), Decimal(0))
