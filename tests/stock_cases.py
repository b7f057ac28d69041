"""What tests of stock operations share: a company with two sites, goods with costs, people, and short ways to ask."""

import contextlib
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa

from oms_core.domain.errors import InvalidRequestError, RuleViolationError
from oms_core.domain.permissions import Actor, Role
from oms_core.services.commands import Call, Result, UseCase
from oms_core.services.company import prepare
from oms_core.services.define import DefineSku, define_sku
from oms_core.settings import Settings
from tests.builders import NOW, a_context, a_cost, a_movement, a_place, contents, give, march, rows_of

LEAD = Actor("Lee", Role.OPS_LEAD)
OTHER_LEAD = Actor("Olga", Role.OPS_LEAD)
PLANNER = Actor("Petra", Role.PLANNER)
FINANCE = Actor("Fin", Role.FINANCE)
CLERK = Actor("Carl", Role.WAREHOUSE, locations=frozenset({"MAIN"}))
YARD_CLERK = Actor("Yara", Role.WAREHOUSE, locations=frozenset({"YARD"}))
ADMIN = Actor("Ada", Role.ADMIN)

PLACES = a_context(a_place(), a_place("YARD"))
_keys = count(1)


def a_call(actor: Actor = LEAD, *, key: str | None = None, now: int = NOW) -> Call:
    """A call at noon of 31 March under a key of its own."""
    return Call(key or f"key-{next(_keys)}", actor, now)


def do(core: sa.Engine, wanted: UseCase[Any], request: object, *, by: Actor = LEAD, now: int = NOW) -> dict[str, Any]:
    """What the command answers."""
    result: Result = wanted(core, request, a_call(by, now=now))
    return result.document


@contextlib.contextmanager
def refused(core: sa.Engine, code: str):
    """The block is refused with this code, says what to do, and changes nothing."""
    before = contents(core)
    with pytest.raises((RuleViolationError, InvalidRequestError)) as caught:
        yield caught
    assert caught.value.code == code, caught.value
    assert caught.value.remedy
    assert contents(core) == before


def open_company(core: sa.Engine, settings: Settings) -> sa.Engine:
    """A company that counts in euros, with MAIN and YARD, mugs at 2.00 and cups at 0.50; MAIN holds 10 mugs."""
    prepare(settings, base_currency="EUR", actor="test", now=NOW)
    give(core, a_cost(200), a_cost(50, sku="CUP"), a_movement("start", units=10, at=march(1)), context=PLACES)
    give(core, a_movement("cup", sku="CUP", location="YARD", units=1, at=march(1)), context=PLACES)
    return core


def with_lots(core: sa.Engine, tracking: str = "lot", sku: str = "MILK") -> None:
    """An article that is kept by lot, or by serial number."""
    do(core, define_sku, DefineSku(sku, tracking=tracking))


def on_hand(core: sa.Engine, sku: str = "MUG", location: str = "MAIN", condition: str = "sellable") -> int:
    """Units the balance shows."""
    where = f"sku = '{sku}' and location = '{location}' and condition = '{condition}'"
    rows = rows_of(core, f"select on_hand from stock_balance where {where}")
    return int(rows[0][0]) if rows else 0
