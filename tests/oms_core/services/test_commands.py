"""How a use case runs: one transaction with its key, audit entry and message; a repeated key changes nothing."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Actor, Permission, Role
from oms_core.services import crashpoints
from oms_core.services.commands import Call, Outcome, Unit, UseCase, request_sha256
from oms_core.services.define import DefineSku, define_sku
from oms_core.services.verify import run_checks
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.tables import sku
from tests.builders import NOW, contents, rows_of

ROOT = Path(__file__).resolve().parents[3]
LEAD = Actor("lea", Role.OPS_LEAD)
MUG = DefineSku("MUG", title="Mug")


class BrokenError(Exception):
    """What a test raises inside a transaction."""


@dataclass(frozen=True, slots=True)
class Name:
    """A SKU to add."""

    sku: str


def _add(unit: Unit, request: Name) -> Outcome:
    row = {"recorded_at": unit.stamp.recorded_at, "change_id": unit.stamp.change_id}
    unit.connection.execute(sku.insert().values(sku=request.sku, **row))
    return Outcome("sku", request.sku, {"sku": request.sku}, topic="sku.added", reason="a test")


def _known(_unit: Unit, request: Name) -> Outcome:
    return Outcome("sku", request.sku, {"sku": request.sku}, topic="")


ADD = UseCase("test.add", Permission.SKU_DEFINE, _add)
KNOWN = UseCase("test.known", Permission.SKU_DEFINE, _known)


def _add_two(unit: Unit, request: Name) -> Outcome:
    inner = ADD.within(unit, Name(f"{request.sku}-1"))
    ADD.within(unit, Name(f"{request.sku}-2"))
    return Outcome("sku", request.sku, {"first": inner.document["sku"]}, topic="sku.added_two")


ADD_TWO = UseCase("test.add_two", Permission.SKU_DEFINE, _add_two)


def a_call(key: str = "k-1", actor: Actor = LEAD) -> Call:
    return Call(key, actor, NOW)


def is_sound(core: sa.Engine) -> bool:
    with reading(core) as connection:
        return not [check for check in run_checks(connection) if check.rows]


# --- what a command leaves ------------------------------------------------------------------------


def test_a_command_leaves_its_effect_its_answer_an_audit_entry_and_a_message(core):
    result = ADD(core, Name("MUG"), a_call())

    assert (result.document, result.repeated) == ({"sku": "MUG"}, False)
    assert rows_of(core, "select sku from sku") == [("MUG",)]
    [command] = rows_of(core, "select command_key, use_case, result, actor, role, recorded_at from command")
    assert command == ("k-1", "test.add", '{"sku":"MUG"}', "lea", "ops_lead", NOW)
    audited = "actor, role, action, object_kind, object_ref, reason, command_key, topic, recorded_at"
    assert rows_of(core, f"select {audited} from audit_entry") == [
        ("lea", "ops_lead", "test.add", "sku", "MUG", "a test", "k-1", "sku.added", NOW)
    ]
    told = "topic, object_kind, object_ref, payload, recorded_at"
    assert rows_of(core, f"select {told} from outbox_message") == [("sku.added", "sku", "MUG", '{"sku":"MUG"}', NOW)]
    [changes] = rows_of(
        core,
        "select count(distinct change_id) from (select change_id from command union all select change_id from sku"
        " union all select change_id from audit_entry union all select change_id from outbox_message) as written",
    )
    assert changes == (1,)
    assert is_sound(core)


def test_the_audit_entry_has_the_digest_of_the_answer(core):
    ADD(core, Name("MUG"), a_call())

    # sha256 of {"sku":"MUG"}, by `printf '{"sku":"MUG"}' | sha256sum`
    digest = "b0f723a595e949f4543413ac43f8dbd1ce8119c7d9ea15337d7b431c0881e590"
    assert rows_of(core, "select content_sha256 from audit_entry") == [(digest,)]


def test_what_was_known_already_is_audited_and_nobody_is_told(core):
    KNOWN(core, Name("MUG"), a_call())

    assert rows_of(core, "select action, topic from audit_entry") == [("test.known", "")]
    assert rows_of(core, "select count(*) from outbox_message") == [(0,)]
    assert rows_of(core, "select count(*) from command") == [(1,)]


def test_use_cases_inside_another_are_audited_and_told_under_its_key(core):
    ADD_TWO(core, Name("MUG"), a_call())

    assert rows_of(core, "select command_key, use_case from command") == [("k-1", "test.add_two")]
    assert sorted(rows_of(core, "select action, object_ref, command_key from audit_entry")) == [
        ("test.add", "MUG-1", "k-1"),
        ("test.add", "MUG-2", "k-1"),
        ("test.add_two", "MUG", "k-1"),
    ]
    assert rows_of(core, "select count(*) from outbox_message") == [(3,)]
    assert is_sound(core)


# --- keys -----------------------------------------------------------------------------------------


def test_a_repeated_key_answers_the_same_and_changes_nothing(core):
    first = ADD(core, Name("MUG"), a_call())
    before = contents(core)

    again = ADD(core, Name("MUG"), Call("k-1", LEAD, NOW + 60_000_000))

    assert (again.document, again.repeated) == (first.document, True)
    assert contents(core) == before


@pytest.mark.parametrize(("case", "request_"), [(ADD, Name("CUP")), (KNOWN, Name("MUG"))])
def test_a_key_of_another_request_is_refused_and_changes_nothing(core, case, request_):
    ADD(core, Name("MUG"), a_call())
    before = contents(core)

    with pytest.raises(InvalidRequestError) as caught:
        case(core, request_, a_call())

    assert caught.value.code == "KEY_REUSED"
    assert contents(core) == before


@pytest.mark.parametrize("key", ["", "  "])
def test_a_command_without_a_key_is_refused(core, key):
    before = contents(core)

    with pytest.raises(InvalidRequestError) as caught:
        ADD(core, Name("MUG"), a_call(key))

    assert caught.value.code == "KEY_MISSING"
    assert contents(core) == before


def test_a_repeated_key_does_not_get_past_the_permission(core):
    ADD(core, Name("MUG"), a_call())

    with pytest.raises(RuleViolationError) as caught:
        ADD(core, Name("MUG"), a_call(actor=Actor("vera", Role.VIEWER)))

    assert caught.value.code == "NOT_PERMITTED"


def test_the_key_of_a_refused_command_is_free_again(core):
    with pytest.raises(BrokenError):
        UseCase("test.add", Permission.SKU_DEFINE, _break)(core, Name("MUG"), a_call())

    assert ADD(core, Name("MUG"), a_call()).repeated is False


def _break(unit: Unit, request: Name) -> Outcome:
    _add(unit, request)
    raise BrokenError


def test_requests_that_say_the_same_have_one_digest_and_others_another():
    @dataclass(frozen=True, slots=True)
    class Two:
        name: str
        names: tuple[Name, ...] = ()

    assert request_sha256(Two("a", (Name("b"),))) == request_sha256(Two("a", (Name("b"),)))
    several = {request_sha256(it) for it in (Two("a"), Two("b"), Two("a", (Name("b"),)), Two("a", (Name("c"),)))}
    assert len(several) == 4


def test_one_key_sent_by_eight_callers_at_once_takes_effect_once(core):
    def send(_number: int) -> bool:
        return ADD(core, Name("MUG"), a_call()).repeated

    with ThreadPoolExecutor(8) as callers:
        repeated = list(callers.map(send, range(8)))

    assert sorted(repeated) == [False] + [True] * 7
    assert rows_of(core, "select count(*) from command") == [(1,)]
    assert rows_of(core, "select count(*) from outbox_message") == [(1,)]
    assert is_sound(core)


def test_one_key_of_two_requests_at_once_takes_effect_for_one(core):
    def send(name: str) -> str:
        try:
            return str(ADD(core, Name(name), a_call()).document["sku"])
        except InvalidRequestError as error:
            return error.code

    with ThreadPoolExecutor(6) as callers:
        answers = list(callers.map(send, ["MUG", "CUP"] * 3))

    done = {answer for answer in answers if answer != "KEY_REUSED"}
    assert len(done) == 1
    assert answers.count("KEY_REUSED") == 3
    assert rows_of(core, "select sku from sku") == [(done.pop(),)]


# --- breaks ---------------------------------------------------------------------------------------


def test_a_break_before_the_commit_leaves_nothing(core, monkeypatch):
    before = contents(core)

    def fail() -> None:
        raise BrokenError

    monkeypatch.setitem(crashpoints.armed, "before_commit", fail)
    with pytest.raises(BrokenError):
        ADD_TWO(core, Name("MUG"), a_call())
    assert contents(core) == before

    monkeypatch.delitem(crashpoints.armed, "before_commit")
    assert ADD_TWO(core, Name("MUG"), a_call()).repeated is False


def test_a_break_after_the_commit_is_answered_by_the_same_key(core, monkeypatch):
    def fail() -> None:
        raise BrokenError

    monkeypatch.setitem(crashpoints.armed, "after_commit", fail)
    with pytest.raises(BrokenError):
        ADD(core, Name("MUG"), a_call())
    monkeypatch.delitem(crashpoints.armed, "after_commit")

    again = ADD(core, Name("MUG"), a_call())

    assert (again.document, again.repeated) == ({"sku": "MUG"}, True)


@pytest.mark.parametrize(("place", "kept"), [("before_commit", 0), ("after_commit", 1)])
def test_a_process_killed_at_the_commit_leaves_all_of_the_command_or_nothing(core_settings, place, kept):
    done = subprocess.run(
        [sys.executable, "-m", "tests.oms_core.services.test_commands", str(core_settings.home)],
        cwd=ROOT,
        env={**os.environ, "OMS_CRASHPOINT": place, "OMS_DATABASE_URL": core_settings.database_url},
        check=False,
    )

    core = open_engine(core_settings)
    assert done.returncode == -signal.SIGKILL
    for table in ("command", "audit_entry", "outbox_message", "sku"):
        assert rows_of(core, f"select count(*) from {table}") == [(kept,)]
    assert is_sound(core)
    assert define_sku(core, MUG, a_call()).repeated is bool(kept)
    core.dispose()


def test_a_refusal_inside_leaves_nothing_of_what_came_before_it(core):
    before = contents(core)

    with pytest.raises(BrokenError):
        UseCase("test.break", Permission.SKU_DEFINE, _break)(core, Name("MUG"), a_call())

    assert contents(core) == before


def test_a_command_before_there_is_a_core_is_refused_and_creates_nothing(tmp_path):
    engine = open_engine(Settings.at(tmp_path / "home"))

    with pytest.raises(InvalidRequestError) as caught:
        ADD(engine, Name("MUG"), a_call())

    assert caught.value.code == "HOME_NOT_READY"
    assert not (tmp_path / "home").exists()


def test_an_answer_is_the_same_whether_given_first_or_again(core):
    """What JSON makes of a document (tuples become lists) is what the first caller gets too."""

    def tell(_unit: Unit, _request: Name) -> Outcome:
        return Outcome("sku", "MUG", {"names": ("a", "b"), "名": "杯"}, topic="sku.told")

    case = UseCase("test.tell", Permission.SKU_DEFINE, tell)
    first = case(core, Name("MUG"), a_call())
    again = case(core, Name("MUG"), a_call())

    assert first.document == again.document == {"names": ["a", "b"], "名": "杯"}
    [(payload,)] = rows_of(core, "select payload from outbox_message")
    assert json.loads(payload) == first.document


if __name__ == "__main__":
    settings = Settings.at(Path(sys.argv[1]), database_url=os.environ["OMS_DATABASE_URL"])
    define_sku(open_engine(settings), MUG, a_call())
