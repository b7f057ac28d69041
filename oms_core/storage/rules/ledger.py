"""A balance moves only with a movement, in the same transaction, and never below what is promised (I1, I4, I5)."""

from collections.abc import Iterator

from oms_core.storage.rules.dialects import abort, function, refuse, sqlite_trigger, trigger

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
_POLICY_MESSAGE = "POLICY: whether a balance may go below zero is decided by its location"
_MIRROR = """exists (select 1 from stock_movement as original where original.movement_id = new.reverses_id
    and original.sku = new.sku and original.location = new.location and original.condition = new.condition
    and original.kind = new.kind and original.quantity = -new.quantity and original.reverses_id is null)"""
_BOOKED = """exists (select 1 from stock_movement where movement_id = new.last_movement_id and sku = new.sku
    and location = new.location and condition = new.condition and quantity = new.on_hand - {before})"""


def sqlite() -> Iterator[str]:
    """The statements for SQLite."""
    yield from sqlite_trigger(
        "stock_movement_mirror",
        "before insert on stock_movement",
        f"new.reverses_id is not null and not {_MIRROR}",
        abort("REVERSAL: a reversal mirrors sku, location, condition, kind and quantity of one movement"),
    )
    yield from sqlite_trigger(
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
    not_booked = abort("BALANCE: on_hand changes only with a stock movement")
    yield from sqlite_trigger(
        "stock_balance_booked",
        "before update of on_hand, last_movement_id, sku, location, condition on stock_balance",
        f"new.last_movement_id <= old.last_movement_id or not {_BOOKED.format(before='old.on_hand')}",
        not_booked,
    )
    yield from sqlite_trigger(
        "stock_balance_first",
        "before insert on stock_balance",
        f"""not {_BOOKED.format(before="0")} or new.shortage <> {_SHORTAGE} or new.allows_negative <> {_POLICY}""",
        not_booked,
    )
    yield from sqlite_trigger(
        "stock_balance_policy",
        "before update of allows_negative on stock_balance",
        f"new.allows_negative <> {_POLICY}",
        abort(_POLICY_MESSAGE),
    )
    yield from sqlite_trigger(
        "stock_balance_explained",
        "before update of shortage on stock_balance",
        f"new.shortage <> {_SHORTAGE}",
        abort("SHORTAGE: a shortage is the sum of its exceptions"),
    )
    yield from sqlite_trigger(
        "stock_exception_no_update",
        "before update on stock_exception",
        "1",
        abort("IMMUTABLE: stock_exception is append-only, a correction is a new row"),
    )
    yield from sqlite_trigger(
        "stock_exception_shortage", "after insert on stock_exception", "new.kind = 'shortage'", _WIDENED
    )
    yield from sqlite_trigger(
        "location_policy",
        "after update of allows_negative_stock on location",
        "new.allows_negative_stock <> old.allows_negative_stock",
        _POLICY_FOLLOWS,
    )


def postgresql() -> Iterator[str]:
    """The statements for PostgreSQL."""
    reversal = "REVERSAL: a reversal mirrors sku, location, condition, kind and quantity of one movement"
    yield function(
        "oms_movement_mirror",
        f"if new.reverses_id is not null and not {_MIRROR} then {refuse(reversal)} end if; return new;",
    )
    yield from trigger("stock_movement_mirror", "before insert on stock_movement", "oms_movement_mirror")
    yield function(
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
    yield from trigger("stock_movement_balance", "after insert on stock_movement", "oms_movement_balance")
    booked = refuse("BALANCE: on_hand changes only with a stock movement")
    # Depth 1 is a statement of somebody's own: an older movement of the right size would pass the other test.
    yield function(
        "oms_balance_booked",
        f"""if (new.on_hand, new.last_movement_id, new.sku, new.location, new.condition) is distinct from
            (old.on_hand, old.last_movement_id, old.sku, old.location, old.condition)
            and (pg_trigger_depth() = 1 or new.last_movement_id = old.last_movement_id
            or not {_BOOKED.format(before="old.on_hand")}) then {booked} end if;
        if new.shortage <> old.shortage and new.shortage <> {_SHORTAGE}
            then {refuse("SHORTAGE: a shortage is the sum of its exceptions")} end if;
        if new.allows_negative <> old.allows_negative and new.allows_negative <> {_POLICY}
            then {refuse(_POLICY_MESSAGE)} end if; return new;""",
    )
    yield from trigger("stock_balance_booked", "before update on stock_balance", "oms_balance_booked")
    yield function(
        "oms_balance_first",
        f"""if not {_BOOKED.format(before="0")} or new.shortage <> {_SHORTAGE} or new.allows_negative <> {_POLICY}
            then {booked} end if; return new;""",
    )
    yield from trigger("stock_balance_first", "before insert on stock_balance", "oms_balance_first")
    yield function("oms_shortage", f"if new.kind = 'shortage' then {_WIDENED}; end if; return null;")
    yield from trigger("stock_exception_no_update", "before update on stock_exception", "oms_immutable")
    yield from trigger("stock_exception_shortage", "after insert on stock_exception", "oms_shortage")
    yield function(
        "oms_location_policy",
        f"""if new.allows_negative_stock <> old.allows_negative_stock then
            {_POLICY_FOLLOWS}; end if; return null;""",
    )
    yield from trigger("location_policy", "after update on location", "oms_location_policy")
