create or replace function oms_immutable() returns trigger language plpgsql as $body$ begin raise exception 'IMMUTABLE: this table is append-only, a correction is a new row' using errcode = 'integrity_constraint_violation'; end $body$
;;
create or replace function oms_kept() returns trigger language plpgsql as $body$ begin raise exception 'KEPT: rows of this table are kept' using errcode = 'integrity_constraint_violation'; end $body$
;;
drop trigger if exists order_event_no_update on order_event
;;
create trigger order_event_no_update before update on order_event for each row execute function oms_immutable()
;;
drop trigger if exists order_event_no_delete on order_event
;;
create trigger order_event_no_delete before delete on order_event for each row execute function oms_immutable()
;;
drop trigger if exists order_event_no_truncate on order_event
;;
create trigger order_event_no_truncate before truncate on order_event for each statement execute function oms_immutable()
;;
drop trigger if exists stock_movement_no_update on stock_movement
;;
create trigger stock_movement_no_update before update on stock_movement for each row execute function oms_immutable()
;;
drop trigger if exists stock_movement_no_delete on stock_movement
;;
create trigger stock_movement_no_delete before delete on stock_movement for each row execute function oms_immutable()
;;
drop trigger if exists stock_movement_no_truncate on stock_movement
;;
create trigger stock_movement_no_truncate before truncate on stock_movement for each statement execute function oms_immutable()
;;
drop trigger if exists stock_snapshot_no_update on stock_snapshot
;;
create trigger stock_snapshot_no_update before update on stock_snapshot for each row execute function oms_immutable()
;;
drop trigger if exists stock_snapshot_no_delete on stock_snapshot
;;
create trigger stock_snapshot_no_delete before delete on stock_snapshot for each row execute function oms_immutable()
;;
drop trigger if exists stock_snapshot_no_truncate on stock_snapshot
;;
create trigger stock_snapshot_no_truncate before truncate on stock_snapshot for each statement execute function oms_immutable()
;;
drop trigger if exists feed_message_no_update on feed_message
;;
create trigger feed_message_no_update before update on feed_message for each row execute function oms_immutable()
;;
drop trigger if exists feed_message_no_delete on feed_message
;;
create trigger feed_message_no_delete before delete on feed_message for each row execute function oms_immutable()
;;
drop trigger if exists feed_message_no_truncate on feed_message
;;
create trigger feed_message_no_truncate before truncate on feed_message for each statement execute function oms_immutable()
;;
drop trigger if exists feed_applied_no_update on feed_applied
;;
create trigger feed_applied_no_update before update on feed_applied for each row execute function oms_immutable()
;;
drop trigger if exists feed_applied_no_delete on feed_applied
;;
create trigger feed_applied_no_delete before delete on feed_applied for each row execute function oms_immutable()
;;
drop trigger if exists feed_applied_no_truncate on feed_applied
;;
create trigger feed_applied_no_truncate before truncate on feed_applied for each statement execute function oms_immutable()
;;
drop trigger if exists sales_order_kept on sales_order
;;
create trigger sales_order_kept before delete on sales_order for each row execute function oms_kept()
;;
drop trigger if exists sales_order_no_truncate on sales_order
;;
create trigger sales_order_no_truncate before truncate on sales_order for each statement execute function oms_kept()
;;
drop trigger if exists order_line_kept on order_line
;;
create trigger order_line_kept before delete on order_line for each row execute function oms_kept()
;;
drop trigger if exists order_line_no_truncate on order_line
;;
create trigger order_line_no_truncate before truncate on order_line for each statement execute function oms_kept()
;;
drop trigger if exists return_order_kept on return_order
;;
create trigger return_order_kept before delete on return_order for each row execute function oms_kept()
;;
drop trigger if exists return_order_no_truncate on return_order
;;
create trigger return_order_no_truncate before truncate on return_order for each statement execute function oms_kept()
;;
drop trigger if exists return_line_kept on return_line
;;
create trigger return_line_kept before delete on return_line for each row execute function oms_kept()
;;
drop trigger if exists return_line_no_truncate on return_line
;;
create trigger return_line_no_truncate before truncate on return_line for each statement execute function oms_kept()
;;
drop trigger if exists stock_balance_kept on stock_balance
;;
create trigger stock_balance_kept before delete on stock_balance for each row execute function oms_kept()
;;
drop trigger if exists stock_balance_no_truncate on stock_balance
;;
create trigger stock_balance_no_truncate before truncate on stock_balance for each statement execute function oms_kept()
;;
drop trigger if exists stock_exception_kept on stock_exception
;;
create trigger stock_exception_kept before delete on stock_exception for each row execute function oms_kept()
;;
drop trigger if exists stock_exception_no_truncate on stock_exception
;;
create trigger stock_exception_no_truncate before truncate on stock_exception for each statement execute function oms_kept()
;;
create or replace function oms_movement_mirror() returns trigger language plpgsql as $body$ begin if new.reverses_id is not null and not exists (select 1 from stock_movement as original where original.movement_id = new.reverses_id
and original.sku = new.sku and original.location = new.location and original.condition = new.condition
and original.kind = new.kind and original.quantity = -new.quantity and original.reverses_id is null) then raise exception 'REVERSAL: a reversal mirrors sku, location, condition, kind and quantity of one movement' using errcode = 'integrity_constraint_violation'; end if; return new; end $body$
;;
drop trigger if exists stock_movement_mirror on stock_movement
;;
create trigger stock_movement_mirror before insert on stock_movement for each row execute function oms_movement_mirror()
;;
create or replace function oms_movement_balance() returns trigger language plpgsql as $body$ begin loop
update stock_balance set on_hand = on_hand + new.quantity, last_movement_id = new.movement_id,
change_id = new.change_id where sku = new.sku and location = new.location and condition = new.condition;
exit when found;
begin
insert into stock_balance (sku, location, condition, on_hand, committed, shortage, allows_negative,
last_movement_id, change_id)
values (new.sku, new.location, new.condition, new.quantity, 0, (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition), (select allows_negative_stock from location where location = new.location),
new.movement_id, new.change_id);
exit;
exception when unique_violation then null; -- another writer made it first: add to theirs
end;
end loop;
insert into stock_exception (kind, sku, location, condition, source_key, quantity, occurred_at,
recorded_at, change_id)
select 'negative_stock', new.sku, new.location, new.condition, new.account || '/' || new.source_key,
on_hand, new.occurred_at, new.recorded_at, new.change_id
from stock_balance where sku = new.sku and location = new.location and condition = new.condition and on_hand < 0 and on_hand - new.quantity >= 0;
return null; end $body$
;;
drop trigger if exists stock_movement_balance on stock_movement
;;
create trigger stock_movement_balance after insert on stock_movement for each row execute function oms_movement_balance()
;;
create or replace function oms_balance_booked() returns trigger language plpgsql as $body$ begin if (new.on_hand, new.last_movement_id, new.sku, new.location, new.condition) is distinct from
(old.on_hand, old.last_movement_id, old.sku, old.location, old.condition)
and (pg_trigger_depth() = 1 or new.last_movement_id = old.last_movement_id
or not exists (select 1 from stock_movement where movement_id = new.last_movement_id and sku = new.sku
and location = new.location and condition = new.condition and quantity = new.on_hand - old.on_hand)) then raise exception 'BALANCE: on_hand changes only with a stock movement' using errcode = 'integrity_constraint_violation'; end if;
if new.shortage <> old.shortage and new.shortage <> (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition)
then raise exception 'SHORTAGE: a shortage is the sum of its exceptions' using errcode = 'integrity_constraint_violation'; end if; return new; end $body$
;;
drop trigger if exists stock_balance_booked on stock_balance
;;
create trigger stock_balance_booked before update on stock_balance for each row execute function oms_balance_booked()
;;
create or replace function oms_balance_first() returns trigger language plpgsql as $body$ begin if not exists (select 1 from stock_movement where movement_id = new.last_movement_id and sku = new.sku
and location = new.location and condition = new.condition and quantity = new.on_hand - 0) or new.shortage <> (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition) then raise exception 'BALANCE: on_hand changes only with a stock movement' using errcode = 'integrity_constraint_violation'; end if; return new; end $body$
;;
drop trigger if exists stock_balance_first on stock_balance
;;
create trigger stock_balance_first before insert on stock_balance for each row execute function oms_balance_first()
;;
create or replace function oms_shortage() returns trigger language plpgsql as $body$ begin if new.kind = 'shortage' then update stock_balance set shortage = (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition), change_id = new.change_id where sku = new.sku and location = new.location and condition = new.condition; end if; return null; end $body$
;;
drop trigger if exists stock_exception_no_update on stock_exception
;;
create trigger stock_exception_no_update before update on stock_exception for each row execute function oms_immutable()
;;
drop trigger if exists stock_exception_shortage on stock_exception
;;
create trigger stock_exception_shortage after insert on stock_exception for each row execute function oms_shortage()
;;
create or replace function oms_location_policy() returns trigger language plpgsql as $body$ begin if new.allows_negative_stock <> old.allows_negative_stock then
update stock_balance set allows_negative = new.allows_negative_stock, change_id = new.change_id
where location = new.location; end if; return null; end $body$
;;
drop trigger if exists location_policy on location
;;
create trigger location_policy after update on location for each row execute function oms_location_policy()
;;
create or replace function oms_order_starts() returns trigger language plpgsql as $body$ begin if new.lifecycle <> 'none' or new.last_event_seq <> 0 then
raise exception 'STATE: an order starts without a state, its events give it one' using errcode = 'integrity_constraint_violation'; end if; return new; end $body$
;;
drop trigger if exists sales_order_starts on sales_order
;;
create trigger sales_order_starts before insert on sales_order for each row execute function oms_order_starts()
;;
create or replace function oms_event_follows() returns trigger language plpgsql as $body$ begin perform 1 from sales_order where order_id = new.order_id and lifecycle = new.from_state
and last_event_seq = new.seq - 1 for update;
if not found then raise exception 'STATE: the event does not follow the state and number the order is at' using errcode = 'integrity_constraint_violation'; end if;
return new; end $body$
;;
drop trigger if exists order_event_follows on order_event
;;
create trigger order_event_follows before insert on order_event for each row execute function oms_event_follows()
;;
create or replace function oms_event_moves() returns trigger language plpgsql as $body$ begin update sales_order set lifecycle = new.to_state, last_event_seq = new.seq, change_id = new.change_id
where order_id = new.order_id; return null; end $body$
;;
drop trigger if exists order_event_moves on order_event
;;
create trigger order_event_moves after insert on order_event for each row execute function oms_event_moves()
;;
create or replace function oms_order_by_event() returns trigger language plpgsql as $body$ begin if (new.lifecycle <> old.lifecycle or new.last_event_seq <> old.last_event_seq)
and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from order_event
where order_id = new.order_id and seq = new.last_event_seq
and from_state = old.lifecycle and to_state = new.lifecycle))
then raise exception 'STATE: an order changes state only by an event' using errcode = 'integrity_constraint_violation'; end if; return new; end $body$
;;
drop trigger if exists sales_order_by_event on sales_order
;;
create trigger sales_order_by_event before update on sales_order for each row execute function oms_order_by_event()
