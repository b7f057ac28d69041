"""The machine at the bottom: one step runs a command on the core and on the model and compares them.

A step either succeeds on both sides or is refused on both; after it every fact is equal, and a refused or broken one
has changed nothing at all.
"""

import contextlib
import copy
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from oms_core.domain.errors import OmsError
from oms_core.domain.permissions import Actor
from oms_core.services import crashpoints
from oms_core.services.commands import Call, UseCase
from oms_core.services.verify import run_checks
from oms_core.storage.engine import open_engine, reading
from tests.builders import contents
from tests.oms_core.model.core_facts import Facts, facets_in_core, facts_of_core, first_difference, reservations_in_core
from tests.oms_core.model.plain_company import Company, Refused
from tests.oms_core.model.plain_facets import facets
from tests.oms_core.model.prepared import LEAD, START

_Thing = TypeVar("_Thing")
MINUTE = 60_000_000
picks = st.integers(0, 2**16)
wild = st.sampled_from([False, False, False, False, True])


class PowerCutError(Exception):
    """What ends a transaction in the middle."""


class MachineBase(RuleBasedStateMachine):
    """A core of its own and the model of it."""

    worlds: ClassVar[Callable[[], Any]]
    steps: ClassVar[Counter[str]] = Counter()
    refusals: ClassVar[Counter[str]] = Counter()
    crashes: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.core: sa.Engine = open_engine(self.stack.enter_context(type(self).worlds()))
        self.stack.callback(self.core.dispose)
        self.company = Company(now=START)
        self.done: list[tuple[UseCase[Any], object, Call, dict[str, Any]]] = []
        self.numbers = 0
        self.crash_after = 0  # statements after which the next command breaks off
        with reading(self.core) as connection:
            self.company.commands = connection.execute(sa.text("select count(*) from command")).scalar_one()

    def teardown(self) -> None:
        """Every invariant of the core holds at the end."""
        try:
            with reading(self.core) as connection:
                broken = [check for check in run_checks(connection) if check.rows]
            assert not broken, broken
        finally:
            self.stack.close()

    # --- what rules use ----------------------------------------------------------------------------

    def number(self, prefix: str = "") -> str:
        """A number or key that nothing has yet."""
        self.numbers += 1
        return f"{prefix}{self.numbers}"

    def call(self, actor: Actor = LEAD) -> Call:
        """A call under a key of its own, a minute after the one before."""
        self.company.now += MINUTE
        return Call(self.number("key-"), actor, self.company.now)

    def run(
        self,
        case: UseCase[Any],
        request: object,
        act: Callable[[Company, dict[str, Any] | None], None],
        *,
        actor: Actor = LEAD,
    ) -> dict[str, Any] | None:
        """What the core answers; null where both refuse. `act` does it to the model, told the core's answer."""
        call = self.call(actor)
        MachineBase.steps[case.name] += 1
        before = contents(self.core)
        if self.crash_after:
            self._break(case, request, call, before)
        answer, code = self._ask(case, request, call)
        twin = copy.deepcopy(self.company)
        try:
            act(twin, answer)
        except Refused as refused:
            self._both_refuse(case, code, refused.codes, before)
            return None
        except AssertionError as wrong:
            raise AssertionError(f"{case.name} answered {answer or code}: {wrong}") from wrong
        assert answer is not None, f"{case.name} is refused with {code}; the model lets it through: {request}"
        if any(number < 0 for number in twin.promises):
            self._number_promises(twin)
        self.company = twin
        self.company.commands += 1
        self.done.append((case, request, call, answer))
        return answer

    def _number_promises(self, company: Company) -> None:
        """Give reservations that the core made by itself the core's numbers."""
        with reading(self.core) as connection:
            running = reservations_in_core(connection)
        for number in [number for number in company.promises if number < 0]:
            it = company.promises.pop(number)
            same = (it.order, it.line, it.location, it.units, it.expires_at)
            found = [known for known, row in running.items() if row == same and known not in company.promises]
            assert found, f"{same} is not reserved in the core"
            company.promises[found[0]] = it

    def _both_refuse(self, case: UseCase[Any], code: str, codes: Sequence[str], before: dict[str, list[str]]) -> None:
        assert code, f"{case.name} went through; the model refuses it with {codes}"
        assert code in codes, f"{case.name} is refused with {code}; the model says {codes}"
        assert contents(self.core) == before, f"{case.name} was refused and changed something"
        MachineBase.refusals[code] += 1

    def _ask(self, case: UseCase[Any], request: object, call: Call) -> tuple[dict[str, Any] | None, str]:
        try:
            return case(self.core, request, call).document, ""
        except OmsError as refusal:
            return None, refusal.code if refusal.reason and refusal.remedy else "UNEXPLAINED"

    def _break(self, case: UseCase[Any], request: object, call: Call, before: dict[str, list[str]]) -> None:
        """Let the command end in the middle of its transaction; nothing of it may be left."""
        left = self.crash_after
        self.crash_after = 0

        def statement(*_: object) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise PowerCutError

        def end() -> None:
            raise PowerCutError

        sa.event.listen(self.core, "before_cursor_execute", statement)
        crashpoints.armed["before_commit"] = end
        try:
            with contextlib.suppress(OmsError):
                case(self.core, request, call)
                raise AssertionError("a command survived its own end")
        except PowerCutError:
            MachineBase.crashes += 1
        finally:
            sa.event.remove(self.core, "before_cursor_execute", statement)
            del crashpoints.armed["before_commit"]
        assert contents(self.core) == before, f"{case.name} broke off and left something behind"

    @staticmethod
    def choose(likely: Sequence[_Thing], others: Sequence[_Thing], pick: int, *, anything: bool) -> _Thing | None:
        """One of the things that fit; any at all where the rule is to be tried in vain. Null: there is none."""
        found = list(others) if anything or not likely else list(likely)
        return found[pick % len(found)] if found else None

    def core_facts(self) -> Facts:
        """The core's facts as they stand."""
        with reading(self.core) as connection:
            return facts_of_core(connection)

    @invariant()
    def both_say_the_same(self) -> None:
        """Balances, counters, states and money are equal."""
        with reading(self.core) as connection:
            core = facts_of_core(connection) | {"facets": facets_in_core(connection)}
        model = self.company.facts() | {"facets": facets(self.company)}
        assert not (difference := first_difference(model, core)), difference
        assert core["movements"] == {key: (units[0],) for key, units in core["balances"].items() if units[0]}
        promised: Counter[tuple[str, str]] = Counter()
        for (order, line, _), (reserved, allocated) in core["promises"].items():
            promised[order, line] += reserved + allocated
        assert promised == {key: sum(units) for key, units in core["promised lines"].items()}
        for (sku, place, condition), (on_hand, committed) in core["balances"].items():
            assert 0 <= committed <= max(on_hand, 0) or self.company.is_short, (sku, place, condition)
