"""Prepared cores for the state machine, the races and the kills: one world, copied for each run.

The world: the account `shop` that is fulfilled here, MUG and CUP at 10.00 euros (they cost 2.00), SET = two mugs and a
cup, the sites MAIN and EAST, the road between them, a supplier, no stock.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from oms_core.domain.permissions import Actor, Role
from oms_core.services.commands import Call
from oms_core.services.define import Component, DefineAccount, DefineSku, define_account, define_sku
from oms_core.services.locations import DefineLocation, define_location
from oms_core.services.suppliers import DefineSupplier, SetSupplierPrice, define_supplier, set_supplier_price
from oms_core.settings import Settings
from tests.builders import a_cost, give, march, ready_core
from tests.cores import _ask_server, _url

LEAD = Actor("lea", Role.OPS_LEAD)
SECOND = Actor("max", Role.OPS_LEAD)
BUYER = Actor("bob", Role.PLANNER)
VIEWER = Actor("val", Role.VIEWER)
START = march(20, 12)
Worlds = Callable[[], AbstractContextManager[Settings]]


def settle_world(core: sa.Engine) -> None:
    """The goods, places and accounts of the world."""
    calls = (Call(f"world-{number}", LEAD, START) for number in range(100))
    define_account(core, DefineAccount("shop", "web", "Shop"), next(calls))
    for name in ("MUG", "CUP"):
        define_sku(core, DefineSku(name, list_price=1000, list_price_scale=2, list_currency="EUR"), next(calls))
    parts = (Component("MUG", 2), Component("CUP", 1))
    define_sku(core, DefineSku("SET", components=parts), next(calls))
    for name, priority in (("MAIN", 2), ("EAST", 1)):
        define_location(core, DefineLocation(name, name.title(), country="DE", priority=priority), next(calls))
    define_location(core, DefineLocation("ROAD", "On the road", kind="in_transit"), next(calls))
    define_supplier(core, DefineSupplier("MILL", "The Mill", currency="EUR", lead_time_days=3), next(calls))
    for name in ("MUG", "CUP"):
        set_supplier_price(core, SetSupplierPrice("MILL", name, "2.00", "EUR", valid_from=march(1)), next(calls))
    give(core, a_cost(), a_cost(sku="CUP"), now=START)


@pytest.fixture(scope="session")
def sqlite_worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """A maker of worlds on SQLite, copied from one that is prepared once a session."""
    folder = tmp_path_factory.mktemp("worlds")
    with ready_core(Settings.at(folder / "world"), currency="EUR") as core:
        settle_world(core)
    return lambda: _file_copy(folder)


@pytest.fixture(scope="session")
def postgres_worlds(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """The same on PostgreSQL."""
    folder = tmp_path_factory.mktemp("worlds")
    name = f"world_{uuid4().hex}"
    _ask_server(postgres_server, f"create database {name}")
    with ready_core(Settings.at(folder / "world", database_url=_url(postgres_server, name)), currency="EUR") as core:
        settle_world(core)
    return lambda: _database_copy(postgres_server, name, folder)


def worlds_on(kind: str, request: pytest.FixtureRequest) -> Worlds:
    """The maker of worlds on this database: each call is a context with the settings of a core of its own."""
    worlds: Worlds = request.getfixturevalue("sqlite_worlds" if kind == "sqlite" else "postgres_worlds")
    return worlds


@contextlib.contextmanager
def _file_copy(folder: Path) -> Iterator[Settings]:
    home = folder / uuid4().hex
    shutil.copytree(folder / "world", home)
    yield Settings.at(home)
    shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _database_copy(server: str, template: str, folder: Path) -> Iterator[Settings]:
    name = f"copy_{uuid4().hex}"
    _ask_server(server, f"create database {name} template {template}")
    yield Settings.at(folder / name, database_url=_url(server, name))
    _ask_server(server, f"drop database {name} with (force)")
