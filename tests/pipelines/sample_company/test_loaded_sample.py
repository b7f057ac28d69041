"""The sample company through the ordinary way: what the core holds equals its truth, exactly, on both databases."""

import random
from collections import Counter

import pytest
import sqlalchemy as sa

from oms_core.services.company import prepare
from oms_core.services.verify import facts_digest
from oms_core.settings import Settings
from oms_core.storage.engine import open_engine, reading
from oms_core.storage.tables import (
    feed_quarantine,
    order_line,
    return_line,
    return_order,
    sales_order,
    stock_balance,
    stock_exception,
    stock_movement,
    unit_cost,
)
from pipelines.cli.demo import load_company
from pipelines.feeds.load import load_files
from pipelines.sample_company.write import write_sample_company

STATES = {"open": "confirmed", "done": "closed", "void": "cancelled"}


@pytest.fixture
def loaded(any_database):
    company = write_sample_company(any_database.home / "demo", size="small")
    counts = load_company(any_database, company)
    engine = open_engine(any_database)
    with reading(engine) as connection:
        yield connection, company.truth, counts
    engine.dispose()


def test_the_core_holds_what_the_sample_company_did(loaded):
    connection, truth, counts = loaded

    assert order_states(connection) == Counter(
        {
            (account, STATES[state]): n
            for account, states in truth["order_states"].items()
            for state, n in states.items()
        }
    )
    assert sales(connection) == {
        account: (one["orders"], one["units"], one["net_sales_cents"], one["goods_cents"])
        for account, one in truth["sales"]["by_account"].items()
    }
    assert returns(connection) == {
        account: (one["documents"], one["units"], one["value_cents"], one["unlinked"])
        for account, one in truth["returns"]["by_account"].items()
    }
    assert movements(connection) == {
        kind: (one["rows"], one["units"]) for kind, one in truth["stock"]["movements"].items()
    }
    assert balances(connection) == truth["stock"]["balances"]
    assert quarantine(connection) == {
        (row["path"].rpartition("/")[2], row["row_number"], row["format"]) for row in truth["faulty_rows"]
    }
    assert connection.scalar(sa.select(sa.func.count()).select_from(stock_exception)) == 0
    assert connection.scalar(sa.select(sa.func.count()).select_from(unit_cost)) == 2 * len(truth["demand"]["by_sku"])
    assert counts.total("quarantined_rows") == len(truth["faulty_rows"])


def test_files_in_any_order_and_twice_give_the_same_facts(tmp_path):
    """Newer versions before older ones, goods that leave before they came: what is known in the end is the same."""
    company = write_sample_company(tmp_path / "files", size="small")
    in_order = [(load.format, path) for load in company.loads for path in load.paths]
    shuffled = in_order * 2
    random.Random(5).shuffle(shuffled)

    assert facts_after(tmp_path / "one", in_order) == facts_after(tmp_path / "other", shuffled)


def facts_after(home, files):
    """Digest of all facts, and the quarantine by row: which of two equal files a row was seen in first is no fact."""
    settings = Settings.at(home)
    prepare(settings, time_zone="Europe/Berlin", base_currency="EUR", actor="test", now=0)
    engine = open_engine(settings)
    for format_name, path in files:
        load_files(engine, settings, format_name, [path])
    with reading(engine) as connection:
        facts = facts_digest(connection)
        held = {(source, row_number) for _, row_number, source in quarantine(connection)}
    engine.dispose()
    return {name: fact for name, fact in facts.items() if name != "quarantine"}, held


def cents(table: sa.Table) -> sa.ColumnElement[int]:
    """The line's amount in cents; the sample company's prices have at most two digits after the point."""
    return table.c.line_amount * sa.case((table.c.money_scale == 0, 100), (table.c.money_scale == 1, 10), else_=1)


def order_states(connection):
    rows = connection.execute(
        sa.select(sales_order.c.account, sales_order.c.lifecycle, sa.func.count()).group_by(
            sales_order.c.account, sales_order.c.lifecycle
        )
    )
    return Counter({(account, state): n for account, state, n in rows})


def sales(connection):
    """Account → orders, units of goods, cents, cents of goods: uncancelled orders, lines that were paid for."""
    goods = order_line.c.line_kind == "item"
    rows = connection.execute(
        sa.select(
            sales_order.c.account,
            sa.func.count(sales_order.c.order_id.distinct()),
            sa.func.sum(sa.case((goods, order_line.c.quantity - order_line.c.cancelled_quantity), else_=0)),
            sa.func.sum(cents(order_line)),
            sa.func.sum(sa.case((goods, cents(order_line)), else_=0)),
        )
        .join(order_line, order_line.c.order_id == sales_order.c.order_id)
        .where(sales_order.c.lifecycle != "cancelled", order_line.c.line_amount > 0)
        .group_by(sales_order.c.account)
    )
    return {account: tuple(map(int, numbers)) for account, *numbers in rows}


def returns(connection):
    rows = connection.execute(
        sa.select(
            return_order.c.account,
            sa.func.count(return_order.c.return_id.distinct()),
            sa.func.sum(return_line.c.quantity),
            sa.func.sum(cents(return_line)),
            sa.func.sum(sa.case((return_order.c.order_external_id.is_(None), 1), else_=0)),
        )
        .join(return_line, return_line.c.return_id == return_order.c.return_id)
        .group_by(return_order.c.account)
    )
    return {account: tuple(map(int, numbers)) for account, *numbers in rows}


def movements(connection):
    rows = connection.execute(
        sa.select(stock_movement.c.kind, sa.func.count(), sa.func.sum(sa.func.abs(stock_movement.c.quantity))).group_by(
            stock_movement.c.kind
        )
    )
    return {kind: (n, int(units)) for kind, n, units in rows}


def balances(connection):
    held = stock_balance.c
    found: dict[str, dict[str, dict[str, int]]] = {}
    for location, sku, condition, on_hand in connection.execute(
        sa.select(held.location, held.sku, held.condition, held.on_hand).where(held.on_hand != 0)
    ):
        found.setdefault(location, {}).setdefault(sku, {})[condition] = on_hand
    return found


def quarantine(connection):
    held = feed_quarantine.c
    return {tuple(row) for row in connection.execute(sa.select(held.path, held.row_number, held.source))}
