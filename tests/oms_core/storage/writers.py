"""Processes that write: `python -m tests.oms_core.storage.writers TASK HOME URL COUNT`. Started by `Writer`.

- `count`   read a number, write it back one higher, in one transaction each time.
- `sell`    ship one mug at a time until COUNT were tried; prints how many were sold.
- `hold`    begin a write transaction, print `held`, and keep it.
- `orders`  apply COUNT batches: an order of three lines and its three movements each.
- `slow`    the same, holding each transaction open for a moment, so that commits overlap.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import sqlalchemy as sa

from oms_core.settings import Settings
from oms_core.storage.changes import next_change_id, take_ids
from oms_core.storage.engine import open_engine
from oms_core.storage.tables import stock_movement
from tests.builders import NOW, a_line, a_message, a_movement, an_order, give

ROOT = Path(__file__).resolve().parents[3]


class Writer:
    """A process of its own that works on a core."""

    def __init__(self, task: str, settings: Settings, count: int = 1) -> None:
        command = [sys.executable, "-m", "tests.oms_core.storage.writers", task, str(settings.home)]
        command += [settings.database_url, str(count)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def finished(self) -> str:
        """What it printed, once it is done without an error."""
        printed, _ = self.process.communicate(timeout=120)
        assert self.process.returncode == 0
        return printed.strip()

    def stop(self) -> None:
        """End it at once, as a power cut would."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def all_finished(writers: Sequence[Writer]) -> list[str]:
    """What each of them printed; one that failed is told when all have ended, so that none is left behind."""
    printed = [writer.process.communicate(timeout=120)[0].strip() for writer in writers]
    assert [writer.process.returncode for writer in writers] == [0] * len(writers)
    return printed


def _count(core: sa.Engine, count: int) -> None:
    for _ in range(count):
        with core.begin() as connection:
            number: str = connection.execute(sa.text("select title from sku where sku = 'MUG'")).scalar_one()
            connection.execute(sa.text(f"update sku set title = '{int(number) + 1}' where sku = 'MUG'"))


def _sell(core: sa.Engine, count: int) -> None:
    sold = 0
    for number in range(count):
        try:
            with core.begin() as connection:
                connection.execute(stock_movement.insert().values(**_one_mug(connection, number)))
            sold += 1
        except sa.exc.IntegrityError:
            pass  # sold out: the check constraint says so
    print(sold)  # noqa: T201 - the answer to the test


def _one_mug(connection: sa.Connection, number: int) -> dict[str, object]:
    return {
        "movement_id": take_ids(connection, "stock_movement", 1)[0],
        "account": "shop",
        "source_key": f"{os.getpid()}/{number}",
        "sku": "MUG",
        "location": "MAIN",
        "condition": "sellable",
        "kind": "ship",
        "quantity": -1,
        "occurred_at": NOW,
        "content_sha256": "",
        "actor": "test",
        "recorded_at": NOW,
        "change_id": next_change_id(connection),
    }


def _hold(core: sa.Engine, _count: int) -> None:
    with core.begin() as connection:
        connection.execute(sa.text("update sku set title = 'held' where sku = 'MUG'"))
        print("held", flush=True)  # noqa: T201 - the sign that the test waits for
        time.sleep(120)


def _orders(core: sa.Engine, count: int) -> None:
    for number in range(count):
        name = f"{os.getpid()}-{number}"
        lines = [a_line(str(line), cents=100) for line in (1, 2, 3)]
        moved = [a_movement(f"{name}/{line}", units=2) for line in (1, 2, 3)]
        give(core, a_message(an_order(name, *lines), *moved))


def _slow(core: sa.Engine, count: int) -> None:
    for number in range(count):
        with core.begin() as connection:
            change = next_change_id(connection)
            time.sleep(0.001 * (os.getpid() * 7 + number * 13) % 0.02)
            row = {**_one_mug(connection, number), "kind": "receive", "quantity": 1, "change_id": change}
            row["sku"] = f"MUG-{os.getpid() % 4}"
            connection.execute(
                sa.text(
                    f"insert into sku (sku, recorded_at, change_id) values ('{row['sku']}', 0, {change})"
                    " on conflict do nothing"
                )
            )
            connection.execute(stock_movement.insert().values(**row))


def main() -> None:
    """Run one task."""
    task, home, url, count = sys.argv[1:]
    core = open_engine(Settings.at(Path(home), database_url=url))
    tasks: dict[str, Callable[[sa.Engine, int], None]] = {
        "count": _count,
        "sell": _sell,
        "hold": _hold,
        "orders": _orders,
        "slow": _slow,
    }
    tasks[task](core, int(count))
    core.dispose()


if __name__ == "__main__":
    main()
