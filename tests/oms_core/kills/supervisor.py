"""Lives that end by `kill -9`: `python -m tests.oms_core.kills.supervisor HOME URL LOG KILLS SEED`.

Each life is a forked process that runs mixed commands and logs every answer. It is killed from outside at a random
moment, or by itself in the middle of a statement, before a commit, or after it and before the answer is logged. The
next life repeats the command whose answer nobody saw. After each kill every invariant is checked.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from oms_core.domain.errors import OmsError
from oms_core.domain.permissions import Actor, Role
from oms_core.services import crashpoints
from oms_core.services.commands import USE_CASES, Call
from oms_core.services.verify import run_checks
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from tests.builders import march, rows_of
from tests.oms_core.kills.ack_log import AckLog, Answer, Intent
from tests.oms_core.kills.mixed_commands import next_command

LEAD = Actor("lea", Role.OPS_LEAD)
_MOST_COMMANDS = 400
_MINUTE = 60_000_000


def live(settings: Settings, log_path: Path, seed: int, ending: str) -> None:
    """One life: the open command again, then new ones, until it ends."""
    chance = random.Random(seed)
    core = open_engine(settings)
    _arm(core, chance, ending)
    log = AckLog(log_path)
    if (intent := log.open_intent) is not None:
        log.acknowledge(_answer(core, intent))
    for _ in range(_MOST_COMMANDS):
        number = len(log.intents) + 1
        now = march(3) + number * _MINUTE
        case, request = next_command(core, chance, number, now)
        intent = Intent(number, f"key-{number}", case.name, request, now)
        log.intend(intent)
        log.acknowledge(_answer(core, intent))


def _answer(core: sa.Engine, intent: Intent) -> Answer:
    try:
        result = USE_CASES[intent.case](core, intent.request, Call(intent.key, LEAD, intent.now))
    except OmsError as refusal:
        return Answer(intent.key, None, refusal.code, repeated=False)
    return Answer(intent.key, result.document, "", result.repeated)


def _arm(core: sa.Engine, chance: random.Random, ending: str) -> None:
    """Let the process kill itself: at a crash point that it passes for the n-th time, or in the n-th statement."""
    left = chance.randint(1, 200) if ending == "statement" else chance.randint(1, 12)

    def count(*_: object) -> None:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)

    if ending == "statement":
        sa.event.listen(core, "before_cursor_execute", count)
    elif ending != "outside":
        crashpoints.armed[ending] = count


def supervise(settings: Settings, log_path: Path, kills: int, seed: int) -> dict[str, Any]:
    """Kill so many lives and say what is true afterwards."""
    chance = random.Random(seed)
    endings: Counter[str] = Counter()
    wrong: list[str] = []
    seen: set[str] = set()
    for life in range(kills):
        ending = chance.choice(["outside", "outside", "statement", "before_commit", "after_commit"])
        child = os.fork()
        if not child:
            _be_child(settings, log_path, seed * 10_000 + life, ending)
        if ending == "outside":
            time.sleep(chance.uniform(0.05, 1.0))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            wrong.append(f"life {life} ({ending}) ended by itself: {status}")
        endings[ending] += 1
        wrong += [f"life {life} ({ending}): {it}" for it in _wrong(settings, log_path, seen)]
        if len(wrong) > 5:
            break
    return {"kills": sum(endings.values()), "endings": dict(endings), "wrong": wrong, **_last(settings, log_path)}


def _be_child(settings: Settings, log_path: Path, seed: int, ending: str) -> None:
    """Never returns: an error leaves its trace and another exit code."""
    code = 0
    try:
        live(settings, log_path, seed, ending)
    except BaseException as error:  # noqa: BLE001 - told by the exit code, and on the way out
        print(f"{ending}: {error!r}", file=sys.stderr, flush=True)  # noqa: T201 - for the one who looks for it
        code = 3
    os._exit(code)


def _wrong(settings: Settings, log_path: Path, seen: set[str]) -> list[str]:
    """Broken invariants, and answers of the last life that are not in the database as they were given."""
    core = open_engine(settings)
    with reading(core) as connection:
        wrong = [f"{it.name}: {it.rows[:2]}" for it in run_checks(connection) if it.rows]
    kept = dict(rows_of(core, "select command_key, result from command"))
    core.dispose()
    for key, answer in AckLog(log_path).answers.items():
        if key in seen:
            continue
        seen.add(key)
        if answer.document is None and key in kept:
            wrong.append(f"{key} was refused with {answer.code} and took effect")
        if answer.document is not None and (key not in kept or json.loads(kept[key]) != answer.document):
            wrong.append(f"{key} was answered and is not what the core kept")
    return wrong


def _last(settings: Settings, log_path: Path) -> dict[str, Any]:
    """After one more life that only repeats the open command: the sums of the answers against those of the core."""
    core = open_engine(settings)
    log = AckLog(log_path)
    if (intent := log.open_intent) is not None:
        log.acknowledge(_answer(core, intent))
    done = {key: it for key, it in log.answers.items() if it.document is not None}
    kept = {key for (key,) in rows_of(core, "select command_key from command where command_key like 'key-%'")}
    (on_hand,) = rows_of(core, "select coalesce(sum(on_hand), 0) from stock_balance")[0]
    (paid,) = rows_of(core, "select coalesce(sum(captured_amount - refunded_amount), 0) from payment")[0]
    sums = {"on_hand": int(on_hand), "paid": int(paid)}
    core.dispose()
    wanted = {"on_hand": sum(units_in(log.intents[key], it) for key, it in done.items())}
    wanted["paid"] = sum(cents_in(log.intents[key], it) for key, it in done.items())
    return {
        "answers": len(log.answers),
        "accepted": len(done),
        "repeated": sum(it.repeated for it in done.values()),
        "by_case": dict(Counter(log.intents[key].case for key in done)),
        "refused": dict(Counter(it.code for it in log.answers.values() if it.code)),
        "lost_or_extra": sorted(set(done) ^ kept),
        "core": sums,
        "answered": wanted,
    }


def units_in(intent: Intent, answer: Answer) -> int:
    """Units that the answer says came in (or left, below zero)."""
    document = answer.document or {}
    if intent.case == "stock.receive":
        return int(document["received"])
    if intent.case == "shipment.ship":
        return -int(sum(document["shipped"].values()))
    if intent.case == "return.receive":
        return int(sum(it.quantity for it in intent.request.lines))
    if intent.case == "return.grade":
        return -int(sum(it.quantity for it in intent.request.lines if it.grade in ("scrap", "send_back")))
    return 0


def cents_in(intent: Intent, answer: Answer) -> int:
    """Money that the answer says came in (or went back, below zero)."""
    if intent.case == "payment.record":
        return 1000
    if intent.case == "payment.refund" and "refunded" in (answer.document or {}):
        return -400
    return 0


def main() -> None:
    """Supervise and print a JSON summary."""
    home, url, log, kills, seed = sys.argv[1:]
    settings = Settings.at(Path(home), database_url=url)
    print(json.dumps(supervise(settings, Path(log), int(kills), int(seed))))  # noqa: T201 - the answer to the test


if __name__ == "__main__":
    main()
