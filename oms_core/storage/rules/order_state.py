"""An order's state moves only with an event that starts from that state, in sequence (I6)."""

from collections.abc import Iterator

from oms_core.storage.rules.dialects import abort, function, refuse, sqlite_trigger, trigger


def sqlite() -> Iterator[str]:
    """The statements for SQLite."""
    yield from sqlite_trigger(
        "sales_order_starts",
        "before insert on sales_order",
        "new.lifecycle <> 'none' or new.last_event_seq <> 0",
        abort("STATE: an order starts without a state, its events give it one"),
    )
    yield from sqlite_trigger(
        "order_event_follows",
        "before insert on order_event",
        """not exists (select 1 from sales_order where order_id = new.order_id
            and lifecycle = new.from_state and last_event_seq = new.seq - 1)""",
        abort("STATE: the event does not follow the state and number the order is at"),
    )
    yield from sqlite_trigger(
        "order_event_moves",
        "after insert on order_event",
        "1",
        """update sales_order set lifecycle = new.to_state, last_event_seq = new.seq, change_id = new.change_id
            where order_id = new.order_id""",
    )
    yield from sqlite_trigger(
        "sales_order_by_event",
        "before update of lifecycle, last_event_seq on sales_order",
        """(new.lifecycle <> old.lifecycle or new.last_event_seq <> old.last_event_seq)
            and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from order_event
            where order_id = new.order_id and seq = new.last_event_seq
            and from_state = old.lifecycle and to_state = new.lifecycle))""",
        abort("STATE: an order changes state only by an event"),
    )


def postgresql() -> Iterator[str]:
    """The statements for PostgreSQL."""
    yield function(
        "oms_order_starts",
        f"""if new.lifecycle <> 'none' or new.last_event_seq <> 0 then
            {refuse("STATE: an order starts without a state, its events give it one")} end if; return new;""",
    )
    yield from trigger("sales_order_starts", "before insert on sales_order", "oms_order_starts")
    yield function(
        "oms_event_follows",
        f"""perform 1 from sales_order where order_id = new.order_id and lifecycle = new.from_state
            and last_event_seq = new.seq - 1 for update;
        if not found then {refuse("STATE: the event does not follow the state and number the order is at")} end if;
        return new;""",
    )
    yield from trigger("order_event_follows", "before insert on order_event", "oms_event_follows")
    yield function(
        "oms_event_moves",
        """update sales_order set lifecycle = new.to_state, last_event_seq = new.seq, change_id = new.change_id
            where order_id = new.order_id; return null;""",
    )
    yield from trigger("order_event_moves", "after insert on order_event", "oms_event_moves")
    yield function(
        "oms_order_by_event",
        f"""if (new.lifecycle <> old.lifecycle or new.last_event_seq <> old.last_event_seq)
            and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from order_event
            where order_id = new.order_id and seq = new.last_event_seq
            and from_state = old.lifecycle and to_state = new.lifecycle))
        then {refuse("STATE: an order changes state only by an event")} end if; return new;""",
    )
    yield from trigger("sales_order_by_event", "before update on sales_order", "oms_order_by_event")
