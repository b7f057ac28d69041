"""A crew of processes that act at one moment: `python -m tests.oms_core.races.crew RACE HOME URL PROCESSES ROUNDS`.

The leader forks its workers before it opens anything; each has an engine of its own and lives through all rounds. In a
round the leader prepares, hands every worker its job, lets all go at once, and judges what came of it. The last line it
prints is a JSON summary.
"""

import json
import multiprocessing as mp
import subprocess
import sys
import time
from collections import Counter
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa

from oms_core.domain.errors import OmsError
from oms_core.domain.permissions import Actor
from oms_core.services.commands import USE_CASES, Call
from oms_core.services.verify import run_checks
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading

ROOT = Path(__file__).resolve().parents[3]


class Job(NamedTuple):
    """What a worker does: the name of a use case, its request, key and moment."""

    case: str
    request: Any
    key: str
    actor: Actor
    now: int


class Came(NamedTuple):
    """What came of it: `ok` with the document, a refusal's code, or `error` with what it was."""

    what: str
    document: dict[str, Any]
    repeated: bool = False


def work(settings: Settings, jobs: Connection, start: Barrier) -> None:
    """A worker: waits for jobs until it is told to stop."""
    core = open_engine(settings)
    while (job := jobs.recv()) is not None:
        start.wait()
        jobs.send(came_of(core, job))
    core.dispose()


def came_of(core: sa.Engine, job: Job) -> Came:
    """What came of one job."""
    try:
        result = USE_CASES[job.case](core, job.request, Call(job.key, job.actor, job.now))
    except OmsError as refusal:
        kind = type(refusal).__name__
        known = kind in ("RuleViolationError", "InvalidRequestError") and refusal.reason and refusal.remedy
        return Came(refusal.code if known else "error", {"reason": refusal.reason})
    except Exception as error:  # noqa: BLE001 - whatever it is, the race is lost by it
        return Came("error", {"reason": repr(error)})
    return Came("ok", result.document, result.repeated)


class Crew:
    """The workers and how they are led through a round."""

    def __init__(self, settings: Settings, processes: int) -> None:
        context = mp.get_context("fork")
        self.start = context.Barrier(processes)
        self.lines: list[Connection] = []
        self.workers = []
        for _ in range(processes):
            ours, theirs = context.Pipe()
            worker = context.Process(target=work, args=(settings, theirs, self.start), daemon=True)
            worker.start()
            theirs.close()
            self.lines.append(ours)
            self.workers.append(worker)

    def round(self, jobs: list[Job]) -> list[Came]:
        """What came of each job; all began at one moment."""
        for line, job in zip(self.lines, jobs, strict=True):
            line.send(job)
        return [line.recv() for line in self.lines]

    def end(self) -> None:
        """Let everybody go home."""
        for line in self.lines:
            line.send(None)
        for worker in self.workers:
            worker.join(timeout=30)


def deadlocks(core: sa.Engine) -> int:
    """How many deadlocks PostgreSQL had to break in this database; SQLite knows none."""
    if core.dialect.name != "postgresql":
        return 0
    with reading(core) as connection:
        statement = "select deadlocks from pg_stat_database where datname = current_database()"
        return int(connection.execute(sa.text(statement)).scalar_one())


def lead(name: str, settings: Settings, processes: int, rounds: int) -> dict[str, Any]:
    """Run a race: what came how often, and everything that was wrong."""
    from tests.oms_core.races.all_contests import RACES

    crew = Crew(settings, processes)
    core = open_engine(settings)
    race = RACES[name](core, processes)
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    started = time.monotonic()
    for number in range(rounds):
        came = crew.round(race.prepare(number))
        outcomes.update(it.what for it in came)
        wrong += [f"round {number}: {it.document['reason']}" for it in came if it.what == "error"]
        wrong += [f"round {number}: {problem}" for problem in race.judge(came)]
        if len(wrong) > 5:
            break
    crew.end()
    if deadlocks(core):
        wrong.append(f"{deadlocks(core)} deadlocks")
    with reading(core) as connection:
        wrong += [f"{check.name}: {check.rows[:3]}" for check in run_checks(connection) if check.rows]
    core.dispose()
    seconds = round(time.monotonic() - started, 1)
    return {"race": name, "rounds": number + 1, "outcomes": dict(outcomes), "wrong": wrong, "seconds": seconds}


def run_crew(name: str, settings: Settings, *, processes: int, rounds: int) -> dict[str, Any]:
    """The summary of a race that was led by a process of its own."""
    command = [sys.executable, "-m", "tests.oms_core.races.crew", name, str(settings.home), settings.database_url]
    command += [str(processes), str(rounds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return summary


def main() -> None:
    """Lead one race."""
    name, home, url, processes, rounds = sys.argv[1:]
    summary = lead(name, Settings.at(Path(home), database_url=url), int(processes), int(rounds))
    print(json.dumps(summary))  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    main()
