"""Counters against their journals: which rows differ, and the one explicit way to set them right.

Normally the rules of the database keep counters and journals apart from nobody; a difference means that somebody went
past them. `repair` lifts the rules of the tables concerned inside the caller's transaction and puts them back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from oms_core.storage.rules.counters import COUNTERS

_KEYS = {
    "order_line": ("line_id",),
    "stock_balance": ("sku", "location", "condition"),
    "line_allocation": ("line_id", "location"),
    "payment": ("payment_id",),
    "stored_value": ("stored_value_id",),
    "purchase_order_line": ("po_line_id",),
    "return_request_line": ("request_line_id",),
    "lot_balance": ("sku", "lot", "location", "condition"),
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One counter of one row that is not the sum of its journal."""

    table: str
    key: dict[str, Any]
    column: str
    kept: int
    rebuilt: int

    @property
    def named(self) -> str:
        """The row by its key."""
        return " / ".join(str(part) for part in self.key.values())


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """A counter and the expression that rebuilds it for the row `t`."""

    table: str
    column: str
    expression: str


_SAME = "j.sku = t.sku and j.location = t.location and j.condition = t.condition"


def _sum(expression: str, journal: str, where: str) -> str:
    return f"(select coalesce(sum({expression}), 0) from {journal} as j where {where})"  # noqa: S608 - our own rules


def _rebuilt() -> list[_Rebuilt]:
    found = [
        _Rebuilt("stock_balance", "on_hand", _sum("j.quantity", "stock_movement", _SAME)),
        _Rebuilt(
            "stock_balance", "shortage", _sum("j.quantity", "stock_exception", f"j.kind = 'shortage' and {_SAME}")
        ),
    ]
    for rule in COUNTERS:
        where = f"{rule.matches('j', 't')} and {rule.when.format(row='j')}"
        found.extend(
            _Rebuilt(rule.target, column, _sum(rule.delta(column, "j"), rule.journal, where)) for column in rule.columns
        )
    return found


def drifts(connection: sa.Connection) -> list[Drift]:
    """Every counter of every row that differs from its journal, by table, row and column."""
    found: list[Drift] = []
    for it in _rebuilt():
        keys = _KEYS[it.table]
        named = ", ".join(f"t.{key}" for key in keys)
        statement = (
            f"select {named}, t.{it.column} as kept, {it.expression} as rebuilt from {it.table} as t"  # noqa: S608
            f" where t.{it.column} <> {it.expression} order by {named}"
        )
        rows: list[Any] = list(connection.execute(sa.text(statement)).mappings())
        found.extend(
            Drift(it.table, {key: row[key] for key in keys}, it.column, int(row["kept"]), int(row["rebuilt"]))
            for row in rows
        )
    return found


def repair(connection: sa.Connection, wrong: Sequence[Drift], change_id: int) -> None:
    """Set the counters to what their journals say. Checks of the tables stay in force."""
    tables = sorted({it.table for it in wrong})
    lifted = {table: _lift(connection, table) for table in tables}
    for it in wrong:
        where = " and ".join(f"{key} = :key_{key}" for key in it.key)
        statement = f"update {it.table} set {it.column} = :rebuilt, change_id = :change_id where {where}"  # noqa: S608
        keys = {f"key_{key}": value for key, value in it.key.items()}
        connection.execute(sa.text(statement), {"rebuilt": it.rebuilt, "change_id": change_id, **keys})
    for table in tables:
        _put_back(connection, table, lifted[table])


def _lift(connection: sa.Connection, table: str) -> list[str]:
    """Take the rules of a table away; returns what puts them back."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"alter table {table} disable trigger user")
        return [f"alter table {table} enable trigger user"]
    statement = sa.text("select name, sql from sqlite_master where type = 'trigger' and tbl_name = :table")
    triggers: list[Any] = list(connection.execute(statement, {"table": table}))
    for name, _ in triggers:
        connection.exec_driver_sql(f"drop trigger {name}")
    return [sql for _, sql in triggers]


def _put_back(connection: sa.Connection, table: str, statements: Sequence[str]) -> None:
    if connection.dialect.name == "postgresql":  # checks that wait for the end of the statement are done before
        connection.exec_driver_sql("set constraints all immediate")
    for statement in statements:
        connection.exec_driver_sql(statement)
    if not statements:
        message = f"{table} had no rules to put back"
        raise AssertionError(message)
