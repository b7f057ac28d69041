"""Counters that only a journal moves: each is the sum of its journal's rows, kept in the same transaction.

One `Counters` says which journal moves which columns of which row; the triggers of both databases are made from it.
A row starts at zero, a counter changes only with a journal row that explains the change, and checks of the tables
say how far it may go (I2, I3, I7).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from oms_core.storage.rules.dialects import abort, function, refuse, sqlite_trigger, trigger
from oms_core.storage.tables import (
    LINE_AMOUNTS,
    LINE_COUNTERS,
    PAYMENT_COUNTERS,
    RETURN_COUNTERS,
)


@dataclass(frozen=True, slots=True)
class Counters:
    """A journal and the counters it moves. Expressions name the journal's row `{row}`, the counted one `{target}`."""

    name: str
    journal: str
    journal_id: str
    target: str
    last: str  # column of the target: the journal row that made it what it is
    match: str
    deltas: Mapping[str, str]
    when: str = "1 = 1"  # journal rows that count
    first: Mapping[str, str] = field(default_factory=dict)  # columns of a target row that is made on demand
    requires: str = ""  # what must hold before a journal row is taken
    starts_at_zero: bool = True

    @property
    def columns(self) -> list[str]:
        """The counters."""
        return list(self.deltas)

    def delta(self, column: str, row: str) -> str:
        """By how much a journal row moves a counter."""
        return self.deltas[column].format(row=row, target="")

    def matches(self, row: str, target: str) -> str:
        """Whether a journal row is about a target row."""
        return self.match.format(row=row, target=target)


def _kinds(row_kinds: Mapping[str, str]) -> dict[str, str]:
    return {
        column: f"case when {{row}}.kind = '{kind}' then {{row}}.quantity else 0 end"
        for column, kind in row_kinds.items()
    }


def _signed(up: tuple[str, ...], down: tuple[str, ...], amount: str = "quantity") -> str:
    raised = ", ".join(f"'{kind}'" for kind in up)
    lowered = ", ".join(f"'{kind}'" for kind in down) or "''"
    return (
        f"case when {{row}}.kind in ({raised}) then {{row}}.{amount}"
        f" when {{row}}.kind in ({lowered}) then -{{row}}.{amount} else 0 end"
    )


_COMMITTED = _signed(("reserve", "allocate"), ("void", "expire", "release", "ship"))
_RESERVED = _signed(("reserve",), ("post", "void", "expire"))
_ALLOCATED = _signed(("post", "allocate"), ("release", "ship"))

COUNTERS = (
    Counters(
        name="line_units",
        journal="line_entry",
        journal_id="entry_id",
        target="order_line",
        last="last_entry_id",
        match="{target}.line_id = {row}.line_id",
        deltas=_kinds(LINE_COUNTERS)
        | {
            column: f"case when {{row}}.kind = '{kind}' then {{row}}.{source} else 0 end"
            for column, (kind, source) in LINE_AMOUNTS.items()
        },
        requires="exists (select 1 from order_line as l where l.line_id = {row}.line_id"
        " and l.order_id = {row}.order_id)",
    ),
    Counters(
        name="balance_committed",
        journal="stock_allocation",
        journal_id="allocation_id",
        target="stock_balance",
        last="last_allocation_id",
        match="{target}.sku = {row}.sku and {target}.location = {row}.location and {target}.condition = 'sellable'",
        deltas={"committed": _COMMITTED},
        requires="""exists (select 1 from order_line as l where l.line_id = {row}.line_id
            and l.order_id = {row}.order_id and l.sku = {row}.sku and l.fulfilled_here and not l.is_bundle)
            and ({row}.pending_id is null or exists (select 1 from stock_allocation as p
            where p.allocation_id = {row}.pending_id and p.kind = 'reserve' and p.line_id = {row}.line_id
            and p.sku = {row}.sku and p.location = {row}.location and p.quantity = {row}.quantity))""",
    ),
    Counters(
        name="line_promised",
        journal="stock_allocation",
        journal_id="allocation_id",
        target="order_line",
        last="last_allocation_id",
        match="{target}.line_id = {row}.line_id",
        deltas={"reserved_quantity": _RESERVED, "allocated_quantity": _ALLOCATED},
    ),
    Counters(
        name="line_place_promised",
        journal="stock_allocation",
        journal_id="allocation_id",
        target="line_allocation",
        last="last_allocation_id",
        match="{target}.line_id = {row}.line_id and {target}.location = {row}.location",
        deltas={"reserved": _RESERVED, "allocated": _ALLOCATED},
        first={
            "line_id": "{row}.line_id",
            "location": "{row}.location",
            "order_id": "{row}.order_id",
            "sku": "{row}.sku",
        },
    ),
    Counters(
        name="payment_amounts",
        journal="payment_event",
        journal_id="payment_event_id",
        target="payment",
        last="last_payment_event_id",
        match="{target}.payment_id = {row}.payment_id",
        deltas={
            column: _signed((up,), (down,) if down else (), "amount") for column, (up, down) in PAYMENT_COUNTERS.items()
        },
        requires="exists (select 1 from payment as p where p.payment_id = {row}.payment_id"
        " and p.order_id = {row}.order_id and p.currency = {row}.currency)",
    ),
    Counters(
        name="stored_value_balance",
        journal="stored_value_entry",
        journal_id="entry_id",
        target="stored_value",
        last="last_entry_id",
        match="{target}.stored_value_id = {row}.stored_value_id",
        deltas={"balance": "{row}.amount"},
    ),
    Counters(
        name="po_line_received",
        journal="receipt_line",
        journal_id="receipt_line_id",
        target="purchase_order_line",
        last="last_receipt_line_id",
        match="{target}.po_line_id = {row}.po_line_id",
        deltas={"received_quantity": "{row}.quantity", "rejected_quantity": "{row}.rejected_quantity"},
        when="{row}.po_line_id is not null",
        requires="{row}.po_line_id is null or exists (select 1 from purchase_order_line as l"
        " where l.po_line_id = {row}.po_line_id and l.sku = {row}.sku)",
    ),
    Counters(
        name="return_line_units",
        journal="return_entry",
        journal_id="entry_id",
        target="return_request_line",
        last="last_entry_id",
        match="{target}.request_line_id = {row}.request_line_id",
        deltas=_kinds(RETURN_COUNTERS),
    ),
    Counters(
        name="lot_on_hand",
        journal="stock_movement",
        journal_id="movement_id",
        target="lot_balance",
        last="last_movement_id",
        match="{target}.sku = {row}.sku and {target}.lot = {row}.lot and {target}.location = {row}.location"
        " and {target}.condition = {row}.condition",
        deltas={"on_hand": "{row}.quantity"},
        when="{row}.lot is not null",
        first={
            "sku": "{row}.sku",
            "lot": "{row}.lot",
            "location": "{row}.location",
            "condition": "{row}.condition",
            "is_serial": "(select tracking = 'serial' from sku where sku.sku = {row}.sku)",
        },
    ),
)


def _moves(rule: Counters, row: str) -> str:
    changes = ", ".join(f"{column} = {column} + ({rule.delta(column, row)})" for column in rule.columns)
    return (
        f"update {rule.target} set {changes}, {rule.last} = {row}.{rule.journal_id}, change_id = {row}.change_id"
        f" where {rule.matches(row, rule.target)}"
    )


def _opens(rule: Counters, row: str) -> str:
    names = [*rule.first, *rule.columns, rule.last, "change_id"]
    values = [value.format(row=row) for value in rule.first.values()]
    values += ["0" for _ in rule.columns] + ["0", f"{row}.change_id"]
    return (
        f"insert into {rule.target} ({', '.join(names)}) select {', '.join(values)} where not exists"
        f" (select 1 from {rule.target} where {rule.matches(row, rule.target)})"
    )


def _explained(rule: Counters) -> str:
    """Whether the journal row that a changed target names accounts for exactly that change."""
    exact = " and ".join(f"new.{column} - old.{column} = {rule.delta(column, 'j')}" for column in rule.columns)
    return (
        f"exists (select 1 from {rule.journal} as j where j.{rule.journal_id} = new.{rule.last}"
        f" and {rule.matches('j', 'new')} and {rule.when.format(row='j')} and {exact})"
    )


def _moved_by_hand(rule: Counters) -> str:
    return f"COUNTER: {', '.join(rule.columns)} of {rule.target} change only with a {rule.journal} row"


def _no_row(rule: Counters) -> str:
    return f"COUNTER: there is no {rule.target} row that this {rule.journal} row could move"


def sqlite() -> Iterator[str]:
    """The statements for SQLite."""
    for rule in COUNTERS:
        counts = rule.when.format(row="new")
        if rule.requires:
            yield from sqlite_trigger(
                f"{rule.name}_fits",
                f"before insert on {rule.journal}",
                f"not ({rule.requires.format(row='new')})",
                abort(f"{rule.journal.upper()}: the row does not fit what it names"),
            )
        missing = (
            f"select raise(abort, '{_no_row(rule)}') where not exists"
            f" (select 1 from {rule.target} where {rule.matches('new', rule.target)})"
        )
        opening = _opens(rule, "new") if rule.first else missing
        yield from sqlite_trigger(
            f"{rule.name}_moves", f"after insert on {rule.journal}", counts, f"{opening}; {_moves(rule, 'new')}"
        )
        watched = ", ".join([*rule.columns, rule.last])
        yield from sqlite_trigger(
            f"{rule.name}_explained",
            f"before update of {watched} on {rule.target}",
            f"({_differs(rule)}) and (new.{rule.last} <= old.{rule.last} or not {_explained(rule)})",
            abort(_moved_by_hand(rule)),
        )
        yield from sqlite_trigger(
            f"{rule.name}_start", f"before insert on {rule.target}", _not_zero(rule), abort(_moved_by_hand(rule))
        )


def _differs(rule: Counters) -> str:
    return " or ".join(f"new.{column} <> old.{column}" for column in [*rule.columns, rule.last])


def _not_zero(rule: Counters) -> str:
    return " or ".join(f"new.{column} <> 0" for column in [*rule.columns, rule.last])


def postgresql() -> Iterator[str]:
    """The statements for PostgreSQL."""
    for rule in COUNTERS:
        if rule.requires:
            yield function(
                f"oms_{rule.name}_fits",
                f"if not ({rule.requires.format(row='new')}) then"
                f" {refuse(f'{rule.journal.upper()}: the row does not fit what it names')} end if; return new;",
            )
            yield from trigger(f"{rule.name}_fits", f"before insert on {rule.journal}", f"oms_{rule.name}_fits")
        opening = f"{_opens(rule, 'new')} on conflict do nothing;" if rule.first else ""
        yield function(
            f"oms_{rule.name}_moves",
            f"if {rule.when.format(row='new')} then {opening} {_moves(rule, 'new')};"
            f" if not found then {refuse(_no_row(rule))} end if; end if; return null;",
        )
        yield from trigger(f"{rule.name}_moves", f"after insert on {rule.journal}", f"oms_{rule.name}_moves")
        # Depth 1 is a statement of somebody's own: an older journal row of the right size would pass the other test.
        yield function(
            f"oms_{rule.name}_explained",
            f"if ({_differs(rule)}) and (pg_trigger_depth() = 1 or new.{rule.last} = old.{rule.last}"
            f" or not {_explained(rule)}) then {refuse(_moved_by_hand(rule))} end if; return new;",
        )
        yield from trigger(f"{rule.name}_explained", f"before update on {rule.target}", f"oms_{rule.name}_explained")
        yield function(
            f"oms_{rule.name}_start",
            f"if {_not_zero(rule)} then {refuse(_moved_by_hand(rule))} end if; return new;",
        )
        yield from trigger(f"{rule.name}_start", f"before insert on {rule.target}", f"oms_{rule.name}_start")
