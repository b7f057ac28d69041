"""Many processes on one core: no update is lost, nothing is sold twice, nobody waits for ever, readers see wholes."""

import signal
import threading
import time

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, StorageUnavailableError
from oms_core.domain.facts import SkuFact
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading, write
from tests.builders import a_movement, give, rows_of
from tests.cores import opened
from tests.oms_core.storage.writers import Writer, all_finished

PROCESSES = 4


@pytest.fixture
def home(tmp_path):
    return Settings.at(tmp_path / "home")


def test_a_read_and_a_write_after_it_lose_no_update_on_sqlite(sqlite_settings):
    with opened(sqlite_settings) as core:
        give(core, SkuFact("MUG", "0"))

        all_finished([Writer("count", sqlite_settings, 50) for _ in range(PROCESSES)])

        assert rows_of(core, "select title from sku") == [(str(50 * PROCESSES),)]


def test_processes_that_sell_the_last_units_sell_exactly_those(core_settings):
    with opened(core_settings) as core:
        give(core, a_movement(units=50))

        sold = all_finished([Writer("sell", core_settings, 25) for _ in range(PROCESSES)])

        assert sum(int(units) for units in sold) == 50
        assert rows_of(core, "select on_hand from stock_balance") == [(0,)]
        assert rows_of(core, "select count(*), sum(quantity) from stock_movement") == [(51, 0)]


def test_a_write_inside_another_one_of_the_same_thread_raises_at_once(sqlite_core):
    started = time.monotonic()

    with sqlite_core.begin(), pytest.raises(RuntimeError, match="inside another one"), sqlite_core.begin():
        pass

    assert time.monotonic() - started < 5
    give(sqlite_core, a_movement())
    assert rows_of(sqlite_core, "select on_hand from stock_balance") == [(5,)]


def test_threads_take_turns(sqlite_core):
    give(sqlite_core, SkuFact("MUG", "0"))

    def count():
        for _ in range(20):
            with sqlite_core.begin() as connection:
                number = connection.execute(sa.text("select title from sku")).scalar_one()
                connection.execute(sa.text(f"update sku set title = '{int(number) + 1}'"))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert rows_of(sqlite_core, "select title from sku") == [("80",)]


def test_a_refused_write_gives_the_lock_back(sqlite_core):
    with pytest.raises(sa.exc.IntegrityError), sqlite_core.begin() as connection:
        connection.execute(sa.text("insert into sku (sku, recorded_at, change_id) values (null, 0, 0)"))

    give(sqlite_core, SkuFact("MUG"))

    assert rows_of(sqlite_core, "select sku from sku") == [("MUG",)]


def test_when_the_one_who_writes_is_killed_the_next_one_goes_on(core_settings):
    with opened(core_settings) as core:
        give(core, SkuFact("MUG", "before"))
        holder = Writer("hold", core_settings)
        assert holder.line() == "held"

        holder.stop()
        give(core, SkuFact("MUG", "after"))

        assert rows_of(core, "select title from sku") == [("after",)]


def test_when_the_one_who_writes_is_stopped_the_next_one_is_told_within_the_bound(sqlite_settings):
    with opened(sqlite_settings) as core:
        give(core, SkuFact("MUG", "before"))
        holder = Writer("hold", sqlite_settings)
        assert holder.line() == "held"
        holder.process.send_signal(signal.SIGSTOP)
        impatient = open_engine(sqlite_settings, lock_wait_seconds=0.3)
        started = time.monotonic()

        with pytest.raises(StorageUnavailableError) as caught:
            give(impatient, SkuFact("MUG", "after"))

        waited = time.monotonic() - started
        read = rows_of(impatient, "select title from sku")
        holder.stop()
        give(impatient, SkuFact("MUG", "in the end"))
        impatient.dispose()
        assert caught.value.code == "DATABASE_BUSY"
        assert 0.3 <= waited < 10
        assert read == [("before",)]
        assert rows_of(core, "select title from sku") == [("in the end",)]


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_there(core):
    give(core, a_movement(units=5))

    with core.begin() as writer:
        writer.execute(sa.text("update sku set title = 'half done'"))
        seen = rows_of(core, "select title from sku")

    assert seen == [(None,)]
    assert rows_of(core, "select title from sku") == [("half done",)]


def test_a_reader_keeps_its_instant_while_others_commit(core):
    give(core, a_movement("1", units=5))

    with reading(core) as connection:
        before: int = connection.execute(sa.text("select sum(quantity) from stock_movement")).scalar_one()
        give(core, a_movement("2", units=5))
        after: int = connection.execute(sa.text("select on_hand from stock_balance")).scalar_one()

    assert (before, after) == (5, 5)


def test_a_reader_cannot_write_on_postgresql(postgres_core):
    with pytest.raises(sa.exc.DBAPIError, match="read-only"), reading(postgres_core) as connection:
        connection.execute(sa.text("insert into counter values ('x', 1)"))


HALF_ORDERS = """
    select o.external_id from sales_order as o
    where o.lifecycle <> 'confirmed' or (select count(*) from order_line as l where l.order_id = o.order_id) <> 3
        or (select count(*) from order_event as e where e.order_id = o.order_id) <> o.last_event_seq
        or (select count(*) from stock_movement as m where m.source_key like o.external_id || '/%') <> 3"""
OFF_BALANCES = """
    select b.sku from stock_balance as b
    where b.on_hand <> (select sum(m.quantity) from stock_movement as m where m.sku = b.sku)"""


def test_a_reader_in_a_loop_never_sees_half_an_order(core_settings):
    with opened(core_settings) as core:
        give(core, SkuFact("MUG"))
        writers = [Writer("orders", core_settings, 25) for _ in range(2)]
        looks = 0
        seen: set[int] = set()

        while any(writer.process.poll() is None for writer in writers):
            with reading(core) as connection:
                assert connection.execute(sa.text(HALF_ORDERS)).all() == []
                assert connection.execute(sa.text(OFF_BALANCES)).all() == []
                seen.add(connection.execute(sa.text("select count(*) from sales_order")).scalar_one())
            looks += 1
            time.sleep(0.01)

        for writer in writers:
            writer.finished()
        assert looks > 3
        assert len(seen) > 1
        assert rows_of(core, "select count(*) from sales_order") == [(50,)]
        assert rows_of(core, "select on_hand from stock_balance") == [(50 * 3 * 2,)]


def test_a_write_is_tried_again_when_another_writer_was_in_the_way(postgres_core):
    attempts = []

    def work(connection: sa.Connection) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            connection.execute(sa.text("do $$ begin raise exception 'again' using errcode = '40001'; end $$"))
        return "done"

    assert write(postgres_core, work) == "done"
    assert len(attempts) == 3


def test_a_rule_that_says_no_is_not_tried_again(core):
    attempts = []

    def work(connection: sa.Connection) -> None:
        attempts.append(1)
        connection.execute(sa.text("insert into sku (sku, recorded_at, change_id) values (null, 0, 0)"))

    with pytest.raises(sa.exc.IntegrityError):
        write(core, work)
    assert len(attempts) == 1


def test_the_engine_runs_by_the_recipe(sqlite_core):
    with reading(sqlite_core) as connection:
        found: dict[str, str | int] = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "secure_delete")
        }

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "recursive_triggers": 1,
        "secure_delete": 1,
    }


@pytest.mark.parametrize("url", ["mysql://somewhere/core", "sqlite://", "sqlite:///:memory:"])
def test_a_database_that_is_no_core_is_refused(tmp_path, url):
    with pytest.raises(InvalidRequestError) as caught:
        open_engine(Settings.at(tmp_path, database_url=url))

    assert caught.value.code == "DATABASE_URL_UNKNOWN"


def test_reading_before_there_is_a_database_creates_none(home):
    engine = open_engine(home)

    with pytest.raises(InvalidRequestError) as caught, reading(engine):
        pass

    engine.dispose()
    assert caught.value.code == "HOME_NOT_READY"
    assert not home.home.exists()
