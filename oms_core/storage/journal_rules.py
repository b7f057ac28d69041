"""What the database itself refuses: the triggers behind the invariants, for SQLite and PostgreSQL.

- Journals are append-only; a second row of the same key is refused, REPLACE included (I4, I9).
- A balance moves only with a movement, in the same transaction, and never below what is promised (I1, I5).
- An order's state moves only with an event that starts from that state, in sequence (I6).
- A reversal mirrors the movement it names; each movement is reversed once (I4).
- Orders, returns and their lines are never deleted.

`statements(dialect)` drops and creates them all, so that a later migration can replay it.
"""

from collections.abc import Iterator

from sqlalchemy import Table, UniqueConstraint

from oms_core.storage import tables

_KEPT = ("sales_order", "order_line", "return_order", "return_line", "stock_balance", "stock_exception")


def statements(dialect: str) -> list[str]:
    """DDL for `sqlite` or `postgresql`, in order."""
    return list(_sqlite() if dialect == "sqlite" else _postgresql())


def _unique_keys(table: Table) -> list[tuple[str, ...]]:
    keys = [tuple(column.name for column in table.primary_key.columns)]
    keys.extend(
        tuple(column.name for column in constraint.columns)
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    )
    keys.extend((column.name,) for column in table.columns if column.unique)
    return keys


def _sqlite() -> Iterator[str]:
    for table in tables.JOURNALS:
        yield from _sqlite_journal(table)
    for name in _KEPT:
        yield from _sqlite_trigger(f"{name}_kept", f"before delete on {name}", "1", _abort(f"{name} rows are kept"))
    yield from _sqlite_ledger()
    yield from _sqlite_order_state()


def _abort(message: str) -> str:
    return f"select raise(abort, '{message}')"


def _sqlite_trigger(name: str, timing: str, when: str, body: str) -> Iterator[str]:
    yield f"drop trigger if exists {name}"
    yield f"create trigger {name} {timing} for each row when {when} begin {body}; end"


def _sqlite_journal(table: Table) -> Iterator[str]:
    message = f"IMMUTABLE: {table.name} is append-only, a correction is a new row"
    yield from _sqlite_trigger(f"{table.name}_no_update", f"before update on {table.name}", "1", _abort(message))
    yield from _sqlite_trigger(f"{table.name}_no_delete", f"before delete on {table.name}", "1", _abort(message))
    for number, key in enumerate(_unique_keys(table)):
        same = " and ".join(f'"{column}" = new."{column}"' for column in key)
        yield from _sqlite_trigger(
            f"{table.name}_same_key_{number}",
            f"before insert on {table.name}",
            f"exists (select 1 from {table.name} where {same})",
            _abort(f"DUPLICATE: {table.name} has this {', '.join(key)} already"),
        )


_BALANCE_KEY = "sku = new.sku and location = new.location and condition = new.condition"
_SHORTAGE = f"(select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and {_BALANCE_KEY})"
_POLICY = "(select allows_negative_stock from location where location = new.location)"
_CROSSED = f"""insert into stock_exception (kind, sku, location, condition, source_key, quantity, occurred_at,
    recorded_at, change_id)
    select 'negative_stock', new.sku, new.location, new.condition, new.account || '/' || new.source_key,
        on_hand, new.occurred_at, new.recorded_at, new.change_id
    from stock_balance where {_BALANCE_KEY} and on_hand < 0 and on_hand - new.quantity >= 0"""
_WIDENED = f"update stock_balance set shortage = {_SHORTAGE}, change_id = new.change_id where {_BALANCE_KEY}"
_POLICY_FOLLOWS = """update stock_balance set allows_negative = new.allows_negative_stock, change_id = new.change_id
    where location = new.location"""
_MIRROR = """exists (select 1 from stock_movement as original where original.movement_id = new.reverses_id
    and original.sku = new.sku and original.location = new.location and original.condition = new.condition
    and original.kind = new.kind and original.quantity = -new.quantity and original.reverses_id is null)"""
_BOOKED = """exists (select 1 from stock_movement where movement_id = new.last_movement_id and sku = new.sku
    and location = new.location and condition = new.condition and quantity = new.on_hand - {before})"""


def _sqlite_ledger() -> Iterator[str]:
    yield from _sqlite_trigger(
        "stock_movement_mirror",
        "before insert on stock_movement",
        f"new.reverses_id is not null and not {_MIRROR}",
        _abort("REVERSAL: a reversal mirrors sku, location, condition, kind and quantity of one movement"),
    )
    yield from _sqlite_trigger(
        "stock_movement_balance",
        "after insert on stock_movement",
        "1",
        f"""update stock_balance set on_hand = on_hand + new.quantity, last_movement_id = new.movement_id,
            change_id = new.change_id where {_BALANCE_KEY};
        insert into stock_balance (sku, location, condition, on_hand, committed, shortage, allows_negative,
            last_movement_id, change_id)
        select new.sku, new.location, new.condition, new.quantity, 0, {_SHORTAGE}, {_POLICY}, new.movement_id,
            new.change_id
        where not exists (select 1 from stock_balance where {_BALANCE_KEY});
        {_CROSSED}""",
    )
    not_booked = _abort("BALANCE: on_hand changes only with a stock movement")
    yield from _sqlite_trigger(
        "stock_balance_booked",
        "before update of on_hand, last_movement_id, sku, location, condition on stock_balance",
        f"new.last_movement_id <= old.last_movement_id or not {_BOOKED.format(before='old.on_hand')}",
        not_booked,
    )
    yield from _sqlite_trigger(
        "stock_balance_first",
        "before insert on stock_balance",
        f"""not {_BOOKED.format(before="0")} or new.shortage <> {_SHORTAGE}
            or exists (select 1 from stock_balance where {_BALANCE_KEY})""",
        not_booked,
    )
    yield from _sqlite_trigger(
        "stock_balance_explained",
        "before update of shortage on stock_balance",
        f"new.shortage <> {_SHORTAGE}",
        _abort("SHORTAGE: a shortage is the sum of its exceptions"),
    )
    yield from _sqlite_trigger(
        "stock_exception_no_update",
        "before update on stock_exception",
        "1",
        _abort("IMMUTABLE: stock_exception is append-only, a correction is a new row"),
    )
    yield from _sqlite_trigger(
        "stock_exception_shortage", "after insert on stock_exception", "new.kind = 'shortage'", _WIDENED
    )
    yield from _sqlite_trigger(
        "location_policy",
        "after update of allows_negative_stock on location",
        "new.allows_negative_stock <> old.allows_negative_stock",
        _POLICY_FOLLOWS,
    )


def _sqlite_order_state() -> Iterator[str]:
    yield from _sqlite_trigger(
        "sales_order_starts",
        "before insert on sales_order",
        "new.lifecycle <> 'none' or new.last_event_seq <> 0",
        _abort("STATE: an order starts without a state, its events give it one"),
    )
    yield from _sqlite_trigger(
        "order_event_follows",
        "before insert on order_event",
        """not exists (select 1 from sales_order where order_id = new.order_id
            and lifecycle = new.from_state and last_event_seq = new.seq - 1)""",
        _abort("STATE: the event does not follow the state and number the order is at"),
    )
    yield from _sqlite_trigger(
        "order_event_moves",
        "after insert on order_event",
        "1",
        """update sales_order set lifecycle = new.to_state, last_event_seq = new.seq, change_id = new.change_id
            where order_id = new.order_id""",
    )
    yield from _sqlite_trigger(
        "sales_order_by_event",
        "before update of lifecycle, last_event_seq on sales_order",
        """(new.lifecycle <> old.lifecycle or new.last_event_seq <> old.last_event_seq)
            and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from order_event
            where order_id = new.order_id and seq = new.last_event_seq
            and from_state = old.lifecycle and to_state = new.lifecycle))""",
        _abort("STATE: an order changes state only by an event"),
    )


# --- PostgreSQL ------------------------------------------------------------------------------------


def _function(name: str, body: str) -> str:
    return f"create or replace function {name}() returns trigger language plpgsql as $body$ begin {body} end $body$"


def _trigger(name: str, timing: str, function: str) -> Iterator[str]:
    table = timing.rsplit(" on ", 1)[1].split(maxsplit=1)[0]
    yield f"drop trigger if exists {name} on {table}"
    level = "statement" if "truncate" in timing else "row"
    yield f"create trigger {name} {timing} for each {level} execute function {function}()"


def _refuse(message: str) -> str:
    return f"raise exception '{message}' using errcode = 'integrity_constraint_violation';"


def _postgresql() -> Iterator[str]:
    yield _function("oms_immutable", _refuse("IMMUTABLE: this table is append-only, a correction is a new row"))
    yield _function("oms_kept", _refuse("KEPT: rows of this table are kept"))
    for table in tables.JOURNALS:
        yield from _trigger(f"{table.name}_no_update", f"before update on {table.name}", "oms_immutable")
        yield from _trigger(f"{table.name}_no_delete", f"before delete on {table.name}", "oms_immutable")
        yield from _trigger(f"{table.name}_no_truncate", f"before truncate on {table.name}", "oms_immutable")
    for name in _KEPT:
        yield from _trigger(f"{name}_kept", f"before delete on {name}", "oms_kept")
        yield from _trigger(f"{name}_no_truncate", f"before truncate on {name}", "oms_kept")
    yield from _postgresql_ledger()
    yield from _postgresql_order_state()


def _postgresql_ledger() -> Iterator[str]:
    reversal = "REVERSAL: a reversal mirrors sku, location, condition, kind and quantity of one movement"
    yield _function(
        "oms_movement_mirror",
        f"if new.reverses_id is not null and not {_MIRROR} then {_refuse(reversal)} end if; return new;",
    )
    yield from _trigger("stock_movement_mirror", "before insert on stock_movement", "oms_movement_mirror")
    yield _function(
        "oms_movement_balance",
        f"""loop
            update stock_balance set on_hand = on_hand + new.quantity, last_movement_id = new.movement_id,
                change_id = new.change_id where {_BALANCE_KEY};
            exit when found;
            begin
                insert into stock_balance (sku, location, condition, on_hand, committed, shortage, allows_negative,
                    last_movement_id, change_id)
                values (new.sku, new.location, new.condition, new.quantity, 0, {_SHORTAGE}, {_POLICY},
                    new.movement_id, new.change_id);
                exit;
            exception when unique_violation then null; -- another writer made it first: add to theirs
            end;
        end loop;
        {_CROSSED};
        return null;""",
    )
    yield from _trigger("stock_movement_balance", "after insert on stock_movement", "oms_movement_balance")
    booked = _refuse("BALANCE: on_hand changes only with a stock movement")
    # Depth 1 is a statement of somebody's own: an older movement of the right size would pass the other test.
    yield _function(
        "oms_balance_booked",
        f"""if (new.on_hand, new.last_movement_id, new.sku, new.location, new.condition) is distinct from
            (old.on_hand, old.last_movement_id, old.sku, old.location, old.condition)
            and (pg_trigger_depth() = 1 or new.last_movement_id = old.last_movement_id
            or not {_BOOKED.format(before="old.on_hand")}) then {booked} end if;
        if new.shortage <> old.shortage and new.shortage <> {_SHORTAGE}
            then {_refuse("SHORTAGE: a shortage is the sum of its exceptions")} end if; return new;""",
    )
    yield from _trigger("stock_balance_booked", "before update on stock_balance", "oms_balance_booked")
    yield _function(
        "oms_balance_first",
        f"""if not {_BOOKED.format(before="0")} or new.shortage <> {_SHORTAGE} then {booked} end if; return new;""",
    )
    yield from _trigger("stock_balance_first", "before insert on stock_balance", "oms_balance_first")
    yield _function("oms_shortage", f"if new.kind = 'shortage' then {_WIDENED}; end if; return null;")
    yield from _trigger("stock_exception_no_update", "before update on stock_exception", "oms_immutable")
    yield from _trigger("stock_exception_shortage", "after insert on stock_exception", "oms_shortage")
    yield _function(
        "oms_location_policy",
        f"""if new.allows_negative_stock <> old.allows_negative_stock then
            {_POLICY_FOLLOWS}; end if; return null;""",
    )
    yield from _trigger("location_policy", "after update on location", "oms_location_policy")


def _postgresql_order_state() -> Iterator[str]:
    yield _function(
        "oms_order_starts",
        f"""if new.lifecycle <> 'none' or new.last_event_seq <> 0 then
            {_refuse("STATE: an order starts without a state, its events give it one")} end if; return new;""",
    )
    yield from _trigger("sales_order_starts", "before insert on sales_order", "oms_order_starts")
    yield _function(
        "oms_event_follows",
        f"""perform 1 from sales_order where order_id = new.order_id and lifecycle = new.from_state
            and last_event_seq = new.seq - 1 for update;
        if not found then {_refuse("STATE: the event does not follow the state and number the order is at")} end if;
        return new;""",
    )
    yield from _trigger("order_event_follows", "before insert on order_event", "oms_event_follows")
    yield _function(
        "oms_event_moves",
        """update sales_order set lifecycle = new.to_state, last_event_seq = new.seq, change_id = new.change_id
            where order_id = new.order_id; return null;""",
    )
    yield from _trigger("order_event_moves", "after insert on order_event", "oms_event_moves")
    yield _function(
        "oms_order_by_event",
        f"""if (new.lifecycle <> old.lifecycle or new.last_event_seq <> old.last_event_seq)
            and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from order_event
            where order_id = new.order_id and seq = new.last_event_seq
            and from_state = old.lifecycle and to_state = new.lifecycle))
        then {_refuse("STATE: an order changes state only by an event")} end if; return new;""",
    )
    yield from _trigger("sales_order_by_event", "before update on sales_order", "oms_order_by_event")
